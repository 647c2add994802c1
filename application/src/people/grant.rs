//! 确认授权: the second person, who is neither the one who asked nor the one who gets the roles (S-39). Until then whoever asked may
//! take it back.

use serde_json::json;
use uuid::Uuid;

use super::{PeopleRoom, invite::codes, manages};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::{people::RoleGrant, store::UnitOfWork},
    two_people::Withdrawal,
};

const SETTLE: &str = "people.grant";
const WITHDRAW: &str = "people.withdraw_grant";

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
        let grant = open(&mut *work, actor, id).await?;
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

    /// Whoever asked takes it back: the person keeps the roles that they have.
    pub async fn withdraw(&self, actor: &Actor, ask: Withdrawal) -> UseResult<()> {
        let watch = &self.invitations.watch;
        let (room, action) = (Room::People, Action::Grant);
        let permit = watch.permit(actor, room, action, ask.asked).await?;
        let outcome = self.take_back(actor, &permit, &ask).await;
        watch.refused(actor, room, action, ask.asked, outcome).await
    }

    async fn take_back(&self, actor: &Actor, permit: &Permit, ask: &Withdrawal) -> UseResult<()> {
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let grant = open(&mut *work, actor, ask.asked).await?;
        if grant.asked_by != actor.user {
            return Err(UseError::conflict("two_people.not_the_asker"));
        }
        let reason = ask.reason()?;
        work.people().withdraw_grant(grant.id, &reason, at).await?;
        let detail = json!({ "roles": codes(&grant.roles), "reason": reason });
        self.invitations
            .log(actor, &mut *work, WITHDRAW, grant.user, detail, at)
            .await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// One that waits, about somebody whom this administrator manages.
async fn open(work: &mut dyn UnitOfWork, actor: &Actor, id: Uuid) -> UseResult<RoleGrant> {
    if let Some(grant) = work.people().grant(id).await? {
        if manages(actor, &grant.node) {
            return Ok(grant);
        }
        return Err(UseError::not_found());
    }
    match work.people().grant_withdrawn_by(id).await? {
        Some(by) => Err(UseError::conflict("two_people.withdrawn").with("by", by)),
        None => Err(UseError::not_found()),
    }
}
