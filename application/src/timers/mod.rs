//! Timers worker 时钟: rows 5, 11, 15, 27 and 30 of the lifecycle, and the warnings before them, one city at a time.

mod calendar;
mod complaints;
mod loans;
mod ratings;
mod reminders;
mod run_out;

use std::sync::Arc;

use domain::{
    calendar::WorkCalendar,
    financing::{Clocks, FinancingApplication},
    ids::MessageId,
};
use time::OffsetDateTime;

use crate::{
    access::Permit,
    city::{Cities, City},
    error::{Kind, UseError, UseResult},
    outbox::{
        SMS,
        letters::{Call, Letter},
    },
    ports::{
        clock::Clock,
        messages::NewMessage,
        notice_words::NoticeWords,
        reference::WorkCalendarSource,
        store::{Store, UnitOfWork},
    },
    rules::texts::CityWords,
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
        let words = CityWords::new(self.words.clone(), Some(&city));
        let worker = Self {
            words: Arc::new(words),
            ..self.clone()
        };
        worker.round(permit, &city).await
    }

    async fn round(&self, permit: &Permit, city: &City) -> UseResult<usize> {
        let now = self.clock.now();
        let mut done = 0;
        self.date_for_the_calendar(permit, now).await?;
        for id in self.run_out(permit, city, now).await? {
            match self.close(permit, city, id).await {
                Ok(()) => done += 1,
                // Somebody moved it in the meantime: exactly what compare-and-set is for.
                Err(error) if error.kind == Kind::Conflict => {}
                Err(error) => {
                    let cause = error.chain();
                    tracing::error!(application = %id, code = error.code, cause, "a timer did not run out");
                }
            }
        }
        done += self.remind(permit, city, now).await?;
        done += self.remind_of_clocks(permit, city, now).await?;
        done += self.over_complaints(permit, city, now).await?;
        self.date_the_undated(permit, city).await?;
        self.tell_of_the_calendar(permit, city, now).await?;
        Ok(done)
    }

    fn clocks<'c>(city: &'c City, calendar: &'c WorkCalendar) -> Clocks<'c> {
        Clocks {
            limits: city.clocks,
            calendar,
            pauses: &city.pauses,
        }
    }

    /// False when it was told before.
    async fn put(
        &self,
        work: &mut dyn UnitOfWork,
        letter: Letter,
        at: OffsetDateTime,
    ) -> UseResult<bool> {
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
        Ok(work.messages().put(&message).await?)
    }

    /// A message to a phone, sent after the commit.
    async fn ring(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        call: Call,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let payload = call.payload(application);
        Ok(work
            .outbox()
            .push(self.clock.new_id(), SMS, payload, at)
            .await?)
    }
}
