//! The list of work orders with the latest samples, and one of them with its calls.

use domain::callback::{CallbackStatus, MOST_CALLS};
use uuid::Uuid;

use super::{CallbackRoom, PAGE};
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::callbacks::{Call, Callback, CallbackPage, Draw},
};

/// Samples that the list shows.
const DRAWS: i64 = 10;

/// One page of the list.
#[derive(Clone, Debug)]
pub struct CallbackList {
    pub page: CallbackPage,
    pub draws: Vec<Draw>,
    pub may_draw: bool,
}

/// One work order.
#[derive(Clone, Debug)]
pub struct SeenCallback {
    pub callback: Callback,
    pub calls: Vec<Call>,
    /// A call may be recorded, and the number opened.
    pub may_call: bool,
    /// A complaint may be filed from it.
    pub may_complain: bool,
    pub calls_left: i16,
}

impl CallbackRoom {
    pub async fn list(
        &self,
        actor: &Actor,
        status: Option<CallbackStatus>,
        draw: Option<Uuid>,
        page: i64,
    ) -> UseResult<CallbackList> {
        let permit = self
            .watch
            .permit(actor, Room::Callbacks, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let skip = (page.max(1) - 1) * PAGE;
        let page = work.callbacks().callbacks(status, draw, skip, PAGE).await?;
        let draws = work.callbacks().draws(DRAWS).await?;
        drop(work);
        let guard = &self.watch.guard;
        Ok(CallbackList {
            page,
            draws,
            may_draw: guard.may(actor, Room::Callbacks, Action::Submit).await,
        })
    }

    pub async fn view(&self, actor: &Actor, id: Uuid) -> UseResult<SeenCallback> {
        let permit = self
            .watch
            .permit(actor, Room::Callbacks, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let Some(callback) = work.callbacks().callback(id).await? else {
            drop(work);
            let missing = self.watch.missing(actor, Room::Callbacks, Action::View, id);
            return Err(missing.await);
        };
        let calls = work.callbacks().calls(id).await?;
        drop(work);
        let guard = &self.watch.guard;
        let may = guard.may(actor, Room::Callbacks, Action::Record).await;
        Ok(SeenCallback {
            may_call: may && callback.status == CallbackStatus::Open,
            may_complain: may
                && callback.status == CallbackStatus::Reached
                && callback.complaint.is_none(),
            calls_left: MOST_CALLS - callback.calls,
            callback,
            calls,
        })
    }
}
