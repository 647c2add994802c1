//! One stand-in per documented answer; every request's signature is verified a second time.

use application::ports::recognition::Sureness;
use outbound::{Account as _, testing};
use serde_json::{Value, json};
use wiremock::{Match, MockServer, Request, ResponseTemplate};

use super::*;
use crate::trials::{self, CITY, PICTURE, reads, standing};

const ID: &str = "LTAIEXAMPLE00000";
const SECRET: &str = "AccessKeySecretExample00000000";

fn made(base: &str) -> Aliyun {
    let settings = Settings {
        kind: KIND.to_owned(),
        provider_name: "阿里云".to_owned(),
        access_key_id: trials::secret("ali-id", ID),
        access_key_secret: trials::secret("ali-key", SECRET),
        base_url: Some(base.to_owned()),
    };
    Aliyun::new(&testing::hurried(), CITY, settings).expect("whole settings")
}

/// Signed by the second implementation's reckoning, for this very action, over the picture itself.
struct Signed(&'static str);

impl Match for Signed {
    fn matches(&self, request: &Request) -> bool {
        let header = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
        testing::acs3_signed(ID, SECRET, HOST).matches(request)
            && header("x-acs-action") == Some(self.0)
            && header("x-acs-version") == Some(VERSION)
            && header("content-type") == Some(BYTES)
            && (request.body == PICTURE || request.body.is_empty())
    }
}

async fn answering(action: &'static str, data: &Value) -> MockServer {
    let body = json!({ "RequestId": "r", "Data": data.to_string(), "Code": null, "Message": null });
    standing(Signed(action), trials::json(body.to_string())).await
}

async fn failing(status: u16, code: &str) -> RecognitionError {
    let body = json!({ "Code": code, "Message": "x", "RequestId": "r" }).to_string();
    let answer = ResponseTemplate::new(status).set_body_raw(body, "application/json");
    let server = standing(Signed("RecognizeBusinessLicense"), answer).await;
    reads(&made(&server.uri()), ProfileFile::Licence)
        .await
        .expect_err("an error")
}

#[tokio::test]
async fn a_licence_is_read_out_of_the_text_within_the_answer() {
    let mut data = json!({ "creditCode": "91130900PDY00001XR", "companyName": "沧州市瀚岳澜管道装备有限公司",
        "companyType": "有限责任公司", "businessAddress": "沧州市盐山县庆云镇", "legalPerson": "顾屹舟",
        "businessScope": "管道制造", "registeredCapital": "5000万元整", "RegistrationDate": "2016年05月18日",
        "validPeriod": "", "validFromDate": "20160518", "validToDate": "29991231" });
    for printed in ["", "2016年05月18日至长期"] {
        data["validPeriod"] = json!(printed);
        let server = answering(
            "RecognizeBusinessLicense",
            &json!({ "data": data, "figure": [] }),
        )
        .await;
        let read = reads(&made(&server.uri()), ProfileFile::Licence).await;
        let Ok(Recognised::Licence(licence)) = &read else {
            panic!("{read:?}")
        };
        let term = licence.term.as_ref().expect("a term").value;
        assert_eq!(term.until, None, "长期");
        assert!(term.from.is_some() && licence.established.is_some());
        assert_eq!(
            trials::licence(read),
            (
                "沧州市瀚岳澜管道装备有限公司".to_owned(),
                "91130900PDY00001XR".to_owned(),
                Sureness::Recognised
            )
        );
    }
}

#[tokio::test]
async fn the_side_of_a_card_is_theirs_to_say() {
    let face = json!({ "data": { "face": { "data": { "name": "顾屹舟", "sex": "男", "ethnicity": "汉",
        "birthDate": "1880年1月1日", "address": "沧州市盐山县", "idNumber": "110105188001010009" } } } });
    let server = answering("RecognizeIdcard", &face).await;
    let by = made(&server.uri());
    assert_eq!(
        trials::front(reads(&by, ProfileFile::IdFront).await),
        ("顾屹舟".to_owned(), "110105188001010009".to_owned())
    );
    assert_eq!(
        reads(&by, ProfileFile::IdBack).await,
        Err(RecognitionError::OtherDocument)
    );
    let back = json!({ "data": { "back": { "data": { "issueAuthority": "盐山县公安局",
        "validPeriod": "2010.01.01-长期" } } } });
    let server = answering("RecognizeIdcard", &back).await;
    assert!(trials::runs_for_ever(
        reads(&made(&server.uri()), ProfileFile::IdBack).await
    ));
}

#[tokio::test]
async fn every_documented_error_has_our_words_whatever_its_first_letter() {
    for code in ["unmatchedImageType", "UnmatchedImageType"] {
        assert_eq!(failing(400, code).await, RecognitionError::OtherDocument);
    }
    for (status, code) in [
        (400, "illegalImageContent"),
        (413, "exceededImageContent"),
        (415, "unsupportedImageFormat"),
        (416, "illegalImageSize"),
    ] {
        assert_eq!(failing(status, code).await, RecognitionError::Unreadable);
    }
    for (status, code) in [
        (400, "illegalImageUrl"),
        (400, "missingImageUrl"),
        (400, "notSafeImageUrl"),
        (400, "illegalSignature"),
        (400, "invalidStsToken"),
        (401, "noPermission"),
        (401, "ocrServiceNotOpen"),
        (401, "ocrServiceExpired"),
        (404, "InvalidAccessKeyId.NotFound"),
    ] {
        let outcome = failing(status, code).await;
        assert!(matches!(outcome, RecognitionError::NotReady(c) if c == code));
    }
    assert_eq!(
        failing(400, "Throttling.User").await,
        RecognitionError::Busy
    );
    for (status, code) in [(503, "algorithmError"), (400, "brandNew")] {
        assert!(matches!(
            failing(status, code).await,
            RecognitionError::Unclear(_)
        ));
    }
    // HTTP 200 with a failure inside.
    assert_eq!(
        failing(200, "illegalImageContent").await,
        RecognitionError::Unreadable
    );
}

#[tokio::test]
async fn nothing_is_read_from_what_is_no_answer() {
    trials::nothing_is_read_from_nothing(made).await;
    let server = standing(
        Signed("RecognizeBusinessLicense"),
        trials::json(r#"{"RequestId":"r","Data":"{\"data\":","Code":null}"#),
    )
    .await;
    assert!(matches!(
        reads(&made(&server.uri()), ProfileFile::Licence).await,
        Err(RecognitionError::Unclear(_))
    ));
}

#[tokio::test]
async fn a_probe_reads_nothing_and_needs_the_right_key() {
    let told = |code: &'static str| async move {
        let body = json!({ "Code": code, "Message": "x" }).to_string();
        let answer = ResponseTemplate::new(400).set_body_raw(body, "application/json");
        standing(Signed("RecognizeBusinessLicense"), answer).await
    };
    let server = told("missingImageUrl").await;
    let by = made(&server.uri());
    by.self_check().await.expect("the secrets are there");
    by.probe().await.expect("the key is known");
    let server = told("illegalSignature").await;
    assert!(made(&server.uri()).probe().await.is_err());
}
