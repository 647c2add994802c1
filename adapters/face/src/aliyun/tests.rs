//! One stand-in per documented answer; every request's signature is verified a second time.

use application::ports::face::{FaceEnd, FaceFailure};
use outbound::{Account as _, testing};
use serde_json::json;
use wiremock::{Match, MockServer, Request, ResponseTemplate};

use super::*;
use crate::trials::{self, CITY, NAME, NUMBER, judged, query, standing};

const ID: &str = "LTAIEXAMPLE00000";
const SECRET: &str = "AccessKeySecretExample00000000";

fn made(name: &str, base: &str, mode: Mode) -> Aliyun {
    let settings = Settings {
        kind: KIND.to_owned(),
        provider_name: "阿里云".to_owned(),
        mode,
        access_key_id: trials::secret(&format!("ali-id-{name}"), ID),
        access_key_secret: trials::secret(&format!("ali-key-{name}"), SECRET),
        scene_id: 1_000_000_006,
        host: first_host(),
        charged_per_day: 3,
        image_retention_days: 0,
        base_url: Some(base.to_owned()),
    };
    Aliyun::new(&testing::hurried(), CITY, settings).expect("whole settings")
}

/// Signed by the second implementation's reckoning, and for this very action.
struct Signed(&'static str);

impl Match for Signed {
    fn matches(&self, request: &Request) -> bool {
        let header = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
        // One matcher per request: it remembers nonces.
        testing::acs3_signed(ID, SECRET, HOSTS[0]).matches(request)
            && header("x-acs-action") == Some(self.0)
            && header("x-acs-version") == Some(VERSION)
    }
}

async fn answering(action: &'static str, body: serde_json::Value) -> MockServer {
    standing(Signed(action), trials::json(body.to_string())).await
}

fn good(object: impl Into<serde_json::Value>) -> serde_json::Value {
    let object = object.into();
    json!({ "RequestId": "r", "Code": "200", "Message": "success", "ResultObject": object })
}

async fn begun(body: serde_json::Value) -> Result<FaceStart, FaceError> {
    let server = answering("InitFaceVerify", body).await;
    made("begin", &server.uri(), Mode::Hosted)
        .start(trials::ask(FaceChannel::Web, Vec::new()))
        .await
}

async fn verdict_of(body: serde_json::Value) -> Result<FaceVerdict, FaceError> {
    let server = answering("DescribeFaceVerify", body).await;
    made("verdict", &server.uri(), Mode::Hosted)
        .verdict(&query("c-1"))
        .await
}

#[tokio::test]
async fn a_hosted_check_begins_with_the_person_and_our_return_door() {
    let page = "https://t.aliyun.example/x";
    let server = answering(
        "InitFaceVerify",
        good(json!({ "CertifyId": "c-1", "CertifyUrl": page })),
    )
    .await;
    let started = made("begin2", &server.uri(), Mode::Hosted)
        .start(trials::ask(FaceChannel::Web, Vec::new()))
        .await;
    assert_eq!(
        started.expect("it begins"),
        FaceStart::Away {
            session: "c-1".to_owned(),
            page: page.to_owned(),
            token: String::new(),
        }
    );
    let sent = &server.received_requests().await.expect("kept")[0];
    let asked: std::collections::BTreeMap<_, _> = sent.url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("ProductCode", "ID_PRO"),
        ("CertType", "IDENTITY_CARD"),
        ("CertName", NAME),
        ("CertNo", NUMBER),
        ("OuterOrderNo", "00000000000000000000000000000007"),
        (
            "ReturnUrl",
            "https://www.czjrkg.cn/enterprise/face/back/7.x",
        ),
        ("CertifyUrlType", "WEB"),
        ("SceneId", "1000000006"),
    ] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(asked["MetaInfo"].contains("Mozilla/5.0 (Test)"));
    assert_eq!(
        made("way", "http://127.0.0.1:1", Mode::Hosted).way(FaceChannel::MiniProgram),
        FaceWay::Nowhere
    );
}

#[tokio::test]
async fn an_address_that_is_none_is_shown_to_nobody() {
    for url in ["javascript:alert(1)", "http://x.example", ""] {
        let body = good(json!({ "CertifyId": "c-1", "CertifyUrl": url }));
        assert!(matches!(begun(body).await, Err(FaceError::Unclear(_))));
    }
}

#[tokio::test]
async fn every_documented_code_of_a_call_has_our_words() {
    use FaceFailure as F;
    let free = |why| FaceVerdict::Failed {
        why,
        charged: false,
    };
    let said = |code: &str| json!({ "RequestId": "r", "Code": code, "Message": "x", "ResultObject": null });
    for (code, expected) in [
        ("403", FaceVerdict::Pending),
        ("424", FaceVerdict::Pending),
        ("406", FaceVerdict::Ended(FaceEnd::Left)),
        ("414", FaceVerdict::Ended(FaceEnd::Device)),
        ("415", FaceVerdict::Ended(FaceEnd::Device)),
        ("416", FaceVerdict::Ended(FaceEnd::Device)),
        ("417", free(F::CannotCompare)),
        ("418", free(F::TooOften)),
        ("427", free(F::CannotCompare)),
    ] {
        assert_eq!(
            verdict_of(said(code)).await.expect("one"),
            expected,
            "{code}"
        );
    }
    assert_eq!(judged(begun(said("417")).await).1, free(F::CannotCompare));
    for code in ["400", "401", "402", "404", "410", "411", "412"] {
        let refused = begun(said(code)).await;
        assert!(matches!(refused, Err(FaceError::Refused(c)) if c == code));
    }
    for code in ["500", "999", ""] {
        let unclear = verdict_of(said(code)).await;
        assert!(matches!(unclear, Err(FaceError::Unclear(_))), "{code}");
    }
}

