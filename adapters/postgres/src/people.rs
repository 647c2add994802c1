//! People 人员与角色 on PostgreSQL: within reach, the walls see to it.

use application::ports::{
    people::{NewLink, NewStaff, Node, People, PeopleFilter, RoleGrant, StaffPerson},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    tenant::{Role, TenantKind},
};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct PersonRow {
    id: Uuid,
    node: Uuid,
    node_kind: String,
    node_name: String,
    account: String,
    name: String,
    phone_sealed: Vec<u8>,
    roles: Vec<String>,
    status: String,
    created_at: OffsetDateTime,
}

#[derive(FromRow)]
struct GrantRow {
    id: Uuid,
    user_id: Uuid,
    user_name: String,
    node: Uuid,
    node_kind: String,
    node_name: String,
    roles: Vec<String>,
    asked_by: Uuid,
    asked_name: String,
    asked_at: OffsetDateTime,
}

fn broken() -> StoreError {
    StoreError::Broken("a person holds a word that the domain does not know".into())
}

fn node(id: Uuid, kind: &str, name: String) -> Result<Node, StoreError> {
    Ok(Node {
        id: TenantId(id),
        kind: TenantKind::from_code(kind).ok_or_else(broken)?,
        name,
    })
}

fn roles(codes: &[String]) -> Result<Vec<Role>, StoreError> {
    codes
        .iter()
        .map(|code| Role::from_code(code).ok_or_else(broken))
        .collect()
}

fn codes(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.code()).collect()
}

impl PersonRow {
    fn person(self) -> Result<StaffPerson, StoreError> {
        Ok(StaffPerson {
            id: UserId(self.id),
            node: node(self.node, &self.node_kind, self.node_name)?,
            account: self.account,
            name: self.name,
            phone_sealed: self.phone_sealed,
            roles: roles(&self.roles)?,
            status: self.status,
            created_at: self.created_at,
        })
    }
}

impl GrantRow {
    fn grant(self) -> Result<RoleGrant, StoreError> {
        Ok(RoleGrant {
            id: self.id,
            user: UserId(self.user_id),
            user_name: self.user_name,
            node: node(self.node, &self.node_kind, self.node_name)?,
            roles: roles(&self.roles)?,
            asked_by: UserId(self.asked_by),
            asked_name: self.asked_name,
            asked_at: self.asked_at,
        })
    }
}

macro_rules! person {
    ($rest:literal) => {
        concat!(
            "select u.id, t.id as node, t.kind as node_kind, t.name as node_name, u.account, u.name, u.phone_sealed, u.roles,
               u.status, u.created_at
             from users u join tenants t on t.id = u.tenant_id
             where u.enterprise_id is null and u.tenant_id = any ((select current_reach())::uuid[]) ",
            $rest
        )
    };
}

macro_rules! grant {
    ($rest:literal) => {
        concat!(
            "select g.id, g.user_id, u.name as user_name, t.id as node, t.kind as node_kind, t.name as node_name, g.roles,
               g.asked_by, g.asked_name, g.asked_at
             from role_grants g join users u on u.id = g.user_id join tenants t on t.id = g.tenant_id
             where g.status = 'open' ",
            $rest
        )
    };
}

