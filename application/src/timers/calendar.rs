//! 工作日历 that ends soon: the city is told while there is time to get the next notice of holidays, and once it is there, the
//! promises that waited for it get their dates.

use domain::{
    calendar::{SHANGHAI, local_date},
    financing::replay,
};
use time::{Date, Duration, Month, OffsetDateTime};

use super::{ROUND, Timers};
use crate::{
    access::Permit,
    city::City,
    error::{UseError, UseResult},
    outbox::letters::Letter,
    supervision::calendar::{CALENDAR_PAGE, ENOUGH_DAYS, days_left},
};

impl Timers {
    /// Due times that were beyond the calendar when they began, and no longer are: told by the log alone.
    pub(super) async fn date_the_undated(&self, permit: &Permit, city: &City) -> UseResult<()> {
        let calendar = self.calendar.work_calendar();
        let clocks = Self::clocks(city, &calendar);
        let end = Date::from_calendar_date(*calendar.years().end(), Month::December, 31);
        let limits = &city.clocks;
        let longest = [
            limits.decision_days,
            limits.disburse_days,
            limits.contact_days,
        ];
        let longest = longest.into_iter().max().unwrap_or_default();
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
        for id in ids {
            let Some(application) = work.financing_applications().find_for_update(id).await? else {
                continue;
            };
            let log = work.financing_applications().events(id).await?;
            let told = replay(&log, &clocks);
            if told.due_at.is_some() && told.stage == application.record().stage {
                work.reminders().date(&application, &told).await?;
            }
        }
        Ok(work.commit().await?)
    }

    /// After 暂停服务: whatever was due after it began is due when its log says now that the pause is over. A second time changes
    /// nothing; answers how many requests were moved.
    pub async fn date_anew(&self, permit: &Permit, since: OffsetDateTime) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let calendar = self.calendar.work_calendar();
        let clocks = Self::clocks(&city, &calendar);
        let mut moved = self.date_complaints(permit, &city, Some(since)).await?;
        let mut last = None;
        loop {
            let mut work = self.store.begin(permit).await?;
            let ids = work.reminders().due_after(since, last, ROUND).await?;
            let Some(end) = ids.last() else {
                return Ok(moved);
            };
            last = Some(*end);
            for id in ids {
                let Some(application) = work.financing_applications().find_for_update(id).await?
                else {
                    continue;
                };
                let log = work.financing_applications().events(id).await?;
                let told = replay(&log, &clocks);
                // A row that differs from its log is the audit's to tell of.
                if told.stage == application.record().stage
                    && work.reminders().date_anew(&application, &told).await?
                {
                    moved += 1;
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
        let calendar = self.calendar.work_calendar();
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
