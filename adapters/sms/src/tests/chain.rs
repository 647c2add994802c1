use std::sync::Arc;

use application::ports::{
    providers::Examinee as _,
    sms::{SmsError, SmsSender as _},
    sms_log::SendState,
};
use outbound::{Reason, testing};
use serde_json::{Value, json};
use time::Duration;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, query_param},
};

use super::kit::{ID, Log, Row, city, json_answer, message, secret, templates};
use crate::chain::Chain;

struct Two {
    aliyun: MockServer,
    huawei: MockServer,
    log: Arc<Log>,
    chain: Chain,
}

async fn two() -> Two {
    let (aliyun, huawei) = (MockServer::start().await, MockServer::start().await);
    let section = json!({
        "kind": "aliyun", "signature": "测试签名", "base_url": aliyun.uri(),
        "access_key_id": secret("LTAIEXAMPLE"), "access_key_secret": secret("ALISECRET"), "templates": templates(),
        "fallback": {
            "kind": "huawei", "from": "8824110605000", "base_url": huawei.uri(),
            "app_key": secret("APPKEY"), "app_secret": secret("HWSECRET"), "templates": templates(),
        },
    });
    let log = Log::shared();
    let chain = chain(&section, &log).expect("whole");
    Two {
        aliyun,
        huawei,
        log,
        chain,
    }
}

fn chain(section: &Value, log: &Arc<Log>) -> Result<Chain, String> {
    let clock = Arc::new(testing::Fixed::default());
    let board = testing::hurried_with(clock.clone());
    Chain::new(&board, &city(), section, log.clone(), clock)
}

impl Two {
    async fn aliyun_says(&self, answer: ResponseTemplate) {
        Mock::given(header("x-acs-action", "SendSms"))
            .respond_with(answer)
            .mount(&self.aliyun)
            .await;
    }

    async fn huawei_says(&self, code: &str) {
        let body = json!({ "code": code, "result": [{ "smsMsgId": "h1", "status": code }] });
        Mock::given(method("POST"))
            .respond_with(json_answer(200, &body))
            .mount(&self.huawei)
            .await;
    }

    async fn asked(&self) -> (usize, usize) {
        let count = |requests: Option<Vec<_>>| requests.map_or(0, |list| list.len());
        (
            count(self.aliyun.received_requests().await),
            count(self.huawei.received_requests().await),
        )
    }

    fn states(&self) -> Vec<(String, SendState)> {
        self.log.states()
    }

    /// As if a first try had ended so, `ago` before now.
    fn tried(&self, provider: &str, state: SendState, ago: Duration) {
        use application::ports::{
            clock::Clock as _,
            sms_log::{NewTry, Outcome},
        };
        let mut rows = self.log.0.lock().expect("whole");
        let nth = u128::try_from(rows.len()).expect("few");
        let new = NewTry {
            id: uuid::Uuid::from_u128(99 + nth),
            city: city().id,
            message: ID,
            template: "accepted".to_owned(),
            phone_masked: "138****8000".to_owned(),
            provider: provider.to_owned(),
            at: testing::Fixed::default().now() - ago,
        };
        let outcome = Outcome {
            state,
            provider_ref: "before".to_owned(),
            code: String::new(),
            reason: None,
        };
        rows.push(Row { new, outcome });
    }

    /// As if an operator had it sent again, whatever became of the tries so far.
    fn let_go(&self) {
        let rows = self.log.0.lock().expect("whole");
        let ids = rows.iter().map(|row| row.new.id);
        self.log.1.lock().expect("whole").extend(ids);
    }

    async fn aliyun_knows(&self, out_id: &str) {
        let list = json!({ "SmsSendDetailDTO": [{ "OutId": out_id }] });
        Mock::given(header("x-acs-action", "QuerySendDetails"))
            .and(query_param("PhoneNumber", "13800138000"))
            .respond_with(json_answer(
                200,
                &json!({ "Code": "OK", "SmsSendDetailDTOs": list }),
            ))
            .mount(&self.aliyun)
            .await;
    }
}

