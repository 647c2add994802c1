use std::time::Duration;

use outbound::{Account as _, Fault, Reason, testing::tc3_signed};
use serde_json::{Value, json};
use time::macros::datetime;
use wiremock::{
    Match, Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path},
};

use super::kit::{
    ID, answering, board, city, is_unclear, json_answer, message, nonsense, refused, secret,
    templates,
};
use crate::{
    provider::{Provider as _, Trace},
    tencent::Tencent,
};

const HOST: &str = "sms.tencentcloudapi.com";

fn signed() -> impl Match {
    tc3_signed("AKIDEXAMPLE", "TCSECRET", HOST)
}

fn tencent(base: &str) -> Tencent {
    let settings = json!({
        "kind": "tencent",
        "signature": "测试签名",
        "secret_id": secret("AKIDEXAMPLE"),
        "secret_key": secret("TCSECRET"),
        "sdk_app_id": "1400006666",
        "base_url": base,
        "templates": templates(),
    });
    let settings = serde_json::from_value(settings).expect("settings");
    Tencent::new(&board(), city().id, settings).expect("whole")
}

async fn says(answer: ResponseTemplate) -> Result<String, Fault> {
    let server = answering(signed(), answer).await;
    tencent(&server.uri()).send(&message("code")).await
}

fn one(code: &str, serial: &str) -> Value {
    json!({ "SerialNo": serial, "PhoneNumber": "+8613800138000", "Fee": 1, "SessionContext": ID.to_string(),
            "Code": code, "Message": "m", "IsoCode": "CN" })
}

fn statuses(list: &[Value]) -> ResponseTemplate {
    let body = json!({ "Response": { "SendStatusSet": list, "RequestId": "r" } });
    json_answer(200, &body)
}

fn error(code: &str) -> ResponseTemplate {
    let body =
        json!({ "Response": { "Error": { "Code": code, "Message": "m" }, "RequestId": "r" } });
    json_answer(200, &body)
}

#[tokio::test]
async fn a_message_goes_out_with_its_blanks_in_order_and_our_id() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/"))
        .and(header("x-tc-action", "SendSms"))
        .and(header("x-tc-version", "2021-01-11"))
        .and(header("x-tc-region", "ap-guangzhou"))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({
            "PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400006666", "TemplateId": "T_code",
            "SignName": "测试签名", "TemplateParamSet": ["123456", "注册", "5"], "SessionContext": ID.to_string(),
        })))
        .and(signed())
        .respond_with(statuses(&[one("Ok", "5000:1045710669157053657849499619")]))
        .expect(1)
        .mount(&server)
        .await;
    let sent = tencent(&server.uri()).send(&message("code")).await;
    assert_eq!(sent, Ok("5000:1045710669157053657849499619".to_owned()));
}

#[tokio::test]
async fn a_refusal_of_the_number_and_one_of_the_request_are_the_same() {
    for (code, reason) in [
        (
            "FailedOperation.TemplateUnapprovedOrNotExist",
            Reason::Template,
        ),
        (
            "FailedOperation.SignatureIncorrectOrUnapproved",
            Reason::Signature,
        ),
        (
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
            Reason::Parameters,
        ),
        (
            "InvalidParameterValue.TemplateParameterLengthLimit",
            Reason::Parameters,
        ),
        ("FailedOperation.ContainSensitiveWord", Reason::Content),
        (
            "InvalidParameterValue.IncorrectPhoneNumber",
            Reason::Recipient,
        ),
        ("FailedOperation.PhoneNumberInBlacklist", Reason::Recipient),
        (
            "FailedOperation.InsufficientBalanceInSmsPackage",
            Reason::Account,
        ),
        (
            "UnauthorizedOperation.RequestIpNotInWhitelist",
            Reason::Permission,
        ),
        ("AuthFailure.SignatureFailure", Reason::Credentials),
        ("AuthFailure.SignatureExpire", Reason::Clock),
        ("InternalError.RequestTimeException", Reason::Clock),
        ("InvalidAction", Reason::Integration),
    ] {
        let expected = Err(refused(code, reason));
        assert_eq!(says(statuses(&[one(code, "")])).await, expected, "{code}");
        assert_eq!(says(error(code)).await, expected, "{code}");
    }
}

