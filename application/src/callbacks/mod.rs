//! Call-backs 回访 (O2): the city draws a sample of closed requests, calls, asks the same few questions, and opens a complaint
//! where one is due. Names stay masked; the number to call is opened on purpose, and the enterprise reads that it was.

mod call;
mod complain;
mod draw;
mod look;

use std::sync::Arc;

pub use call::{RecordCall, ShownPhone};
pub use complain::ComplainFor;
pub use draw::DrawSample;
pub use look::{CallbackList, SeenCallback};

use crate::{
    audit::Watch,
    complaints::ComplaintRoom,
    error::{UseError, UseResult},
    ports::{
        callbacks::Callback,
        sealing::Sealer,
        store::{Store, UnitOfWork},
    },
};
use domain::callback::CallbackStatus;
use uuid::Uuid;

/// Rows of a page of the list.
pub const PAGE: i64 = 20;

/// The room of the city's people who call.
#[derive(Clone)]
pub struct CallbackRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    /// Where a complaint that a call brings up is filed.
    pub complaints: ComplaintRoom,
}

/// The work order, locked.
async fn locked(work: &mut dyn UnitOfWork, id: Uuid) -> UseResult<Callback> {
    let found = work.callbacks().callback_for_update(id).await?;
    found.ok_or_else(UseError::not_found)
}

/// One that still waits for a call.
fn open(callback: &Callback) -> UseResult<()> {
    if callback.status == CallbackStatus::Open {
        return Ok(());
    }
    Err(UseError::conflict("callback.done").with("status", callback.status.zh()))
}
