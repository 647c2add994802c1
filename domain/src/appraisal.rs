//! Appraisal 机构考评 (O3): how the figures of a month become one score; the page prints the same definitions.

use crate::rating::LEAST_FOR_AVERAGE;

/// What is known of an institution's month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub accepted: i64,
    pub accepted_in_time: i64,
    pub decided: i64,
    pub approved: i64,
    /// Disbursements that the institution reported, and those of them that the enterprise confirmed.
    pub reported: i64,
    pub confirmed: i64,
    pub ratings: i64,
    /// Of three things each, one to five.
    pub stars: i64,
    pub complaints: i64,
}

/// Weights 权重 of 按时接单, 通过率, 放款属实, 企业评价, 投诉; together a hundred.
pub const WEIGHTS: [i64; 5] = [30, 20, 20, 20, 10];
/// Points that each complaint takes away.
pub const PER_COMPLAINT: i64 = 2;
const WHOLE: i64 = 10_000;

/// A share in tenths of a per cent, rounded; `None` of nothing.
pub fn share_tenths(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 2_000 + whole) / (whole * 2))
}

impl Facts {
    /// Every part that there is something to say about, in ten-thousandths.
    fn parts(&self) -> [Option<i64>; 5] {
        let share = |part: i64, whole: i64| (whole > 0).then(|| part * WHOLE / whole);
        let rated = self.ratings >= LEAST_FOR_AVERAGE;
        let lost = (self.complaints * PER_COMPLAINT).min(WEIGHTS[4]);
        [
            share(self.accepted_in_time, self.accepted),
            share(self.approved, self.decided),
            share(self.confirmed, self.reported),
            rated.then(|| self.stars * WHOLE / (self.ratings * 15)),
            Some((WEIGHTS[4] - lost) * WHOLE / WEIGHTS[4]),
        ]
    }

    /// The score in tenths of a point; what there is nothing to say about leaves its weight to the others, and whoever neither
    /// accepted nor decided anything has none.
    pub fn score_tenths(&self) -> Option<i64> {
        if self.accepted == 0 && self.decided == 0 {
            return None;
        }
        let (mut sum, mut weights) = (0, 0);
        for (part, weight) in self.parts().into_iter().zip(WEIGHTS) {
            if let Some(part) = part {
                sum += part * weight;
                weights += weight;
            }
        }
        // Of a thousand tenths, rounded.
        Some((sum * 2_000 / WHOLE + weights) / (weights * 2))
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, WEIGHTS, share_tenths};

    const PERFECT: Facts = Facts {
        accepted: 10,
        accepted_in_time: 10,
        decided: 8,
        approved: 8,
        reported: 5,
        confirmed: 5,
        ratings: 3,
        stars: 45,
        complaints: 0,
    };

    #[test]
    fn everything_right_is_a_hundred_and_the_weights_are_too() {
        assert_eq!(WEIGHTS.iter().sum::<i64>(), 100);
        assert_eq!(PERFECT.score_tenths(), Some(1_000));
    }

    #[test]
    fn what_there_is_nothing_to_say_about_leaves_its_weight_to_the_others() {
        let quiet = Facts {
            reported: 0,
            confirmed: 0,
            ratings: 2,
            stars: 6,
            ..PERFECT
        };
        assert_eq!(quiet.score_tenths(), Some(1_000), "two ratings are too few");
        let late = Facts {
            accepted_in_time: 5,
            ..quiet
        };
        // 15 of 30, 20 of 20, 10 of 10.
        assert_eq!(late.score_tenths(), Some(750));
    }

    #[test]
    fn complaints_take_two_points_each_and_never_more_than_their_weight() {
        let with = |complaints| Facts {
            complaints,
            ..PERFECT
        };
        assert_eq!(with(1).score_tenths(), Some(980));
        assert_eq!(with(9).score_tenths(), Some(900));
    }

    #[test]
    fn whoever_did_nothing_has_no_score_and_nothing_has_no_share() {
        let idle = Facts {
            complaints: 1,
            ..Facts::default()
        };
        assert_eq!(idle.score_tenths(), None);
        assert_eq!(share_tenths(0, 0), None);
        assert_eq!(share_tenths(2, 3), Some(667));
    }
}
