//! View 查看: what is known, what is missing, what may be chosen.

use super::{ProfilePage, Profiles, open_facts};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    files::KeptFile,
};

impl Profiles {
    pub async fn view(&self, actor: &Actor) -> UseResult<ProfilePage> {
        let permit = self
            .guard
            .permit(actor, Room::Profile, Action::View)
            .await?;
        let may_save = self.guard.may(actor, Room::Profile, Action::Save).await;
        let enterprise = Self::enterprise(actor)?;
        self.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let facts = work
            .enterprises()
            .facts(enterprise)
            .await?
            .ok_or_else(UseError::not_found)?;
        let files = work.enterprise_files().current_files(enterprise).await?;
        let recommenders = work.enterprises().recommenders().await?;
        let standing = work.enterprises().standing(actor.user).await?;
        let own = work
            .own_account()
            .own_account()
            .await?
            .ok_or_else(UseError::not_found)?;
        drop(work);
        Ok(ProfilePage {
            missing: facts.missing(&files),
            facts: open_facts(&*self.sealer, actor.city, &facts)?,
            files: files.iter().map(KeptFile::from).collect(),
            recommenders,
            phone: self.open_phone(actor, &own.phone_sealed)?,
            face_verified: standing.is_some_and(|s| s.face_verified),
            may_save,
        })
    }
}
