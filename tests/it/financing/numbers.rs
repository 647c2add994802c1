//! 申请编号: without gaps, and each city counts for itself.

use application::financing::{AskInput, SubmitApplication};
use domain::ids::ProductId;
use std::sync::Arc;
use uuid::Uuid;
use yijianrong::wire;

use super::{Scene, scene};

/// One after another for one product; seven products do this side by side.
async fn apply_often(scene: Arc<Scene>, product: ProductId, times: u32) {
    let rooms = wire::financing::financing(&scene.world.parts);
    let agreements = scene.world.cangzhou.ticked_on("apply");
    let agreed: Vec<String> = agreements.iter().map(|a| a.code.clone()).collect();
    let actor = scene.actor();
    for _ in 0..times {
        let ask = AskInput {
            product,
            amount: "300".to_owned(),
            term: "3".to_owned(),
            rate: "3.75".to_owned(),
            branch: scene.branch.to_string(),
            agreed: agreed.clone(),
            opened: agreed.clone(),
            again: None,
            renews: None,
        };
        let saved = rooms.save(&actor, ask).await.expect("it is saved");
        let click = SubmitApplication {
            draft: saved.application,
            version: 1,
            confirm_duplicate: true,
            key: Uuid::new_v4().to_string(),
            body_hash: [0; 32],
        };
        rooms.submit(&actor, click).await.expect("it is submitted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_and_one_requests_of_a_day_have_numbers_without_gaps() {
    let scene = Arc::new(scene().await);
    let mut running = tokio::task::JoinSet::new();
    for n in 0..7 {
        let (bank, name) = (scene.bank, format!("惠民抵押贷 {n} 号"));
        let product = scene.world.product(bank, &name, &[scene.branch]).await;
        running.spawn(apply_often(scene.clone(), product, 143));
    }
    running.join_all().await;
    let numbers: Vec<String> = sqlx::query_scalar(
        "select application_no from financing_applications order by length(application_no), application_no",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("they are there");
    let expected: Vec<String> = (1..=1_001).map(|n| format!("PO20261125{n:03}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(scene.count("select count(*) from outbox").await, 1_001);
    let events = "select count(*) from application_events where kind = 'submit'";
    assert_eq!(scene.count(events).await, 1_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cities_may_use_the_same_number() {
    let scene = scene().await;
    scene.submitted().await;
    sqlx::query("insert into daily_numbers (tenant_id, day, last) values ($1, '2026-11-25', 0)")
        .bind(scene.world.other.id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it is there");
    let permit =
        application::access::Guard::job(scene.world.other.id, [scene.world.other.id].into());
    let mut work = scene
        .world
        .parts
        .store
        .begin(&permit)
        .await
        .expect("it opens");
    let day = time::macros::date!(2026 - 11 - 25);
    let number = work
        .financing_applications()
        .next_number(day)
        .await
        .expect("a number");
    assert_eq!(number.as_str(), "PO20261125001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cancelled_in_mid_transaction_loses_nothing_and_poisons_nothing() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let check = scene.ready_to_confirm(browser).await;
    let draft = check.input("draft").expect("the draft is named");
    let version = check.input("version").expect("its version is named");
    let (csrf, key) = (check.csrf(), check.input("_key").expect("a key"));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("draft", draft.as_str()),
        ("version", version.as_str()),
    ];
    // The browser is gone after a moment of every length.
    for micros in (0..40).map(|n| n * 500) {
        let request = browser
            .raw(reqwest::Method::POST, &scene.submit())
            .form(&fields);
        let patience = std::time::Duration::from_micros(micros);
        tokio::time::timeout(patience, request.send()).await.ok();
    }
    let done = browser.post(&scene.submit(), &fields).await.expect(303);
    let number = browser.get(done.location()).await.expect(200);
    number.says("PO20261125001");
    for table in [
        "select count(*) from financing_applications where stage = 'submitted'",
        "select count(*) from outbox",
        "select count(*) from application_events where kind = 'submit'",
        "select last::bigint from daily_numbers",
    ] {
        assert_eq!(scene.count(table).await, 1, "{table}");
    }
    scene.workers().deliver_once().await.expect("it runs");
    browser
        .get("/enterprise/messages")
        .await
        .expect(200)
        .says("PO20261125001");
}
