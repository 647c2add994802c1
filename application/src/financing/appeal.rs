//! 复议 asked by the enterprise (row 23), and its answer to a 跨支行转派 (row 17): headquarters decides on both.

use domain::{ids::FinancingApplicationId, values::FreeText};
use serde_json::json;
use time::OffsetDateTime;

use super::{Financing, clocks, loan::locked};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, UseError, UseResult},
    lending::note,
    once::Once,
    ports::{
        audit::AuditEntry,
        moves::{MoveRequest, MoveStatus},
        reconsiderations::{Reconsideration, ReconsiderationStatus},
        store::StoreError,
    },
};

/// 复议申请 as the form says it.
#[derive(Clone, Debug)]
pub struct AskReconsideration {
    pub application: FinancingApplicationId,
    pub facts: String,
    pub once: Once,
}

/// 同意 or 不同意 of a 跨支行转派.
#[derive(Clone, Debug)]
pub struct AnswerMove {
    pub application: FinancingApplicationId,
    /// `None`: nothing was chosen.
    pub agreed: Option<bool>,
    pub note: String,
    pub once: Once,
}

/// What stands beside a refused request.
#[derive(Clone, Debug, Default)]
pub struct AppealSheet {
    pub asked: Option<Reconsideration>,
    /// Until when it may be asked; `None`: not now.
    pub may_ask: bool,
    pub until: Option<OffsetDateTime>,
}

impl Financing {
    pub async fn ask_reconsideration(
        &self,
        actor: &Actor,
        ask: AskReconsideration,
    ) -> UseResult<()> {
        const ACTION: &str = "financing.ask_reconsideration";
        let permit = self.guard.permit(actor, Room::Appeal, Action::Ask).await?;
        let mut checks = Checks::default();
        let facts = checks.take("facts", FreeText::<1000>::parse(&ask.facts));
        let Some(facts) = facts else {
            return Err(checks.into_error());
        };
        let (city, at) = (self.city(actor)?, self.clock.now());
        let calendar = city.work_calendar(&*self.lists.calendar);
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        let application = locked(&mut *work, id).await?;
        application.may_ask_reconsideration(facts.as_str(), &clocks(&city, &calendar), at)?;
        let asked = Reconsideration {
            application: id,
            facts: facts.as_str().to_owned(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            status: ReconsiderationStatus::Open,
            note: String::new(),
        };
        match work.reconsiderations().ask_reconsideration(&asked).await {
            Err(StoreError::Conflict(_)) => {
                return Err(UseError::conflict("financing.already_reconsidered"));
            }
            done => done?,
        }
        let told = self.clock.new_id();
        let what = ("reconsideration_asked", id.0);
        note(&mut *work, told, id, what, None, at).await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ACTION, id, at);
        work.audit().write(entry).await?;
        let answer = json!({ "application": id.0 });
        ask.once.done(&mut *work, ACTION, answer).await?;
        Ok(work.commit().await?)
    }

    /// The question that waits for this enterprise's answer.
    pub async fn waiting_move(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<MoveRequest> {
        let permit = self
            .guard
            .permit(actor, Room::Dispatch, Action::Confirm)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let own = work.application_board().one(id).await?;
        own.ok_or_else(UseError::not_found)?;
        let running = work.moves().running_move(id).await?;
        running
            .filter(|ask| ask.status == MoveStatus::Open)
            .ok_or_else(|| UseError::conflict("financing.no_move_asked"))
    }

    pub async fn answer_move(&self, actor: &Actor, ask: AnswerMove) -> UseResult<()> {
        const ACTION: &str = "financing.answer_move";
        let permit = self
            .guard
            .permit(actor, Room::Dispatch, Action::Confirm)
            .await?;
        let mut checks = Checks::default();
        let said = checks.take("move_note", FreeText::<300>::parse_optional(&ask.note));
        if ask.agreed.is_none() {
            checks.push(FieldError::new("agreed", "financing.move_not_chosen"));
        }
        let (Some(said), Some(agreed)) = (said, ask.agreed) else {
            return Err(checks.into_error());
        };
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        locked(&mut *work, id).await?;
        let running = work.moves().running_move(id).await?;
        let running = running.ok_or_else(|| UseError::conflict("financing.no_move_asked"))?;
        let text = said.map_or(String::new(), |t| t.as_str().to_owned());
        if !work
            .moves()
            .answer_move(running.id, agreed, &text, at)
            .await?
        {
            return Err(UseError::conflict("financing.no_move_asked"));
        }
        let payload = json!({
            "application": id.0, "move": running.id, "agreed": agreed, "branch": running.to_branch_name,
        });
        work.outbox()
            .push(self.clock.new_id(), "move.answered", payload, at)
            .await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), ACTION, id, at)
            .detail(json!({ "move": running.id, "agreed": agreed }));
        work.audit().write(entry).await?;
        let answer = json!({ "move": running.id });
        ask.once.done(&mut *work, ACTION, answer).await?;
        Ok(work.commit().await?)
    }
}
