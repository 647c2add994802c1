//! Alarms 短信告警: the city's staff hear once a day that the budget of messages runs out, or that a provider wants something.

use std::sync::Arc;

use domain::ids::{MessageId, TenantId};
use time::{Duration, OffsetDateTime};

use super::letters::beijing_day;
use crate::{
    access::Permit,
    city::Cities,
    error::{UseError, UseResult},
    ports::{
        clock::Clock,
        messages::NewMessage,
        notice_words::NoticeWords,
        store::{Store, UnitOfWork},
    },
    rules::texts::CityWords,
};

/// The worker.
#[derive(Clone)]
pub struct Alarms {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub cities: Arc<dyn Cities>,
    pub words: Arc<dyn NoticeWords>,
}

impl Alarms {
    /// One look in the city of the permit; answers how many alarms were new.
    pub async fn look(&self, permit: &Permit) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let now = self.clock.now();
        let since = now - Duration::hours(24);
        let budget = i64::from(city.sms_daily_budget);
        let mut work = self.store.begin(permit).await?;
        let sent = work.sms_tries().sent_since(since).await?;
        let troubles = work.sms_tries().troubles_since(since).await?;
        let mut new = 0;
        let numbers = [("sent", sent.to_string()), ("budget", budget.to_string())];
        for (due, code) in [
            (sent >= budget, "sms.budget_over"),
            (sent < budget && sent * 5 >= budget * 4, "sms.budget_soon"),
        ] {
            if due && self.tell(&mut *work, city.id, code, code, &numbers).await? {
                tracing::error!(city = %city.id, code, sent, budget, "an alarm of messages");
                new += 1;
            }
        }
        for (provider, reason) in troubles {
            let key = format!("sms.trouble:{provider}:{}", reason.code());
            let params = [
                (
                    "provider",
                    self.words.text(&format!("provider.{provider}"), &[]),
                ),
                ("reason", reason.zh().to_owned()),
            ];
            if self
                .tell(&mut *work, city.id, &key, "sms.trouble", &params)
                .await?
            {
                tracing::error!(city = %city.id, provider, reason = reason.code(), "a provider of messages needs somebody");
                new += 1;
            }
        }
        work.commit().await?;
        Ok(new)
    }

    async fn tell(
        &self,
        work: &mut dyn UnitOfWork,
        city: TenantId,
        key: &str,
        code: &str,
        params: &[(&'static str, String)],
    ) -> UseResult<bool> {
        let now: OffsetDateTime = self.clock.now();
        let settings = self.cities.by_id(city);
        let words = CityWords::new(self.words.clone(), settings.as_deref());
        let message = NewMessage {
            id: MessageId(self.clock.new_id()),
            to: city,
            enterprise: None,
            dedupe_key: format!("{key}:{}", beijing_day(now)),
            title: words.text(&format!("notice.{code}.title"), params),
            body: words.text(&format!("notice.{code}.body"), params),
            link: "/operator/providers".to_owned(),
            at: now,
        };
        Ok(work.messages().put(&message).await?)
    }
}
