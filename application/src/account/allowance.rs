//! Allowance 短信额度: what one phone, one network and one city are sent at most, over all purposes together (section 6), by whomever.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::{hex, wait};
use crate::{
    access::Origin,
    city::City,
    error::{UseError, UseResult},
    outbox::BUDGET_WINDOW,
    ports::{
        limits::{Limit, LimitAsk, Limits},
        sms_log::SmsLog,
    },
};

const PER_PHONE: [Limit; 3] = [
    Limit::new(1, Duration::minutes(1)),
    Limit::new(5, Duration::hours(1)),
    Limit::new(10, Duration::hours(24)),
];
const PER_NETWORK: [Limit; 2] = [
    Limit::new(30, Duration::hours(1)),
    Limit::new(100, Duration::hours(24)),
];
/// The last fifth of a city's budget is for phones that it knows: strangers do not close sign-in and recovery.
const RESERVE: u32 = 5;

/// Whose the message is, as the city's budget sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// A phone that may be anybody's: stopped before the reserve.
    Strangers,
    /// Sign-in and recovery: stopped at the end of the budget, and counted when a message goes ([`Allowance::spend`]). Whether one
    /// goes is nobody's business.
    Known,
    /// Whoever is signed in is counted, and not stopped.
    SignedIn,
}

/// Counts what is sent.
#[derive(Clone)]
pub struct Allowance {
    pub limits: Arc<dyn Limits>,
    pub log: Arc<dyn SmsLog>,
}

impl Allowance {
    /// Counts one message against the given buckets and the city's budget, or none of them.
    pub(crate) async fn take(
        &self,
        city: &City,
        share: Share,
        mut asks: Vec<LimitAsk>,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let budget = asks.len();
        let ask = self.budget(city, share, at).await?;
        asks.push(if share == Share::Known {
            ask.watched()
        } else {
            ask
        });
        match self.limits.take(&asks, at).await? {
            None => Ok(()),
            Some(over) if over.ask == budget => Err(used_up(city)),
            Some(over) => Err(wait(
                ["sms.wait", "sms.wait_minutes", "sms.wait_hours"],
                over.retry_after,
            )),
        }
    }

    /// Counts a message of [`Share::Known`] that is about to go, and is the last one to say no.
    pub(crate) async fn spend(&self, city: &City, at: OffsetDateTime) -> UseResult<()> {
        let ask = self.budget(city, Share::Known, at).await?;
        match self.limits.take(&[ask], at).await? {
            None => Ok(()),
            Some(_) => Err(used_up(city)),
        }
    }

    /// The city's daily budget is one for codes and notices: what the providers took of the others, by the log, is not there for
    /// what is counted here, under the lock of the take (S-38).
    async fn budget(&self, city: &City, share: Share, at: OffsetDateTime) -> UseResult<LimitAsk> {
        let budget = city.sms_daily_budget;
        let most = match share {
            Share::SignedIn => u32::MAX,
            Share::Known => self.left_of(budget, city, at).await?,
            Share::Strangers => {
                let theirs = budget - budget / RESERVE;
                self.left_of(theirs, city, at).await?
            }
        };
        let limit = Limit::new(most, BUDGET_WINDOW);
        Ok(LimitAsk::new(format!("sms:{}:budget", city.id), [limit]))
    }

    async fn left_of(&self, share: u32, city: &City, at: OffsetDateTime) -> UseResult<u32> {
        let since = at - BUDGET_WINDOW;
        let others = self.log.sent_besides_counted(city.id, since).await?;
        Ok(share.saturating_sub(u32::try_from(others).unwrap_or(u32::MAX)))
    }
}

/// One phone, over all purposes and whoever asks.
pub(crate) fn phone(city: &City, index: &[u8; 32]) -> LimitAsk {
    LimitAsk::new(format!("sms:{}:phone:{}", city.id, hex(index)), PER_PHONE)
}

/// Where it is asked from.
pub(crate) fn network(origin: &Origin) -> LimitAsk {
    LimitAsk::new(format!("sms:ip:{}", origin.network()), PER_NETWORK)
}

fn used_up(city: &City) -> UseError {
    let budget = city.sms_daily_budget;
    tracing::error!(city = %city.id, budget, "the daily budget of messages is used up");
    UseError::too_many("sms.budget", 3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_counts_once_however_many_addresses_it_has() {
        let bucket = |ip: &str| {
            let origin = Origin {
                ip: ip.to_owned(),
                ..Origin::default()
            };
            network(&origin).bucket
        };
        assert_eq!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:2:ffff::9"));
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
        assert_ne!(bucket("203.0.113.7"), bucket("203.0.113.8"));
    }
}
