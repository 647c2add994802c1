//! Complaints 投诉: what enterprises complain about, as each side may read it (W21).

use async_trait::async_trait;
use domain::{
    complaint::{ComplaintKind, ComplaintStatus, ComplaintStep},
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    values::ComplaintNumber,
    vocabulary,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;

/// 投诉对象: an institution or a branch, and the request it is about, if it is about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub application: Option<FinancingApplicationId>,
    pub application_no: String,
    pub about: TenantId,
    pub about_name: String,
    pub bank: TenantId,
    pub bank_name: String,
}

/// 说明: the node that was asked for a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedNode {
    pub id: TenantId,
    pub name: String,
    /// It has said its side since it was asked.
    pub stated: bool,
}

/// A complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub id: Uuid,
    pub number: String,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub kind: ComplaintKind,
    pub body: String,
    pub subject: Subject,
    pub status: ComplaintStatus,
    pub filed_by: UserId,
    pub filed_at: OffsetDateTime,
    /// When the promise began: filed, or asked once more.
    pub clock_from: OffsetDateTime,
    /// `None`: the calendar does not reach that far.
    pub due_at: Option<OffsetDateTime>,
    pub taken_by: Option<UserId>,
    pub taken_name: String,
    pub asked: Option<AskedNode>,
    pub answer: String,
    pub answered_at: Option<OffsetDateTime>,
    pub reopened: bool,
    pub closed_at: Option<OffsetDateTime>,
    pub version: i32,
}

impl Complaint {
    /// The city owes an answer and has let its time pass.
    pub fn is_overdue(&self, now: OffsetDateTime) -> bool {
        self.status.is_owed() && self.due_at.is_some_and(|due| due < now)
    }
}

/// One step of it, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    pub id: Uuid,
    pub step: ComplaintStep,
    pub words: String,
    /// `None`: the clock.
    pub by: Option<UserId>,
    /// Empty for people of an enterprise, whom nobody else needs by name.
    pub by_name: String,
    /// Of a statement: who was asked.
    pub node: Option<TenantId>,
    pub node_name: String,
    pub at: OffsetDateTime,
}

vocabulary! {
    /// Which complaints a list shows.
    ComplaintList {
        Owed = "owed" / "待处理",
        Overdue = "overdue" / "已超时",
        Answered = "answered" / "已答复",
        Closed = "closed" / "已办结",
        All = "all" / "全部",
    }
}

/// Complaints about an institution that were filed in a month, as 机构考评 counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiledIn {
    pub bank: TenantId,
    /// Its first day.
    pub month: Date,
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintAsk {
    pub list: ComplaintList,
    pub kind: Option<ComplaintKind>,
    pub filed: Option<FiledIn>,
    /// A part of the number, the enterprise's name or the node's name.
    pub words: String,
    pub skip: i64,
    pub most: i64,
}

/// One page, and how many fit in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComplaintPage {
    pub rows: Vec<Complaint>,
    pub total: i64,
}

/// Capped counts of the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComplaintCounts {
    pub owed: i64,
    pub overdue: i64,
    pub answered: i64,
}

/// 投诉汇总 of an institution: numbers of what was filed about it in a month, and nobody's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintTotals {
    pub bank: TenantId,
    pub bank_name: String,
    pub received: i64,
    /// Answered within the promise, and after it.
    pub on_time: i64,
    pub late: i64,
    /// Not answered yet, and those of them whose time has passed.
    pub open: i64,
    pub overdue: i64,
}

/// How far the clock of a complaint is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplaintAlarm {
    /// One working day is left.
    Soon = 1,
    Over = 2,
    /// A working day after it was due.
    Late = 3,
}

#[async_trait]
pub trait Complaints: Send {
    /// The next 投诉编号 of the day.
    async fn next_complaint_number(&mut self, day: Date) -> Result<ComplaintNumber, StoreError>;

    /// What the enterprise of the unit of work may complain about: its requests, newest first, then the published institutions
    /// with their branches.
    async fn complaint_subjects(&mut self) -> Result<Vec<Subject>, StoreError>;

    /// How many this enterprise filed since an instant.
    async fn complaints_since(&mut self, since: OffsetDateTime) -> Result<i64, StoreError>;

    async fn file_complaint(&mut self, complaint: &Complaint) -> Result<(), StoreError>;

    async fn complaint(&mut self, id: Uuid) -> Result<Option<Complaint>, StoreError>;

    async fn complaint_for_update(&mut self, id: Uuid) -> Result<Option<Complaint>, StoreError>;

    /// What the city changed; `Stale` if it moved. Where the promise began anew, its clock is told of anew.
    async fn save_complaint(&mut self, complaint: &Complaint) -> Result<(), StoreError>;

    /// What its enterprise changed: asked once more, or ended.
    async fn save_own_complaint(&mut self, complaint: &Complaint) -> Result<(), StoreError>;

    /// The asked node has said its side.
    async fn complaint_stated(&mut self, complaint: &Complaint) -> Result<(), StoreError>;

    async fn add_complaint_step(
        &mut self,
        complaint: Uuid,
        step: &StepRow,
    ) -> Result<(), StoreError>;

    /// The steps that this side may read, oldest first.
    async fn complaint_steps(&mut self, complaint: Uuid) -> Result<Vec<StepRow>, StoreError>;

    /// Those that the unit of work may see: what the city owes by due time, everything else newest first.
    async fn complaints(
        &mut self,
        ask: &ComplaintAsk,
        now: OffsetDateTime,
    ) -> Result<ComplaintPage, StoreError>;

    async fn complaint_counts(
        &mut self,
        now: OffsetDateTime,
    ) -> Result<ComplaintCounts, StoreError>;

    /// What was filed in a month by institution, those with the most overdue first.
    async fn complaint_totals(
        &mut self,
        month: Date,
        now: OffsetDateTime,
    ) -> Result<Vec<ComplaintTotals>, StoreError>;

    /// Complaints that still wait for an answer a working day after they were due, as the clock told of them.
    async fn late_complaints(&mut self) -> Result<i64, StoreError>;

    /// 投诉中: complaints about one request that the city has not answered.
    async fn open_complaints_about(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<Complaint>, StoreError>;

    /// Owed ones that are due by an instant and of which this alarm was not told.
    async fn complaints_to_tell(
        &mut self,
        alarm: ComplaintAlarm,
        due_by: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Complaint>, StoreError>;

    async fn complaint_told(&mut self, id: Uuid, alarm: ComplaintAlarm) -> Result<(), StoreError>;

    /// Answered before an instant and neither ended nor asked once more.
    async fn complaints_to_close(
        &mut self,
        answered_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<Complaint>, StoreError>;

    /// Owed ones whose due time has to be counted again: those without one, and those due after an instant.
    async fn complaints_to_date(
        &mut self,
        due_after: Option<OffsetDateTime>,
        most: i64,
    ) -> Result<Vec<Complaint>, StoreError>;

    async fn date_complaint(
        &mut self,
        id: Uuid,
        due: Option<OffsetDateTime>,
    ) -> Result<(), StoreError>;
}
