//! Timers worker 时钟: rows 5, 11, 15, 27 and 30 of the lifecycle, and the warnings before them, one city at a time.

mod breaches;
mod calendar;
mod complaints;
mod loans;
mod over;
mod ratings;
mod reminders;
mod run_out;

use std::sync::Arc;

use domain::{
    calendar::WorkCalendar,
    financing::{Clocks, FinancingApplication},
    ids::MessageId,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

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
    turns::Turns,
};

const ROUND: i64 = 100;
/// After this nobody waits for a receipt any more.
const RECEIPTS: Duration = Duration::days(3);

fn count(done: usize) -> u64 {
    u64::try_from(done).unwrap_or(u64::MAX)
}

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

    /// Each step is on its own: one row that cannot be read stops no other clock.
    async fn round(&self, permit: &Permit, city: &City) -> UseResult<usize> {
        let now = self.clock.now();
        let mut steps = Turns::default();
        let dated = self.date_for_the_calendar(permit, now).await;
        if let Err(error) = dated {
            // Nothing runs out by the dates of before, unless single requests are all that could not be read.
            if error.kind != Kind::Bug {
                return Err(error);
            }
            steps.failed("new dates", error);
        }
        // Before anything runs out: what is closed by its clock was late first.
        let noted = self.note_breaches(permit, now).await;
        steps.take("breaches", noted.map(|()| 0));
        steps.take("what runs out", self.end_all(permit, city, now).await);
        let told = self.remind(permit, city, now).await;
        steps.take("reminders", told.map(count));
        let told = self.remind_of_clocks(permit, city, now).await;
        steps.take("clocks", told);
        let told = self.over_complaints(permit, city, now).await;
        steps.take("complaints", told.map(count));
        let ended = self.end_consents(permit, city, now).await;
        steps.take("consents", ended.map(|()| 0));
        let heard = self.hear_receipts(permit, now).await;
        steps.take("receipts", heard.map(|()| 0));
        let dated = self.date_the_undated(permit, city).await;
        steps.take("first dates", dated.map(|()| 0));
        let told = self.tell_of_the_calendar(permit, city, now).await;
        steps.take("calendar", told.map(|()| 0));
        let done = steps.end()?;
        Ok(usize::try_from(done).unwrap_or(usize::MAX))
    }

    async fn end_all(&self, permit: &Permit, city: &City, now: OffsetDateTime) -> UseResult<u64> {
        let mut done = 0;
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
        Ok(done)
    }

    fn clocks<'c>(city: &'c City, calendar: &'c WorkCalendar) -> Clocks<'c> {
        Clocks {
            eras: &city.clocks,
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

    /// What receipts said of the messages to phones stands beside the letters that they went with.
    async fn hear_receipts(&self, permit: &Permit, now: OffsetDateTime) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        work.messages().hear_receipts(now - RECEIPTS).await?;
        Ok(work.commit().await?)
    }

    /// A message to a phone, sent after the commit.
    async fn ring(
        &self,
        work: &mut dyn UnitOfWork,
        application: &FinancingApplication,
        call: Call,
        at: OffsetDateTime,
    ) -> UseResult<Uuid> {
        let payload = call.payload(application);
        let id = self.clock.new_id();
        work.outbox().push(id, SMS, payload, at).await?;
        Ok(id)
    }
}
