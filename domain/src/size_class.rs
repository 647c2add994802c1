//! Size of an enterprise 企业划型: 大型, 中型, 小型 or 微型, by the thresholds of its industry.

use crate::values::Cents;
use crate::values::error::value_error;

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

    pub fn label(self) -> &'static str {
        match self {
            Self::Micro => "微型企业",
            Self::Small => "小型企业",
            Self::Medium => "中型企业",
            Self::Large => "大型企业",
        }
    }
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
    pub employees: Option<u32>,
    pub revenue: Option<Cents>,
    pub assets: Option<Cents>,
}

/// Thresholds of an industry 行业划型标准.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeRule {
    thresholds: Vec<SizeThreshold>,
}

impl SizeRule {
    pub fn new(thresholds: Vec<SizeThreshold>) -> Self {
        Self { thresholds }
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
}

impl SizeThreshold {
    fn reached(&self, figures: SizeFigures) -> Result<SizeClass, SizeClassError> {
        let value = match self.metric {
            SizeMetric::Employees => figures
                .employees
                .map(i64::from)
                .ok_or(SizeClassError::EmployeesMissing)?,
            SizeMetric::Revenue => figures
                .revenue
                .map(Cents::cents)
                .ok_or(SizeClassError::RevenueMissing)?,
            SizeMetric::Assets => figures
                .assets
                .map(Cents::cents)
                .ok_or(SizeClassError::AssetsMissing)?,
        };
        Ok(match value {
            value if value >= self.large => SizeClass::Large,
            value if value >= self.medium => SizeClass::Medium,
            value if value >= self.small => SizeClass::Small,
            _ => SizeClass::Micro,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{SizeClass, SizeClassError, SizeFigures, SizeMetric, SizeRule, SizeThreshold};
    use crate::values::Cents;

    const WAN: i64 = 1_000_000;

    fn industry() -> SizeRule {
        SizeRule::new(vec![
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
        ])
    }

    fn figures(employees: u32, revenue_wan: u32) -> SizeFigures {
        let revenue = Some(Cents::from_wan(revenue_wan).expect("in range"));
        SizeFigures {
            employees: Some(employees),
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
            employees: Some(50),
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
}
