//! 贷款 of an approved request: draws confirmed or doubted, what was paid back, and giving the loan up (row 27).

use domain::{
    calendar::local_date,
    financing::{FinancingApplication, Stage},
    ids::{DrawId, FinancingApplicationId},
    tenant::Role,
    values::{Cents, FreeText},
};
use serde_json::json;

use super::{
    Financing, announcement,
    renew::{self, RenewalStanding},
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    lending::{balance, note, open_deferral, unpaid},
    once::Once,
    ports::{
        audit::AuditEntry,
        deferrals::Deferral,
        lending::{StoredDraw, StoredRepayment},
        loan_corrections::LoanCorrection,
        store::UnitOfWork,
    },
};

/// The page of a loan.
#[derive(Clone, Debug)]
pub struct LoanSheet {
    pub application: FinancingApplication,
    pub draws: Vec<StoredDraw>,
    pub repayments: Vec<StoredRepayment>,
    /// 更正 that two people of the bank agreed on, oldest first.
    pub corrections: Vec<LoanCorrection>,
    /// 延期申请, oldest first.
    pub deferrals: Vec<Deferral>,
    pub renewal: RenewalStanding,
    pub owed: Cents,
    /// 申请续贷 is this person's to do.
    pub may_renew: bool,
    /// 申请延期, as long as something is owed on a known day and no other one is open.
    pub may_defer: bool,
    /// 企业管理员 answers; 经办人 only reads.
    pub may_answer: bool,
    pub may_give_up: bool,
}

/// The enterprise's word on one draw.
#[derive(Clone, Debug)]
pub struct DrawAnswer {
    pub application: FinancingApplicationId,
    pub draw: DrawId,
    /// `None`: 确认无误; else 有异议 with these words.
    pub dispute: Option<String>,
    pub once: Once,
}

/// 放弃 as the form says it.
#[derive(Clone, Debug)]
pub struct GiveUp {
    pub application: FinancingApplicationId,
    pub reason: String,
    pub once: Once,
}

/// There is something to see of a loan.
fn is_granted(stage: Stage) -> bool {
    matches!(
        stage,
        Stage::Approved | Stage::Disbursing | Stage::Disbursed | Stage::Settled | Stage::NotDrawn
    )
}

impl Financing {
    pub async fn loan(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<LoanSheet> {
        let permit = self
            .guard
            .permit(actor, Room::Lending, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.application_board().one(id).await?;
        let application = found
            .filter(|a| !a.record().stage.is_before_submission())
            .ok_or_else(UseError::not_found)?;
        check_granted(&application)?;
        let draws = work.lending().draws(id).await?;
        let repayments = work.lending().repayments(id).await?;
        let corrections = work.loan_corrections().loan_corrections(id).await?;
        let deferrals = work.deferrals().deferrals(id).await?;
        let (record, today) = (application.record(), local_date(self.clock.now()));
        let renewal = renew::standing(&mut *work, record, (&draws, &repayments), today).await?;
        drop(work);
        let (stage, frozen) = (record.stage, record.frozen);
        let confirms = self.guard.may(actor, Room::Lending, Action::Confirm).await;
        let due = stage.is_lent() && !unpaid(&draws, &repayments).is_empty();
        Ok(LoanSheet {
            may_renew: renewal == RenewalStanding::Open
                && self.guard.may(actor, Room::Financing, Action::Save).await,
            may_defer: confirms && due && !frozen && open_deferral(&deferrals).is_none(),
            owed: balance(application.record(), &repayments),
            may_answer: confirms && stage != Stage::Settled,
            may_give_up: stage == Stage::Approved
                && self.guard.may(actor, Room::Lending, Action::Withdraw).await,
            application,
            draws,
            repayments,
            corrections,
            deferrals,
            renewal,
        })
    }

    /// 确认无误, or 有异议.
    pub async fn answer_draw(&self, actor: &Actor, ask: DrawAnswer) -> UseResult<()> {
        const ACTION: &str = "financing.answer_draw";
        let permit = self
            .guard
            .permit(actor, Room::Lending, Action::Confirm)
            .await?;
        let mut checks = Checks::default();
        let dispute = ask.dispute.as_ref().map(|text| {
            let parsed = FreeText::<300>::parse(text);
            let text = checks.take("dispute", parsed);
            text.map_or(String::new(), |t| t.as_str().to_owned())
        });
        checks.finish()?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        let application = locked(&mut *work, id).await?;
        check_granted(&application)?;
        if application.record().stage == Stage::Settled {
            return Err(UseError::conflict("lending.over"));
        }
        let known = work.lending().draws(id).await?;
        let about = known
            .iter()
            .find(|draw| draw.id == ask.draw)
            .map(|draw| (draw.amount, draw.on))
            .ok_or_else(UseError::not_found)?;
        let (done, what) = if let Some(text) = &dispute {
            let done = work.lending().dispute_draw(id, ask.draw, text, at).await?;
            (done, "disputed")
        } else {
            let done = work.lending().confirm_draw(id, ask.draw, at).await?;
            (done, "confirmed")
        };
        if !done {
            return Err(UseError::conflict("lending.answered_before"));
        }
        let told = (what, ask.draw.0);
        note(&mut *work, self.clock.new_id(), id, told, Some(about), at).await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ACTION, id, at)
            .detail(json!({ "draw": ask.draw.0, "answer": what }));
        work.audit().write(entry).await?;
        let answer = json!({ "draw": ask.draw.0 });
        ask.once.done(&mut *work, ACTION, answer).await?;
        Ok(work.commit().await?)
    }

    /// 放弃 (row 27): 审核状态 stays 通过.
    pub async fn give_up(&self, actor: &Actor, ask: GiveUp) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Lending, Action::Withdraw)
            .await?;
        let mut checks = Checks::default();
        let reason = checks.take(
            "give_up_reason",
            FreeText::<200>::parse_optional(&ask.reason),
        );
        checks.finish()?;
        let reason = reason
            .flatten()
            .map_or(String::new(), |r| r.as_str().to_owned());
        self.let_go(actor, &permit, &ask, reason).await
    }

    async fn let_go(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &GiveUp,
        reason: String,
    ) -> UseResult<()> {
        const ACTION: &str = "financing.give_up";
        let at = self.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        let mut application = locked(&mut *work, id).await?;
        let by = actor.acting_as(&[Role::EnterpriseOwner]);
        let event = application.give_up(by, reason, at)?;
        work.financing_applications()
            .save(&application, &event)
            .await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ACTION, id, at);
        work.audit().write(entry).await?;
        let told = self.clock.new_id();
        work.outbox()
            .push(told, "application.event", announcement(&event), at)
            .await?;
        let answer = json!({ "seq": event.seq });
        ask.once.done(&mut *work, ACTION, answer).await?;
        Ok(work.commit().await?)
    }
}

fn check_granted(application: &FinancingApplication) -> UseResult<()> {
    let stage = application.record().stage;
    if is_granted(stage) {
        return Ok(());
    }
    Err(UseError::conflict("financing.not_allowed").with("stage", stage.zh()))
}

/// The enterprise's own request, locked; drafts are none.
pub(super) async fn locked(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
) -> UseResult<FinancingApplication> {
    let found = work.financing_applications().find_for_update(id).await?;
    found
        .filter(|a| !a.record().stage.is_before_submission())
        .ok_or_else(UseError::not_found)
}
