//! Review 审核: a branch asks for what is missing, approves or refuses.

mod approve;
mod ask_supplement;
mod decline;
mod hand_over;
mod reject;

use std::sync::Arc;

use domain::{
    financing::{ApplicationEvent, Clocks, EventDetail, FinancingApplication},
    ids::FinancingApplicationId,
    tenant::TenantKind,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

pub use approve::{ApproveApplication, TypedTerms};
pub use ask_supplement::{AskSupplement, AskedItem};
pub use decline::DeclineIntake;
pub use hand_over::HandOver;
pub use reject::RejectApplication;

use crate::{
    access::{Actor, Permit},
    audit::Watch,
    city::{Cities, City},
    decided::{as_shown, conclude, is_within_reach},
    error::{UseError, UseResult},
    once::Once,
    ports::{
        reference::WorkCalendarSource,
        store::{Store, StoreError, UnitOfWork},
    },
};

/// The room of those who decide.
#[derive(Clone)]
pub struct Review {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

/// What every decision names: the application, and the version that the page showed.
#[derive(Clone, Debug)]
pub struct Seen {
    pub application: FinancingApplicationId,
    pub version: i32,
    pub once: Once,
}

/// Whether a deed is only tried, for the page that checks it, or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Everything that the deed checks, and nothing of it stays.
    Check,
    Do,
}

/// An application under somebody's hands.
pub(crate) struct Taken {
    pub work: Box<dyn UnitOfWork>,
    pub application: FinancingApplication,
    pub at: OffsetDateTime,
}

impl Review {
    /// The application as the page showed it, in an open unit of work; `None` when exactly this was done before.
    pub(crate) async fn take(
        &self,
        actor: &Actor,
        permit: &Permit,
        seen: &Seen,
        action: &'static str,
        intent: Intent,
    ) -> UseResult<Option<Taken>> {
        let held = |application: &FinancingApplication| is_held_by(application, actor);
        self.take_if(permit, seen, action, intent, held).await
    }

    /// The same for those who act on what lies with any branch within their reach.
    pub(crate) async fn take_within_reach(
        &self,
        actor: &Actor,
        permit: &Permit,
        seen: &Seen,
        action: &'static str,
        intent: Intent,
    ) -> UseResult<Option<Taken>> {
        let reached = |application: &FinancingApplication| is_within_reach(application, actor);
        self.take_if(permit, seen, action, intent, reached).await
    }

    async fn take_if(
        &self,
        permit: &Permit,
        seen: &Seen,
        action: &'static str,
        intent: Intent,
        sees: impl Fn(&FinancingApplication) -> bool + Send,
    ) -> UseResult<Option<Taken>> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if intent == Intent::Do && seen.once.replayed(&mut *work, action, at).await?.is_some() {
            return Ok(None);
        }
        let application = as_shown(&mut *work, seen.application, seen.version, sees).await?;
        Ok(Some(Taken {
            work,
            application,
            at,
        }))
    }

    /// Ends what [`Self::take`] began: saved for good, or forgotten when it was only tried.
    pub(crate) async fn settle(
        &self,
        actor: &Actor,
        taken: Taken,
        event: &ApplicationEvent,
        action: &'static str,
        once: &Once,
        intent: Intent,
    ) -> UseResult<()> {
        if intent == Intent::Check {
            return Ok(());
        }
        let Taken {
            work, application, ..
        } = taken;
        conclude(&self.watch, actor, work, &application, event, action, once).await
    }

    pub(crate) fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)
    }

    /// Runs with the city's clocks, whose calendar lives only that long.
    pub(crate) fn with_clocks<T>(&self, city: &City, run: impl FnOnce(&Clocks<'_>) -> T) -> T {
        let calendar = city.work_calendar(&*self.calendar);
        run(&Clocks {
            eras: &city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        })
    }
}

/// Submitted to exactly this person's branch: a branch with others below it does not act for them.
pub(crate) fn is_held_by(application: &FinancingApplication, actor: &Actor) -> bool {
    let record = application.record();
    let theirs = match actor.tenant_kind {
        // A headquarters works on what its branches hold; a branch on its own alone.
        TenantKind::Bank => record.handler.is_some_and(|h| actor.reach.contains(&h)),
        _ => record.handler == Some(actor.tenant),
    };
    !record.stage.is_before_submission() && theirs
}

/// Tells the world after the commit: messages and SMS are made from this by the worker.
pub(crate) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    application: &FinancingApplication,
    event: &ApplicationEvent,
) -> Result<(), StoreError> {
    let left = match &event.detail {
        EventDetail::Branch { from, .. } => from.map(|id| id.0),
        _ => None,
    };
    // How many steps were signed after it: the letters go out later, when more may have happened.
    let signed = match &event.detail {
        EventDetail::Proposal { .. } => Some(0),
        EventDetail::Signed { step, .. } => Some(*step),
        _ => None,
    };
    // What a message about a draw or a repayment names: the sum and the day, and what they were before a correction.
    let (told, was) = match &event.detail {
        EventDetail::Draw { amount, on, .. } => (Some((*amount, *on)), None),
        EventDetail::DrawCorrected { was, now, .. } => {
            (Some((now.amount, now.on)), Some((was.amount, was.on)))
        }
        EventDetail::RepaymentCorrected { was, now, .. } => {
            (Some((now.principal, now.on)), Some((was.principal, was.on)))
        }
        _ => (None, None),
    };
    let payload = json!({
        "application": event.application.0,
        "seq": event.seq,
        "verb": event.verb.code(),
        "stage": event.to.code(),
        "handler": event.handler.map(|h| h.0),
        "left": left,
        "signed": signed,
        "due": application.record().due_at.map(OffsetDateTime::unix_timestamp),
        "sum": told.map(|(sum, _)| sum.cents()),
        "on": told.map(|(_, on)| on.to_string()),
        "was_sum": was.map(|(sum, _)| sum.cents()),
        "was_on": was.map(|(_, on)| on.to_string()),
    });
    work.outbox()
        .push(id, "application.event", payload, event.at)
        .await
}
