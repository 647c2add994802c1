//! Export 导出本企业数据 (S-34): everything that is kept about an enterprise, in one sealed archive for whoever asked. It is
//! gathered under the enterprise's own hat, so that the walls themselves see to it that nobody else's row is in it.

use std::sync::Arc;

use domain::ids::EnterpriseId;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    Caller,
    own::{OwnRoom, freshly_proved},
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    files::Files,
    once::Once,
    ports::{
        audit::AuditEntry,
        data_book::{ArchiveFile, DataBook},
        enterprise_files::FileRow,
        files::FileKey,
        limits::{Limit, LimitAsk},
        own_data::{Chapter, OwnExport},
        reference::RegionDirectory,
        sealing::Place,
        store::UnitOfWork,
        view_log::ViewEntry,
    },
    profile::open_facts,
    sessions::SignedIn,
};

/// How long an archive can be fetched.
pub const KEPT: Duration = Duration::hours(24);
/// Exports a day (section 6).
const PER_DAY: u32 = 5;
const ACTION: &str = "account.export";

/// 导出.
#[derive(Clone)]
pub struct Exports {
    pub own: OwnRoom,
    pub files: Files,
    pub book: Arc<dyn DataBook>,
    pub regions: Arc<dyn RegionDirectory>,
}

/// The form.
pub struct AskExport {
    pub password: SecretString,
    pub once: Once,
}

/// An archive with the moment that names it.
pub struct Fetched {
    pub bytes: Vec<u8>,
    pub made_at: OffsetDateTime,
}

impl Exports {
    /// What this person can fetch now.
    pub async fn list(&self, signed: &SignedIn) -> UseResult<Vec<OwnExport>> {
        let permit = self.permit(&signed.actor).await?;
        let mut work = self.own.store.begin(&permit).await?;
        let now = self.own.sign_in.tools.clock.now();
        Ok(work.own_data().exports(signed.actor.user, now).await?)
    }

