//! One stand-in per documented answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use application::ports::recognition::Sureness;
use outbound::testing;
use secrecy::SecretString;
use serde_json::json;
use wiremock::{
    Mock, MockServer,
    matchers::{path, query_param},
};

use super::*;
use crate::trials::{self, CITY, PICTURE, reads};

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

async fn answering(at: &'static str, token: &'static str, body: Value) -> MockServer {
    let server = MockServer::start().await;
    mount(&server, at, token, &body).await;
    server
}

async fn mount(server: &MockServer, at: &'static str, token: &'static str, body: &Value) {
    Mock::given(path(at))
        .and(query_param("access_token", token))
        .respond_with(trials::json(body.to_string()))
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_licence_goes_out_as_a_file_and_comes_back_as_fields() {
    let body = json!({ "errcode": 0, "errmsg": "ok", "reg_num": "91130900PDY00001XR",
        "enterprise_name": "沧州市瀚岳澜管道装备有限公司", "legal_representative": "顾屹舟",
        "type_of_enterprise": "有限责任公司", "registered_date": "2016年05月18日", "valid_period": "长期" });
    let server = answering("/cv/ocr/bizlicense", "t0", body).await;
    let read = reads(&made(&server.uri()), ProfileFile::Licence).await;
    assert_eq!(
        trials::licence(read),
        (
            "沧州市瀚岳澜管道装备有限公司".to_owned(),
            "91130900PDY00001XR".to_owned(),
            Sureness::Recognised
        )
    );
    let sent = &server.received_requests().await.expect("kept")[0];
    let kind = sent.headers["content-type"].to_str().expect("a type");
    let boundary = kind.split("boundary=").nth(1).expect("a boundary");
    let head = format!("--{boundary}\r\n");
    assert!(sent.body.starts_with(head.as_bytes()));
    assert!(sent.body.windows(PICTURE.len()).any(|w| w == PICTURE));
    let text = String::from_utf8_lossy(&sent.body);
    assert!(
        text.contains("name=\"img\"; filename=") && text.ends_with(&format!("--{boundary}--\r\n"))
    );
}

#[tokio::test]
async fn the_side_of_a_card_is_theirs_to_say() {
    let front = json!({ "errcode": 0, "errmsg": "ok", "type": "Front", "name": "顾屹舟", "id": "110105188001010009",
        "addr": "沧州市盐山县", "gender": "男", "nationality": "汉" });
    let server = answering("/cv/ocr/idcard", "t0", front).await;
    let by = made(&server.uri());
    assert_eq!(
        trials::front(reads(&by, ProfileFile::IdFront).await),
        ("顾屹舟".to_owned(), "110105188001010009".to_owned())
    );
    assert_eq!(
        reads(&by, ProfileFile::IdBack).await,
        Err(RecognitionError::OtherDocument)
    );
    let back = json!({ "errcode": 0, "type": "Back", "valid_date": "20171025-长期" });
    let server = answering("/cv/ocr/idcard", "t0", back).await;
    assert!(trials::runs_for_ever(
        reads(&made(&server.uri()), ProfileFile::IdBack).await
    ));
}

#[tokio::test]
async fn every_documented_error_has_our_words() {
    let failing = |code: i64| async move {
        let body = json!({ "errcode": code, "errmsg": "x" });
        let server = answering("/cv/ocr/bizlicense", "t0", body).await;
        reads(&made(&server.uri()), ProfileFile::Licence)
            .await
            .expect_err("HTTP 200 with a failure inside")
    };
    assert_eq!(failing(101_001).await, RecognitionError::OtherDocument);
    for code in [101_000, 45009, 48001, 40013] {
        assert!(matches!(failing(code).await, RecognitionError::NotReady(_)));
    }
    assert_eq!(failing(45011).await, RecognitionError::Busy);
    for code in [-1, 101_002, 99_999] {
        assert!(matches!(failing(code).await, RecognitionError::Unclear(_)));
    }
}

#[tokio::test]
async fn a_token_that_died_is_replaced_once_and_no_more() {
    let at = "/cv/ocr/bizlicense";
    let dead = json!({ "errcode": 40014, "errmsg": "x" });
    let server = answering(at, "t0", dead.clone()).await;
    let good = json!({ "enterprise_name": "沧州市瀚岳澜管道装备有限公司" });
    mount(&server, at, "t1", &good).await;
    assert!(
        reads(&made(&server.uri()), ProfileFile::Licence)
            .await
            .is_ok()
    );
    let server = answering(at, "t0", dead.clone()).await;
    mount(&server, at, "t1", &dead).await;
    let outcome = reads(&made(&server.uri()), ProfileFile::Licence).await;
    assert!(matches!(outcome, Err(RecognitionError::NotReady(_))));
    assert_eq!(server.received_requests().await.expect("kept").len(), 2);
}

#[tokio::test]
async fn nothing_is_read_from_what_is_no_answer() {
    trials::nothing_is_read_from_nothing(made).await;
}
