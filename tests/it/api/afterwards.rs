//! What follows on the phone: the reasons of 不通过 and 再次申请, 复议, the answer to a 跨支行转派, and 评价.

use serde_json::json;
use uuid::Uuid;

use super::{apply::KEY, loan::offers};
use crate::{
    branch::Scene,
    desk::{deed, investigated},
};

const OTHER_KEY: &str = "another-key-0123456";

/// Refused by the branch for want of collateral.
async fn refused() -> Scene {
    let scene = investigated().await;
    scene.propose().await;
    let fields = [
        ("reasons", "collateral"),
        ("sign_opinion", "抵押物价值不足。"),
    ];
    deed(&scene.approver.browser, &scene.path("/veto"), &fields)
        .await
        .expect(303);
    scene
}

impl Scene {
    /// Headquarters asks whether another branch may take over.
    async fn move_asked(&self) {
        let to = self.world.branch(self.bank, "狮城商业银行新华支行").await;
        sqlx::query(
            "insert into move_requests (id, tenant_id, application_id, to_branch_id, to_branch_name, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, '狮城商业银行新华支行', '企业迁至新华区', $5, '梁承宇', now())",
        )
        .bind(Uuid::new_v4())
        .bind(self.world.cangzhou.id.0)
        .bind(self.application.0)
        .bind(to.0)
        .bind(self.clerk.user.0)
        .execute(&self.world.owner)
        .await
        .expect("it is asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_what_helps_and_from_when_on_and_is_asked_for_again_only_then() {
    let scene = refused().await;
    let phone = scene.owners_phone().await;
    let record = phone.get(&scene.api("")).await.expect(200);
    let refusal = &record["refusal"];
    assert_eq!(refusal["opinion"], "抵押物价值不足。");
    assert_eq!(refusal["reasons"][0]["label"], "担保不足");
    let tip = refusal["reasons"][0]["tip"].as_str().expect("a tip");
    assert!(tip.contains("可以增加抵押物"), "{tip}");
    assert_eq!(refusal["again_from"], "2026-12-10");
    assert!(!offers(&record, "apply_again"), "it cools down");
    scene.world.clock.advance(time::Duration::days(16));
    let phone = scene.owners_phone().await;
    let record = phone.get(&scene.api("")).await.expect(200);
    assert_eq!(record["refusal"]["again_from"], json!(null));
    assert!(offers(&record, "apply_again"));
    assert!(!offers(&record, "reconsider"), "it is too late for that");
    let viewer = scene.members_phone("和宏屹", "19900002039", "ev").await;
    let record = viewer.get(&scene.api("")).await.expect(200);
    assert_eq!(record["deeds"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn reconsideration_is_asked_for_on_the_phone_once_by_the_owner() {
    let scene = refused().await;
    let phone = scene.owners_phone().await;
    let record = phone.get(&scene.api("")).await.expect(200);
    assert!(offers(&record, "reconsider"));
    assert!(record["appeal_until"].is_string() && record["appeal"].is_null());
    let path = scene.api("/reconsideration");
    let facts = json!({ "facts": "新增设备抵押 20 万元。" });
    let member = scene.members_phone("时嘉宁", "19900002038", "eu").await;
    let record = member.get(&scene.api("")).await.expect(200);
    assert!(!offers(&record, "reconsider"));
    let refused = member.keyed(&path, &facts, KEY).await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.body);
    let stranger = scene.strangers_phone().await;
    let foreign = stranger.keyed(&path, &facts, KEY).await;
    foreign.refused(404, "not_found");
    let empty = phone.keyed(&path, &json!({ "facts": " " }), KEY).await;
    empty.wrong("facts", "free_text.empty");
    for _ in 0..2 {
        phone.keyed(&path, &facts, KEY).await.expect(204);
    }
    assert_eq!(phone.keyed(&path, &facts, OTHER_KEY).await.status, 409);
    let record = phone.get(&scene.api("")).await.expect(200);
    assert_eq!(record["appeal"]["status"]["label"], "等待机构总部答复");
    assert!(!offers(&record, "reconsider") && record["appeal_until"].is_null());
    let asked = "select count(*) from reconsiderations";
    assert_eq!(scene.count(asked).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_read_with_its_reason_and_answered_once() {
    let scene = investigated().await;
    let phone = scene.owners_phone().await;
    let path = scene.api("/move");
    let no = json!({ "agreed": false, "move_note": "" });
    let early = phone.keyed(&path, &no, KEY).await;
    early.refused(409, "financing.no_move_asked");
    scene.move_asked().await;
    let record = phone.get(&scene.api("")).await.expect(200);
    let asked = &record["move_asked"];
    assert_eq!(asked["to_branch"], "狮城商业银行新华支行");
    assert_eq!(asked["reason"], "企业迁至新华区");
    assert!(offers(&record, "answer_move"));
    // Others of the enterprise read the question and do not answer it.
    let member = scene.members_phone("时嘉宁", "19900002038", "eu").await;
    let record = member.get(&scene.api("")).await.expect(200);
    assert!(record["move_asked"].is_object() && !offers(&record, "answer_move"));
    let refused = member.keyed(&path, &no, KEY).await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.body);
    let stranger = scene.strangers_phone().await;
    let foreign = stranger.keyed(&path, &no, KEY).await;
    foreign.refused(404, "not_found");
    let unsaid = phone.keyed(&path, &json!({ "move_note": "" }), KEY).await;
    unsaid.wrong("agreed", "api.key_missing");
    let long = json!({ "agreed": true, "move_note": "长".repeat(301) });
    let long = phone.keyed(&path, &long, KEY).await;
    long.wrong("move_note", "free_text.too_long");
    let yes = json!({ "agreed": true, "move_note": "可以" });
    for _ in 0..2 {
        phone.keyed(&path, &yes, OTHER_KEY).await.expect(204);
    }
    let later = phone.keyed(&path, &no, "a-third-key-01234567").await;
    later.refused(409, "financing.no_move_asked");
    let agreed =
        "select count(*) from move_requests where status = 'agreed' and answer_note = '可以'";
    assert_eq!(scene.count(agreed).await, 1);
    let record = phone.get(&scene.api("")).await.expect(200);
    assert!(record["move_asked"].is_null() && !offers(&record, "answer_move"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_rated_once_after_it_decided() {
    let scene = investigated().await;
    let phone = scene.owners_phone().await;
    let path = scene.api("/rating");
    let stars = json!({ "speed": 5, "service": 4, "openness": 4, "rating_words": "办理很快。" });
    phone.get(&path).await.refused(409, "rating.too_early");
    let early = phone.keyed(&path, &stars, KEY).await;
    early.refused(409, "rating.too_early");
    scene.propose().await;
    scene.approve().await;
    let record = phone.get(&scene.api("")).await.expect(200);
    assert!(offers(&record, "rate") && record["rated"] == false);
    let viewer = scene.members_phone("和宏屹", "19900002039", "ev").await;
    let seen = viewer.get(&path).await.expect(200);
    assert_eq!(seen["may_rate"], false);
    viewer.keyed(&path, &stars, KEY).await.expect(403);
    let stranger = scene.strangers_phone().await;
    stranger.get(&path).await.refused(404, "not_found");
    let wrong = json!({ "speed": 6, "service": 4, "openness": 4 });
    let wrong = phone.keyed(&path, &wrong, KEY).await;
    wrong.wrong("speed", "rating.stars_missing");
    let long = json!({ "speed": 5, "service": 4, "openness": 4, "rating_words": "长".repeat(501) });
    let long = phone.keyed(&path, &long, KEY).await;
    long.wrong("rating_words", "free_text.too_long");
    for _ in 0..2 {
        phone.keyed(&path, &stars, KEY).await.expect(204);
    }
    let twice = phone.keyed(&path, &stars, OTHER_KEY).await;
    twice.refused(409, "rating.rated_before");
    let own = phone.get(&path).await.expect(200);
    assert_eq!(own["may_rate"], false);
    assert_eq!(
        (&own["rating"]["speed"], &own["rating"]["words"]),
        (&json!(5), &json!("办理很快。"))
    );
    let record = phone.get(&scene.api("")).await.expect(200);
    assert!(record["rated"] == true && !offers(&record, "rate"));
    assert_eq!(scene.count("select count(*) from ratings").await, 1);
}
