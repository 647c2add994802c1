//! 准入条件核对 (W3): what the own completed profile says to a product's rules. Reads one row, decides nothing.

use std::sync::Arc;

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

/// What the own profile says of whom a policy may be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnProfile {
    pub section: Option<String>,
    pub region: String,
    pub first_loan: bool,
}

impl OwnProfile {
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            section: self.section.as_deref(),
            region: &self.region,
            first_loan: self.first_loan,
        }
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
        }))
    }

    /// How the actor's enterprise stands to the rules.
    pub async fn compare(
        &self,
        actor: &Actor,
        rules: &[EligibilityRule],
    ) -> UseResult<OwnStanding> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::View)
            .await?;
        let Some(enterprise) = actor.enterprise else {
            return Ok(OwnStanding::Incomplete);
        };
        let mut work = self.store.begin(&permit).await?;
        let facts = work.enterprises().facts(enterprise).await?;
        drop(work);
        let Some(own) = facts.filter(|f| f.completed_at.is_some()) else {
            return Ok(OwnStanding::Incomplete);
        };
        let section = own
            .industry_code
            .as_deref()
            .and_then(|code| self.industries.section_of(code));
        let facts = EligibilityFacts {
            // The profile does not ask for the day of founding.
            years_founded: None,
            capital: own
                .registered_capital_cents
                .and_then(|cents| Cents::new(cents).ok()),
            section: section.as_deref(),
            region: Some(own.region_code.as_str()).filter(|code| !code.is_empty()),
            first_loan: Some(own.first_loan),
        };
        let verdicts = rules.iter().map(|rule| rule.verdict(&facts)).collect();
        Ok(OwnStanding::Compared(verdicts))
    }
}
