//! 接单速度 of the branches: from their own acceptances, in the working time that the clocks count, noted beside each branch so that
//! the public pages only read it; and 本行中位数, for a branch to stand beside.

use std::{collections::BTreeMap, sync::Arc};

use domain::{financing::Clocks, ids::TenantId};
use time::Duration;

use crate::{
    access::Permit,
    city::Cities,
    error::{UseError, UseResult},
    headquarters::moment,
    ports::{
        clock::Clock,
        reference::WorkCalendarSource,
        statistics::{Acceptance, UsualResponse},
        store::Store,
    },
};

/// Days of acceptances that count.
pub const RESPONSE_DAYS: i64 = 90;
/// Fewer acceptances do not tell what is usual.
pub const ENOUGH_ACCEPTANCES: i64 = 5;

const HOUR: i64 = 3_600;

/// Keeps 接单速度 of a city's branches.
#[derive(Clone)]
pub struct ResponseTimes {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

impl ResponseTimes {
    /// Reckons every branch anew; answers how many are told otherwise than before.
    pub async fn round(&self, permit: &Permit) -> UseResult<usize> {
        let city = self.cities.by_id(permit.city());
        let city = city.ok_or_else(UseError::not_found)?;
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Clocks {
            eras: &city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        };
        let now = self.clock.now();
        let since = now - Duration::days(RESPONSE_DAYS);
        let mut work = self.store.begin(permit).await?;
        let acceptances = work.statistics().acceptances(since).await?;
        let usual = usual(&clocks, &acceptances);
        let changed = work.statistics().note_responses(&usual).await?;
        work.institution_board().note_medians(moment(now)).await?;
        work.commit().await?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }
}

/// The mean of each branch that has enough of them, in hours begun: nobody is promised less than was usual.
fn usual(clocks: &Clocks<'_>, acceptances: &[Acceptance]) -> Vec<UsualResponse> {
    let mut sums: BTreeMap<TenantId, (i64, i64)> = BTreeMap::new();
    for one in acceptances {
        if let Some(taken) = clocks.taken(one.came, one.accepted) {
            let (seconds, count) = sums.entry(one.branch).or_default();
            *seconds += taken.whole_seconds();
            *count += 1;
        }
    }
    sums.into_iter()
        .filter(|(_, (_, count))| *count >= ENOUGH_ACCEPTANCES)
        .filter_map(|(branch, (seconds, count))| {
            let hours = (seconds / count + HOUR - 1) / HOUR;
            let hours = i32::try_from(hours.max(1)).ok()?;
            Some(UsualResponse { branch, hours })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::{calendar::WorkCalendar, financing::ClockEras};
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    fn told(acceptances: &[Acceptance]) -> Vec<UsualResponse> {
        let calendar = WorkCalendar::new(2026..=2026, []);
        let clocks = Clocks {
            eras: &ClockEras::default(),
            calendar: &calendar,
            pauses: &[],
        };
        usual(&clocks, acceptances)
    }

    fn accepted_after(hours: i64) -> Acceptance {
        let came = datetime!(2026-11-23 09:00 +8);
        Acceptance {
            branch: TenantId(Uuid::from_u128(7)),
            came,
            accepted: came + Duration::hours(hours),
        }
    }

    #[test]
    fn five_acceptances_tell_what_is_usual_and_four_do_not() {
        let mut all: Vec<Acceptance> = [2, 3, 4, 5].map(accepted_after).to_vec();
        assert!(told(&all).is_empty());
        all.push(accepted_after(7));
        // 4.2 hours: the fifth has begun.
        assert_eq!(told(&all).first().map(|one| one.hours), Some(5));
    }

    #[test]
    fn days_off_are_nobodys_time() {
        let over_the_weekend = Acceptance {
            branch: TenantId(Uuid::from_u128(7)),
            came: datetime!(2026-11-20 22:00 +8),
            accepted: datetime!(2026-11-23 01:00 +8),
        };
        let told = told(&[over_the_weekend; 5]);
        assert_eq!(told.first().map(|one| one.hours), Some(3));
    }
}
