//! The line against a provider that misbehaves in every way, and the second implementation of each signature against the first.

use std::{sync::Arc, time::Duration};

use domain::ids::TenantId;
use outbound::{
    Ask, Fault, GateState, Line, NotReached, Reach, Reason, Switchboard,
    sign::{Payload, acs3::Acs3, rpc, sdk_hmac::SdkHmac, tc3::Tc3, wsse},
    testing,
};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

const HOST: &str = "sms.tencentcloudapi.com";
const CITY: TenantId = TenantId(Uuid::nil());

fn line_of(board: &Switchboard, base: &str) -> Line {
    let endpoint = board.endpoint(&[HOST], HOST, Some(base));
    board.line("sms/test", CITY, endpoint.expect("loopback is reached"))
}

async fn answering(answer: ResponseTemplate) -> (MockServer, Line) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/"))
        .and(header("host", HOST))
        .respond_with(answer)
        .mount(&server)
        .await;
    let line = line_of(&testing::hurried(), &server.uri());
    (server, line)
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Word {
    code: String,
}

async fn word(line: &Line) -> Result<Word, Fault> {
    line.ask(Ask::post("/").body("{}"), outbound::Answer::json)
        .await
}

fn json(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text, "application/json; charset=utf-8")
}

#[tokio::test]
async fn a_good_answer_is_read_and_the_providers_host_was_named() {
    let (_server, line) = answering(json(r#"{"code":"OK"}"#)).await;
    assert_eq!(word(&line).await.expect("read").code, "OK");
}

#[tokio::test]
async fn garbage_another_type_half_an_answer_and_silence_are_unclear() {
    for answer in [
        json("<html>"),
        json(r#"{"code":"O"#),
        json(r#"{"other":1}"#),
        ResponseTemplate::new(200).set_body_raw(r#"{"code":"OK"}"#, "text/html"),
        ResponseTemplate::new(200),
        json(r#"{"code":"OK"}"#).set_delay(Duration::from_secs(5)),
    ] {
        let (_server, line) = answering(answer).await;
        assert!(matches!(word(&line).await, Err(Fault::Unclear { .. })));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_is_unclear() {
    let (server, line) = answering(
        ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/elsewhere"),
    )
    .await;
    assert!(matches!(word(&line).await, Err(Fault::Unclear { .. })));
    assert_eq!(server.received_requests().await.expect("kept").len(), 1);
}

#[tokio::test]
async fn an_answer_of_five_megabytes_is_not_read_to_its_end() {
    let large = format!(r#"{{"code":"{}"}}"#, "x".repeat(5 * 1024 * 1024));
    let (_server, line) = answering(json(&large)).await;
    let Err(Fault::Unclear { what }) = word(&line).await else {
        panic!("it was read")
    };
    assert_eq!(what, "an answer that is too large");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unclear() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let provider = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a call");
        let mut asked = [0; 4096];
        let _ = stream.read(&mut asked).await;
        let half = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"code\":";
        stream.write_all(half).await.expect("sent");
    });
    let outcome = word(&line_of(&testing::hurried(), &base)).await;
    assert_eq!(outcome, Err(Fault::unclear("half an answer")));
    provider.await.expect("ended");
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_after_five_times_it_rests_and_is_noted() {
    let board = testing::hurried();
    let line = line_of(&board, "http://127.0.0.1:1");
    for _ in 0..5 {
        assert_eq!(
            word(&line).await,
            Err(Fault::Unreachable(NotReached::Connect))
        );
    }
    assert_eq!(
        word(&line).await,
        Err(Fault::Unreachable(NotReached::Resting))
    );
    let (state, noted) = board.standing("sms/test", CITY);
    assert_eq!(state, GateState::Resting);
    assert_eq!(noted.len(), 6);
    assert_eq!(noted[0].fault, Fault::Unreachable(NotReached::Resting));
    let other = board.standing("sms/test", TenantId(Uuid::from_u128(9)));
    assert_eq!(other, (GateState::Open, Vec::new()));
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called() {
    let clock = Arc::new(testing::Fixed::default());
    let board = Switchboard::new(clock, Reach::default()).expect("built");
    let endpoint = board
        .endpoint(&["localhost"], "localhost", None)
        .expect("documented here");
    let line = board.line("sms/test", CITY, endpoint);
    assert_eq!(
        word(&line).await,
        Err(Fault::Unreachable(NotReached::NotPublic))
    );
}

#[tokio::test]
async fn too_many_requests_say_how_long_to_wait() {
    let (_server, line) =
        answering(ResponseTemplate::new(429).insert_header("retry-after", "7")).await;
    let outcome: Result<(), Fault> = line
        .ask(Ask::post("/"), |answer| Err(answer.foreign()))
        .await;
    assert_eq!(
        outcome,
        Err(Fault::throttled("HTTP 429", Some(Duration::from_secs(7))))
    );
    assert_eq!(outcome.expect_err("a fault").reason(), Reason::Frequency);
}

async fn verified(matcher: impl wiremock::Match + 'static, host: &'static str, ask: Ask) -> u16 {
    let server = MockServer::start().await;
    Mock::given(matcher)
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let board = testing::hurried();
    let endpoint = board.endpoint(&[host], host, Some(&server.uri()));
    let line = board.line("sms/test", CITY, endpoint.expect("loopback"));
    line.ask(ask, |answer| Ok(answer.status))
        .await
        .expect("an answer")
}

fn now() -> time::OffsetDateTime {
    time::macros::datetime!(2025-03-01 08:00:00 UTC)
}

#[tokio::test]
async fn both_implementations_of_tc3_agree_and_a_changed_body_does_not_pass() {
    for (sent, expected) in [(r#"{"a":1}"#, 200), (r#"{"a":2}"#, 404)] {
        let signed = Tc3 {
            secret_id: "AKID",
            service: "sms",
            host: HOST,
            content_type: "application/json",
            action: Some("SendSms"),
            at: now(),
            payload: Payload::Signed(br#"{"a":1}"#),
        };
        let ask = Ask::post("/")
            .header("content-type", "application/json")
            .header("x-tc-action", "SendSms")
            .header("x-tc-version", "2021-01-11")
            .header("x-tc-timestamp", "1740816000")
            .header("authorization", signed.authorization("key"))
            .body(sent);
        let matcher = testing::tc3_signed("AKID", "key", HOST);
        assert_eq!(verified(matcher, HOST, ask).await, expected);
    }
}

#[tokio::test]
async fn both_implementations_of_acs3_agree_and_another_query_does_not_pass() {
    let host = "dysmsapi.aliyuncs.com";
    for (change, expected) in [("", 200), ("&X=1", 404)] {
        let signed = Acs3 {
            access_key_id: "LTAI",
            security_token: Some("sts"),
            host,
            action: "SendSms",
            version: "2017-05-25",
            parameters: &[("SignName", "测试 *~+签名"), ("A", "é&=")],
            body: None,
            at: now(),
            nonce: "0123456789abcdef",
        }
        .sign("secret");
        let ask = signed.headers.into_iter().fold(
            Ask::post("/").query(signed.query + change),
            |ask, (name, value)| ask.header(name, value),
        );
        let matcher = testing::acs3_signed("LTAI", "secret", host);
        assert_eq!(verified(matcher, host, ask).await, expected);
    }
}

#[tokio::test]
async fn both_implementations_of_rpc_agree() {
    let host = "dysmsapi.aliyuncs.com";
    let parameters = [("Action", "SendSms"), ("SignName", "测试 *~+签名")];
    let signature = rpc::signature("POST", &parameters, "secret");
    for (secret, expected) in [("secret", 200), ("other", 404)] {
        let query = outbound::sign::query(&[
            parameters[0],
            parameters[1],
            ("Signature", signature.as_str()),
        ]);
        let ask = Ask::post("/").query(query);
        assert_eq!(
            verified(testing::rpc_signed(secret), host, ask).await,
            expected
        );
    }
}

#[tokio::test]
async fn both_implementations_of_huaweis_signatures_agree() {
    let host = "smsapi.cn-north-4.myhuaweicloud.com";
    for digest in [wsse::Digest::Raw, wsse::Digest::Hex] {
        for (secret, expected) in [("secret", 200), ("other", 404)] {
            let token = wsse::token("key", secret, "0123456789abcdef", now(), digest);
            let ask = Ask::post("/sms/batchSendSms/v1")
                .header("authorization", wsse::AUTHORIZATION)
                .header("x-wsse", token);
            let matcher = testing::wsse_signed("key", "secret");
            assert_eq!(verified(matcher, host, ask).await, expected);
        }
    }
    for (payload, body, expected) in [
        (Payload::Unsigned, "to=1", 200),
        (Payload::Signed(b"{}"), "{}", 200),
        (Payload::Signed(b"{}"), "{ }", 404),
    ] {
        let signed = SdkHmac {
            app_key: "key",
            method: "POST",
            path: "/sms/batchSendSms/v1",
            parameters: &[],
            host,
            content_type: Some("application/x-www-form-urlencoded"),
            at: now(),
            payload,
        };
        let ask = signed.sign("secret").into_iter().fold(
            Ask::post("/sms/batchSendSms/v1")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body),
            |ask, (name, value)| ask.header(name, value),
        );
        let matcher = testing::sdk_hmac_signed("key", "secret", host);
        assert_eq!(verified(matcher, host, ask).await, expected);
    }
}
