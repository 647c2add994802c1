//! 放款与还款 on the phone: the enterprise's word on each draw, giving an approval up, and what a record tells of both.

use journeys::PASSWORD;
use serde_json::{Value, json};

use super::{Phone, Told, apply::KEY};
use crate::{
    branch::Scene,
    desk::{deed, investigated},
};

const OTHER_KEY: &str = "another-key-0123456";

/// Approved: 8 万元 until 2027-03-31.
async fn approved() -> Scene {
    let scene = investigated().await;
    scene.propose().await;
    scene.approve().await;
    scene
}

impl Scene {
    /// The owner's phone, signed in.
    pub(crate) async fn owners_phone(&self) -> Phone {
        let mut phone = Phone::new(&self.world);
        let told = phone.sign_in(&self.owner.phone, PASSWORD).await;
        told.expect(200);
        phone
    }

    /// The phone of somebody else of the enterprise.
    pub(crate) async fn members_phone(&self, name: &str, number: &str, role: &str) -> Phone {
        self.world.member(&self.owner, name, number, role).await;
        let mut phone = Phone::new(&self.world);
        phone.sign_in(number, PASSWORD).await.expect(200);
        phone
    }

    /// The phone of another enterprise.
    pub(crate) async fn strangers_phone(&self) -> Phone {
        let name = "沧州市渤沃宸化工新材料有限公司";
        let other = self.world.ready_enterprise(name, "19900002074").await;
        let mut phone = Phone::new(&self.world);
        phone.sign_in(&other.phone, PASSWORD).await.expect(200);
        phone
    }

    /// The interface's address of the request.
    pub(crate) fn api(&self, rest: &str) -> String {
        format!("/api/v1/applications/{}{rest}", self.application)
    }

    async fn draw(&self, wan: &str, contract: &str) {
        let fields = [
            ("draw_amount", wan),
            ("draw_rate", "3.75"),
            ("drawn_on", "2026-11-25"),
            ("due_on", "2028-11-25"),
            ("contract_no", contract),
        ];
        deed(&self.clerk.browser, &self.path("/disburse"), &fields)
            .await
            .expect(303);
    }
}

/// Under a key, without a body.
pub(super) async fn act_keyed(phone: &Phone, path: &str, key: &str) -> Told {
    let request = phone.request(reqwest::Method::POST, path);
    let request = request.header("idempotency-key", key);
    phone.send("POST", path, request).await
}

/// Whether a record offers this deed.
pub(super) fn offers(record: &Value, deed: &str) -> bool {
    let deeds = record["deeds"].as_array().expect("deeds");
    deeds.iter().any(|one| one == deed)
}

