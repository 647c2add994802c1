//! 调整角色 and 停用: at once for what is taken away, by two people for what weighs; sessions end (S-10, S-13).

use domain::ids::UserId;
use serde_json::json;

use super::{PeopleRoom, at_once, invite::codes, roles_of};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{people::RoleGrant, store::StoreError},
};

const ROLES: &str = "people.roles";
const DISMISS: &str = "people.dismiss";

/// 调整角色 as the form says it.
#[derive(Clone, Debug)]
pub struct ChangeRoles {
    pub person: UserId,
    /// The roles that the page showed: a form that is older than somebody else's change does nothing.
    pub seen: Vec<String>,
    pub roles: Vec<String>,
    pub once: Once,
}

impl PeopleRoom {
    /// Changes roles; true when some of them wait for a second person.
    pub async fn change_roles(&self, actor: &Actor, ask: ChangeRoles) -> UseResult<bool> {
        let id = ask.person;
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Grant, id)
            .await?;
        let outcome = self.roles_within(actor, &permit, &ask).await;
        self.invitations
            .watch
            .refused(actor, Room::People, Action::Grant, id, outcome)
            .await
    }

    async fn roles_within(
        &self,
        actor: &Actor,
        permit: &crate::access::Permit,
        ask: &ChangeRoles,
    ) -> UseResult<bool> {
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, ROLES, at).await? {
            return Ok(answer["waits"].as_bool().unwrap_or(false));
        }
        let person = self.other(actor, &mut *work, ask.person).await?;
        if person.status == "dismissed" {
            return Err(UseError::conflict("people.gone"));
        }
        if codes(&person.roles) != ask.seen {
            return Err(UseError::conflict("stale"));
        }
        let mut checks = Checks::default();
        let wanted = roles_of(&mut checks, &ask.roles, person.node.kind);
        checks.finish()?;
        let given = at_once(&wanted, &person.roles);
        let waits = given.len() < wanted.len();
        let open = work.people().open_grants().await?;
        if open.iter().any(|grant| grant.user == person.id) {
            return Err(UseError::conflict("people.grant_open"));
        }
        if waits {
            let grant = RoleGrant {
                id: self.invitations.watch.clock.new_id(),
                user: person.id,
                user_name: person.name.clone(),
                node: person.node.clone(),
                roles: wanted.clone(),
                asked_by: actor.user,
                asked_name: actor.name.clone(),
                asked_at: at,
            };
            match work.people().ask_grant(&grant).await {
                Err(StoreError::Conflict(key)) if key == "role_grants_one_open" => {
                    return Err(UseError::conflict("people.grant_open"));
                }
                other => other?,
            }
        }
        let changed = given != person.roles;
        if changed {
            work.people().set_roles(person.id, &given).await?;
        }
        let detail = json!({ "before": codes(&person.roles), "now": codes(&given), "asked": codes(&wanted) });
        self.invitations
            .log(actor, &mut *work, ROLES, person.id, detail, at)
            .await?;
        ask.once
            .done(&mut *work, ROLES, json!({ "waits": waits }))
            .await?;
        work.commit().await?;
        if changed {
            self.invitations.sessions.end_all(person.id, None).await?;
        }
        Ok(waits)
    }

    /// 停用: the person's next click is refused.
    pub async fn dismiss(&self, actor: &Actor, id: UserId, once: &Once) -> UseResult<()> {
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Save, id)
            .await?;
        let outcome = self.dismiss_within(actor, &permit, id, once).await;
        self.invitations
            .watch
            .refused(actor, Room::People, Action::Save, id, outcome)
            .await
    }

    async fn dismiss_within(
        &self,
        actor: &Actor,
        permit: &crate::access::Permit,
        id: UserId,
        once: &Once,
    ) -> UseResult<()> {
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, DISMISS, at).await?.is_some() {
            return Ok(());
        }
        let person = self.other(actor, &mut *work, id).await?;
        if person.status == "dismissed" {
            return Err(UseError::conflict("people.gone"));
        }
        work.people().dismiss(id, at).await?;
        let detail = json!({ "roles": codes(&person.roles) });
        self.invitations
            .log(actor, &mut *work, DISMISS, id, detail, at)
            .await?;
        once.done(&mut *work, DISMISS, json!({})).await?;
        work.commit().await?;
        self.invitations.sessions.end_all(id, None).await?;
        Ok(())
    }
}
