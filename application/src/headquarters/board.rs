//! 时效看板: branches and people beside each other, as they stand this minute.

use std::cmp::Ordering;

use time::OffsetDateTime;

use super::{Headquarters, results::moment};
use crate::{
    access::{Actor, Room},
    error::UseResult,
    ports::institution_board::Standing,
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

/// The live board.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    pub at: OffsetDateTime,
    pub branches: Vec<Placed>,
    pub people: Vec<Placed>,
}

impl Headquarters {
    /// Branches and people of the actor's own institution; nobody else's.
    pub async fn board(&self, actor: &Actor) -> UseResult<Board> {
        let permit = self.look(actor, Room::Board).await?;
        let now = self.watch.clock.now();
        let moment = moment(now);
        let mut work = self.store.begin(&permit).await?;
        let branches = work.institution_board().by_branch(moment).await?;
        let people = work.institution_board().by_person(moment).await?;
        Ok(Board {
            at: now,
            branches: placed(branches),
            people: placed(people),
        })
    }
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
    use super::*;

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
