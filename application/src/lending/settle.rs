//! 结清 (row 28): nothing is owed any more.

use domain::tenant::Role;

use super::{Lending, balance, check_recorder};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::UseResult,
    review::{Intent, Seen},
};

/// 结清 as the form says it.
#[derive(Clone, Debug)]
pub struct SettleLoan {
    pub seen: Seen,
}

const ACTION: &str = "application.settle";

impl Lending {
    pub async fn settle(&self, actor: &Actor, ask: SettleLoan, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.close(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn close(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleLoan,
        intent: Intent,
    ) -> UseResult<()> {
        let taken = self
            .review
            .take(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_recorder(&taken.application, actor)?;
        let id = ask.seen.application;
        let repaid = taken.work.lending().repayments(id).await?;
        let owed = balance(taken.application.record(), &repaid);
        let by = actor.acting_as(&[Role::CustomerManager, Role::BranchHead]);
        let event = taken.application.settle(by, owed, taken.at)?;
        self.review
            .settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
