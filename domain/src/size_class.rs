//! Size of an enterprise 企业划型: 大型, 中型, 小型 or 微型, by the thresholds of its industry.

use crate::values::error::value_error;
use crate::values::{Cents, Headcount};

/// Size class 企业规模.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SizeClass {
    Micro,
    Small,
    Medium,
    Large,
}

impl SizeClass {
    /// The stored text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Micro => "micro",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    /// From the stored text.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == code)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Micro => "微型企业",
            Self::Small => "小型企业",
            Self::Medium => "中型企业",
            Self::Large => "大型企业",
        }
    }

    /// 大型, 中型, 小型, 微型: where the column already says 企业规模.
    pub fn short(self) -> &'static str {
        match self {
            Self::Micro => "微型",
            Self::Small => "小型",
            Self::Medium => "中型",
            Self::Large => "大型",
        }
    }

    /// From the largest down, as tables list them.
    pub const ALL: [Self; 4] = [Self::Large, Self::Medium, Self::Small, Self::Micro];
}

/// What an industry is measured by 划型指标.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeMetric {
    /// 从业人员, persons.
    Employees,
    /// 营业收入 of a year.
    Revenue,
    /// 资产总额.
    Assets,
}

impl SizeMetric {
    pub fn zh(self) -> &'static str {
        match self {
            Self::Employees => "从业人员",
            Self::Revenue => "营业收入",
            Self::Assets => "资产总额",
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Self::Employees => "人",
            Self::Revenue | Self::Assets => "万元",
        }
    }

    /// A bound or a figure without its unit: `1,000`.
    pub fn write(self, value: i64) -> String {
        match self {
            Self::Employees => {
                Headcount::new(value).map_or_else(|_| value.to_string(), Headcount::format)
            }
            Self::Revenue | Self::Assets => {
                Cents::new(value).map_or_else(|_| value.to_string(), Cents::format_wan_brief)
            }
        }
    }
}

value_error! {
    /// Why no class could be told.
    pub enum SizeClassError {
        EmployeesMissing => "size_class.employees_missing",
        RevenueMissing => "size_class.revenue_missing",
        AssetsMissing => "size_class.assets_missing",
    }
}

/// Lower bounds of one metric, inclusive: persons, or cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeThreshold {
    pub metric: SizeMetric,
    pub large: i64,
    pub medium: i64,
    pub small: i64,
}

/// What an enterprise says of itself; only what its industry asks for is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SizeFigures {
    pub employees: Option<Headcount>,
    pub revenue: Option<Cents>,
    pub assets: Option<Cents>,
}

impl SizeFigures {
    /// Persons, or cents.
    pub fn of(&self, metric: SizeMetric) -> Option<i64> {
        match metric {
            SizeMetric::Employees => self.employees.map(Headcount::persons),
            SizeMetric::Revenue => self.revenue.map(Cents::cents),
            SizeMetric::Assets => self.assets.map(Cents::cents),
        }
    }
}

/// Thresholds of an industry 行业划型标准.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeRule {
    standard: String,
    thresholds: Vec<SizeThreshold>,
}

impl SizeRule {
    /// `standard` is the range of industries as the standard names it, such as 工业.
    pub fn new(standard: impl Into<String>, thresholds: Vec<SizeThreshold>) -> Self {
        Self {
            standard: standard.into(),
            thresholds,
        }
    }

    pub fn standard(&self) -> &str {
        &self.standard
    }

    pub fn thresholds(&self) -> &[SizeThreshold] {
        &self.thresholds
    }

    /// Every metric must reach a class; failing one, the enterprise drops to the class of its weakest.
    pub fn classify(&self, figures: SizeFigures) -> Result<SizeClass, SizeClassError> {
        let mut class = SizeClass::Large;
        for threshold in &self.thresholds {
            class = class.min(threshold.reached(figures)?);
        }
        Ok(class)
    }

    /// The class in plain words: `按工业标准：从业人员 20–300 人且营业收入 300–2,000 万元为小型企业`.
    pub fn words(&self, class: SizeClass) -> String {
        let each: Vec<String> = self
            .thresholds
            .iter()
            .map(|threshold| {
                let gap = if class == SizeClass::Micro { "" } else { " " };
                format!("{}{gap}{}", threshold.metric.zh(), threshold.range(class))
            })
            .collect();
        // Micro is whoever misses one lower bound of small; every other class must reach all of its own.
        let joined = each.join(if class == SizeClass::Micro {
            "或"
        } else {
            "且"
        });
        format!("按{}标准：{joined}为{}", self.standard, class.label())
    }

    /// What each figure reached, in words; the class is that of the lowest.
    pub fn reasons(&self, figures: SizeFigures) -> Result<Vec<String>, SizeClassError> {
        self.thresholds
            .iter()
            .map(|threshold| threshold.reason(figures))
            .collect()
    }

    /// Whether the figures reach different classes, so that the lowest one decided.
    pub fn lowered(&self, figures: SizeFigures) -> bool {
        let mut reached = self.thresholds.iter().map(|t| t.reached(figures).ok());
        let first = reached.next().flatten();
        reached.any(|class| class != first)
    }
}

impl SizeThreshold {
    fn reached(&self, figures: SizeFigures) -> Result<SizeClass, SizeClassError> {
        let value = figures.of(self.metric).ok_or(match self.metric {
            SizeMetric::Employees => SizeClassError::EmployeesMissing,
            SizeMetric::Revenue => SizeClassError::RevenueMissing,
            SizeMetric::Assets => SizeClassError::AssetsMissing,
        })?;
        Ok(match value {
            value if value >= self.large => SizeClass::Large,
            value if value >= self.medium => SizeClass::Medium,
            value if value >= self.small => SizeClass::Small,
            _ => SizeClass::Micro,
        })
    }

