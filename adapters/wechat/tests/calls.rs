//! Every call and every answer that is documented for it.

use std::time::Duration;

use application::ports::{
    providers::Reason,
    wechat::{
        ContentSafety as _, MiniProgramCodes as _, MiniProgramLogin as _, PhoneByCode as _,
        SafetyVerdict, Subscription, SubscriptionMessages as _, WechatError,
    },
};
use domain::{ids::TenantId, scene::Scene, values::PhoneNumber};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{body_json, method, path, query_param, query_param_is_missing},
};

use crate::stage::{APP, SECRET, Stage, answer, code};

const REFUSED: fn(Reason) -> WechatError = |reason| WechatError::Refused { reason };
const WAIT: fn(u64) -> WechatError = |seconds| WechatError::Throttled {
    after: Some(Duration::from_secs(seconds)),
};
const BUSY: WechatError = WechatError::Throttled { after: None };

/// Codes that every call with a token may answer.
fn common() -> Vec<(i64, WechatError)> {
    let mut codes = vec![(-1, BUSY), (45_009, WAIT(3_600)), (45_011, WAIT(60))];
    for (reason, numbers) in [
        (
            Reason::Credentials,
            [41_001, 40_013, 41_002, 40_125].as_slice(),
        ),
        (
            Reason::Permission,
            &[40_164, 61_004, 48_001, 48_004, 61_007, 61_016],
        ),
        (
            Reason::Integration,
            &[40_066, 43_001, 43_002, 43_003, 44_002, 47_001],
        ),
        (Reason::Parameters, &[45_002]),
        (Reason::Recipient, &[50_002]),
    ] {
        codes.extend(numbers.iter().map(|number| (*number, REFUSED(reason))));
    }
    codes
}

#[tokio::test]
async fn a_login_code_becomes_an_identity_and_the_session_key_goes_nowhere() {
    let stage = Stage::new().await;
    Mock::given(method("GET"))
        .and(path("/sns/jscode2session"))
        .and(query_param("appid", APP))
        .and(query_param("secret", SECRET))
        .and(query_param("js_code", "0a+b/c="))
        .and(query_param("grant_type", "authorization_code"))
        .and(query_param_is_missing("access_token"))
        .respond_with(answer(&json!({
            "openid": "oGZUI0egBJY1zhBYw2KhdUfwVJJE", "session_key": "HyVFkGl5F5OQWJZZaNzBBg==",
            "unionid": "ocMvos6NjeKLIBqg5Mr9QjxrP1FA", "expires_in": 7200,
        })))
        .mount(&stage.server)
        .await;
    let who = stage.process().identify("0a+b/c=").await.expect("known");
    assert_eq!(who.openid, "oGZUI0egBJY1zhBYw2KhdUfwVJJE");
    assert_eq!(who.unionid.as_deref(), Some("ocMvos6NjeKLIBqg5Mr9QjxrP1FA"));
    assert_eq!(format!("{who:?}"), "WechatIdentity(***)");
}

#[tokio::test]
async fn every_refusal_of_a_login_code_has_its_meaning() {
    for (errcode, expected) in [
        (-1, BUSY),
        (40_029, WechatError::Again),
        (40_163, WechatError::Again),
        (45_011, WAIT(60)),
        (40_226, REFUSED(Reason::Recipient)),
        (40_013, REFUSED(Reason::Credentials)),
        (40_125, REFUSED(Reason::Credentials)),
        (41_002, REFUSED(Reason::Credentials)),
        (41_004, REFUSED(Reason::Credentials)),
        (41_008, REFUSED(Reason::Integration)),
        (40_243, REFUSED(Reason::Account)),
        // Not documented: the code may be used up.
        (77_777, WechatError::Again),
    ] {
        let stage = Stage::new().await;
        Mock::given(path("/sns/jscode2session"))
            .respond_with(code(errcode))
            .mount(&stage.server)
            .await;
        let answer = stage.process().identify("code").await;
        assert_eq!(answer, Err(expected), "{errcode}");
        assert_eq!(stage.asked("/sns/jscode2session").await, 1, "asked once");
    }
}