#[tokio::test]
async fn every_sub_code_has_our_words_and_a_pass_needs_both_to_say_so() {
    use FaceFailure as F;
    let paid = |why| FaceVerdict::Failed { why, charged: true };
    let told = |passed: &str, sub: &str| {
        good(
            json!({ "Passed": passed, "SubCode": sub, "IdentityInfo": null,
            "MaterialInfo": "{\"verifyScore\":\"87.5\"}", "DeviceRisk": "" }),
        )
    };
    for (passed, sub, expected) in [
        ("T", "200", FaceVerdict::Passed { score: Some(8750) }),
        ("F", "201", paid(F::Mismatch)),
        ("F", "202", paid(F::CannotCompare)),
        ("F", "203", paid(F::CannotCompare)),
        ("F", "204", paid(F::Different)),
        ("F", "205", paid(F::NotLive)),
        ("F", "206", paid(F::CannotCompare)),
        ("F", "299", paid(F::CannotCompare)),
        ("T", "204", FaceVerdict::Unclear),
        ("F", "200", FaceVerdict::Unclear),
        ("t", "200", FaceVerdict::Unclear),
        ("true", "200", FaceVerdict::Unclear),
        ("F", "x", FaceVerdict::Unclear),
    ] {
        assert_eq!(
            verdict_of(told(passed, sub)).await.expect("one"),
            expected,
            "{passed} {sub}"
        );
    }
    let half = verdict_of(good(json!({ "SubCode": "200" }))).await;
    assert!(matches!(half, Err(FaceError::Unclear(_))));
}

#[tokio::test]
async fn a_photo_goes_out_in_their_size_and_is_judged_at_once() {
    let server = answering(
        "ContrastFaceVerify",
        good(json!({ "CertifyId": "c-9", "Passed": "T", "SubCode": "200", "MaterialInfo": "{}" })),
    )
    .await;
    let made = made("photo", &server.uri(), Mode::Photo);
    let started = made
        .start(trials::ask(FaceChannel::Web, trials::photo()))
        .await;
    assert_eq!(
        judged(started),
        ("c-9".to_owned(), FaceVerdict::Passed { score: None })
    );
    let sent = &server.received_requests().await.expect("kept")[0];
    let body = String::from_utf8(sent.body.clone()).expect("a form");
    assert!(body.contains("ProductCode=ID_MIN") && body.contains("CertNo="));
    let picture = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("FaceContrastPicture="))
        .expect("a picture")
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    let picture = STANDARD.decode(picture).expect("base64");
    let picture = image::load_from_memory(&picture).expect("a picture");
    assert!(picture.width() <= SIZES[0].0 && picture.height() <= SIZES[0].1);
    // A photo that is none, or smaller than theirs on either side, never leaves the house.
    for none in [
        vec![1, 2],
        trials::sized(1_200, 479),
        trials::sized(600, 600),
    ] {
        let none = made.start(trials::ask(FaceChannel::Web, none)).await;
        assert_eq!(judged(none).1, codes::poor_photo());
    }
    assert_eq!(server.received_requests().await.expect("kept").len(), 1);
}

#[tokio::test]
async fn what_the_gateway_says_is_told_apart() {
    let said = |status: u16, code: &'static str| async move {
        let answer = ResponseTemplate::new(status).set_body_raw(
            json!({ "Code": code, "Message": "x", "RequestId": "r" }).to_string(),
            "application/json",
        );
        let server = standing(Signed("InitFaceVerify"), answer).await;
        made("gateway", &server.uri(), Mode::Hosted)
            .start(trials::ask(FaceChannel::Web, Vec::new()))
            .await
    };
    for (status, code) in [
        (404, "InvalidAccessKeyId.NotFound"),
        (400, "SignatureDoesNotMatch"),
        (400, "InvalidTimeStamp.Expired"),
        (403, "Forbidden.RAM"),
        (404, "InvalidAction.NotFound"),
    ] {
        assert!(matches!(said(status, code).await, Err(FaceError::Refused(c)) if c == code));
    }
    for (status, code) in [(400, "Throttling.User"), (503, "ServiceUnavailable")] {
        assert!(matches!(
            said(status, code).await,
            Err(FaceError::Unreachable(_))
        ));
    }
    assert!(matches!(
        said(400, "Brand.New").await,
        Err(FaceError::Unclear(_))
    ));
}

#[tokio::test]
async fn what_is_no_answer_becomes_no_verdict() {
    let ask = trials::ask(FaceChannel::Web, Vec::new());
    trials::nothing_is_made_of_nothing(|base| made("none-h", base, Mode::Hosted), ask).await;
    let ask = trials::ask(FaceChannel::Web, trials::photo());
    trials::nothing_is_made_of_nothing(|base| made("none-p", base, Mode::Photo), ask).await;
}

#[tokio::test]
async fn a_probe_costs_nothing_and_needs_the_right_key() {
    let server = answering(
        "DescribeFaceVerify",
        json!({ "RequestId": "r", "Code": "406", "Message": "x", "ResultObject": null }),
    )
    .await;
    let made = made("probe", &server.uri(), Mode::Hosted);
    made.self_test().expect("the secrets are there");
    made.probe().await.expect("the key is known");
}
