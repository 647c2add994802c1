//! 贷后台账: every loan of a branch or an institution that runs, with its next due day.

use domain::calendar::local_date;
use time::Date;

use super::{Lending, side_of};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::loans::LoanLeaf,
};

/// Rows of a page.
pub const LOANS_PAGE: i64 = 20;

/// A page of loans and the day on which they are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanBook {
    pub leaf: LoanLeaf,
    pub today: Date,
}

impl Lending {
    /// Of the own branch; for a headquarters, of its institution. `page` counts from 1.
    pub async fn loans(&self, actor: &Actor, page: i64) -> UseResult<LoanBook> {
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::View, actor.tenant)
            .await?;
        let today = local_date(watch.clock.now());
        let skip = (page.max(1) - 1) * LOANS_PAGE;
        let mut work = self.review.store.begin(&permit).await?;
        let leaf = work
            .loans()
            .running(side_of(actor), today, skip, LOANS_PAGE)
            .await?;
        Ok(LoanBook { leaf, today })
    }
}
