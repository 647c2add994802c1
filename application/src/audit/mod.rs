//! Audit 操作日志: refusals that end before a unit of work is open, and the chain over all entries.

mod facts;
pub mod link;
pub mod look;
pub mod truth;

use std::{fmt::Display, sync::Arc};

use crate::{
    access::{Action, Actor, Guard, Permit, Room},
    error::{Kind, UseError, UseResult},
    ports::{
        audit::{AuditEntry, DoorAudit},
        clock::Clock,
    },
};
use serde_json::json;

/// The guard with a log book: whoever is refused leaves a line (S-12, S-47).
#[derive(Clone)]
pub struct Watch {
    pub guard: Guard,
    pub log: Arc<dyn DoorAudit>,
    pub clock: Arc<dyn Clock>,
}

impl Watch {
    /// A permit, or a logged refusal.
    pub async fn permit(
        &self,
        actor: &Actor,
        room: Room,
        action: Action,
        object: impl Display,
    ) -> UseResult<Permit> {
        match self.guard.permit(actor, room, action).await {
            Ok(permit) => Ok(permit),
            Err(error) => {
                self.note(actor, room, action, object, "denied").await;
                Err(error)
            }
        }
    }

    /// The answer for what is missing or must not be known of, logged: it may have been a stranger's (S-12).
    pub async fn missing(
        &self,
        actor: &Actor,
        room: Room,
        action: Action,
        object: impl Display,
    ) -> UseError {
        self.note(actor, room, action, object, "not_found").await;
        UseError::not_found()
    }

    /// Logs a refusal that a use case met after its unit of work was gone; other errors pass.
    pub async fn refused<T>(
        &self,
        actor: &Actor,
        room: Room,
        action: Action,
        object: impl Display,
        outcome: UseResult<T>,
    ) -> UseResult<T> {
        if let Err(error) = &outcome {
            match error.kind {
                Kind::Denied | Kind::Conflict | Kind::TooMany => {
                    self.note(actor, room, action, object, error.code).await;
                }
                Kind::NotFound => {
                    self.note(actor, room, action, object, "not_found").await;
                }
                _ => {}
            }
        }
        outcome
    }

    async fn note(
        &self,
        actor: &Actor,
        room: Room,
        action: Action,
        object: impl Display,
        outcome: &'static str,
    ) {
        let entry = AuditEntry::by(
            actor,
            self.clock.new_id(),
            "refused",
            object,
            self.clock.now(),
        )
        .outcome(outcome)
        .detail(json!({ "room": room.code(), "action": action.code() }));
        if let Err(error) = self.log.note(actor.city, entry).await {
            tracing::error!(%error, "a refusal could not be logged");
        }
    }
}
