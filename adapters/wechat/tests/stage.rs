//! A platform on this machine, and a shelf and a seal that need no database.

use std::sync::{Arc, Mutex};

use application::ports::{
    sealing::{Place, SealError, Sealer},
    store::StoreError,
    wechat::{AccessTokens, LeaseTerm, SharedToken},
};
use async_trait::async_trait;
use domain::ids::TenantId;
use outbound::{Reach, Switchboard, testing};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;
use wechat::{Platform, Settings, Shelf};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, method, path, query_param},
};

pub const APP: &str = "wx0000000000000001";
pub const CITY: TenantId = TenantId(Uuid::nil());
pub const SECRET: &str = "the-app-secret-of-the-test";

/// A row of the table, in memory.
#[derive(Default)]
pub struct Row {
    pub token: Mutex<Option<SharedToken>>,
    pub leased_until: Mutex<Option<OffsetDateTime>>,
}

#[async_trait]
impl AccessTokens for Row {
    async fn read(&self, _: TenantId, _: &str) -> Result<Option<SharedToken>, StoreError> {
        Ok(self.token.lock().expect("whole").clone())
    }

    async fn lease(&self, _: TenantId, _: &str, term: LeaseTerm) -> Result<bool, StoreError> {
        let mut lease = self.leased_until.lock().expect("whole");
        let token = self.token.lock().expect("whole");
        let fresh = (token.as_ref()).is_some_and(|token| token.expires_at > term.fresh_after);
        if fresh || lease.is_some_and(|end| end > term.now) {
            return Ok(false);
        }
        *lease = Some(term.until);
        Ok(true)
    }

    async fn put(&self, _: TenantId, _: &str, token: &SharedToken) -> Result<(), StoreError> {
        *self.token.lock().expect("whole") = Some(token.clone());
        *self.leased_until.lock().expect("whole") = None;
        Ok(())
    }

    async fn drop_if(&self, _: TenantId, _: &str, sealed: &[u8]) -> Result<(), StoreError> {
        let mut token = self.token.lock().expect("whole");
        token.take_if(|kept| kept.sealed == sealed);
        Ok(())
    }
}

/// Turns bytes over and puts their place in front.
pub struct Turned;

impl Turned {
    fn head(place: &Place) -> Vec<u8> {
        format!("{}|{}|", place.table, place.row).into_bytes()
    }
}

#[async_trait]
impl Sealer for Turned {
    async fn ready(&self, _: Uuid) -> Result<(), SealError> {
        Ok(())
    }

    async fn rotate(&self, _: Uuid) -> Result<(), SealError> {
        Ok(())
    }

    fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut sealed = Self::head(place);
        sealed.extend(plain.iter().map(|byte| !byte));
        Ok(sealed)
    }

    fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let rest = sealed.strip_prefix(Self::head(place).as_slice());
        let rest = rest.ok_or(SealError::Broken)?;
        Ok(rest.iter().map(|byte| !byte).collect())
    }

    fn reseal(&self, _: &Place, _: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        Ok(None)
    }

    fn blind_index(&self, _: Uuid, _: &'static str, _: &str) -> Result<[u8; 32], SealError> {
        Ok([0; 32])
    }
}

pub fn now() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(1_740_816_000)
}

pub fn lying(token: &str, life: time::Duration) -> SharedToken {
    let place = Place {
        tenant: CITY.0,
        table: "wechat_tokens",
        row: CITY.0,
        column: "token_sealed",
    };
    SharedToken {
        sealed: Turned.seal(&place, token.as_bytes()).expect("sealed"),
        expires_at: now() + life,
    }
}

/// Waits as long as the program itself does: a busy machine is no silence.
fn patient() -> Switchboard {
    let reach = Reach::default().and_loopback();
    Switchboard::new(Arc::new(testing::Fixed::default()), reach).expect("a client can be built")
}

/// The platform, the row that all processes share, and how a process starts.
pub struct Stage {
    pub server: MockServer,
    pub row: Arc<Row>,
    _secrets: Secrets,
    settings: Value,
}

/// The files that the settings refer to.
struct Secrets(std::path::PathBuf);

impl Drop for Secrets {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

impl Stage {
    pub async fn new() -> Self {
        let server = MockServer::start().await;
        let folder = std::env::temp_dir().join(format!("yjr-wechat-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("written");
            format!("file:{}", path.display())
        };
        let settings = json!({
            "kind": "wechat",
            "app_id": APP,
            "secret": file("secret", SECRET),
            "base_url": server.uri(),
            "templates": {
                "approved": {
                    "id": "tmpl-approved",
                    "page": "pages/records/records",
                    "fields": { "thing1": "product", "phrase2": "status", "thing3": "=请登录查看" },
                },
            },
        });
        Self {
            server,
            row: Arc::default(),
            _secrets: Secrets(folder),
            settings,
        }
    }

    /// A process of the installation.
    pub fn process(&self) -> Arc<Platform> {
        self.process_on(&patient())
    }

    /// One that waits a quarter of a second for an answer, with a token.
    pub fn in_a_hurry(&self) -> Arc<Platform> {
        self.with_token();
        self.process_on(&testing::hurried())
    }

    pub fn process_on(&self, board: &Switchboard) -> Arc<Platform> {
        let settings: Settings =
            serde_json::from_value(self.settings.clone()).expect("the settings read");
        settings.check().expect("and are right");
        let shelf = Shelf {
            tokens: self.row.clone(),
            sealer: Arc::new(Turned),
        };
        Arc::new(Platform::new(board, CITY, shelf, settings).expect("loopback is reached"))
    }

    /// A process with a token, at a platform that nobody answers for.
    pub fn with_nobody_there(&mut self) -> Arc<Platform> {
        self.settings["base_url"] = json!("http://127.0.0.1:1");
        self.with_token()
    }

    /// A process that already has a token.
    pub fn with_token(&self) -> Arc<Platform> {
        let token = lying("TOKEN-1", time::Duration::hours(2));
        *self.row.token.lock().expect("whole") = Some(token);
        self.process()
    }

    /// Answers the token call, exactly as it has to be made, `times` times at most.
    pub async fn issues(&self, token: &str, times: u64) {
        Mock::given(method("POST"))
            .and(path("/cgi-bin/stable_token"))
            .and(body_partial_json(json!({
                "grant_type": "client_credential", "appid": APP, "secret": SECRET, "force_refresh": false,
            })))
            .respond_with(answer(&json!({ "access_token": token, "expires_in": 7200 })))
            .up_to_n_times(times)
            .mount(&self.server)
            .await;
    }

    /// Answers a call that carries this token.
    pub async fn answers(&self, at: &str, token: &str, answer: ResponseTemplate) {
        Mock::given(path(at))
            .and(query_param("access_token", token))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    /// Answers the token call in another way.
    pub async fn answers_token(&self, answer: ResponseTemplate) {
        Mock::given(path("/cgi-bin/stable_token"))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    /// How often a path was asked.
    pub async fn asked(&self, at: &str) -> usize {
        let requests = self.server.received_requests().await.expect("kept");
        requests.iter().filter(|r| r.url.path() == at).count()
    }
}

/// As the platform is reported to answer at times: JSON by its content only.
pub fn answer(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_string(), "text/plain")
}

pub fn code(errcode: i64) -> ResponseTemplate {
    answer(&json!({ "errcode": errcode, "errmsg": "no rid: 6221-ab" }))
}
