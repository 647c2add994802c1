//! 在贷: every loan of the enterprise that runs, with its next due day.

use domain::calendar::local_date;

use super::Financing;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    lending::{LOANS_PAGE, LoanBook},
    ports::loans::LoanSide,
};

impl Financing {
    /// `page` counts from 1.
    pub async fn loans(&self, actor: &Actor, page: i64) -> UseResult<LoanBook> {
        let permit = self
            .guard
            .permit(actor, Room::Lending, Action::View)
            .await?;
        let today = local_date(self.clock.now());
        let skip = (page.max(1) - 1) * LOANS_PAGE;
        let mut work = self.store.begin(&permit).await?;
        let leaf = work
            .loans()
            .running(LoanSide::Enterprise, today, skip, LOANS_PAGE)
            .await?;
        Ok(LoanBook { leaf, today })
    }
}
