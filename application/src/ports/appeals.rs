//! Appeals 复议 and corrections 更正误操作: what headquarters settles after a refusal (rows 23 and 24).

use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{FinancingApplicationId, UserId},
    values::Cents,
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;
use crate::access::Actor;

vocabulary! {
    /// 复议申请 stands at.
    AppealStatus {
        Open = "open" / "待处理",
        Accepted = "accepted" / "已受理",
        Declined = "declined" / "不受理",
    }
}

vocabulary! {
    /// 更正申请 stands at.
    CorrectionStatus {
        Open = "open" / "待复核",
        Confirmed = "confirmed" / "已更正",
        Declined = "declined" / "未同意",
        Withdrawn = "withdrawn" / "已撤回",
    }
}

/// 复议申请 of an enterprise, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    pub application: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub product_name: String,
    pub handler_name: String,
    pub amount: Cents,
    pub facts: String,
    pub asked_at: OffsetDateTime,
    pub status: AppealStatus,
    pub settled_name: String,
    pub note: String,
    pub settled_at: Option<OffsetDateTime>,
}

/// 更正误操作 asked by one person of headquarters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub number: String,
    pub enterprise_name: String,
    pub handler_name: String,
    pub stage: Stage,
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: CorrectionStatus,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
}

/// A correction to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCorrection {
    pub id: Uuid,
    pub application: FinancingApplicationId,
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
}

/// Who settled something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub by: UserId,
    pub name: String,
    pub at: OffsetDateTime,
}

impl Settled {
    /// What a signed-in person settled.
    pub fn by(actor: &Actor, at: OffsetDateTime) -> Self {
        Self {
            by: actor.user,
            name: actor.name.clone(),
            at,
        }
    }
}

/// The row after which a page of 复议申请 starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppealCursor {
    pub at: OffsetDateTime,
    pub id: Uuid,
}

#[async_trait]
pub trait Appeals: Send {
    /// Open ones of the own institution, oldest first.
    async fn open(
        &mut self,
        after: Option<AppealCursor>,
        most: i64,
    ) -> Result<Vec<Appeal>, StoreError>;

    async fn appeal(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Appeal>, StoreError>;

    /// `false` when it was settled before.
    async fn settle_appeal(
        &mut self,
        application: FinancingApplicationId,
        accepted: bool,
        note: &str,
        settled: &Settled,
    ) -> Result<bool, StoreError>;

    /// `Conflict` while one is open.
    async fn ask_correction(&mut self, ask: &NewCorrection) -> Result<(), StoreError>;

    /// Open ones of the own institution, oldest first.
    async fn open_corrections(&mut self, most: i64) -> Result<Vec<Correction>, StoreError>;

    async fn correction(&mut self, id: Uuid) -> Result<Option<Correction>, StoreError>;

    /// The open one of an application, if any.
    async fn running_correction(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Uuid>, StoreError>;

    /// `false` when it was settled before.
    async fn settle_correction(
        &mut self,
        id: Uuid,
        confirmed: bool,
        settled: &Settled,
    ) -> Result<bool, StoreError>;

    /// 撤回 by whoever asked; `false` when it was settled before.
    async fn withdraw_correction(
        &mut self,
        id: Uuid,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}
