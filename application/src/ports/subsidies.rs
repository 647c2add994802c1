//! Subsidies 贴息补贴 (W20): policies that give one, and the loans that they are for.

use async_trait::async_trait;
use domain::{
    ids::{DrawId, EnterpriseId, FinancingApplicationId},
    subsidy::{Granted, Handling, LoanFault, SubsidyLoan, SubsidyPolicy},
    values::Rate,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{statistics::Span, store::StoreError};

/// A policy that gives a subsidy, in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubsidyOffer {
    pub policy: Uuid,
    pub version: i32,
    pub title: String,
    pub issuer: String,
    pub handling: Handling,
    /// 申报截止: the last day on which it may be applied for.
    pub deadline: Option<Date>,
    pub conditions: SubsidyPolicy,
}

impl SubsidyOffer {
    /// 申报截止 has passed.
    pub fn is_over(&self, today: Date) -> bool {
        self.deadline.is_some_and(|last| last < today)
    }

    pub fn faults(&self, facts: &LoanFacts) -> Vec<LoanFault> {
        self.conditions.faults(&facts.loan)
    }

    pub fn grants(&self, facts: &LoanFacts) -> Option<Granted> {
        self.conditions.grants(&facts.loan)
    }
}

/// A loan with what its pages tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanFacts {
    pub draw: DrawId,
    /// Which draw of its request.
    pub number: u16,
    pub application: FinancingApplicationId,
    pub application_no: String,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub bank_name: String,
    pub branch_name: String,
    pub product_name: String,
    pub contract_no: String,
    pub rate: Rate,
    pub confirmed_at: Option<OffsetDateTime>,
    pub loan: SubsidyLoan,
}

/// Loans that a policy is for, of a month of their draws; sums in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FittingMonth {
    pub month: Date,
    pub loans: i64,
    pub cents: i64,
}

/// Where a page of loans begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanCursor {
    pub on: Date,
    pub draw: DrawId,
}

/// Which loans of a policy are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FittingAsk {
    /// Days of the draw, within those of the policy.
    pub span: Option<Span>,
    /// Only those that have no claim under it.
    pub unclaimed: bool,
    pub after: Option<LoanCursor>,
    pub most: i64,
}

#[async_trait]
pub trait Subsidies: Send {
    /// Policies with a subsidy that readers see at that moment, those with the earliest deadline first.
    async fn subsidy_offers(&mut self, at: OffsetDateTime)
    -> Result<Vec<SubsidyOffer>, StoreError>;

    /// One of them as readers see it at that moment.
    async fn subsidy_offer(
        &mut self,
        policy: Uuid,
        at: OffsetDateTime,
    ) -> Result<Option<SubsidyOffer>, StoreError>;

    /// One version of a policy, shown or not; for the city.
    async fn subsidy_version(
        &mut self,
        policy: Uuid,
        version: i32,
    ) -> Result<Option<SubsidyOffer>, StoreError>;

    /// The newest version with a subsidy of every policy that ever gave one, whatever readers see; for the city.
    async fn subsidy_policies(&mut self) -> Result<Vec<SubsidyOffer>, StoreError>;

    /// The draws of a request, in order of their numbers.
    async fn subsidy_loans(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<LoanFacts>, StoreError>;

    async fn subsidy_loan(&mut self, draw: DrawId) -> Result<Option<LoanFacts>, StoreError>;

    /// Confirmed loans that a policy is for, by the day of the draw; found by the index of those days.
    async fn fitting_loans(
        &mut self,
        offer: &SubsidyOffer,
        ask: &FittingAsk,
    ) -> Result<Vec<LoanFacts>, StoreError>;

    /// The same, counted by the month of the draw.
    async fn fitting_months(
        &mut self,
        offer: &SubsidyOffer,
        span: Span,
    ) -> Result<Vec<FittingMonth>, StoreError>;
}
