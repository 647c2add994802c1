//! Consents 授权记录: who agreed to which text for what and whom, withdrawn but never deleted (S-32, S-33).

use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{ConsentId, FinancingApplicationId, UserId},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{branch_board::Leaf, store::StoreError, view_log::ViewEntry};

/// A consent to be noted.
#[derive(Clone, Debug)]
pub struct Granted {
    pub id: ConsentId,
    pub code: String,
    pub version: String,
    pub title: String,
    /// The text that was shown; its hash is stored.
    pub body: String,
    /// Stable code of what it is for.
    pub purpose: &'static str,
    /// Whom it names.
    pub recipient: String,
    pub application: Option<FinancingApplicationId>,
    pub channel: String,
    pub ip: String,
    pub at: OffsetDateTime,
}

/// A consent as stored.
#[derive(Clone, Debug)]
pub struct ConsentRow {
    pub id: ConsentId,
    pub code: String,
    pub version: String,
    pub title: String,
    pub purpose: String,
    pub recipient: String,
    pub application: Option<FinancingApplicationId>,
    pub application_no: Option<String>,
    /// Its application is still open.
    pub application_open: bool,
    /// Withdrawn, and not given anew since for the same application.
    pub lapsed: bool,
    pub user: UserId,
    pub person: String,
    pub channel: String,
    pub granted_at: OffsetDateTime,
    pub withdrawn_at: Option<OffsetDateTime>,
    /// Nobody withdrew it: it ended with its application.
    pub ended_with_application: bool,
}

/// Before which decisions nothing may follow a refusal any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    /// 复议: of what was refused for the first time.
    pub not_reconsidered: OffsetDateTime,
    /// 更正误操作: of what was refused at the intake, or again.
    pub not_corrected: OffsetDateTime,
}

impl ConsentRow {
    /// The application for which 重新授权 would grant it anew, when it is under way.
    pub fn to_renew(&self) -> Option<FinancingApplicationId> {
        self.application
            .filter(|_| self.lapsed && self.application_open)
    }
}

/// One page of 查看记录.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    pub rows: Vec<ViewEntry>,
    pub before: bool,
    pub after: bool,
}

#[async_trait]
pub trait Consents: Send {
    async fn grant(&mut self, consents: &[Granted]) -> Result<(), StoreError>;

    /// Newest first, at most `most` from `skip` on.
    async fn consents(&mut self, skip: i64, most: i64) -> Result<Vec<ConsentRow>, StoreError>;

    /// The same, from the one after this instant and id on.
    async fn consents_after(
        &mut self,
        after: Option<(OffsetDateTime, Uuid)>,
        most: i64,
    ) -> Result<Vec<ConsentRow>, StoreError>;

    async fn count_consents(&mut self) -> Result<u64, StoreError>;

    async fn consent(&mut self, id: ConsentId) -> Result<Option<ConsentRow>, StoreError>;

    /// What was withdrawn of an application and not given anew since, newest first.
    async fn lapsed_consents(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<ConsentRow>, StoreError>;

    /// False when it was withdrawn before.
    async fn withdraw_consent(
        &mut self,
        id: ConsentId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Agreements that this person accepted in a version older than one that asks everybody again; at that moment in force.
    async fn owed_again(&mut self, at: OffsetDateTime) -> Result<Vec<String>, StoreError>;

    /// Requests that are over, with all that may still follow them, and whose consents stand.
    async fn over_with_consents(
        &mut self,
        over: &Over,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;

    /// Consents that were given for a request end with it (row 29, B6).
    async fn end_consents(
        &mut self,
        application: FinancingApplicationId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// 查看记录: who looked at this enterprise's full data and why, newest first (S-30).
    async fn looks(&mut self, leaf: Leaf, most: i64) -> Result<Looks, StoreError>;
}
