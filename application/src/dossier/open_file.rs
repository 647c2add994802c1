//! 查看材料: a picture with who looked and when drawn over it; logged before it leaves (S-25).

use domain::ids::{FileId, FinancingApplicationId};
use serde_json::json;

use super::DossierRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    memory::{Loaded, PICTURE},
    ports::{audit::AuditEntry, dossiers::DossierFile, pictures::MAX_UPLOAD_BYTES},
};

/// 查看 of one material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFile {
    pub application: FinancingApplicationId,
    pub file: FileId,
}

/// A material as it may leave: pictures marked, everything else only as a download.
#[derive(Debug)]
pub struct OpenedFile {
    pub label: String,
    pub media_type: String,
    pub bytes: Loaded,
}

impl DossierRoom {
    pub async fn open_file(&self, actor: &Actor, ask: OpenFile) -> UseResult<OpenedFile> {
        let permit = self
            .watch
            .permit(actor, Room::Dossier, Action::OpenFile, ask.file)
            .await?;
        let outcome = self.fetch(actor, &permit, ask).await;
        self.watch
            .refused(actor, Room::Dossier, Action::OpenFile, ask.file, outcome)
            .await
    }

    async fn fetch(&self, actor: &Actor, permit: &Permit, ask: OpenFile) -> UseResult<OpenedFile> {
        self.vault
            .sealer
            .ready(actor.city.0)
            .await
            .map_err(UseError::unavailable)?;
        let file = self.log_look(actor, permit, ask).await?;
        let place = DossierFile::place(actor.city, ask.file);
        let picture = file.media_type == "image/jpeg";
        let size = if picture { PICTURE } else { MAX_UPLOAD_BYTES };
        let mut bytes = self
            .vault
            .load(actor, &file.object_key, size, &place)
            .await?;
        if picture {
            let at = self.watch.clock.now();
            bytes = self.vault.marked(actor, at, bytes).await?;
        }
        Ok(OpenedFile {
            label: file.label,
            media_type: file.media_type,
            bytes,
        })
    }

    /// Reads the row and writes who looks at it, in one transaction.
    async fn log_look(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: OpenFile,
    ) -> UseResult<DossierFile> {
        let mut work = self.store.begin(permit).await?;
        let application = self.opened(actor, &mut *work, ask.application).await?;
        let file = work
            .dossiers()
            .file(ask.application, ask.file)
            .await?
            .ok_or_else(UseError::not_found)?;
        if let Some(why) = file.withheld() {
            return Err(UseError::conflict(why));
        }
        let entry = self.entry(
            actor,
            &application,
            format!("材料：{}", file.label),
            "查看申请材料".to_owned(),
        );
        let audit = AuditEntry::by(
            actor,
            self.watch.clock.new_id(),
            "dossier.open_file",
            ask.file,
            entry.at,
        )
        .detail(json!({ "application": ask.application.0, "kind": file.kind }));
        work.view_log().write(entry).await?;
        work.audit().write(audit).await?;
        work.commit().await?;
        Ok(file)
    }
}
