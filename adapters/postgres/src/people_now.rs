//! People as they are now 当前人员 on PostgreSQL, read at the door as a session's person is.

use application::{
    access::{Actor, Origin},
    ports::{people_now::PeopleNow, store::StoreError},
};
use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, TenantId, UserId},
    tenant::{Role, TenantKind},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{PgDoor, errors::store_error};

#[derive(FromRow)]
struct Row {
    name: String,
    tenant_id: Uuid,
    tenant_kind: String,
    tenant_name: String,
    city_id: Uuid,
    roles: Vec<String>,
    reach: Vec<Uuid>,
    enterprise_id: Option<Uuid>,
}

#[async_trait]
impl PeopleNow for PgDoor {
    async fn staff(&self, user: UserId) -> Result<Option<Actor>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<Row> = sqlx::query_as(
            "select u.name, u.tenant_id, t.kind as tenant_kind, t.name as tenant_name, u.city_id, u.roles,
                    (with recursive below as (
                       select t.id as id union all select c.id from tenants c join below b on c.parent_id = b.id)
                     select array_agg(id) from below) as reach, u.enterprise_id
             from users u join tenants t on t.id = u.tenant_id
             where u.id = $1 and u.enterprise_id is null and u.status = 'active' and t.status = 'active'",
        )
        .bind(user.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        row.map(|row| row.actor(user)).transpose()
    }

    async fn of_enterprise(&self, user: UserId) -> Result<Option<Actor>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<Row> = sqlx::query_as(
            "select u.name, u.tenant_id, t.kind as tenant_kind, t.name as tenant_name, u.city_id, u.roles, array[t.id] as reach,
                    u.enterprise_id
             from users u join tenants t on t.id = u.tenant_id
             where u.id = $1 and u.enterprise_id is not null and u.status = 'active' and t.status = 'active'",
        )
        .bind(user.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        row.map(|row| row.actor(user)).transpose()
    }
}

impl Row {
    fn actor(self, user: UserId) -> Result<Actor, StoreError> {
        let row = self;
        let broken =
            || StoreError::Broken("a person holds a word that the domain does not know".into());
        Ok(Actor {
            user,
            name: row.name,
            tenant: TenantId(row.tenant_id),
            tenant_kind: TenantKind::from_code(&row.tenant_kind).ok_or_else(broken)?,
            tenant_name: row.tenant_name,
            city: TenantId(row.city_id),
            reach: match row.enterprise_id {
                // An enterprise's person stands in the city and reaches no node below it.
                Some(_) => [TenantId(row.tenant_id)].into(),
                None => row.reach.into_iter().map(TenantId).collect(),
            },
            enterprise: row.enterprise_id.map(EnterpriseId),
            roles: row
                .roles
                .iter()
                .map(|role| Role::from_code(role).ok_or_else(broken))
                .collect::<Result<_, _>>()?,
            session: Uuid::nil(),
            from: Origin {
                channel: "worker",
                ..Origin::default()
            },
        })
    }
}