fn aliyun_no(code: &str) -> ResponseTemplate {
    json_answer(200, &json!({ "Code": code, "Message": "m" }))
}

fn aliyun_ok() -> ResponseTemplate {
    json_answer(200, &json!({ "Code": "OK", "BizId": "a1" }))
}

fn named(list: &[(&str, SendState)]) -> Vec<(String, SendState)> {
    list.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect()
}

#[tokio::test]
async fn the_first_provider_is_enough() {
    let two = two().await;
    two.aliyun_says(aliyun_ok()).await;
    let sent = two.chain.send(&message("accepted")).await.expect("sent");
    assert_eq!(sent.0, "a1");
    assert_eq!(two.asked().await, (1, 0));
    assert_eq!(two.states(), named(&[("aliyun", SendState::Accepted)]));
}

#[tokio::test]
async fn the_fallback_sends_when_the_fault_lies_with_the_first() {
    for code in [
        "isv.AMOUNT_NOT_ENOUGH",
        "isv.BUSINESS_LIMIT_CONTROL",
        "isv.SMS_SIGNATURE_ILLEGAL",
    ] {
        let two = two().await;
        two.aliyun_says(aliyun_no(code)).await;
        two.huawei_says("000000").await;
        let sent = two.chain.send(&message("accepted")).await.expect("sent");
        assert_eq!(sent.0, "h1");
        assert_eq!(two.states()[1], ("huawei".to_owned(), SendState::Accepted));
    }
}

#[tokio::test]
async fn a_number_that_does_not_exist_is_not_tried_with_another_provider() {
    let two = two().await;
    two.aliyun_says(aliyun_no("isv.MOBILE_NUMBER_ILLEGAL"))
        .await;
    let sent = two.chain.send(&message("accepted")).await;
    assert!(matches!(
        sent,
        Err(SmsError::Refused {
            reason: Reason::Recipient
        })
    ));
    assert_eq!(two.asked().await, (1, 0));
}

#[tokio::test]
async fn after_silence_only_what_somebody_waits_for_goes_to_the_fallback() {
    let silence = || aliyun_ok().set_delay(std::time::Duration::from_secs(1));
    let patient = two().await;
    patient.aliyun_says(silence()).await;
    let sent = patient.chain.send(&message("accepted")).await;
    assert!(matches!(sent, Err(SmsError::Unclear)));
    assert_eq!(patient.asked().await, (1, 0));
    assert_eq!(patient.states(), named(&[("aliyun", SendState::Unclear)]));

    let waiting = two().await;
    waiting.aliyun_says(silence()).await;
    waiting.huawei_says("000000").await;
    assert!(waiting.chain.send(&message("code")).await.is_ok());
    assert_eq!(waiting.asked().await, (1, 1));
}

#[tokio::test]
async fn when_both_fail_the_more_hopeful_fault_decides() {
    let two = two().await;
    two.aliyun_says(aliyun_no("isv.AMOUNT_NOT_ENOUGH")).await;
    two.huawei_says("E200015").await;
    let sent = two.chain.send(&message("accepted")).await;
    assert!(matches!(sent, Err(SmsError::Throttled { .. })));
}

#[tokio::test]
async fn what_was_accepted_before_is_not_sent_again() {
    for state in [SendState::Accepted, SendState::Delivered] {
        let two = two().await;
        two.tried("aliyun", state, Duration::minutes(1));
        let sent = two.chain.send(&message("accepted")).await.expect("sent");
        assert_eq!(sent.0, "before");
        assert_eq!(two.asked().await, (0, 0));
    }
}