    /// Makes an archive; answers its id.
    pub async fn make(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        ask: AskExport,
    ) -> UseResult<Uuid> {
        let actor = &signed.actor;
        freshly_proved(signed)?;
        let permit = self.permit(actor).await?;
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        if ask.password.expose_secret().is_empty() {
            return Err(UseError::field("current_password", "password.missing"));
        }
        self.own.check_current(signed, &ask.password).await?;
        self.count(actor).await?;
        self.own.sign_in.tools.sealer.ready(actor.city.0).await?;
        let packed = self.pack(signed, caller, &permit, enterprise).await?;
        self.keep(actor, &permit, enterprise, packed, &ask.once)
            .await
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
        freshly_proved(signed)?;
        let key = FileKey::parse(&export.object_key)
            .ok_or_else(|| UseError::bug("an export holds no key"))?;
        let sealed = self.files.vault.get(actor.city.0, &key).await?;
        let sealed = sealed.ok_or_else(UseError::not_found)?;
        tools.sealer.ready(actor.city.0).await?;
        let bytes = tools.sealer.open(&place(actor, id), &sealed)?;
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

    async fn permit(&self, actor: &Actor) -> UseResult<Permit> {
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

    async fn pack(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        permit: &Permit,
        enterprise: EnterpriseId,
    ) -> UseResult<Vec<u8>> {
        let mut work = self.own.store.begin(permit).await?;
        let mut chapters = Map::new();
        for chapter in Chapter::ALL {
            let rows = work.own_data().chapter(*chapter, enterprise).await?;
            chapters.insert(chapter.code().to_owned(), Value::Array(rows));
        }
        let files = work.enterprise_files().current_files(enterprise).await?;
        let facts = work.enterprises().facts(enterprise).await?;
        let facts = facts.ok_or_else(UseError::not_found)?;
        drop(work);
        let sealer = &*self.own.sign_in.tools.sealer;
        let opened = open_facts(sealer, signed.actor.city, &facts)?;
        let phone = self.own.phone(&signed.actor).await?;
        if let Some(row) = chapters["enterprise"].get_mut(0) {
            row["legal_id"] = json!(opened.legal_id.map(|id| id.as_str().to_owned()));
            row["contact_phone"] = json!(opened.contact_phone.map(|p| p.as_str().to_owned()));
            row["email"] = json!(opened.email.map(|e| e.as_str().to_owned()));
            row["account_phone"] = json!(phone.as_str());
            row["region"] = json!(self.regions.full_name(&opened.region_code));
        }
        name_files(&mut chapters["files"], &files);
        let now = self.own.sign_in.tools.clock.now();
        let data = json!({
            "platform": caller.city.name,
            "made_for": signed.actor.name,
            "made_at": crate::outbox::letters::moment(Some(now)),
            "time_zone": "Asia/Shanghai",
            "chapters": chapters,
        });
        self.archive(&signed.actor, caller, &data, &files).await
    }

    async fn archive(
        &self,
        actor: &Actor,
        caller: &Caller,
        data: &Value,
        files: &[FileRow],
    ) -> UseResult<Vec<u8>> {
        let text = serde_json::to_string_pretty(data).map_err(UseError::bug)?;
        let page = self.book.page(&caller.city, data).map_err(UseError::bug)?;
        let entry = |name: &str, bytes: Vec<u8>| ArchiveFile {
            name: name.to_owned(),
            bytes,
        };
        let mut entries = vec![
            entry("data.json", text.into_bytes()),
            entry("readable.html", page.into_bytes()),
            entry("style.css", self.book.style().as_bytes().to_vec()),
        ];
        for (n, file) in files.iter().enumerate() {
            let bytes = self.files.read(actor.city, file).await?;
            entries.push(entry(&name_of(n, file), bytes));
        }
        self.book.pack(&entries).map_err(UseError::bug)
    }

    /// Sealed, stored, and noted: the row is the last thing written.
    async fn keep(
        &self,
        actor: &Actor,
        permit: &Permit,
        enterprise: EnterpriseId,
        packed: Vec<u8>,
        once: &Once,
    ) -> UseResult<Uuid> {
        let tools = &self.own.sign_in.tools;
        let (id, now) = (tools.clock.new_id(), tools.clock.now());
        let sealed = tools.sealer.seal(&place(actor, id), &packed)?;
        let key = self.files.vault.put(actor.city.0, sealed).await?;
        let export = OwnExport {
            id,
            enterprise,
            user: actor.user,
            object_key: key.as_str().to_owned(),
            byte_size: i32::try_from(packed.len()).map_err(UseError::bug)?,
            created_at: now,
            expires_at: now + KEPT,
        };
        let noted = self.note(actor, permit, &export, once).await;
        if !matches!(noted, Ok(kept) if kept == id)
            && let Err(error) = self.files.vault.delete(actor.city.0, &key).await
        {
            tracing::warn!(%error, "an object could not be removed");
        }
        noted
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
        let payload = json!({ "enterprise": export.enterprise.0 });
        let notice = self.own.sign_in.tools.clock.new_id();
        work.outbox()
            .push(notice, super::notices::EXPORTED, payload, at)
            .await?;
        once.done(&mut *work, ACTION, json!({ "export": export.id }))
            .await?;
        work.commit().await?;
        Ok(export.id)
    }

    /// One's own full data was taken along: in the log of deeds and in the log of looks.
    async fn log(
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

/// `files/1-licence.jpg`.
fn name_of(n: usize, file: &FileRow) -> String {
    let kind: String = file
        .kind
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(40)
        .collect();
    let ending = if file.media_type == "application/pdf" {
        "pdf"
    } else {
        "jpg"
    };
    format!("files/{}-{kind}.{ending}", n + 1)
}

fn name_files(rows: &mut Value, files: &[FileRow]) {
    let Some(rows) = rows.as_array_mut() else {
        return;
    };
    for row in rows {
        let id = row["id"].as_str().unwrap_or_default().to_owned();
        let found = files.iter().enumerate();
        let found = found
            .into_iter()
            .find(|(_, file)| file.id.to_string() == id);
        row["file"] = json!(found.map(|(n, file)| name_of(n, file)));
    }
}

/// Where the object of an export is sealed.
fn place(actor: &Actor, export: Uuid) -> Place {
    Place {
        tenant: actor.city.0,
        table: "own_data_exports",
        row: export,
        column: "object",
    }
}
