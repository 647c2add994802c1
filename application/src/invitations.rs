//! Invitations 邀请: what the rooms of people share, an enterprise's and the staff's: the sealed phone, the one-time link, its way to
//! that phone, and the line in the log. Who invites whom, and with what right, is each room's own.

use std::sync::Arc;

use domain::{
    ids::{TenantId, UserId},
    values::PhoneNumber,
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::{
    access::Actor,
    audit::Watch,
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        limits::{Limit, LimitAsk, Limits},
        plugs::Plugs,
        sealing::{Place, Sealer},
        sms::{Sms, SmsSender},
        store::{Store, UnitOfWork},
        tokens::Tokens,
    },
    sessions::SessionKeeper,
};

/// How long a link may be followed.
const LIFE: Duration = Duration::hours(24);
const SEND_WITHIN: std::time::Duration = std::time::Duration::from_secs(12);

/// What a room of people works with.
#[derive(Clone)]
pub struct Invitations {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    pub tokens: Arc<dyn Tokens>,
    pub limits: Arc<dyn Limits>,
    pub sms: Arc<dyn Plugs<dyn SmsSender>>,
    pub sessions: SessionKeeper,
}

/// A phone as it is kept.
pub(crate) struct KeptPhone {
    pub sealed: Vec<u8>,
    pub index: [u8; 32],
}

/// A link before it is kept: the token leaves, its fingerprint stays.
pub(crate) struct NewToken {
    pub token: String,
    pub hash: [u8; 32],
    pub expires_at: OffsetDateTime,
}

impl Invitations {
    pub(crate) fn keep_phone(
        &self,
        city: TenantId,
        user: UserId,
        phone: &PhoneNumber,
    ) -> UseResult<KeptPhone> {
        let place = phone_place(city, user);
        Ok(KeptPhone {
            sealed: self.sealer.seal(&place, phone.as_str().as_bytes())?,
            index: self.phone_index(city, phone)?,
        })
    }

    /// What a phone is found by.
    pub(crate) fn phone_index(&self, city: TenantId, phone: &PhoneNumber) -> UseResult<[u8; 32]> {
        Ok(self.sealer.blind_index(city.0, "phone", phone.as_str())?)
    }

    pub(crate) fn phone(
        &self,
        city: TenantId,
        user: UserId,
        sealed: &[u8],
    ) -> UseResult<PhoneNumber> {
        let plain = self.sealer.open(&phone_place(city, user), sealed)?;
        let text = String::from_utf8(plain).map_err(UseError::bug)?;
        PhoneNumber::parse(&text).map_err(UseError::bug)
    }

    pub(crate) fn new_token(&self, at: OffsetDateTime) -> NewToken {
        let token = self.tokens.one_time();
        NewToken {
            hash: self.tokens.fingerprint(&token),
            token,
            expires_at: at + LIFE,
        }
    }

    /// Not more links than a person who invites needs.
    pub(crate) async fn within_limits(&self, bucket: String, limit: Limit) -> UseResult<()> {
        let ask = LimitAsk::new(bucket, [limit]);
        match self.limits.take(&[ask], self.watch.clock.now()).await? {
            None => Ok(()),
            Some(over) => Err(UseError::too_many("too_many", over.retry_after)),
        }
    }

    /// The link goes out at once, after the commit, because it is kept nowhere; true when it went out for certain.
    pub(crate) async fn send(&self, sms: &Sms) -> bool {
        let Ok(sender) = self.sms.of(sms.city).await else {
            return false;
        };
        match tokio::time::timeout(SEND_WITHIN, sender.send(sms)).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => {
                tracing::warn!(
                    code = error.code(),
                    template = sms.template,
                    "a link was not sent"
                );
                false
            }
            Err(_) => false,
        }
    }

    pub(crate) async fn log(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        action: &'static str,
        user: UserId,
        detail: Value,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, action, user, at).detail(detail);
        Ok(work.audit().write(entry).await?)
    }
}

fn phone_place(city: TenantId, user: UserId) -> Place {
    Place {
        tenant: city.0,
        table: "users",
        row: user.0,
        column: "phone_sealed",
    }
}
