//! 操作日志 looked through by the city (O8, S-47): what was done by whom, and whether the newest part of the chain still holds.

use std::sync::Arc;

use super::{Watch, link::Chain};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::{
        audit_search::{AuditAsk, AuditRow},
        branch_board::Leaf,
        store::Store,
    },
};

/// Lines of a page.
pub const PAGE: i64 = 50;
/// Newest links that each opening of the page holds against their entries; the command looks at all of them.
pub const TAIL: i64 = 500;

/// The room.
pub struct AuditRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub chain: Chain,
}

/// One page, and how the chain stands.
#[derive(Clone, Debug)]
pub struct AuditLeaf {
    pub rows: Vec<AuditRow>,
    pub before: bool,
    pub after: bool,
    /// The last link; 0: nothing is linked yet.
    pub last: i64,
    /// Links that were looked at just now, and what was wrong with them.
    pub looked_at: i64,
    pub faults: usize,
}

impl AuditRoom {
    pub async fn page(&self, actor: &Actor, ask: &AuditAsk, leaf: Leaf) -> UseResult<AuditLeaf> {
        let permit = self
            .watch
            .permit(actor, Room::AuditLog, Action::View, "audit")
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.audit_search().entries(ask, leaf, PAGE).await?;
        let last = work.audit_search().last_link().await?;
        drop(work);
        let faults = self
            .chain
            .check_after(&permit.of_nobody(), (last - TAIL).max(0))
            .await?;
        Ok(AuditLeaf {
            rows: found.rows,
            before: found.before,
            after: found.after,
            last,
            looked_at: last.min(TAIL),
            faults: faults.len(),
        })
    }
}
