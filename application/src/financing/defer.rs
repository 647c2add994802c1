//! 申请延期 (W18): the enterprise asks for another due day of a draw, and takes it back as long as nobody has answered.

use domain::{
    calendar::local_date,
    deferral::{DeferralStatus, check_day},
    ids::{DrawId, FinancingApplicationId},
    values::FreeText,
};
use serde_json::json;

use super::{Financing, loan::locked};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, UseError, UseResult},
    lending::{check_lent, day, day_fault, deferral_at, no_deferral, note, open_deferral, unpaid},
    once::Once,
    ports::{audit::AuditEntry, deferrals::Deferral},
};

/// 延期申请 as the form says it.
#[derive(Clone, Debug)]
pub struct AskDeferral {
    pub application: FinancingApplicationId,
    /// `None`: none was chosen.
    pub draw: Option<DrawId>,
    /// `YYYY-MM-DD`.
    pub wanted_on: String,
    pub reason: String,
    pub once: Once,
}

const ASK: &str = "financing.ask_deferral";
const WITHDRAW: &str = "financing.withdraw_deferral";

impl Financing {
    pub async fn ask_deferral(&self, actor: &Actor, ask: AskDeferral) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Lending, Action::Confirm)
            .await?;
        let mut checks = Checks::default();
        if ask.draw.is_none() {
            checks.push(FieldError::new("draw", "deferral.draw_not_chosen"));
        }
        let wanted = day(&mut checks, "wanted_on", &ask.wanted_on);
        let reason = checks.take("deferral_reason", FreeText::<300>::parse(&ask.reason));
        let (Some(draw), Some(wanted_on), Some(reason)) = (ask.draw, wanted, reason) else {
            return Err(checks.into_error());
        };
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, ASK, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        let application = locked(&mut *work, id).await?;
        check_lent(application.record())?;
        let draws = work.lending().draws(id).await?;
        let repaid = work.lending().repayments(id).await?;
        let left = unpaid(&draws, &repaid);
        let draw = left.into_iter().find(|one| one.id == draw);
        let draw = draw.ok_or_else(|| UseError::field("draw", "deferral.draw_paid"))?;
        let old_due_on = draw.due_on.ok_or_else(UseError::not_found)?;
        check_day(old_due_on, wanted_on, local_date(at))
            .map_err(|fault| day_fault("wanted_on", fault))?;
        let all = work.deferrals().deferrals(id).await?;
        if open_deferral(&all).is_some() {
            return Err(UseError::conflict("deferral.asked_before"));
        }
        let deferral = Deferral {
            id: self.clock.new_id(),
            application: id,
            draw: draw.id,
            number: draw.number,
            old_due_on,
            wanted_on,
            reason: reason.as_str().to_owned(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            status: DeferralStatus::Open,
            new_due_on: None,
            answer: String::new(),
            answered: None,
            checked: None,
            ended_at: None,
        };
        work.deferrals().ask_deferral(&deferral).await?;
        let told = ("deferral_asked", deferral.id);
        let about = Some((draw.amount, wanted_on));
        note(&mut *work, self.clock.new_id(), id, told, about, at).await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ASK, id, at)
            .detail(json!({ "deferral": deferral.id, "due_on": wanted_on.to_string() }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, ASK, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 撤回延期申请.
    pub async fn withdraw_deferral(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
        once: &Once,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Lending, Action::Confirm)
            .await?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        locked(&mut *work, id).await?;
        let all = work.deferrals().deferrals(id).await?;
        let waiting = deferral_at(&all, DeferralStatus::Open).ok_or_else(no_deferral)?;
        if !work.deferrals().withdraw_deferral(waiting.id, at).await? {
            return Err(UseError::conflict("stale"));
        }
        let entry = AuditEntry::by(actor, self.clock.new_id(), WITHDRAW, id, at)
            .detail(json!({ "deferral": waiting.id }));
        work.audit().write(entry).await?;
        once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}