#[tokio::test]
async fn an_identity_of_another_shape_is_nobody() {
    for body in [
        json!({ "session_key": "k" }),
        json!({ "openid": "o-1" }),
        json!({ "openid": "", "session_key": "k" }),
        json!({ "openid": "o 1", "session_key": "k" }),
        json!({ "openid": "o".repeat(65), "session_key": "k" }),
        json!({}),
    ] {
        let stage = Stage::new().await;
        Mock::given(path("/sns/jscode2session"))
            .respond_with(answer(&body))
            .mount(&stage.server)
            .await;
        let answer = stage.process().identify("code").await;
        assert_eq!(answer, Err(WechatError::Again), "{body}");
    }
}

#[tokio::test]
async fn what_is_no_code_is_not_asked_about() {
    let stage = Stage::new().await;
    let process = stage.process();
    for code in ["", "a b", "a\n", &"c".repeat(129)] {
        assert_eq!(process.identify(code).await, Err(WechatError::Again));
        assert_eq!(process.phone(code, None).await, Err(WechatError::Again));
    }
    assert!(
        stage
            .server
            .received_requests()
            .await
            .expect("kept")
            .is_empty()
    );
}

const PHONE: &str = "/wxa/business/getuserphonenumber";

fn phone_info(number: &str, country: &Value, app: &str) -> Value {
    json!({ "errcode": 0, "errmsg": "ok", "phone_info": {
        "phoneNumber": number, "purePhoneNumber": number, "countryCode": country,
        "watermark": { "timestamp": 1_740_816_000, "appid": app } } })
}

#[tokio::test]
async fn a_phone_code_becomes_a_number_whichever_way_its_country_is_written() {
    for country in [json!("86"), json!(86)] {
        let stage = Stage::new().await;
        Mock::given(method("POST"))
            .and(path(PHONE))
            .and(query_param("access_token", "TOKEN-1"))
            .and(body_json(json!({ "code": "p-code", "openid": "o-1" })))
            .respond_with(answer(&phone_info("13800138000", &country, APP)))
            .mount(&stage.server)
            .await;
        let number = stage.with_token().phone("p-code", Some("o-1")).await;
        let expected = PhoneNumber::parse("13800138000").expect("a number");
        assert_eq!(number, Ok(expected));
    }
}

#[tokio::test]
async fn a_number_of_another_country_or_another_app_is_not_taken() {
    for (body, expected) in [
        (
            phone_info("4155552671", &json!("1"), APP),
            WechatError::ForeignNumber,
        ),
        (
            phone_info("13800138000", &json!("86"), "wx0000000000000009"),
            WechatError::Again,
        ),
        (phone_info("138", &json!("86"), APP), WechatError::Again),
        (json!({ "errcode": 0 }), WechatError::Again),
    ] {
        let stage = Stage::new().await;
        stage.answers(PHONE, "TOKEN-1", answer(&body)).await;
        let number = stage.with_token().phone("p-code", None).await;
        assert_eq!(number, Err(expected), "{body}");
    }
}

#[tokio::test]
async fn every_refusal_of_a_phone_code_has_its_meaning() {
    let mut codes = common();
    codes.push((40_029, WechatError::Again));
    for (errcode, expected) in codes {
        let stage = Stage::new().await;
        stage.answers(PHONE, "TOKEN-1", code(errcode)).await;
        let number = stage.with_token().phone("p-code", None).await;
        assert_eq!(number, Err(expected), "{errcode}");
        assert_eq!(stage.asked(PHONE).await, 1);
    }
}

const SEND: &str = "/cgi-bin/message/subscribe/send";

fn message(template: &'static str) -> Subscription {
    Subscription {
        openid: "o-1".to_owned(),
        template,
        params: vec![
            ("product", "惠民抵押贷".to_owned()),
            ("status", "审核通过".to_owned()),
        ],
    }
}

