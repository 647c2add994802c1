use application::{
    error::Kind,
    thread::{Content, WriteLetter},
};
use serde_json::json;
use wiremock::{Mock, ResponseTemplate, matchers::path};
use yijianrong::{wire, workers::Workers};

use super::{Platform, messages::Scene, messages::at_the_platform, once, owner};

const CHECK: &str = "/wxa/msg_sec_check";

async fn write(scene: &Scene, channel: &'static str, key: &str) -> application::UseResult<()> {
    let mut actor = owner(&scene.world, &scene.who);
    actor.from.channel = channel;
    let ask = WriteLetter {
        application: scene.application,
        content: Content::Text,
        body: "请尽快联系".to_owned(),
        once: once(key),
    };
    let room = wire::thread(&scene.world.parts).room;
    room.write(&actor, ask).await
}

async fn letters(scene: &Scene) -> i64 {
    sqlx::query_scalar("select count(*) from application_letters")
        .fetch_one(&scene.world.owner)
        .await
        .expect("counted")
}

/// What the city's operators were told.
async fn told(scene: &Scene) -> i64 {
    sqlx::query_scalar(
        "select count(*) from messages where tenant_id = $1 and enterprise_id is null and dedupe_key like 'doubtful:%'",
    )
    .bind(scene.world.cangzhou.id.0)
    .fetch_one(&scene.world.owner)
    .await
    .expect("counted")
}

async fn deliver(scene: &Scene) {
    Workers::new(&scene.world.parts)
        .deliver_once()
        .await
        .expect("it runs");
}

fn verdict(suggest: &str) -> serde_json::Value {
    json!({ "errcode": 0, "result": { "suggest": suggest } })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_risky_is_refused_in_plain_words_and_not_kept() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 1).await;
    platform.answers(CHECK, &verdict("risky")).await;
    let refused = write(&scene, "mini_program", "a").await;
    let refused = refused.expect_err("risky");
    assert_eq!(refused.kind, Kind::Invalid);
    assert_eq!(refused.fields[0].code, "content.risky");
    assert_eq!(letters(&scene).await, 0);
    // The web is not the mini-program: the platform cannot be asked there.
    write(&scene, "web", "b").await.expect("kept");
    assert_eq!(platform.asked(CHECK).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_doubtful_goes_through_and_the_operators_are_told() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 1).await;
    platform.answers(CHECK, &verdict("review")).await;
    write(&scene, "mini_program", "a").await.expect("kept");
    deliver(&scene).await;
    assert_eq!((letters(&scene).await, told(&scene).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_check_is_away_the_letter_goes_through_and_is_checked_later() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 1).await;
    Mock::given(path(CHECK))
        .respond_with(ResponseTemplate::new(502))
        .up_to_n_times(2)
        .mount(&platform.server)
        .await;
    write(&scene, "mini_program", "a").await.expect("kept");
    deliver(&scene).await;
    assert_eq!((letters(&scene).await, told(&scene).await), (1, 0));
    platform.answers(CHECK, &verdict("risky")).await;
    scene.world.clock.advance(time::Duration::minutes(1));
    deliver(&scene).await;
    // The check announces what it found; the next round tells it.
    deliver(&scene).await;
    assert_eq!(told(&scene).await, 1);
    assert_eq!(platform.asked(CHECK).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_nobodys_business() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 1).await;
    platform.answers(CHECK, &verdict("pass")).await;
    write(&scene, "mini_program", "a").await.expect("kept");
    deliver(&scene).await;
    assert_eq!((letters(&scene).await, told(&scene).await), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_writes_whom_the_platform_does_not_know_is_told_to_the_operators() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 0).await;
    sqlx::query("delete from wechat_accounts")
        .execute(&scene.world.owner)
        .await
        .expect("unbound");
    write(&scene, "mini_program", "a").await.expect("kept");
    deliver(&scene).await;
    assert_eq!(platform.asked(CHECK).await, 0, "nobody can be named");
    assert_eq!((letters(&scene).await, told(&scene).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_is_asked_only_about_what_is_written() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 0).await;
    platform.answers(CHECK, &verdict("pass")).await;
    for _ in 0..2 {
        write(&scene, "mini_program", "a").await.expect("kept");
    }
    assert_eq!(platform.asked(CHECK).await, 1, "the second is a replay");
    for n in 1..20 {
        let key = format!("b{n}");
        write(&scene, "mini_program", &key).await.expect("kept");
    }
    let over = write(&scene, "mini_program", "c").await;
    assert_eq!(over.expect_err("too often").code, "thread.too_often");
    assert_eq!(platform.asked(CHECK).await, 20);
}