#[tokio::test]
async fn an_unclear_try_is_asked_about_by_our_id_before_anything_is_sent() {
    let sent = two().await;
    sent.tried("aliyun", SendState::Unclear, Duration::minutes(3));
    sent.aliyun_knows(&ID.to_string()).await;
    assert!(sent.chain.send(&message("disbursed")).await.is_ok());
    assert_eq!(sent.states(), named(&[("aliyun", SendState::Accepted)]));

    let lost = two().await;
    lost.tried("aliyun", SendState::Unclear, Duration::minutes(3));
    lost.aliyun_knows("another").await;
    lost.aliyun_says(aliyun_ok()).await;
    let mut sms = message("disbursed");
    sms.params.push(("link", "x".to_owned()));
    assert!(lost.chain.send(&sms).await.is_ok());
    let states = [
        ("aliyun", SendState::Unreachable),
        ("aliyun", SendState::Accepted),
    ];
    assert_eq!(lost.states(), named(&states));

    let young = two().await;
    young.tried("aliyun", SendState::Sending, Duration::seconds(20));
    young.aliyun_knows("another").await;
    let answer = young.chain.send(&message("accepted")).await;
    assert!(matches!(answer, Err(SmsError::Unclear)));
}

#[tokio::test]
async fn where_nobody_can_tell_only_what_bears_it_is_sent_again_and_not_at_once() {
    for (template, ago, again) in [
        ("accepted", Duration::seconds(60), false),
        ("accepted", Duration::minutes(3), true),
        ("disbursed", Duration::minutes(30), false),
    ] {
        let two = two().await;
        two.tried("huawei", SendState::Unclear, ago);
        two.aliyun_says(aliyun_ok()).await;
        let sent = two.chain.send(&message(template)).await;
        assert_eq!(sent.is_ok(), again, "{template} after {ago}");
        assert_eq!(two.asked().await.0, usize::from(again));
    }
}

