//! The node itself: one signed POST a report, and answers that it signs.

use application::ports::province::{NodeVerdict, ProvinceNode, ProvinceReport, Schedule, Silence};
use async_trait::async_trait;
use domain::ids::TenantId;
use hmac::{Hmac, Mac as _};
use outbound::{Account, Answer, Ask, Fault, Line, NotReached, Reason, Secret, Switchboard};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::Sha256;

use crate::schedule;

pub const KIND: &str = "node";
const LINE: &str = "province/node";
const LONGEST_RECEIPT: usize = 100;
const LONGEST_REASON: usize = 200;
const SIGNATURE: &str = "x-report-signature";
/// What is noted of an answer that somebody else may have given.
const UNSIGNED: &str = "an answer without a fitting signature";

/// Settings of the section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    /// Name of the node's host.
    pub host: String,
    #[serde(default = "usual_path")]
    pub path: String,
    /// How the node knows this city.
    pub sender: String,
    pub secret: Secret,
    #[serde(default = "schedule::usual_day")]
    pub day: u8,
    /// `YYYY-MM`.
    pub from: Option<String>,
    pub base_url: Option<String>,
}

fn usual_path() -> String {
    "/reports".to_owned()
}

impl Settings {
    fn fault(&self) -> Option<String> {
        let plain = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
        // An address would go past the check of names that lead inside.
        let ends_in_letters = |host: &str| {
            let last = host.rsplit('.').next();
            last.is_some_and(|last| last.chars().any(|c| c.is_ascii_alphabetic()))
        };
        if !self.host.contains('.') || !self.host.chars().all(plain) || !ends_in_letters(&self.host)
        {
            return Some(format!("host {} is not a host name", self.host));
        }
        if !self.path.starts_with('/') || self.path.contains(['?', '#', ' ', '%']) {
            return Some(format!("path {} is not a path", self.path));
        }
        if self.sender.is_empty() || self.sender.len() > 64 || !self.sender.chars().all(plain) {
            return Some("sender takes 1 to 64 letters, digits, - _ .".to_owned());
        }
        None
    }
}

/// A city's line to the node.
pub struct Node {
    settings: Settings,
    schedule: Schedule,
    line: Line,
}

/// 200.
#[derive(Deserialize)]
struct WireReceipt {
    id: String,
    receipt: String,
}

/// 422.
#[derive(Deserialize)]
struct WireRefusal {
    id: String,
    reason: String,
}

/// What both sides sign, each under a word of its own, so that neither's text can be given back as the other's.
fn mac(
    key: &SecretString,
    who: &str,
    at: i64,
    id: &str,
    body: &[u8],
) -> Result<Hmac<Sha256>, Fault> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .map_err(|_| Fault::Unreachable(NotReached::Form))?;
    mac.update(format!("{who}\n{at}\n{id}\n").as_bytes());
    mac.update(body);
    Ok(mac)
}

impl Node {
    /// Refuses settings that are not whole.
    pub fn new(board: &Switchboard, city: TenantId, settings: Settings) -> Result<Self, String> {
        if let Some(fault) = settings.fault() {
            return Err(fault);
        }
        let endpoint = board
            .endpoint(
                &[settings.host.to_ascii_lowercase().as_str()],
                &settings.host,
                settings.base_url.as_deref(),
            )
            .map_err(|error| error.to_string())?;
        Ok(Self {
            schedule: schedule::read(settings.day, settings.from.as_deref())?,
            line: board.line(LINE, city, endpoint),
            settings,
        })
    }

    fn key(&self) -> Result<SecretString, Fault> {
        let key = self.settings.secret.read();
        key.map_err(|_| self.line.note(Fault::Unreachable(NotReached::Secret)))
    }

    fn signed(&self, key: &SecretString, at: i64, id: &str, body: &str) -> Result<Ask, Fault> {
        let mac = mac(key, "report", at, id, body.as_bytes())?;
        Ok(Ask::post(&self.settings.path)
            .header("content-type", "application/json")
            .header("x-report-sender", &self.settings.sender)
            .header("x-report-id", id)
            .header("x-report-timestamp", at.to_string())
            .header(SIGNATURE, hex::encode(mac.finalize().into_bytes()))
            .body(body.to_owned()))
    }

    async fn ask(&self, id: &str, body: &str) -> Result<NodeVerdict, Fault> {
        let key = self.key()?;
        let at = self.line.clock().now().unix_timestamp();
        let ask = self.signed(&key, at, id, body)?;
        self.line
            .ask(ask, |answer| {
                if matches!(answer.status, 200 | 422) && !is_the_nodes(answer, &key, at, id)? {
                    return Err(Fault::unclear(UNSIGNED));
                }
                verdict(answer, id)
            })
            .await
    }
}

/// Whether the answer is signed, and to this very request.
fn is_the_nodes(answer: &Answer, key: &SecretString, at: i64, id: &str) -> Result<bool, Fault> {
    let signature = answer.header(SIGNATURE).unwrap_or_default();
    let Ok(signature) = hex::decode(signature) else {
        return Ok(false);
    };
    let mac = mac(key, "answer", at, id, &answer.body)?;
    Ok(mac.verify_slice(&signature).is_ok())
}

