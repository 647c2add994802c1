//! 短信记录: every message that went out, to whom only masked, and what its provider said.

use super::Deliveries;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::sms_log::{LoggedTry, SendState},
};

/// Rows of a page.
pub const LOG_PAGE: u64 = 50;

/// A page of the log.
#[derive(Clone, Debug)]
pub struct LogLeaf {
    pub rows: Vec<LoggedTry>,
    pub total: u64,
    pub page: u64,
}

impl Deliveries {
    /// Newest first; `page` counts from 1.
    pub async fn sms_log(
        &self,
        actor: &Actor,
        state: Option<SendState>,
        page: u64,
    ) -> UseResult<LogLeaf> {
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let total = work.sms_tries().count_tries(state).await?;
        let page = page.clamp(1, total.div_ceil(LOG_PAGE).max(1));
        let skip = i64::try_from((page - 1) * LOG_PAGE).unwrap_or(i64::MAX);
        let most = i64::try_from(LOG_PAGE).unwrap_or(i64::MAX);
        let rows = work.sms_tries().tries(state, skip, most).await?;
        Ok(LogLeaf { rows, total, page })
    }
}
