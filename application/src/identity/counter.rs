//! Counter 柜面核验: the branch compares person, ID card and licence, and says what it saw.
//!
//! The branch settles the request only. That the person is verified now is the city's row, so it is the city's own job that
//! writes it, told by the notice `identity.confirmed` (`notices.rs`, S-42): no branch ever writes on the people of an enterprise.

use domain::{
    identity::CheckStatus,
    ids::FaceCheckId,
    values::{FreeText, ResidentId},
};
use serde_json::json;

use super::{
    Identity,
    notices::{CONFIRMED, REFUSED},
};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{audit::AuditEntry, face_checks::FaceCheck},
};

const SHOWN: i64 = 100;
const NOTE_MOST: usize = 200;

/// Requests of a branch, open ones first.
#[derive(Clone, Debug)]
pub struct CounterDesk {
    pub requests: Vec<FaceCheck>,
    /// Whether this person may settle them.
    pub may_settle: bool,
}

/// What the clerk says.
#[derive(Clone, Debug)]
pub struct ConfirmAtCounter {
    pub check: FaceCheckId,
    pub passed: bool,
    /// As it stands on the card, typed by the clerk; compared by its blind index, shown by nobody.
    pub legal_id: String,
    /// 人证一致.
    pub seen_person: bool,
    /// 营业执照原件.
    pub seen_licence: bool,
    pub note: String,
}

impl Identity {
    pub async fn counter_desk(&self, actor: &Actor) -> UseResult<CounterDesk> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::View)
            .await?;
        let may_settle = self.guard.may(actor, Room::Identity, Action::Verify).await;
        let mut work = self.store.begin(&permit).await?;
        let requests = work.face_checks().counter_requests(SHOWN).await?;
        Ok(CounterDesk {
            requests,
            may_settle,
        })
    }

    /// One request that is addressed to the actor's branch; any other does not exist for them.
    pub async fn counter_request(&self, actor: &Actor, id: FaceCheckId) -> UseResult<FaceCheck> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        work.face_checks()
            .check(id)
            .await?
            .filter(|c| c.branch == Some(actor.tenant))
            .ok_or_else(UseError::not_found)
    }

    pub async fn confirm_at_counter(&self, actor: &Actor, ask: ConfirmAtCounter) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Identity, Action::Verify)
            .await?;
        let request = self.counter_request(actor, ask.check).await?;
        if request.status != CheckStatus::ManualRequested {
            return Err(UseError::conflict("counter.settled"));
        }
        self.sealer.ready(actor.city.0).await?;
        let note = Self::check_words(&ask)?;
        let now = self.clock.now();
        if ask.passed && !self.same_person(actor, &request, &ask.legal_id)? {
            let mut work = self.store.begin(&permit).await?;
            let entry = AuditEntry::by(
                actor,
                self.clock.new_id(),
                "identity.counter",
                request.id,
                now,
            )
            .outcome("counter.id_differs");
            work.audit().write(entry).await?;
            work.commit().await?;
            return Err(UseError::field("legal_id", "counter.id_differs"));
        }
        let to = if ask.passed {
            CheckStatus::ManualPassed
        } else {
            CheckStatus::ManualRefused
        };
        let mut work = self.store.begin(&permit).await?;
        if !work
            .face_checks()
            .settle_at_counter(request.id, to, &note, actor.user, now)
            .await?
        {
            return Err(UseError::conflict("counter.settled"));
        }
        let topic = if ask.passed { CONFIRMED } else { REFUSED };
        let payload = json!({ "check": request.id.to_string() });
        work.outbox()
            .push(self.clock.new_id(), topic, payload, now)
            .await?;
        let entry = AuditEntry::by(
            actor,
            self.clock.new_id(),
            "identity.counter",
            request.id,
            now,
        )
        .detail(json!({ "status": to.code() }));
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }

    fn check_words(ask: &ConfirmAtCounter) -> UseResult<String> {
        let mut checks = Checks::default();
        if ask.passed {
            checks.take("legal_id", ResidentId::restore(&ask.legal_id));
            if !ask.seen_person {
                checks.push(FieldError::new("seen_person", "counter.seen_person"));
            }
            if !ask.seen_licence {
                checks.push(FieldError::new("seen_licence", "counter.seen_licence"));
            }
        }
        let note = checks.take(
            "counter_note",
            FreeText::<NOTE_MOST>::parse_optional(&ask.note),
        );
        if !ask.passed && matches!(note, Some(None)) {
            checks.push(FieldError::new("counter_note", "counter.note_missing"));
        }
        checks.finish()?;
        Ok(note
            .flatten()
            .map(|n| n.as_str().to_owned())
            .unwrap_or_default())
    }

    fn same_person(&self, actor: &Actor, request: &FaceCheck, typed: &str) -> UseResult<bool> {
        let id = ResidentId::restore(typed).map_err(|e| UseError::field("legal_id", e.code()))?;
        let index = self
            .sealer
            .blind_index(actor.city.0, "legal_id", id.as_str())?;
        Ok(request
            .legal_id_index
            .as_deref()
            .is_some_and(|kept| self.tokens.same(kept, &index)))
    }
}
