//! One stand-in per documented answer; every request's signature is verified a second time.

use application::ports::recognition::Sureness;
use outbound::{Account as _, testing};
use wiremock::{Match, MockServer, Request};

use super::*;
use crate::trials::{self, CITY, reads, standing};

const ID: &str = "AKIDEXAMPLE00000000000000000000000000";
const KEY: &str = "SecretKeyExample0000000000000000";

fn made(base: &str) -> Tencent {
    let settings = Settings {
        kind: KIND.to_owned(),
        provider_name: "腾讯云".to_owned(),
        secret_id: trials::secret("tc-id", ID),
        secret_key: trials::secret("tc-key", KEY),
        base_url: Some(base.to_owned()),
    };
    Tencent::new(&testing::hurried(), CITY, settings).expect("whole settings")
}

/// Signed by the second implementation's reckoning, for this very action, with this in its body.
struct Signed(&'static str, &'static str);

impl Match for Signed {
    fn matches(&self, request: &Request) -> bool {
        let header = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
        testing::tc3_signed(ID, KEY, HOST).matches(request)
            && header("x-tc-action") == Some(self.0)
            && header("x-tc-version") == Some(VERSION)
            && String::from_utf8_lossy(&request.body).contains(self.1)
    }
}

async fn answering(action: &'static str, holds: &'static str, body: Value) -> MockServer {
    let body = json!({ "Response": body }).to_string();
    standing(Signed(action, holds), trials::json(body)).await
}

fn licence(warnings: &Value) -> Value {
    json!({ "RegNum": "91130900PDY00001XR", "Name": "沧州市瀚岳澜管道装备有限公司", "Capital": "人民币5000万元整",
        "Person": "顾屹舟", "Address": "沧州市盐山县庆云镇装备大街108号", "Business": "管道制造", "Type": "有限责任公司",
        "Period": "2016年05月18日至长期", "ComposingForm": "", "SetDate": "2016年05月", "IsDuplication": 1,
        "RegistrationDate": "2016年05月18日", "RecognizeWarnCode": warnings, "RequestId": "r" })
}

#[tokio::test]
async fn a_licence_is_read_and_what_they_warn_of_is_doubtful() {
    for (warnings, sureness) in [
        (json!([]), Sureness::Recognised),
        (json!(null), Sureness::Recognised),
        (json!([-9102]), Sureness::Doubtful),
        (json!([-9104]), Sureness::Doubtful),
        (json!([-9108]), Sureness::Recognised),
    ] {
        let server = answering(
            "BizLicenseOCR",
            "\"EnableCopyWarn\":true",
            licence(&warnings),
        )
        .await;
        let read = reads(&made(&server.uri()), ProfileFile::Licence).await;
        let Ok(Recognised::Licence(whole)) = &read else {
            panic!("{read:?}")
        };
        let day = whole.established.as_ref().expect("a day").value;
        assert_eq!(
            day,
            time::macros::date!(2016 - 05 - 18),
            "the one that is a day"
        );
        let scope = whole.scope.as_ref().expect("a scope").sureness;
        let cut = warnings.as_array().is_some_and(|w| !w.is_empty());
        assert_eq!(scope == Sureness::Doubtful, cut);
        assert_eq!(
            trials::licence(read),
            (
                "沧州市瀚岳澜管道装备有限公司".to_owned(),
                "91130900PDY00001XR".to_owned(),
                sureness
            )
        );
    }
}

