//! 转办 (row 16): a colleague of the same branch goes on with it.

use domain::{
    financing::NewHolder,
    ids::{FinancingApplicationId, UserId},
    tenant::Role,
    values::FreeText,
};

use super::{Intent, Review, Seen};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::branch_board::Officer,
};

/// 转办 as the form says it.
#[derive(Clone, Debug)]
pub struct HandOver {
    pub seen: Seen,
    /// `None`: nobody was chosen.
    pub to: Option<UserId>,
    pub reason: String,
}

const ACTION: &str = "application.hand_over";

impl Review {
    /// Who may go on with it: customer managers and heads of the own branch, without the present holder.
    pub async fn colleagues(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
        holder: Option<UserId>,
    ) -> UseResult<Vec<Officer>> {
        let permit = self
            .watch
            .permit(actor, Room::Review, Action::HandOver, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let mut officers = work.branch_board().officers().await?;
        officers.retain(|officer| Some(officer.id) != holder);
        Ok(officers)
    }

    pub async fn hand_over(&self, actor: &Actor, ask: HandOver, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self
            .watch
            .permit(actor, Room::Review, Action::HandOver, object)
            .await?;
        let outcome = self.pass_on(actor, &permit, &ask, intent).await;
        self.watch
            .refused(actor, Room::Review, Action::HandOver, object, outcome)
            .await
    }

    async fn pass_on(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &HandOver,
        intent: Intent,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        let reason = checks.take("hand_reason", FreeText::<300>::parse(&ask.reason));
        if ask.to.is_none() {
            checks.push(FieldError::new("to", "review.colleague_not_chosen"));
        }
        let (Some(reason), Some(to)) = (reason, ask.to) else {
            return Err(checks.into_error());
        };
        let taken = self.take(actor, permit, &ask.seen, ACTION, intent).await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        // Only who works in this branch now, whatever the form said.
        let officers = taken.work.branch_board().officers().await?;
        let known = officers.into_iter().find(|officer| officer.id == to);
        let officer = known.ok_or_else(|| UseError::field("to", "review.colleague_not_chosen"))?;
        let to = NewHolder {
            id: officer.id,
            name: officer.name,
        };
        let by = actor.acting_as(&[Role::BranchHead, Role::CustomerManager]);
        let reason = reason.as_str().to_owned();
        let event = taken.application.hand_over(by, to, reason, taken.at)?;
        self.settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
