//! 资料授权 ends with its application (B6): the pages know it from the clock alone; here it is noted, for the enterprise to read and for
//! the time from which the records are kept.

use domain::ids::FinancingApplicationId;
use time::{Duration, OffsetDateTime};

use super::{ROUND, Timers};
use crate::{
    access::Permit,
    city::City,
    dossier::{consents_end, ended},
    error::UseResult,
    ports::consents::Over,
};

/// Where the calendar ends before, this much is more than any window.
const WINDOW: Duration = Duration::days(15);

impl Timers {
    pub(super) async fn end_consents(
        &self,
        permit: &Permit,
        city: &City,
        now: OffsetDateTime,
    ) -> UseResult<()> {
        let over = self.over(city, now);
        let mut work = self.store.begin(permit).await?;
        let applications = work.consents().over_with_consents(&over, ROUND).await?;
        drop(work);
        for application in applications {
            self.end_of(permit, city, application.record().id, now)
                .await?;
        }
        Ok(())
    }

    /// Under the lock under which 复议 is asked for: of the two, the later one sees what the other has done.
    async fn end_of(
        &self,
        permit: &Permit,
        city: &City,
        id: FinancingApplicationId,
        now: OffsetDateTime,
    ) -> UseResult<()> {
        let mut work = self.store.begin(permit).await?;
        let found = work.financing_applications().find_for_update(id).await?;
        let Some(application) = found else {
            return Ok(());
        };
        let end = consents_end(city, &*self.calendar, application.record());
        if let Some(at) = ended(&mut *work, id, end, now).await? {
            work.consents().end_consents(id, at).await?;
        }
        Ok(work.commit().await?)
    }

    /// 5 working days for 复议, 2 for 更正误操作 (rows 23 and 24).
    fn over(&self, city: &City, now: OffsetDateTime) -> Over {
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Self::clocks(city, &calendar);
        let before = |days| clocks.overdue_since(days, now).unwrap_or(now - WINDOW);
        Over {
            not_reconsidered: before(5),
            not_corrected: before(2),
        }
    }
}