/// 200 with a receipt and 422 with a reason are answers; everything else is none.
fn verdict(answer: &Answer, id: &str) -> Result<NodeVerdict, Fault> {
    let fits = |text: &str, most: usize| {
        let text = text.trim();
        (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    match answer.status {
        200 => {
            let said: WireReceipt = answer.json()?;
            if said.id != id || !fits(&said.receipt, LONGEST_RECEIPT) {
                return Err(Fault::unclear("a receipt of something else"));
            }
            Ok(NodeVerdict::Received(said.receipt.trim().to_owned()))
        }
        422 => {
            let said: WireRefusal = answer.json()?;
            if said.id != id || !fits(&said.reason, LONGEST_REASON) {
                return Err(Fault::unclear("a refusal of something else"));
            }
            Ok(NodeVerdict::Refused(said.reason.trim().to_owned()))
        }
        401 => Err(Fault::refused("HTTP 401", Reason::Credentials)),
        _ => Err(answer.foreign()),
    }
}

/// A fault as the city's people read it.
fn silence(fault: &Fault) -> Silence {
    if matches!(fault, Fault::Unclear { what } if what == UNSIGNED) {
        return Silence::Unsigned;
    }
    match fault.reason() {
        Reason::Credentials => Silence::NotOurs,
        Reason::Secret => Silence::Secret,
        Reason::Integration => Silence::Address,
        Reason::Unreachable => Silence::Unreachable,
        Reason::Resting => Silence::Resting,
        Reason::Busy => Silence::Busy,
        Reason::Frequency => Silence::Later,
        Reason::NoAnswer => Silence::NoAnswer,
        _ => Silence::Foreign,
    }
}

#[async_trait]
impl ProvinceNode for Node {
    fn schedule(&self) -> Schedule {
        self.schedule
    }

    async fn send(&self, report: &ProvinceReport) -> Result<NodeVerdict, Silence> {
        self.ask(&report.id.to_string(), &report.body)
            .await
            .map_err(|fault| silence(&fault))
    }
}

#[async_trait]
impl Account for Node {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn line(&self) -> &'static str {
        LINE
    }

    fn self_test(&self) -> Result<(), Fault> {
        self.signed(&self.key()?, 0, "self-test", "{}").map(|_| ())
    }

    /// The node knows no question that does nothing: whether somebody answers there at all is what can be asked.
    async fn probe(&self) -> Result<(), Fault> {
        self.line
            .ask(Ask::get(&self.settings.path), |_| Ok(()))
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use application::ports::province::ReportState;
    use time::{OffsetDateTime, macros::date};
    use uuid::Uuid;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{body_string, header, method, path},
    };

    use super::*;

    const ID: Uuid = Uuid::from_u128(7);
    /// The clock of these tests stands at 2025-03-01T08:00:00Z.
    const AT: i64 = 1_740_816_000;

    fn report() -> ProvinceReport {
        ProvinceReport {
            id: ID,
            month: date!(2026 - 10 - 01),
            body: "{\"n\":1}".to_owned(),
            made_at: OffsetDateTime::UNIX_EPOCH,
            state: ReportState::Waiting,
            tries: 0,
            since: OffsetDateTime::UNIX_EPOCH,
            next_at: None,
            silence: None,
            reason: String::new(),
            receipt: String::new(),
            settled_at: None,
        }
    }

    fn settings(values: serde_json::Value) -> Settings {
        let mut all = serde_json::json!({
            "kind": "node", "host": "node.province.example", "sender": "130900", "secret": secret(),
        });
        if let (Some(all), serde_json::Value::Object(more)) = (all.as_object_mut(), values) {
            all.extend(more);
        }
        serde_json::from_value(all).expect("settings")
    }

    /// Written once: another test may be reading it.
    fn secret() -> &'static str {
        static SECRET: LazyLock<String> = LazyLock::new(|| {
            let path = std::env::temp_dir().join(format!("yjr-province-{}", std::process::id()));
            std::fs::write(&path, "shared").expect("a secret");
            format!("file:{}", path.display())
        });
        &SECRET
    }

    fn node(server: &MockServer) -> Node {
        let settings = settings(serde_json::json!({ "base_url": server.uri() }));
        let city = TenantId(Uuid::nil());
        Node::new(&outbound::testing::hurried(), city, settings).expect("a node")
    }

    fn hmac(key: &str, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
        mac.update(text.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    async fn said(answer: ResponseTemplate) -> Result<NodeVerdict, Silence> {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(answer)
            .mount(&server)
            .await;
        node(&server).send(&report()).await
    }

    /// An answer of somebody who has this key.
    fn signed_with(key: &str, status: u16, value: &serde_json::Value) -> ResponseTemplate {
        let body = value.to_string();
        let signature = hmac(key, &format!("answer\n{AT}\n{ID}\n{body}"));
        ResponseTemplate::new(status)
            .insert_header(SIGNATURE, signature.as_str())
            .set_body_raw(body, "application/json")
    }

    fn signed(status: u16, value: &serde_json::Value) -> ResponseTemplate {
        signed_with("shared", status, value)
    }

    fn receipt() -> serde_json::Value {
        serde_json::json!({ "id": ID, "receipt": "HB-1" })
    }

    #[tokio::test]
    async fn a_report_is_signed_and_its_receipt_is_kept() {
        let server = MockServer::start().await;
        let signature = hmac("shared", &format!("report\n{AT}\n{ID}\n{{\"n\":1}}"));
        Mock::given(method("POST"))
            .and(path("/reports"))
            .and(header("content-type", "application/json"))
            .and(header("x-report-sender", "130900"))
            .and(header("x-report-id", ID.to_string().as_str()))
            .and(header("x-report-timestamp", AT.to_string().as_str()))
            .and(header(SIGNATURE, signature.as_str()))
            .and(body_string("{\"n\":1}"))
            .respond_with(signed(200, &receipt()))
            .mount(&server)
            .await;
        let verdict = node(&server).send(&report()).await;
        assert_eq!(verdict, Ok(NodeVerdict::Received("HB-1".to_owned())));
    }

    #[tokio::test]
    async fn a_refusal_says_why_and_anything_else_is_no_answer() {
        let no = serde_json::json!({ "id": ID, "reason": "月份已关闭" });
        let refused = said(signed(422, &no)).await;
        assert_eq!(refused, Ok(NodeVerdict::Refused("月份已关闭".to_owned())));
        let elsewhere = ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1/x");
        let slow = signed(200, &receipt()).set_delay(std::time::Duration::from_secs(2));
        let another = serde_json::json!({ "id": Uuid::nil(), "receipt": "HB-1" });
        let empty = serde_json::json!({ "id": ID, "receipt": " " });
        let long = serde_json::json!({ "id": ID, "reason": "长".repeat(201) });
        for (answer, silence) in [
            (elsewhere, Silence::Foreign),
            (ResponseTemplate::new(500), Silence::Foreign),
            (ResponseTemplate::new(401), Silence::NotOurs),
            (ResponseTemplate::new(429), Silence::Later),
            (slow, Silence::NoAnswer),
            (signed(200, &another), Silence::Foreign),
            (signed(200, &empty), Silence::Foreign),
            (signed(422, &long), Silence::Foreign),
            (signed(422, &receipt()), Silence::Foreign),
        ] {
            assert_eq!(said(answer).await, Err(silence));
        }
    }

    #[tokio::test]
    async fn an_answer_whose_signature_does_not_fit_is_nobodys() {
        let body = receipt().to_string();
        let unsigned = ResponseTemplate::new(200).set_body_raw(body.clone(), "application/json");
        let our_own = hmac("shared", &format!("report\n{AT}\n{ID}\n{body}"));
        let of_yesterday = hmac("shared", &format!("answer\n{}\n{ID}\n{body}", AT - 86_400));
        for answer in [
            signed_with("another key", 200, &receipt()),
            unsigned.clone().insert_header(SIGNATURE, our_own.as_str()),
            unsigned
                .clone()
                .insert_header(SIGNATURE, of_yesterday.as_str()),
            unsigned.clone().insert_header(SIGNATURE, "not hex"),
            unsigned,
        ] {
            assert_eq!(said(answer).await, Err(Silence::Unsigned));
        }
    }

    #[tokio::test]
    async fn nobody_there_and_a_secret_that_is_gone_are_told_apart() {
        let closed = settings(serde_json::json!({ "base_url": "http://127.0.0.1:9" }));
        let city = TenantId(Uuid::nil());
        let board = outbound::testing::hurried();
        let node = Node::new(&board, city, closed.clone()).expect("a node");
        assert_eq!(node.send(&report()).await, Err(Silence::Unreachable));
        let gone = Settings {
            secret: Secret::parse("env:YJR_NOBODY_SETS_THIS").expect("a reference"),
            ..closed
        };
        let node = Node::new(&board, city, gone).expect("a node");
        assert_eq!(node.send(&report()).await, Err(Silence::Secret));
        assert!(node.self_test().is_err());
    }

    #[test]
    fn settings_that_would_lead_inside_or_nowhere_are_refused() {
        for (key, value) in [
            ("host", serde_json::json!("10.0.0.1")),
            ("host", serde_json::json!("localhost")),
            ("host", serde_json::json!("node.example/x")),
            ("path", serde_json::json!("reports")),
            ("path", serde_json::json!("/r?x=1")),
            ("sender", serde_json::json!("")),
            ("day", serde_json::json!(29)),
            ("from", serde_json::json!("2026-5")),
            ("base_url", serde_json::json!("http://10.0.0.1:80")),
        ] {
            let mut values = serde_json::Map::new();
            values.insert(key.to_owned(), value.clone());
            let board = outbound::testing::hurried();
            let made = Node::new(&board, TenantId(Uuid::nil()), settings(values.into()));
            assert!(made.is_err(), "{key} = {value}");
        }
    }
}
