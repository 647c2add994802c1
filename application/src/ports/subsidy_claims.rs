//! Subsidy claims 贴息申请 (W20, G5): what was applied for or listed, what two people of the city decided, what was paid, and what came
//! of a policy month by month.

use async_trait::async_trait;
use domain::{
    ids::{DrawId, EnterpriseId, FinancingApplicationId, UserId},
    subsidy::ClaimStatus,
    values::Cents,
    vocabulary,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{sealing::Place, statistics::Span, store::StoreError};

vocabulary! {
    /// Who began it.
    ClaimOrigin {
        Applied = "applied" / "企业申请",
        Listed = "listed" / "免申即享名单",
    }
}

/// One of the people who decided, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// 拨付.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub sum: Cents,
    pub on: Date,
    pub told: Decided,
}

/// 贴息申请.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: Uuid,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub policy: Uuid,
    pub policy_version: i32,
    pub policy_title: String,
    pub application: FinancingApplicationId,
    pub application_no: String,
    pub draw: DrawId,
    pub draw_number: u16,
    pub origin: ClaimOrigin,
    pub status: ClaimStatus,
    pub days: Option<i64>,
    pub sum: Cents,
    /// 收款账户, sealed at [`account_place`]; `None`: none is needed, or no more.
    pub account_sealed: Option<Vec<u8>>,
    /// The words that were ticked; empty where nobody applied.
    pub declared: String,
    pub filed_by: UserId,
    pub filed_at: OffsetDateTime,
    pub proposed: Option<Decided>,
    pub approved: Option<Decided>,
    pub refused: Option<Decided>,
    /// Why; empty unless it was refused.
    pub refusal: String,
    pub paid: Option<Payment>,
    pub version: i32,
}

impl Claim {
    /// It was applied for, and the account went with that of its enterprise: nobody knows any more where to pay.
    pub fn lost_its_account(&self) -> bool {
        self.origin == ClaimOrigin::Applied
            && self.account_sealed.is_none()
            && self.status != ClaimStatus::Refused
    }
}

/// Where the account of a claim is sealed.
pub fn account_place(city: Uuid, claim: Uuid) -> Place {
    Place {
        tenant: city,
        table: "subsidy_claims",
        row: claim,
        column: "account_sealed",
    }
}

vocabulary! {
    /// Which claims a list shows.
    ClaimList {
        Open = "open" / "待办理",
        Approved = "approved" / "已通过，待拨付",
        Paid = "paid" / "已拨付",
        Refused = "refused" / "未通过",
        All = "all" / "全部",
    }
}

vocabulary! {
    /// By which of its days a claim is counted.
    ClaimDay {
        Filed = "filed" / "申请",
        Approved = "approved" / "通过",
        Paid = "paid" / "拨付",
    }
}

/// Where a page of a list begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimCursor {
    pub at: OffsetDateTime,
    pub id: Uuid,
}

/// What somebody looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimAsk {
    pub list: ClaimList,
    pub policy: Option<Uuid>,
    /// Those behind a figure: counted by this day within these months.
    pub counted: Option<(ClaimDay, Span)>,
    pub after: Option<ClaimCursor>,
    pub most: i64,
}

/// What came of a policy in a month; sums in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub filed: i64,
    pub approved: i64,
    pub approved_cents: i64,
    pub paid: i64,
    pub paid_cents: i64,
    /// Enterprises with an approved claim; each counts once in what is counted together.
    pub enterprises: i64,
}

/// The same with the policy and the month; without a month it is of the whole span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectRow {
    pub policy: Uuid,
    /// Its newest title.
    pub title: String,
    pub month: Option<Date>,
    pub effect: Effect,
}

#[async_trait]
pub trait SubsidyClaims: Send {
    /// Conflict `subsidy_claims_once` when the loan has one under this policy.
    async fn file_subsidy_claim(&mut self, claim: &Claim) -> Result<(), StoreError>;

    async fn subsidy_claim(&mut self, id: Uuid) -> Result<Option<Claim>, StoreError>;

    /// The same, locked until the commit.
    async fn subsidy_claim_for_update(&mut self, id: Uuid) -> Result<Option<Claim>, StoreError>;

    /// What the city decided; `Stale` if it moved.
    async fn save_subsidy_claim(&mut self, claim: &Claim) -> Result<(), StoreError>;

    /// Those that the unit of work may see: what waits the longest first, everything else newest first.
    async fn subsidy_claims(&mut self, ask: &ClaimAsk) -> Result<Vec<Claim>, StoreError>;

    /// Claims of one request, newest first.
    async fn subsidy_claims_of(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<Claim>, StoreError>;

    /// By policy over the whole span, or by policy and month, in order; those with the largest sum first. Read from the days of the claims,
    /// of one policy or of all.
    async fn subsidy_effects(
        &mut self,
        span: Span,
        policy: Option<Uuid>,
        by_month: bool,
    ) -> Result<Vec<EffectRow>, StoreError>;
}
