//! Open 查看: one's own files only; a stranger's is as missing as one that never was (S-12).

use domain::ids::FileId;

use super::{Files, OpenedFile};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::scanner::Scan,
};

impl Files {
    pub async fn open(&self, actor: &Actor, id: FileId) -> UseResult<OpenedFile> {
        let permit = self.guard.permit(actor, Room::Files, Action::View).await?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let row = work
            .enterprise_files()
            .own_file(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        drop(work);
        if row.scan == Scan::Infected {
            return Err(UseError::conflict("upload.infected_removed"));
        }
        let bytes = self.read(actor, &row).await?;
        Ok(OpenedFile { row, bytes })
    }
}
