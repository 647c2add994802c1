//! The aggregate 融资需求: every change is a method named after the business verb and returns what happened.

use time::{Date, OffsetDateTime};

use super::{
    ActingPerson, ApplicationEvent, Clocks, EventDetail, IntakeStatus, ReviewStatus, Stage, Target,
    TransitionError, Verb, columns, rule_for,
};
use crate::{
    ids::{EnterpriseId, FinancingApplicationId, ProductId, TenantId, UserId},
    product::ProductRange,
    values::{ApplicationNumber, Cents, Rate, Term},
};

/// Rounds of 退回补充 at most (lifecycle row 13).
pub const SUPPLEMENT_ROUNDS: u8 = 3;

/// The stored facts of an application; only storage makes one, everybody else reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationRecord {
    pub id: FinancingApplicationId,
    pub tenant: TenantId,
    /// 机构: the node that holds it; `None` while a draft without a branch.
    pub handler: Option<TenantId>,
    pub handler_name: String,
    pub bank: TenantId,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub number: Option<ApplicationNumber>,
    pub stage: Stage,
    pub returned_from: Option<Stage>,
    pub ever_accepted: bool,
    pub frozen: bool,
    pub version: i32,
    pub product: ProductId,
    pub product_version: i32,
    pub product_name: String,
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub approved_amount: Option<Cents>,
    pub approved_rate: Option<Rate>,
    pub approved_term: Option<Term>,
    pub approval_valid_until: Option<Date>,
    pub review_opinion: String,
    pub reason_codes: Vec<String>,
    pub holder: Option<UserId>,
    pub holder_name: String,
    pub supplement_rounds: u8,
    pub channel: String,
    pub created_by: UserId,
    pub previous: Option<FinancingApplicationId>,
    pub created_at: OffsetDateTime,
    pub submitted_at: Option<OffsetDateTime>,
    pub accepted_at: Option<OffsetDateTime>,
    pub contacted_at: Option<OffsetDateTime>,
    pub decided_at: Option<OffsetDateTime>,
    pub due_at: Option<OffsetDateTime>,
    pub contact_due_at: Option<OffsetDateTime>,
    pub decision_due_at: Option<OffsetDateTime>,
    pub paused_at: Option<OffsetDateTime>,
    pub updated_at: OffsetDateTime,
}

/// 融资需求: what an enterprise asks a bank to lend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinancingApplication {
    record: ApplicationRecord,
}

/// What must be true of the outside world when an application is submitted (lifecycle row 2).
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    pub profile_complete: bool,
    pub face_verified: bool,
    /// `None` when the product is off the shelf.
    pub product: Option<&'a ProductRange>,
    pub branch_carries: bool,
    pub number: &'a ApplicationNumber,
}

/// What a draft asks for (row 1).
#[derive(Clone, Debug)]
pub struct Ask {
    /// 受理支行 and its name; `None` while none was chosen.
    pub branch: Option<(TenantId, String)>,
    pub amount: Cents,
    pub term: Term,
    pub rate: Rate,
    /// The version of the product that the person saw (S-40).
    pub product_version: i32,
}

/// 退回补充: what the branch is missing.
#[derive(Clone, Debug)]
pub struct SupplementAsk {
    pub labels: Vec<String>,
    pub note: String,
}

/// 通过: the approved terms and the opinion.
#[derive(Clone, Debug)]
pub struct Decision {
    pub amount: Cents,
    pub rate: Rate,
    pub term: Term,
    pub valid_until: Date,
    pub opinion: String,
    /// The bank's setting for small loans: decide without staged approval (lifecycle section 2).
    pub single_step: bool,
}

impl FinancingApplication {
    /// A new draft (row 1), always valid.
    pub fn draft(record: ApplicationRecord) -> (Self, ApplicationEvent) {
        let mut this = Self { record };
        this.record.stage = Stage::Draft;
        this.record.version = 1;
        this.record.number = None;
        let actor = ActingPerson {
            id: Some(this.record.created_by),
            name: String::new(),
            role: crate::tenant::Role::EnterpriseOwner,
        };
        let event = this.event(Verb::SaveDraft, None, actor, this.record.created_at);
        (this, event)
    }

