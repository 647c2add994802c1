//! 删除草稿: nothing outside ever knew of it.

use domain::ids::FinancingApplicationId;

use super::Financing;
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
};

impl Financing {
    pub async fn discard(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Save)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        if !work.financing_applications().discard_draft(id).await? {
            return Err(UseError::not_found());
        }
        work.commit().await?;
        Ok(())
    }
}
