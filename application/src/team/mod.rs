//! Team 企业人员 (W26): the owner invites people by phone, with the right to submit or only to look; every act of theirs names them.

mod change;
mod invite;

use std::sync::Arc;

use domain::{
    ids::{EnterpriseId, UserId},
    tenant::Role,
};
use time::Duration;

pub use invite::{InviteMember, Invited};

use crate::{
    access::{Action, Actor, Room},
    account::allowance::Allowance,
    city::Cities,
    error::{UseError, UseResult},
    invitations::Invitations,
    ports::{limits::Limit, store::UnitOfWork, team::Member},
};

/// What an owner can give: to submit, or only to look.
pub const GIVEN: [Role; 2] = [Role::EnterpriseOperator, Role::EnterpriseViewer];
/// People of one enterprise besides its owner.
pub const MOST: usize = 20;
/// Invitations of one enterprise.
const LINKS: Limit = Limit::new(20, Duration::hours(24));
/// Invitations to one phone, by whichever enterprises.
const TO_ONE: Limit = Limit::new(3, Duration::hours(24));

/// The room.
#[derive(Clone)]
pub struct TeamRoom {
    pub invitations: Invitations,
    pub allowance: Allowance,
    pub cities: Arc<dyn Cities>,
}

/// A person as the list shows them.
#[derive(Clone, Debug)]
pub struct Listed {
    pub member: Member,
    pub phone_masked: String,
    /// The one who looks.
    pub oneself: bool,
}

impl Listed {
    /// Only an owner's account is out of an owner's hands.
    pub fn is_owner(&self) -> bool {
        self.member.roles.contains(&Role::EnterpriseOwner)
    }
}

impl TeamRoom {
    pub async fn list(&self, actor: &Actor) -> UseResult<Vec<Listed>> {
        let enterprise = enterprise(actor)?;
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::View, enterprise)
            .await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let mut work = self.invitations.store.begin(&permit).await?;
        let members = work.team().members(enterprise).await?;
        members
            .into_iter()
            .map(|member| self.listed(actor, member))
            .collect()
    }

    pub async fn person(&self, actor: &Actor, id: UserId) -> UseResult<Listed> {
        let listed = self.list(actor).await?;
        match listed.into_iter().find(|one| one.member.id == id) {
            Some(one) => Ok(one),
            None => Err(self
                .invitations
                .watch
                .missing(actor, Room::People, Action::View, id)
                .await),
        }
    }

    fn listed(&self, actor: &Actor, member: Member) -> UseResult<Listed> {
        let phone = self
            .invitations
            .phone(actor.city, member.id, &member.phone_sealed)?;
        Ok(Listed {
            phone_masked: phone.masked(),
            oneself: member.id == actor.user,
            member,
        })
    }

    /// Somebody whom an owner may change: of the same enterprise, no owner.
    async fn other(
        &self,
        enterprise: EnterpriseId,
        work: &mut dyn UnitOfWork,
        id: UserId,
    ) -> UseResult<Member> {
        let found = work.team().member(enterprise, id).await?;
        let member = found.ok_or_else(UseError::not_found)?;
        if member.roles.contains(&Role::EnterpriseOwner) {
            return Err(UseError::conflict("team.owner"));
        }
        Ok(member)
    }
}

fn enterprise(actor: &Actor) -> UseResult<EnterpriseId> {
    actor.enterprise.ok_or_else(UseError::not_found)
}

/// The right that was ticked.
fn given(code: &str) -> Option<Role> {
    GIVEN.into_iter().find(|role| role.code() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_gives_no_ownership_and_no_role_of_a_bank() {
        assert_eq!(given("eu"), Some(Role::EnterpriseOperator));
        assert_eq!(given("ev"), Some(Role::EnterpriseViewer));
        for other in ["eo", "ha", "bm", "op", ""] {
            assert_eq!(given(other), None, "{other}");
        }
    }
}