    /// For storage only.
    pub fn restore(record: ApplicationRecord) -> Self {
        Self { record }
    }

    pub fn record(&self) -> &ApplicationRecord {
        &self.record
    }

    /// The manual's two columns; `None` before submission.
    pub fn columns(&self) -> Option<(IntakeStatus, ReviewStatus)> {
        columns(self.record.stage, self.record.ever_accepted)
    }

    /// 提交申请 (row 2): takes the number and starts the clocks.
    pub fn submit(
        &mut self,
        by: ActingPerson,
        facts: &Submission<'_>,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Submit, &by)?;
        self.check_submission(facts)?;
        if !facts.face_verified {
            return Err(TransitionError::FaceNotVerified);
        }
        self.become_effective(facts.number, clocks, at);
        Ok(self.moved(Verb::Submit, from, Stage::Submitted, by, at))
    }

    /// 立即申请 on the mini-program (row 3): waits for the face check, without a number.
    pub fn submit_pending_face(
        &mut self,
        by: ActingPerson,
        facts: &Submission<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::SubmitPendingFace, &by)?;
        self.check_submission(facts)?;
        Ok(self.moved(Verb::SubmitPendingFace, from, Stage::PendingFace, by, at))
    }

    /// 核身通过 (row 4): the verdict came from the provider, never from the client.
    pub fn pass_face(
        &mut self,
        facts: &Submission<'_>,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let by = ActingPerson::system();
        let from = self.allow(Verb::PassFace, &by)?;
        self.check_submission(facts)?;
        if !facts.face_verified {
            return Err(TransitionError::FaceNotVerified);
        }
        self.become_effective(facts.number, clocks, at);
        Ok(self.moved(Verb::PassFace, from, Stage::Submitted, by, at))
    }

    /// Back to a draft after a failed, cancelled or forgotten face check (row 5).
    pub fn leave_face(
        &mut self,
        by: ActingPerson,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::LeaveFace, &by)?;
        Ok(self.moved(Verb::LeaveFace, from, Stage::Draft, by, at))
    }

    /// 接单 (row 6): one wins, the other learns who did.
    pub fn accept(
        &mut self,
        by: ActingPerson,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        if self.record.stage == Stage::Accepted
            && rule_for(Stage::Submitted, Verb::Accept, by.role).is_some()
        {
            return Err(TransitionError::AlreadyAccepted {
                by: self.record.holder_name.clone(),
            });
        }
        let from = self.allow(Verb::Accept, &by)?;
        self.record.holder = by.id;
        self.record.holder_name.clone_from(&by.name);
        self.record.ever_accepted = true;
        self.record.accepted_at = Some(at);
        self.record.due_at = self.record.contact_due_at;
        let mut event = self.moved(Verb::Accept, from, Stage::Accepted, by, at);
        event.detail = EventDetail::Holder {
            name: self.record.holder_name.clone(),
        };
        Ok(event)
    }

    /// 退回补充 (row 13): pauses the clocks, gives the enterprise C4 to answer.
    pub fn ask_supplement(
        &mut self,
        by: ActingPerson,
        ask: SupplementAsk,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::AskSupplement, &by)?;
        self.only_holder(&by)?;
        if ask.labels.is_empty() {
            return Err(TransitionError::NothingAsked);
        }
        if self.record.supplement_rounds >= SUPPLEMENT_ROUNDS {
            return Err(TransitionError::TooManyRounds);
        }
        self.record.supplement_rounds += 1;
        self.record.returned_from = Some(from);
        self.record.paused_at = Some(at);
        self.record.due_at = Some(clocks.supplement_due(at));
        let mut event = self.moved(Verb::AskSupplement, from, Stage::NeedSupplement, by, at);
        event.note = ask.note;
        event.detail = EventDetail::Supplement {
            round: self.record.supplement_rounds,
            labels: ask.labels,
        };
        Ok(event)
    }

    /// 补充提交 (row 14): back where it came from, the clocks go on with what was left.
    pub fn answer_supplement(
        &mut self,
        by: ActingPerson,
        missing: Vec<String>,
        note: String,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::AnswerSupplement, &by)?;
        if !missing.is_empty() {
            return Err(TransitionError::ItemsMissing { labels: missing });
        }
        let back_to = self.record.returned_from.take().unwrap_or(Stage::Accepted);
        let paused_at = self.record.paused_at.take().unwrap_or(at);
        for due in [
            &mut self.record.contact_due_at,
            &mut self.record.decision_due_at,
        ] {
            if let Some(was) = *due {
                *due = clocks.resume(was, paused_at, at);
            }
        }
        self.record.due_at = if back_to == Stage::Accepted && self.record.contacted_at.is_none() {
            self.record.contact_due_at
        } else {
            self.record.decision_due_at
        };
        let mut event = self.moved(Verb::AnswerSupplement, from, back_to, by, at);
        event.note = note;
        event.detail = EventDetail::Supplement {
            round: self.record.supplement_rounds,
            labels: Vec::new(),
        };
        Ok(event)
    }

    /// 补充逾期失效 (row 15).
    pub fn supplement_timeout(
        &mut self,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let by = ActingPerson::system();
        let from = self.allow(Verb::SupplementTimeout, &by)?;
        if self.record.due_at.is_none_or(|due| at < due) {
            return Err(TransitionError::TooEarly);
        }
        self.close();
        Ok(self.moved(Verb::SupplementTimeout, from, Stage::Expired, by, at))
    }

    /// 通过 (row 21): the approved terms stand beside the asked ones.
    pub fn approve(
        &mut self,
        by: ActingPerson,
        decision: Decision,
        product: &ProductRange,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Approve, &by)?;
        self.check_decider(&by, from, decision.single_step)?;
        let misses = product.misses(decision.amount, decision.term, decision.rate);
        if !misses.is_empty() {
            return Err(TransitionError::TermsOutOfRange(misses));
        }
        if decision.valid_until <= at.date() {
            return Err(TransitionError::ValidityInPast);
        }
        if decision.opinion.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        self.record.approved_amount = Some(decision.amount);
        self.record.approved_rate = Some(decision.rate);
        self.record.approved_term = Some(decision.term);
        self.record.approval_valid_until = Some(decision.valid_until);
        self.record.review_opinion.clone_from(&decision.opinion);
        self.record.decided_at = Some(at);
        self.record.due_at = clocks.disburse_due(at);
        let mut event = self.moved(Verb::Approve, from, Stage::Approved, by, at);
        event.note = decision.opinion;
        event.detail = EventDetail::Terms {
            amount: decision.amount,
            rate: decision.rate,
            term: decision.term,
            valid_until: decision.valid_until,
        };
        Ok(event)
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
        self.check_decider(&by, from, single_step)?;
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

    /// 撤回 (row 29): at any time before the decision; an operator only what they made themselves.
    pub fn withdraw(
        &mut self,
        by: ActingPerson,
        reason: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let Some(rule) = rule_for(self.record.stage, Verb::Withdraw, by.role) else {
            return Err(self.not_allowed(Verb::Withdraw, &by));
        };
        debug_assert_eq!(rule.to, Target::To(Stage::Withdrawn));
        if by.role == crate::tenant::Role::EnterpriseOperator
            && by.id != Some(self.record.created_by)
        {
            return Err(self.not_allowed(Verb::Withdraw, &by));
        }
        let from = self.record.stage;
        self.close();
        let mut event = self.moved(Verb::Withdraw, from, Stage::Withdrawn, by, at);
        event.note = reason;
        Ok(event)
    }

    /// 逾期失效 (row 30): nobody accepted it within the total clock.
    pub fn expire(
        &mut self,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let by = ActingPerson::system();
        let from = self.allow(Verb::Expire, &by)?;
        if self
            .record
            .submitted_at
            .is_none_or(|submitted| at < clocks.expires_at(submitted))
        {
            return Err(TransitionError::TooEarly);
        }
        self.close();
        Ok(self.moved(Verb::Expire, from, Stage::Expired, by, at))
    }

    /// Rewrites the ask of a draft (row 1).
    pub fn revise(
        &mut self,
        by: ActingPerson,
        ask: Ask,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::SaveDraft, &by)?;
        let (handler, name) = ask
            .branch
            .map_or((None, String::new()), |(id, name)| (Some(id), name));
        self.record.handler = handler;
        self.record.handler_name = name;
        self.record.amount = ask.amount;
        self.record.term = ask.term;
        self.record.rate = ask.rate;
        self.record.product_version = ask.product_version;
        Ok(self.moved(Verb::SaveDraft, from, Stage::Draft, by, at))
    }

    fn check_submission(&self, facts: &Submission<'_>) -> Result<(), TransitionError> {
        let Some(product) = facts.product else {
            return Err(TransitionError::ProductUnavailable);
        };
        if !facts.branch_carries || self.record.handler.is_none() {
            return Err(TransitionError::BranchDoesNotCarry);
        }
        let misses = product.misses(self.record.amount, self.record.term, self.record.rate);
        if !misses.is_empty() {
            return Err(TransitionError::OutOfRange(misses));
        }
        if !facts.profile_complete {
            return Err(TransitionError::ProfileIncomplete);
        }
        Ok(())
    }

    fn become_effective(
        &mut self,
        number: &ApplicationNumber,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) {
        self.record.due_at = clocks.accept_due(at);
        self.record.contact_due_at = clocks.contact_due(at);
        self.record.decision_due_at = clocks.decision_due(at);
        self.record.submitted_at = Some(at);
        self.record.number = Some(number.clone());
    }

    /// Four eyes unless the bank decides small loans in one step.
    fn check_decider(
        &self,
        by: &ActingPerson,
        from: Stage,
        single_step: bool,
    ) -> Result<(), TransitionError> {
        if from == Stage::InApproval {
            if self.record.holder.is_some() && self.record.holder == by.id {
                return Err(self.not_allowed(Verb::Approve, by));
            }
            return Ok(());
        }
        if single_step {
            Ok(())
        } else {
            Err(TransitionError::NotSingleStep)
        }
    }

    fn only_holder(&self, by: &ActingPerson) -> Result<(), TransitionError> {
        if self.record.stage == Stage::InApproval || self.record.holder == by.id {
            Ok(())
        } else {
            Err(TransitionError::NotHolder {
                holder: self.record.holder_name.clone(),
            })
        }
    }

    fn allow(&self, verb: Verb, by: &ActingPerson) -> Result<Stage, TransitionError> {
        if rule_for(self.record.stage, verb, by.role).is_none() {
            return Err(self.not_allowed(verb, by));
        }
        if self.record.frozen {
            return Err(TransitionError::Frozen);
        }
        Ok(self.record.stage)
    }

    fn not_allowed(&self, verb: Verb, by: &ActingPerson) -> TransitionError {
        TransitionError::NotAllowed {
            stage: self.record.stage,
            verb,
            role: by.role,
        }
    }

    fn close(&mut self) {
        self.record.due_at = None;
        self.record.paused_at = None;
        self.record.returned_from = None;
    }

    fn moved(
        &mut self,
        verb: Verb,
        from: Stage,
        to: Stage,
        by: ActingPerson,
        at: OffsetDateTime,
    ) -> ApplicationEvent {
        self.record.stage = to;
        self.record.version += 1;
        self.record.updated_at = at;
        self.event(verb, Some(from), by, at)
    }

    fn event(
        &self,
        verb: Verb,
        from: Option<Stage>,
        actor: ActingPerson,
        at: OffsetDateTime,
    ) -> ApplicationEvent {
        ApplicationEvent {
            application: self.record.id,
            seq: self.record.version,
            verb,
            from,
            to: self.record.stage,
            actor,
            handler: self.record.handler,
            reason_codes: Vec::new(),
            note: String::new(),
            detail: EventDetail::None,
            at,
        }
    }
}

#[cfg(test)]
mod tests;
