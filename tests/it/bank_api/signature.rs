//! What is not signed exactly, freshly and for the first time is not let in.

use super::{Machine, Twist, headquarters, json, new_key, problem};
use journeys::World;
use reqwest::Method;
use time::Duration;

const LIST: &str = "/bank/v1/applications";

async fn scene() -> (World, Machine) {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let (admin, _) = headquarters(&world, bank).await;
    let machine = new_key(&world, &admin, "sandbox").await;
    (world, machine)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_covers_everything_that_counts() {
    let (world, machine) = scene().await;
    machine.get(LIST, &[("limit", "2")]).await.expect(200);
    let wrong = "bank_api.signature_wrong";
    let mut forged = machine.clone();
    forged.secret.push('x');
    problem(&forged.get(LIST, &[]).await, 401, wrong);
    let mut unknown = machine.clone();
    unknown.key = uuid::Uuid::new_v4().to_string();
    problem(&unknown.get(LIST, &[]).await, 401, wrong);
    let twisted = Twist {
        sent_path: Some(format!("{LIST}?limit=3")),
        ..Twist::default()
    };
    let answer = machine.ask(Method::GET, LIST, &[], "", "", &twisted).await;
    problem(&answer, 401, wrong);
    let id = uuid::Uuid::new_v4();
    let settle = format!("{LIST}/{id}/settlement");
    let twisted = Twist {
        sent_body: Some("{\"version\":2}".to_owned()),
        ..Twist::default()
    };
    let key = "0123456789abcdef";
    let body = "{\"version\":1}";
    let answer = machine
        .ask(Method::POST, &settle, &[], key, body, &twisted)
        .await;
    problem(&answer, 401, wrong);
    let elsewhere = world.browser_elsewhere();
    let answer = elsewhere.get(LIST).await;
    problem(&answer, 401, "bank_api.unsigned");
    let nowhere = elsewhere.get("/bank/v2/anything").await;
    problem(&nowhere, 404, "not_found");
    let method = elsewhere.answer(elsewhere.raw(Method::DELETE, LIST)).await;
    problem(&method, 405, "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_counts_once_and_only_for_five_minutes() {
    let (world, machine) = scene().await;
    let now = world.parts.clock.now().unix_timestamp();
    for off in [-301, 301] {
        let late = Twist {
            timestamp: Some(now + off),
            ..Twist::default()
        };
        let answer = machine.ask(Method::GET, LIST, &[], "", "", &late).await;
        problem(&answer, 401, "bank_api.clock_off");
    }
    let same = Twist {
        timestamp: Some(now + 299),
        nonce: Some("nonce-0123456789-abcdef".to_owned()),
        ..Twist::default()
    };
    machine
        .ask(Method::GET, LIST, &[], "", "", &same)
        .await
        .expect(200);
    let again = machine.ask(Method::GET, LIST, &[], "", "", &same).await;
    problem(&again, 401, "bank_api.nonce_used");
    let short = Twist {
        nonce: Some("short".to_owned()),
        ..Twist::default()
    };
    let answer = machine.ask(Method::GET, LIST, &[], "", "", &short).await;
    problem(&answer, 401, "bank_api.nonce_form");
    // Kept as long as the timestamp could pass, then swept away.
    let workers = yijianrong::workers::Workers::new(&world.parts);
    let count = "select count(*) from bank_api_nonces";
    world.clock.advance(Duration::minutes(9));
    workers.sweep_once().await.expect("it sweeps");
    let kept: i64 = sqlx::query_scalar(count)
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(kept, 1);
    world.clock.advance(Duration::minutes(7));
    workers.sweep_once().await.expect("it sweeps");
    let kept: i64 = sqlx::query_scalar(count)
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(kept, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_hears_how_much_it_may_still_ask_and_when_it_is_enough() {
    let (world, machine) = scene().await;
    let first = machine.get(LIST, &[]).await.expect(200);
    assert_eq!(first.headers["ratelimit-limit"], "300");
    assert_eq!(first.headers["ratelimit-remaining"], "299");
    assert_eq!(first.headers["cache-control"], "no-store");
    sqlx::query("update rate_counters set hits = 300 where bucket like '%:api:%'")
        .execute(&world.owner)
        .await
        .expect("as if it had asked");
    let over = machine.get(LIST, &[]).await;
    problem(&over, 429, "bank_api.too_many");
    assert_eq!(over.headers["retry-after"], "60");
    let bad = machine.get(LIST, &[("limit", "500")]).await;
    assert_eq!(bad.status, 429, "nothing is looked at any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_has_to_wait() {
    let (world, machine) = scene().await;
    let mut forged = machine.clone();
    forged.secret.push('x');
    problem(
        &forged.get(LIST, &[]).await,
        401,
        "bank_api.signature_wrong",
    );
    sqlx::query("update rate_counters set hits = 60 where bucket like 'api:fail:%'")
        .execute(&world.owner)
        .await
        .expect("as if it had guessed");
    let answer = forged.get(LIST, &[]).await;
    assert_eq!(answer.status, 429);
    assert!(json(&answer)["detail"].as_str().is_some());
}
