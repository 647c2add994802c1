//! Who works on it: accepted, declined, dispatched, handed over. Rows 6 to 11, 16 and 17.

use time::OffsetDateTime;

use super::{FinancingApplication, MOVES, NewBranch, NewHolder};
use crate::{
    financing::{
        ActingPerson, ApplicationEvent, ClockKind, Clocks, EventDetail, Stage, TransitionError,
        Verb, rule_for,
    },
    ids::TenantId,
};

impl FinancingApplication {
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
            id: self.record.holder,
            name: self.record.holder_name.clone(),
        };
        Ok(event)
    }

    /// 转派 (row 7): another branch gets it; the total clock goes on, C1 starts again.
    pub fn reassign(
        &mut self,
        by: ActingPerson,
        to: NewBranch,
        reason: String,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Reassign, &by)?;
        let detail = self.change_branch(to, &reason)?;
        self.start_intake(clocks, at);
        Ok(self.told(
            Verb::Reassign,
            from,
            Stage::Submitted,
            by,
            at,
            reason,
            detail,
        ))
    }

    /// 拒单 (row 8): with coded reasons; HQ has one working day to find another branch.
    pub fn decline_intake(
        &mut self,
        by: ActingPerson,
        reason_codes: Vec<String>,
        note: String,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::DeclineIntake, &by)?;
        if reason_codes.is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        self.record.due_at = clocks.dispatch_due(at);
        let mut event = self.moved(Verb::DeclineIntake, from, Stage::ReturnedToHq, by, at);
        event.reason_codes = reason_codes;
        event.note = note;
        Ok(event)
    }

    /// 改派 (row 9): HQ sends it to a branch, as row 7.
    pub fn reassign_from_hq(
        &mut self,
        by: ActingPerson,
        to: NewBranch,
        reason: String,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::ReassignFromHq, &by)?;
        let detail = self.change_branch(to, &reason)?;
        self.start_intake(clocks, at);
        Ok(self.told(
            Verb::ReassignFromHq,
            from,
            Stage::Submitted,
            by,
            at,
            reason,
            detail,
        ))
    }

    /// 确认拒单 (row 10): nobody of the institution takes it.
    pub fn confirm_decline(
        &mut self,
        by: ActingPerson,
        reason_codes: Vec<String>,
        note: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::ConfirmDecline, &by)?;
        if reason_codes.is_empty() || note.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        self.record.decided_at = Some(at);
        self.record.reason_codes.clone_from(&reason_codes);
        self.record.review_opinion.clone_from(&note);
        self.close();
        let mut event = self.moved(Verb::ConfirmDecline, from, Stage::RefusedIntake, by, at);
        event.reason_codes = reason_codes;
        event.note = note;
        Ok(event)
    }

    /// 超时未接单 (row 11): twice the limit of C1 has passed at this branch.
    pub fn intake_timeout(
        &mut self,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let by = ActingPerson::system();
        let from = self.allow(Verb::IntakeTimeout, &by)?;
        let since = ClockKind::Accept.started(&self.record);
        let runs_out = since
            .zip(self.record.due_at)
            .and_then(|(since, due)| clocks.intake_runs_out(since, due));
        if runs_out.is_none_or(|end| at < end) {
            return Err(TransitionError::TooEarly);
        }
        self.record.overdue = true;
        self.record.due_at = clocks.dispatch_due(at);
        Ok(self.moved(Verb::IntakeTimeout, from, Stage::ReturnedToHq, by, at))
    }

    /// 转办 (row 16): another holder of the same branch; the head of the branch may, or the holder.
    pub fn hand_over(
        &mut self,
        by: ActingPerson,
        to: NewHolder,
        reason: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::HandOver, &by)?;
        if by.role != crate::tenant::Role::BranchHead {
            self.only_holder(&by)?;
        }
        if reason.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        if self.record.holder == Some(to.id) {
            return Err(TransitionError::AlreadyThere);
        }
        self.record.holder = Some(to.id);
        self.record.holder_name.clone_from(&to.name);
        let detail = EventDetail::Holder {
            id: Some(to.id),
            name: to.name,
        };
        Ok(self.told(Verb::HandOver, from, from, by, at, reason, detail))
    }

    /// 跨支行转派 (row 17): out of the hands of a branch that had accepted it; the enterprise agreed.
    pub fn move_branch(
        &mut self,
        by: ActingPerson,
        to: NewBranch,
        reason: String,
        agreed: bool,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::MoveBranch, &by)?;
        if !agreed {
            return Err(TransitionError::EnterpriseHasNotAgreed);
        }
        let detail = self.change_branch(to, &reason)?;
        self.record.holder = None;
        self.record.holder_name = String::new();
        self.start_intake(clocks, at);
        Ok(self.told(
            Verb::MoveBranch,
            from,
            Stage::Submitted,
            by,
            at,
            reason,
            detail,
        ))
    }

    fn change_branch(
        &mut self,
        to: NewBranch,
        reason: &str,
    ) -> Result<EventDetail, TransitionError> {
        if reason.trim().is_empty() {
            return Err(TransitionError::ReasonMissing);
        }
        if !to.carries {
            return Err(TransitionError::BranchDoesNotCarry);
        }
        if self.record.moves >= MOVES {
            return Err(TransitionError::TooManyMoves);
        }
        let back_from_hq = self.record.stage == Stage::ReturnedToHq;
        if self.record.handler == Some(to.id) && !back_from_hq {
            return Err(TransitionError::AlreadyThere);
        }
        let left: Option<TenantId> = self.record.handler.replace(to.id);
        let left_name = std::mem::replace(&mut self.record.handler_name, to.name.clone());
        self.record.moves += 1;
        Ok(EventDetail::Branch {
            from: left,
            from_name: left_name,
            to: to.id,
            to_name: to.name,
        })
    }

    fn start_intake(&mut self, clocks: &Clocks<'_>, at: OffsetDateTime) {
        self.record.intake_since = Some(at);
        self.record.due_at = clocks.accept_due(at);
    }
}
