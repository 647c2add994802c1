//! People as they are now 当前人员: for work that goes on after the request of the person who asked for it.

use async_trait::async_trait;
use domain::ids::UserId;

use super::store::StoreError;
use crate::access::Actor;

#[async_trait]
pub trait PeopleNow: Send + Sync {
    /// A member of staff with the roles and reach of this moment; `None` once they or their node have left.
    async fn staff(&self, user: UserId) -> Result<Option<Actor>, StoreError>;

    /// The same for a person of an enterprise.
    async fn of_enterprise(&self, user: UserId) -> Result<Option<Actor>, StoreError>;
}
