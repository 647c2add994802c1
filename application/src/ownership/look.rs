//! What is asked of whom: the enterprise sees its own, the city the owner, the people and every change, all of it masked.

use domain::{
    ids::{EnterpriseId, UserId},
    tenant::Role,
    values::PersonName,
};
use time::OffsetDateTime;

use super::{OwnershipRoom, enterprise_of, recovery::is_owner};
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    ports::{
        enterprise_desk::AccountState,
        ownership::{ChangeKind, OwnershipChange},
        supervision::HoldStatus,
        team::Member,
    },
};

/// Somebody of the enterprise as the city sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub id: UserId,
    pub name_masked: String,
    pub phone_masked: String,
    pub roles: Vec<Role>,
    /// Has come, and can sign in.
    pub active: bool,
    pub owner: bool,
}

/// What this person may do; each use case checks again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnershipPowers {
    pub ask: bool,
    /// Settle what somebody else asked for; to confirm it, the time for objecting has to be over.
    pub settle: bool,
    pub confirm: bool,
    pub withdraw: bool,
    /// Send a new owner another link.
    pub again: bool,
}

/// One enterprise, its owner and its people.
#[derive(Clone, Debug)]
pub struct OwnershipCase {
    pub enterprise: EnterpriseId,
    pub name: String,
    pub credit_code: String,
    pub account: AccountState,
    pub people: Vec<Holder>,
    pub changes: Vec<OwnershipChange>,
    pub powers: OwnershipPowers,
}

impl OwnershipCase {
    /// What waits for a second person of the city.
    pub fn open(&self) -> Option<&OwnershipChange> {
        let open =
            |c: &&OwnershipChange| c.kind == ChangeKind::Recovery && c.status == HoldStatus::Open;
        self.changes.iter().find(open)
    }

    pub fn owner(&self) -> Option<&Holder> {
        self.people.iter().find(|person| person.owner)
    }
}

impl OwnershipRoom {
    /// What waits in one's own enterprise, and when it is looked at.
    pub async fn own(&self, actor: &Actor) -> UseResult<(Vec<OwnershipChange>, OffsetDateTime)> {
        let enterprise = enterprise_of(actor)?;
        let watch = &self.invitations.watch;
        let permit = watch
            .permit(actor, Room::Account, Action::View, enterprise)
            .await?;
        let mut work = self.invitations.store.begin(&permit).await?;
        let mut changes = work.ownership().ownership_changes(enterprise).await?;
        changes.retain(|change| change.status == HoldStatus::Open);
        Ok((changes, self.now()))
    }

    /// Whom the owner would hand over to.
    pub async fn candidate(&self, actor: &Actor, id: UserId) -> UseResult<Holder> {
        let enterprise = enterprise_of(actor)?;
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, Room::People, Action::Save, id).await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let mut work = self.invitations.store.begin(&permit).await?;
        let members = work.team().members(enterprise).await?;
        drop(work);
        let found = members.into_iter().find(|member| member.id == id);
        let Some(member) = found else {
            return Err(watch.missing(actor, Room::People, Action::Save, id).await);
        };
        let name = member.name.clone();
        let mut holder = self.holder(actor, member)?;
        // The owner knows the people of the enterprise by name.
        holder.name_masked = name;
        if holder.owner {
            return Err(UseError::conflict("ownership.owner_already"));
        }
        Ok(holder)
    }

    /// One enterprise; of another city there is none.
    pub async fn view(&self, actor: &Actor, id: EnterpriseId) -> UseResult<OwnershipCase> {
        let (room, action) = (Room::Enterprises, Action::View);
        let watch = &self.invitations.watch;
        let permit = watch.permit(actor, room, action, id).await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let mut work = self.invitations.store.begin(&permit).await?;
        let Some(sheet) = work.enterprise_desk().enterprise_sheet(id).await? else {
            drop(work);
            return Err(watch.missing(actor, room, action, id).await);
        };
        let members = work.team().members(id).await?;
        let changes = work.ownership().ownership_changes(id).await?;
        drop(work);
        let mut case = OwnershipCase {
            enterprise: id,
            name: sheet.row.name,
            credit_code: sheet.row.credit_code,
            account: sheet.row.account,
            people: members
                .into_iter()
                .map(|member| self.holder(actor, member))
                .collect::<UseResult<_>>()?,
            changes: changes.into_iter().map(for_the_city).collect(),
            powers: OwnershipPowers::default(),
        };
        case.powers = self.powers(actor, &case).await;
        Ok(case)
    }

    fn holder(&self, actor: &Actor, member: Member) -> UseResult<Holder> {
        let phone = self
            .invitations
            .phone(actor.city, member.id, &member.phone_sealed)?;
        Ok(Holder {
            id: member.id,
            name_masked: masked(&member.name),
            phone_masked: phone.masked(),
            active: member.status == "active",
            owner: is_owner(&member),
            roles: member.roles,
        })
    }

    async fn powers(&self, actor: &Actor, case: &OwnershipCase) -> OwnershipPowers {
        let guard = &self.invitations.watch.guard;
        let may = |action| guard.may(actor, Room::Enterprises, action);
        let alive = case.account != AccountState::Closed;
        let open = case.open();
        let asks = may(Action::Ask).await;
        let settle = open.is_some_and(|c| c.asked_by != actor.user) && may(Action::Confirm).await;
        OwnershipPowers {
            // One who never came is put right as well: the phone may have been another one's.
            ask: alive && asks && open.is_none() && case.owner().is_some(),
            settle,
            confirm: settle && open.is_some_and(|c| self.now() >= c.until),
            withdraw: asks && open.is_some_and(|c| c.asked_by == actor.user),
            again: alive && asks && case.owner().is_some_and(|o| !o.active),
        }
    }
}

/// The city reads its own people's names, and those of the enterprise's masked; whom it is asked to confirm it has to know.
fn for_the_city(mut change: OwnershipChange) -> OwnershipChange {
    change.from_name = masked(&change.from_name);
    if change.kind == ChangeKind::Handover {
        change.to_name = masked(&change.to_name);
        change.asked_name = masked(&change.asked_name);
    }
    let of_the_enterprise = [Some(change.from), Some(change.to)].contains(&change.settled_by);
    if of_the_enterprise {
        change.settled_name = masked(&change.settled_name);
    }
    change
}

/// `张**`.
fn masked(name: &str) -> String {
    PersonName::parse(name).map_or_else(|_| "***".to_owned(), |name| name.masked())
}
