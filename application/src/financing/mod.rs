//! Financing 融资需求, the enterprise's side: draft, check, submit, follow, supplement, withdraw (lifecycle rows 1, 2, 14, 29).

mod answer;
mod appeal;
mod check;
mod defer;
mod discard;
mod dossier;
mod form;
pub(crate) mod held;
mod item_files;
mod loan;
mod loans;
mod look;
mod overview;
mod pending;
mod renew;
mod save;
mod second_chance;
mod submit;
mod terms;
mod withdraw;

use std::sync::Arc;

pub use answer::{AnswerSupplement, ItemAnswer, Sending, SupplementTask};
pub use appeal::{APPEAL_FILES, AnswerMove, AppealMaterial, AppealSheet, AskReconsideration};
pub use check::{CheckSheet, Standstill};
pub use defer::AskDeferral;
pub use form::{ApplyForm, CoolDown};
pub use held::HeldRequests;
pub use item_files::{AddedFile, FileFrom, ItemOf, has_room};
pub use loan::{DrawAnswer, GiveUp, LoanSheet};
pub use look::{ApplicationDetail, BoardSheet, Deed, DraftLine};
pub use overview::{Overview, Urgent, UrgentKind};
pub use pending::{AfterFace, Applied};
pub use renew::{Follows, RenewalStanding, RenewalWay};
pub use save::{AskInput, Next, Saved};
pub use second_chance::{SecondChance, SecondChances};
pub use submit::{SubmitApplication, Submitted};
pub use terms::{AGREEMENT_FIELD, agreement_field};

use domain::{
    calendar::WorkCalendar,
    financing::{ActingPerson, ApplicationEvent, Clocks},
    tenant::Role,
};
use serde_json::{Value, json};

use crate::{
    access::{Actor, Guard},
    city::{Cities, City},
    error::{UseError, UseResult},
    ports::{
        clock::Clock,
        reference::{IndustryDirectory, Regions, WorkCalendarSource},
        sealing::Sealer,
        store::Store,
    },
};

/// Public lists that this room reads.
#[derive(Clone)]
pub struct Lists {
    pub calendar: Arc<dyn WorkCalendarSource>,
    pub regions: Arc<dyn Regions>,
    pub industries: Arc<dyn IndustryDirectory>,
}

/// The room.
#[derive(Clone)]
pub struct Financing {
    guard: Guard,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cities: Arc<dyn Cities>,
    sealer: Arc<dyn Sealer>,
    lists: Lists,
}

impl Financing {
    pub fn new(
        guard: Guard,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cities: Arc<dyn Cities>,
        sealer: Arc<dyn Sealer>,
        lists: Lists,
    ) -> Self {
        Self {
            guard,
            store,
            clock,
            cities,
            sealer,
            lists,
        }
    }

    /// What the public lists say, for pages.
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)
    }
}

fn clocks<'a>(city: &'a City, calendar: &'a WorkCalendar) -> Clocks<'a> {
    Clocks {
        eras: &city.clocks,
        calendar,
        pauses: &city.pauses,
    }
}

fn acting(actor: &Actor) -> ActingPerson {
    actor.acting_as(&[Role::EnterpriseOwner, Role::EnterpriseOperator])
}

/// What the outbox is told of an event: ids and codes only.
pub fn announcement(event: &ApplicationEvent) -> Value {
    json!({
        "application": event.application.0,
        "seq": event.seq,
        "verb": event.verb.code(),
        "stage": event.to.code(),
        "handler": event.handler.map(|h| h.0),
    })
}
