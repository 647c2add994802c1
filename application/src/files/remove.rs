//! Remove 删除: a photo of 完善信息 is taken back; what an application holds stays with the application.

use domain::{enterprise::ProfileFile, ids::FileId};

use super::{Files, profile_changed};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
};

impl Files {
    /// Takes a photo back; the profile is incomplete until there is another one. Removing what is not there is fine.
    pub async fn remove(&self, actor: &Actor, file: ProfileFile) -> UseResult<()> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        let enterprise = Self::enterprise(actor)?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let facts = work
            .enterprises()
            .facts_for_update(enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let mut gone = Vec::new();
        let retired = work
            .enterprise_files()
            .retire_files(enterprise, file.code(), at)
            .await?;
        if !retired.is_empty() {
            let completed = facts.completed_at.is_some();
            profile_changed(&mut *work, enterprise, completed, file, at).await?;
        }
        for old in retired {
            if !work
                .enterprise_files()
                .in_application(&old.object_key)
                .await?
            {
                gone.push(old.object_key);
            }
        }
        work.commit().await?;
        self.discard(actor.city, gone).await;
        Ok(())
    }

    /// Takes back a material that was kept and then found no place; what an application holds stays.
    pub(crate) async fn take_back(&self, actor: &Actor, file: FileId) -> UseResult<()> {
        let permit = self.guard.permit(actor, Room::Files, Action::Save).await?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let retired = work.enterprise_files().retire_file(file, at).await?;
        work.commit().await?;
        self.discard_rows(actor, retired.as_slice()).await;
        Ok(())
    }
}
