//! Garbage, half an answer, silence, a redirect, five megabytes, nobody: for every call the same.

use std::time::Duration;

use application::ports::wechat::{
    ContentSafety as _, MiniProgramCodes as _, MiniProgramLogin as _, PhoneByCode as _,
    Subscription, SubscriptionMessages as _, WechatError,
};
use domain::scene::Scene;
use outbound::testing;
use wechat::Platform;
use wiremock::{Mock, ResponseTemplate, matchers::any};

use crate::stage::{CITY, Stage, lying};

/// What each call says, in order: login, phone, message, code, text.
async fn all(process: &Platform) -> [Option<WechatError>; 5] {
    let message = Subscription {
        openid: "o-1".to_owned(),
        template: "approved",
        params: Vec::new(),
    };
    [
        process.identify("code").await.err(),
        process.phone("code", None).await.err(),
        process.send(&message).await.err(),
        process.draw(&Scene::Register).await.err(),
        process.text("o-1", "您好").await.err(),
    ]
}

/// A code from the phone may be used up; everything else is unclear.
fn unclear() -> [Option<WechatError>; 5] {
    use WechatError::{Again, Unclear};
    [Again, Again, Unclear, Unclear, Unclear].map(Some)
}

#[tokio::test]
async fn an_answer_that_nobody_understands_is_never_taken_for_success() {
    let large = format!(
        r#"{{"errcode":0,"errmsg":"{}"}}"#,
        "x".repeat(5 * 1024 * 1024)
    );
    let json = |text: &str| ResponseTemplate::new(200).set_body_raw(text, "application/json");
    for (what, answer) in [
        ("garbage", json("<html>ok</html>")),
        ("half an answer", json(r#"{"errcode":0,"#)),
        ("nothing", ResponseTemplate::new(200)),
        ("a list", json("[]")),
        ("a code as text", json(r#"{"errcode":"0"}"#)),
        ("an empty object", json("{}")),
        ("silence", json("{}").set_delay(Duration::from_secs(5))),
        (
            "a redirect",
            ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"),
        ),
        (
            "an error page",
            ResponseTemplate::new(502).set_body_string("{}"),
        ),
        ("five megabytes", json(&large)),
    ] {
        let stage = Stage::new().await;
        let process = if what == "silence" {
            stage.in_a_hurry()
        } else {
            stage.with_token()
        };
        Mock::given(any())
            .respond_with(answer)
            .mount(&stage.server)
            .await;
        assert_eq!(all(&process).await, unclear(), "{what}");
        let asked = stage.server.received_requests().await.expect("kept").len();
        assert_eq!(asked, 5, "{what}: each was asked once");
    }
}

#[tokio::test]
async fn too_many_requests_are_throttling_and_nobody_there_is_unreachable() {
    let stage = Stage::new().await;
    let process = stage.with_token();
    Mock::given(any())
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "7"))
        .mount(&stage.server)
        .await;
    let after = Some(Duration::from_secs(7));
    let throttled = || Some(WechatError::Throttled { after });
    assert_eq!(all(&process).await, std::array::from_fn(|_| throttled()));

    let mut stage = Stage::new().await;
    let process = stage.with_nobody_there();
    let unreachable = || Some(WechatError::Unreachable);
    assert_eq!(all(&process).await, std::array::from_fn(|_| unreachable()));
}

#[tokio::test]
async fn checks_that_hang_do_not_hold_up_the_login() {
    let stage = Stage::new().await;
    let board = testing::hurried();
    *stage.row.token.lock().expect("whole") = Some(lying("TOKEN-1", time::Duration::hours(2)));
    let process = stage.process_on(&board);
    Mock::given(wiremock::matchers::path("/wxa/msg_sec_check"))
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(5)))
        .mount(&stage.server)
        .await;
    Mock::given(wiremock::matchers::path("/sns/jscode2session"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_raw(r#"{"openid":"o-1","session_key":"k"}"#, "text/plain"),
        )
        .mount(&stage.server)
        .await;
    for _ in 0..5 {
        let checked = process.text("o-1", "您好").await;
        assert_eq!(checked, Err(WechatError::Unclear));
    }
    let rests = process.text("o-1", "您好").await;
    assert_eq!(rests, Err(WechatError::Unreachable));
    assert!(process.identify("code").await.is_ok());
    let (_, noted) = board.standing("wechat/login", CITY);
    assert!(noted.is_empty());
}
