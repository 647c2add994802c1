use std::time::Duration;

use outbound::{Account as _, Fault, NotReached, Reason, testing::acs3_signed};
use serde_json::{Value, json};
use time::macros::datetime;
use wiremock::{
    Match, Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path, query_param},
};

use super::kit::{
    ID, answering, board, city, is_unclear, json_answer, message, nonsense, refused, secret,
    templates,
};
use crate::{
    aliyun::Aliyun,
    provider::{Provider as _, Trace},
};

const HOST: &str = "dysmsapi.aliyuncs.com";

fn signed() -> impl Match {
    acs3_signed("LTAIEXAMPLE", "ALISECRET", HOST)
}

fn aliyun(base: &str) -> Aliyun {
    let settings = json!({
        "kind": "aliyun",
        "signature": "测试签名",
        "access_key_id": secret("LTAIEXAMPLE"),
        "access_key_secret": secret("ALISECRET"),
        "base_url": base,
        "templates": templates(),
    });
    let settings = serde_json::from_value(settings).expect("settings");
    Aliyun::new(&board(), city().id, settings).expect("whole")
}

async fn says(answer: ResponseTemplate) -> Result<String, Fault> {
    let server = answering(signed(), answer).await;
    aliyun(&server.uri()).send(&message("code")).await
}

fn no(code: &str) -> Value {
    json!({ "RequestId": "r", "Code": code, "Message": "某种原因" })
}

#[tokio::test]
async fn a_message_goes_out_in_the_query_with_our_id_and_an_empty_body() {
    let server = MockServer::start().await;
    let empty = |request: &Request| {
        request.body.is_empty() && request.headers.get("content-type").is_none()
    };
    Mock::given(method("POST"))
        .and(path("/"))
        .and(header("x-acs-action", "SendSms"))
        .and(header("x-acs-version", "2017-05-25"))
        .and(query_param("PhoneNumbers", "13800138000"))
        .and(query_param("SignName", "测试签名"))
        .and(query_param("TemplateCode", "T_code"))
        .and(query_param(
            "TemplateParam",
            r#"{"code":"123456","minutes":"5","purpose":"注册"}"#,
        ))
        .and(query_param("OutId", ID.to_string()))
        .and(empty)
        .and(signed())
        .respond_with(json_answer(
            200,
            &json!({ "RequestId": "r", "Code": "OK", "Message": "OK", "BizId": "134523^4351232" }),
        ))
        .expect(1)
        .mount(&server)
        .await;
    let sent = aliyun(&server.uri()).send(&message("code")).await;
    assert_eq!(sent, Ok("134523^4351232".to_owned()));
}

#[tokio::test]
async fn every_documented_refusal_comes_with_two_hundred_and_is_told_by_its_reason() {
    for (code, reason) in [
        ("isv.SMS_TEMPLATE_ILLEGAL", Reason::Template),
        ("isv.SMS_SIGNATURE_ILLEGAL", Reason::Signature),
        ("isv.SIGN_STATE_ILLEGAL", Reason::Signature),
        ("isv.TEMPLATE_PARAMS_ILLEGAL", Reason::Parameters),
        ("isv.PARAM_NOT_SUPPORT_URL", Reason::Parameters),
        ("isv.SMS_CONTENT_ILLEGAL", Reason::Content),
        ("isv.MOBILE_NUMBER_ILLEGAL", Reason::Recipient),
        ("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", Reason::Template),
        ("isv.AMOUNT_NOT_ENOUGH", Reason::Account),
        ("isv.OUT_OF_SERVICE", Reason::Account),
        ("isp.RAM_PERMISSION_DENY", Reason::Permission),
        ("isv.DENY_IP_RANGE", Reason::Permission),
    ] {
        let answer = json_answer(200, &no(code));
        assert_eq!(says(answer).await, Err(refused(code, reason)), "{code}");
    }
}

#[tokio::test]
async fn limits_are_throttling_with_their_window() {
    for (code, seconds) in [
        ("isv.BUSINESS_LIMIT_CONTROL", 60),
        ("isv.DAY_LIMIT_CONTROL", 3_600),
    ] {
        let wait = Some(Duration::from_secs(seconds));
        let answer = json_answer(200, &no(code));
        assert_eq!(says(answer).await, Err(Fault::throttled(code, wait)));
    }
}

#[tokio::test]
async fn the_gateways_own_answers_are_understood_in_either_spelling() {
    let throttled = Err(Fault::throttled("Throttling.User", None));
    assert_eq!(
        says(json_answer(403, &no("Throttling.User"))).await,
        throttled
    );
    let small = json!({ "code": "Throttling.User", "message": "x", "requestId": "r" });
    assert_eq!(says(json_answer(503, &small)).await, throttled);
    let told = json_answer(503, &no("Whatever")).insert_header("x-acs-retry-after", "1000");
    assert_eq!(says(told).await, Err(Fault::throttled("Whatever", None)));
    for (code, reason) in [
        ("SignatureDoesNotMatch", Reason::Credentials),
        ("InvalidAccessKeyId.NotFound", Reason::Credentials),
        ("InvalidTimeStamp.Expired", Reason::Clock),
    ] {
        assert_eq!(
            says(json_answer(400, &no(code))).await,
            Err(refused(code, reason))
        );
    }
}

