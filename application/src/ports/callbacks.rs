//! Call-backs 回访工单 (O2): samples of closed requests, the work orders in them, and the calls.

use async_trait::async_trait;
use domain::{
    callback::{CallbackStatus, Measure, Reply},
    financing::Stage,
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;

/// A sample 抽样, drawn once and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    pub id: Uuid,
    pub from: Date,
    pub until: Date,
    /// `None`: every institution.
    pub bank: Option<TenantId>,
    pub bank_name: String,
    pub measure: Measure,
    pub amount: i32,
    /// Closed in that time and never drawn before.
    pub found: i64,
    pub drawn: i64,
    pub drawn_by: UserId,
    pub drawn_name: String,
    pub drawn_at: OffsetDateTime,
}

/// A work order 工单.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub id: Uuid,
    pub draw: Uuid,
    pub application: FinancingApplicationId,
    pub application_no: String,
    pub masked_name: String,
    pub bank: TenantId,
    pub bank_name: String,
    pub branch: TenantId,
    pub branch_name: String,
    pub stage: Stage,
    pub decided_at: OffsetDateTime,
    pub status: CallbackStatus,
    pub calls: i16,
    pub done_at: Option<OffsetDateTime>,
    pub complaint: Option<Uuid>,
    pub version: i32,
}

/// What was said when somebody was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    /// 是否真实放款.
    pub disbursed: Reply,
    /// 放款金额是否一致.
    pub amount_matches: Reply,
    /// 是否收取额外费用.
    pub extra_fees: Reply,
    /// 满意度, one to five.
    pub satisfaction: i16,
}

/// One call 通话; without answers nobody was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub id: Uuid,
    pub answers: Option<Answers>,
    pub note: String,
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// One page of work orders, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallbackPage {
    pub rows: Vec<Callback>,
    pub total: i64,
}

/// An institution that a sample may be drawn of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    pub id: TenantId,
    pub name: String,
}

#[async_trait]
pub trait Callbacks: Send {
    async fn callback_banks(&mut self) -> Result<Vec<Bank>, StoreError>;

    /// Requests that were closed in the time of a sample and never drawn, counted.
    async fn closed_undrawn(&mut self, draw: &Draw) -> Result<i64, StoreError>;

    /// So many of them, chosen by the id of the sample alone; each with its enterprise's name in full and an id of nothing yet.
    async fn sample(&mut self, draw: &Draw) -> Result<Vec<Callback>, StoreError>;

    /// Keeps the sample with its work orders; conflict `callbacks_once` when one was drawn meanwhile.
    async fn keep_draw(&mut self, draw: &Draw, orders: &[Callback]) -> Result<(), StoreError>;

    async fn draws(&mut self, most: i64) -> Result<Vec<Draw>, StoreError>;

    async fn callbacks(
        &mut self,
        status: Option<CallbackStatus>,
        draw: Option<Uuid>,
        skip: i64,
        most: i64,
    ) -> Result<CallbackPage, StoreError>;

    async fn callback(&mut self, id: Uuid) -> Result<Option<Callback>, StoreError>;

    async fn callback_for_update(&mut self, id: Uuid) -> Result<Option<Callback>, StoreError>;

    /// Status, calls and complaint; `Stale` if it moved.
    async fn save_callback(&mut self, callback: &Callback) -> Result<(), StoreError>;

    async fn add_call(&mut self, callback: Uuid, call: &Call) -> Result<(), StoreError>;

    async fn calls(&mut self, callback: Uuid) -> Result<Vec<Call>, StoreError>;

    /// Whose request it is, with the name in full.
    async fn enterprise_behind(
        &mut self,
        callback: Uuid,
    ) -> Result<Option<(EnterpriseId, String)>, StoreError>;
}
