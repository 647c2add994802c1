//! C5: complaints that are due soon, overdue and late are told to the city; what was answered and not asked about again ends.

use domain::complaint::{ComplaintStatus, ComplaintStep, DAYS_TO_REOPEN};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{ROUND, Timers};
use crate::{
    access::Permit,
    city::City,
    complaints::notices,
    error::UseResult,
    ports::{
        audit::AuditEntry,
        complaints::{ComplaintAlarm, StepRow},
    },
};

impl Timers {
    /// One round over the city's complaints; answers how many were told of or ended.
    pub(super) async fn over_complaints(
        &self,
        permit: &Permit,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<usize> {
        self.date_complaints(permit, city, None).await?;
        let mut done = 0;
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        let alarms = [
            (ComplaintAlarm::Late, clocks.overdue_since(1, now)),
            (ComplaintAlarm::Over, Some(now)),
            (ComplaintAlarm::Soon, clocks.due_within(1, now)),
        ];
        // The furthest first: a worker that was away does not tell of three at once.
        for (alarm, due_by) in alarms {
            if let Some(due_by) = due_by {
                done += self.tell_of_complaints(permit, alarm, due_by, now).await?;
            }
        }
        Ok(done + self.end_complaints(permit, now).await?)
    }

    async fn tell_of_complaints(
        &self,
        permit: &Permit,
        alarm: ComplaintAlarm,
        due_by: OffsetDateTime,
        now: OffsetDateTime,
    ) -> UseResult<usize> {
        let mut work = self.store.begin(permit).await?;
        let due = work
            .complaints()
            .complaints_to_tell(alarm, due_by, ROUND)
            .await?;
        if due.is_empty() {
            return Ok(0);
        }
        let code = match alarm {
            ComplaintAlarm::Soon => "notice.city.complaint_soon",
            ComplaintAlarm::Over => "notice.city.complaint_over",
            ComplaintAlarm::Late => "notice.city.complaint_late",
        };
        for one in &due {
            let key = format!("{code}:{}:{}", one.id, one.clock_from.unix_timestamp());
            let letter = notices::to_city(one, permit.city(), key, code, &*self.words);
            self.put(&mut *work, letter, now).await?;
            if alarm == ComplaintAlarm::Over {
                let code = "notice.complaint_over";
                let key = format!("{code}:{}:{}", one.id, one.clock_from.unix_timestamp());
                let own = notices::to_enterprise(one, permit.city(), key, code, &*self.words);
                self.put(&mut *work, own, now).await?;
            }
            work.complaints().complaint_told(one.id, alarm).await?;
        }
        work.commit().await?;
        Ok(due.len())
    }

    async fn end_complaints(&self, permit: &Permit, now: OffsetDateTime) -> UseResult<usize> {
        let before = now - Duration::days(DAYS_TO_REOPEN);
        let mut work = self.store.begin(permit).await?;
        let mut over = work.complaints().complaints_to_close(before, ROUND).await?;
        if over.is_empty() {
            return Ok(0);
        }
        for one in &mut over {
            one.status = ComplaintStatus::Closed;
            one.closed_at = Some(now);
            work.complaints().save_complaint(one).await?;
            let step = StepRow {
                id: self.clock.new_id(),
                step: ComplaintStep::Closed,
                words: String::new(),
                by: None,
                by_name: String::new(),
                node: None,
                node_name: String::new(),
                at: now,
            };
            work.complaints().add_complaint_step(one.id, &step).await?;
            let id = self.clock.new_id();
            let entry = AuditEntry::by_system(id, "complaint.close", one.id, now)
                .detail(json!({ "number": one.number }));
            work.audit().write(entry).await?;
        }
        work.commit().await?;
        Ok(over.len())
    }

    /// Due times that the calendar did not reach, or, after 暂停服务, those that were due after it began.
    pub(super) async fn date_complaints(
        &self,
        permit: &Permit,
        city: &City,
        due_after: Option<OffsetDateTime>,
    ) -> UseResult<usize> {
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        let mut work = self.store.begin(permit).await?;
        let open = work
            .complaints()
            .complaints_to_date(due_after, ROUND * 10)
            .await?;
        let mut moved = 0;
        for one in &open {
            let due = clocks.complaint_due(one.clock_from);
            if due != one.due_at {
                work.complaints().date_complaint(one.id, due).await?;
                moved += 1;
            }
        }
        if moved > 0 {
            work.commit().await?;
        }
        Ok(moved)
    }
}
