//! Referrals 推荐清单: enterprises recommended to an institution, and how far each is followed.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    referral::{Demand, ReferralStatus, Refusal},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

/// A recommended enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReferral {
    pub id: Uuid,
    /// The institution.
    pub tenant: TenantId,
    pub branch: Option<TenantId>,
    pub branch_name: String,
    pub credit_code: String,
    pub company_name: String,
    /// 联系人 and phone, masked.
    pub contact_shown: String,
    pub contact_sealed: Option<Vec<u8>>,
    pub source: String,
    pub note: String,
    pub status: ReferralStatus,
    pub reason: String,
    /// 未授信原因 by its code; `None` before it is over, and of what was noted before there were codes.
    pub refusal: Option<Refusal>,
    pub demand: Option<Demand>,
    pub demand_at: Option<OffsetDateTime>,
    pub contacted_at: Option<OffsetDateTime>,
    pub visited_at: Option<OffsetDateTime>,
    pub ended_at: Option<OffsetDateTime>,
    /// The file that brought it; `None`: the city sent it.
    pub import: Option<Uuid>,
    pub version: i32,
    pub created_at: OffsetDateTime,
    pub changed_name: String,
    pub changed_at: OffsetDateTime,
}

/// 跟进记录.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralStep {
    pub id: Uuid,
    pub what: String,
    pub note: String,
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// Which ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferralFilter {
    pub status: Option<ReferralStatus>,
    /// Not yet given to a branch.
    pub unassigned: bool,
    /// Part of the name, or a whole code.
    pub keyword: Option<String>,
}

/// A branch with its district and how much it has to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralBranch {
    pub id: TenantId,
    pub name: String,
    pub region_code: String,
    pub load: i64,
}

#[async_trait]
pub trait Referrals: Send {
    /// `false` when the institution has this enterprise already.
    async fn add_referral(&mut self, referral: &StoredReferral) -> Result<bool, StoreError>;

    async fn referral(&mut self, id: Uuid) -> Result<Option<StoredReferral>, StoreError>;

    /// A page: 未联系 first, then as they came.
    async fn referrals(
        &mut self,
        filter: &ReferralFilter,
        skip: i64,
        most: i64,
    ) -> Result<Vec<StoredReferral>, StoreError>;

    /// How many of each status, and how many nobody has.
    async fn referral_counts(&mut self) -> Result<(Vec<(ReferralStatus, i64)>, i64), StoreError>;

    /// How many a filter finds.
    async fn referrals_found(&mut self, filter: &ReferralFilter) -> Result<i64, StoreError>;

    /// Compare-and-set on the version; `false` when somebody was faster.
    async fn save_referral(
        &mut self,
        referral: &StoredReferral,
        step: &ReferralStep,
    ) -> Result<bool, StoreError>;

    /// Oldest first.
    async fn referral_steps(&mut self, id: Uuid) -> Result<Vec<ReferralStep>, StoreError>;

    /// The branches of the institution.
    async fn referral_branches(&mut self) -> Result<Vec<ReferralBranch>, StoreError>;
}
