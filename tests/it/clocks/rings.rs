//! Phones of the enterprise: which turns ring them, whose it is when the operator left, and what the message says of it (W13).

use domain::ids::FinancingApplicationId;
use serde_json::{Value, json};
use time::Duration;

use super::scene::{Scene, scene};

async fn notice(scene: &Scene, topic: &str, payload: Value) {
    sqlx::query(
        "insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(scene.world.parts.clock.new_id())
    .bind(scene.world.cangzhou.id.0)
    .bind(topic)
    .bind(payload)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect("it is due");
}

fn event(id: FinancingApplicationId, verb: &str) -> Value {
    json!({ "application": id.0, "seq": 90, "verb": verb, "stage": "refused_intake", "handler": null })
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_a_request_or_waits_for_its_enterprise_rings_the_phone() {
    let scene = scene().await;
    let id = scene.submitted().await;
    scene.deliver().await;
    let before = scene.texts().await.len();
    notice(&scene, "application.event", event(id, "confirm_decline")).await;
    let asked = json!({ "application": id.0, "move": id.0, "branch": "狮城商业银行新华支行" });
    notice(&scene, "move.asked", asked).await;
    scene.deliver().await;
    let texts = scene.texts().await.split_off(before);
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.iter().any(|t| t.contains("未被受理")), "{texts:?}");
    assert!(
        texts.iter().any(|t| t.contains("选择是否同意")),
        "{texts:?}"
    );
    // Twenty days and then ten, and nobody accepts it.
    scene.world.clock.advance(Duration::days(20));
    scene.tick().await;
    scene.world.clock.advance(Duration::days(10));
    scene.tick().await;
    scene.deliver().await;
    assert_eq!(scene.stage(id).await, "expired");
    let texts = scene.texts().await;
    assert!(
        texts.iter().any(|t| t.contains("无人接单，已经失效")),
        "{texts:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_operator_who_left_the_owner_is_told() {
    let scene = scene().await;
    scene.accepted().await;
    let operator = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    sqlx::query(
        "update users set enterprise_id = $2, roles = '{eu}', status = 'dismissed' where id = $1",
    )
    .bind(operator.user.0)
    .bind(scene.enterprise.id.0)
    .execute(&scene.world.owner)
    .await
    .expect("the operator left");
    sqlx::query("update financing_applications set created_by = $1")
        .bind(operator.user.0)
        .execute(&scene.world.owner)
        .await
        .expect("it was the operator's");
    scene.deliver().await;
    let texts = scene.texts().await;
    assert!(
        texts
            .iter()
            .any(|t| t.contains("已由") && t.contains("接单")),
        "{texts:?}"
    );
    let parked = "select count(*) from outbox where parked_at is not null";
    assert_eq!(scene.count(parked).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_says_how_its_sms_fared() {
    let scene = scene().await;
    scene.accepted().await;
    scene.deliver().await;
    let page = async |words: &str| {
        let browser = scene.fresh_owner().await;
        browser
            .get("/enterprise/messages")
            .await
            .expect(200)
            .says(words);
    };
    scene.run("update sms_tries set state = 'accepted'").await;
    let sent = "select count(*) from messages where sms = 'sent' and dedupe_key like 'event:%'";
    assert_eq!(scene.count(sent).await, 1);
    page("短信：已发送").await;
    // The receipt comes.
    scene.run("update sms_tries set state = 'delivered'").await;
    scene.tick().await;
    page("短信：已送达").await;
    // What people have to look at did not arrive.
    scene
        .run("update messages set sms = 'sending' where sms <> ''")
        .await;
    page("短信：发送中").await;
    scene
        .run("update outbox set done_at = null, payload = payload || '{\"template\": \"nothing\"}', next_at = created_at where topic = 'application.sms'")
        .await;
    scene.deliver().await;
    page("短信：未送达").await;
}
