//! People 人员与角色 (H2, T4): administrators invite, change and dismiss the staff of their node and of those below it.

mod change;
mod first;
mod grant;
mod invite;

use domain::{
    ids::UserId,
    tenant::{Role, TenantKind},
};
use time::Duration;

pub use change::ChangeRoles;
pub use first::FirstOperator;
pub use invite::{InviteStaff, Issued};
pub(crate) use invite::{Newcomer, account_of};

use crate::{
    access::{Action, Actor, Room},
    error::{Checks, FieldError, UseResult},
    invitations::Invitations,
    ports::{
        limits::Limit,
        people::{Node, PeopleFilter, RoleGrant, StaffPerson},
    },
};

/// Rows of the list; more are found by name or node.
pub const SHOWN: i64 = 100;
/// Links and invitations of one administrator.
const LINKS: Limit = Limit::new(60, Duration::hours(1));

/// The room.
#[derive(Clone)]
pub struct PeopleRoom {
    pub invitations: Invitations,
}

/// A person as the list shows them.
#[derive(Clone, Debug)]
pub struct Listed {
    pub person: StaffPerson,
    pub phone_masked: String,
}

/// The list with what waits for a second person.
#[derive(Clone, Debug)]
pub struct PeopleList {
    pub nodes: Vec<Node>,
    pub people: Vec<Listed>,
    pub grants: Vec<RoleGrant>,
}

/// What may be done with a person, and what waits about them.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub listed: Listed,
    pub roles: &'static [Role],
    /// Nobody changes or dismisses themselves.
    pub oneself: bool,
    pub waiting: Option<RoleGrant>,
}

impl PeopleRoom {
    pub async fn list(&self, actor: &Actor, mut filter: PeopleFilter) -> UseResult<PeopleList> {
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::View, actor.tenant)
            .await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        filter.most = SHOWN;
        let mut work = self.invitations.store.begin(&permit).await?;
        let mut nodes = work.people().nodes().await?;
        nodes.retain(|node| manages(actor, node));
        let people = work.people().people(&filter).await?;
        let mut grants = work.people().open_grants().await?;
        grants.retain(|grant| manages(actor, &grant.node));
        let people = people
            .into_iter()
            .filter(|person| manages(actor, &person.node))
            .map(|person| self.listed(actor, person))
            .collect::<UseResult<_>>()?;
        Ok(PeopleList {
            nodes,
            people,
            grants,
        })
    }

    /// The nodes to invite somebody to, the own one first.
    pub async fn nodes(&self, actor: &Actor) -> UseResult<Vec<Node>> {
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::Save, actor.tenant)
            .await?;
        let mut work = self.invitations.store.begin(&permit).await?;
        let mut nodes = work.people().nodes().await?;
        nodes.retain(|node| manages(actor, node));
        Ok(nodes)
    }

    pub async fn person(&self, actor: &Actor, id: UserId) -> UseResult<PersonView> {
        let permit = self
            .invitations
            .watch
            .permit(actor, Room::People, Action::View, id)
            .await?;
        self.invitations.sealer.ready(actor.city.0).await?;
        let mut work = self.invitations.store.begin(&permit).await?;
        let found = work.people().person(id).await?;
        let Some(person) = found.filter(|p| manages(actor, &p.node)) else {
            return Err(self
                .invitations
                .watch
                .missing(actor, Room::People, Action::View, id)
                .await);
        };
        let grants = work.people().open_grants().await?;
        Ok(PersonView {
            roles: Role::of_kind(person.node.kind),
            oneself: person.id == actor.user,
            waiting: grants.into_iter().find(|grant| grant.user == id),
            listed: self.listed(actor, person)?,
        })
    }

    pub(crate) fn listed(&self, actor: &Actor, person: StaffPerson) -> UseResult<Listed> {
        let phone = self
            .invitations
            .phone(actor.city, person.id, &person.phone_sealed)?;
        Ok(Listed {
            phone_masked: phone.masked(),
            person,
        })
    }

    /// Not more links an hour than an administrator needs.
    pub(crate) async fn within_limits(&self, actor: &Actor) -> UseResult<()> {
        let bucket = format!("people:{}:{}", actor.city, actor.user);
        self.invitations.within_limits(bucket, LINKS).await
    }
}

/// Whose people an administrator manages: the own node's and those below; a city opens institutions but leaves their branches
/// to them (H2).
fn manages(actor: &Actor, node: &Node) -> bool {
    actor.reach.contains(&node.id)
        && (actor.tenant_kind != TenantKind::City || node.kind != TenantKind::Branch)
}

/// The roles that were ticked: at least one, and only such as the node has (T4). What is wrong is noted.
fn roles_of(checks: &mut Checks, typed: &[String], kind: TenantKind) -> Vec<Role> {
    let allowed = Role::of_kind(kind);
    if typed.is_empty() {
        checks.push(FieldError::new("roles", "people.roles_missing"));
    }
    let known: Vec<Role> = allowed
        .iter()
        .copied()
        .filter(|role| typed.iter().any(|code| code == role.code()))
        .collect();
    if typed
        .iter()
        .any(|code| !known.iter().any(|role| role.code() == code))
    {
        checks.push(FieldError::new("roles", "people.role_above"));
    }
    known
}

/// What one person may give at once: everything but roles that weigh and are not held yet.
fn at_once(wanted: &[Role], held: &[Role]) -> Vec<Role> {
    wanted
        .iter()
        .copied()
        .filter(|role| !role.needs_two_people() || held.contains(role))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_gives_only_its_own_roles() {
        let mut checks = Checks::default();
        let typed = ["bm".to_owned(), "ha".to_owned()];
        roles_of(&mut checks, &typed, TenantKind::Branch);
        assert!(!checks.is_empty());
        let mut checks = Checks::default();
        let found = roles_of(&mut checks, &typed[..1], TenantKind::Branch);
        assert!(checks.is_empty());
        assert_eq!(found, [Role::CustomerManager]);
    }

    #[test]
    fn what_weighs_waits_unless_it_is_held_already() {
        let wanted = [Role::Operator, Role::Supervisor];
        assert_eq!(at_once(&wanted, &[]), [Role::Supervisor]);
        assert_eq!(at_once(&wanted, &[Role::Operator]), wanted);
    }
}
