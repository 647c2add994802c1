//! Visit lists 走访清单: enterprises that a city has its institutions visit, how far each is, and 整改任务.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    referral::{ReferralStatus, Refusal},
    visit::{VisitProgress, VisitStage},
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitList {
    pub id: Uuid,
    pub name: String,
    /// 提供单位.
    pub source: String,
    /// 走访截止日期.
    pub due_on: Date,
    pub rows_kept: i32,
    pub rows_sent: i32,
    pub created_by: UserId,
    pub created_name: String,
    pub created_at: OffsetDateTime,
    pub closed_at: Option<OffsetDateTime>,
    pub closed_name: String,
}

impl VisitList {
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }
}

/// An enterprise as a file brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVisitRow {
    pub id: Uuid,
    pub list: Uuid,
    pub import: Uuid,
    pub number: i32,
    pub credit_code: String,
    pub company_name: String,
    /// 区县, six digits.
    pub district: String,
    pub contact_shown: String,
    pub contact_sealed: Option<Vec<u8>>,
    pub note: String,
    pub bank: Option<TenantId>,
    pub at: OffsetDateTime,
}

/// Where an enterprise stands already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandsIn {
    pub list: Uuid,
    pub list_name: String,
    pub number: i32,
}

/// An institution that enterprises are given to: published and not paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitBank {
    pub id: TenantId,
    pub name: String,
    pub short_name: String,
}

/// A row that is to be sent, and what its institution's 推荐清单 has of that enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowToSend {
    pub row: Uuid,
    pub bank: TenantId,
    pub contact_sealed: Option<Vec<u8>>,
    pub there: Option<(Uuid, ReferralStatus)>,
}

/// How a row comes into the 推荐清单 of its institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// As a new one.
    New,
    /// One that was over is followed anew.
    Again,
    /// One that is under way serves both.
    Joined,
}

/// A row as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendRow {
    pub row: Uuid,
    pub bank: TenantId,
    pub referral: Uuid,
    pub how: Sent,
    /// Sealed for its new place; only of a new one.
    pub contact_sealed: Option<Vec<u8>>,
}

/// Who sends, when, and what the institution reads of it.
#[derive(Clone, Debug)]
pub struct Sending {
    pub list: Uuid,
    pub source: String,
    /// The line under the step in 跟进记录.
    pub note: String,
    pub by: UserId,
    pub by_name: String,
    pub at: OffsetDateTime,
}

/// A row as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRow {
    pub id: Uuid,
    pub list: Uuid,
    pub number: i32,
    pub credit_code: String,
    pub company_name: String,
    pub district: String,
    pub contact_shown: String,
    pub contact_sealed: Option<Vec<u8>>,
    pub note: String,
    pub bank: Option<TenantId>,
    pub bank_name: String,
    pub version: i32,
    pub created_at: OffsetDateTime,
    pub progress: VisitProgress,
    /// 未授信原因 as the institution noted it.
    pub refusal: Option<Refusal>,
    pub reason: String,
    /// 不通过 or 拒单 of a request, by the city's codes.
    pub refused_codes: Vec<String>,
}

/// Which rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitFilter {
    pub stage: Option<VisitStage>,
    pub bank: Option<TenantId>,
    pub district: Option<String>,
    /// Registered on the platform.
    pub registered: bool,
    /// Part of the name, or a whole code.
    pub keyword: Option<String>,
}

/// Enterprises of one institution and one district.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitCounts {
    pub bank: Option<TenantId>,
    pub bank_name: String,
    pub district: String,
    pub all: i64,
    pub unassigned: i64,
    pub registered: i64,
    /// In the order of [`VisitStage::REACHED`].
    pub reached: [i64; 7],
}

/// 整改任务.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    pub id: Uuid,
    pub row: Uuid,
    pub list: Uuid,
    pub company_name: String,
    /// 责任部门.
    pub department: String,
    pub what: String,
    pub due_on: Date,
    pub set_by: UserId,
    pub set_name: String,
    pub set_at: OffsetDateTime,
    pub done: Option<RepairDone>,
}

/// How a task was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairDone {
    pub at: OffsetDateTime,
    pub by_name: String,
    pub note: String,
}

