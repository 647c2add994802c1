//! 接口调用凭据: shared, renewed by one, put away when it is said to be no good.

use application::ports::providers::Reason;
use application::ports::wechat::{ContentSafety as _, SafetyVerdict, WechatError};
use serde_json::json;
use time::Duration;
use wechat::Platform;
use wiremock::ResponseTemplate;

use crate::stage::{Stage, answer, code, lying, now};

const CHECK: &str = "/wxa/msg_sec_check";
const TOKEN: &str = "/cgi-bin/stable_token";

fn passed() -> ResponseTemplate {
    answer(&json!({ "errcode": 0, "errmsg": "ok", "result": { "suggest": "pass", "label": 100 } }))
}

async fn ask(process: &Platform) -> Result<SafetyVerdict, WechatError> {
    process.text("o-1", "您好").await
}

#[tokio::test]
async fn one_token_serves_many_calls_and_every_process() {
    let stage = Stage::new().await;
    stage.issues("TOKEN-1", 1).await;
    stage.answers(CHECK, "TOKEN-1", passed()).await;
    let (one, other) = (stage.process(), stage.process());
    for process in [&one, &one, &other, &other] {
        assert_eq!(ask(process).await, Ok(SafetyVerdict::Pass));
    }
    assert_eq!(stage.asked(TOKEN).await, 1);
    let kept = stage
        .row
        .token
        .lock()
        .expect("whole")
        .clone()
        .expect("kept");
    assert_eq!(kept.expires_at, now() + Duration::hours(2));
    let text = String::from_utf8_lossy(&kept.sealed).into_owned();
    assert!(!text.contains("TOKEN-1"), "it lies sealed");
}

#[tokio::test]
async fn ten_calls_at_once_ask_for_one_token() {
    let stage = Stage::new().await;
    stage.issues("TOKEN-1", 1).await;
    stage.answers(CHECK, "TOKEN-1", passed()).await;
    let process = stage.process();
    let calls = (0..5).map(|_| {
        let process = process.clone();
        tokio::spawn(async move { ask(&process).await })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.expect("ended"), Ok(SafetyVerdict::Pass));
    }
    assert_eq!(stage.asked(TOKEN).await, 1);
}

#[tokio::test]
async fn while_another_process_renews_it_the_old_one_is_used() {
    let stage = Stage::new().await;
    *stage.row.token.lock().expect("whole") = Some(lying("OLD", Duration::minutes(4)));
    *stage.row.leased_until.lock().expect("whole") = Some(now() + Duration::seconds(10));
    stage.answers(CHECK, "OLD", passed()).await;
    assert_eq!(ask(&stage.process()).await, Ok(SafetyVerdict::Pass));
    assert_eq!(stage.asked(TOKEN).await, 0);
}

#[tokio::test]
async fn without_any_token_the_other_process_is_waited_for() {
    let stage = Stage::new().await;
    *stage.row.leased_until.lock().expect("whole") = Some(now() + Duration::seconds(10));
    stage.answers(CHECK, "BROUGHT", passed()).await;
    let process = stage.process();
    let waiting = tokio::spawn(async move { ask(&process).await });
    tokio::task::yield_now().await;
    *stage.row.token.lock().expect("whole") = Some(lying("BROUGHT", Duration::hours(2)));
    assert_eq!(waiting.await.expect("ended"), Ok(SafetyVerdict::Pass));
    assert_eq!(stage.asked(TOKEN).await, 0);
}

#[tokio::test]
async fn a_process_that_never_comes_back_holds_nobody_up() {
    let stage = Stage::new().await;
    *stage.row.leased_until.lock().expect("whole") = Some(now() + Duration::seconds(10));
    stage.issues("TOKEN-1", 1).await;
    stage.answers(CHECK, "TOKEN-1", passed()).await;
    assert_eq!(ask(&stage.process()).await, Ok(SafetyVerdict::Pass));
}

#[tokio::test]
async fn one_that_is_no_good_is_put_away_and_the_call_made_once_more() {
    for bad in [40_001, 40_014, 42_001] {
        let stage = Stage::new().await;
        let process = stage.with_token();
        stage.answers(CHECK, "TOKEN-1", code(bad)).await;
        stage.issues("TOKEN-2", 1).await;
        stage.answers(CHECK, "TOKEN-2", passed()).await;
        assert_eq!(ask(&process).await, Ok(SafetyVerdict::Pass), "{bad}");
        assert_eq!(stage.asked(CHECK).await, 2);
        assert_eq!(ask(&process).await, Ok(SafetyVerdict::Pass));
        assert_eq!(stage.asked(TOKEN).await, 1);
    }
}

#[tokio::test]
async fn one_that_another_process_has_replaced_is_not_fetched_again() {
    let stage = Stage::new().await;
    let process = stage.with_token();
    stage.answers(CHECK, "TOKEN-1", passed()).await;
    ask(&process).await.expect("its own copy");
    stage.server.reset().await;
    *stage.row.token.lock().expect("whole") = Some(lying("TOKEN-2", Duration::hours(2)));
    stage.answers(CHECK, "TOKEN-1", code(40_001)).await;
    stage.answers(CHECK, "TOKEN-2", passed()).await;
    assert_eq!(ask(&process).await, Ok(SafetyVerdict::Pass));
    assert_eq!(stage.asked(TOKEN).await, 0);
}

#[tokio::test]
async fn when_the_next_one_is_no_good_either_nobody_goes_on_asking() {
    let stage = Stage::new().await;
    let process = stage.with_token();
    stage.answers(CHECK, "TOKEN-1", code(40_001)).await;
    stage.issues("TOKEN-1", 9).await;
    let reason = Reason::Credentials;
    assert_eq!(ask(&process).await, Err(WechatError::Refused { reason }));
    assert_eq!(stage.asked(CHECK).await, 2);
    assert_eq!(stage.asked(TOKEN).await, 1);
}

#[tokio::test]
async fn every_refusal_of_the_token_call_has_its_reason() {
    let minute = Some(std::time::Duration::from_mins(1));
    let hour = Some(std::time::Duration::from_hours(1));
    let refused = |reason| WechatError::Refused { reason };
    for (errcode, expected) in [
        (-1, WechatError::Throttled { after: None }),
        (40_001, refused(Reason::Credentials)),
        (40_002, refused(Reason::Integration)),
        (40_013, refused(Reason::Credentials)),
        (40_125, refused(Reason::Credentials)),
        (40_164, refused(Reason::Permission)),
        (40_243, refused(Reason::Account)),
        (45_009, WechatError::Throttled { after: hour }),
        (45_011, WechatError::Throttled { after: minute }),
        (89_503, refused(Reason::Permission)),
        (89_506, refused(Reason::Permission)),
        (89_507, refused(Reason::Permission)),
        (12_345, WechatError::Unclear),
    ] {
        let stage = Stage::new().await;
        stage.answers_token(code(errcode)).await;
        assert_eq!(ask(&stage.process()).await, Err(expected), "{errcode}");
        assert_eq!(stage.asked(TOKEN).await, 1);
    }
    let stage = Stage::new().await;
    stage
        .answers_token(answer(&json!({ "access_token": "", "expires_in": 7200 })))
        .await;
    assert_eq!(ask(&stage.process()).await, Err(WechatError::Unclear));
}
