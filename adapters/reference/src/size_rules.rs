use crate::{Reference, rows};
use application::ports::reference::SizeRules;
use domain::size_class::{SizeMetric, SizeRule, SizeThreshold};
use domain::values::{Cents, IndustryCode};
use std::sync::LazyLock;

const TEXT: &str = include_str!("../data/sme-size.csv");
const INDUSTRIES: &str = include_str!("../data/industry-sectors.csv");

static RULES: LazyLock<Rules> = LazyLock::new(Rules::load);

pub(crate) fn warm() {
    LazyLock::force(&RULES);
}

pub(crate) fn rows_held() -> usize {
    RULES.thresholds.len()
}

/// Thresholds by the prefixes of their industries, and the section of each division.
struct Rules {
    thresholds: Vec<(Vec<String>, String, SizeThreshold)>,
    sections: Vec<(String, String)>,
}

impl Rules {
    fn load() -> Self {
        let thresholds = rows(
            TEXT,
            &[
                "industry_range",
                "metric",
                "thresholds",
                "unit",
                "industry_codes",
            ],
        )
        .iter()
        .map(|row| {
            (
                row[4].split(';').map(str::to_owned).collect(),
                standard(&row[0]).to_owned(),
                threshold(&row[1], &row[2], &row[3]),
            )
        })
        .collect();
        let sections = rows(
            INDUSTRIES,
            &["code", "section_code", "name", "sector", "sector_name"],
        )
        .iter()
        .map(|row| (row[0].to_owned(), row[1].to_owned()))
        .collect();
        Self {
            thresholds,
            sections,
        }
    }

    /// A letter stands for its section, digits for everything that starts with them.
    fn covers(&self, prefix: &str, industry: &str) -> bool {
        industry.starts_with(prefix)
            || self.sections.iter().any(|(division, section)| {
                section == prefix && industry.starts_with(division.as_str())
            })
    }
}

/// The name of a range without what it is made of: 工业, 交通运输业.
fn standard(range: &str) -> &str {
    range.split('（').next().unwrap_or(range)
}

fn threshold(metric: &str, bounds: &str, unit: &str) -> SizeThreshold {
    let metric = match (metric, unit) {
        ("employees", "persons") => SizeMetric::Employees,
        ("revenue", "CNY 10000") => SizeMetric::Revenue,
        ("assets", "CNY 10000") => SizeMetric::Assets,
        other => panic!("no such metric of size: {other:?}"),
    };
    let bound = |class: &str| {
        let number = bounds
            .split(';')
            .find_map(|bound| bound.strip_prefix(class)?.strip_prefix(">="))
            .and_then(|number| number.parse::<u32>().ok())
            .expect("every class of size has a lower bound");
        match metric {
            SizeMetric::Employees => i64::from(number),
            SizeMetric::Revenue | SizeMetric::Assets => {
                Cents::from_wan(number).expect("a bound in range").cents()
            }
        }
    };
    SizeThreshold {
        metric,
        large: bound("large"),
        medium: bound("medium"),
        small: bound("small"),
    }
}

impl SizeRules for Reference {
    fn size_rule(&self, industry: &IndustryCode) -> Option<SizeRule> {
        let mut found = RULES.thresholds.iter().filter(|(prefixes, ..)| {
            prefixes
                .iter()
                .any(|prefix| RULES.covers(prefix, industry.as_str()))
        });
        let (_, standard, first) = found.next()?;
        let thresholds = std::iter::once(*first).chain(found.map(|(.., threshold)| *threshold));
        Some(SizeRule::new(standard, thresholds.collect()))
    }
}

#[cfg(test)]
mod tests {
    use crate::Reference;
    use application::ports::reference::{IndustryDirectory, SizeRules};
    use domain::size_class::{SizeClass, SizeFigures, SizeMetric};
    use domain::values::{Cents, Headcount, IndustryCode};

    fn metrics(code: &str) -> Option<Vec<SizeMetric>> {
        let rule = Reference.size_rule(&IndustryCode::parse(code).expect(code))?;
        Some(
            rule.thresholds()
                .iter()
                .map(|threshold| threshold.metric)
                .collect(),
        )
    }

    #[test]
    fn an_industry_has_the_metrics_of_its_range() {
        use SizeMetric::{Assets, Employees, Revenue};
        assert_eq!(metrics("011"), Some(vec![Revenue]));
        assert_eq!(metrics("338"), Some(vec![Employees, Revenue]));
        assert_eq!(metrics("4710"), Some(vec![Revenue, Assets]));
        assert_eq!(metrics("591"), Some(vec![Employees, Revenue]));
        assert_eq!(metrics("851"), Some(vec![Employees]));
        assert_eq!(metrics("531"), None, "railways");
        assert_eq!(metrics("662"), None, "finance");
    }

    #[test]
    fn no_group_falls_in_two_ranges() {
        for division in ["1", "2", "3"]
            .iter()
            .flat_map(|sector| IndustryDirectory::children(&Reference, Some(sector)))
        {
            for group in IndustryDirectory::children(&Reference, Some(&division.code)) {
                let metrics = metrics(&group.code).unwrap_or_default();
                assert!(metrics.len() <= 2, "{}", group.code);
                assert!(
                    metrics.len() < 2 || metrics[0] != metrics[1],
                    "{}",
                    group.code
                );
            }
        }
    }

    #[test]
    fn a_pipe_works_of_fifty_people_is_small() {
        let rule = Reference
            .size_rule(&IndustryCode::parse("313").expect("valid"))
            .expect("industry");
        let revenue = Cents::from_wan(3000).ok();
        let figures = SizeFigures {
            employees: Headcount::new(50).ok(),
            revenue,
            assets: None,
        };
        assert_eq!(rule.classify(figures), Ok(SizeClass::Small));
        assert_eq!(rule.standard(), "工业");
    }
}
