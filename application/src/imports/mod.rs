//! Imports 导入: a file of the institution, worked off row by row by the use cases that the pages use; what is wrong is told.

mod cells;
mod layout;
mod look;
mod work;

use std::sync::Arc;

use domain::{ids::TenantId, tenant::TenantKind};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::Duration;
use uuid::Uuid;

pub use layout::{columns, label_of};
pub use look::{ImportCase, SeenRow};
pub use work::ImportWorker;

use crate::{
    access::{Action, Actor, Permit, Room},
    audit::Watch,
    error::{FieldError, Kind, UseError, UseResult},
    files::UPLOADS_PER_HOUR,
    once::Once,
    ports::{
        audit::AuditEntry,
        files::FileVault,
        imports::{ImportKind, ImportStatus, StoredImport},
        limits::{Limit, LimitAsk, Limits},
        sealing::{Place, Sealer},
        store::{Store, StoreError, UnitOfWork},
        workbooks::{MAX_SHEET_BYTES, ReadAsk, ReadError, Workbooks},
    },
    visits,
};

/// Rows of one file at most.
pub const MOST_ROWS: usize = 10_000;
const SEND: &str = "import.send";
const ENDED: &str = "import.done";

/// The room of imports.
#[derive(Clone)]
pub struct Imports {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub limits: Arc<dyn Limits>,
    pub sealer: Arc<dyn Sealer>,
    pub vault: Arc<dyn FileVault>,
    pub workbooks: Arc<dyn Workbooks>,
}

/// A file as the form sends it.
#[derive(Clone, Debug)]
pub struct SendFile {
    pub kind: String,
    /// The 走访清单 that it belongs to; read of such a file alone.
    pub list: Option<Uuid>,
    pub bytes: Vec<u8>,
    /// The key of the form; what was said is told by the file itself.
    pub key: String,
}

/// Where the upload of an import is sealed.
fn place(city: TenantId, id: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "imports",
        row: id,
        column: "object_key",
    }
}

/// Where the cells of a bad row are sealed.
fn cells_place(city: TenantId, row: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "import_rows",
        row,
        column: "cells_sealed",
    }
}

fn ask_of(kind: ImportKind) -> ReadAsk {
    ReadAsk {
        head: layout::needed(kind),
        most_rows: MOST_ROWS,
    }
}

/// Told at the field of the file.
fn refused(error: &ReadError) -> UseError {
    match error {
        ReadError::Stopped => UseError::new(Kind::Unavailable, "unavailable"),
        ReadError::ColumnMissing(column) => UseError::invalid(vec![
            FieldError::new("file", error.code()).with("column", column),
        ]),
        _ => UseError::field("file", error.code()),
    }
}

/// Whose files of a kind are, and the room whose rights they need.
fn room_of(kind: ImportKind) -> (TenantKind, Room) {
    match kind {
        ImportKind::Draws | ImportKind::Repayments | ImportKind::Referrals => {
            (TenantKind::Bank, Room::Imports)
        }
        ImportKind::Visits => (TenantKind::City, Room::Visits),
    }
}

impl Imports {
    async fn permit(
        &self,
        actor: &Actor,
        kind: ImportKind,
        action: Action,
        object: Uuid,
    ) -> UseResult<Permit> {
        let (whose, room) = room_of(kind);
        if actor.tenant_kind != whose {
            return Err(self.watch.missing(actor, room, action, object).await);
        }
        self.watch.permit(actor, room, action, object).await
    }

