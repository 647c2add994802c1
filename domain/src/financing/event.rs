//! What happened to an application, as data: append-only, enough to replay stage, columns and clocks.

use time::OffsetDateTime;

use super::{Stage, Verb};
use crate::{
    ids::{FinancingApplicationId, TenantId, UserId},
    tenant::Role,
    values::{Cents, Rate, Term},
};

/// Who acts: a person in a role, or the system's timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActingPerson {
    /// `None` for the system.
    pub id: Option<UserId>,
    pub name: String,
    pub role: Role,
}

impl ActingPerson {
    /// The timer, or a provider's verdict fetched by our server.
    pub fn system() -> Self {
        Self {
            id: None,
            name: String::new(),
            role: Role::System,
        }
    }
}

/// Facts that belong to one kind of event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EventDetail {
    #[default]
    None,
    /// Accepted: when the contact and the decision are due.
    Holder { name: String },
    /// 退回补充: which round, and what is missing.
    Supplement { round: u8, labels: Vec<String> },
    /// 通过: the approved terms.
    Terms {
        amount: Cents,
        rate: Rate,
        term: Term,
        valid_until: time::Date,
    },
}

/// One line of the application's log (操作记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationEvent {
    pub application: FinancingApplicationId,
    /// 1, 2, 3 … within the application: its version after the event.
    pub seq: i32,
    pub verb: Verb,
    pub from: Option<Stage>,
    pub to: Stage,
    pub actor: ActingPerson,
    pub handler: Option<TenantId>,
    pub reason_codes: Vec<String>,
    pub note: String,
    pub detail: EventDetail,
    pub at: OffsetDateTime,
}
