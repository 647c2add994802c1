//! 跨支行转派 (row 17): headquarters asks, the enterprise answers, headquarters completes it or calls it off.

use domain::{
    financing::{FinancingApplication, MOVES, Stage, TransitionError},
    ids::FinancingApplicationId,
    tenant::Role,
};
use serde_json::json;

use super::{Dispatch, new_branch, parse, said_no};
use crate::{
    access::{Action, Actor, Permit, Room},
    decided::is_within_reach,
    error::{UseError, UseResult},
    ports::{
        audit::AuditEntry,
        moves::{MoveRequest, MoveStatus},
        store::{StoreError, UnitOfWork},
    },
    review::{Intent, Seen, Taken},
};

/// The question as the form says it.
#[derive(Clone, Debug)]
pub struct AskMove {
    pub seen: Seen,
    /// The branch's id.
    pub branch: String,
    /// Told to the enterprise: it decides on it.
    pub reason: String,
}

/// What headquarters does with a running question.
#[derive(Clone, Debug)]
pub struct SettleMove {
    pub seen: Seen,
    /// Completes the move; otherwise calls it off.
    pub complete: bool,
}

const ASK: &str = "application.ask_move";
const COMPLETE: &str = "application.move_branch";
const CANCEL: &str = "application.cancel_move";

impl Dispatch {
    /// Asks the enterprise; nothing moves before it agreed.
    pub async fn ask_move(&self, actor: &Actor, ask: AskMove, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self.may_move(actor, object).await?;
        let outcome = self.put_question(actor, &permit, &ask, intent).await;
        self.review
            .watch
            .refused(actor, Room::Dispatch, Action::Assign, object, outcome)
            .await
    }

    /// Completes what the enterprise agreed to, or calls the question off.
    pub async fn settle_move(&self, actor: &Actor, ask: SettleMove) -> UseResult<()> {
        let object = ask.seen.application;
        let permit = self.may_move(actor, object).await?;
        let outcome = if ask.complete {
            self.complete(actor, &permit, &ask).await
        } else {
            self.call_off(actor, &permit, &ask).await
        };
        self.review
            .watch
            .refused(actor, Room::Dispatch, Action::Assign, object, outcome)
            .await
    }