#[tokio::test]
async fn limits_are_throttling_with_their_window() {
    for (code, seconds) in [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", Some(30)),
        ("LimitExceeded.PhoneNumberOneHourLimit", Some(3_600)),
        ("RequestLimitExceeded", None),
    ] {
        let expected = Err(Fault::throttled(code, seconds.map(Duration::from_secs)));
        assert_eq!(says(statuses(&[one(code, "")])).await, expected);
        assert_eq!(says(error(code)).await, expected);
    }
}

#[tokio::test]
async fn what_is_not_success_for_certain_is_unclear() {
    for code in [
        "InternalError.Timeout",
        "InternalError.OtherError",
        "ServiceUnavailable",
        "Something.New",
    ] {
        assert_eq!(says(error(code)).await, Err(Fault::unclear(code)));
    }
    for answer in [
        statuses(&[]),
        statuses(&[one("Ok", "1"), one("Ok", "2")]),
        statuses(&[one("Ok", "")]),
        json_answer(200, &json!({ "Response": { "RequestId": "r" } })),
        json_answer(
            502,
            &json!({ "Response": { "SendStatusSet": [one("Ok", "1")] } }),
        ),
    ] {
        assert!(matches!(says(answer).await, Err(Fault::Unclear { .. })));
    }
    for answer in nonsense() {
        let server = answering(signed(), answer).await;
        assert!(is_unclear(&tencent(&server.uri())).await);
    }
}

#[tokio::test]
async fn receipts_are_pulled_with_our_id_and_pushed_with_theirs() {
    let server = MockServer::start().await;
    let pulled = json!([
        { "UserReceiveTime": 1, "CountryCode": "86", "SubscriberNumber": "13800138000", "PhoneNumber": "+8613800138000",
          "SerialNo": "s1", "ReportStatus": "SUCCESS", "Description": "DELIVRD", "SessionContext": ID.to_string() },
        { "SerialNo": "s2", "ReportStatus": "FAIL", "Description": "UNDELIV", "SessionContext": "" },
    ]);
    Mock::given(signed())
        .and(header("x-tc-action", "PullSmsSendStatus"))
        .and(body_json(
            json!({ "Limit": 100, "SmsSdkAppId": "1400006666" }),
        ))
        .respond_with(json_answer(
            200,
            &json!({ "Response": { "PullSmsSendStatusSet": pulled, "RequestId": "r" } }),
        ))
        .mount(&server)
        .await;
    let tencent = tencent(&server.uri());
    let sms = message("code");
    let trace = tencent.trace(&sms, datetime!(2025-03-01 08:00 UTC));
    let Ok(Trace::Receipts(receipts)) = trace.await else {
        panic!("receipts come along")
    };
    assert_eq!(receipts[0].message, Some(ID));
    assert!(receipts[0].delivered && !receipts[1].delivered);
    let pushed = json!([{ "user_receive_time": "t", "nationcode": "86", "mobile": "13800138000",
        "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "d", "sid": "s1" }]);
    let pushed = tencent
        .receipts(pushed.to_string().as_bytes())
        .expect("its own");
    assert_eq!(
        (pushed[0].provider_ref.as_str(), pushed[0].delivered),
        ("s1", true)
    );
    assert_eq!(tencent.receipts(b"[{}]"), None);
    let odd = br#"[{}, { "sid": "s2", "report_status": "FAIL", "errmsg": null }]"#;
    let read = tencent.receipts(odd).expect("one");
    assert_eq!(read[0].provider_ref, "s2", "an odd one hides no other");
    assert_eq!(tencent.acknowledgement()["result"], 0);
}

#[tokio::test]
async fn a_probe_is_content_with_a_refusal_of_what_it_asks() {
    for (code, known) in [
        ("InvalidParameterValue.IncorrectPhoneNumber", true),
        ("FailedOperation.TemplateIdNotExist", true),
        ("AuthFailure.SecretIdNotFound", false),
        ("UnauthorizedOperation.RequestIpNotInWhitelist", false),
        ("InternalError.UnknownError", false),
    ] {
        let server = answering(signed(), error(code)).await;
        assert_eq!(
            tencent(&server.uri()).probe().await.is_ok(),
            known,
            "{code}"
        );
    }
}
