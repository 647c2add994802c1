//! Which application ends where and when it was submitted; the same every time, relative to now.

use application::ports::reference::WorkCalendarSource;
use domain::calendar::WorkCalendar;
use time::{Duration, OffsetDateTime};

/// Where the story of an application ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Draft,
    Waiting,
    Accepted,
    /// Sent back once, answered, being worked on again.
    Resubmitted,
    Supplement,
    DueDiligence,
    /// Two steps, before the first or the second.
    InApproval,
    Disbursing,
    Disbursed,
    Settled,
    NotDrawn,
    /// Refused, and the enterprise asks for 复议.
    Appealed,
    Approved,
    Rejected,
    WithdrawnEarly,
    WithdrawnLate,
    ExpiredUnaccepted,
    ExpiredSupplement,
}

/// One story.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Its number among the stories, whatever the day: who plays in it must not change from one morning to the next.
    pub number: usize,
    pub end: End,
    pub submitted: OffsetDateTime,
}

/// Small steady dice: the same throws for the same name and number (splitmix64).
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(name: &str, number: usize) -> Self {
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(state ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least + 1).unwrap_or(1).max(1);
        least + i64::try_from(self.next() % span).unwrap_or(0)
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = usize::try_from(self.next() % (list.len().max(1) as u64)).unwrap_or(0);
        list.get(at)
    }
}

/// How many of each, with how long ago they were submitted: working hours for what waits, days for what is over.
const OVER: [(End, usize, i64, i64); 13] = [
    (End::Draft, 4, 1, 12),
    (End::Supplement, 6, 4, 12),
    (End::Approved, 72, 2, 88),
    (End::Rejected, 24, 2, 88),
    (End::WithdrawnEarly, 7, 5, 85),
    (End::WithdrawnLate, 5, 6, 85),
    (End::ExpiredUnaccepted, 6, 33, 88),
    (End::ExpiredSupplement, 4, 24, 80),
    (End::Disbursing, 5, 14, 40),
    (End::Disbursed, 10, 16, 85),
    (End::Settled, 5, 62, 88),
    (End::NotDrawn, 3, 30, 80),
    (End::Appealed, 3, 4, 6),
];
const RUNNING: [(End, usize, i64, i64); 7] = [
    (End::Waiting, 10, 1, 11),
    (End::Waiting, 6, 13, 23),
    (End::Waiting, 5, 26, 70),
    (End::Accepted, 14, 6, 130),
    (End::Resubmitted, 6, 60, 150),
    (End::DueDiligence, 9, 16, 110),
    (End::InApproval, 9, 50, 140),
];

/// So many enterprises tell all the stories; where there are fewer, they tell a part of each kind.
const TELLERS: usize = 10;

/// Every story, oldest submission first, so that numbers follow time.
pub(super) fn plans(
    now: OffsetDateTime,
    calendar: &dyn WorkCalendarSource,
    applicants: usize,
) -> Vec<Plan> {
    let calendar = calendar.published_calendar();
    let part = |count: usize| {
        (count * applicants.min(TELLERS))
            .div_ceil(TELLERS * 2)
            .max(1)
    };
    let told = |count: usize| {
        if applicants < TELLERS {
            part(count)
        } else {
            count
        }
    };
    let mut plans = Vec::new();
    for (end, count, least, most) in OVER {
        let count = told(count);
        let mut dice = Dice::new("over", plans.len());
        for step in 0..count {
            let days = least + (most - least) * index(step) / index(count.max(2) - 1);
            plans.push(Plan {
                number: plans.len(),
                end: come_of(end, step, days),
                submitted: days_ago(now, days, &mut dice, &calendar),
            });
        }
    }
    for (end, count, least, most) in RUNNING {
        let count = told(count);
        for step in 0..count {
            let minutes = 60 * least + 60 * (most - least) * index(step) / index(count.max(2) - 1);
            plans.push(Plan {
                number: plans.len(),
                end,
                submitted: working_minutes_ago(now, minutes, &calendar),
            });
        }
    }
    plans.sort_by_key(|plan| plan.submitted);
    plans
}