    /// Only a headquarters moves what a branch has accepted.
    async fn may_move(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<Permit> {
        let permit = self
            .review
            .watch
            .permit(actor, Room::Dispatch, Action::Assign, id)
            .await?;
        if actor.has(Role::HqAdministrator) {
            Ok(permit)
        } else {
            Err(self
                .review
                .watch
                .missing(actor, Room::Dispatch, Action::Assign, id)
                .await)
        }
    }

    async fn put_question(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AskMove,
        intent: Intent,
    ) -> UseResult<()> {
        let taken = self
            .review
            .take_within_reach(actor, permit, &ask.seen, ASK, intent)
            .await?;
        let Some(Taken {
            mut work,
            application,
            at,
        }) = taken
        else {
            return Ok(());
        };
        may_ask(&mut *work, &application, actor).await?;
        let (branch, reason) = parse(&ask.branch, &ask.reason)?;
        let to = new_branch(&mut *work, &application, branch).await?;
        if application.record().handler == Some(to.id) {
            return Err(UseError::field("branch", "dispatch.same_branch"));
        }
        said_no(&mut *work, &application, to.id).await?;
        if intent == Intent::Check {
            return Ok(());
        }
        let id = ask.seen.application;
        let request = MoveRequest {
            id: self.review.watch.clock.new_id(),
            application: id,
            to_branch: to.id,
            to_branch_name: to.name,
            reason,
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            status: MoveStatus::Open,
            answered_at: None,
            answer_note: String::new(),
        };
        match work.moves().ask_move(&request).await {
            Err(StoreError::Conflict(_)) => {
                return Err(UseError::conflict("dispatch.asked_before"));
            }
            asked => asked?,
        }
        let payload =
            json!({ "application": id.0, "move": request.id, "branch": request.to_branch_name });
        work.outbox()
            .push(self.review.watch.clock.new_id(), "move.asked", payload, at)
            .await?;
        self.log(actor, &mut *work, ASK, &request).await?;
        let once = &ask.seen.once;
        once.done(&mut *work, ASK, json!({ "move": request.id }))
            .await?;
        Ok(work.commit().await?)
    }

    async fn complete(&self, actor: &Actor, permit: &Permit, ask: &SettleMove) -> UseResult<()> {
        let city = self.review.city(actor)?;
        let taken = self
            .review
            .take_within_reach(actor, permit, &ask.seen, COMPLETE, Intent::Do)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let work = &mut *taken.work;
        let request = self.running(work, ask.seen.application).await?;
        let to = new_branch(work, &taken.application, request.to_branch)
            .await
            .map_err(|error| match error.fields.first() {
                Some(field) => UseError::conflict(field.code),
                None => error,
            })?;
        let by = actor.acting_as(&[Role::HqAdministrator]);
        let agreed = request.status == MoveStatus::Agreed;
        let (application, at) = (&mut taken.application, taken.at);
        let event = self.review.with_clocks(&city, |clocks| {
            application.move_branch(by, to, request.reason, agreed, clocks, at)
        })?;
        if !work.moves().end_move(request.id, MoveStatus::Done).await? {
            return Err(UseError::conflict("stale"));
        }
        let once = &ask.seen.once;
        self.review
            .settle(actor, taken, &event, COMPLETE, once, Intent::Do)
            .await
    }

    async fn call_off(&self, actor: &Actor, permit: &Permit, ask: &SettleMove) -> UseResult<()> {
        let at = self.review.watch.clock.now();
        let mut work = self.review.store.begin(permit).await?;
        let once = &ask.seen.once;
        if once.replayed(&mut *work, CANCEL, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.seen.application;
        // Whatever became of the application meanwhile: the question may always be taken back.
        work.branch_board()
            .find(id)
            .await?
            .filter(|a| is_within_reach(a, actor))
            .ok_or_else(UseError::not_found)?;
        let request = self.running(&mut *work, id).await?;
        if !work
            .moves()
            .end_move(request.id, MoveStatus::Cancelled)
            .await?
        {
            return Err(UseError::conflict("stale"));
        }
        self.log(actor, &mut *work, CANCEL, &request).await?;
        once.done(&mut *work, CANCEL, json!({ "move": request.id }))
            .await?;
        Ok(work.commit().await?)
    }

    async fn running(
        &self,
        work: &mut dyn UnitOfWork,
        id: FinancingApplicationId,
    ) -> UseResult<MoveRequest> {
        work.moves()
            .running_move(id)
            .await?
            .ok_or_else(|| UseError::conflict("dispatch.not_asked"))
    }

    async fn log(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        action: &'static str,
        request: &MoveRequest,
    ) -> Result<(), StoreError> {
        let at = self.review.watch.clock.now();
        let entry = AuditEntry::by(
            actor,
            self.review.watch.clock.new_id(),
            action,
            request.application,
            at,
        )
        .detail(json!({ "move": request.id, "to": request.to_branch.0 }));
        work.audit().write(entry).await
    }
}

/// What the domain will ask when the move is done is told before the enterprise is troubled.
async fn may_ask(
    work: &mut dyn UnitOfWork,
    application: &FinancingApplication,
    actor: &Actor,
) -> UseResult<()> {
    let record = application.record();
    if record.frozen {
        return Err(TransitionError::Frozen.into());
    }
    if !matches!(record.stage, Stage::Accepted | Stage::DueDiligence) {
        return Err(TransitionError::NotAllowed {
            stage: record.stage,
            verb: domain::financing::Verb::MoveBranch,
            role: actor.acting_as(&[Role::HqAdministrator]).role,
        }
        .into());
    }
    if record.moves >= MOVES {
        return Err(TransitionError::TooManyMoves.into());
    }
    if work.moves().running_move(record.id).await?.is_some() {
        return Err(UseError::conflict("dispatch.asked_before"));
    }
    Ok(())
}
