//! Dossier 企业资料: what a branch sees of an application; full values and pictures only with a log entry (S-25, S-30).

mod open_file;
mod powers;
mod too_many;
mod unmask;
mod view;

use std::sync::Arc;

use domain::{
    calendar::SHANGHAI,
    financing::{ApplicationRecord, Clocks, FinancingApplication, Outcome, Stage},
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
    city::{Cities, City},
    error::{UseError, UseResult},
    memory::{FILES, Loaded},
    ports::{
        dossiers::Appealed,
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

/// When 资料授权 of an application ends by its own facts, a running 复议 aside; `None` while it is not over.
pub(crate) fn consents_end(
    city: &City,
    calendar: &dyn WorkCalendarSource,
    outcome: impl Into<Outcome>,
) -> Option<OffsetDateTime> {
    let calendar = city.work_calendar(calendar);
    let clocks = Clocks {
        eras: &city.clocks,
        calendar: &calendar,
        pauses: &city.pauses,
    };
    clocks.consents_end(outcome)
}

/// Since when it is over, whatever a worker has noted by now: a 复议 keeps it until it is answered (B6).
pub(crate) async fn ended(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
    end: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> UseResult<Option<OffsetDateTime>> {
    let Some(end) = end else {
        return Ok(None);
    };
    let end = match work.dossiers().appealed(id).await? {
        Some(Appealed { settled_at: None }) => return Ok(None),
        Some(Appealed {
            settled_at: Some(settled),
        }) => end.max(settled),
        None => end,
    };
    Ok(Some(end).filter(|end| *end <= now))
}

impl DossierRoom {
    /// The application whose dossier may be opened now: held by this branch, not over, its consents standing (B6).
    async fn opened(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        id: FinancingApplicationId,
    ) -> UseResult<FinancingApplication> {
        let application = work
            .branch_board()
            .find(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        let record = application.record();
        if !is_open_to_bank(record.stage) {
            return Err(UseError::conflict("dossier.closed"));
        }
        if self.ended(actor, work, record).await?.is_some() {
            return Err(UseError::conflict("dossier.ended"));
        }
        if !work.dossiers().consent_stands(id).await? {
            return Err(UseError::conflict("dossier.consent_withdrawn"));
        }
        Ok(application)
    }

    /// Since when 资料授权 is over.
    async fn ended(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        record: &ApplicationRecord,
    ) -> UseResult<Option<OffsetDateTime>> {
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        let end = consents_end(&city, &*self.calendar, record);
        ended(work, record.id, end, self.watch.clock.now()).await
    }

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