    /// `20–300 人`: the lower bound belongs to the class, the upper one to the next.
    pub fn range(&self, class: SizeClass) -> String {
        let (metric, unit) = (self.metric, self.metric.unit());
        let between = |low, high| format!("{}–{} {unit}", metric.write(low), metric.write(high));
        match class {
            SizeClass::Large => format!("{} {unit}及以上", metric.write(self.large)),
            SizeClass::Medium => between(self.medium, self.large),
            SizeClass::Small => between(self.small, self.medium),
            SizeClass::Micro => format!("不足 {} {unit}", metric.write(self.small)),
        }
    }

    fn reason(&self, figures: SizeFigures) -> Result<String, SizeClassError> {
        let class = self.reached(figures)?;
        let (metric, unit) = (self.metric, self.metric.unit());
        let value = metric.write(figures.of(metric).unwrap_or_default());
        let said = match class {
            SizeClass::Large => ("达到大型下限", self.large),
            SizeClass::Medium => ("达到中型下限", self.medium),
            SizeClass::Small => ("达到小型下限", self.small),
            SizeClass::Micro => ("未达到小型下限", self.small),
        };
        Ok(format!(
            "{} {value} {unit}，{} {} {unit}",
            metric.zh(),
            said.0,
            metric.write(said.1)
        ))
    }
}

/// A declared class counts from its year to the end of the next one, so that nobody is without a class on New Year's Day.
pub fn class_counts(declared: i32, year: i32) -> bool {
    declared == year || declared + 1 == year
}

#[cfg(test)]
mod tests {
    use super::{
        SizeClass, SizeClassError, SizeFigures, SizeMetric, SizeRule, SizeThreshold, class_counts,
    };
    use crate::values::{Cents, Headcount};

    const WAN: i64 = 1_000_000;

    fn industry() -> SizeRule {
        SizeRule::new(
            "工业",
            vec![
                SizeThreshold {
                    metric: SizeMetric::Employees,
                    large: 1000,
                    medium: 300,
                    small: 20,
                },
                SizeThreshold {
                    metric: SizeMetric::Revenue,
                    large: 40_000 * WAN,
                    medium: 2000 * WAN,
                    small: 300 * WAN,
                },
            ],
        )
    }

    fn figures(employees: i64, revenue_wan: u32) -> SizeFigures {
        let revenue = Some(Cents::from_wan(revenue_wan).expect("in range"));
        SizeFigures {
            employees: Headcount::new(employees).ok(),
            revenue,
            assets: None,
        }
    }

    #[test]
    fn bounds_are_inclusive_below_and_every_metric_must_reach_the_class() {
        for (employees, revenue, class) in [
            (1000, 40_000, SizeClass::Large),
            (999, 40_000, SizeClass::Medium),
            (1000, 39_999, SizeClass::Medium),
            (300, 2000, SizeClass::Medium),
            (20, 300, SizeClass::Small),
            (5000, 299, SizeClass::Micro),
            (19, 50_000, SizeClass::Micro),
        ] {
            assert_eq!(
                industry().classify(figures(employees, revenue)),
                Ok(class),
                "{employees}, {revenue}"
            );
        }
    }

    #[test]
    fn a_missing_figure_is_asked_for_and_not_guessed() {
        let only_people = SizeFigures {
            employees: Headcount::new(50).ok(),
            ..SizeFigures::default()
        };
        assert_eq!(
            industry().classify(only_people),
            Err(SizeClassError::RevenueMissing)
        );
        assert_eq!(
            industry().classify(SizeFigures::default()),
            Err(SizeClassError::EmployeesMissing)
        );
    }

    #[test]
    fn a_class_is_told_with_the_thresholds_that_led_to_it() {
        for (class, words) in [
            (
                SizeClass::Large,
                "按工业标准：从业人员 1,000 人及以上且营业收入 40,000 万元及以上为大型企业",
            ),
            (
                SizeClass::Medium,
                "按工业标准：从业人员 300–1,000 人且营业收入 2,000–40,000 万元为中型企业",
            ),
            (
                SizeClass::Small,
                "按工业标准：从业人员 20–300 人且营业收入 300–2,000 万元为小型企业",
            ),
            (
                SizeClass::Micro,
                "按工业标准：从业人员不足 20 人或营业收入不足 300 万元为微型企业",
            ),
        ] {
            assert_eq!(industry().words(class), words);
        }
        let reasons = industry().reasons(figures(5000, 299)).expect("complete");
        assert_eq!(
            reasons,
            [
                "从业人员 5,000 人，达到大型下限 1,000 人",
                "营业收入 299 万元，未达到小型下限 300 万元"
            ]
        );
        assert!(industry().lowered(figures(5000, 299)));
        assert!(!industry().lowered(figures(45, 1200)));
    }

    #[test]
    fn every_class_is_read_back_from_its_code_and_an_unknown_one_is_none() {
        for class in SizeClass::ALL {
            assert_eq!(SizeClass::from_code(class.as_str()), Some(class));
            assert_eq!(class.label(), format!("{}企业", class.short()));
        }
        assert_eq!(SizeClass::from_code("huge"), None);
    }

    #[test]
    fn a_class_counts_in_its_year_and_the_next() {
        let counts: Vec<i32> = (2023..2028).filter(|y| class_counts(2025, *y)).collect();
        assert_eq!(counts, [2025, 2026]);
    }
}