fn id_of(draw: &Value) -> &str {
    draw["id"].as_str().expect("an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn draws_are_confirmed_or_doubted_on_the_phone_once_each() {
    let scene = approved().await;
    let phone = scene.owners_phone().await;
    let before = phone.get(&scene.api("")).await.expect(200);
    assert_eq!(before["disbursement"]["label"], "待放款");
    assert_eq!(before["approval_valid_until"], "2027-03-31");
    assert!(!offers(&before, "answer_draw") && offers(&before, "give_up"));
    assert!(!offers(&before, "apply_again"), "it goes on");
    scene.draw("3", "HT-1").await;
    scene.draw("5", "HT-2").await;
    let record = phone.get(&scene.api("")).await.expect(200);
    assert!(offers(&record, "answer_draw") && !offers(&record, "give_up"));
    assert!(!offers(&record, "apply_again") && !offers(&record, "withdraw"));
    let draws = record["draws"].as_array().expect("draws");
    let first = &draws[0];
    assert_eq!(
        (&first["amount"], &first["amount_yuan"]),
        (&json!("3.00"), &json!("30000.00"))
    );
    assert_eq!(
        (&first["drawn_on"], &first["due_on"], &first["contract_no"]),
        (&json!("2026-11-25"), &json!("2028-11-25"), &json!("HT-1"))
    );
    assert_eq!(first["state"]["label"], "待您确认");
    let base = scene.api("/loan/draws");
    let confirm = format!("{base}/{}/confirmation", id_of(first));
    phone
        .act(&confirm)
        .await
        .refused(400, "api.idempotency_missing");
    for _ in 0..2 {
        act_keyed(&phone, &confirm, KEY).await.expect(204);
    }
    let twice = act_keyed(&phone, &confirm, OTHER_KEY).await;
    twice.refused(409, "lending.answered_before");
    let doubt = format!("{base}/{}/dispute", id_of(&draws[1]));
    let empty = phone.keyed(&doubt, &json!({ "dispute": " " }), KEY).await;
    empty.wrong("dispute", "free_text.empty");
    let words = json!({ "dispute": "到账 4 万元。" });
    let key = "key-of-the-dispute-1";
    for _ in 0..2 {
        phone.keyed(&doubt, &words, key).await.expect(204);
    }
    let loan = phone.get(&scene.api("/loan")).await.expect(200);
    assert_eq!(loan["draws"][0]["state"]["code"], "confirmed");
    assert_eq!(loan["draws"][1]["state"]["code"], "disputed");
    assert_eq!(loan["draws"][1]["dispute"]["words"], "到账 4 万元。");
    assert_eq!(loan["draws"][1]["may_dispute"], false);
    assert_eq!(
        (&loan["drawn"], &loan["owed_yuan"]),
        (&json!("8.00"), &json!("80000.00"))
    );
    // The page says the same.
    let page = scene.owner.browser.get(&scene.own("/loan")).await;
    page.expect(200)
        .says("已确认无误")
        .says("有异议，支行核实中");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_the_owners_to_answer_the_others_to_read_and_a_strangers_not_at_all() {
    let scene = approved().await;
    scene.draw("3", "HT-1").await;
    let owner = scene.owners_phone().await;
    let loan = owner.get(&scene.api("/loan")).await.expect(200);
    let draw = id_of(&loan["draws"][0]).to_owned();
    let confirm = scene.api(&format!("/loan/draws/{draw}/confirmation"));
    for (name, number, role) in [
        ("时嘉宁", "19900002038", "eu"),
        ("和宏屹", "19900002039", "ev"),
    ] {
        let phone = scene.members_phone(name, number, role).await;
        let seen = phone.get(&scene.api("/loan")).await.expect(200);
        assert_eq!(seen["draws"][0]["may_confirm"], false, "{role}");
        let record = phone.get(&scene.api("")).await.expect(200);
        assert!(!offers(&record, "answer_draw"), "{role}");
        act_keyed(&phone, &confirm, KEY).await.expect(403);
    }
    let stranger = scene.strangers_phone().await;
    let seen = stranger.get(&scene.api("/loan")).await;
    seen.refused(404, "not_found");
    let answer = act_keyed(&stranger, &confirm, KEY).await;
    answer.refused(404, "not_found");
    let nobodys = uuid::Uuid::new_v4();
    let nobodys = scene.api(&format!("/loan/draws/{nobodys}/confirmation"));
    let answer = act_keyed(&owner, &nobodys, KEY).await;
    answer.refused(404, "not_found");
    let told = "select count(*) from disbursements where confirmed_at is not null";
    assert_eq!(scene.count(told).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_given_up_once_and_then_asked_for_again() {
    let scene = approved().await;
    let phone = scene.owners_phone().await;
    let path = scene.api("/loan/giving-up");
    let stranger = scene.strangers_phone().await;
    let reason = json!({ "give_up_reason": "已通过其他方式筹措资金。" });
    let foreign = stranger.keyed(&path, &reason, KEY).await;
    foreign.refused(404, "not_found");
    let long = json!({ "give_up_reason": "长".repeat(201) });
    let long = phone.keyed(&path, &long, KEY).await;
    long.wrong("give_up_reason", "free_text.too_long");
    for _ in 0..2 {
        phone.keyed(&path, &reason, KEY).await.expect(204);
    }
    assert_eq!(scene.stage().await, "not_drawn");
    assert_eq!(phone.keyed(&path, &reason, OTHER_KEY).await.status, 409);
    let record = phone.get(&scene.api("")).await.expect(200);
    assert_eq!(record["disbursement"]["label"], "未用信");
    assert!(offers(&record, "apply_again") && !offers(&record, "give_up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_was_granted_there_is_no_loan() {
    let scene = investigated().await;
    let phone = scene.owners_phone().await;
    let loan = phone.get(&scene.api("/loan")).await;
    loan.refused(409, "financing.not_allowed");
    let giving_up = scene.api("/loan/giving-up");
    let early = phone.keyed(&giving_up, &json!({}), KEY).await;
    assert_eq!(early.status, 409);
    let record = phone.get(&scene.api("")).await.expect(200);
    assert_eq!(
        (&record["disbursement"], &record["draws"]),
        (&json!(null), &json!([]))
    );
    assert!(offers(&record, "withdraw") && !offers(&record, "apply_again"));
    // Whoever only looks is offered nothing at all.
    let viewer = scene.members_phone("和宏屹", "19900002039", "ev").await;
    let record = viewer.get(&scene.api("")).await.expect(200);
    assert_eq!(
        (&record["deeds"], &record["may_withdraw"]),
        (&json!([]), &json!(false))
    );
}
