//! Timers worker 时钟: rows 15 and 30 of the lifecycle, and the warnings before them, one city at a time.

use std::sync::Arc;

use domain::{
    financing::{Clocks, Stage},
    ids::{FinancingApplicationId, MessageId},
};
use time::{Duration, OffsetDateTime};

use crate::{
    access::Permit,
    city::{Cities, City},
    error::{Kind, UseError, UseResult},
    financing::announcement,
    outbox::letters::{self, Letter},
    ports::{
        clock::Clock,
        messages::NewMessage,
        notice_words::NoticeWords,
        reference::WorkCalendarSource,
        reminders::{SUPPLEMENT_WARNING, UNACCEPTED_NOTICE},
        store::{Store, UnitOfWork},
    },
};

const ROUND: i64 = 100;

/// The worker.
#[derive(Clone)]
pub struct Timers {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cities: Arc<dyn Cities>,
    calendar: Arc<dyn WorkCalendarSource>,
    words: Arc<dyn NoticeWords>,
}

impl Timers {
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cities: Arc<dyn Cities>,
        calendar: Arc<dyn WorkCalendarSource>,
        words: Arc<dyn NoticeWords>,
    ) -> Self {
        Self {
            store,
            clock,
            cities,
            calendar,
            words,
        }
    }

    /// One round in the city of the permit; answers how many requests were moved or told of.
    pub async fn tick(&self, permit: &Permit) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let now = self.clock.now();
        let mut done = 0;
        for id in self.overdue(permit, &city, now).await? {
            match self.close(permit, &city, id).await {
                Ok(()) => done += 1,
                // Somebody moved it in the meantime: exactly what compare-and-set is for.
                Err(error) if error.kind == Kind::Conflict => {}
                Err(error) => {
                    tracing::error!(application = %id, code = error.code, "a timer did not run out");
                }
            }
        }
        Ok(done + self.remind(permit, &city, now).await?)
    }

    async fn overdue(
        &self,
        permit: &Permit,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<Vec<FinancingApplicationId>> {
        let mut work = self.store.begin(permit).await?;
        let expire_before = now - Duration::days(city.clocks.expire_days.into());
        let ids = work
            .financing_applications()
            .overdue(now, expire_before, ROUND)
            .await?;
        Ok(ids)
    }

    async fn close(
        &self,
        permit: &Permit,
        city: &City,
        id: FinancingApplicationId,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        let found = work.financing_applications().find_for_update(id).await?;
        let mut application = found.ok_or_else(UseError::not_found)?;
        let at = self.clock.now();
        let calendar = self.calendar.work_calendar();
        let clocks = Clocks {
            limits: city.clocks,
            calendar: &calendar,
        };
        let event = if application.record().stage == Stage::NeedSupplement {
            application.supplement_timeout(at)?
        } else {
            application.expire(&clocks, at)?
        };
        work.financing_applications()
            .save(&application, &event)
            .await?;
        work.outbox()
            .push(
                self.clock.new_id(),
                "application.event",
                announcement(&event),
                at,
            )
            .await?;
        work.commit().await?;
        Ok(())
    }

    /// 12 days after a 退回补充 the enterprise is warned; 20 days after a submission everybody concerned is told.
    async fn remind(&self, permit: &Permit, city: &City, now: OffsetDateTime) -> UseResult<usize> {
        let limits = city.clocks;
        let mut work = self.store.begin(permit).await?;
        let left = limits
            .supplement_days
            .saturating_sub(limits.supplement_warning_days);
        let due_before = now + Duration::days(left.into());
        let warned = work
            .reminders()
            .supplement_warnings(due_before, ROUND)
            .await?;
        for application in &warned {
            let r = application.record();
            let key = format!("{SUPPLEMENT_WARNING}:{}:{}", r.id, r.supplement_rounds);
            let code = "notice.supplement_warning";
            let letter = letters::to_enterprise(application, key, code, &*self.words);
            self.put(&mut *work, letter, now).await?;
        }
        let submitted_before = now - Duration::days(limits.unaccepted_notice_days.into());
        let unaccepted = work.reminders().unaccepted(submitted_before, ROUND).await?;
        for application in &unaccepted {
            let r = application.record();
            let key = |whom: &str| format!("{UNACCEPTED_NOTICE}:{}:{whom}", r.id);
            let code = "notice.unaccepted";
            let words = &*self.words;
            let own = letters::to_enterprise(application, key("enterprise"), code, words);
            self.put(&mut *work, own, now).await?;
            let code = "notice.staff.unaccepted";
            let mut city_letter =
                letters::to_staff(application, r.tenant, key("city"), code, words);
            city_letter.link = String::new();
            self.put(&mut *work, city_letter, now).await?;
            if let Some(branch) = r.handler {
                let letter = letters::to_staff(application, branch, key("branch"), code, words);
                self.put(&mut *work, letter, now).await?;
            }
        }
        work.commit().await?;
        Ok(warned.len() + unaccepted.len())
    }

    async fn put(
        &self,
        work: &mut dyn UnitOfWork,
        letter: Letter,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let message = NewMessage {
            id: MessageId(self.clock.new_id()),
            to: letter.to,
            enterprise: letter.enterprise,
            dedupe_key: letter.key,
            title: letter.title,
            body: letter.body,
            link: letter.link,
            at,
        };
        work.messages().put(&message).await?;
        Ok(())
    }
}
