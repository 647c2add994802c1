//! 调整权限 and 移除: both end the person's sessions, so that the next click already counts (S-10).

use domain::ids::{EnterpriseId, UserId};
use serde_json::json;

use super::{TeamRoom, enterprise, given};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::{
        ownership::{ChangeKind, OwnershipChange},
        store::UnitOfWork,
        supervision::HoldStatus,
    },
};

const CHANGE: &str = "team.change";
const REMOVE: &str = "team.remove";

impl TeamRoom {
    pub async fn change(
        &self,
        actor: &Actor,
        id: UserId,
        right: &str,
        once: &Once,
    ) -> UseResult<()> {
        let permit = self.permit(actor, id).await?;
        let outcome = self.change_within(actor, &permit, id, right, once).await;
        self.invitations
            .watch
            .refused(actor, Room::People, Action::Save, id, outcome)
            .await
    }

    async fn change_within(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: UserId,
        right: &str,
        once: &Once,
    ) -> UseResult<()> {
        let enterprise = enterprise(actor)?;
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, CHANGE, at).await?.is_some() {
            return Ok(());
        }
        let member = self.other(enterprise, &mut *work, id).await?;
        let role = given(right).ok_or_else(|| UseError::field("right", "team.right_missing"))?;
        let before: Vec<&str> = member.roles.iter().map(|role| role.code()).collect();
        work.team().set_member_role(enterprise, id, role).await?;
        let detail = json!({ "before": before, "now": role.code() });
        self.invitations
            .log(actor, &mut *work, CHANGE, id, detail, at)
            .await?;
        once.done(&mut *work, CHANGE, json!({})).await?;
        work.commit().await?;
        self.invitations.sessions.end_all(id, None).await?;
        Ok(())
    }

    /// 移除: what the person did stays on record under their name.
    pub async fn remove(&self, actor: &Actor, id: UserId, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, id).await?;
        let outcome = self.remove_within(actor, &permit, id, once).await;
        self.invitations
            .watch
            .refused(actor, Room::People, Action::Save, id, outcome)
            .await
    }

    async fn remove_within(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: UserId,
        once: &Once,
    ) -> UseResult<()> {
        let enterprise = enterprise(actor)?;
        let at = self.invitations.watch.clock.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, REMOVE, at).await?.is_some() {
            return Ok(());
        }
        self.other(enterprise, &mut *work, id).await?;
        not_to_become_owner(&mut *work, enterprise, id).await?;
        work.team().remove_member(enterprise, id, at).await?;
        self.invitations
            .log(actor, &mut *work, REMOVE, id, json!({}), at)
            .await?;
        once.done(&mut *work, REMOVE, json!({})).await?;
        work.commit().await?;
        self.invitations.sessions.end_all(id, None).await?;
        Ok(())
    }

    async fn permit(&self, actor: &Actor, id: UserId) -> UseResult<Permit> {
        enterprise(actor)?;
        self.invitations
            .watch
            .permit(actor, Room::People, Action::Save, id)
            .await
    }
}

/// Whom the city is about to make the owner stays until that is settled; the owner may object to it.
async fn not_to_become_owner(
    work: &mut dyn UnitOfWork,
    enterprise: EnterpriseId,
    id: UserId,
) -> UseResult<()> {
    let changes = work.ownership().ownership_changes(enterprise).await?;
    let awaited = |c: &OwnershipChange| {
        c.kind == ChangeKind::Recovery && c.status == HoldStatus::Open && c.to == id
    };
    if changes.iter().any(awaited) {
        return Err(UseError::conflict("ownership.recovery_open"));
    }
    Ok(())
}
