//! 操作日志 as the city looks through it (O8): by person, action, object and time, page by page.

use async_trait::async_trait;
use domain::ids::TenantId;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{branch_board::Leaf, store::StoreError};

/// What is looked for; nothing set: everything, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditAsk {
    /// Part of the name of whoever did it.
    pub person: Option<String>,
    /// The code of what was done, or its first part, such as `application`.
    pub action: Option<String>,
    /// A whole 申请编号, or the id of anything.
    pub object: Option<String>,
    /// Part of the name of an enterprise: what was done to it and to its requests.
    pub enterprise: Option<String>,
    pub from: Option<OffsetDateTime>,
    pub until: Option<OffsetDateTime>,
}

/// One line as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    pub id: Uuid,
    pub at: OffsetDateTime,
    /// Empty: the system, or somebody who was not signed in.
    pub actor_name: String,
    pub actor_tenant: Option<TenantId>,
    pub node_name: String,
    pub action: String,
    pub object: String,
    /// The 申请编号 when it was a request.
    pub number: String,
    /// The name of the person, enterprise or node that the object is; empty: none of these.
    pub subject: String,
    pub outcome: String,
    pub detail: Value,
    pub ip: String,
    /// Its place in the chain; `None`: not linked yet.
    pub link: Option<i64>,
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditRows {
    pub rows: Vec<AuditRow>,
    pub before: bool,
    pub after: bool,
}

#[async_trait]
pub trait AuditSearch: Send {
    /// The newest first.
    async fn entries(
        &mut self,
        ask: &AuditAsk,
        leaf: Leaf,
        most: i64,
    ) -> Result<AuditRows, StoreError>;

    /// Number of the last link; 0 when nothing is linked.
    async fn last_link(&mut self) -> Result<i64, StoreError>;
}
