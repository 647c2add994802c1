//! How long a notice waits before it is tried again: 1 s to 1 h, doubled each time, with jitter (S-42). While its provider is away
//! nothing is counted: it waits for two days.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// After so many tries a notice is parked for people.
pub const TRIES: i32 = 10;
const LONGEST: i64 = 3_600;
/// After so long without its provider a notice is parked for people.
const AWAY: Duration = Duration::hours(48);

/// The wait after `tries` earlier failures; `None` once patience is over. The jitter of ±25 % comes from a random id.
pub fn delay(tries: i32, random: Uuid) -> Option<Duration> {
    if tries + 1 >= TRIES {
        return None;
    }
    let doubled = 1_i64 << u32::try_from(tries.clamp(0, 20)).unwrap_or(0);
    Some(about(doubled, random))
}

/// The wait while the provider is away: as long as it has been away; `None` once patience is over.
pub(crate) fn wait(since: OffsetDateTime, now: OffsetDateTime, random: Uuid) -> Option<Duration> {
    let away = now - since;
    (away < AWAY).then(|| about(away.whole_seconds().max(1), random))
}

fn about(seconds: i64, random: Uuid) -> Duration {
    let millis = seconds.min(LONGEST) * 1_000;
    let share = i64::from(random.as_bytes()[15]) - 128;
    Duration::milliseconds((millis + millis * share / 512).clamp(750, LONGEST * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_stay_within_an_hour_and_end_after_ten_tries() {
        let middle = Uuid::from_u128(128);
        let waits: Vec<Option<i64>> = (0..10)
            .map(|tries| delay(tries, middle).map(Duration::whole_seconds))
            .collect();
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256].map(Some);
        assert_eq!(waits[..9], expected);
        assert_eq!(waits[9], None);
    }

    #[test]
    fn while_a_provider_is_away_waits_grow_to_an_hour_and_end_after_two_days() {
        let middle = Uuid::from_u128(128);
        let since = OffsetDateTime::UNIX_EPOCH;
        let after = |away: Duration| wait(since, since + away, middle);
        let seconds = |away| after(away).map(Duration::whole_seconds);
        assert_eq!(seconds(Duration::ZERO), Some(1));
        assert_eq!(seconds(Duration::minutes(8)), Some(480));
        assert_eq!(seconds(Duration::hours(47)), Some(3_600));
        assert_eq!(seconds(Duration::hours(48)), None);
    }

    #[test]
    fn two_notices_that_failed_together_do_not_come_back_together() {
        let early = delay(6, Uuid::from_u128(0));
        let late = delay(6, Uuid::from_u128(255));
        assert!(early < late);
        assert!(late.unwrap() <= Duration::seconds(80) && early.unwrap() >= Duration::seconds(48));
    }
}
