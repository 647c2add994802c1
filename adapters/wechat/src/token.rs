//! Access token 接口调用凭据: one per mini-program, kept sealed in the database for all processes, fetched by one of them at a time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration as Wait,
};

use application::ports::{
    sealing::{Place, Sealer},
    wechat::{AccessTokens, LeaseTerm, SharedToken},
};
use domain::ids::TenantId;
use outbound::{Ask, Fault, Line, NotReached};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{errcode, settings::Settings};

/// A token with less life than this is renewed; until then the old one still counts.
const RENEWED_BEFORE: Duration = Duration::minutes(5);
/// How long a process believes its own copy.
const BELIEVED: Duration = Duration::seconds(60);
const LEASE: Duration = Duration::seconds(15);
/// How often, and how many times, a process without a token looks whether another has brought one.
const LOOKS: (u32, Wait) = (20, Wait::from_millis(100));

/// What all processes share.
#[derive(Clone)]
pub struct Shelf {
    pub tokens: Arc<dyn AccessTokens>,
    pub sealer: Arc<dyn Sealer>,
}

/// A token in hand, and how it lies on the shelf.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) token: SecretString,
    sealed: Vec<u8>,
    expires_at: OffsetDateTime,
    seen_at: OffsetDateTime,
}

pub(crate) struct Tokens {
    pub(crate) line: Line,
    pub(crate) city: TenantId,
    pub(crate) shelf: Shelf,
    copy: Mutex<Option<Held>>,
    /// Within this process one asks, the others wait for it.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Deserialize)]
pub(crate) struct Issued {
    access_token: String,
    expires_in: i64,
}

impl Tokens {
    pub(crate) fn new(line: Line, city: TenantId, shelf: Shelf) -> Self {
        Self {
            line,
            city,
            shelf,
            copy: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// A token that counts.
    pub(crate) async fn current(&self, settings: &Settings) -> Result<Held, Fault> {
        if let Some(held) = self.copied() {
            return Ok(held);
        }
        let _asking = self.asking.lock().await;
        if let Some(held) = self.copied() {
            return Ok(held);
        }
        let ready = self.shelf.sealer.ready(self.city.0).await;
        ready.map_err(|error| away(&error))?;
        let found = self.look(settings).await?;
        if let Some(held) = found.as_ref().filter(|held| self.is_fresh(held)) {
            return Ok(self.keep(held.clone()));
        }
        let now = self.now();
        let term = LeaseTerm {
            now,
            until: now + LEASE,
            fresh_after: now + RENEWED_BEFORE,
        };
        let lease = self.shelf.tokens.lease(self.city, &settings.app_id, term);
        if !lease.await.map_err(|error| away(&error))? {
            // Another process is asking, or has just asked. The old token still counts for a few minutes.
            if let Some(held) = found.filter(|held| held.expires_at > now) {
                return Ok(held);
            }
            if let Some(held) = self.brought(settings).await? {
                return Ok(self.keep(held));
            }
            // It never came back. Asking too is harmless: the platform gives both the same.
        }
        self.fetch(settings).await
    }

    /// What another process brings within two seconds.
    async fn brought(&self, settings: &Settings) -> Result<Option<Held>, Fault> {
        for _ in 0..LOOKS.0 {
            let found = self.look(settings).await?;
            if let Some(held) = found.filter(|held| self.is_fresh(held)) {
                return Ok(Some(held));
            }
            tokio::time::sleep(LOOKS.1).await;
        }
        Ok(None)
    }

    /// The platform said that this one is no good: nobody shall use it again.
    pub(crate) async fn drop_if(&self, settings: &Settings, held: &Held) -> Result<(), Fault> {
        {
            let mut copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
            copy.take_if(|kept| kept.sealed == held.sealed);
        }
        self.shelf
            .tokens
            .drop_if(self.city, &settings.app_id, &held.sealed)
            .await
            .map_err(|error| away(&error))
    }

    async fn fetch(&self, settings: &Settings) -> Result<Held, Fault> {
        let issued = issue(&self.line, settings).await?;
        let now = self.now();
        let place = self.place();
        let sealed = self
            .shelf
            .sealer
            .seal(&place, issued.access_token.as_bytes())
            .map_err(|error| away(&error))?;
        let shared = SharedToken {
            sealed: sealed.clone(),
            expires_at: now + Duration::seconds(issued.expires_in),
        };
        self.shelf
            .tokens
            .put(self.city, &settings.app_id, &shared)
            .await
            .map_err(|error| away(&error))?;
        Ok(self.keep(Held {
            token: issued.access_token.into(),
            sealed,
            expires_at: shared.expires_at,
            seen_at: now,
        }))
    }

    /// What lies on the shelf, if it opens: one that was sealed under lost keys is fetched anew.
    async fn look(&self, settings: &Settings) -> Result<Option<Held>, Fault> {
        let shared = self.shelf.tokens.read(self.city, &settings.app_id).await;
        let Some(shared) = shared.map_err(|error| away(&error))? else {
            return Ok(None);
        };
        let Ok(plain) = self.shelf.sealer.open(&self.place(), &shared.sealed) else {
            return Ok(None);
        };
        Ok(String::from_utf8(plain).ok().map(|token| Held {
            token: token.into(),
            sealed: shared.sealed,
            expires_at: shared.expires_at,
            seen_at: self.now(),
        }))
    }

    fn copied(&self) -> Option<Held> {
        let copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
        copy.clone()
            .filter(|held| self.is_fresh(held) && self.now() - held.seen_at < BELIEVED)
    }

    fn keep(&self, held: Held) -> Held {
        *self.copy.lock().unwrap_or_else(PoisonError::into_inner) = Some(held.clone());
        held
    }

    fn is_fresh(&self, held: &Held) -> bool {
        held.expires_at - self.now() > RENEWED_BEFORE
    }

    fn now(&self) -> OffsetDateTime {
        self.line.clock().now()
    }

    fn place(&self) -> Place {
        Place {
            tenant: self.city.0,
            table: "wechat_tokens",
            row: self.city.0,
            column: "token_sealed",
        }
    }
}

/// Never with `force_refresh`: that would put out what the other processes hold.
pub(crate) async fn issue(line: &Line, settings: &Settings) -> Result<Issued, Fault> {
    let secret = settings
        .secret
        .read()
        .map_err(|_| line.note(Fault::Unreachable(NotReached::Secret)))?;
    let body = json!({
        "grant_type": "client_credential",
        "appid": settings.app_id,
        "secret": secret.expose_secret(),
        "force_refresh": false,
    });
    let ask = Ask::post("/cgi-bin/stable_token")
        .header("content-type", "application/json")
        .body(body.to_string());
    line.ask(ask, |answer| {
        let issued: Issued = errcode::read(answer)?;
        let sound = (1..=512).contains(&issued.access_token.len())
            && (1..=86_400).contains(&issued.expires_in);
        if sound {
            Ok(issued)
        } else {
            Err(Fault::unclear("a token of another shape"))
        }
    })
    .await
}

/// Our own storage is away: nothing went out.
fn away(error: &dyn std::error::Error) -> Fault {
    tracing::error!(%error, "the shared access token cannot be reached");
    Fault::Unreachable(NotReached::Form)
}
