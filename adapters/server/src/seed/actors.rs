//! Who does something in the demonstration, as the web knows them.

use std::sync::Arc;

use application::{
    access::{Actor, Origin},
    city::City,
    ports::people_now::PeopleNow as _,
};
use domain::{
    ids::{EnterpriseId, UserId},
    tenant::{Role, TenantKind},
};
use uuid::Uuid;

use super::people;
use crate::wire::Parts;

/// The two operators of the printed sign-ins.
const OPERATORS: [&str; 2] = ["city-op1", "city-op2"];

/// A member of staff by their account; nobody where there is no such account.
pub(super) async fn staff(
    parts: &Parts,
    city: &City,
    account: &str,
) -> anyhow::Result<Option<Actor>> {
    let mut tx = people::door(parts).await?;
    let user: Option<Uuid> =
        sqlx::query_scalar("select id from users where city_id = $1 and account = $2")
            .bind(city.id.0)
            .bind(account)
            .fetch_optional(&mut *tx)
            .await?;
    drop(tx);
    match user {
        Some(user) => Ok(parts.door.staff(UserId(user)).await?),
        None => Ok(None),
    }
}

/// Two operators, for what one asks and the other settles; `None` where they are not both there.
pub(super) async fn operators(parts: &Parts, city: &City) -> anyhow::Result<Option<[Actor; 2]>> {
    let [first, second] = OPERATORS;
    let first = staff(parts, city, first).await?;
    let second = staff(parts, city, second).await?;
    Ok(first.zip(second).map(<[Actor; 2]>::from))
}

/// The owner of an enterprise.
pub(super) fn owner(city: &City, (user, enterprise): (UserId, EnterpriseId), name: &str) -> Actor {
    Actor {
        user,
        name: name.to_owned(),
        tenant: city.id,
        tenant_kind: TenantKind::City,
        tenant_name: city.name.clone(),
        city: city.id,
        reach: Arc::from([city.id]),
        enterprise: Some(enterprise),
        roles: vec![Role::EnterpriseOwner],
        session: Uuid::nil(),
        from: Origin {
            channel: "web",
            ..Origin::default()
        },
    }
}
