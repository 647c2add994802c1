//! 工作日历 that ends soon: the city is told while there is time to get the next notice of holidays, and once it is there, the
//! promises that waited for it get their dates.

use domain::{
    calendar::{SHANGHAI, local_date},
    financing::{Clocks, FinancingApplication, Replayed, replay},
    ids::FinancingApplicationId,
};
use time::{Date, Duration, Month, OffsetDateTime};

use serde_json::json;

use super::{ROUND, Timers};
use crate::{
    access::Permit,
    city::City,
    error::{Kind, UseError, UseResult},
    outbox::letters::Letter,
    ports::{audit::AuditEntry, store::UnitOfWork},
    rules::rules_of_clocks,
    supervision::calendar::{CALENDAR_PAGE, ENOUGH_DAYS, days_left},
    turns::Turns,
};

/// By then every process has long heard of a change, and every request served on the calendar of before is over.
const HEARD: Duration = Duration::minutes(10);

impl Timers {
    /// Due times that were beyond the calendar when they began, and no longer are: told by the log alone.
    pub(super) async fn date_the_undated(&self, permit: &Permit, city: &City) -> UseResult<()> {
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        let end = Date::from_calendar_date(*calendar.years().end(), Month::December, 31);
        let spans = city.clocks.spans(self.clock.now(), |limits| {
            let days = [
                limits.decision_days,
                limits.disburse_days,
                limits.contact_days,
            ];
            days.into_iter().max().unwrap_or_default()
        });
        let longest = spans.into_iter().map(|(_, days)| days).max();
        let longest = longest.unwrap_or_default();
        let Ok(end) = end.map(|day| day.midnight().assume_offset(SHANGHAI)) else {
            return Ok(());
        };
        // What began before this is within the calendar, however long its clock.
        let Ok(before) = calendar.subtract_working_time(end, Duration::days(longest.into())) else {
            return Ok(());
        };
        let mut work = self.store.begin(permit).await?;
        let ids = work.reminders().undated_before(before, ROUND).await?;
        if ids.is_empty() {
            return Ok(());
        }
        let mut turns = Turns::default();
        for id in ids {
            match retold(&mut *work, id, &clocks).await {
                Ok(Some((application, told))) if told.due_at.is_some() => {
                    work.reminders().date(&application, &told).await?;
                }
                Ok(_) => {}
                Err(error) => unread(&mut turns, id, error)?,
            }
        }
        work.commit().await?;
        turns.end().map(|_| ())
    }

    /// After a change of 工作日历 by the city. Twice: a request that was served on the calendar of before, in the moment in which
    /// this process had not heard of the change, is found by the second time.
    pub(super) async fn date_for_the_calendar(
        &self,
        permit: &Permit,
        now: OffsetDateTime,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        let asked = work.city_rules().redatings(ROUND).await?;
        drop(work);
        let mut turns = Turns::default();
        for one in asked.iter().rev() {
            let settled = one.asked_at + HEARD;
            let owed = match one.dated_at {
                None => true,
                Some(at) => at < settled && now >= settled,
            };
            if !owed {
                continue;
            }
            let moved = match self.date_anew(permit, one.since).await {
                Ok(moved) => moved,
                Err(error) if error.kind == Kind::Bug => {
                    turns.failed("a change of the calendar", error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let mut work = self.store.begin(permit).await?;
            work.city_rules()
                .redated(one.change, i32::try_from(moved).unwrap_or(i32::MAX), now)
                .await?;
            if one.dated_at.is_none() || moved > 0 {
                let id = self.clock.new_id();
                let entry = AuditEntry::by_system(id, "city_rule.redated", one.change, now)
                    .detail(json!({ "since": one.since.unix_timestamp(), "moved": moved }));
                work.audit().write(entry).await?;
            }
            work.commit().await?;
        }
        turns.end().map(|_| ())
    }

    /// After 暂停服务 or a change of 工作日历: whatever was due after it began is due when its log says now. A second time changes
    /// nothing; answers how many requests were moved.
    pub async fn date_anew(&self, permit: &Permit, since: OffsetDateTime) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let mut city = (*city.ok_or_else(UseError::not_found)?).clone();
        // As the database holds it: this process may not have heard yet.
        let mut work = self.store.begin(permit).await?;
        rules_of_clocks(&mut *work, &mut city).await?;
        drop(work);
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(&city, &calendar);
        let mut moved = self.date_complaints(permit, &city, Some(since)).await?;
        let (mut last, mut turns) = (None, Turns::default());
        loop {
            let mut work = self.store.begin(permit).await?;
            let ids = work.reminders().due_after(since, last, ROUND).await?;
            let Some(end) = ids.last() else {
                turns.end()?;
                return Ok(moved);
            };
            last = Some(*end);
            for id in ids {
                match retold(&mut *work, id, &clocks).await {
                    Ok(Some((application, told))) => {
                        let dated = work.reminders().date_anew(&application, &told).await?;
                        moved += usize::from(dated);
                    }
                    Ok(None) => {}
                    Err(error) => unread(&mut turns, id, error)?,
                }
            }
            work.commit().await?;
        }
    }

    /// Once per missing year.
    pub(super) async fn tell_of_the_calendar(
        &self,
        permit: &Permit,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<()> {
        let calendar = city.work_calendar(&*self.calendar);
        let left = days_left(&calendar, local_date(now));
        if left >= ENOUGH_DAYS {
            return Ok(());
        }
        let year = calendar.years().end() + 1;
        let params = [
            ("year", year.to_string()),
            ("days", left.max(0).to_string()),
        ];
        let letter = Letter {
            to: city.id,
            enterprise: None,
            key: format!("calendar:{year}"),
            title: self.words.text("notice.city.calendar.title", &params),
            body: self.words.text("notice.city.calendar.body", &params),
            link: CALENDAR_PAGE.to_owned(),
        };
        let mut work = self.store.begin(permit).await?;
        if self.put(&mut *work, letter, now).await? {
            work.commit().await?;
        }
        Ok(())
    }
}

/// What an application's log says now. One that is gone says nothing, and a row that differs from its log is the audit's to tell of.
async fn retold(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
    clocks: &Clocks<'_>,
) -> UseResult<Option<(FinancingApplication, Replayed)>> {
    let Some(application) = work.financing_applications().find_for_update(id).await? else {
        return Ok(None);
    };
    let log = work.financing_applications().events(id).await?;
    let told = replay(&log, clocks);
    let is_as_told = told.stage == application.record().stage;
    Ok(is_as_told.then_some((application, told)))
}

/// A log that cannot be read keeps no other request at its old dates; whatever else failed is no matter of one request.
fn unread(turns: &mut Turns, id: FinancingApplicationId, error: UseError) -> UseResult<()> {
    if error.kind != Kind::Bug {
        return Err(error);
    }
    turns.failed(&format!("the dates of {id}"), error);
    Ok(())
}
