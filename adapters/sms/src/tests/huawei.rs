use outbound::{Account as _, Fault, Reason, testing};
use serde_json::{Value, json};
use time::macros::datetime;
use wiremock::{
    Match, Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path},
};

use super::kit::{
    ID, answering, board, city, is_unclear, json_answer, message, nonsense, refused, secret,
    templates,
};
use crate::{
    huawei::Huawei,
    provider::{Callback, Provider as _, Trace},
};

const HOST: &str = "smsapi.cn-north-4.myhuaweicloud.com";

fn signed() -> impl Match {
    testing::wsse_signed("APPKEY", "HWSECRET")
}

fn huawei_with(base: &str, more: &Value) -> Huawei {
    let mut settings = json!({
        "kind": "huawei",
        "signature": "测试签名",
        "app_key": secret("APPKEY"),
        "app_secret": secret("HWSECRET"),
        "from": "8824110605000",
        "base_url": base,
        "templates": templates(),
    });
    for (name, value) in more.as_object().expect("a table") {
        settings[name] = value.clone();
    }
    let callback = Callback {
        door: "https://www.czjrkg.cn/hooks/sms/huawei".to_owned(),
        key: outbound::Secret::parse(&secret("RECEIPTKEY")).expect("a reference"),
    };
    let settings = serde_json::from_value(settings).expect("settings");
    Huawei::new(&board(), city().id, settings, Some(callback)).expect("whole")
}

fn huawei(base: &str) -> Huawei {
    huawei_with(base, &json!({}))
}

async fn says(answer: ResponseTemplate) -> Result<String, Fault> {
    let server = answering(signed(), answer).await;
    huawei(&server.uri()).send(&message("code")).await
}

fn good(status: &str) -> Value {
    json!({ "code": "000000", "description": "Success", "result": [
        { "originTo": "+8613800138000", "createTime": "2025-03-01T08:00:00Z", "from": "1069", "smsMsgId": "d6e3_1", "status": status,
          "countryId": "CN", "total": 1 } ] })
}

fn no(code: &str) -> Value {
    json!({ "code": code, "description": "某种原因" })
}

fn form(request: &Request) -> Vec<(String, String)> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

