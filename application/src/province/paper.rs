//! 报告内容: sums of one month from the rollups; no enterprise, no person, no institution by name, and no line of so few that it
//! would be one of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{
    city::City,
    ports::{
        province::InstitutionKind,
        reference::RegionDirectory,
        statistics::{Part, Sums},
    },
    statistics::write_month,
};

/// Name and version of the format: docs/province-report.md.
pub const FORMAT: &str = "yijianrong-province-report/1";
/// A line of fewer cases is not told by itself.
pub const LEAST: i64 = 3;
/// Code of the line that lines of too few are merged into.
pub const MERGED: &str = "merged";
const UNKNOWN: &str = "unknown";

/// What a report is made of.
pub(super) struct Facts<'a> {
    pub id: Uuid,
    pub city: &'a City,
    pub month: Date,
    pub made_at: OffsetDateTime,
    pub total: Sums,
    pub districts: &'a [Part],
    pub institutions: &'a [Part],
    pub kinds: &'a [InstitutionKind],
}

/// 报告: the keys are those of the documented format, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    pub format: String,
    pub id: Uuid,
    pub city: Reporting,
    /// `2026-11`.
    pub month: String,
    pub made_at: String,
    pub total: Figures,
    pub by_district: Vec<Line>,
    pub by_institution_kind: Vec<Line>,
}

/// 报送城市.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporting {
    /// Six digits of its region.
    pub region: String,
    pub name: String,
}

/// 分项.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub code: String,
    pub name: String,
    pub figures: Figures,
}

/// 指标: those of 统计分析, under names of their own, so that the format does not change with the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub requested: i64,
    pub requested_cents: i64,
    pub accepted: i64,
    pub accepted_in_time: i64,
    /// Natural seconds from submission to acceptance, summed up.
    pub acceptance_seconds: i64,
    pub approved: i64,
    pub approved_cents: i64,
    pub rejected: i64,
    pub decided_in_time: i64,
    pub disbursements: i64,
    pub disbursed_cents: i64,
    /// Hundredths of a per cent a year, weighed by money; none without a disbursement.
    pub average_rate_bp: Option<i64>,
    pub enterprises_funded: i64,
    pub first_loans: i64,
}

impl From<&Sums> for Figures {
    fn from(sums: &Sums) -> Self {
        let yuan = sums.drawn_cents / 100;
        Self {
            requested: sums.asked,
            requested_cents: sums.asked_cents,
            accepted: sums.accepted,
            accepted_in_time: sums.accepted_in_time,
            acceptance_seconds: sums.accept_seconds,
            approved: sums.approved,
            approved_cents: sums.approved_cents,
            rejected: sums.rejected,
            decided_in_time: sums.decided_in_time,
            disbursements: sums.draws,
            disbursed_cents: sums.drawn_cents,
            average_rate_bp: (yuan > 0).then(|| (sums.rate_weight + yuan / 2) / yuan),
            enterprises_funded: sums.homes,
            first_loans: sums.first_homes,
        }
    }
}

impl Paper {
    pub(super) fn new(facts: &Facts<'_>, regions: &dyn RegionDirectory) -> Self {
        Self {
            format: FORMAT.to_owned(),
            id: facts.id,
            city: Reporting {
                region: facts.city.default_city.clone(),
                name: facts.city.name.clone(),
            },
            month: write_month(facts.month),
            made_at: facts.made_at.format(&Rfc3339).unwrap_or_default(),
            total: Figures::from(&facts.total),
            by_district: lines(by_district(facts.districts, regions)),
            by_institution_kind: lines(by_kind(facts.institutions, facts.kinds)),
        }
    }

    /// A report as it was sent; `None` for a format of another time.
    pub fn read(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }
}

/// Code, name and sums of a line to be.
struct Group {
    code: String,
    name: String,
    sums: Sums,
}

impl Group {
    fn new(code: &str, name: &str, sums: Sums) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            sums,
        }
    }
}

fn by_district(parts: &[Part], regions: &dyn RegionDirectory) -> Vec<Group> {
    let group = |part: &Part| match regions.find(&part.value) {
        Some(region) => Group::new(&part.value, &region.name, part.sums),
        None => Group::new(UNKNOWN, "未填写", part.sums),
    };
    parts.iter().map(group).collect()
}

fn by_kind(parts: &[Part], kinds: &[InstitutionKind]) -> Vec<Group> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for part in parts {
        let kind = kinds
            .iter()
            .find(|kind| kind.institution.to_string() == part.value);
        let (code, name) = kind.map_or((UNKNOWN, "未填写"), |kind| (&*kind.code, &*kind.label));
        let group = groups
            .entry(code)
            .or_insert_with(|| Group::new(code, name, Sums::default()));
        group.sums = group.sums.and(&part.sums);
    }
    groups.into_values().collect()
}

