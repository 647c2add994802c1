//! From draft to a request that a branch sees, and back out of it: rows 2 to 5, 29 and 30.

use time::OffsetDateTime;

use super::{FinancingApplication, Submission};
use crate::{
    financing::{
        ActingPerson, ApplicationEvent, Clocks, Stage, Target, TransitionError, Verb, rule_for,
    },
    values::ApplicationNumber,
};

impl FinancingApplication {
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
        self.record.intake_since = Some(at);
        self.record.number = Some(number.clone());
    }
}
