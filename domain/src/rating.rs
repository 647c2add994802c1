//! Rating 评价 (W22): stars for a branch from an enterprise whose request it decided.

use crate::financing::Stage;

/// Fewer ratings than this have no average: one angry or one friendly voice is none.
pub const LEAST_FOR_AVERAGE: i64 = 3;

/// Stars 星级 from 1 to 5 for each of three things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stars {
    /// 办理效率.
    pub speed: i16,
    /// 服务态度.
    pub service: i16,
    /// 费用与条件透明.
    pub openness: i16,
}

/// A number of stars as it was chosen.
pub fn star(text: &str) -> Option<i16> {
    text.parse().ok().filter(|stars| (1..=5).contains(stars))
}

/// Requests that a branch has decided may be rated.
pub const fn is_ratable(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Approved
            | Stage::Disbursing
            | Stage::Disbursed
            | Stage::Settled
            | Stage::NotDrawn
            | Stage::Rejected
            | Stage::RefusedIntake
    )
}

/// The average of so many stars in tenths, rounded; `None` while there are too few ratings for one.
pub fn average_tenths(ratings: i64, stars: i64, each: i64) -> Option<i64> {
    let given = ratings * each;
    (ratings >= LEAST_FOR_AVERAGE && given > 0).then(|| (stars * 20 + given) / (given * 2))
}

/// Ends of names that say only what kind of enterprise it is.
const KINDS: [&str; 6] = [
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "专业合作社",
    "合伙企业",
    "经营部",
];

/// Of a name that is this short without its kind, two signs would be half of it.
const SHORT: usize = 4;

/// 沧州**有限公司: how a name begins, usually with its place, and the kind of enterprise; nothing between.
pub fn masked_company(name: &str) -> String {
    let kind = KINDS
        .iter()
        .find(|kind| name.ends_with(*kind))
        .unwrap_or(&"");
    let core = name.strip_suffix(kind).unwrap_or(name);
    let kept = if core.chars().count() > SHORT { 2 } else { 1 };
    let place: String = core.chars().take(kept).collect();
    format!("{place}**{kind}")
}

#[cfg(test)]
mod tests {
    use super::{average_tenths, is_ratable, masked_company, star};
    use crate::financing::Stage;

    #[test]
    fn a_name_keeps_its_place_and_its_kind() {
        for (name, masked) in [
            ("沧州市瀚岳澜管道装备有限公司", "沧州**有限公司"),
            ("沧州渤海新区股份有限公司", "沧州**股份有限公司"),
            ("青县大棚专业合作社", "青**专业合作社"),
            ("献县张记面馆", "献县**"),
            ("蓝海有限公司", "蓝**有限公司"),
            ("沧", "沧**"),
            ("有限公司", "**有限公司"),
        ] {
            assert_eq!(masked_company(name), masked);
        }
    }

    #[test]
    fn two_ratings_have_no_average_and_three_have_a_rounded_one() {
        assert_eq!(average_tenths(2, 30, 3), None);
        assert_eq!(average_tenths(3, 45, 3), Some(50));
        assert_eq!(average_tenths(3, 40, 3), Some(44));
        assert_eq!(average_tenths(4, 41, 3), Some(34));
    }

    #[test]
    fn what_was_decided_is_rated_and_what_was_not_is_not() {
        let ratable: Vec<&str> = Stage::ALL
            .iter()
            .filter(|stage| is_ratable(**stage))
            .map(|stage| stage.code())
            .collect();
        assert_eq!(
            ratable,
            [
                "approved",
                "disbursing",
                "disbursed",
                "settled",
                "not_drawn",
                "rejected",
                "refused_intake"
            ]
        );
    }

    #[test]
    fn stars_are_one_to_five() {
        assert_eq!(star("5"), Some(5));
        for text in ["0", "6", "", "4.5", "五"] {
            assert_eq!(star(text), None);
        }
    }
}
