//! 服务商自检: whether everything that is plugged in for the city could be called now.

use super::Deliveries;
use crate::{
    access::{Action, Actor, Room},
    error::UseResult,
    ports::providers::Section,
};

impl Deliveries {
    /// `live` asks the providers themselves, which is for operators.
    pub async fn providers(&self, actor: &Actor, live: bool) -> UseResult<Vec<Section>> {
        let action = if live { Action::Save } else { Action::View };
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, action, actor.tenant)
            .await?;
        Ok(self.checks.examine(permit.city(), live).await)
    }
}
