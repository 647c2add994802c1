//! Size 企业划型: an enterprise declares once a year what its industry is measured by, and sees its class at once.

mod declare;
mod look;

use std::sync::Arc;

use domain::{
    calendar::local_date,
    size_class::{SizeMetric, SizeRule},
    values::IndustryCode,
};

pub use declare::{DeclareSize, Declared};
pub use look::{SizePage, SizeStanding};

use crate::{
    access::Actor,
    audit::Watch,
    error::UseResult,
    ports::{
        reference::{IndustryDirectory, SizeRules},
        store::Store,
    },
};

/// The room.
#[derive(Clone)]
pub struct SizeRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub industries: Arc<dyn IndustryDirectory>,
    pub rules: Arc<dyn SizeRules>,
}

/// What an enterprise is measured by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// 完善信息 comes first.
    NoIndustry,
    /// The standard has no rule for it; its name.
    NoRule(String),
    Rule {
        industry: String,
        rule: SizeRule,
    },
}

impl Measure {
    pub fn rule(&self) -> Option<&SizeRule> {
        match self {
            Self::Rule { rule, .. } => Some(rule),
            _ => None,
        }
    }
}

/// The name of a figure's field, on pages, in the interface and in its errors.
pub const fn field_of(metric: SizeMetric) -> &'static str {
    match metric {
        SizeMetric::Employees => "employees",
        SizeMetric::Revenue => "revenue",
        SizeMetric::Assets => "assets",
    }
}

impl SizeRoom {
    fn measure(&self, industry: Option<&str>) -> Measure {
        let Some(code) = industry.filter(|code| !code.is_empty()) else {
            return Measure::NoIndustry;
        };
        let name = self.industries.full_name(code).unwrap_or_default();
        let rule = IndustryCode::parse(code)
            .ok()
            .and_then(|code| self.rules.size_rule(&code));
        match rule {
            Some(rule) => Measure::Rule {
                industry: name,
                rule,
            },
            None => Measure::NoRule(name),
        }
    }

    /// The year that is declared now, in the city's own time.
    fn year(&self) -> i32 {
        local_date(self.watch.clock.now()).year()
    }

    fn enterprise(actor: &Actor) -> UseResult<domain::ids::EnterpriseId> {
        actor
            .enterprise
            .ok_or_else(crate::error::UseError::not_found)
    }
}
