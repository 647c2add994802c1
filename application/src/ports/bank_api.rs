//! Bank API 系统接口: access keys of an institution, the first answers to its writes, its sandbox, and what it may read.

use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{FinancingApplicationId, TenantId, UserId},
    vocabulary,
};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::store::StoreError;

vocabulary! {
    /// What a key opens.
    KeyKind {
        Sandbox = "sandbox" / "沙箱",
        Live = "live" / "正式",
    }
}

vocabulary! {
    /// 密钥状态.
    KeyStatus {
        Waiting = "waiting" / "待启用",
        Active = "active" / "使用中",
        Revoked = "revoked" / "已停用",
    }
}

/// 访问密钥 without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    pub id: Uuid,
    pub kind: KeyKind,
    pub name: String,
    pub status: KeyStatus,
    pub created_by: UserId,
    pub created_name: String,
    pub created_at: OffsetDateTime,
    pub enabled_name: String,
    pub enabled_at: Option<OffsetDateTime>,
    pub revoked_name: String,
    pub revoked_at: Option<OffsetDateTime>,
    pub last_used_at: Option<OffsetDateTime>,
}

/// The first answer that a write got.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    pub body_hash: [u8; 32],
    pub answer: Value,
}

/// Where a page of changes goes on.
pub type ChangeMark = (OffsetDateTime, Uuid);

/// What the institution of the unit of work keeps for its own systems.
#[async_trait]
pub trait BankApi: Send {
    async fn add_key(&mut self, key: &StoredKey, secret_sealed: &[u8]) -> Result<(), StoreError>;
    /// Newest first, at most 50.
    async fn keys(&mut self) -> Result<Vec<StoredKey>, StoreError>;
    /// Locked until the commit.
    async fn key(&mut self, id: Uuid) -> Result<Option<StoredKey>, StoreError>;
    /// 启用; `false` when it does not wait any more.
    async fn enable_key(
        &mut self,
        id: Uuid,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
    /// 停用; `false` when it was before.
    async fn revoke_key(
        &mut self,
        id: Uuid,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    async fn answer_of(&mut self, id: Uuid, key: &str) -> Result<Option<KeptAnswer>, StoreError>;
    /// Keeps the first answer; whoever comes later reads that one.
    async fn keep_answer(
        &mut self,
        id: Uuid,
        key: &str,
        answer: &KeptAnswer,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;

    /// The sandbox of a key in its order, locked until the commit; empty before its first use.
    async fn sandbox(&mut self, id: Uuid) -> Result<Vec<(Uuid, Value)>, StoreError>;
    async fn put_sandbox(
        &mut self,
        id: Uuid,
        application: Uuid,
        position: i32,
        state: Value,
    ) -> Result<(), StoreError>;
    async fn clear_sandbox(&mut self, id: Uuid) -> Result<(), StoreError>;

    /// The institution's submitted requests in the order of their last change.
    async fn changed(
        &mut self,
        since: Option<OffsetDateTime>,
        after: Option<ChangeMark>,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError>;
    /// One of them, without a lock.
    async fn look_at(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError>;
}

/// A key as its door sees it.
#[derive(Clone, Debug)]
pub struct DoorKey {
    pub id: Uuid,
    pub kind: KeyKind,
    pub status: KeyStatus,
    pub name: String,
    pub secret_sealed: Vec<u8>,
    pub bank: TenantId,
    pub bank_name: String,
    /// The institution and its branches.
    pub reach: Vec<TenantId>,
}

/// The door of machines.
#[async_trait]
pub trait MachineDoor: Send + Sync {
    /// A key of an active institution of this city.
    async fn access_key(&self, city: TenantId, id: Uuid) -> Result<Option<DoorKey>, StoreError>;
    /// Remembers that a key was used now, and takes the nonce: `false` when it was taken before.
    async fn take_nonce(
        &self,
        id: Uuid,
        nonce: &str,
        expires_at: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;
}
