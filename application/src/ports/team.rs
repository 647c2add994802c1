//! Team 企业人员: the people of one enterprise, their invitations, and the door of those who follow one.

use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, TenantId, UserId},
    tenant::Role,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    accounts::{DoorEntry, NewConsent},
    store::StoreError,
};

/// Somebody of an enterprise.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: UserId,
    pub name: String,
    pub phone_sealed: Vec<u8>,
    pub roles: Vec<Role>,
    /// `invited` or `active`.
    pub status: String,
    pub created_at: OffsetDateTime,
}

/// Somebody to invite.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub id: UserId,
    pub name: String,
    pub phone_sealed: Vec<u8>,
    pub phone_index: [u8; 32],
    pub role: Role,
    pub at: OffsetDateTime,
}

/// A link to issue; older ones of the same person are over.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub id: Uuid,
    pub user: UserId,
    pub token_hash: [u8; 32],
    pub by: UserId,
    pub at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

#[async_trait]
pub trait Team: Send {
    /// Those who were not removed, owners first.
    async fn members(&mut self, enterprise: EnterpriseId) -> Result<Vec<Member>, StoreError>;
    /// Locked until the commit.
    async fn member(
        &mut self,
        enterprise: EnterpriseId,
        id: UserId,
    ) -> Result<Option<Member>, StoreError>;
    /// Whether this phone belongs to somebody of the enterprise already.
    async fn has_phone(
        &mut self,
        enterprise: EnterpriseId,
        phone_index: &[u8; 32],
    ) -> Result<bool, StoreError>;
    async fn invite_member(
        &mut self,
        enterprise: EnterpriseId,
        new: &NewMember,
    ) -> Result<(), StoreError>;
    async fn set_member_role(
        &mut self,
        enterprise: EnterpriseId,
        id: UserId,
        role: Role,
    ) -> Result<(), StoreError>;
    /// Ends the person's invitations as well.
    async fn remove_member(
        &mut self,
        enterprise: EnterpriseId,
        id: UserId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError>;
    async fn issue_invitation(
        &mut self,
        enterprise: EnterpriseId,
        new: &NewInvitation,
    ) -> Result<(), StoreError>;
}

/// An invitation that is still good, as its door sees it.
#[derive(Clone, Debug)]
pub struct OpenInvitation {
    pub user: UserId,
    pub name: String,
    pub roles: Vec<Role>,
    pub enterprise: EnterpriseId,
    pub enterprise_name: String,
    pub phone_sealed: Vec<u8>,
}

/// What following an invitation leaves behind.
#[derive(Clone, Debug)]
pub struct Joining {
    pub token_hash: [u8; 32],
    pub password_hash: String,
    pub consents: Vec<NewConsent>,
    pub channel: &'static str,
    pub entry: DoorEntry,
}

/// The door of invitations.
#[async_trait]
pub trait TeamDoor: Send + Sync {
    async fn open_invitation(
        &self,
        city: TenantId,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<OpenInvitation>, StoreError>;
    /// The person is active from now on; `false` when the link was used a moment ago. `Conflict("users_one_phone_per_city")`
    /// when the phone has an account already.
    async fn join(&self, joining: &Joining) -> Result<bool, StoreError>;
}
