//! Exports 导出: what was asked for and how far it is, and the rows that go into it.

use async_trait::async_trait;
use domain::{
    export::ExportOrder,
    financing::Stage,
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{dossiers::ShownFacts, store::StoreError};

/// Which rows: those of the list that the person looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFilter {
    /// A group of stages as the lists name them; empty: all.
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub branch: Option<Uuid>,
    #[serde(default)]
    pub product: Option<Uuid>,
    /// Days in the time of the city, both included: of submission, drawing or paying.
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default)]
    pub until: Option<Date>,
}

/// A stored export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExport {
    pub id: Uuid,
    pub tenant: TenantId,
    pub bank: TenantId,
    pub node_name: String,
    /// 导出编号.
    pub number: String,
    pub filter: ExportFilter,
    pub told: String,
    pub order: ExportOrder,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub checked_name: String,
    pub checked_at: Option<OffsetDateTime>,
    pub rows_total: i32,
    pub rows_done: i32,
    pub tries: i32,
    pub cause: String,
    pub object_key: Option<String>,
    pub byte_size: i32,
    pub made_at: Option<OffsetDateTime>,
    pub expires_at: Option<OffsetDateTime>,
    pub downloads: i32,
    /// Why it was taken back; may be empty.
    pub withdrawal: String,
}

/// Where a walk over rows goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCursor {
    pub at: OffsetDateTime,
    pub id: Uuid,
}

/// A row of 融资需求.
#[derive(Clone, Debug)]
pub struct ApplicationLine {
    pub id: FinancingApplicationId,
    pub enterprise: EnterpriseId,
    pub number: String,
    pub enterprise_name: String,
    pub product_name: String,
    pub amount_cents: i64,
    pub rate: i32,
    pub term: i32,
    pub term_unit: String,
    pub stage: Stage,
    pub ever_accepted: bool,
    pub handler_name: String,
    pub holder_name: String,
    pub submitted_at: OffsetDateTime,
    pub accepted_at: Option<OffsetDateTime>,
    pub decided_at: Option<OffsetDateTime>,
    pub updated_at: OffsetDateTime,
    /// 复议 was taken up.
    pub reconsidered: bool,
    pub approved_cents: Option<i64>,
    pub approved_rate: Option<i32>,
    pub drawn_cents: i64,
    pub shown: Option<ShownFacts>,
    pub sealed: Option<Vec<u8>>,
    /// No consent for it was withdrawn.
    pub consent: bool,
}

/// A row of 放款 or 还款.
#[derive(Clone, Debug)]
pub struct LoanLine {
    pub cursor: RowCursor,
    pub number: String,
    pub enterprise_name: String,
    pub product_name: String,
    pub handler_name: String,
    pub amount_cents: i64,
    pub on: Date,
    /// Of a draw.
    pub contract_no: String,
    pub rate: i32,
    pub due_on: Option<Date>,
    pub confirmed_at: Option<OffsetDateTime>,
    /// Of a repayment: principal owed afterwards.
    pub balance_cents: i64,
    pub source: String,
    pub recorded_name: String,
}

#[async_trait]
pub trait Exports: Send {
    async fn insert_export(&mut self, export: &StoredExport) -> Result<(), StoreError>;

    /// Locked; of the own node and those below.
    async fn export(&mut self, id: Uuid) -> Result<Option<StoredExport>, StoreError>;

    /// Newest first, of the own node and those below.
    async fn exports(&mut self, most: i64) -> Result<Vec<StoredExport>, StoreError>;

    /// The institution of the own node.
    async fn own_bank(&mut self) -> Result<Option<TenantId>, StoreError>;

    /// Stores what the second person said; `false` when somebody was faster.
    async fn save_check(&mut self, export: &StoredExport) -> Result<bool, StoreError>;

    /// Stores that it was taken back, and why; `false` when somebody was faster.
    async fn save_withdrawal(&mut self, export: &StoredExport) -> Result<bool, StoreError>;

    /// Whom the worker has something to make for, oldest first; read by the city.
    async fn exports_due(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, UserId)>, StoreError>;

    /// Takes it up: nobody else does until the lease is over. `None` when somebody was faster.
    async fn take_export(
        &mut self,
        id: Uuid,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<StoredExport>, StoreError>;

    /// Notes how far it is and lengthens the lease; `false` when another worker has taken it up.
    async fn note_export(
        &mut self,
        export: &StoredExport,
        lease_until: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// The file is there; `false` when another worker has taken it up.
    async fn save_made(&mut self, export: &StoredExport) -> Result<bool, StoreError>;

    /// It ends without a file.
    async fn end_export(&mut self, id: Uuid, cause: &str) -> Result<(), StoreError>;

    async fn count_download(&mut self, id: Uuid) -> Result<(), StoreError>;

    /// Files whose time is over: export and object key; read by the city.
    async fn exports_over(
        &mut self,
        now: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<(Uuid, String)>, StoreError>;

    async fn expire_export(&mut self, id: Uuid) -> Result<(), StoreError>;
}

/// The rows of an export: of the own branch and those below, or of the own institution.
#[async_trait]
pub trait ExportRows: Send {
    async fn export_count(
        &mut self,
        kind: domain::export::ExportKind,
        filter: &ExportFilter,
        stages: &[Stage],
    ) -> Result<i64, StoreError>;

    async fn export_applications(
        &mut self,
        filter: &ExportFilter,
        stages: &[Stage],
        after: Option<RowCursor>,
        most: i64,
    ) -> Result<Vec<ApplicationLine>, StoreError>;

    /// 放款.
    async fn export_draws(
        &mut self,
        filter: &ExportFilter,
        after: Option<RowCursor>,
        most: i64,
    ) -> Result<Vec<LoanLine>, StoreError>;

    /// 还款.
    async fn export_repayments(
        &mut self,
        filter: &ExportFilter,
        after: Option<RowCursor>,
        most: i64,
    ) -> Result<Vec<LoanLine>, StoreError>;
}