#[tokio::test]
async fn a_message_goes_out_as_a_form_with_our_id_and_the_receipts_address() {
    let expected = [
        ("from", "8824110605000"),
        ("to", "+8613800138000"),
        ("templateId", "T_code"),
        ("templateParas", r#"["123456","注册","5"]"#),
        ("signature", "测试签名"),
        (
            "statusCallback",
            "https://www.czjrkg.cn/hooks/sms/huawei/RECEIPTKEY",
        ),
        ("extend", "01990000000070008000000000000001"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (auth, sdk) in [("wsse", false), ("sdk_hmac", true)] {
        let server = MockServer::start().await;
        let wsse = signed();
        let hmac = testing::sdk_hmac_signed("APPKEY", "HWSECRET", HOST);
        let either = move |request: &Request| {
            if sdk {
                hmac.matches(request)
            } else {
                wsse.matches(request)
            }
        };
        let form_fits = {
            let expected = expected.to_vec();
            move |request: &Request| form(request) == expected
        };
        Mock::given(method("POST"))
            .and(path("/sms/batchSendSms/v1"))
            .and(header("host", HOST))
            .and(header("content-type", "application/x-www-form-urlencoded"))
            .and(form_fits)
            .and(either)
            .respond_with(json_answer(200, &good("000000")))
            .expect(1)
            .mount(&server)
            .await;
        let huawei = huawei_with(&server.uri(), &json!({ "auth": auth }));
        assert_eq!(huawei.send(&message("code")).await, Ok("d6e3_1".to_owned()));
    }
}

#[tokio::test]
async fn success_is_the_code_and_the_status_of_the_number() {
    assert_eq!(
        says(json_answer(200, &good("E200028"))).await,
        Err(refused("E200028", Reason::Parameters))
    );
    for (code, reason) in [
        ("E000001", Reason::Credentials),
        ("E000111", Reason::Credentials),
        ("E000110", Reason::Clock),
        ("E000112", Reason::Account),
        ("E000503", Reason::Parameters),
        ("E200018", Reason::Signature),
        ("E200030", Reason::Template),
        ("E200036", Reason::Quota),
        ("E200041", Reason::Recipient),
        ("E000510", Reason::Unknown),
    ] {
        let answer = json_answer(200, &no(code));
        assert_eq!(says(answer).await, Err(refused(code, reason)), "{code}");
    }
    assert_eq!(
        says(json_answer(400, &no("E000000"))).await,
        Err(refused("E000000", Reason::Parameters))
    );
    assert_eq!(
        says(ResponseTemplate::new(404)).await,
        Err(refused("HTTP 404", Reason::Integration))
    );
    assert_eq!(
        says(json_answer(200, &no("E200015"))).await,
        Err(Fault::throttled("E200015", None))
    );
}

#[tokio::test]
async fn what_is_not_success_for_certain_is_unclear() {
    for answer in [
        json_answer(200, &no("E200038")),
        json_answer(200, &no("E999999")),
        json_answer(200, &no("000000")),
        json_answer(200, &json!({ "code": "000000", "result": [] })),
        json_answer(500, &good("000000")),
    ] {
        assert!(matches!(says(answer).await, Err(Fault::Unclear { .. })));
    }
    for answer in nonsense() {
        let server = answering(signed(), answer).await;
        assert!(is_unclear(&huawei(&server.uri())).await);
    }
}

#[tokio::test]
async fn quotes_in_a_blank_never_leave_the_house() {
    let mut sms = message("accepted");
    sms.params = vec![
        ("no", "PO1".to_owned()),
        ("branch", "\"运河\"支行".to_owned()),
    ];
    let sent = huawei("http://127.0.0.1:1").send(&sms).await;
    assert_eq!(sent, Err(refused("templateParas", Reason::Parameters)));
}

#[tokio::test]
async fn receipts_are_read_as_they_are_pushed_and_there_is_no_question_by_our_id() {
    let huawei = huawei("http://127.0.0.1:1");
    let body = "sequence=1&total=1&updateTime=2025-03-01T08%3A00%3A05Z&source=2&smsMsgId=d6e3_1&status=DELIVRD&extend=01990000000070008000000000000001";
    let receipts = huawei.receipts(body.as_bytes()).expect("its own");
    assert_eq!(
        (receipts[0].message, receipts[0].delivered),
        (Some(ID), true)
    );
    for (status, reason) in [
        ("MBBLACK", Reason::Recipient),
        ("CTLIMIT", Reason::Frequency),
        ("KEYWORD", Reason::Content),
        ("SC:0018", Reason::Signature),
        ("EXPIRED", Reason::Undelivered),
    ] {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("smsMsgId", "x")
            .append_pair("status", status)
            .finish();
        let receipts = huawei.receipts(body.as_bytes()).expect("its own");
        assert_eq!(receipts[0].reason, Some(reason));
    }
    assert_eq!(huawei.receipts(b"{}"), None);
    let batch = json!({ "statusReportList": [
        { "smsMsgId": "x1", "status": "DELIVRD", "extend": ID.simple().to_string(), "sequence": "1", "total": "1" },
        { "smsMsgId": 2, "status": null },
        { "smsMsgId": "x3", "status": "KEYWORD" },
    ] });
    let receipts = huawei.receipts(batch.to_string().as_bytes());
    let receipts = receipts.expect("two can be read");
    assert_eq!(receipts.len(), 2);
    assert_eq!(
        (receipts[0].message, receipts[0].delivered),
        (Some(ID), true)
    );
    assert_eq!(receipts[1].reason, Some(Reason::Content));
    assert_eq!(huawei.receipts(br#"{"statusReportList":[{}]}"#), None);
    let sms = message("code");
    let trace = huawei.trace(&sms, datetime!(2025-03-01 08:00 UTC));
    assert_eq!(trace.await, Ok(Trace::Unknowable));
}

#[tokio::test]
async fn a_probe_is_content_with_a_refusal_of_what_it_asks() {
    for (code, known) in [("E000503", true), ("E000111", false), ("E000110", false)] {
        let server = answering(signed(), json_answer(200, &no(code))).await;
        assert_eq!(huawei(&server.uri()).probe().await.is_ok(), known, "{code}");
    }
}