/// Which tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairFilter {
    pub department: Option<String>,
    /// `None`: both.
    pub done: Option<bool>,
    /// Due before this day.
    pub due_before: Option<Date>,
}

/// The last task of a page: behind the open ones stand those that are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepairCursor {
    pub done: bool,
    pub due_on: Date,
    pub id: Uuid,
}

/// Tasks of one department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairCounts {
    pub department: String,
    pub overdue: i64,
    /// Not done, the overdue ones among them.
    pub open: i64,
    pub done: i64,
}

/// Lists and what is done to their rows.
#[async_trait]
pub trait VisitLists: Send {
    /// `Conflict` when an open list has this name.
    async fn insert_visit_list(&mut self, list: &VisitList) -> Result<(), StoreError>;

    /// Newest first, behind a list.
    async fn visit_lists(
        &mut self,
        after: Option<(OffsetDateTime, Uuid)>,
        most: i64,
    ) -> Result<Vec<VisitList>, StoreError>;

    async fn visit_list(&mut self, id: Uuid) -> Result<Option<VisitList>, StoreError>;

    /// Nobody else changes it until the commit.
    async fn visit_list_for_update(&mut self, id: Uuid) -> Result<Option<VisitList>, StoreError>;

    async fn add_visit_file(&mut self, import: Uuid, list: Uuid) -> Result<(), StoreError>;

    async fn list_of_import(&mut self, import: Uuid) -> Result<Option<VisitList>, StoreError>;

    /// Adds it, or tells where the enterprise stands already.
    async fn add_visit_row(&mut self, row: &NewVisitRow) -> Result<Option<StandsIn>, StoreError>;

    async fn visit_banks(&mut self) -> Result<Vec<VisitBank>, StoreError>;

    /// Rows that were not sent: those without an institution, or with `given` all of them.
    async fn rows_to_assign(
        &mut self,
        list: Uuid,
        district: Option<&str>,
        given: bool,
    ) -> Result<Vec<Uuid>, StoreError>;

    /// How many were given: none that was sent meanwhile.
    async fn assign_rows(
        &mut self,
        list: Uuid,
        rows: &[(Uuid, TenantId)],
    ) -> Result<u64, StoreError>;

    /// Rows with an institution that takes any, locked.
    async fn rows_to_send(&mut self, list: Uuid, most: i64) -> Result<Vec<RowToSend>, StoreError>;

    /// `Stale` when one of them moved on meanwhile.
    async fn send_rows(&mut self, sending: &Sending, rows: &[SendRow]) -> Result<(), StoreError>;

    /// Keeps how far everybody is, and lets go of the contacts.
    async fn close_visit_list(
        &mut self,
        id: Uuid,
        by_name: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}

/// How far the rows are.
#[async_trait]
pub trait VisitCoverage: Send {
    /// By institution and district.
    async fn visit_counts(&mut self, list: Uuid) -> Result<Vec<VisitCounts>, StoreError>;

    /// As they came, behind a row.
    async fn visit_rows(
        &mut self,
        list: Uuid,
        filter: &VisitFilter,
        after: Option<Uuid>,
        most: i64,
    ) -> Result<Vec<VisitRow>, StoreError>;

    async fn visit_row(&mut self, list: Uuid, id: Uuid) -> Result<Option<VisitRow>, StoreError>;
}

/// 整改任务.
#[async_trait]
pub trait VisitRepairs: Send {
    async fn insert_repair(&mut self, repair: &Repair) -> Result<(), StoreError>;

    async fn repair(&mut self, id: Uuid) -> Result<Option<Repair>, StoreError>;

    /// `false` when somebody was faster.
    async fn finish_repair(&mut self, id: Uuid, done: &RepairDone) -> Result<bool, StoreError>;

    /// What is due first comes first, what is done last.
    async fn repairs(
        &mut self,
        filter: &RepairFilter,
        after: Option<RepairCursor>,
        most: i64,
    ) -> Result<Vec<Repair>, StoreError>;

    async fn repairs_of(&mut self, row: Uuid) -> Result<Vec<Repair>, StoreError>;

    /// By department, whoever is most overdue first.
    async fn repair_counts(&mut self, today: Date) -> Result<Vec<RepairCounts>, StoreError>;
}
