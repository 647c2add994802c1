//! Who decides: staged approval with four eyes, the decision itself, and what may follow a refusal. Rows 19 to 24.

use time::OffsetDateTime;

use super::{Approval, ApprovalAsk, ContentHash, Decision, FinancingApplication, Signature};
use crate::{
    calendar::local_date,
    financing::{
        ActingPerson, ApplicationEvent, Clocks, EventDetail, Stage, TransitionError, Verb,
    },
    product::ProductRange,
    tenant::Role,
};

impl FinancingApplication {
    /// 同意 (row 19): one step of several; the signature is over the content, and nobody signs twice.
    pub fn agree_step(
        &mut self,
        by: ActingPerson,
        content: ContentHash,
        opinion: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::AgreeStep, &by)?;
        let approval = self.step_of(&by, Verb::AgreeStep, content)?;
        if approval.is_last() {
            return Err(self.not_allowed(Verb::AgreeStep, &by));
        }
        let detail = self.sign(&by, content)?;
        Ok(self.told(
            Verb::AgreeStep,
            from,
            Stage::InApproval,
            by,
            at,
            opinion,
            detail,
        ))
    }

    /// 退回经办 (row 20): the clocks go on.
    pub fn return_to_holder(
        &mut self,
        by: ActingPerson,
        reason: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::ReturnToHolder, &by)?;
        self.check_step(&by, Verb::ReturnToHolder)?;
        if reason.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        let detail = EventDetail::None;
        Ok(self.told(
            Verb::ReturnToHolder,
            from,
            Stage::DueDiligence,
            by,
            at,
            reason,
            detail,
        ))
    }

    /// 通过 at the last step (row 21): exactly the terms that every step before has signed.
    pub fn approve_last_step(
        &mut self,
        by: ActingPerson,
        content: ContentHash,
        opinion: String,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Approve, &by)?;
        if from != Stage::InApproval {
            return Err(self.not_allowed(Verb::Approve, &by));
        }
        let approval = self.step_of(&by, Verb::Approve, content)?;
        if !approval.is_last() {
            return Err(self.not_allowed(Verb::Approve, &by));
        }
        let decision = Decision {
            amount: approval.amount,
            rate: approval.rate,
            term: approval.term,
            valid_until: approval.valid_until,
            opinion,
            single_step: false,
        };
        check_decision(&decision, at)?;
        self.sign(&by, content)?;
        Ok(self.grant(from, by, decision, clocks, at))
    }

    /// 通过 in one step (row 21): a small loan that the bank lets its branch decide alone.
    pub fn approve(
        &mut self,
        by: ActingPerson,
        decision: Decision,
        product: &ProductRange,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Approve, &by)?;
        self.check_single_step(&by, Verb::Approve, from, decision.single_step)?;
        let misses = product.misses(decision.amount, decision.term, decision.rate);
        if !misses.is_empty() {
            return Err(TransitionError::TermsOutOfRange(misses));
        }
        check_decision(&decision, at)?;
        Ok(self.grant(from, by, decision, clocks, at))
    }

    /// 不通过 (row 22): at least one coded reason and a text.
    pub fn reject(
        &mut self,
        by: ActingPerson,
        reason_codes: Vec<String>,
        opinion: String,
        single_step: bool,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Reject, &by)?;
        if from == Stage::InApproval {
            self.check_step(&by, Verb::Reject)?;
        } else {
            self.check_single_step(&by, Verb::Reject, from, single_step)?;
        }
        if reason_codes.is_empty() || opinion.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        self.record.review_opinion.clone_from(&opinion);
        self.record.reason_codes.clone_from(&reason_codes);
        self.record.decided_at = Some(at);
        self.close();
        let mut event = self.moved(Verb::Reject, from, Stage::Rejected, by, at);
        event.reason_codes = reason_codes;
        event.note = opinion;
        Ok(event)
    }

    /// 复议 (row 23): once, asked within five working days with new facts, and taken up by HQ; the decision clock starts again.
    pub fn reconsider(
        &mut self,
        by: ActingPerson,
        asked_at: OffsetDateTime,
        facts: String,
        ask: ApprovalAsk,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Reconsider, &by)?;
        self.may_ask_reconsideration(&facts, clocks, asked_at)?;
        self.record.reconsidered = true;
        let detail = self.reopen(ask, clocks, at)?;
        Ok(self.told(
            Verb::Reconsider,
            from,
            Stage::InApproval,
            by,
            at,
            facts,
            detail,
        ))
    }

    /// Whether the enterprise may ask for 复议 now: refused, not asked before, in time, with something new to say.
    pub fn may_ask_reconsideration(
        &self,
        facts: &str,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<(), TransitionError> {
        if self.record.stage != Stage::Rejected || self.record.reconsidered {
            return Err(TransitionError::AlreadyReconsidered);
        }
        if self.record.frozen {
            return Err(TransitionError::Frozen);
        }
        if facts.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        let until = self
            .record
            .decided_at
            .and_then(|decided| clocks.reconsider_until(decided));
        // A calendar that ends takes nothing away from the enterprise.
        if until.is_some_and(|until| at > until) {
            return Err(TransitionError::TooLate);
        }
        Ok(())
    }

    /// 更正误操作 (row 24): two people of HQ, within two working days; back to where the mistake was made.
    pub fn correct_mistake(
        &mut self,
        by: ActingPerson,
        second: &ActingPerson,
        reason: String,
        ask: ApprovalAsk,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::CorrectMistake, &by)?;
        if by.id.is_none() || by.id == second.id {
            return Err(TransitionError::SecondPersonMissing);
        }
        if reason.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        let until = self
            .record
            .decided_at
            .and_then(|decided| clocks.correct_until(decided));
        if until.is_none_or(|until| at > until) {
            return Err(TransitionError::TooLate);
        }
        if from == Stage::RefusedIntake {
            self.record.decided_at = None;
            self.record.reason_codes = Vec::new();
            self.record.review_opinion = String::new();
            self.record.intake_since = Some(at);
            self.record.due_at = clocks.accept_due(at);
            let detail = EventDetail::Second {
                name: second.name.clone(),
            };
            return Ok(self.told(
                Verb::CorrectMistake,
                from,
                Stage::Submitted,
                by,
                at,
                reason,
                detail,
            ));
        }
        let opened = self.reopen(ask, clocks, at)?;
        let mut event = self.told(
            Verb::CorrectMistake,
            from,
            Stage::InApproval,
            by,
            at,
            reason,
            opened,
        );
        event.note = format!("{}（复核人：{}）", event.note, second.name);
        Ok(event)
    }

    fn reopen(
        &mut self,
        ask: ApprovalAsk,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<EventDetail, TransitionError> {
        let detail = self.open_approval(ask, at)?;
        self.record.decided_at = None;
        self.record.reason_codes = Vec::new();
        self.record.review_opinion = String::new();
        self.record.decision_since = Some(at);
        self.record.decision_due_at = clocks.decision_due(at);
        self.record.due_at = self.record.decision_due_at;
        Ok(detail)
    }

    /// Puts the proposed terms before the first approver.
    pub(super) fn open_approval(
        &mut self,
        ask: ApprovalAsk,
        at: OffsetDateTime,
    ) -> Result<EventDetail, TransitionError> {
        if ask.steps.is_empty() || ask.steps.len() > 3 {
            return Err(TransitionError::StepsUnknown);
        }
        if ask.valid_until <= local_date(at) {
            return Err(TransitionError::ValidityInPast);
        }
        let round = self
            .record
            .approval
            .as_ref()
            .map_or(0, |before| before.round)
            + 1;
        let detail = EventDetail::Proposal {
            round,
            steps: ask.steps.clone(),
            amount: ask.amount,
            rate: ask.rate,
            term: ask.term,
            valid_until: ask.valid_until,
            content: ask.content,
        };
        self.record.approval = Some(Approval {
            round,
            steps: ask.steps,
            signed: Vec::new(),
            amount: ask.amount,
            rate: ask.rate,
            term: ask.term,
            valid_until: ask.valid_until,
            content: ask.content,
        });
        Ok(detail)
    }

    /// The step that waits for this person, over this content.
    fn step_of(
        &self,
        by: &ActingPerson,
        verb: Verb,
        content: ContentHash,
    ) -> Result<&Approval, TransitionError> {
        self.check_step(by, verb)?;
        let Some(approval) = &self.record.approval else {
            return Err(self.not_allowed(verb, by));
        };
        if approval.content != content {
            return Err(TransitionError::ContentChanged);
        }
        Ok(approval)
    }

    /// Four eyes: not the holder, nobody who signed before, and in the role that this step names.
    fn check_step(&self, by: &ActingPerson, verb: Verb) -> Result<(), TransitionError> {
        let Some(approval) = &self.record.approval else {
            return Err(self.not_allowed(verb, by));
        };
        if approval.waits_for() != Some(by.role) {
            return Err(self.not_allowed(verb, by));
        }
        let Some(person) = by.id else {
            return Err(self.not_allowed(verb, by));
        };
        if self.record.holder == Some(person) || approval.signed.iter().any(|s| s.by == person) {
            return Err(TransitionError::SameEyes);
        }
        Ok(())
    }

    fn sign(
        &mut self,
        by: &ActingPerson,
        content: ContentHash,
    ) -> Result<EventDetail, TransitionError> {
        let person = by.id.ok_or(TransitionError::SecondPersonMissing)?;
        let Some(approval) = &mut self.record.approval else {
            return Err(TransitionError::StepsUnknown);
        };
        approval.signed.push(Signature {
            by: person,
            name: by.name.clone(),
        });
        Ok(EventDetail::Signed {
            step: u8::try_from(approval.signed.len()).unwrap_or(u8::MAX),
            steps: u8::try_from(approval.steps.len()).unwrap_or(u8::MAX),
            content,
        })
    }

    fn check_single_step(
        &self,
        by: &ActingPerson,
        verb: Verb,
        from: Stage,
        single_step: bool,
    ) -> Result<(), TransitionError> {
        if from == Stage::InApproval || by.role != Role::BranchApprover {
            return Err(self.not_allowed(verb, by));
        }
        if single_step {
            Ok(())
        } else {
            Err(TransitionError::NotSingleStep)
        }
    }

    fn grant(
        &mut self,
        from: Stage,
        by: ActingPerson,
        decision: Decision,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> ApplicationEvent {
        self.record.approved_amount = Some(decision.amount);
        self.record.approved_rate = Some(decision.rate);
        self.record.approved_term = Some(decision.term);
        self.record.approval_valid_until = Some(decision.valid_until);
        self.record.review_opinion.clone_from(&decision.opinion);
        self.record.decided_at = Some(at);
        self.record.due_at = clocks.disburse_due(at);
        let detail = EventDetail::Terms {
            amount: decision.amount,
            rate: decision.rate,
            term: decision.term,
            valid_until: decision.valid_until,
        };
        self.told(
            Verb::Approve,
            from,
            Stage::Approved,
            by,
            at,
            decision.opinion,
            detail,
        )
    }
}

fn check_decision(decision: &Decision, at: OffsetDateTime) -> Result<(), TransitionError> {
    if decision.valid_until <= local_date(at) {
        return Err(TransitionError::ValidityInPast);
    }
    if decision.opinion.trim().is_empty() {
        return Err(TransitionError::ReasonMissing);
    }
    Ok(())
}
