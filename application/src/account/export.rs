//! Export 导出本企业数据 (S-34): asked for with two proofs, made in the background (`pack.rs`), fetched by whoever asked.

use domain::ids::{EnterpriseId, TenantId};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::own::{OwnRoom, freshly_proved};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    files::Files,
    memory::{ARCHIVES, Loaded, bytes_of},
    once::Once,
    ports::{
        audit::AuditEntry,
        files::FileKey,
        limits::{Limit, LimitAsk},
        own_data::{OwnExport, OwnExportStatus},
        sealing::Place,
        store::UnitOfWork,
        view_log::ViewEntry,
    },
    sessions::SignedIn,
};

/// How long an archive can be fetched.
pub const KEPT: Duration = Duration::days(7);
/// Exports a day (section 6).
const PER_DAY: u32 = 5;
const ACTION: &str = "account.export";

/// 导出.
#[derive(Clone)]
pub struct Exports {
    pub own: OwnRoom,
    pub files: Files,
}

/// The form.
pub struct AskExport {
    pub password: SecretString,
    pub once: Once,
}

/// An archive with the moment that names it.
pub struct Fetched {
    pub bytes: Loaded,
    pub made_at: OffsetDateTime,
}

impl Exports {
    /// What this person asked for, made or not.
    pub async fn list(&self, signed: &SignedIn) -> UseResult<Vec<OwnExport>> {
        let permit = self.permit(&signed.actor).await?;
        let mut work = self.own.store.begin(&permit).await?;
        let now = self.own.sign_in.tools.clock.now();
        Ok(work.own_data().exports(signed.actor.user, now).await?)
    }

    /// Asks for an archive, which the worker makes; answers its id.
    pub async fn ask(&self, signed: &SignedIn, ask: AskExport) -> UseResult<Uuid> {
        let actor = &signed.actor;
        freshly_proved(signed)?;
        let permit = self.permit(actor).await?;
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        if ask.password.expose_secret().is_empty() {
            return Err(UseError::field("current_password", "password.missing"));
        }
        self.own.check_current(signed, &ask.password).await?;
        self.count(actor).await?;
        let now = self.own.sign_in.tools.clock.now();
        let export = OwnExport {
            id: self.own.sign_in.tools.clock.new_id(),
            enterprise,
            user: actor.user,
            status: OwnExportStatus::Queued,
            done: 0,
            tries: 0,
            object_key: None,
            byte_size: 0,
            created_at: now,
            expires_at: now + KEPT,
        };
        self.note(actor, &permit, &export, &ask.once).await
    }

    /// The archive, for the person who asked for it.
    pub async fn fetch(&self, signed: &SignedIn, id: Uuid) -> UseResult<Fetched> {
        let actor = &signed.actor;
        let permit = self.permit(actor).await?;
        let tools = &self.own.sign_in.tools;
        let now = tools.clock.now();
        let mut work = self.own.store.begin(&permit).await?;
        let exports = work.own_data().exports(actor.user, now).await?;
        let export = exports.into_iter().find(|one| one.id == id);
        let export = export.ok_or_else(UseError::not_found)?;
        drop(work);
        freshly_proved(signed)?;
        // What is not made yet is as missing as what never was.
        let key = export.object_key.as_deref().and_then(FileKey::parse);
        let key = key.ok_or_else(UseError::not_found)?;
        tools.sealer.ready(actor.city.0).await?;
        let (whose, at) = (actor.user.to_string(), place(actor.city, id));
        let read = self.files.read_at(key.as_str(), &at);
        let size = bytes_of(export.byte_size);
        // No transaction waits for room, nor for a slow store.
        let bytes = ARCHIVES.load(&whose, size, read).await?;
        let mut work = self.own.store.begin(&permit).await?;
        work.own_data().note_fetched(id, now).await?;
        self.log(
            &mut *work,
            actor,
            export.enterprise,
            id,
            "account.export.fetch",
            now,
        )
        .await?;
        work.commit().await?;
        Ok(Fetched {
            bytes,
            made_at: export.created_at,
        })
    }

    pub(super) async fn permit(&self, actor: &Actor) -> UseResult<Permit> {
        self.own
            .guard
            .permit(actor, Room::Account, Action::Export)
            .await
    }

    async fn count(&self, actor: &Actor) -> UseResult<()> {
        let tools = &self.own.sign_in.tools;
        let bucket = format!("export:{}:{}", actor.city, actor.user);
        let ask = LimitAsk::new(bucket, [Limit::new(PER_DAY, Duration::hours(24))]);
        match tools.limits.take(&[ask], tools.clock.now()).await? {
            Some(over) => Err(UseError::too_many("export.too_often", over.retry_after)
                .with("hours", over.retry_after.div_ceil(3600).max(1))),
            None => Ok(()),
        }
    }

    async fn note(
        &self,
        actor: &Actor,
        permit: &Permit,
        export: &OwnExport,
        once: &Once,
    ) -> UseResult<Uuid> {
        let at = export.created_at;
        let mut work = self.own.store.begin(permit).await?;
        if let Some(first) = once.replayed(&mut *work, ACTION, at).await? {
            let id = first["export"].as_str().and_then(|id| id.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        work.own_data().insert_export(export).await?;
        self.log(&mut *work, actor, export.enterprise, export.id, ACTION, at)
            .await?;
        once.done(&mut *work, ACTION, json!({ "export": export.id }))
            .await?;
        work.commit().await?;
        Ok(export.id)
    }

    /// One's own full data was taken along: in the log of deeds and in the log of looks.
    pub(super) async fn log(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        enterprise: EnterpriseId,
        export: Uuid,
        action: &'static str,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let clock = &self.own.sign_in.tools.clock;
        let entry = AuditEntry::by(actor, clock.new_id(), action, export, at);
        work.audit().write(entry).await?;
        let look = ViewEntry {
            id: clock.new_id(),
            enterprise,
            viewer: actor.user,
            viewer_name: actor.name.clone(),
            viewer_tenant: actor.tenant,
            viewer_node: "本企业".to_owned(),
            application: None,
            fields: "本企业的全部数据".to_owned(),
            reason: if action == ACTION {
                "导出本企业数据"
            } else {
                "下载导出的数据"
            }
            .to_owned(),
            request_id: actor.from.request_id.clone(),
            at,
        };
        Ok(work.view_log().write(look).await?)
    }
}

/// Where the object of an export is sealed.
pub(super) fn place(city: TenantId, export: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "own_data_exports",
        row: export,
        column: "object",
    }
}
