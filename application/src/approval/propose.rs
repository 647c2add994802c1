//! 提交审批 (row 18): the holder's proposal, on a complete report, while every consent stands.

use domain::{
    calendar::local_date,
    financing::{ApprovalAsk, TransitionError},
    tenant::Role,
};

use super::{Approval, ProposedTerms, content_of, steps_of};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    review::{Intent, Seen, TypedTerms},
};

/// 提交审批 as the form says it.
#[derive(Clone, Debug)]
pub struct Propose {
    pub seen: Seen,
    pub terms: TypedTerms,
}

const ACTION: &str = "application.propose";

impl Approval {
    pub async fn propose(&self, actor: &Actor, ask: Propose, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Approval, Action::Propose, object)
            .await?;
        let outcome = self.put_up(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Approval, Action::Propose, object, outcome)
            .await
    }

    async fn put_up(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &Propose,
        intent: Intent,
    ) -> UseResult<()> {
        let taken = self
            .review
            .take(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let (work, today) = (&mut *taken.work, local_date(taken.at));
        let record = taken.application.record();
        let range = work
            .branch_board()
            .range(record.product, record.product_version)
            .await?
            .ok_or_else(|| UseError::conflict("review.product_gone"))?;
        let said = ask.terms.parse("proposal_opinion", record, &range, today)?;
        let misses = range.misses(said.amount, said.term, said.rate);
        if !misses.is_empty() {
            return Err(TransitionError::TermsOutOfRange(misses).into());
        }
        let terms = ProposedTerms {
            amount: said.amount,
            rate: said.rate,
            term: said.term,
            valid_until: said.valid_until,
        };
        let report = work.diligence().report(record.id).await?;
        let up = ApprovalAsk {
            amount: said.amount,
            rate: said.rate,
            term: said.term,
            valid_until: said.valid_until,
            opinion: said.opinion,
            steps: steps_of(work, record.bank).await?,
            report_complete: report.is_some_and(|r| r.report.may_go_up(today)),
            consent_stands: work.dossiers().consent_stands(record.id).await?,
            content: content_of(work, record, &terms).await?.hash,
        };
        let by = actor.acting_as(&[Role::CustomerManager, Role::BranchHead]);
        let event = taken.application.submit_for_approval(by, up, taken.at)?;
        self.review
            .settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
