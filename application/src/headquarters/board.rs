//! 时效看板: branches and people beside each other, as they stand this minute.

use std::{cmp::Ordering, collections::BTreeMap};

use domain::financing::Clocks;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Headquarters, results::moment};
use crate::{
    access::{Actor, Room},
    error::UseResult,
    ports::institution_board::{Standing, Told},
};

/// Days of acceptances and decisions that count.
pub const RATE_DAYS: i64 = 30;

/// A branch or person with its place in the own institution.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    pub standing: Standing,
    /// `None`: nothing to compare yet.
    pub place: Option<usize>,
}

/// 放款 and 还款 that a branch told of, and those of them that were told late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feedback {
    pub told: i64,
    pub late: i64,
}

/// The live board.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    pub at: OffsetDateTime,
    pub branches: Vec<Placed>,
    pub people: Vec<Placed>,
    /// By branch; one that told of nothing is not in it.
    pub feedback: BTreeMap<Uuid, Feedback>,
}

impl Headquarters {
    /// Branches and people of the actor's own institution; nobody else's.
    pub async fn board(&self, actor: &Actor) -> UseResult<Board> {
        let permit = self.look(actor, Room::Board).await?;
        let now = self.watch.clock.now();
        let moment = moment(now);
        let city = self.city(actor)?;
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Clocks {
            eras: &city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        };
        let mut work = self.store.begin(&permit).await?;
        let branches = work.institution_board().by_branch(moment).await?;
        let people = work.institution_board().by_person(moment).await?;
        let told = work.institution_board().told_since(moment.since).await?;
        Ok(Board {
            at: now,
            branches: placed(branches),
            people: placed(people),
            feedback: feedback(&clocks, &told),
        })
    }
}

/// Late is what was told more working days after its day than are granted; where the calendar ends nobody is late.
fn feedback(clocks: &Clocks<'_>, told: &[Told]) -> BTreeMap<Uuid, Feedback> {
    let mut by_branch: BTreeMap<Uuid, Feedback> = BTreeMap::new();
    for one in told {
        let count = by_branch.entry(one.branch).or_default();
        count.told += 1;
        count.late += i64::from(clocks.report_due(one.day).is_some_and(|due| one.at > due));
    }
    by_branch
}

fn is_silent(standing: &Standing) -> bool {
    standing.accepted == 0 && standing.decided == 0 && standing.overdue == 0
}

/// Fewer overdue first, then the quicker 接单, then the higher rate of approval.
fn better(a: &Standing, b: &Standing) -> Ordering {
    let hours = |s: &Standing| s.median_hours.unwrap_or(f64::INFINITY);
    a.overdue
        .cmp(&b.overdue)
        .then_with(|| hours(a).total_cmp(&hours(b)))
        .then_with(|| (b.approved * a.decided.max(1)).cmp(&(a.approved * b.decided.max(1))))
}

/// In order of their places; equals share one; those with nothing to compare come last, without a place.
fn placed(mut standings: Vec<Standing>) -> Vec<Placed> {
    standings.sort_by(|a, b| {
        is_silent(a)
            .cmp(&is_silent(b))
            .then_with(|| better(a, b))
            .then_with(|| a.name.cmp(&b.name))
    });
    let mut rows: Vec<Placed> = Vec::with_capacity(standings.len());
    for (i, standing) in standings.into_iter().enumerate() {
        let place = match rows.last() {
            _ if is_silent(&standing) => None,
            Some(before) if better(&before.standing, &standing) == Ordering::Equal => before.place,
            _ => Some(i + 1),
        };
        rows.push(Placed { standing, place });
    }
    rows
}

#[cfg(test)]
mod tests {
    use domain::{calendar::WorkCalendar, financing::ClockEras};
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn three_working_days_are_granted_after_the_day_and_days_off_are_nobodys() {
        let calendar = WorkCalendar::new(2026..=2026, []);
        let clocks = Clocks {
            eras: &ClockEras::default(),
            calendar: &calendar,
            pauses: &[],
        };
        let branch = Uuid::from_u128(7);
        // Money of a Thursday may be told until the end of Tuesday.
        let day = date!(2026 - 11 - 26);
        let told = [
            datetime!(2026-12-01 23:59 +8),
            datetime!(2026-12-02 00:01 +8),
        ]
        .map(|at| Told { branch, day, at });
        let counted = feedback(&clocks, &told);
        assert_eq!(counted.get(&branch), Some(&Feedback { told: 2, late: 1 }));
    }

    fn branch(name: &str, overdue: i64, hours: Option<f64>, rate: (i64, i64)) -> Standing {
        Standing {
            name: name.to_owned(),
            overdue,
            median_hours: hours,
            accepted: i64::from(hours.is_some()),
            approved: rate.0,
            decided: rate.1,
            ..Standing::default()
        }
    }

    #[test]
    fn fewer_overdue_beats_quicker_beats_more_approvals_and_equals_share_a_place() {
        let rows = placed(vec![
            branch("从未受理", 0, None, (0, 0)),
            branch("超时", 2, Some(1.0), (5, 5)),
            branch("慢", 0, Some(9.0), (9, 9)),
            branch("快少", 0, Some(3.0), (1, 4)),
            branch("快多", 0, Some(3.0), (3, 4)),
            branch("快多二", 0, Some(3.0), (3, 4)),
        ]);
        let read: Vec<(&str, Option<usize>)> = rows
            .iter()
            .map(|r| (r.standing.name.as_str(), r.place))
            .collect();
        assert_eq!(
            read,
            [
                ("快多", Some(1)),
                ("快多二", Some(1)),
                ("快少", Some(3)),
                ("慢", Some(4)),
                ("超时", Some(5)),
                ("从未受理", None),
            ]
        );
    }
}
