//! 还款登记: principal that came back; what is still owed is counted, never typed.

use domain::{calendar::local_date, financing::Stage, ids::RepaymentId, values::Cents};
use serde_json::json;

use super::{Lending, balance, check_recorder, day, note};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{audit::AuditEntry, lending::StoredRepayment},
    review::{Intent, Seen},
};

/// 还款登记 as the form says it.
#[derive(Clone, Debug)]
pub struct RecordRepayment {
    pub seen: Seen,
    /// 元.
    pub principal: String,
    /// `YYYY-MM-DD`.
    pub paid_on: String,
}

const ACTION: &str = "application.repay";

impl Lending {
    pub async fn repay(
        &self,
        actor: &Actor,
        ask: RecordRepayment,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.pay_back(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn pay_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &RecordRepayment,
        intent: Intent,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        let principal = checks.take("principal", Cents::parse_yuan(&ask.principal));
        let paid_on = day(&mut checks, "paid_on", &ask.paid_on);
        if principal == Some(Cents::ZERO) {
            checks.push(FieldError::new("principal", "lending.nothing_repaid"));
        }
        let (Some(principal), Some(paid_on), true) = (principal, paid_on, checks.is_empty()) else {
            return Err(checks.into_error());
        };
        let taken = self
            .review
            .take(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        check_recorder(&taken.application, actor)?;
        let record = taken.application.record();
        if !matches!(record.stage, Stage::Disbursing | Stage::Disbursed) {
            return Err(
                UseError::conflict("financing.not_allowed").with("stage", record.stage.zh())
            );
        }
        let id = record.id;
        let draws = taken.work.lending().draws(id).await?;
        let first = draws.iter().map(|draw| draw.on).min();
        if paid_on > local_date(taken.at) || first.is_none_or(|first| paid_on < first) {
            return Err(UseError::field("paid_on", "lending.paid_on_wrong"));
        }
        let before = taken.work.lending().repayments(id).await?;
        let owed = balance(record, &before);
        let Some(left) = owed.checked_sub(principal) else {
            return Err(UseError::invalid(vec![
                FieldError::new("principal", "lending.repaid_too_much")
                    .with("owed", owed.format_yuan()),
            ]));
        };
        let clock = &self.review.watch.clock;
        let repayment = StoredRepayment {
            id: RepaymentId(clock.new_id()),
            principal,
            on: paid_on,
            balance: left,
            recorded_by: Some(actor.user),
            recorded_name: actor.name.clone(),
            at: taken.at,
        };
        if intent == Intent::Check {
            return Ok(());
        }
        let work = &mut *taken.work;
        work.lending().add_repayment(id, &repayment, "form").await?;
        note(work, clock.new_id(), id, "repaid", repayment.id.0, taken.at).await?;
        let entry = AuditEntry::by(actor, clock.new_id(), ACTION, id, taken.at)
            .detail(json!({ "repayment": repayment.id.0 }));
        work.audit().write(entry).await?;
        let answer = json!({ "repayment": repayment.id.0 });
        ask.seen.once.done(work, ACTION, answer).await?;
        Ok(taken.work.commit().await?)
    }
}