/// How many cases a line is made of. A loan paid out in pieces is one case, so disbursements do not count.
fn cases(sums: &Sums) -> i64 {
    let decided = sums.approved + sums.rejected;
    sums.asked.max(sums.accepted).max(decided).max(sums.homes)
}

/// Lines of enough cases, by code, and one of all the others. What is left out could be reckoned from the total, so the smallest of
/// the others go along until those left out are enough themselves. Together the lines are the total, always.
fn lines(groups: Vec<Group>) -> Vec<Line> {
    let said = groups.into_iter().filter(|g| g.sums != Sums::default());
    let (mut told, few): (Vec<Group>, Vec<Group>) = said.partition(|g| cases(&g.sums) >= LEAST);
    let mut merged = few.iter().fold(Sums::default(), |all, g| all.and(&g.sums));
    told.sort_by(|a, b| {
        cases(&b.sums)
            .cmp(&cases(&a.sums))
            .then(a.code.cmp(&b.code))
    });
    while !few.is_empty() && cases(&merged) < LEAST {
        let Some(smallest) = told.pop() else {
            break;
        };
        merged = merged.and(&smallest.sums);
    }
    told.sort_by(|a, b| a.code.cmp(&b.code));
    if !few.is_empty() {
        told.push(Group::new(MERGED, "其他合并", merged));
    }
    told.into_iter()
        .map(|group| Line {
            figures: Figures::from(&group.sums),
            code: group.code,
            name: group.name,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(code: &str, asked: i64) -> Group {
        let sums = Sums {
            asked,
            asked_cents: asked * 1_000,
            ..Sums::default()
        };
        Group::new(code, code, sums)
    }

    /// Codes of the lines and how many requests each has.
    fn told(groups: Vec<Group>) -> Vec<(String, i64)> {
        let lines = lines(groups).into_iter();
        lines.map(|l| (l.code, l.figures.requested)).collect()
    }

    fn pairs(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
        expected
            .iter()
            .map(|(c, n)| ((*c).to_owned(), *n))
            .collect()
    }

    #[test]
    fn a_line_of_one_or_two_is_not_told_and_cannot_be_reckoned_from_the_others() {
        let all = vec![group("c", 9), group("a", 3), group("b", 4)];
        assert_eq!(told(all), pairs(&[("a", 3), ("b", 4), ("c", 9)]));
        // The one alone would be the total without the others: the smallest of them goes along.
        let one = vec![group("c", 9), group("a", 1), group("b", 4), group("z", 0)];
        assert_eq!(told(one), pairs(&[("c", 9), (MERGED, 5)]));
        let two = vec![group("c", 9), group("a", 2), group("b", 1)];
        assert_eq!(told(two), pairs(&[("c", 9), (MERGED, 3)]));
        assert_eq!(told(vec![group("a", 1)]), pairs(&[(MERGED, 1)]));
        assert_eq!(told(Vec::new()), []);
    }

    #[test]
    fn payments_of_one_loan_are_one_case() {
        let paid = Sums {
            draws: 7,
            drawn_cents: 700,
            ..Sums::default()
        };
        let lines = lines(vec![Group::new("a", "a", paid), group("b", 5)]);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].code, MERGED);
        assert_eq!(lines[0].figures.disbursed_cents, 700);
    }

    #[test]
    fn institutions_become_their_kinds() {
        let id = Uuid::from_u128(1);
        let part = |value: String, asked| Part {
            value,
            name: "某银行".to_owned(),
            sums: group("", asked).sums,
        };
        let kinds = [InstitutionKind {
            institution: id,
            code: "city_bank".to_owned(),
            label: "城商行".to_owned(),
        }];
        let parts = [part(id.to_string(), 3), part("gone".to_owned(), 4)];
        let lines = lines(by_kind(&parts, &kinds));
        let names: Vec<&str> = lines.iter().map(|l| &*l.name).collect();
        assert_eq!(names, ["城商行", "未填写"]);
    }

    #[test]
    fn a_rate_is_weighed_by_money_and_absent_without_any() {
        let sums = Sums {
            drawn_cents: 30_000,
            rate_weight: 100 * 400 + 200 * 325,
            ..Sums::default()
        };
        assert_eq!(Figures::from(&sums).average_rate_bp, Some(350));
        assert_eq!(Figures::from(&Sums::default()).average_rate_bp, None);
    }
}
