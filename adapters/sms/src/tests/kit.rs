use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use application::{
    city::City,
    ports::{
        sms::Sms,
        sms_log::{EarlierTry, NewTry, Outcome, Receipt, SendState, SmsLog},
        store::StoreError,
    },
};
use async_trait::async_trait;
use domain::{ids::TenantId, values::PhoneNumber};
use outbound::{Fault, Reason, Switchboard, testing};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{provider::Provider, texts};

pub const ID: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);

/// A secret that reads `text`, by way of a file.
pub fn secret(text: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "yjr-sms-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).expect("written");
    format!("file:{}", path.display())
}

pub fn templates() -> Value {
    let all: BTreeMap<&str, Value> = texts::codes()
        .map(|code| {
            let params = texts::blanks(code).expect("ours");
            (code, json!({ "id": format!("T_{code}"), "params": params }))
        })
        .collect();
    json!(all)
}

pub fn city() -> City {
    let mut city = tenants::catalog::read(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tenants/catalog"
    )))
    .expect("the catalogue reads")
    .remove(0);
    city.id = TenantId(Uuid::from_u128(7));
    city
}

pub fn message(template: &'static str) -> Sms {
    let params = [
        ("code", "123456"),
        ("purpose", "注册"),
        ("minutes", "5"),
        ("no", "PO20261125001"),
        ("branch", "运河支行"),
        ("sum", "80,000.00 元"),
        ("on", "2026-11-25"),
    ];
    Sms {
        id: ID,
        city: TenantId(Uuid::from_u128(7)),
        phone: PhoneNumber::parse("13800138000").expect("a phone"),
        template,
        params: params
            .map(|(name, value)| (name, value.to_owned()))
            .to_vec(),
    }
}

/// A provider that answers every call alike, once the matcher is content with it.
pub async fn answering(
    matcher: impl wiremock::Match + 'static,
    answer: ResponseTemplate,
) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(matcher)
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

pub fn json_answer(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/json;charset=utf-8")
}

/// What no provider documents: all of it is unclear, whatever it is wrapped in.
pub fn nonsense() -> Vec<ResponseTemplate> {
    vec![
        json_answer(200, &json!({ "what": "?" })),
        ResponseTemplate::new(200).set_body_raw("{\"Code\":\"OK\",\"Bi", "application/json"),
        ResponseTemplate::new(200).set_body_raw("<html>OK</html>", "text/html"),
        ResponseTemplate::new(200),
        ResponseTemplate::new(500),
        ResponseTemplate::new(502).set_body_raw("<html>", "text/html"),
        ResponseTemplate::new(301).insert_header("location", "https://elsewhere.example/"),
        json_answer(200, &json!({})).set_delay(Duration::from_secs(1)),
        json_answer(200, &json!({ "Code": "x".repeat(5 * 1024 * 1024) })),
    ]
}

pub fn board() -> Switchboard {
    testing::hurried()
}

pub fn refused(code: &str, reason: Reason) -> Fault {
    Fault::refused(code, reason)
}

pub async fn is_unclear(provider: &dyn Provider) -> bool {
    matches!(
        provider.send(&message("code")).await,
        Err(Fault::Unclear { .. })
    )
}

#[derive(Clone, Debug)]
pub struct Row {
    pub new: NewTry,
    pub outcome: Outcome,
}

/// A log in memory, and which of its tries were let go of.
#[derive(Default)]
pub struct Log(pub Mutex<Vec<Row>>, pub Mutex<Vec<Uuid>>);

impl Log {
    pub fn shared() -> Arc<Self> {
        Arc::new(Self::default())
    }

    pub fn states(&self) -> Vec<(String, SendState)> {
        let rows = self.0.lock().expect("whole");
        rows.iter()
            .map(|row| (row.new.provider.clone(), row.outcome.state))
            .collect()
    }
}

#[async_trait]
impl SmsLog for Log {
    async fn open(&self, new: &NewTry) -> Result<(), StoreError> {
        let outcome = Outcome {
            state: SendState::Sending,
            provider_ref: String::new(),
            code: String::new(),
            reason: None,
        };
        let row = Row {
            new: new.clone(),
            outcome,
        };
        self.0.lock().expect("whole").push(row);
        Ok(())
    }

    async fn close(
        &self,
        _: TenantId,
        id: Uuid,
        outcome: &Outcome,
        _: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut rows = self.0.lock().expect("whole");
        let row = rows.iter_mut().find(|row| row.new.id == id);
        row.expect("it was opened").outcome = outcome.clone();
        Ok(())
    }

    async fn may_be_out(&self, _: TenantId, message: Uuid) -> Result<Vec<EarlierTry>, StoreError> {
        let rows = self.0.lock().expect("whole");
        let out = |row: &&Row| {
            row.new.message == message
                && matches!(
                    row.outcome.state,
                    SendState::Sending
                        | SendState::Accepted
                        | SendState::Delivered
                        | SendState::Unclear
                )
        };
        let earlier = |row: &Row| EarlierTry {
            id: row.new.id,
            provider: row.new.provider.clone(),
            provider_ref: row.outcome.provider_ref.clone(),
            state: row.outcome.state,
            at: row.new.at,
            let_go: self.1.lock().expect("whole").contains(&row.new.id),
        };
        Ok(rows.iter().filter(out).map(earlier).collect())
    }

    async fn sent_besides_counted(
        &self,
        _: TenantId,
        _: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        Ok(0)
    }

    async fn receive(
        &self,
        _: TenantId,
        provider: &str,
        receipt: &Receipt,
        _: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut rows = self.0.lock().expect("whole");
        let row = rows.iter_mut().find(|row| {
            row.new.provider == provider
                && (Some(row.new.message) == receipt.message
                    || row.outcome.provider_ref == receipt.provider_ref)
        });
        let Some(row) = row else { return Ok(false) };
        row.outcome.state = if receipt.delivered {
            SendState::Delivered
        } else {
            SendState::Failed
        };
        Ok(true)
    }
}
