//! Headquarters 机构工作台: what waits in the whole institution, and how its branches and people stand.

mod board;
mod overview;
mod results;

use std::sync::Arc;

pub use board::{Board, Feedback, Placed, RATE_DAYS};
pub use overview::{HqCounts, HqOverview};
pub(crate) use results::moment;
pub use results::{Measured, Results};

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    city::{Cities, City},
    error::{UseError, UseResult},
    ports::{reference::WorkCalendarSource, store::Store},
};
use domain::tenant::TenantKind;

/// The room of those who look after a whole institution.
pub struct Headquarters {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
}

impl Headquarters {
    fn city(&self, actor: &Actor) -> UseResult<Arc<City>> {
        self.cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)
    }

    /// A permit to look, for people of a headquarters only: a branch has a desk of its own.
    async fn look(&self, actor: &Actor, room: Room) -> UseResult<Permit> {
        self.look_from(actor, room, TenantKind::Bank).await
    }

    /// A permit to look, for people of one kind of tenant only.
    async fn look_from(&self, actor: &Actor, room: Room, kind: TenantKind) -> UseResult<Permit> {
        if actor.tenant_kind != kind {
            return Err(self
                .watch
                .missing(actor, room, Action::View, actor.tenant)
                .await);
        }
        self.watch
            .permit(actor, room, Action::View, actor.tenant)
            .await
    }
}
