//! Diligence 尽调: the holder contacts the enterprise, visits it and writes down what was found (row 12).

mod photos;
mod report;
mod start;

use std::sync::Arc;

use domain::financing::{FinancingApplication, Stage};

pub use photos::{AddPhoto, OpenPhoto, PHOTOS};
pub use report::SaveReport;
pub use start::StartDiligence;

use crate::{
    access::Actor,
    dossier::Vault,
    error::{UseError, UseResult},
    ports::limits::Limits,
    review::Review,
};

/// The room of those who look into an application.
pub struct Diligence {
    pub review: Review,
    pub vault: Vault,
    pub limits: Arc<dyn Limits>,
}

/// Only the holder writes, and only while the investigation runs: what was put before approvers stays as it was.
fn check_writer(application: &FinancingApplication, actor: &Actor) -> UseResult<()> {
    let record = application.record();
    if record.frozen {
        return Err(UseError::conflict("financing.frozen"));
    }
    if record.stage != Stage::DueDiligence {
        return Err(UseError::conflict("financing.not_allowed").with("stage", record.stage.zh()));
    }
    if record.holder != Some(actor.user) {
        return Err(UseError::conflict("financing.not_holder").with("holder", &record.holder_name));
    }
    Ok(())
}
