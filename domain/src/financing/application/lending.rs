//! After the approval: draws, giving up, settling. Rows 25 to 28. And the hold of a suspicion, row 31.

use time::{Date, OffsetDateTime};

use super::{Draw, DrawFault, FinancingApplication};
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
        let decided = self.record.decided_at.map(local_date);
        if draw.on > local_date(at) || decided.is_some_and(|decided| draw.on < decided) {
            return Err(TransitionError::DrawDateWrong);
        }
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
