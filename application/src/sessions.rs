//! 登录会话: who is behind a cookie, read with every request and kept for a breath only.

use std::{sync::Arc, time::Duration};

use domain::ids::UserId;
use moka::future::Cache;
use time::OffsetDateTime;

use crate::{
    access::{Actor, Origin},
    account::Caller,
    error::{UseError, UseResult},
    ports::{
        clock::Clock,
        sessions::{Arrival, DeviceMark, LiveSession, NewSession, SessionKind, Sessions},
        tokens::Tokens,
    },
};

type Fingerprint = [u8; 32];

/// How long a session that was just read is believed without asking again; ending it here forgets it at once.
const BREATH: Duration = Duration::from_secs(2);
/// How long a proof counts as fresh (S-41).
const FRESH: time::Duration = time::Duration::minutes(5);
const SEEN_EVERY: time::Duration = time::Duration::seconds(60);

/// Limits of one kind of session (table of S-13).
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    pub idle: time::Duration,
    pub absolute: time::Duration,
    pub at_once: i64,
}

impl SessionKind {
    /// The shipped limits.
    pub const fn limits(self) -> SessionLimits {
        match self {
            Self::Enterprise => SessionLimits {
                idle: time::Duration::minutes(30),
                absolute: time::Duration::hours(12),
                at_once: 5,
            },
            Self::Staff => SessionLimits {
                idle: time::Duration::minutes(15),
                absolute: time::Duration::hours(8),
                at_once: 2,
            },
            // As many as devices; what is at once is counted there.
            Self::Device => SessionLimits {
                idle: time::Duration::hours(2),
                absolute: time::Duration::hours(2),
                at_once: 10,
            },
        }
    }
}

/// Where a session is opened: address and browser.
#[derive(Clone, Copy, Debug)]
pub struct Browser<'a> {
    pub origin: &'a Origin,
    pub agent: &'a str,
}

impl<'a> Browser<'a> {
    pub fn of(caller: &'a Caller) -> Self {
        Self {
            origin: &caller.origin,
            agent: &caller.agent,
        }
    }
}

/// Opens, reads and ends sessions.
#[derive(Clone)]
pub struct SessionKeeper {
    door: Arc<dyn Sessions>,
    tokens: Arc<dyn Tokens>,
    clock: Arc<dyn Clock>,
    breath: Cache<Fingerprint, Arc<LiveSession>>,
}

/// A signed-in person and what their session says about time.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub actor: Actor,
    pub kind: SessionKind,
    /// Seconds until the session ends if nothing is done.
    pub idle_seconds: i64,
    /// True while a fresh proof (S-41) is at most five minutes old.
    pub freshly_proved: bool,
    /// Unread in-site messages (up to a breath old).
    pub unread: i64,
    /// The device, when it is one's.
    pub device: Option<DeviceMark>,
}

impl SignedIn {
    /// A fresh proof, or a sign-in on this very device that is as fresh: for what belongs to signing in, such as 绑定微信.
    pub fn has_just_proved(&self, now: OffsetDateTime) -> bool {
        self.freshly_proved
            || self
                .device
                .is_some_and(|device| now - device.since <= FRESH)
    }
}

impl SessionKeeper {
    pub fn new(door: Arc<dyn Sessions>, tokens: Arc<dyn Tokens>, clock: Arc<dyn Clock>) -> Self {
        let breath = Cache::builder()
            .time_to_live(BREATH)
            .max_capacity(20_000)
            .build();
        Self {
            door,
            tokens,
            clock,
            breath,
        }
    }

    /// A new session; answers the id for the cookie. The old id, if any, dies at once. A sign-in brings what goes with it.
    pub async fn open(
        &self,
        user: UserId,
        kind: SessionKind,
        old: Option<&str>,
        from: Browser<'_>,
        arrival: Option<Arrival>,
    ) -> UseResult<String> {
        if let Some(old) = old {
            self.end(old).await?;
        }
        let id = self.tokens.session_id();
        let at = self.clock.now();
        let limits = kind.limits();
        let new = NewSession {
            fingerprint: self.tokens.fingerprint(&id),
            public_id: self.clock.new_id(),
            user,
            kind,
            at,
            expires_at: at + limits.absolute,
            at_once: limits.at_once,
            ip: from.origin.ip.clone(),
            agent: from.agent.chars().take(200).collect(),
            instead_of: old.map(|old| self.tokens.fingerprint(old)),
            arrival,
        };
        self.door.open(&new).await?;
        Ok(id)
    }

    /// Who is behind a session id; `None` when it is over.
    pub async fn read(&self, id: &str, from: Origin) -> UseResult<Option<SignedIn>> {
        let fingerprint = self.tokens.fingerprint(id);
        let live = if let Some(live) = self.breath.get(&fingerprint).await {
            live
        } else {
            let Some(found) = self.door.find(&fingerprint).await? else {
                return Ok(None);
            };
            let found = Arc::new(found);
            self.breath.insert(fingerprint, found.clone()).await;
            found
        };
        let now = self.clock.now();
        let idle_end = live.seen_at + live.kind.limits().idle;
        if now >= idle_end || now >= live.expires_at {
            self.end(id).await?;
            return Ok(None);
        }
        if now - live.seen_at >= SEEN_EVERY {
            self.door.seen(&fingerprint, now).await?;
            self.breath.invalidate(&fingerprint).await;
        }
        let idle_seconds = (now + live.kind.limits().idle).min(live.expires_at) - now;
        Ok(Some(SignedIn {
            kind: live.kind,
            idle_seconds: idle_seconds.whole_seconds(),
            freshly_proved: live.proved_at.is_some_and(|at| now - at <= FRESH),
            unread: live.unread,
            device: live.device,
            actor: Actor {
                user: live.user,
                name: live.name.clone(),
                tenant: live.tenant,
                tenant_kind: live.tenant_kind,
                tenant_name: live.tenant_name.clone(),
                city: live.city,
                reach: live.reach.clone().into(),
                enterprise: live.enterprise,
                roles: live.roles.clone(),
                session: live.public_id,
                from,
            },
        }))
    }

    /// Notes a fresh proof of identity (step-up).
    pub async fn prove(&self, id: &str) -> UseResult<()> {
        let fingerprint = self.tokens.fingerprint(id);
        self.door.proved(&fingerprint, self.clock.now()).await?;
        self.breath.invalidate(&fingerprint).await;
        Ok(())
    }

    /// Reads this session anew next time: what is shown about it (unread messages) has just changed.
    pub async fn refresh(&self, id: &str) {
        let fingerprint = self.tokens.fingerprint(id);
        self.breath.invalidate(&fingerprint).await;
    }

    /// 退出.
    pub async fn end(&self, id: &str) -> UseResult<()> {
        let fingerprint = self.tokens.fingerprint(id);
        self.door.end(&fingerprint, self.clock.now()).await?;
        self.breath.invalidate(&fingerprint).await;
        Ok(())
    }

    /// Ends every session of a person, but the one that asks when `keep` is given.
    pub async fn end_all(&self, user: UserId, keep: Option<&str>) -> Result<u64, UseError> {
        let keep = keep.map(|id| self.tokens.fingerprint(id));
        let ended = self
            .door
            .end_all(user, keep.as_ref(), self.clock.now())
            .await?;
        self.forget();
        Ok(ended)
    }

    /// Forgets what was read a moment ago: a session, a person or a tenant was changed, here or on another node.
    pub fn forget(&self) {
        self.breath.invalidate_all();
    }
}
