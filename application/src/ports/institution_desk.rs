//! Institution desk 机构管理: the institutions of a city as its operators keep them, and who asked to pause one.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{store::StoreError, supervision::HoldStatus};

vocabulary! {
    /// What two operators do to an institution.
    SuspensionKind {
        Suspend = "suspend" / "暂停受理",
        Resume = "resume" / "恢复受理",
    }
}

/// What the portal shows of an institution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstitutionFacts {
    pub name: String,
    pub short_name: String,
    /// A code of the vocabulary `institution_type`, or `financial_holding`.
    pub kind: String,
    pub kind_label: String,
    pub licence_no: String,
    pub hotline: String,
    pub address: String,
    pub intro: String,
}

/// An institution with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskInstitution {
    pub id: TenantId,
    pub facts: InstitutionFacts,
    pub suspended: bool,
    pub since: OffsetDateTime,
    pub branches: i64,
    pub people: i64,
    /// Products on the shelf.
    pub products: i64,
    /// 办理中: requests that wait for its decision.
    pub open: i64,
}

/// A branch of an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskBranch {
    pub id: TenantId,
    pub name: String,
    pub region_code: String,
    pub phone: String,
    pub suspended: bool,
    pub people: i64,
    pub open: i64,
}

/// 申请暂停受理 or its end, by one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    pub id: Uuid,
    pub institution: TenantId,
    pub institution_name: String,
    pub kind: SuspensionKind,
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: HoldStatus,
    pub settled_by: Option<UserId>,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
    /// Why whoever asked took it back; empty: no word was left, or it was not.
    pub withdrawal: String,
}

#[async_trait]
pub trait InstitutionDesk: Send {
    /// All of the city, in the order of the portal.
    async fn desk_institutions(&mut self) -> Result<Vec<DeskInstitution>, StoreError>;

    /// One, locked until the commit.
    async fn desk_institution(
        &mut self,
        id: TenantId,
    ) -> Result<Option<DeskInstitution>, StoreError>;

    async fn desk_branches(&mut self, id: TenantId) -> Result<Vec<DeskBranch>, StoreError>;

    /// Who bears this name in the city; until the commit nobody else is given one.
    async fn institution_named(&mut self, name: &str) -> Result<Option<TenantId>, StoreError>;

    /// Opens one right below the city; its people may be invited in the same unit of work.
    async fn open_institution(
        &mut self,
        id: TenantId,
        facts: &InstitutionFacts,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    async fn change_institution(
        &mut self,
        id: TenantId,
        facts: &InstitutionFacts,
    ) -> Result<(), StoreError>;

    /// Of one institution, the newest first.
    async fn suspensions(&mut self, id: TenantId) -> Result<Vec<Suspension>, StoreError>;

    /// What waits for a second person, the oldest first.
    async fn open_suspensions(&mut self) -> Result<Vec<Suspension>, StoreError>;

    /// One, locked until the commit.
    async fn suspension(&mut self, id: Uuid) -> Result<Option<Suspension>, StoreError>;

    /// `Conflict` while another one waits.
    async fn ask_suspension(&mut self, suspension: &Suspension) -> Result<(), StoreError>;

    /// Writes status and who settled it; `Stale` when it was settled before.
    async fn settle_suspension(&mut self, suspension: &Suspension) -> Result<(), StoreError>;

    /// Off the portal or on it again; `false` when it stands so already.
    async fn set_institution_suspended(
        &mut self,
        id: TenantId,
        suspended: bool,
    ) -> Result<bool, StoreError>;
}
