//! Content check 内容安全检测 of what an enterprise writes to others in the mini-program. What the platform calls risky is refused;
//! what it doubts, and what is written by somebody whom it does not know, goes through and is told to the city's operators; while it
//! is away the text goes through and is checked later.

use std::sync::Arc;

use domain::ids::{TenantId, UserId};

use super::openid_place;
use crate::{
    access::{Actor, Permit},
    error::{UseError, UseResult},
    ports::{
        plugs::Plugs,
        sealing::Sealer,
        store::Store,
        wechat::{MiniProgram, SafetyVerdict, WechatError},
    },
};

/// Topic of a text that is to be checked once more.
pub(crate) const CHECK: &str = "content.check";
/// Topic of a text that people should look at.
pub(crate) const DOUBTFUL: &str = "content.doubtful";
/// Only what is written there can be asked about: the platform wants a writer of the last two hours.
const CHANNEL: &str = "mini_program";

/// What is to be done about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screened {
    /// Nothing: it passed, or it is none that can be asked about.
    Clean,
    /// It goes through, and people look at it.
    Doubtful,
    /// It goes through, and is asked about again.
    Later,
}

impl Screened {
    /// The topic of its notice.
    pub(crate) const fn topic(self) -> Option<&'static str> {
        match self {
            Self::Clean => None,
            Self::Doubtful => Some(DOUBTFUL),
            Self::Later => Some(CHECK),
        }
    }
}

/// Asks the platform.
#[derive(Clone)]
pub struct Screen {
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    pub programs: Arc<dyn Plugs<MiniProgram>>,
}

impl Screen {
    /// Whether what this person writes is asked about at all.
    pub fn asks_about(&self, actor: &Actor) -> bool {
        actor.from.channel == CHANNEL && actor.enterprise.is_some()
    }

    /// Before the text is kept; outside of any unit of work. An error names the field `body`.
    pub async fn text(&self, actor: &Actor, permit: &Permit, text: &str) -> UseResult<Screened> {
        if !self.asks_about(actor) || text.trim().is_empty() {
            return Ok(Screened::Clean);
        }
        match self.ask(permit, actor.city, actor.user, text).await? {
            Ok(SafetyVerdict::Risky) => Err(UseError::field("body", "content.risky")),
            Ok(SafetyVerdict::Pass) => Ok(Screened::Clean),
            // Nobody but people can look at what is written by somebody whom the platform does not know.
            Ok(SafetyVerdict::Review) | Err(WechatError::NotActive) => Ok(Screened::Doubtful),
            Err(error) => {
                tracing::warn!(%error, "a text is checked later");
                Ok(Screened::Later)
            }
        }
    }

    /// The verdict, or why there is none. Who is not bound cannot be asked about; a city without a mini-program asks nobody.
    pub(crate) async fn ask(
        &self,
        permit: &Permit,
        city: TenantId,
        user: UserId,
        text: &str,
    ) -> UseResult<Result<SafetyVerdict, WechatError>> {
        let program = self.programs.of(city).await?;
        if program.app_id.is_empty() {
            return Ok(Ok(SafetyVerdict::Pass));
        }
        self.sealer.ready(city.0).await?;
        let mut work = self.store.begin(permit).await?;
        let sealed = work
            .wechat_people()
            .openid_of(user, &program.app_id)
            .await?;
        drop(work);
        let place = openid_place(city, user);
        let plain = sealed.and_then(|sealed| self.sealer.open(&place, &sealed).ok());
        let Some(openid) = plain.and_then(|plain| String::from_utf8(plain).ok()) else {
            return Ok(Err(WechatError::NotActive));
        };
        Ok(program.safety.text(&openid, text).await)
    }
}
