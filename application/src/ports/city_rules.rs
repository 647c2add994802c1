//! City rules 平台设置: what stands in place of the city's file, and the changes that two people made.

use async_trait::async_trait;
use domain::ids::UserId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{settings_changes::ChangeStatus, store::StoreError};
use crate::rules::{CityRule, RuleName};

/// A change that was proposed, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityRuleChange {
    pub id: Uuid,
    /// What stood when it was proposed.
    pub before: CityRule,
    pub rule: CityRule,
    pub reason: String,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
    pub status: ChangeStatus,
    pub settled_by: Option<UserId>,
    pub settled_name: String,
    pub settled_at: Option<OffsetDateTime>,
    /// Why whoever asked took it back; empty: no word was left, or it was not.
    pub withdrawal: String,
}

/// What a change of 工作日历 leaves to the worker, and how far that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redating {
    pub change: Uuid,
    /// Due times before this stay as they are.
    pub since: OffsetDateTime,
    pub asked_at: OffsetDateTime,
    pub dated_at: Option<OffsetDateTime>,
    /// How many due times changed.
    pub moved: i32,
}

#[async_trait]
pub trait CityRules: Send {
    /// What stands in place of the file; `None`: the file's value.
    async fn city_rule(&mut self, name: &RuleName) -> Result<Option<CityRule>, StoreError>;

    /// Of one rule, the newest first.
    async fn rule_changes(
        &mut self,
        name: &RuleName,
        most: i64,
    ) -> Result<Vec<CityRuleChange>, StoreError>;

    /// Every text of a message that stands, and the names of those of which a change waits.
    async fn notice_texts(&mut self) -> Result<(Vec<CityRule>, Vec<RuleName>), StoreError>;

    /// One, locked until the commit.
    async fn rule_change(&mut self, id: Uuid) -> Result<Option<CityRuleChange>, StoreError>;

    /// `Conflict` while another change of the same rule waits.
    async fn propose_rule(&mut self, change: &CityRuleChange) -> Result<(), StoreError>;

    /// Writes status and who settled it, and what stands from now on if it was confirmed; `Stale` when it was settled before.
    async fn settle_rule(&mut self, change: &CityRuleChange) -> Result<(), StoreError>;

    /// Due times after an instant are to be reckoned anew, because of a change.
    async fn ask_redating(
        &mut self,
        change: Uuid,
        since: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// The newest first.
    async fn redatings(&mut self, most: i64) -> Result<Vec<Redating>, StoreError>;

    /// It was done once more, and so many due times changed.
    async fn redated(
        &mut self,
        change: Uuid,
        moved: i32,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
}
