//! A call 请求: whose city, which device, who is behind the token. Read once, before any handler runs.

use std::sync::Arc;

use application::{
    access::{Actor, Origin},
    account::Caller,
    city::City,
    error::{Kind, UseError, UseResult},
    once::Once,
    ports::sessions::SessionKind,
    sessions::SignedIn,
};
use axum::http::{HeaderMap, header, request::Parts};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Api, door::Who};

/// The channel under which consents, requests and log lines of these doors are kept.
pub const CHANNEL: &str = "mini_program";
/// 设备标识: made by the device, at least as hard to guess as a session.
pub(crate) const DEVICE_HEADER: &str = "x-device-id";
pub(crate) const DEVICE_FORM: std::ops::RangeInclusive<usize> = 32..=64;
pub(crate) const KEY_HEADER: &str = "idempotency-key";
pub(crate) const KEY_FORM: std::ops::RangeInclusive<usize> = Once::KEY;
const TOKEN_LENGTH: usize = 43;

/// Everything that a handler may want to know about the request but its body.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) city: Arc<City>,
    pub(crate) signed: Option<SignedIn>,
    /// The access token, where one was needed and is live.
    token: Option<String>,
    /// Empty where none was sent and none is needed.
    pub(crate) device: String,
    pub(crate) origin: Origin,
    agent: String,
    path: Vec<(String, String)>,
    once: Option<Once>,
    headers: HeaderMap,
}

/// The value of a header, empty when it is missing or no text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The device as it names itself; empty when it does not, or not in the form that is asked for.
pub(crate) fn device(headers: &HeaderMap) -> &str {
    let given = text(headers, DEVICE_HEADER);
    let clean = given
        .bytes()
        .all(|sign| sign.is_ascii_alphanumeric() || b"-_".contains(&sign));
    if clean && DEVICE_FORM.contains(&given.len()) {
        given
    } else {
        ""
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, "authorization").split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && token.len() == TOKEN_LENGTH).then_some(token)
}

/// `None` for the host of nobody (S-01).
pub(crate) fn city(api: &Api, parts: &Parts) -> Option<Arc<City>> {
    let host = text(&parts.headers, "host").to_ascii_lowercase();
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|sign| sign.is_ascii_digit()))
        .map_or(host.as_str(), |(name, _)| name);
    api.cities.by_host(name)
}

fn signed_out() -> UseError {
    UseError::new(Kind::SignedOut, "signed_out")
}

/// What a door asks of whoever knocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) who: Who,
    pub(crate) device: bool,
    pub(crate) key: bool,
}

impl Call {
    pub(crate) async fn read(
        api: &Api,
        parts: &Parts,
        origin: Origin,
        path: Vec<(String, String)>,
        demand: Demand,
    ) -> UseResult<Self> {
        let city = city(api, parts).ok_or_else(UseError::not_found)?;
        let token = match demand.who {
            Who::Enterprise => Some(bearer(&parts.headers).ok_or_else(signed_out)?),
            Who::Public => None,
        };
        let device = device(&parts.headers).to_owned();
        if device.is_empty() && (demand.device || token.is_some()) {
            let sent = parts.headers.contains_key(DEVICE_HEADER);
            let code = if sent {
                "api.device_form"
            } else {
                "api.device_missing"
            };
            return Err(UseError::new(Kind::Invalid, code));
        }
        let mut call = Self {
            city,
            signed: None,
            token: None,
            device,
            origin,
            agent: text(&parts.headers, header::USER_AGENT.as_str())
                .chars()
                .take(200)
                .collect(),
            path,
            once: None,
            headers: parts.headers.clone(),
        };
        if let Some(token) = token {
            call.sign_in(api, token).await?;
        }
        if demand.key {
            call.key(parts)?;
        }
        Ok(call)
    }

    /// A token of another city, of a browser, or on another device opens nothing (S-01, S-14).
    async fn sign_in(&mut self, api: &Api, token: &str) -> UseResult<()> {
        let found = api.sessions.read(token, self.origin.clone()).await?;
        let fingerprint = api.tokens.fingerprint(&self.device);
        let signed = found
            .filter(|signed| signed.kind == SessionKind::Device)
            .filter(|signed| signed.actor.city == self.city.id)
            .filter(|signed| signed.device.is_some_and(|d| d.fingerprint == fingerprint))
            .ok_or_else(signed_out)?;
        self.signed = Some(signed);
        self.token = Some(token.to_owned());
        Ok(())
    }

    fn key(&mut self, parts: &Parts) -> UseResult<()> {
        let key = text(&parts.headers, KEY_HEADER);
        if !Once::is_key(key) {
            let sent = parts.headers.contains_key(KEY_HEADER);
            let code = if sent {
                "api.idempotency_form"
            } else {
                "api.idempotency_missing"
            };
            return Err(UseError::new(Kind::Invalid, code));
        }
        self.once = Some(Once {
            key: key.to_owned(),
            body_hash: [0; 32],
        });
        Ok(())
    }

    /// What was asked under the key: path and body.
    pub(crate) fn hash(&mut self, parts: &Parts, body: &[u8]) {
        if let Some(once) = &mut self.once {
            let hash = Sha256::new()
                .chain_update(parts.method.as_str())
                .chain_update([0])
                .chain_update(parts.uri.path())
                .chain_update([0])
                .chain_update(body)
                .finalize();
            once.body_hash = hash.into();
        }
    }

    pub(crate) fn signed(&self) -> UseResult<&SignedIn> {
        self.signed.as_ref().ok_or_else(signed_out)
    }

    pub(crate) fn actor(&self) -> UseResult<&Actor> {
        Ok(&self.signed()?.actor)
    }

    /// Captchas, codes and opened texts are bound to the session, and to the device before there is one.
    pub(crate) fn binding(&self) -> &str {
        self.token.as_deref().unwrap_or(&self.device)
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller {
            city: self.city.clone(),
            binding: self.binding().to_owned(),
            origin: self.origin.clone(),
            agent: self.agent.clone(),
        }
    }

    /// The key of a door that demands one.
    pub(crate) fn once(&self) -> UseResult<Once> {
        self.once
            .clone()
            .ok_or_else(|| UseError::bug("the door demands no key"))
    }

    /// A part of the path as it was written.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.path
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// A whole number in a header of the door's own.
    pub(crate) fn number(&self, header: &'static str) -> UseResult<usize> {
        text(&self.headers, header)
            .parse()
            .map_err(|_| UseError::field(header, "api.number"))
    }

    /// An id from the path; anything else is as missing as an unknown one.
    pub(crate) fn id(&self, name: &str) -> UseResult<Uuid> {
        Uuid::try_parse(self.part(name)).map_err(|_| UseError::not_found())
    }
}