#[tokio::test]
async fn a_message_is_filled_as_the_city_registered_it() {
    let stage = Stage::new().await;
    Mock::given(method("POST"))
        .and(path(SEND))
        .and(query_param("access_token", "TOKEN-1"))
        .and(body_json(json!({
            "touser": "o-1", "template_id": "tmpl-approved", "page": "pages/records/records",
            "miniprogram_state": "formal", "lang": "zh_CN",
            "data": {
                "thing1": { "value": "惠民抵押贷" },
                "phrase2": { "value": "审核通过" },
                "thing3": { "value": "请登录查看" },
            },
        })))
        .respond_with(answer(&json!({ "errcode": 0, "errmsg": "ok" })))
        .mount(&stage.server)
        .await;
    let process = stage.with_token();
    assert_eq!(process.send(&message("approved")).await, Ok(()));
    assert_eq!(process.template_id("approved"), Some("tmpl-approved"));
    assert_eq!(process.template_id("rejected"), None);
    let unknown = process.send(&message("rejected")).await;
    assert_eq!(unknown, Err(REFUSED(Reason::Template)));
    assert_eq!(stage.asked(SEND).await, 1);
}

#[tokio::test]
async fn every_refusal_of_a_message_has_its_meaning() {
    let mut codes = common();
    codes.extend([
        (40_003, REFUSED(Reason::Recipient)),
        (40_037, REFUSED(Reason::Template)),
        (41_030, REFUSED(Reason::Integration)),
        (43_101, WechatError::NoGrant),
        (43_107, REFUSED(Reason::Permission)),
        (47_003, REFUSED(Reason::Parameters)),
        (66_666, WechatError::Unclear),
    ]);
    // A message that met a busy platform may have gone out.
    for (errcode, expected) in &mut codes {
        if *errcode == -1 {
            *expected = WechatError::Unclear;
        }
    }
    for (errcode, expected) in codes {
        let stage = Stage::new().await;
        stage.answers(SEND, "TOKEN-1", code(errcode)).await;
        let sent = stage.with_token().send(&message("approved")).await;
        assert_eq!(sent, Err(expected), "{errcode}");
    }
}

const DRAW: &str = "/wxa/getwxacodeunlimit";
const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n-picture-IEND\xae\x42\x60\x82";

#[tokio::test]
async fn a_code_is_a_picture_by_its_first_bytes_whatever_it_is_called() {
    for (bytes, named, expected) in [
        (JPEG, "image/jpeg", "image/jpeg"),
        (PNG, "image/png", "image/png"),
        (PNG, "image/jpeg", "image/png"),
        (JPEG, "application/octet-stream", "image/jpeg"),
    ] {
        let stage = Stage::new().await;
        let scene = Scene::Branch(TenantId(Uuid::from_u128(7)));
        Mock::given(method("POST"))
            .and(path(DRAW))
            .and(query_param("access_token", "TOKEN-1"))
            .and(body_json(json!({
                "scene": "b0000000000000000000000007", "page": "pages/branch/branch",
                "check_path": true, "env_version": "release", "width": 1280,
            })))
            .respond_with(ResponseTemplate::new(200).set_body_raw(bytes, named))
            .mount(&stage.server)
            .await;
        let picture = stage.with_token().draw(&scene).await.expect("drawn");
        assert_eq!(picture.media_type, expected);
        assert_eq!(picture.bytes, bytes);
    }
}

