//! Renewals 续贷: which request renews a loan, and whom a branch invited to one.

use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{FinancingApplicationId, UserId},
    renewal::RenewalStep,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{
    loans::{LoanSide, RunningLoan},
    store::StoreError,
};

/// The place that one renewal of a loan takes, from its submission until it comes to nothing; for good once it was approved and drawn.
pub const ONE_RENEWAL: &str = "financing_applications_one_renewal";

/// 续贷申请 of a loan that has not come to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    pub id: FinancingApplicationId,
    pub number: String,
    pub stage: Stage,
}

/// 邀请续贷 of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalInvitation {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub due_on: Date,
    pub step: RenewalStep,
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// Which rows of 到期名单.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueAsk {
    pub side: LoanSide,
    pub today: Date,
    /// How far away the day may be.
    pub within: RenewalStep,
    /// The row after which the page begins.
    pub after: Option<(Date, Uuid)>,
    pub most: i64,
}

/// A row of 到期名单.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRow {
    pub loan: RunningLoan,
    pub due_on: Date,
    pub holder: Option<UserId>,
    /// 冻结: nothing of it goes on.
    pub frozen: bool,
    /// 已邀请 at the step that it stands at: by whom and when.
    pub invited: Option<(String, OffsetDateTime)>,
    pub renewal: Option<(FinancingApplicationId, String)>,
    /// 延期申请 waits for the bank.
    pub deferral: bool,
}

#[async_trait]
pub trait Renewals: Send {
    /// The one that takes the place, where whoever asks sees it.
    async fn renewal_of(
        &mut self,
        loan: FinancingApplicationId,
    ) -> Result<Option<Renewal>, StoreError>;

    /// Ties a draft to the loan that it renews, or to none.
    async fn renew(
        &mut self,
        draft: FinancingApplicationId,
        loan: Option<FinancingApplicationId>,
    ) -> Result<(), StoreError>;

    /// `false` when the step was invited before.
    async fn invite(&mut self, invitation: &RenewalInvitation) -> Result<bool, StoreError>;

    /// The longest due first.
    async fn due(&mut self, ask: &DueAsk) -> Result<Vec<DueRow>, StoreError>;
}
