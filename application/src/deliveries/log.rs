//! 短信记录: every message that went out, to whom only masked, and what its provider said.

use time::OffsetDateTime;

use super::Deliveries;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::sms_log::{LoggedTry, Tally, TryAsk},
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
    pub async fn sms_log(&self, actor: &Actor, ask: &TryAsk, page: u64) -> UseResult<LogLeaf> {
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let total = work.sms_tries().count_tries(ask).await?;
        let page = page.clamp(1, total.div_ceil(LOG_PAGE).max(1));
        let skip = i64::try_from((page - 1) * LOG_PAGE).unwrap_or(i64::MAX);
        let most = i64::try_from(LOG_PAGE).unwrap_or(i64::MAX);
        let rows = work.sms_tries().tries(ask, skip, most).await?;
        Ok(LogLeaf { rows, total, page })
    }

    /// How many messages of each kind went out between two instants, and what became of them.
    pub async fn sms_tally(
        &self,
        actor: &Actor,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> UseResult<Vec<Tally>> {
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.sms_tries().tally_tries(from, until).await?)
    }
}