#[tokio::test]
async fn every_refusal_of_a_code_has_its_meaning_and_half_a_picture_is_none() {
    let mut codes: Vec<(ResponseTemplate, WechatError)> = common()
        .into_iter()
        .map(|(errcode, expected)| (code(errcode), expected))
        .collect();
    for (errcode, expected) in [
        (40_169, REFUSED(Reason::Parameters)),
        (41_030, REFUSED(Reason::Integration)),
        (85_096, REFUSED(Reason::Parameters)),
        (40_097, REFUSED(Reason::Parameters)),
    ] {
        codes.push((code(errcode), expected));
    }
    let raw = |bytes: &[u8]| ResponseTemplate::new(200).set_body_raw(bytes, "image/jpeg");
    codes.push((raw(&JPEG[..5]), WechatError::Unclear));
    codes.push((raw(b"GIF89a"), WechatError::Unclear));
    codes.push((code(0), WechatError::Unclear));
    for (answer, expected) in codes {
        let stage = Stage::new().await;
        stage.answers(DRAW, "TOKEN-1", answer).await;
        let drawn = stage.with_token().draw(&Scene::Register).await;
        assert_eq!(drawn.map(|p| p.media_type), Err(expected));
    }
}

const TEXT: &str = "/wxa/msg_sec_check";

#[tokio::test]
async fn a_text_goes_as_real_characters_and_its_result_decides() {
    for (suggest, expected) in [
        ("pass", SafetyVerdict::Pass),
        ("review", SafetyVerdict::Review),
        ("risky", SafetyVerdict::Risky),
    ] {
        let stage = Stage::new().await;
        stage
            .answers(
                TEXT,
                "TOKEN-1",
                answer(&json!({
                    "errcode": 0, "errmsg": "ok", "trace_id": "t",
                    "result": { "suggest": suggest, "label": 20_003 },
                    "detail": [{ "strategy": "keyword", "errcode": 0 }],
                })),
            )
            .await;
        let process = stage.with_token();
        let verdict = process.text("o-1", "请尽快联系").await;
        assert_eq!(verdict, Ok(expected));
        let sent = stage.server.received_requests().await.expect("kept");
        let body = String::from_utf8(sent[0].body.clone()).expect("UTF-8");
        assert!(
            body.contains("请尽快联系") && !body.contains("\\u"),
            "{body}"
        );
        assert!(body.contains(r#""scene":4"#) && body.contains(r#""version":2"#));
    }
}

#[tokio::test]
async fn a_long_text_is_checked_to_its_end() {
    let stage = Stage::new().await;
    let verdict = |s: &str| answer(&json!({ "errcode": 0, "result": { "suggest": s } }));
    Mock::given(path(TEXT))
        .and(wiremock::matchers::body_string_contains("坏"))
        .respond_with(verdict("risky"))
        .mount(&stage.server)
        .await;
    Mock::given(path(TEXT))
        .respond_with(verdict("pass"))
        .mount(&stage.server)
        .await;
    let text = format!("{}坏", "好".repeat(2_500));
    let process = stage.with_token();
    let verdict = process.text("o-1", &text).await;
    assert_eq!(verdict, Ok(SafetyVerdict::Risky));
    assert_eq!(stage.asked(TEXT).await, 2);
}

#[tokio::test]
async fn every_refusal_of_a_check_has_its_meaning() {
    let mut codes = common();
    codes.extend([
        (40_003, WechatError::NotActive),
        (43_104, WechatError::NotActive),
        (61_010, WechatError::NotActive),
        (40_129, REFUSED(Reason::Integration)),
        (43_302, REFUSED(Reason::Integration)),
        (55_555, WechatError::Unclear),
    ]);
    for (errcode, expected) in codes {
        let stage = Stage::new().await;
        stage.answers(TEXT, "TOKEN-1", code(errcode)).await;
        let process = stage.with_token();
        let text = process.text("o-1", "您好").await;
        assert_eq!(text, Err(expected), "{errcode}");
    }
}

#[tokio::test]
async fn a_verdict_of_another_word_is_unclear() {
    let stage = Stage::new().await;
    let other = json!({ "errcode": 0, "result": { "suggest": "fine" } });
    stage.answers(TEXT, "TOKEN-1", answer(&other)).await;
    let process = stage.with_token();
    let text = process.text("o-1", "您好").await;
    assert_eq!(text, Err(WechatError::Unclear));
}
