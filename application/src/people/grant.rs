//! 确认授权: the second person, who is neither the one who asked nor the one who gets the roles (S-39).

use serde_json::json;
use uuid::Uuid;

use super::{PeopleRoom, invite::codes, manages};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
};

const SETTLE: &str = "people.grant";

impl PeopleRoom {
    /// Confirms or declines what somebody else asked for.
    pub async fn settle(
        &self,
        actor: &Actor,
        grant: Uuid,
        confirmed: bool,
        once: &Once,
    ) -> UseResult<()> {
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Grant, grant)
            .await?;
        let outcome = self
            .settle_within(actor, &permit, grant, confirmed, once)
            .await;
        self.invitations
            .watch
            .refused(actor, Room::People, Action::Grant, grant, outcome)
            .await
    }

    async fn settle_within(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: Uuid,
        confirmed: bool,
        once: &Once,
    ) -> UseResult<()> {
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, SETTLE, at).await?.is_some() {
            return Ok(());
        }
        let grant = work
            .people()
            .grant(id)
            .await?
            .filter(|grant| manages(actor, &grant.node))
            .ok_or_else(UseError::not_found)?;
        if grant.asked_by == actor.user {
            return Err(UseError::conflict("people.second_person"));
        }
        if grant.user == actor.user {
            return Err(UseError::conflict("people.not_yourself"));
        }
        work.people()
            .settle_grant(id, confirmed, (actor.user, &actor.name), at)
            .await?;
        if confirmed {
            work.people().set_roles(grant.user, &grant.roles).await?;
        }
        let detail = json!({
            "roles": codes(&grant.roles), "confirmed": confirmed, "asked_by": grant.asked_by.to_string(),
        });
        self.invitations
            .log(actor, &mut *work, SETTLE, grant.user, detail, at)
            .await?;
        once.done(&mut *work, SETTLE, json!({})).await?;
        work.commit().await?;
        if confirmed {
            self.invitations.sessions.end_all(grant.user, None).await?;
        }
        Ok(())
    }
}