/// What has become of an approval after so many days: a new one still waits for the money, and so does a late one here and
/// there; the others were drawn, paid back or given up.
const fn come_of(end: End, step: usize, days: i64) -> End {
    if !matches!(end, End::Approved) || days < 10 {
        return end;
    }
    match step % 5 {
        0 if days <= 30 => End::Approved,
        1 if days > 30 => End::NotDrawn,
        2 if days > 60 => End::Settled,
        _ => End::Disbursed,
    }
}

fn index(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(0)
}

/// Some time in the office hours of a working day about that long ago.
fn days_ago(
    now: OffsetDateTime,
    days: i64,
    dice: &mut Dice,
    calendar: &WorkCalendar,
) -> OffsetDateTime {
    let local = now.to_offset(domain::calendar::SHANGHAI);
    let mut day = local.date() - Duration::days(days);
    while !calendar.is_workday(day).unwrap_or(true) {
        day -= Duration::DAY;
    }
    let minutes = dice.between(8 * 60 + 40, 17 * 60 + 10);
    let at = day.midnight().assume_offset(domain::calendar::SHANGHAI) + Duration::minutes(minutes);
    super::not_after(at, now).to_offset(time::UtcOffset::UTC)
}

/// The instant after which that much working time has passed until now.
fn working_minutes_ago(
    now: OffsetDateTime,
    minutes: i64,
    calendar: &WorkCalendar,
) -> OffsetDateTime {
    let wanted = Duration::minutes(minutes);
    let mut at = now - wanted;
    for _ in 0..400 {
        match calendar.working_time_between(at, now) {
            Ok(passed) if passed < wanted => at -= (wanted - passed).max(Duration::minutes(5)),
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use reference::Reference;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_stories_cover_ninety_days_and_every_end_whatever_the_day() {
        for now in [
            datetime!(2026-11-25 09:30 +8),
            datetime!(2026-10-04 23:59 +8),
            datetime!(2026-03-01 00:05 +8),
        ] {
            let plans = plans(now, &Reference, 10);
            assert!(plans.len() >= 154, "{}", plans.len());
            assert!(plans.iter().all(|p| p.submitted < now));
            assert!(
                plans
                    .iter()
                    .all(|p| now - p.submitted < Duration::days(110))
            );
            assert!(plans.is_sorted_by_key(|p| p.submitted));
        }
    }

    #[test]
    fn every_story_ends_the_same_way_whatever_the_day() {
        let told = |now| {
            let mut plans = plans(now, &Reference, 10);
            plans.sort_by_key(|p| p.number);
            plans.iter().map(|p| p.end).collect::<Vec<_>>()
        };
        let first = told(datetime!(2026-11-25 09:30 +8));
        for later in 1..40 {
            assert_eq!(
                first,
                told(datetime!(2026-11-25 09:30 +8) + Duration::days(later)),
                "{later}"
            );
        }
    }

    #[test]
    fn a_small_city_tells_some_of_every_kind() {
        let now = datetime!(2026-11-25 09:30 +8);
        let (all, some) = (plans(now, &Reference, 10), plans(now, &Reference, 5));
        assert!(some.len() * 3 < all.len(), "{}", some.len());
        for plan in &all {
            assert!(some.iter().any(|p| p.end == plan.end), "{:?}", plan.end);
        }
    }

    #[test]
    fn few_approvals_are_old_and_neither_drawn_nor_given_up() {
        let now = datetime!(2026-11-25 09:30 +8);
        let late = plans(now, &Reference, 10)
            .iter()
            .filter(|p| p.end == End::Approved && now - p.submitted > Duration::days(14))
            .count();
        assert!((1..=4).contains(&late), "{late}");
    }

    #[test]
    fn dice_fall_the_same_way_for_the_same_name() {
        let throws = |number| {
            let mut dice = Dice::new("cangzhou", number);
            [dice.between(1, 6), dice.between(1, 6), dice.between(1, 6)]
        };
        assert_eq!(throws(3), throws(3));
        assert!((0..50).map(throws).any(|t| t != throws(0)));
    }
}
