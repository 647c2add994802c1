//! After the approval: draws, giving up, settling. Rows 25 to 28. And the hold of a suspicion, row 31.

use time::{Date, OffsetDateTime};

use super::{Draw, DrawChange, DrawFault, FinancingApplication, RepaymentChange};
use crate::{
    calendar::{local_date, months_after},
    financing::{
        ActingPerson, ApplicationEvent, Clocks, EventDetail, Stage, TransitionError, Verb, rule_for,
    },
    product::RATE_CEILING,
    tenant::Role,
    values::Cents,
};

/// How much longer than the approved term a loan may run: the day of the month is the bank's, and days off move it.
const GRACE_MONTHS: u16 = 1;

impl FinancingApplication {
    /// What a draw says of its rate and of the day on which it is due must fit the approval, wherever it was told: on a page,
    /// in a file or by the bank's own system. Everything that does not fit, at once.
    pub fn check_draw(&self, draw: &Draw, due_on: Option<Date>) -> Result<(), TransitionError> {
        let mut faults: Vec<DrawFault> = self.rate_fault(draw).into_iter().collect();
        let latest = self
            .record
            .approved_term
            .and_then(|term| months_after(draw.on, term.months().saturating_add(GRACE_MONTHS)));
        match (due_on, latest) {
            (Some(due_on), _) if due_on <= draw.on => faults.push(DrawFault::DueBeforeDraw),
            (Some(due_on), Some(latest)) if due_on > latest => {
                faults.push(DrawFault::DueTooLate { latest });
            }
            _ => {}
        }
        if faults.is_empty() {
            return Ok(());
        }
        Err(TransitionError::DrawTerms(faults))
    }

    fn rate_fault(&self, draw: &Draw) -> Option<DrawFault> {
        let rate = draw.rate.hundredths();
        if rate > RATE_CEILING {
            let max = RATE_CEILING / 100;
            return Some(DrawFault::RateTooHigh { max });
        }
        (rate == 0 && self.record.approved_rate != Some(draw.rate)).then_some(DrawFault::RateZero)
    }

    /// 放款反馈 (rows 25 and 26): one draw; together never more than approved.
    pub fn disburse(
        &mut self,
        by: ActingPerson,
        draw: Draw,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let total = self.record.drawn.checked_add(draw.amount);
        let approved = self.record.approved_amount.unwrap_or(Cents::ZERO);
        let (Some(total), true) = (total, draw.amount > Cents::ZERO) else {
            return Err(TransitionError::DrawTooLarge);
        };
        let done = draw.last || total == approved;
        let verb = if done && self.record.stage == Stage::Disbursing {
            Verb::DisburseLast
        } else {
            Verb::Disburse
        };
        let from = self.allow(verb, &by)?;
        if matches!(by.role, Role::CustomerManager) {
            self.only_holder(&by)?;
        }
        if total > approved {
            return Err(TransitionError::DrawTooLarge);
        }
        if let Some(fault) = self.rate_fault(&draw) {
            return Err(TransitionError::DrawTerms(vec![fault]));
        }
        if draw.contract_no.trim().is_empty() {
            return Err(TransitionError::ContractMissing);
        }
        self.check_drawn_on(draw.on, at)?;
        self.record.drawn = total;
        self.record.draws += 1;
        self.record.due_at = None;
        let to = if done {
            Stage::Disbursed
        } else {
            Stage::Disbursing
        };
        let detail = EventDetail::Draw {
            number: self.record.draws,
            amount: draw.amount,
            rate: draw.rate,
            on: draw.on,
            contract_no: draw.contract_no,
            total,
        };
        Ok(self.told(verb, from, to, by, at, String::new(), detail))
    }

    fn check_drawn_on(&self, on: Date, at: OffsetDateTime) -> Result<(), TransitionError> {
        let decided = self.record.decided_at.map(local_date);
        if on > local_date(at) || decided.is_some_and(|decided| on < decided) {
            return Err(TransitionError::DrawDateWrong);
        }
        Ok(())
    }

    /// Whether a person may have a draw corrected like this: all draws together, once it is.
    pub fn may_correct_draw(
        &self,
        by: &ActingPerson,
        change: &DrawChange,
        at: OffsetDateTime,
    ) -> Result<Cents, TransitionError> {
        self.allow(Verb::CorrectDraw, by)?;
        let now = &change.now;
        if change.was == *now {
            return Err(TransitionError::NothingCorrected);
        }
        let approved = self.record.approved_amount.unwrap_or(Cents::ZERO);
        let others = self.record.drawn.checked_sub(change.was.amount);
        let total = others
            .and_then(|others| others.checked_add(now.amount))
            .filter(|total| *total <= approved && now.amount > Cents::ZERO)
            .ok_or(TransitionError::DrawTooLarge)?;
        let draw = Draw {
            amount: now.amount,
            rate: now.rate,
            on: now.on,
            contract_no: now.contract_no.clone(),
            last: change.last,
        };
        // 延期 may have put the due day beyond the approved term: days that are not corrected are not measured again.
        let kept = (now.on, now.due_on) == (change.was.on, change.was.due_on);
        self.check_draw(&draw, now.due_on.filter(|_| !kept))?;
        if draw.contract_no.trim().is_empty() {
            return Err(TransitionError::ContractMissing);
        }
        self.check_drawn_on(now.on, at)?;
        Ok(total)
    }

