//! How long a notice waits before it is tried again: 1 s to 1 h, doubled each time, with jitter (S-42).

use time::Duration;
use uuid::Uuid;

/// After so many tries a notice is parked for people.
pub const TRIES: i32 = 10;
const LONGEST: i64 = 3_600;

/// The wait after `tries` earlier failures; `None` once patience is over. The jitter of ±25 % comes from a random id.
pub fn delay(tries: i32, random: Uuid) -> Option<Duration> {
    if tries + 1 >= TRIES {
        return None;
    }
    let doubled = 1_i64 << u32::try_from(tries.clamp(0, 20)).unwrap_or(0);
    let millis = doubled.min(LONGEST) * 1_000;
    let share = i64::from(random.as_bytes()[15]) - 128;
    Some(Duration::milliseconds(
        (millis + millis * share / 512).clamp(750, LONGEST * 1_000),
    ))
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
    fn two_notices_that_failed_together_do_not_come_back_together() {
        let early = delay(6, Uuid::from_u128(0));
        let late = delay(6, Uuid::from_u128(255));
        assert!(early < late);
        assert!(late.unwrap() <= Duration::seconds(80) && early.unwrap() >= Duration::seconds(48));
    }
}
