//! 准入条件核对 (W3): what the own completed profile says to a product's rules. Reads one row, decides nothing.

use std::{cmp::Reverse, sync::Arc};

use domain::{
    eligibility::{EligibilityFacts, EligibilityRule, RuleVerdict},
    values::Cents,
};

use crate::{
    access::{Action, Actor, Guard, Room},
    error::UseResult,
    ports::{catalogue::Reader, reference::IndustryDirectory, store::Store},
};

/// Where the facts of the signed-in enterprise come from.
#[derive(Clone)]
pub struct OwnFacts {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub industries: Arc<dyn IndustryDirectory>,
}

/// How the own enterprise stands to a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnStanding {
    /// 完善信息 is not done yet: nothing is compared.
    Incomplete,
    /// One verdict for each rule, in their order.
    Compared(Vec<RuleVerdict>),
}

/// What the own profile says to the rules of products, and of whom a policy may be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnProfile {
    pub section: Option<String>,
    pub region: String,
    pub first_loan: bool,
    pub capital: Option<Cents>,
}

/// 匹配度: how many rules of a product the own profile meets, does not meet, and says nothing of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    pub met: usize,
    pub not_met: usize,
    pub unknown: usize,
}

impl Fit {
    /// True while no rule speaks against it: what is not known is never taken for a no.
    pub fn may(self) -> bool {
        self.not_met == 0
    }

    /// The product has rules at all.
    pub fn has_rules(self) -> bool {
        self.met + self.not_met + self.unknown > 0
    }

    /// The best fit first: fewest rules not met, then fewest unknown, then most met.
    pub fn rank(self) -> (usize, usize, Reverse<usize>) {
        (self.not_met, self.unknown, Reverse(self.met))
    }
}

impl OwnProfile {
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            section: self.section.as_deref(),
            region: &self.region,
            first_loan: self.first_loan,
        }
    }

    fn facts(&self) -> EligibilityFacts<'_> {
        EligibilityFacts {
            // The profile does not ask for the day of founding.
            years_founded: None,
            capital: self.capital,
            section: self.section.as_deref(),
            region: Some(self.region.as_str()).filter(|code| !code.is_empty()),
            first_loan: Some(self.first_loan),
        }
    }

    /// One verdict for each rule, in their order.
    pub fn verdicts(&self, rules: &[EligibilityRule]) -> Vec<RuleVerdict> {
        let facts = self.facts();
        rules.iter().map(|rule| rule.verdict(&facts)).collect()
    }

    /// How it stands to the rules of one product.
    pub fn fit(&self, rules: &[EligibilityRule]) -> Fit {
        let facts = self.facts();
        let mut fit = Fit::default();
        for rule in rules {
            match rule.verdict(&facts) {
                RuleVerdict::Met => fit.met += 1,
                RuleVerdict::NotMet => fit.not_met += 1,
                RuleVerdict::Unknown => fit.unknown += 1,
            }
        }
        fit
    }
}

impl OwnFacts {
    /// The own profile, once it is complete.
    pub async fn profile(&self, actor: &Actor) -> UseResult<Option<OwnProfile>> {
        let Some(enterprise) = actor.enterprise else {
            return Ok(None);
        };
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let facts = work.enterprises().facts(enterprise).await?;
        let own = facts.filter(|f| f.completed_at.is_some());
        Ok(own.map(|own| OwnProfile {
            section: own
                .industry_code
                .as_deref()
                .and_then(|code| self.industries.section_of(code)),
            region: own.region_code,
            first_loan: own.first_loan,
            capital: own
                .registered_capital_cents
                .and_then(|cents| Cents::new(cents).ok()),
        }))
    }

    /// How the actor's enterprise stands to the rules.
    pub async fn compare(
        &self,
        actor: &Actor,
        rules: &[EligibilityRule],
    ) -> UseResult<OwnStanding> {
        let own = self.profile(actor).await?;
        Ok(own.map_or(OwnStanding::Incomplete, |own| {
            OwnStanding::Compared(own.verdicts(rules))
        }))
    }
}
