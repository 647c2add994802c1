//! The sandbox: invented applications, real rules, and never a real row.

use super::{Twist, act, headquarters, json, new_key, problem};
use crate::{branch::scene, desk::deed};
use reqwest::Method;
use serde_json::json as object;

const LIST: &str = "/bank/v1/applications";

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_key_plays_with_invented_applications_only() {
    let scene = scene().await;
    let (admin, _) = headquarters(&scene.world, scene.bank).await;
    let machine = new_key(&scene.world, &admin, "sandbox").await;
    let real = format!("{LIST}/{}", scene.application);
    problem(&machine.get(&real, &[]).await, 404, "not_found");
    let list = json(&machine.get(LIST, &[]).await.expect(200));
    let items = list["items"].as_array().expect("items");
    assert_eq!(items.len(), 6);
    let granted = items
        .iter()
        .find(|item| item["stage"] == "approved")
        .expect("one is approved");
    let one = format!("{LIST}/{}", granted["id"].as_str().expect("an id"));
    let body = object!({
        "version": granted["version"], "amount": "800000.00", "rate": "3.75", "drawn_on": "2026-11-25",
        "due_on": "2027-11-25", "contract_no": "HT-1",
    });
    let path = format!("{one}/disbursements");
    let done = machine.post(&path, "sand-0000000000000001", &body).await;
    let done = done.expect(200);
    assert_eq!(json(&done)["stage"], "disbursed");
    let again = machine.post(&path, "sand-0000000000000001", &body).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.body, done.body);
    let stale = machine.post(&path, "sand-0000000000000002", &body).await;
    problem(&stale, 409, "stale");
    assert_eq!(scene.count("select count(*) from disbursements").await, 0);
    let moved = "select count(*) from application_events where actor_role = 'sys'";
    assert_eq!(scene.count(moved).await, 0);
    act(&admin, &machine.key, "reset").await.expect(303);
    let fresh = json(&machine.get(&one, &[]).await.expect(200));
    assert_eq!(fresh["stage"], "approved");
    let other = new_key(&scene.world, &admin, "sandbox").await;
    problem(&other.get(&one, &[]).await, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_pretends_to_fail_when_asked_and_a_live_key_never_does() {
    let scene = scene().await;
    let (admin, second) = headquarters(&scene.world, scene.bank).await;
    let machine = new_key(&scene.world, &admin, "sandbox").await;
    for (asked, status, code) in [
        ("conflict", 409, "stale"),
        ("unavailable", 503, "unavailable"),
        ("too_many", 429, "bank_api.too_many"),
        ("bug", 500, "bug"),
        ("nonsense", 422, "invalid"),
    ] {
        let twist = Twist {
            sandbox_error: asked,
            ..Twist::default()
        };
        let answer = machine.ask(Method::GET, LIST, &[], "", "", &twist).await;
        problem(&answer, status, code);
    }
    let live = super::live_key(&scene.world, &admin, &second).await;
    let twist = Twist {
        sandbox_error: "bug",
        ..Twist::default()
    };
    live.ask(Method::GET, LIST, &[], "", "", &twist)
        .await
        .expect(200);
    let note = [("contact_note", "已电话联系财务负责人。")];
    scene.accept().await;
    deed(&scene.clerk.browser, &scene.path("/start"), &note)
        .await
        .expect(303);
}
