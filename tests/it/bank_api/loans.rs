//! A loan, reported by the bank's own system: once, within the approval, and only by the bank that granted it.

use super::{Machine, headquarters, json, live_key, problem};
use crate::{branch::Scene, desk::investigated};
use serde_json::{Value, json as object};

const LIST: &str = "/bank/v1/applications";

async fn granted() -> (Scene, Machine) {
    let scene = investigated().await;
    scene.propose().await;
    scene.approve().await;
    let (admin, second) = headquarters(&scene.world, scene.bank).await;
    let machine = live_key(&scene.world, &admin, &second).await;
    (scene, machine)
}

fn draw(version: &Value, amount: &str, contract: &str) -> Value {
    object!({
        "version": version, "amount": amount, "rate": "3.75", "drawn_on": "2026-11-25",
        "due_on": "2028-11-25", "contract_no": contract,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_drawn_repaid_and_settled_by_the_banks_system() {
    let (scene, machine) = granted().await;
    let one = format!("{LIST}/{}", scene.application);
    let seen = json(&machine.get(&one, &[]).await.expect(200));
    assert_eq!(seen["stage"], "approved");
    assert_eq!(seen["approved"]["amount"], "80000.00");
    assert_eq!(seen["enterprise_name"], scene.owner.name);
    assert_eq!(seen["loan"]["owed"], "0.00");
    let draws = format!("{one}/disbursements");
    let first = draw(&seen["version"], "30000.50", "HT-1");
    let done = machine
        .post(&draws, "draw-0000000000000001", &first)
        .await
        .expect(200);
    let after = json(&done);
    assert_eq!(after["stage"], "disbursing");
    assert_eq!(after["drawn"], "30000.50");
    assert_eq!(after["loan"]["draws"][0]["contract_no"], "HT-1");
    // The same request again: the first answer, word for word, and nothing done twice.
    let again = machine
        .post(&draws, "draw-0000000000000001", &first)
        .await
        .expect(200);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.body, done.body);
    let other = draw(&after["version"], "1.00", "HT-2");
    let answer = machine.post(&draws, "draw-0000000000000001", &other).await;
    problem(&answer, 409, "idempotency.other_body");
    let stale = machine.post(&draws, "draw-0000000000000002", &first).await;
    problem(&stale, 409, "review.moved_on");
    let much = draw(&after["version"], "49999.51", "HT-2");
    let much = machine.post(&draws, "draw-0000000000000003", &much).await;
    problem(&much, 409, "financing.draw_too_large");
    let wrong = draw(&after["version"], "x", " ");
    let wrong = machine.post(&draws, "draw-0000000000000004", &wrong).await;
    problem(&wrong, 422, "invalid");
    let fields = json(&wrong);
    assert_eq!(fields["errors"][0]["field"], "amount");
    assert_eq!(fields["errors"][1]["field"], "contract_no");
    let mut impossible = draw(&after["version"], "1.00", "HT-2");
    impossible["rate"] = "24.01".into();
    impossible["due_on"] = "2100-01-01".into();
    let impossible = machine
        .post(&draws, "draw-0000000000000006", &impossible)
        .await;
    problem(&impossible, 422, "invalid");
    let fields = json(&impossible);
    assert_eq!(fields["errors"][0]["field"], "rate");
    assert_eq!(fields["errors"][1]["field"], "due_on");
    let rest = draw(&after["version"], "49999.50", "HT-2");
    let rest = machine
        .post(&draws, "draw-0000000000000005", &rest)
        .await
        .expect(200);
    let version = json(&rest)["version"].clone();
    assert_eq!(json(&rest)["stage"], "disbursed");
    // The first answer is still the first one, whatever happened since.
    let again = machine.post(&draws, "draw-0000000000000001", &first).await;
    assert_eq!(again.body, done.body);
    let back = format!("{one}/repayments");
    let paid = object!({ "version": version, "principal": "80000.00", "paid_on": "2026-11-25" });
    let early = object!({ "version": version });
    let end = format!("{one}/settlement");
    let refused = machine.post(&end, "end-00000000000000001", &early).await;
    problem(&refused, 409, "financing.balance_open");
    let answer = machine.post(&back, "back-0000000000000001", &paid).await;
    let answer = json(&answer.expect(200));
    assert_eq!(answer["loan"]["owed"], "0.00");
    let answer = machine.post(&end, "end-00000000000000001", &early).await;
    assert_eq!(json(&answer.expect(200))["stage"], "settled");
    assert_eq!(scene.stage().await, "settled");
    let rows = "select count(*) from disbursements where source = 'api' and recorded_by is null";
    assert_eq!(scene.count(rows).await, 2);
    let by = "select count(*) from application_events where actor_role = 'sys' and actor_id is null
              and actor_name = '银行系统（信贷系统）'";
    assert_eq!(scene.count(by).await, 3);
    let log = "select count(*) from audit_entries where action = 'application.disburse'
               and actor_name = '银行系统（信贷系统）'";
    assert_eq!(scene.count(log).await, 2);
    let page = scene.owner.browser.get(&scene.own("/loan")).await;
    page.expect(200).says("HT-1").says("30,000.50");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_with_one_key_at_once_draw_once() {
    let (scene, machine) = granted().await;
    let one = format!("{LIST}/{}", scene.application);
    let seen = json(&machine.get(&one, &[]).await.expect(200));
    let body = draw(&seen["version"], "10000.00", "HT-1");
    let path = format!("{one}/disbursements");
    let key = "draw-0000000000000009";
    let (left, right) = futures::join!(
        machine.post(&path, key, &body),
        machine.post(&path, key, &body)
    );
    assert_eq!(left.expect(200).body, right.expect(200).body);
    assert_eq!(scene.count("select count(*) from disbursements").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_banks_application_answers_like_one_that_is_missing() {
    let (scene, _) = granted().await;
    let other = scene.world.bank("沧海惠民银行").await;
    scene.world.branch(other, "沧海惠民银行运河支行").await;
    let (admin, second) = headquarters(&scene.world, other).await;
    let stranger = live_key(&scene.world, &admin, &second).await;
    let list = json(&stranger.get(LIST, &[]).await.expect(200));
    assert_eq!(list["items"], object!([]));
    let plain = |answer: &journeys::Answer| {
        let mut body = json(answer);
        body["request_id"] = Value::Null;
        (answer.status, body)
    };
    for rest in ["", "/disbursements", "/repayments", "/settlement"] {
        let mut told = Vec::new();
        for id in [scene.application.0, uuid::Uuid::new_v4()] {
            let path = format!("{LIST}/{id}{rest}");
            let answer = if rest.is_empty() {
                stranger.get(&path, &[]).await
            } else {
                let key = uuid::Uuid::new_v4().simple().to_string();
                let body = match rest {
                    "/disbursements" => draw(&object!(9), "1.00", "HT-1"),
                    "/repayments" => {
                        object!({ "version": 9, "principal": "1", "paid_on": "2026-11-25" })
                    }
                    _ => object!({ "version": 9 }),
                };
                stranger.post(&path, &key, &body).await
            };
            problem(&answer, 404, "not_found");
            told.push(plain(&answer));
        }
        assert_eq!(told[0], told[1], "{rest}");
    }
    assert_eq!(scene.stage().await, "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_where_it_stopped() {
    let (scene, machine) = granted().await;
    for _ in 0..4 {
        let world = &scene.world;
        world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = vec![("limit", "2")];
        if !cursor.is_empty() {
            query.push(("cursor", cursor.as_str()));
        }
        let page = json(&machine.get(LIST, &query).await.expect(200));
        for item in page["items"].as_array().expect("items") {
            assert!(item.get("loan").is_none());
            seen.push(item["id"].as_str().expect("an id").to_owned());
        }
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5, "each once");
    let later = machine
        .get(LIST, &[("changed_since", "2026-11-26T00:00:00+08:00")])
        .await;
    assert_eq!(json(&later.expect(200))["items"], object!([]));
    let strange = machine.get(LIST, &[("tenant", "1")]).await;
    problem(&strange, 422, "bank_api.parameter_unknown");
}
