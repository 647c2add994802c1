//! People 人员: staff of a node and of those below it, their links, and roles that wait for a second person.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    tenant::{Role, TenantKind},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{accounts::DoorEntry, store::StoreError};

/// A node that people can belong to.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: TenantId,
    pub kind: TenantKind,
    pub name: String,
}

/// A member of staff.
#[derive(Clone, Debug)]
pub struct StaffPerson {
    pub id: UserId,
    pub node: Node,
    pub account: String,
    pub name: String,
    pub phone_sealed: Vec<u8>,
    pub roles: Vec<Role>,
    /// `invited`, `active` or `dismissed`.
    pub status: String,
    pub created_at: OffsetDateTime,
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct PeopleFilter {
    pub node: Option<TenantId>,
    /// Part of a name or a sign-in name.
    pub words: String,
    pub most: i64,
}

/// A person to invite.
#[derive(Clone, Debug)]
pub struct NewStaff {
    pub id: UserId,
    pub node: TenantId,
    pub account: String,
    pub name: String,
    pub phone_sealed: Vec<u8>,
    pub phone_index: [u8; 32],
    pub roles: Vec<Role>,
    pub at: OffsetDateTime,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The first password.
    Invite,
    /// A new second factor.
    Rebind,
}

impl LinkKind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Rebind => "rebind",
        }
    }
}

/// A link to issue; older ones of the same person are over.
#[derive(Clone, Debug)]
pub struct NewLink {
    pub id: Uuid,
    pub user: UserId,
    pub kind: LinkKind,
    pub token_hash: [u8; 32],
    /// `None`: the vendor, for a city's first operators.
    pub by: Option<UserId>,
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Roles that one person asked for another one.
#[derive(Clone, Debug)]
pub struct RoleGrant {
    pub id: Uuid,
    pub user: UserId,
    pub user_name: String,
    pub node: Node,
    pub roles: Vec<Role>,
    pub asked_by: UserId,
    pub asked_name: String,
    pub asked_at: OffsetDateTime,
}

#[async_trait]
pub trait People: Send {
    /// Active nodes within reach, the own one first.
    async fn nodes(&mut self) -> Result<Vec<Node>, StoreError>;
    async fn people(&mut self, filter: &PeopleFilter) -> Result<Vec<StaffPerson>, StoreError>;
    /// Locked until the commit.
    async fn person(&mut self, id: UserId) -> Result<Option<StaffPerson>, StoreError>;
    /// `Conflict("users_one_account_per_city")` when the sign-in name is taken.
    async fn invite(&mut self, new: &NewStaff) -> Result<(), StoreError>;
    async fn set_roles(&mut self, id: UserId, roles: &[Role]) -> Result<(), StoreError>;
    /// Ends links and questions about the person as well.
    async fn dismiss(&mut self, id: UserId, at: OffsetDateTime) -> Result<(), StoreError>;
    async fn issue_link(&mut self, new: &NewLink) -> Result<(), StoreError>;
    async fn open_grants(&mut self) -> Result<Vec<RoleGrant>, StoreError>;
    /// `Conflict("role_grants_one_open")` when one is open already.
    async fn ask_grant(&mut self, grant: &RoleGrant) -> Result<(), StoreError>;
    /// An open one, locked until the commit.
    async fn grant(&mut self, id: Uuid) -> Result<Option<RoleGrant>, StoreError>;
    /// `Conflict` by a check when the database sees one person on both sides.
    async fn settle_grant(
        &mut self,
        id: Uuid,
        confirmed: bool,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    /// 撤回 of an open one by whoever asked for it.
    async fn withdraw_grant(
        &mut self,
        id: Uuid,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    /// Who took it back, if it was taken back.
    async fn grant_withdrawn_by(&mut self, id: Uuid) -> Result<Option<String>, StoreError>;
}

/// A link that is still good, as its door sees it.
#[derive(Clone, Debug)]
pub struct OpenLink {
    pub kind: LinkKind,
    pub user: UserId,
    pub account: String,
    pub name: String,
    pub node_name: String,
    pub phone_sealed: Vec<u8>,
}

/// The door of one-time links.
#[async_trait]
pub trait StaffLinks: Send + Sync {
    async fn open_link(
        &self,
        city: TenantId,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<OpenLink>, StoreError>;
    /// The first password: the person is active from now on; false when the link was used a moment ago.
    async fn use_invite(
        &self,
        token_hash: &[u8; 32],
        password_hash: &str,
        entry: &DoorEntry,
    ) -> Result<bool, StoreError>;
    /// The second factor that was there is gone, its recovery codes too; false when the link was used a moment ago.
    async fn use_rebind(
        &self,
        token_hash: &[u8; 32],
        entry: &DoorEntry,
    ) -> Result<bool, StoreError>;
}
