//! Quiet hours 免打扰时段: notices wait for the morning; what somebody waits for in front of a screen goes at once.

use time::{Duration, OffsetDateTime, Time, UtcOffset};

/// From one full hour in Beijing to another, over midnight or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: u8,
    until: u8,
}

impl QuietHours {
    /// `None` for hours that no day has, or for a silence without an end.
    pub fn new(from: i64, until: i64) -> Option<Self> {
        let hour = |n: i64| u8::try_from(n).ok().filter(|n| *n < 24);
        let (from, until) = (hour(from)?, hour(until)?);
        (from != until).then_some(Self { from, until })
    }

    /// The full hour at which the silence begins.
    pub const fn from(self) -> u8 {
        self.from
    }

    /// The full hour at which it ends.
    pub const fn until(self) -> u8 {
        self.until
    }

    /// When the silence ends that holds now; `None` outside of it.
    pub fn end(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let beijing = UtcOffset::from_hms(8, 0, 0).ok()?;
        let here = now.to_offset(beijing);
        let hour = here.hour();
        let over_midnight = self.from > self.until;
        let quiet = if over_midnight {
            hour >= self.from || hour < self.until
        } else {
            (self.from..self.until).contains(&hour)
        };
        if !quiet {
            return None;
        }
        let today = here.replace_time(Time::from_hms(self.until, 0, 0).ok()?);
        let end = if today > here {
            today
        } else {
            today + Duration::days(1)
        };
        Some(end.to_offset(UtcOffset::UTC))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_night_ends_in_the_morning_in_beijing() {
        let night = QuietHours::new(21, 8).expect("hours");
        for (now, end) in [
            (datetime!(2026-11-25 20:59:59 +8), None),
            (
                datetime!(2026-11-25 21:00 +8),
                Some(datetime!(2026-11-26 08:00 +8)),
            ),
            (
                datetime!(2026-11-25 23:30 +8),
                Some(datetime!(2026-11-26 08:00 +8)),
            ),
            (
                datetime!(2026-11-26 00:10 +8),
                Some(datetime!(2026-11-26 08:00 +8)),
            ),
            (
                datetime!(2026-11-26 07:59:59 +8),
                Some(datetime!(2026-11-26 08:00 +8)),
            ),
            (datetime!(2026-11-26 08:00 +8), None),
        ] {
            assert_eq!(night.end(now), end, "{now}");
        }
    }

    #[test]
    fn a_rest_at_noon_ends_the_same_day() {
        let noon = QuietHours::new(12, 14).expect("hours");
        let end = noon.end(datetime!(2026-11-25 05:00 UTC));
        assert_eq!(end, Some(datetime!(2026-11-25 06:00 UTC)));
        assert_eq!(noon.end(datetime!(2026-11-25 06:00 UTC)), None);
    }

    #[test]
    fn hours_that_no_day_has_are_none() {
        for (from, until) in [(24, 8), (-1, 8), (21, 24), (8, 8)] {
            assert_eq!(QuietHours::new(from, until), None);
        }
    }
}
