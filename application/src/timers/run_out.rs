//! What runs out by itself: 待核身 (row 5), 超时未接单 (row 11), 补充逾期 (row 15), 额度到期 (row 27), 逾期失效 (row 30).

use domain::{
    calendar::local_date,
    financing::{
        ActingPerson, ApplicationEvent, Clocks, FinancingApplication, Stage, TransitionError,
    },
    ids::FinancingApplicationId,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{ROUND, Timers};
use crate::{
    access::Permit,
    city::City,
    error::{UseError, UseResult},
    financing::{announcement, held::give_back},
    ports::{financing_applications::RunOut, store::UnitOfWork},
};

/// What the log says of an approval that nobody drew on.
const VALIDITY_PASSED: &str = "授信有效期已过，未用信。";

/// How long a request waits for the face check.
const HELD_FOR: Duration = Duration::hours(24);

impl Timers {
    pub(super) async fn run_out(
        &self,
        permit: &Permit,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<Vec<FinancingApplicationId>> {
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        let accept = city.clocks.spans(now, |limits| limits.accept_days);
        let expire = city.clocks.spans(now, |limits| limits.expire_days);
        let at = RunOut {
            now,
            accept_due_by: accept
                .into_iter()
                .filter_map(|(started, days)| Some((started, clocks.overdue_since(days, now)?)))
                .collect(),
            submitted_by: expire
                .into_iter()
                .map(|(started, days)| (started, clocks.back(now, Duration::days(days.into()))))
                .collect(),
            today: local_date(now),
            held_by: clocks.back(now, HELD_FOR),
        };
        let mut work = self.store.begin(permit).await?;
        Ok(work.financing_applications().run_out(&at, ROUND).await?)
    }

    pub(super) async fn close(
        &self,
        permit: &Permit,
        city: &City,
        id: FinancingApplicationId,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        let found = work.financing_applications().find_for_update(id).await?;
        let mut application = found.ok_or_else(UseError::not_found)?;
        let at = self.clock.now();
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        if application.record().stage == Stage::PendingFace {
            let held_by = clocks.back(at, HELD_FOR);
            return self.give_back(work, application, held_by, at).await;
        }
        let event = end(&mut application, &clocks, at)?;
        work.financing_applications()
            .save(&application, &event)
            .await?;
        let mut notice = announcement(&event);
        notice["by"] = "system".into();
        notice["due"] = json!(
            application
                .record()
                .due_at
                .map(OffsetDateTime::unix_timestamp)
        );
        work.outbox()
            .push(self.clock.new_id(), "application.event", notice, at)
            .await?;
        Ok(work.commit().await?)
    }

    /// 待核身 that nobody passed: a draft again.
    async fn give_back(
        &self,
        mut work: Box<dyn UnitOfWork>,
        application: FinancingApplication,
        held_by: OffsetDateTime,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        if application.record().updated_at > held_by {
            return Err(UseError::conflict("financing.too_early"));
        }
        let why = self.words.text("financing.face_not_in_time", &[]);
        let new = (self.clock.new_id(), at);
        give_back(&mut *work, application, new, &why, &*self.words).await?;
        Ok(work.commit().await?)
    }
}

/// The total clock goes before the branch's own.
fn end(
    application: &mut FinancingApplication,
    clocks: &Clocks<'_>,
    at: OffsetDateTime,
) -> Result<ApplicationEvent, TransitionError> {
    let record = application.record();
    let over = record
        .submitted_at
        .is_some_and(|submitted| clocks.expires_at(submitted) <= at);
    match record.stage {
        Stage::NeedSupplement => application.supplement_timeout(at),
        Stage::Approved => {
            application.give_up(ActingPerson::system(), VALIDITY_PASSED.to_owned(), at)
        }
        Stage::Submitted if !over => application.intake_timeout(clocks, at),
        _ => application.expire(clocks, at),
    }
}
