//! 移交: the owner asks somebody of the enterprise, who accepts or declines within a week; both prove themselves afresh. The owner may
//! object here as well to what the city has begun.

use domain::{
    ids::{EnterpriseId, UserId},
    tenant::Role,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    ASKED_TO, CHANGED, OwnershipRoom, TO_ACCEPT, asked, enterprise_of, no_recovery, not_to_come,
    note_down, notices, waiting,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    account::own::freshly_proved,
    error::{UseError, UseResult},
    once::Once,
    ports::{
        ownership::{ChangeKind, OwnershipChange},
        store::UnitOfWork,
        supervision::HoldStatus,
    },
    sessions::SignedIn,
    two_people::Withdrawal,
};

const HAND_OVER: &str = "team.hand_over";
const ACCEPT: &str = "team.accept_handover";
const DECLINE: &str = "team.decline_handover";
const WITHDRAW: &str = "team.withdraw_handover";
const OBJECT: &str = "team.object";

impl OwnershipRoom {
    /// The owner asks; nothing changes before the other one has accepted.
    pub async fn hand_over(&self, signed: &SignedIn, to: UserId, once: &Once) -> UseResult<()> {
        let actor = &signed.actor;
        let enterprise = enterprise_of(actor)?;
        let (room, action) = (Room::People, Action::Save);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, to).await?;
        freshly_proved(signed)?;
        let outcome = self
            .ask_handover(actor, &permit, (enterprise, to), once)
            .await;
        watch.refused(actor, room, action, to, outcome).await
    }

    async fn ask_handover(
        &self,
        actor: &Actor,
        permit: &Permit,
        (enterprise, to): (EnterpriseId, UserId),
        once: &Once,
    ) -> UseResult<()> {
        let at = self.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, HAND_OVER, at).await?.is_some() {
            return Ok(());
        }
        let facts = work.enterprises().facts_for_update(enterprise).await?;
        let facts = facts.ok_or_else(UseError::not_found)?;
        let found = work.team().member(enterprise, to).await?;
        let member = found.ok_or_else(UseError::not_found)?;
        if member.roles.contains(&Role::EnterpriseOwner) {
            return Err(UseError::conflict("ownership.owner_already"));
        }
        if member.status != "active" {
            return Err(UseError::conflict("ownership.not_joined"));
        }
        no_recovery(&mut *work, enterprise).await?;
        self.lapse(actor, &mut *work, enterprise, at).await?;
        let change = OwnershipChange {
            id: self.new_id(),
            enterprise,
            enterprise_name: facts.name,
            kind: ChangeKind::Handover,
            from: actor.user,
            from_name: actor.name.clone(),
            to,
            to_name: member.name,
            reason: String::new(),
            evidence: String::new(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            until: at + TO_ACCEPT,
            status: HoldStatus::Open,
            settled_by: None,
            settled_name: String::new(),
            settled_at: None,
            withdrawal: String::new(),
        };
        note_down(&mut *work, &change).await?;
        self.text(&mut *work, (to, ASKED_TO), &change, at).await?;
        self.announce(&mut *work, notices::HANDOVER_ASKED, &change, at)
            .await?;
        self.log(actor, &mut *work, HAND_OVER, (&change, json!({})), at)
            .await?;
        once.done(&mut *work, HAND_OVER, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// What nobody answered in time makes room for another one, as if its asker had taken it back.
    async fn lapse(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        enterprise: EnterpriseId,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let over = |c: &OwnershipChange| {
            c.kind == ChangeKind::Handover && c.status == HoldStatus::Open && at > c.until
        };
        let mut changes = work.ownership().ownership_changes(enterprise).await?;
        changes.retain(over);
        for mut change in changes {
            change.status = HoldStatus::Withdrawn;
            change.settled_by = Some(change.asked_by);
            change.settled_name.clone_from(&change.asked_name);
            change.settled_at = Some(at);
            work.ownership().settle_ownership_change(&change).await?;
            let detail = json!({ "lapsed": true });
            self.log(actor, work, WITHDRAW, (&change, detail), at)
                .await?;
        }
        Ok(())
    }

    /// 接任: from now on it is this person, and the old owner signs in anew as 办理.
    pub async fn accept(&self, signed: &SignedIn, change: Uuid, once: &Once) -> UseResult<()> {
        let actor = &signed.actor;
        let (room, action) = (Room::Account, Action::Save);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, change).await?;
        freshly_proved(signed)?;
        let outcome = self.take_over(actor, &permit, change, once).await;
        let old = watch.refused(actor, room, action, change, outcome).await?;
        if let Some(old) = old {
            self.invitations.sessions.end_all(old, None).await?;
        }
        Ok(())
    }

    /// Answers whose sessions are over; nobody's when this was done before.
    async fn take_over(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: Uuid,
        once: &Once,
    ) -> UseResult<Option<UserId>> {
        let enterprise = enterprise_of(actor)?;
        let at = self.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, ACCEPT, at).await?.is_some() {
            return Ok(None);
        }
        let facts = work.enterprises().facts_for_update(enterprise).await?;
        facts.ok_or_else(UseError::not_found)?;
        let mut change = own_handover(&mut *work, actor, enterprise, id).await?;
        asked(&mut change).settle(actor, true, at)?;
        if at > change.until {
            return Err(UseError::conflict("ownership.over"));
        }
        no_recovery(&mut *work, enterprise).await?;
        work.ownership().settle_ownership_change(&change).await?;
        self.carry_out(actor, &mut *work, &change, at).await?;
        for user in [change.from, change.to] {
            self.text(&mut *work, (user, CHANGED), &change, at).await?;
        }
        self.announce(&mut *work, notices::HANDOVER_SETTLED, &change, at)
            .await?;
        self.log(actor, &mut *work, ACCEPT, (&change, json!({})), at)
            .await?;
        once.done(&mut *work, ACCEPT, json!({})).await?;
        work.commit().await?;
        Ok(Some(change.from))
    }

    /// 不接任: the owner stays the owner.
    pub async fn decline(&self, actor: &Actor, change: Uuid, once: &Once) -> UseResult<()> {
        let (room, action) = (Room::Account, Action::Save);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, change).await?;
        let outcome = self.turn_down(actor, &permit, change, once).await;
        watch.refused(actor, room, action, change, outcome).await
    }

    async fn turn_down(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: Uuid,
        once: &Once,
    ) -> UseResult<()> {
        let enterprise = enterprise_of(actor)?;
        let at = self.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, DECLINE, at).await?.is_some() {
            return Ok(());
        }
        let mut change = own_handover(&mut *work, actor, enterprise, id).await?;
        asked(&mut change).settle(actor, false, at)?;
        work.ownership().settle_ownership_change(&change).await?;
        self.announce(&mut *work, notices::HANDOVER_SETTLED, &change, at)
            .await?;
        self.log(actor, &mut *work, DECLINE, (&change, json!({})), at)
            .await?;
        once.done(&mut *work, DECLINE, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 撤回 by the owner who asked.
    pub async fn withdraw(&self, actor: &Actor, ask: Withdrawal) -> UseResult<()> {
        let (room, action) = (Room::People, Action::Save);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, ask.asked).await?;
        let outcome = self.take_back(actor, &permit, &ask).await;
        watch.refused(actor, room, action, ask.asked, outcome).await
    }

    async fn take_back(&self, actor: &Actor, permit: &Permit, ask: &Withdrawal) -> UseResult<()> {
        let enterprise = enterprise_of(actor)?;
        let at = self.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let mut change = waiting(&mut *work, enterprise, ChangeKind::Handover, ask.asked).await?;
        asked(&mut change).withdraw(actor, ask, at)?;
        work.ownership().settle_ownership_change(&change).await?;
        self.log(actor, &mut *work, WITHDRAW, (&change, json!({})), at)
            .await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 提出异议: the owner is there after all, and the city's change is off.
    pub async fn object(&self, actor: &Actor, change: Uuid, once: &Once) -> UseResult<()> {
        let (room, action) = (Room::People, Action::Save);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, change).await?;
        let outcome = self.stand_up(actor, &permit, change, once).await;
        watch.refused(actor, room, action, change, outcome).await
    }

    async fn stand_up(
        &self,
        actor: &Actor,
        permit: &Permit,
        id: Uuid,
        once: &Once,
    ) -> UseResult<()> {
        let enterprise = enterprise_of(actor)?;
        let at = self.now();
        let mut work = self.invitations.store.begin(permit).await?;
        if once.replayed(&mut *work, OBJECT, at).await?.is_some() {
            return Ok(());
        }
        let mut change = waiting(&mut *work, enterprise, ChangeKind::Recovery, id).await?;
        if change.from != actor.user {
            return Err(UseError::not_found());
        }
        asked(&mut change).settle(actor, false, at)?;
        work.ownership().settle_ownership_change(&change).await?;
        not_to_come(&mut *work, &change, at).await?;
        self.announce(&mut *work, notices::RECOVERY_SETTLED, &change, at)
            .await?;
        self.log(actor, &mut *work, OBJECT, (&change, json!({})), at)
            .await?;
        once.done(&mut *work, OBJECT, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// A handover that waits for this person's answer.
async fn own_handover(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    enterprise: EnterpriseId,
    id: Uuid,
) -> UseResult<OwnershipChange> {
    let change = waiting(work, enterprise, ChangeKind::Handover, id).await?;
    if change.to == actor.user {
        Ok(change)
    } else {
        Err(UseError::not_found())
    }
}