#[tokio::test]
async fn while_the_provider_that_kept_silent_is_down_the_other_one_sends() {
    for (template, ago, again) in [
        ("accepted", Duration::seconds(60), false),
        ("accepted", Duration::minutes(3), true),
        ("disbursed", Duration::minutes(30), false),
    ] {
        let two = two().await;
        two.tried("aliyun", SendState::Unclear, ago);
        two.huawei_says("000000").await;
        Mock::given(header("x-acs-action", "QuerySendDetails"))
            .respond_with(ResponseTemplate::new(502))
            .mount(&two.aliyun)
            .await;
        two.aliyun_says(aliyun_ok()).await;
        let sent = two.chain.send(&message(template)).await;
        assert_eq!(two.asked().await, (1, usize::from(again)), "{template}");
        if again {
            assert_eq!(sent.expect("sent").0, "h1");
        } else {
            assert!(matches!(sent, Err(SmsError::Unclear)), "{template}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_asked_about_and_bears_no_copy_is_said_to_be_so() {
    let two = two().await;
    two.tried("huawei", SendState::Unclear, Duration::minutes(30));
    let sent = two.chain.send(&message("disbursed")).await;
    assert!(matches!(sent, Err(SmsError::Unknowable)));
    let two = self::two().await;
    two.tried("huawei", SendState::Unclear, Duration::minutes(3));
    two.aliyun_says(aliyun_ok()).await;
    two.huawei_says("000000").await;
    let sent = two.chain.send(&message("accepted")).await.expect("sent");
    assert_eq!(sent.0, "a1", "the other one is asked first");
}

#[tokio::test]
async fn one_copy_follows_a_try_that_was_given_up_on_and_no_third_one() {
    let two = two().await;
    two.tried("huawei", SendState::Unclear, Duration::minutes(90));
    two.tried("huawei", SendState::Unclear, Duration::minutes(30));
    two.aliyun_says(aliyun_ok()).await;
    two.huawei_says("000000").await;
    let sent = two.chain.send(&message("accepted")).await;
    assert!(matches!(sent, Err(SmsError::Unknowable)));
    assert_eq!(two.asked().await, (0, 0));
    // Until an operator has asked the recipient.
    two.let_go();
    assert!(two.chain.send(&message("accepted")).await.is_ok());
    assert_eq!(two.states().len(), 3);
}

#[tokio::test]
async fn every_try_that_may_be_out_is_asked_about_and_not_only_the_newest() {
    for newest in [SendState::Refused, SendState::Throttled, SendState::Unclear] {
        let two = two().await;
        two.tried("aliyun", SendState::Unclear, Duration::minutes(20));
        two.tried("huawei", newest, Duration::minutes(10));
        two.aliyun_knows(&ID.to_string()).await;
        two.huawei_says("000000").await;
        assert!(two.chain.send(&message("accepted")).await.is_ok());
        let states = [("aliyun", SendState::Accepted), ("huawei", newest)];
        assert_eq!(two.states(), named(&states), "nothing was sent");
    }
    let known = two().await;
    known.tried("aliyun", SendState::Unclear, Duration::minutes(20));
    known.let_go();
    known.aliyun_knows(&ID.to_string()).await;
    assert!(known.chain.send(&message("accepted")).await.is_ok());
    assert_eq!(known.states(), named(&[("aliyun", SendState::Accepted)]));
}

#[tokio::test]
async fn the_only_provider_is_asked_again_when_it_is_back_before_anything_is_sent() {
    let aliyun = MockServer::start().await;
    let section = json!({
        "kind": "aliyun", "signature": "测试签名", "base_url": aliyun.uri(),
        "access_key_id": secret("LTAIEXAMPLE"), "access_key_secret": secret("ALISECRET"), "templates": templates(),
    });
    let log = Log::shared();
    let one = Two {
        chain: chain(&section, &log).expect("whole"),
        huawei: MockServer::start().await,
        aliyun,
        log,
    };
    one.tried("aliyun", SendState::Unclear, Duration::minutes(30));
    Mock::given(header("x-acs-action", "QuerySendDetails"))
        .respond_with(ResponseTemplate::new(502))
        .mount(&one.aliyun)
        .await;
    one.aliyun_says(aliyun_ok()).await;
    let sent = one.chain.send(&message("accepted")).await;
    assert!(matches!(sent, Err(SmsError::Unclear)));
    assert_eq!(one.states(), named(&[("aliyun", SendState::Unclear)]));
}

#[tokio::test]
async fn the_key_of_the_door_for_receipts_is_examined() {
    for (key, sound) in [
        (secret("0123456789abcdef"), true),
        (secret("tooshort"), false),
        (secret("a/path/of/slashes"), false),
        ("env:YJR_NOBODY_SETS_THIS".to_owned(), false),
    ] {
        let section = json!({
            "kind": "huawei", "from": "1", "receipt_key": key, "templates": templates(),
            "app_key": secret("APPKEY"), "app_secret": secret("HWSECRET"),
        });
        let chain = chain(&section, &Log::shared()).expect("whole");
        let examined = chain.examine(false).await;
        let signature = &examined[0].signature;
        match signature {
            Ok(()) => assert!(sound, "{key}"),
            Err(failure) => {
                assert!(!sound, "{key}: {failure:?}");
                assert_eq!(failure.reason, Reason::ReceiptKey);
                assert!(!failure.code.contains("tooshort"), "{failure:?}");
            }
        }
    }
}

#[test]
fn a_fallback_is_another_provider() {
    let own = json!({ "kind": "huawei", "from": "1", "app_key": "env:A", "app_secret": "env:B", "templates": templates() });
    let mut section = own.clone();
    section["fallback"] = own;
    let error = chain(&section, &Log::shared()).err().expect("no");
    assert!(error.contains("the same provider"), "{error}");
    section["fallback"] = json!({ "kind": "pigeon" });
    let error = chain(&section, &Log::shared()).err().expect("no");
    assert!(
        error.contains("fallback: there is no provider pigeon"),
        "{error}"
    );
}
