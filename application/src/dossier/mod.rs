//! Dossier 企业资料: what a branch sees of an application; full values and pictures only with a log entry (S-25, S-30).

mod open_file;
mod powers;
mod too_many;
mod unmask;
mod view;

use std::sync::Arc;

use domain::{
    calendar::SHANGHAI,
    financing::{FinancingApplication, Stage},
    ids::FinancingApplicationId,
};
use time::{OffsetDateTime, macros::format_description};

pub use open_file::{OpenFile, OpenedFile};
pub use powers::Powers;
pub(crate) use too_many::too_many_views;
pub(crate) use unmask::{FULL_VIEWS_PER_HOUR, TOO_MANY_VIEWS};
pub use unmask::{Unmask, Unmasked};
pub use view::Case;

use crate::{
    access::Actor,
    audit::Watch,
    city::Cities,
    error::{UseError, UseResult},
    memory::{FILES, Loaded},
    ports::{
        files::{FileKey, FileVault},
        pictures::{PictureStudio, UploadError},
        reference::WorkCalendarSource,
        sealing::{Place, Sealer},
        store::{Store, UnitOfWork},
        view_log::ViewEntry,
    },
};

/// The room of the dossiers.
pub struct DossierRoom {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub cities: Arc<dyn Cities>,
    pub calendar: Arc<dyn WorkCalendarSource>,
    pub vault: Vault,
}

/// What opens sealed things and marks pictures.
#[derive(Clone)]
pub struct Vault {
    pub sealer: Arc<dyn Sealer>,
    pub files: Arc<dyn FileVault>,
    pub studio: Arc<dyn PictureStudio>,
}

impl Vault {
    /// Reads and opens a stored file of about so many bytes, with its place in memory.
    pub(crate) async fn load(
        &self,
        actor: &Actor,
        object_key: &str,
        bytes: usize,
        place: &Place,
    ) -> UseResult<Loaded> {
        let whose = actor.user.to_string();
        FILES
            .load(&whose, bytes, self.read(object_key, place))
            .await
    }

    async fn read(&self, object_key: &str, place: &Place) -> UseResult<Vec<u8>> {
        let key = FileKey::parse(object_key)
            .ok_or_else(|| UseError::bug("a stored file key has another shape"))?;
        let sealed = self
            .files
            .get(place.tenant, &key)
            .await?
            .ok_or_else(|| UseError::bug("a stored file is gone"))?;
        Ok(self.sealer.open(place, &sealed)?)
    }

    /// The same place in memory, marked.
    pub(crate) async fn marked(
        &self,
        actor: &Actor,
        at: OffsetDateTime,
        jpeg: Loaded,
    ) -> UseResult<Loaded> {
        let Loaded { bytes, held } = jpeg;
        let bytes = self.mark(actor, at, bytes).await?;
        Ok(Loaded { bytes, held })
    }

    /// Who looks at it and when, drawn over one of our own pictures (S-25).
    async fn mark(&self, actor: &Actor, at: OffsetDateTime, jpeg: Vec<u8>) -> UseResult<Vec<u8>> {
        let minute = format_description!("[year]-[month]-[day] [hour]:[minute]");
        let now = at.to_offset(SHANGHAI).format(&minute).unwrap_or_default();
        let text = format!(
            "仅供{}办理融资业务使用 {} {now}",
            actor.tenant_name, actor.name
        );
        let marked = self.studio.watermark(jpeg, &text).await;
        marked.map_err(|error| match error {
            UploadError::Busy => UseError::unavailable(error),
            error => UseError::bug(error),
        })
    }
}

/// Only a minimal record stays with the bank of what was withdrawn or has expired (lifecycle section 1).
pub(crate) fn is_open_to_bank(stage: Stage) -> bool {
    !matches!(
        stage,
        Stage::Draft | Stage::PendingFace | Stage::Withdrawn | Stage::Expired
    )
}

/// The application whose dossier may be opened now: held by this branch, not closed, its consents standing (B6).
async fn opened(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
) -> UseResult<FinancingApplication> {
    let application = work
        .branch_board()
        .find(id)
        .await?
        .ok_or_else(UseError::not_found)?;
    if !is_open_to_bank(application.record().stage) {
        return Err(UseError::conflict("dossier.closed"));
    }
    if !work.dossiers().consent_stands(id).await? {
        return Err(UseError::conflict("dossier.consent_withdrawn"));
    }
    Ok(application)
}

impl DossierRoom {
    fn entry(
        &self,
        actor: &Actor,
        application: &FinancingApplication,
        fields: String,
        reason: String,
    ) -> ViewEntry {
        ViewEntry {
            id: self.watch.clock.new_id(),
            enterprise: application.record().enterprise,
            viewer: actor.user,
            viewer_name: actor.name.clone(),
            viewer_tenant: actor.tenant,
            viewer_node: actor.tenant_name.clone(),
            application: Some(application.record().id),
            fields,
            reason,
            request_id: actor.from.request_id.clone(),
            at: self.watch.clock.now(),
        }
    }
}