#[tokio::test]
async fn a_card_is_read_side_by_side_and_the_other_side_is_another_document() {
    let card = json!({ "Name": "顾屹舟", "Sex": "男", "Nation": "汉", "Birth": "1880/1/1", "Address": "沧州市盐山县",
        "IdNum": "110105188001010009", "Authority": "", "ValidDate": "", "AdvancedInfo": "{}", "RequestId": "r" });
    let server = answering("IDCardOCR", "\"CardSide\":\"FRONT\"", card.clone()).await;
    assert_eq!(
        trials::front(reads(&made(&server.uri()), ProfileFile::IdFront).await),
        ("顾屹舟".to_owned(), "110105188001010009".to_owned())
    );
    let server = answering("IDCardOCR", "\"CardSide\":\"BACK\"", card).await;
    assert_eq!(
        reads(&made(&server.uri()), ProfileFile::IdBack).await,
        Err(RecognitionError::OtherDocument)
    );
    let back = json!({ "Authority": "盐山县公安局", "ValidDate": "2010.07.21-长期",
        "AdvancedInfo": "{\"WarnInfos\":[-9106]}", "RequestId": "r" });
    let server = answering("IDCardOCR", "BACK", back).await;
    let read = reads(&made(&server.uri()), ProfileFile::IdBack).await;
    let Ok(Recognised::IdBack(card)) = &read else {
        panic!("{read:?}")
    };
    let office = card.authority.as_ref().expect("an office");
    assert_eq!(office.sureness, Sureness::Doubtful, "edited, they say");
    assert!(trials::runs_for_ever(read));
}

async fn failing(code: &str) -> RecognitionError {
    let server = answering(
        "BizLicenseOCR",
        "",
        json!({ "Error": { "Code": code, "Message": "x" }, "RequestId": "r" }),
    )
    .await;
    reads(&made(&server.uri()), ProfileFile::Licence)
        .await
        .expect_err("an error")
}

#[tokio::test]
async fn every_documented_error_has_our_words() {
    for code in [
        "FailedOperation.ImageDecodeFailed",
        "FailedOperation.ImageBlur",
        "FailedOperation.IdCardTooSmall",
        "FailedOperation.IdCardInfoIllegal",
        "FailedOperation.EmptyImageError",
        "FailedOperation.ImageSizeTooLarge",
        "LimitExceeded.TooLargeFileError",
    ] {
        assert_eq!(failing(code).await, RecognitionError::Unreadable, "{code}");
    }
    for code in [
        "FailedOperation.ImageNoIdCard",
        "FailedOperation.CardSideError",
        "FailedOperation.MultiCardError",
        "FailedOperation.NoBizLicense",
    ] {
        assert_eq!(
            failing(code).await,
            RecognitionError::OtherDocument,
            "{code}"
        );
    }
    for code in [
        "FailedOperation.UnOpenError",
        "FailedOperation.ArrearsError",
        "ResourceUnavailable.InArrears",
        "ResourceUnavailable.ResourcePackageRunOut",
        "ResourcesSoldOut.ChargeStatusException",
        "FailedOperation.CountLimitError",
        "FailedOperation.DownLoadError",
        "InvalidParameter.ConfigFormatError",
        "InvalidParameterValue.InvalidParameterValueLimit",
        "MissingParameter",
        "AuthFailure.SignatureFailure",
    ] {
        let outcome = failing(code).await;
        assert!(matches!(outcome, RecognitionError::NotReady(c) if c == code));
    }
    assert_eq!(
        failing("RequestLimitExceeded").await,
        RecognitionError::Busy
    );
    for code in [
        "FailedOperation.OcrFailed",
        "FailedOperation.EngineRecognizeTimeout",
        "FailedOperation.UnKnowError",
        "InternalError",
        "Brand.New",
    ] {
        assert!(matches!(failing(code).await, RecognitionError::Unclear(_)));
    }
}

#[tokio::test]
async fn nothing_is_read_from_what_is_no_answer() {
    trials::nothing_is_read_from_nothing(made).await;
}

#[tokio::test]
async fn a_probe_reads_nothing_and_needs_the_right_key() {
    let refused = |code: &str| json!({ "Error": { "Code": code }, "RequestId": "r" });
    let server = answering(
        "BizLicenseOCR",
        "",
        refused("FailedOperation.EmptyImageError"),
    )
    .await;
    let by = made(&server.uri());
    by.self_check().await.expect("the secrets are there");
    by.probe().await.expect("the key is known");
    let server = answering("BizLicenseOCR", "", refused("AuthFailure.SecretIdNotFound")).await;
    assert!(made(&server.uri()).probe().await.is_err());
}
