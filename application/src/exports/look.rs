//! The lists of exports, one of them, and its file.

use domain::{export::ExportStatus, tenant::TenantKind};
use uuid::Uuid;

use super::{Exports, place};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    memory::{FILES, Loaded, bytes_of},
    ports::{
        branch_board::{BoardBranch, BoardProduct},
        exports::StoredExport,
        files::FileKey,
    },
};

/// Exports on the page.
const MOST: i64 = 50;
const DOWNLOAD: &str = "export.download";

/// 导出记录.
#[derive(Clone, Debug)]
pub struct ExportList {
    pub exports: Vec<StoredExport>,
    pub may_ask: bool,
    pub may_check: bool,
}

/// One export as this person sees it.
#[derive(Clone, Debug)]
pub struct ExportCase {
    pub export: StoredExport,
    /// This person may be the second one.
    pub may_check: bool,
    /// Theirs, and there.
    pub may_download: bool,
    /// Theirs, and waiting for the second person.
    pub may_withdraw: bool,
}

/// What the form can be narrowed to.
#[derive(Clone, Debug)]
pub struct ExportLists {
    pub branches: Vec<BoardBranch>,
    pub products: Vec<BoardProduct>,
}

/// The file, opened.
#[derive(Debug)]
pub struct ExportFile {
    pub number: String,
    pub bytes: Loaded,
}

impl Exports {
    /// Of the own node and those below.
    pub async fn list(&self, actor: &Actor) -> UseResult<ExportList> {
        let permit = self.permit(actor, Action::View, actor.tenant.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let exports = work.exports().exports(MOST).await?;
        drop(work);
        let guard = &self.watch.guard;
        Ok(ExportList {
            exports,
            may_ask: guard.may(actor, Room::Exports, Action::Export).await,
            may_check: guard.may(actor, Room::Exports, Action::Check).await,
        })
    }

    /// What the form offers, to those who may ask.
    pub async fn lists(&self, actor: &Actor) -> UseResult<ExportLists> {
        let permit = self.permit(actor, Action::Export, actor.tenant.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let branches = if actor.tenant_kind == TenantKind::Bank {
            work.branch_board().branches().await?
        } else {
            Vec::new()
        };
        let products = work.branch_board().products().await?;
        Ok(ExportLists { branches, products })
    }

    pub async fn look(&self, actor: &Actor, id: Uuid) -> UseResult<ExportCase> {
        let permit = self.permit(actor, Action::View, id).await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.exports().export(id).await?;
        drop(work);
        let Some(export) = found else {
            return Err(self
                .watch
                .missing(actor, Room::Exports, Action::View, id)
                .await);
        };
        let order = &export.order;
        let mine = order.asked_by() == actor.user;
        let may_check = order.status() == ExportStatus::ToCheck
            && !mine
            && self
                .watch
                .guard
                .may(actor, Room::Exports, Action::Check)
                .await;
        Ok(ExportCase {
            may_check,
            may_download: mine && order.status() == ExportStatus::Ready,
            may_withdraw: mine && order.status() == ExportStatus::ToCheck,
            export,
        })
    }

    /// The file, for the person who asked for it; the entry is written before anything is answered.
    pub async fn download(&self, actor: &Actor, id: Uuid) -> UseResult<ExportFile> {
        let permit = self.permit(actor, Action::Export, id).await?;
        let outcome = self.open(actor, &permit, id).await;
        self.watch
            .refused(actor, Room::Exports, Action::Export, id, outcome)
            .await
    }

    async fn open(
        &self,
        actor: &Actor,
        permit: &crate::access::Permit,
        id: Uuid,
    ) -> UseResult<ExportFile> {
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let export = work
            .exports()
            .export(id)
            .await?
            .filter(|export| export.order.asked_by() == actor.user)
            .ok_or_else(UseError::not_found)?;
        let there = export.order.status() == ExportStatus::Ready
            && export.expires_at.is_some_and(|until| at < until);
        let key = export
            .object_key
            .as_deref()
            .filter(|_| there)
            .and_then(FileKey::parse)
            .ok_or_else(|| UseError::conflict("exports.not_there"))?;
        work.exports().count_download(id).await?;
        self.note(&mut *work, actor, DOWNLOAD, &export, at).await?;
        work.commit().await?;
        let (whose, size) = (actor.user.to_string(), bytes_of(export.byte_size));
        let read = self.read(actor, id, &key);
        let bytes = FILES.load(&whose, size, read).await?;
        Ok(ExportFile {
            number: export.number,
            bytes,
        })
    }

    async fn read(&self, actor: &Actor, id: Uuid, key: &FileKey) -> UseResult<Vec<u8>> {
        let sealed = self
            .vault
            .get(actor.city.0, key)
            .await?
            .ok_or_else(|| UseError::conflict("exports.not_there"))?;
        Ok(self.sealer.open(&place(actor.city, id), &sealed)?)
    }
}
