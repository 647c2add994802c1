//! 联系记录: the bank called; when, and what came of it.

use domain::{ids::FinancingApplicationId, values::FreeText};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{ThreadRoom, announce, writable};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        letters::{Called, LetterKind},
    },
};

const ACTION: &str = "thread.called";
const SHOWN: i64 = 200;

/// 登记联系 as the form says it.
#[derive(Clone, Debug)]
pub struct TickOff {
    pub application: FinancingApplicationId,
    pub letter: Uuid,
    /// When the call was made; `None`: what was typed is no time.
    pub at: Option<OffsetDateTime>,
    pub outcome: String,
    pub once: Once,
}

impl ThreadRoom {
    pub async fn tick_off(&self, actor: &Actor, ask: TickOff) -> UseResult<()> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::Save, object)
            .await?;
        let outcome = self.note(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Thread, Action::Save, object, outcome)
            .await
    }

    async fn note(&self, actor: &Actor, permit: &Permit, ask: &TickOff) -> UseResult<()> {
        let (id, now) = (ask.application, self.watch.clock.now());
        let mut work = self.store.begin(permit).await?;
        writable(&mut *work, actor, id).await?;
        let letters = work.letters().letters(id, SHOWN).await?;
        let letter = letters
            .into_iter()
            .find(|l| l.id == ask.letter && l.kind == LetterKind::CallRequest)
            .filter(|_| actor.enterprise.is_none())
            .ok_or_else(UseError::not_found)?;
        let mut checks = Checks::default();
        let outcome = checks.take("outcome", FreeText::<200>::parse(&ask.outcome));
        // People write whole minutes: the one in which it was asked counts.
        let asked = letter.at - Duration::minutes(1);
        if ask.at.is_none_or(|at| at > now || at <= asked) {
            checks.push(FieldError::new("at", "thread.call_time"));
        }
        checks.finish()?;
        if ask.once.replayed(&mut *work, ACTION, now).await?.is_some() {
            return Ok(());
        }
        let called = Called {
            at: ask.at.unwrap_or(now),
            by: actor.user,
            by_name: actor.name.clone(),
            outcome: outcome.map_or(String::new(), |text| text.as_str().to_owned()),
        };
        if !work.letters().tick_off(id, ask.letter, &called).await? {
            return Err(UseError::conflict("thread.called_before"));
        }
        announce(&mut *work, self.watch.clock.new_id(), id, &letter, "called").await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), ACTION, id, now);
        work.audit()
            .write(entry.detail(json!({ "letter": ask.letter })))
            .await?;
        ask.once
            .done(&mut *work, ACTION, json!({ "letter": ask.letter }))
            .await?;
        Ok(work.commit().await?)
    }
}