    /// 更正放款 (row 25): two people; a draw still fits the approval, and what may still be drawn follows from the new total.
    pub fn correct_draw(
        &mut self,
        by: ActingPerson,
        second: &ActingPerson,
        reason: String,
        change: DrawChange,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let total = self.may_correct_draw(&by, &change, at)?;
        check_pair(&by, second, &reason)?;
        let from = self.record.stage;
        let to = if change.last || self.record.approved_amount == Some(total) {
            Stage::Disbursed
        } else {
            Stage::Disbursing
        };
        self.record.drawn = total;
        let detail = EventDetail::DrawCorrected {
            number: change.number,
            was: change.was,
            now: change.now,
            total,
            second: second.name.clone(),
        };
        Ok(self.told(Verb::CorrectDraw, from, to, by, at, reason, detail))
    }

    /// Whether a person may have a repayment corrected like this; what is owed afterwards is counted elsewhere.
    pub fn may_correct_repayment(
        &self,
        by: &ActingPerson,
        change: RepaymentChange,
    ) -> Result<(), TransitionError> {
        self.allow(Verb::CorrectRepayment, by)?;
        if change.was == change.now {
            return Err(TransitionError::NothingCorrected);
        }
        Ok(())
    }

    /// 更正还款: two people; the loan stays where it is.
    pub fn correct_repayment(
        &mut self,
        by: ActingPerson,
        second: &ActingPerson,
        reason: String,
        change: RepaymentChange,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        self.may_correct_repayment(&by, change)?;
        check_pair(&by, second, &reason)?;
        let stage = self.record.stage;
        let detail = EventDetail::RepaymentCorrected {
            was: change.was,
            now: change.now,
            second: second.name.clone(),
        };
        let verb = Verb::CorrectRepayment;
        Ok(self.told(verb, stage, stage, by, at, reason, detail))
    }

    /// 放弃 (row 27): the enterprise does not want the loan any more; 审核状态 stays 通过.
    pub fn give_up(
        &mut self,
        by: ActingPerson,
        reason: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::GiveUp, &by)?;
        let passed = self
            .record
            .approval_valid_until
            .is_some_and(|until| until < local_date(at));
        if by.role == Role::System && !passed {
            return Err(TransitionError::TooEarly);
        }
        self.close();
        Ok(self.told(
            Verb::GiveUp,
            from,
            Stage::NotDrawn,
            by,
            at,
            reason,
            EventDetail::None,
        ))
    }

    /// 结清反馈 (row 28): nothing is owed any more.
    pub fn settle(
        &mut self,
        by: ActingPerson,
        balance: Cents,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Settle, &by)?;
        if balance != Cents::ZERO {
            return Err(TransitionError::BalanceOpen);
        }
        self.close();
        Ok(self.moved(Verb::Settle, from, Stage::Settled, by, at))
    }

    /// 冻结 (row 31): two people of the platform; every bank action is blocked, the clocks stand still, withdrawing stays possible.
    pub fn freeze(
        &mut self,
        by: ActingPerson,
        second: &ActingPerson,
        reason: String,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let from = self.allow(Verb::Freeze, &by)?;
        check_pair(&by, second, &reason)?;
        self.record.frozen = true;
        self.record.frozen_at = Some(at);
        let detail = EventDetail::Second {
            name: second.name.clone(),
        };
        Ok(self.told(Verb::Freeze, from, from, by, at, reason, detail))
    }

    /// 解除冻结 (row 31): the clocks go on with what was left.
    pub fn unfreeze(
        &mut self,
        by: ActingPerson,
        second: &ActingPerson,
        reason: String,
        clocks: &Clocks<'_>,
        at: OffsetDateTime,
    ) -> Result<ApplicationEvent, TransitionError> {
        let stage = self.record.stage;
        if rule_for(stage, Verb::Unfreeze, by.role).is_none() || !self.record.frozen {
            return Err(self.not_allowed(Verb::Unfreeze, &by));
        }
        check_pair(&by, second, &reason)?;
        let since = self.record.frozen_at.take().unwrap_or(at);
        self.record.frozen = false;
        if stage == Stage::NeedSupplement {
            // The working clocks stand still already; the enterprise gets its days back.
            let due = self.record.due_at;
            self.record.due_at = due.map(|due| clocks.resume_days(due, since, at));
        } else {
            for due in [
                &mut self.record.due_at,
                &mut self.record.contact_due_at,
                &mut self.record.decision_due_at,
            ] {
                if let Some(was) = *due {
                    *due = clocks.resume(was, since, at);
                }
            }
        }
        let detail = EventDetail::Second {
            name: second.name.clone(),
        };
        Ok(self.told(Verb::Unfreeze, stage, stage, by, at, reason, detail))
    }
}

fn check_pair(
    by: &ActingPerson,
    second: &ActingPerson,
    reason: &str,
) -> Result<(), TransitionError> {
    if by.id.is_none() || second.id.is_none() || by.id == second.id {
        return Err(TransitionError::SecondPersonMissing);
    }
    if reason.trim().is_empty() {
        return Err(TransitionError::ReasonMissing);
    }
    Ok(())
}
