//! One stand-in per documented answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use application::ports::face::FaceFailure;
use outbound::testing;
use secrecy::SecretString;
use wiremock::{
    Mock, MockServer,
    matchers::{body_json, method, path, query_param},
};

use super::*;
use crate::trials::{self, CITY, NAME, NUMBER, query};

/// Tokens `t0`, `t1`, …: the next one after the one before has died.
#[derive(Default)]
struct Lent(AtomicUsize);

#[async_trait]
impl WechatToken for Lent {
    async fn current(&self) -> Result<SecretString, WechatTokenError> {
        Ok(format!("t{}", self.0.load(Ordering::SeqCst)).into())
    }

    async fn died(&self, _: &SecretString) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn made(base: &str) -> Wechat {
    let settings = Settings {
        kind: KIND.to_owned(),
        provider_name: "微信".to_owned(),
        image_retention_days: 0,
        base_url: Some(base.to_owned()),
    };
    Wechat::new(
        &testing::hurried(),
        CITY,
        Arc::new(Lent::default()),
        settings,
    )
    .expect("whole settings")
}

async fn answering(at: &'static str, body: Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(format!("/cityservice/face/identify/{at}")))
        .and(query_param("access_token", "t0"))
        .respond_with(trials::json(body.to_string()))
        .mount(&server)
        .await;
    server
}

async fn verdict_of(body: Value) -> Result<FaceVerdict, FaceError> {
    let server = answering("queryverifyinfo", body).await;
    made(&server.uri()).verdict(&query("v-1")).await
}

#[test]
fn wx_3_the_documented_hash_of_a_card() {
    assert_eq!(
        cert_hash("张三", "310101199801011234"),
        "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b"
    );
}

#[tokio::test]
async fn a_check_begins_in_the_mini_program_and_is_asked_for_with_the_hash_of_the_same_card() {
    let server = MockServer::start().await;
    Mock::given(path("/cityservice/face/identify/getverifyid"))
        .and(body_json(json!({
            "out_seq_no": "00000000000000000000000000000007",
            "cert_info": { "cert_type": "IDENTITY_CARD", "cert_name": NAME, "cert_no": NUMBER },
            "openid": "o-openid",
        })))
        .respond_with(trials::json(
            r#"{"errcode":0,"errmsg":"ok","verify_id":"v-1","expires_in":3600}"#,
        ))
        .mount(&server)
        .await;
    Mock::given(path("/cityservice/face/identify/queryverifyinfo"))
        .and(body_json(json!({
            "verify_id": "v-1",
            "out_seq_no": "00000000000000000000000000000007",
            "cert_hash": cert_hash(NAME, NUMBER),
            "openid": "o-openid",
        })))
        .respond_with(trials::json(
            r#"{"errcode":0,"errmsg":"ok","verify_ret":10000}"#,
        ))
        .mount(&server)
        .await;
    let made = made(&server.uri());
    let started = made
        .start(trials::ask(FaceChannel::MiniProgram, Vec::new()))
        .await;
    let Ok(FaceStart::Away {
        session,
        page,
        token,
    }) = started
    else {
        panic!("{started:?}")
    };
    assert_eq!((page.as_str(), token.as_str()), ("", "v-1"));
    assert_eq!(
        made.verdict(&query(&session)).await.expect("a verdict"),
        FaceVerdict::Passed { score: None }
    );
    assert_eq!(made.way(FaceChannel::Web), FaceWay::Nowhere);
}

#[tokio::test]
async fn every_documented_result_has_our_words_and_only_one_is_a_pass() {
    use application::ports::face::FaceEnd as E;
    let poor = FaceVerdict::Failed {
        why: FaceFailure::PoorPhoto,
        charged: false,
    };
    for (codes, expected) in [
        (
            vec![90001, 90109, 90008, 90009, 90010],
            FaceVerdict::Ended(E::Device),
        ),
        (
            vec![90002, 90006, 90017, 90107],
            FaceVerdict::Ended(E::Left),
        ),
        (
            vec![90007, 90012, 90018, 90104, 90105, 90106, 90110, 90199],
            FaceVerdict::Ended(E::System),
        ),
        (vec![90011, 90013, 90014], poor),
        (vec![0, 10001, 90100, -1], FaceVerdict::Unclear),
    ] {
        for code in codes {
            let body = json!({ "errcode": 0, "errmsg": "ok", "verify_ret": code });
            assert_eq!(verdict_of(body).await.expect("one"), expected, "{code}");
        }
    }
    let failed = verdict_of(json!({ "errcode": 40003, "errmsg": "x", "verify_ret": 10000 })).await;
    assert!(
        matches!(failed, Err(FaceError::Refused(_))),
        "HTTP 200 with a failure inside"
    );
}

#[tokio::test]
async fn the_global_errors_are_told_apart() {
    for code in [45009, 48001, 40003, 47001, 40013] {
        let outcome = verdict_of(json!({ "errcode": code, "errmsg": "x" })).await;
        assert!(matches!(outcome, Err(FaceError::Refused(_))), "{code}");
    }
    let outcome = verdict_of(json!({ "errcode": 45011, "errmsg": "x" })).await;
    assert!(matches!(outcome, Err(FaceError::Unreachable(_))));
    for code in [json!(-1), json!(84001), json!("0"), json!(null)] {
        let outcome = verdict_of(json!({ "errcode": code, "errmsg": "x" })).await;
        assert!(matches!(outcome, Err(FaceError::Unclear(_))), "{code}");
    }
}

#[tokio::test]
async fn a_token_that_died_is_replaced_once_and_no_more() {
    let server = MockServer::start().await;
    let at = "/cityservice/face/identify/queryverifyinfo";
    for (token, body) in [
        ("t0", r#"{"errcode":42001,"errmsg":"expired"}"#),
        ("t1", r#"{"errcode":0,"errmsg":"ok","verify_ret":10000}"#),
    ] {
        Mock::given(path(at))
            .and(query_param("access_token", token))
            .respond_with(trials::json(body))
            .mount(&server)
            .await;
    }
    assert_eq!(
        made(&server.uri()).verdict(&query("v")).await.expect("one"),
        FaceVerdict::Passed { score: None }
    );
    let server = MockServer::start().await;
    Mock::given(path(at))
        .respond_with(trials::json(r#"{"errcode":40001,"errmsg":"x"}"#))
        .mount(&server)
        .await;
    let outcome = made(&server.uri()).verdict(&query("v")).await;
    assert!(matches!(outcome, Err(FaceError::Refused(_))));
    assert_eq!(server.received_requests().await.expect("kept").len(), 2);
}

#[tokio::test]
async fn without_the_persons_openid_nothing_begins() {
    let mut ask = trials::ask(FaceChannel::MiniProgram, Vec::new());
    ask.journey.openid.clear();
    let outcome = made("http://127.0.0.1:1").start(ask).await;
    assert!(matches!(outcome, Err(FaceError::Refused(_))));
}

#[tokio::test]
async fn what_is_no_answer_becomes_no_verdict() {
    let ask = trials::ask(FaceChannel::MiniProgram, Vec::new());
    trials::nothing_is_made_of_nothing(made, ask).await;
}
