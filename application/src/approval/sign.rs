//! 同意, 通过, 不通过, 退回经办 (rows 19 to 22): one step, by other eyes, over what stands in storage now.

use domain::{
    financing::{ApplicationEvent, ContentHash, FinancingApplication, TransitionError},
    ids::UserId,
    tenant::Role,
    values::FreeText,
};
use time::OffsetDateTime;

use super::{Approval, Content, ProposedTerms, content_of};
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::{known_reasons, reasons_fault},
    error::{Checks, FieldError, UseError, UseResult},
    ports::approvals::{SignedVerdict, StoredSignature},
    review::{Intent, Seen},
};

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 同意; at the last step 通过.
    Agree,
    /// 不通过.
    Reject,
    /// 退回经办.
    Return,
}

/// A signature as the form says it.
#[derive(Clone, Debug)]
pub struct SignStep {
    pub seen: Seen,
    pub verdict: Verdict,
    /// Codes of the city, for 不通过.
    pub reasons: Vec<String>,
    pub opinion: String,
}

const ACTION: &str = "application.sign";

/// A verdict, parsed.
struct Said {
    reasons: Vec<String>,
    opinion: String,
}

impl Approval {
    pub async fn sign(&self, actor: &Actor, ask: SignStep, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Approval, Action::Sign, object)
            .await?;
        let outcome = self.step(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Approval, Action::Sign, object, outcome)
            .await
    }

    async fn step(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SignStep,
        intent: Intent,
    ) -> UseResult<()> {
        let said = self.parse(actor, ask)?;
        let taken = self
            .review
            .take(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let record = taken.application.record().clone();
        // A withdrawn consent ends what may be granted under it (S-33); refusing and giving back stay possible.
        if ask.verdict == Verdict::Agree && !taken.work.dossiers().consent_stands(record.id).await?
        {
            return Err(UseError::conflict("review.consent_withdrawn"));
        }
        let content = match &record.approval {
            Some(approval) => {
                content_of(&mut *taken.work, &record, &ProposedTerms::from(approval)).await?
            }
            None => Content::from(String::new()),
        };
        let waits_for = record
            .approval
            .as_ref()
            .and_then(domain::financing::Approval::waits_for);
        let by = actor.acting_as(&[waits_for.unwrap_or(Role::BranchApprover)]);
        let role = by.role;
        let opinion = said.opinion.clone();
        let (event, verdict) = self.turn(
            actor,
            &mut taken.application,
            by,
            (ask.verdict, said),
            content.hash,
            taken.at,
        )?;
        let approval = record.approval.ok_or(TransitionError::StepsUnknown)?;
        let signature = StoredSignature {
            id: self.review.watch.clock.new_id(),
            application: record.id,
            round: approval.round,
            step: u8::try_from(approval.signed.len() + 1).unwrap_or(u8::MAX),
            signer: UserId(actor.user.0),
            signer_name: actor.name.clone(),
            signer_role: role,
            verdict,
            content: content.hash,
            signed: content.text,
            opinion,
            at: taken.at,
        };
        taken.work.approvals().sign(&signature).await?;
        self.review
            .settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }

    /// The domain's word on it.
    fn turn(
        &self,
        actor: &Actor,
        application: &mut FinancingApplication,
        by: domain::financing::ActingPerson,
        (verdict, said): (Verdict, Said),
        content: ContentHash,
        at: OffsetDateTime,
    ) -> UseResult<(ApplicationEvent, SignedVerdict)> {
        let approval = application.record().approval.as_ref();
        let last = approval.is_some_and(domain::financing::Approval::is_last);
        Ok(match verdict {
            Verdict::Agree if last => {
                let city = self.review.city(actor)?;
                let event = self.review.with_clocks(&city, |clocks| {
                    application.approve_last_step(by, content, said.opinion, clocks, at)
                })?;
                (event, SignedVerdict::Approve)
            }
            Verdict::Agree => {
                let event = application.agree_step(by, content, said.opinion, at)?;
                (event, SignedVerdict::Agree)
            }
            Verdict::Reject => {
                let event = application.reject(by, said.reasons, said.opinion, false, at)?;
                (event, SignedVerdict::Reject)
            }
            Verdict::Return => {
                let event = application.return_to_holder(by, said.opinion, at)?;
                (event, SignedVerdict::Return)
            }
        })
    }

    fn parse(&self, actor: &Actor, ask: &SignStep) -> UseResult<Said> {
        let mut checks = Checks::default();
        let mut reasons = Vec::new();
        if ask.verdict == Verdict::Reject {
            let city = self.review.city(actor)?;
            reasons = known_reasons(&city, &ask.reasons);
            if let Some(fault) = reasons_fault(&city, &ask.reasons) {
                checks.push(FieldError::new("reasons", fault));
            }
        }
        let field = match ask.verdict {
            Verdict::Return => "return_reason",
            _ => "sign_opinion",
        };
        let opinion = checks.take(field, FreeText::<500>::parse(&ask.opinion));
        let (Some(opinion), true) = (opinion, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        Ok(Said {
            reasons,
            opinion: opinion.as_str().to_owned(),
        })
    }
}
