//! Token pairs 令牌 of a device: a short access token, and a refresh token that works once and then gives way to the next (S-14).

use std::sync::Arc;

use time::Duration;

use super::{Caller, DoorTools};
use crate::{
    error::{Kind, UseError, UseResult},
    ports::{
        devices::{Devices, NewDevice, Renewal, Renewed},
        sessions::SessionKind,
    },
    sessions::SessionKeeper,
};

/// How long a device stays signed in (table of S-13).
const LIFE: Duration = Duration::days(30);
const AT_ONCE: i64 = 3;

/// Pairs, renews and ends.
#[derive(Clone)]
pub struct DeviceDesk {
    pub devices: Arc<dyn Devices>,
    pub sessions: SessionKeeper,
    pub tools: DoorTools,
}

/// What the device keeps.
#[derive(Clone)]
pub struct TokenPair {
    pub access: String,
    pub access_seconds: i64,
    pub refresh: String,
    pub refresh_seconds: i64,
}

/// Seconds that an access token lives.
pub fn access_seconds() -> i64 {
    SessionKind::Device.limits().absolute.whole_seconds()
}

impl DeviceDesk {
    /// The pair of a device on which somebody has just signed in: `access` is the session that was opened.
    pub async fn pair(
        &self,
        caller: &Caller,
        device: &str,
        access: String,
    ) -> UseResult<TokenPair> {
        let tokens = &self.tools.tokens;
        let refresh = tokens.one_time();
        let at = self.tools.clock.now();
        let new = NewDevice {
            id: self.tools.clock.new_id(),
            session: tokens.fingerprint(&access),
            device: tokens.fingerprint(device),
            refresh: tokens.fingerprint(&refresh),
            at,
            expires_at: at + LIFE,
            at_once: AT_ONCE,
            ip: caller.origin.ip.clone(),
            agent: caller.agent.clone(),
        };
        if !self.devices.pair(&new).await? {
            return Err(over());
        }
        self.sessions.forget();
        Ok(TokenPair {
            access,
            access_seconds: access_seconds(),
            refresh,
            refresh_seconds: LIFE.whole_seconds(),
        })
    }

    /// The next pair for a refresh token. A token that comes a second time was copied: whoever holds the other copy is out too.
    pub async fn renew(
        &self,
        caller: &Caller,
        device: &str,
        refresh: &str,
    ) -> UseResult<TokenPair> {
        let tokens = &self.tools.tokens;
        let (access, next) = (tokens.session_id(), tokens.one_time());
        let at = self.tools.clock.now();
        let limits = SessionKind::Device.limits();
        let ask = Renewal {
            refresh: tokens.fingerprint(refresh),
            device: tokens.fingerprint(device),
            next_refresh: tokens.fingerprint(&next),
            next_session: tokens.fingerprint(&access),
            public_id: self.tools.clock.new_id(),
            at,
            session_ends: at + limits.absolute,
            ip: caller.origin.ip.clone(),
            agent: caller.agent.clone(),
            entry: self.tools.entry(caller, None, "token.copied", "refused"),
        };
        match self.devices.renew(&ask).await? {
            Renewed::Fresh { ends, .. } => {
                self.sessions.forget();
                Ok(TokenPair {
                    access,
                    access_seconds: limits.absolute.whole_seconds(),
                    refresh: next,
                    refresh_seconds: (ends - at).whole_seconds(),
                })
            }
            Renewed::Copied => {
                self.sessions.forget();
                Err(UseError::new(Kind::SignedOut, "token.copied"))
            }
            Renewed::Over => Err(over()),
        }
    }

    /// 退出 on this device.
    pub async fn sign_out(&self, device: uuid::Uuid) -> UseResult<()> {
        self.devices
            .sign_out(device, self.tools.clock.now())
            .await?;
        self.sessions.forget();
        Ok(())
    }
}

fn over() -> UseError {
    UseError::new(Kind::SignedOut, "token.over")
}