    /// Takes a file in; it is worked off in the background. Answers the id of the import.
    pub async fn send(&self, actor: &Actor, ask: SendFile) -> UseResult<Uuid> {
        let kind = ImportKind::from_code(&ask.kind);
        let asked = kind.unwrap_or(ImportKind::Draws);
        let permit = self
            .permit(actor, asked, Action::Import, actor.tenant.0)
            .await?;
        let kind = kind.ok_or_else(|| UseError::field("kind", "imports.kind_missing"))?;
        let list = ask.list.filter(|_| kind == ImportKind::Visits);
        if ask.bytes.is_empty() {
            return Err(UseError::field("file", "imports.file_missing"));
        }
        if ask.bytes.len() > MAX_SHEET_BYTES {
            return Err(refused(&ReadError::TooLarge));
        }
        let hash = content_hash(list, &ask.bytes);
        let once = Once {
            key: ask.key,
            body_hash: Sha256::new()
                .chain_update(kind.code())
                .chain_update(hash)
                .finalize()
                .into(),
        };
        if let Some(before) = self.before(&permit, kind, &hash, &once).await? {
            return Ok(before);
        }
        self.count(actor).await?;
        let sheet = self.workbooks.read(ask.bytes.clone(), ask_of(kind)).await;
        let sheet = sheet.map_err(|error| refused(&error))?;
        let rows = i32::try_from(sheet.rows.len()).map_err(UseError::bug)?;
        drop(sheet);
        self.sealer.ready(actor.city.0).await?;
        let id = self.watch.clock.new_id();
        let sealed = self.sealer.seal(&place(actor.city, id), &ask.bytes)?;
        let key = self.vault.put(actor.city.0, sealed).await?;
        let import = StoredImport {
            id,
            tenant: actor.tenant,
            kind,
            content_hash: hash.to_vec(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: self.watch.clock.now(),
            status: ImportStatus::Queued,
            rows_total: rows,
            rows_done: 0,
            rows_kept: 0,
            tries: 0,
            cause: String::new(),
            object_key: Some(key.as_str().to_owned()),
            ended_at: None,
        };
        match self.keep(actor, &permit, (&import, list), &once).await {
            Ok(work) => {
                // An unclear commit may have been one: its object stays, and only the collector of orphans takes it away.
                work.commit().await?;
                Ok(id)
            }
            Err(refused) => {
                if let Err(error) = self.vault.delete(actor.city.0, &key).await {
                    tracing::warn!(%error, "an object could not be removed");
                }
                Err(refused)
            }
        }
    }

    /// Exactly this was sent from the same form, or by anybody before.
    async fn before(
        &self,
        permit: &Permit,
        kind: ImportKind,
        hash: &[u8],
        once: &Once,
    ) -> UseResult<Option<Uuid>> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = once.replayed(&mut *work, SEND, at).await? {
            let id = answer["import"].as_str().unwrap_or_default();
            return Uuid::try_parse(id).map(Some).map_err(UseError::bug);
        }
        match work.imports().import_of_file(kind, hash).await? {
            Some(before) => Err(sent_before(&before)),
            None => Ok(None),
        }
    }

    async fn count(&self, actor: &Actor) -> UseResult<()> {
        let ask = LimitAsk::new(
            format!("upload:{}:{}", actor.city, actor.user),
            [Limit::new(UPLOADS_PER_HOUR, Duration::hours(1))],
        );
        match self.limits.take(&[ask], self.watch.clock.now()).await? {
            Some(over) => Err(UseError::too_many("upload.too_often", over.retry_after)
                .with("minutes", over.retry_after.div_ceil(60).max(1))),
            None => Ok(()),
        }
    }

    async fn keep(
        &self,
        actor: &Actor,
        permit: &Permit,
        (import, list): (&StoredImport, Option<Uuid>),
        once: &Once,
    ) -> UseResult<Box<dyn UnitOfWork>> {
        let at = import.asked_at;
        let mut work = self.store.begin(permit).await?;
        if once.replayed(&mut *work, SEND, at).await?.is_some() {
            return Err(UseError::conflict("conflict"));
        }
        match work.imports().insert_import(import).await {
            Err(StoreError::Conflict(_)) => return Err(sent_before(import)),
            done => done?,
        }
        if import.kind == ImportKind::Visits {
            let list = list.ok_or_else(UseError::not_found)?;
            visits::open_list(&mut *work, list).await?;
            work.visit_lists().add_visit_file(import.id, list).await?;
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), SEND, import.id, at)
            .detail(json!({ "kind": import.kind.code(), "rows": import.rows_total }));
        work.audit().write(entry).await?;
        once.done(&mut *work, SEND, json!({ "import": import.id }))
            .await?;
        Ok(work)
    }
}

/// A file counts once; of a 走访清单 once for each list.
fn content_hash(list: Option<Uuid>, bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    if let Some(list) = list {
        hash.update(list.as_bytes());
    }
    hash.update(bytes);
    hash.finalize().into()
}

fn sent_before(before: &StoredImport) -> UseError {
    UseError::invalid(vec![
        FieldError::new("file", "imports.sent_before").with("name", &before.asked_name),
    ])
}
