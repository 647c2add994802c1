//! 答复异议: what the bank found when the enterprise doubted a draw.

use domain::{financing::Stage, ids::DrawId, values::FreeText};
use serde_json::json;

use super::{Lending, check_recorder, note};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::audit::AuditEntry,
    review::{Intent, Seen},
};

/// 答复异议 as the form says it.
#[derive(Clone, Debug)]
pub struct AnswerDispute {
    pub seen: Seen,
    /// `None`: none was chosen.
    pub draw: Option<DrawId>,
    pub note: String,
}

const ACTION: &str = "application.answer_dispute";

impl Lending {
    pub async fn answer_dispute(
        &self,
        actor: &Actor,
        ask: AnswerDispute,
        intent: Intent,
    ) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Lending, Action::Record, object)
            .await?;
        let outcome = self.reply(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Lending, Action::Record, object, outcome)
            .await
    }

    async fn reply(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AnswerDispute,
        intent: Intent,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        let said = checks.take("settled_note", FreeText::<300>::parse(&ask.note));
        if ask.draw.is_none() {
            checks.push(FieldError::new("draw", "lending.dispute_not_chosen"));
        }
        let (Some(said), Some(draw)) = (said, ask.draw) else {
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
        if taken.application.record().stage == Stage::Settled {
            return Err(UseError::conflict("lending.over"));
        }
        let (id, clock) = (ask.seen.application, &self.review.watch.clock);
        let work = &mut *taken.work;
        let text = said.as_str();
        let open = work
            .lending()
            .settle_dispute(id, draw, text, taken.at)
            .await?;
        if !open {
            return Err(UseError::conflict("lending.dispute_answered"));
        }
        if intent == Intent::Check {
            return Ok(());
        }
        let known = work.lending().draws(id).await?;
        let about = known.iter().find(|known| known.id == draw);
        let about = about.map(|draw| (draw.amount, draw.on));
        let what = ("dispute_answered", draw.0);
        note(work, clock.new_id(), id, what, about, taken.at).await?;
        let entry = AuditEntry::by(actor, clock.new_id(), ACTION, id, taken.at)
            .detail(json!({ "draw": draw.0 }));
        work.audit().write(entry).await?;
        let answer = json!({ "draw": draw.0 });
        ask.seen.once.done(work, ACTION, answer).await?;
        Ok(taken.work.commit().await?)
    }
}
