//! Intake 接单: a branch takes an application.

mod accept;

use std::sync::Arc;

pub use accept::AcceptApplication;

use crate::{audit::Watch, ports::store::Store};

/// The room of those who take orders.
pub struct Intake {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
}
