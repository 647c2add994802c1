//! 结清 (row 28): nothing is owed any more.

use domain::{financing::Stage, tenant::Role};

use super::{Lending, balance, check_recorder, correct::open_correction};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    ports::lending::StoredDraw,
    review::{Intent, Seen},
};

/// 结清 as the form says it.
#[derive(Clone, Debug)]
pub struct SettleLoan {
    pub seen: Seen,
}

const ACTION: &str = "application.settle";

/// Why it cannot be settled yet: doubts of the enterprise that the bank has not answered, by name. `None`: there are none.
pub fn open_disputes(draws: &[StoredDraw]) -> Option<UseError> {
    let open: Vec<String> = draws
        .iter()
        .filter(|draw| draw.is_disputed())
        .map(|draw| format!("第 {} 笔放款", draw.number))
        .collect();
    (!open.is_empty())
        .then(|| UseError::conflict("lending.disputes_open").with("draws", open.join("、")))
}

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
        let corrections = taken.work.loan_corrections().loan_corrections(id).await?;
        if open_correction(&corrections).is_some() {
            return Err(UseError::conflict("lending.correction_open"));
        }
        if taken.application.record().stage == Stage::Disbursed {
            // Nothing changes after the end, an answer neither.
            let draws = taken.work.lending().draws(id).await?;
            if let Some(open) = open_disputes(&draws) {
                return Err(open);
            }
        }
        let repaid = taken.work.lending().repayments(id).await?;
        let owed = balance(taken.application.record(), &repaid);
        let by = actor.acting_as(&[Role::CustomerManager, Role::BranchHead]);
        let event = taken.application.settle(by, owed, taken.at)?;
        // There is no day left to be deferred.
        taken.work.deferrals().lapse_deferrals(id, taken.at).await?;
        self.review
            .settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
