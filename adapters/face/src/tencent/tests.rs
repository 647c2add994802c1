//! One stand-in per documented answer; every request's signature is verified a second time.

use application::ports::face::FaceFailure;
use outbound::{Account as _, testing};
use serde_json::json;
use wiremock::{Match, MockServer, Request, ResponseTemplate, matchers::body_partial_json};

use super::*;
use crate::trials::{self, CHECK, CITY, NAME, NUMBER, judged, query, standing};

const ID: &str = "AKIDEXAMPLE00000000000000000000000000";
const KEY: &str = "SecretKeyExample0000000000000000";

fn made(name: &str, base: &str, mode: Mode) -> Tencent {
    let settings = Settings {
        kind: KIND.to_owned(),
        provider_name: "腾讯云".to_owned(),
        mode,
        secret_id: trials::secret(&format!("tc-id-{name}"), ID),
        secret_key: trials::secret(&format!("tc-key-{name}"), KEY),
        rule_id: "1".to_owned(),
        region: first_region(),
        charged_per_day: 3,
        image_retention_days: 0,
        base_url: Some(base.to_owned()),
    };
    Tencent::new(&testing::hurried(), CITY, settings).expect("whole settings")
}

/// Signed by the second implementation's reckoning, and for this very action.
struct Signed(&'static str);

impl Match for Signed {
    fn matches(&self, request: &Request) -> bool {
        let header = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
        testing::tc3_signed(ID, KEY, HOST).matches(request)
            && header("x-tc-action") == Some(self.0)
            && header("x-tc-version") == Some("2018-03-01")
    }
}

async fn answering(action: &'static str, body: serde_json::Value) -> MockServer {
    standing(
        Signed(action),
        trials::json(json!({ "Response": body }).to_string()),
    )
    .await
}

async fn verdict_of(text: serde_json::Value) -> Result<FaceVerdict, FaceError> {
    let server = answering(
        "GetDetectInfoEnhanced",
        json!({ "Text": text, "IdCardData": null, "BestFrame": null, "RequestId": "r" }),
    )
    .await;
    made("verdict", &server.uri(), Mode::Hosted)
        .verdict(&query("CE661F1A"))
        .await
}

fn whole() -> serde_json::Value {
    json!({ "ErrCode": 0, "ErrMsg": "成功", "IdCard": NUMBER, "Name": NAME, "Extra": CHECK,
            "LiveStatus": 0, "Comparestatus": 0, "Sim": "95.51", "LivenessDetail": [] })
}

#[tokio::test]
async fn a_hosted_check_begins_with_the_person_our_return_door_and_our_own_check() {
    let server = answering(
        "DetectAuth",
        json!({ "Url": "https://open.weixin.qq.com/x", "BizToken": "CE661F1A", "RequestId": "r" }),
    )
    .await;
    let made = made("begin", &server.uri(), Mode::Hosted);
    let started = made.start(trials::ask(FaceChannel::Web, Vec::new())).await;
    assert_eq!(
        started.expect("it begins"),
        FaceStart::Away {
            session: "CE661F1A".to_owned(),
            page: "https://open.weixin.qq.com/x".to_owned(),
            token: String::new(),
        }
    );
    let sent = &server.received_requests().await.expect("kept")[0];
    assert!(
        body_partial_json(
            json!({ "RuleId": "1", "IdCard": NUMBER, "Name": NAME, "Extra": CHECK,
            "RedirectUrl": "https://www.czjrkg.cn/enterprise/face/back/7.x" })
        )
        .matches(sent)
    );
    // The mini-program's component takes the token; no page is opened.
    let started = made
        .start(trials::ask(FaceChannel::MiniProgram, Vec::new()))
        .await;
    assert!(
        matches!(started, Ok(FaceStart::Away { page, token, .. }) if page.is_empty() && token == "CE661F1A")
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_shown_to_nobody() {
    for url in ["javascript:alert(1)", "http://open.weixin.qq.com/x", ""] {
        let server = answering("DetectAuth", json!({ "Url": url, "BizToken": "t" })).await;
        let started = made("url", &server.uri(), Mode::Hosted)
            .start(trials::ask(FaceChannel::Web, Vec::new()))
            .await;
        assert!(matches!(started, Err(FaceError::Unclear(_))), "{url}");
    }
}

#[tokio::test]
async fn a_pass_counts_only_for_the_very_person_and_check() {
    assert_eq!(
        verdict_of(whole()).await.expect("a verdict"),
        FaceVerdict::Passed { score: Some(9551) }
    );
    for (field, other) in [
        ("IdCard", "110105188001010017"),
        ("Name", "张三"),
        ("Extra", "00000000-0000-0000-0000-000000000008"),
    ] {
        let mut text = whole();
        text[field] = json!(other);
        assert_eq!(
            verdict_of(text.clone()).await.expect("one"),
            FaceVerdict::Unclear
        );
        text[field] = json!(null);
        assert_eq!(verdict_of(text).await.expect("one"), FaceVerdict::Unclear);
    }
}

#[tokio::test]
async fn nobody_was_there_yet_is_no_failure() {
    assert_eq!(
        verdict_of(json!(null)).await.expect("one"),
        FaceVerdict::Pending
    );
    assert_eq!(
        verdict_of(json!({ "ErrCode": null })).await.expect("one"),
        FaceVerdict::Pending
    );
}

#[tokio::test]
async fn every_documented_result_has_our_words_and_says_whether_it_cost_money() {
    use FaceEnd as E;
    use FaceFailure as F;
    let free = |why| FaceVerdict::Failed {
        why,
        charged: false,
    };
    let paid = |why| FaceVerdict::Failed { why, charged: true };
    let cases: Vec<(Vec<i64>, FaceVerdict)> = vec![
        (
            vec![1, 2, 3, 4, 8, 10, 12, 13, 201, 202, 203, 204],
            FaceVerdict::Ended(E::System),
        ),
        (vec![14, 5, 99, 9999, -1], FaceVerdict::Unclear),
        (vec![15], FaceVerdict::Ended(E::Left)),
        (vec![16, 2005, 2007, 2008, 2009], free(F::CannotCompare)),
        (vec![17], FaceVerdict::Pending),
        (vec![301, 303], free(F::Card)),
        (vec![302], free(F::CardExpired)),
        (vec![1001, 2001, 2004, 2017], FaceVerdict::Ended(E::System)),
        (vec![1002], paid(F::NotLive)),
        (vec![1003, 1008, 1101, 1109, 1201, 1205], free(F::NotLive)),
        (vec![2002, 2003], free(F::Mismatch)),
        (vec![2006], paid(F::Mismatch)),
        (vec![2010, 2015], free(F::PoorPhoto)),
        (vec![2016], paid(F::Different)),
    ];
    for (codes, expected) in cases {
        for code in codes {
            let mut text = whole();
            text["ErrCode"] = json!(code);
            assert_eq!(verdict_of(text).await.expect("one"), expected, "{code}");
        }
    }
}

async fn compared(body: serde_json::Value) -> Result<FaceStart, FaceError> {
    let server = answering("ImageRecognitionV2", body).await;
    made("photo", &server.uri(), Mode::Photo)
        .start(trials::ask(FaceChannel::Web, vec![1, 2, 3]))
        .await
}

#[tokio::test]
async fn a_photo_is_judged_at_once_and_its_failures_come_in_two_dresses() {
    let good =
        json!({ "Result": "Success", "Description": "成功", "Sim": 89.88, "RequestId": "r-1" });
    let (session, verdict) = judged(compared(good).await);
    assert_eq!(session, "r-1");
    assert_eq!(verdict, FaceVerdict::Passed { score: Some(8988) });
    let differs = FaceVerdict::Failed {
        why: FaceFailure::Different,
        charged: true,
    };
    let name = "FailedOperation.CompareLowSimilarity";
    for body in [
        json!({ "Result": name, "Description": "低", "Sim": "40.1", "RequestId": "r" }),
        json!({ "Error": { "Code": name, "Message": "低" }, "RequestId": "r" }),
    ] {
        assert_eq!(judged(compared(body).await).1, differs);
    }
    let unknown = json!({ "Result": "FailedOperation.BrandNew", "Sim": 99.0, "RequestId": "r" });
    let (session, verdict) = judged(compared(unknown).await);
    assert_eq!(verdict, FaceVerdict::Unclear);
    assert!(session.is_empty(), "one photo is judged once");
}

#[tokio::test]
async fn the_errors_about_a_person_are_verdicts_and_those_about_the_call_are_faults() {
    use FaceFailure as F;
    for (name, why, charged) in [
        ("FailedOperation.IdNameMisMatch", F::Mismatch, true),
        ("FailedOperation.IdFormatError", F::Mismatch, false),
        ("FailedOperation.NameFormatError", F::Mismatch, false),
        ("FailedOperation.IdNoExistSystem", F::CannotCompare, false),
        ("FailedOperation.IdPhotoNoExist", F::CannotCompare, false),
        (
            "FailedOperation.IdPhotoPoorQuality",
            F::CannotCompare,
            false,
        ),
        (
            "FailedOperation.IdentityAuthLimitExceeded",
            F::TooOften,
            false,
        ),
        ("FailedOperation.LivessDetectFail", F::NotLive, false),
        ("FailedOperation.SilentDetectFail", F::NotLive, false),
        ("FailedOperation.LipFaceIncomplete", F::NotLive, false),
        ("FailedOperation.ActionLightDark", F::NotLive, false),
        (
            "FailedOperation.LifePhotoDetectNoFaces",
            F::PoorPhoto,
            false,
        ),
    ] {
        let body = json!({ "Error": { "Code": name }, "RequestId": "r" });
        assert_eq!(
            judged(compared(body).await).1,
            FaceVerdict::Failed { why, charged },
            "{name}"
        );
    }
    for name in [
        "FailedOperation.CompareLibServiceUnavailable",
        "FailedOperation.UnKnown",
        "InternalError",
    ] {
        let body = json!({ "Error": { "Code": name } });
        assert_eq!(
            judged(compared(body).await).1,
            FaceVerdict::Ended(FaceEnd::System),
            "{name}"
        );
    }
    for name in [
        "InvalidParameterValue.RuleIdNotExist",
        "InvalidParameterValue.RuleIdDisabled",
        "UnauthorizedOperation.Arrears",
        "UnauthorizedOperation.Nonactivated",
        "UnauthorizedOperation.NonAuthorize",
        "UnauthorizedOperation.ChargeStatusException",
        "AuthFailure.SignatureFailure",
        "AuthFailure.SignatureExpire",
    ] {
        let outcome = compared(json!({ "Error": { "Code": name } })).await;
        assert!(matches!(outcome, Err(FaceError::Refused(code)) if code == name));
    }
    let throttled = compared(json!({ "Error": { "Code": "RequestLimitExceeded" } })).await;
    assert!(matches!(throttled, Err(FaceError::Unreachable(_))));
    let unknown = compared(json!({ "Error": { "Code": "Brand.New" } })).await;
    assert!(matches!(unknown, Err(FaceError::Unclear(_))));
}

#[tokio::test]
async fn a_session_that_is_over_ends_the_check_and_a_failed_question_does_not() {
    let asked = |name: &'static str| async move {
        let server = answering(
            "GetDetectInfoEnhanced",
            json!({ "Error": { "Code": name } }),
        )
        .await;
        made("over", &server.uri(), Mode::Hosted)
            .verdict(&query("t"))
            .await
    };
    for name in [
        "InvalidParameterValue.BizTokenExpired",
        "InvalidParameterValue.BizTokenIllegal",
    ] {
        assert_eq!(
            asked(name).await.expect("one"),
            FaceVerdict::Ended(FaceEnd::Left)
        );
    }
    assert_eq!(
        asked("InternalError").await.expect("one"),
        FaceVerdict::Unclear
    );
    assert_eq!(
        asked("FailedOperation.CompareLowSimilarity")
            .await
            .expect("one"),
        FaceVerdict::Unclear
    );
    assert!(asked("InvalidParameter").await.is_err());
}

#[tokio::test]
async fn what_is_no_answer_becomes_no_verdict() {
    let ask = trials::ask(FaceChannel::Web, Vec::new());
    trials::nothing_is_made_of_nothing(|base| made("none-h", base, Mode::Hosted), ask).await;
    let ask = trials::ask(FaceChannel::Web, vec![1]);
    trials::nothing_is_made_of_nothing(|base| made("none-p", base, Mode::Photo), ask).await;
}

#[tokio::test]
async fn settings_that_are_not_whole_are_told_at_the_start_and_a_probe_costs_nothing() {
    let whole: Settings =
        serde_json::from_value(json!({ "kind": "tencent", "provider_name": "腾讯云",
        "mode": "hosted", "secret_id": "env:A", "secret_key": "env:B" }))
        .expect("they read");
    assert!(
        Tencent::new(&testing::hurried(), CITY, whole)
            .err()
            .expect("no rule")
            .contains("rule_id")
    );
    let server = answering(
        "GetDetectInfoEnhanced",
        json!({ "Error": { "Code": "InvalidParameterValue.BizTokenIllegal" } }),
    )
    .await;
    let made = made("probe", &server.uri(), Mode::Hosted);
    made.self_test().expect("the secrets are there");
    made.probe().await.expect("the key is known");
    let rule = json!({ "Error": { "Code": "InvalidParameterValue.RuleIdNotExist" } });
    let server = answering("GetDetectInfoEnhanced", rule).await;
    for (mode, sound) in [(Mode::Hosted, false), (Mode::Photo, true)] {
        let probed = self::made("probe1", &server.uri(), mode).probe().await;
        assert_eq!(
            probed.is_ok(),
            sound,
            "{mode:?}: only the hosted flow has a rule"
        );
    }
    let server = standing(
        Signed("GetDetectInfoEnhanced"),
        ResponseTemplate::new(200).set_body_raw(
            r#"{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure"}}}"#,
            "application/json",
        ),
    )
    .await;
    assert!(
        self::made("probe2", &server.uri(), Mode::Hosted)
            .probe()
            .await
            .is_err()
    );
}
