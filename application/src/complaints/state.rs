//! 机构说明: the node that was asked says its side, once for each time it is asked.

use domain::{complaint::ComplaintStep, values::FreeText};
use serde_json::json;
use uuid::Uuid;

use super::{ComplaintRoom, locked, not_now};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
};

/// 提交说明 as the form says it.
#[derive(Clone, Debug)]
pub struct State {
    pub complaint: Uuid,
    pub words: String,
    pub once: Once,
}

const STATE: &str = "complaint.state";

impl ComplaintRoom {
    pub async fn state(&self, actor: &Actor, ask: State) -> UseResult<()> {
        let object = ask.complaint;
        let permit = self
            .watch
            .permit(actor, Room::Complaints, Action::Answer, object)
            .await?;
        let outcome = self.say(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Complaints, Action::Answer, object, outcome)
            .await
    }

    async fn say(&self, actor: &Actor, permit: &Permit, ask: &State) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, STATE, at).await?.is_some() {
            return Ok(());
        }
        // The wall lets a node lock what it was asked about itself, not what one below it was.
        let mut complaint = locked(&mut *work, ask.complaint).await?;
        let (status, reopened) = (complaint.status, complaint.reopened);
        let Some(asked) = complaint.asked.as_mut().filter(|a| a.id == actor.tenant) else {
            return Err(UseError::not_found());
        };
        if asked.stated {
            return Err(UseError::conflict("complaint.stated_before"));
        }
        if status.after(ComplaintStep::Stated, reopened).is_none() {
            return Err(not_now(&complaint));
        }
        let mut checks = Checks::default();
        let words = checks.take("statement", FreeText::<2000>::parse(&ask.words));
        let words = words.ok_or_else(|| checks.into_error())?;
        asked.stated = true;
        let mut step = self.step(actor, ComplaintStep::Stated, words.as_str(), at);
        step.node = Some(asked.id);
        step.node_name.clone_from(&asked.name);
        work.complaints().complaint_stated(&complaint).await?;
        self.note_step(&mut *work, actor, &complaint, &step, STATE)
            .await?;
        ask.once.done(&mut *work, STATE, json!({})).await?;
        Ok(work.commit().await?)
    }
}