#[async_trait]
impl People for PgUnitOfWork {
    async fn nodes(&mut self) -> Result<Vec<Node>, StoreError> {
        let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
            "select id, kind, name from tenants where id = any ((select current_reach())::uuid[]) and status = 'active'
             order by id <> $1, kind, name, id",
        )
        .bind(self.tenant.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|(id, kind, name)| node(id, &kind, name))
            .collect()
    }

    async fn people(&mut self, filter: &PeopleFilter) -> Result<Vec<StaffPerson>, StoreError> {
        let rows: Vec<PersonRow> = sqlx::query_as(person!(
            "and u.status in ('invited', 'active', 'dismissed') and ($1::uuid is null or u.tenant_id = $1)
             and ($2 = '' or position($2 in u.name) > 0 or position(lower($2) in u.account) > 0)
             order by u.status = 'dismissed', t.kind, t.name, u.name, u.id limit $3"
        ))
        .bind(filter.node.map(|n| n.0))
        .bind(&filter.words)
        .bind(filter.most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(PersonRow::person).collect()
    }

    async fn person(&mut self, id: UserId) -> Result<Option<StaffPerson>, StoreError> {
        let row: Option<PersonRow> = sqlx::query_as(person!(
            "and u.id = $1 and u.status in ('invited', 'active', 'dismissed') for update of u"
        ))
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(PersonRow::person).transpose()
    }

    async fn invite(&mut self, new: &NewStaff) -> Result<(), StoreError> {
        sqlx::query(
            "insert into users (id, tenant_id, city_id, account, name, phone_sealed, phone_index, roles, status, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'invited', $9)",
        )
        .bind(new.id.0)
        .bind(new.node.0)
        .bind(self.city.0)
        .bind(&new.account)
        .bind(&new.name)
        .bind(&new.phone_sealed)
        .bind(new.phone_index.as_slice())
        .bind(codes(&new.roles))
        .bind(new.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn set_roles(&mut self, id: UserId, roles: &[Role]) -> Result<(), StoreError> {
        sqlx::query("update users set roles = $2 where id = $1 and enterprise_id is null")
            .bind(id.0)
            .bind(codes(roles))
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn dismiss(&mut self, id: UserId, at: OffsetDateTime) -> Result<(), StoreError> {
        for sql in [
            "update users set status = 'dismissed' where id = $1 and enterprise_id is null and $2::timestamptz is not null",
            "update staff_links set cancelled_at = $2 where user_id = $1 and used_at is null and cancelled_at is null",
            "update role_grants set status = 'declined', settled_at = $2 where user_id = $1 and status = 'open'",
        ] {
            sqlx::query(sql)
                .bind(id.0)
                .bind(at)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn issue_link(&mut self, new: &NewLink) -> Result<(), StoreError> {
        sqlx::query(
            "update staff_links set cancelled_at = $2 where user_id = $1 and used_at is null and cancelled_at is null",
        )
        .bind(new.user.0)
        .bind(new.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "insert into staff_links (tenant_id, id, user_id, kind, token_hash, issued_by, issued_at, expires_at)
             select u.tenant_id, $2, u.id, $3, $4, $5, $6, $7 from users u where u.id = $1",
        )
        .bind(new.user.0)
        .bind(new.id)
        .bind(new.kind.code())
        .bind(new.token_hash.as_slice())
        .bind(new.by.map(|by| by.0))
        .bind(new.at)
        .bind(new.expires_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn open_grants(&mut self) -> Result<Vec<RoleGrant>, StoreError> {
        let rows: Vec<GrantRow> = sqlx::query_as(grant!("order by g.asked_at, g.id limit 100"))
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(GrantRow::grant).collect()
    }

    async fn ask_grant(&mut self, grant: &RoleGrant) -> Result<(), StoreError> {
        sqlx::query(
            "insert into role_grants (tenant_id, id, user_id, roles, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(grant.node.id.0)
        .bind(grant.id)
        .bind(grant.user.0)
        .bind(codes(&grant.roles))
        .bind(grant.asked_by.0)
        .bind(&grant.asked_name)
        .bind(grant.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn grant(&mut self, id: Uuid) -> Result<Option<RoleGrant>, StoreError> {
        let row: Option<GrantRow> = sqlx::query_as(grant!("and g.id = $1 for update of g"))
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(GrantRow::grant).transpose()
    }

    async fn settle_grant(
        &mut self,
        id: Uuid,
        confirmed: bool,
        by: (UserId, &str),
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update role_grants set status = $2, settled_by = $3, settled_name = $4, settled_at = $5
             where id = $1 and status = 'open'",
        )
        .bind(id)
        .bind(if confirmed { "confirmed" } else { "declined" })
        .bind(by.0.0)
        .bind(by.1)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    async fn withdraw_grant(
        &mut self,
        id: Uuid,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update role_grants set status = 'withdrawn', settled_by = asked_by, settled_name = asked_name, settled_at = $2,
               withdrawal = $3
             where id = $1 and status = 'open'",
        )
        .bind(id)
        .bind(at)
        .bind(reason)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    async fn grant_withdrawn_by(&mut self, id: Uuid) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar(
            "select settled_name from role_grants where id = $1 and status = 'withdrawn'",
        )
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}
