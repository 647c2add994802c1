//! 开始尽调 (row 12): the enterprise was contacted, the clock of the first contact stops.

use domain::{tenant::Role, values::FreeText};

use super::Diligence;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseResult},
    review::{Intent, Seen},
};

/// 开始尽调 as the form says it.
#[derive(Clone, Debug)]
pub struct StartDiligence {
    pub seen: Seen,
    /// How and with whom the first contact was made.
    pub note: String,
}

const ACTION: &str = "application.start_due_diligence";

impl Diligence {
    pub async fn start(&self, actor: &Actor, ask: StartDiligence, intent: Intent) -> UseResult<()> {
        let object = ask.seen.application;
        let watch = &self.review.watch;
        let permit = watch
            .permit(actor, Room::Diligence, Action::Save, object)
            .await?;
        let outcome = self.begin(actor, &permit, &ask, intent).await;
        watch
            .refused(actor, Room::Diligence, Action::Save, object, outcome)
            .await
    }

    async fn begin(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &StartDiligence,
        intent: Intent,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        let note = checks.take("contact_note", FreeText::<300>::parse(&ask.note));
        let Some(note) = note else {
            return Err(checks.into_error());
        };
        let taken = self
            .review
            .take(actor, permit, &ask.seen, ACTION, intent)
            .await?;
        let Some(mut taken) = taken else {
            return Ok(());
        };
        let by = actor.acting_as(&[Role::CustomerManager, Role::BranchHead]);
        let note = note.as_str().to_owned();
        let event = taken.application.start_due_diligence(by, note, taken.at)?;
        self.review
            .settle(actor, taken, &event, ACTION, &ask.seen.once, intent)
            .await
    }
}