#[tokio::test]
async fn what_is_not_described_is_unclear() {
    for code in ["isp.SYSTEM_ERROR", "isv.SOMETHING_NEW"] {
        let answer = json_answer(200, &no(code));
        assert_eq!(says(answer).await, Err(Fault::unclear(code)));
    }
    let half = json_answer(200, &json!({ "Code": "OK", "Message": "OK" }));
    assert!(matches!(says(half).await, Err(Fault::Unclear { .. })));
    let wrapped = json_answer(500, &json!({ "Code": "OK", "BizId": "1" }));
    assert!(matches!(says(wrapped).await, Err(Fault::Unclear { .. })));
    for answer in nonsense() {
        let server = answering(signed(), answer).await;
        assert!(is_unclear(&aliyun(&server.uri())).await);
    }
}

#[tokio::test]
async fn it_tells_what_became_of_a_message_by_our_id() {
    let tried = datetime!(2025-02-28 17:00:00 UTC);
    for (out_id, expected) in [
        (ID.to_string(), Trace::Sent),
        ("x".to_owned(), Trace::NotSent),
    ] {
        let server = MockServer::start().await;
        let list = json!({ "SmsSendDetailDTO": [{ "OutId": out_id, "SendStatus": 1, "PhoneNum": "13800138000" }] });
        Mock::given(signed())
            .and(header("x-acs-action", "QuerySendDetails"))
            .and(query_param("PhoneNumber", "13800138000"))
            .and(query_param("SendDate", "20250301"))
            .respond_with(json_answer(
                200,
                &json!({ "Code": "OK", "TotalCount": "1", "SmsSendDetailDTOs": list }),
            ))
            .mount(&server)
            .await;
        let trace = aliyun(&server.uri())
            .trace(&message("accepted"), tried)
            .await;
        assert_eq!(trace, Ok(expected));
    }
}

#[tokio::test]
async fn receipts_are_read_as_they_are_pushed() {
    let pushed = json!([
        { "phone_number": "13800138000", "send_time": "2025-03-01 16:00:00", "report_time": "2025-03-01 16:00:02",
          "success": true, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "b1", "out_id": ID.to_string() },
        { "phone_number": "13800138000", "success": false, "err_code": "MOBILE_NOT_ON_SERVICE", "biz_id": "b2" },
    ]);
    let aliyun = aliyun("http://127.0.0.1:1");
    let receipts = aliyun
        .receipts(pushed.to_string().as_bytes())
        .expect("its own");
    assert_eq!(receipts[0].message, Some(ID));
    assert!(receipts[0].delivered && !receipts[1].delivered);
    assert_eq!(receipts[1].reason, Some(Reason::Undelivered));
    assert_eq!(aliyun.receipts(b"{\"biz_id\":1}"), None);
    let odd = json!([
        { "biz_id": 1, "success": true },
        { "biz_id": "b3", "success": true, "out_id": null, "err_code": "DELIVERED" },
    ]);
    let read = aliyun.receipts(odd.to_string().as_bytes()).expect("one");
    assert_eq!(read[0].provider_ref, "b3", "an odd one hides no other");
    assert_eq!(aliyun.receipts(br#"[{ "biz_id": 1 }]"#), None);
    assert_eq!(aliyun.acknowledgement()["code"], 0);
}

#[tokio::test]
async fn the_self_test_finds_a_secret_that_is_gone_and_the_probe_a_key_that_is_wrong() {
    let good = aliyun("http://127.0.0.1:1");
    assert_eq!(good.self_test(), Ok(()));
    let settings = json!({
        "kind": "aliyun", "signature": "测试签名", "templates": templates(),
        "access_key_id": "env:YJR_NOBODY_SETS_THIS", "access_key_secret": "env:YJR_NOR_THIS",
    });
    let settings = serde_json::from_value(settings).expect("settings");
    let gone = Aliyun::new(&board(), city().id, settings).expect("whole");
    assert_eq!(
        gone.self_test(),
        Err(Fault::Unreachable(NotReached::Secret))
    );
    for (answer, expected) in [
        (json_answer(200, &json!({ "Code": "OK" })), Ok(())),
        (
            json_answer(404, &no("InvalidAccessKeyId.NotFound")),
            Err(refused("InvalidAccessKeyId.NotFound", Reason::Credentials)),
        ),
    ] {
        let server = answering(signed(), answer).await;
        assert_eq!(aliyun(&server.uri()).probe().await, expected);
    }
}

#[tokio::test]
async fn settings_that_are_not_whole_are_told_before_the_start() {
    let mut lacking = templates();
    lacking.as_object_mut().expect("a table").remove("approved");
    lacking["code"]["params"] = json!(["code", "colour"]);
    let of = |settings: Value| {
        let settings = serde_json::from_value(settings).map_err(|error| error.to_string())?;
        Aliyun::new(&board(), city().id, settings).map(|_| ())
    };
    let good = json!({
        "kind": "aliyun", "signature": "测试签名", "templates": templates(),
        "access_key_id": "env:A", "access_key_secret": "env:B",
    });
    assert_eq!(of(good.clone()), Ok(()));
    for (name, value, told) in [
        ("templates", lacking, "templates.approved is missing"),
        (
            "host",
            json!("evil.example"),
            "none of the documented hosts",
        ),
        ("base_url", json!("https://10.0.0.1"), "not allowed here"),
        (
            "access_key_secret",
            json!("plain-secret"),
            "a secret is a reference",
        ),
        ("colour", json!("red"), "unknown field `colour`"),
    ] {
        let mut settings = good.clone();
        settings[name] = value;
        let error = of(settings).expect_err("not whole");
        assert!(error.contains(told), "{error}");
        assert!(!error.contains("plain-secret"));
    }
}
