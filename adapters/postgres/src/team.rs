//! Team 企业人员 on PostgreSQL: behind the subject wall for the owner, behind the sign-in door for those who follow a link.

use application::ports::{
    store::StoreError,
    team::{Joining, Member, NewInvitation, NewMember, OpenInvitation, Team, TeamDoor},
};
use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, TenantId, UserId},
    tenant::Role,
};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{accounts::audit, door::PgDoor, errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct MemberRow {
    id: Uuid,
    name: String,
    phone_sealed: Vec<u8>,
    roles: Vec<String>,
    status: String,
    created_at: OffsetDateTime,
}

fn roles(codes: &[String]) -> Result<Vec<Role>, StoreError> {
    codes
        .iter()
        .map(|code| {
            Role::from_code(code).ok_or_else(|| {
                StoreError::Broken("a person holds a word that the domain does not know".into())
            })
        })
        .collect()
}

impl MemberRow {
    fn member(self) -> Result<Member, StoreError> {
        Ok(Member {
            id: UserId(self.id),
            name: self.name,
            phone_sealed: self.phone_sealed,
            roles: roles(&self.roles)?,
            status: self.status,
            created_at: self.created_at,
        })
    }
}

macro_rules! member {
    ($rest:literal) => {
        concat!(
            "select id, name, phone_sealed, roles, status, created_at from users
             where tenant_id = $1 and enterprise_id = $2 and status in ('invited', 'active') ",
            $rest
        )
    };
}

#[async_trait]
impl Team for PgUnitOfWork {
    async fn members(&mut self, enterprise: EnterpriseId) -> Result<Vec<Member>, StoreError> {
        let rows: Vec<MemberRow> = sqlx::query_as(member!(
            "order by not ('eo' = any(roles)), created_at, id limit 100"
        ))
        .bind(self.city.0)
        .bind(enterprise.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(MemberRow::member).collect()
    }

    async fn member(
        &mut self,
        enterprise: EnterpriseId,
        id: UserId,
    ) -> Result<Option<Member>, StoreError> {
        let row: Option<MemberRow> = sqlx::query_as(member!("and id = $3 for update"))
            .bind(self.city.0)
            .bind(enterprise.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(MemberRow::member).transpose()
    }

    async fn has_phone(
        &mut self,
        enterprise: EnterpriseId,
        phone_index: &[u8; 32],
    ) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from users where tenant_id = $1 and enterprise_id = $2 and phone_index = $3
               and status in ('invited', 'active'))",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .bind(phone_index.as_slice())
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn invite_member(
        &mut self,
        enterprise: EnterpriseId,
        new: &NewMember,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into users (id, tenant_id, city_id, enterprise_id, account, name, phone_sealed, phone_index, roles, status,
               created_at)
             values ($1, $2, $2, $3, $1::uuid::text, $4, $5, $6, array[$7], 'invited', $8)",
        )
        .bind(new.id.0)
        .bind(self.city.0)
        .bind(enterprise.0)
        .bind(&new.name)
        .bind(&new.phone_sealed)
        .bind(new.phone_index.as_slice())
        .bind(new.role.code())
        .bind(new.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn set_member_role(
        &mut self,
        enterprise: EnterpriseId,
        id: UserId,
        role: Role,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update users set roles = array[$4] where tenant_id = $1 and enterprise_id = $2 and id = $3
               and not ('eo' = any(roles))",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .bind(id.0)
        .bind(role.code())
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn remove_member(
        &mut self,
        enterprise: EnterpriseId,
        id: UserId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        for sql in [
            "update users set status = 'dismissed' where tenant_id = $1 and enterprise_id = $2 and id = $3
               and not ('eo' = any(roles)) and $4::timestamptz is not null",
            "update enterprise_invitations set cancelled_at = $4 where tenant_id = $1 and enterprise_id = $2 and user_id = $3
               and used_at is null and cancelled_at is null",
        ] {
            sqlx::query(sql)
                .bind(self.city.0)
                .bind(enterprise.0)
                .bind(id.0)
                .bind(at)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn issue_invitation(
        &mut self,
        enterprise: EnterpriseId,
        new: &NewInvitation,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update enterprise_invitations set cancelled_at = $4 where tenant_id = $1 and enterprise_id = $2 and user_id = $3
               and used_at is null and cancelled_at is null",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .bind(new.user.0)
        .bind(new.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "insert into enterprise_invitations (tenant_id, id, enterprise_id, user_id, token_hash, issued_by, issued_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.city.0)
        .bind(new.id)
        .bind(enterprise.0)
        .bind(new.user.0)
        .bind(new.token_hash.as_slice())
        .bind(new.by.0)
        .bind(new.at)
        .bind(new.expires_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}

#[derive(FromRow)]
struct OpenRow {
    user_id: Uuid,
    name: String,
    roles: Vec<String>,
    enterprise_id: Uuid,
    enterprise_name: String,
    phone_sealed: Vec<u8>,
}

#[async_trait]
impl TeamDoor for PgDoor {
    async fn open_invitation(
        &self,
        city: TenantId,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<OpenInvitation>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<OpenRow> = sqlx::query_as(
            "select u.id as user_id, u.name, u.roles, e.id as enterprise_id, e.name as enterprise_name, u.phone_sealed
             from enterprise_invitations i
             join users u on u.id = i.user_id and u.status = 'invited'
             join enterprises e on e.tenant_id = i.tenant_id and e.id = i.enterprise_id and e.status = 'active'
             where i.tenant_id = $1 and i.token_hash = $2 and i.used_at is null and i.cancelled_at is null and i.expires_at > $3",
        )
        .bind(city.0)
        .bind(token_hash.as_slice())
        .bind(now)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        row.map(|row| {
            Ok(OpenInvitation {
                user: UserId(row.user_id),
                name: row.name,
                roles: roles(&row.roles)?,
                enterprise: EnterpriseId(row.enterprise_id),
                enterprise_name: row.enterprise_name,
                phone_sealed: row.phone_sealed,
            })
        })
        .transpose()
    }

    async fn join(&self, joining: &Joining) -> Result<bool, StoreError> {
        let (city, at) = (joining.entry.city.0, joining.entry.at);
        let mut tx = self.begin().await?;
        let used: Option<(Uuid, Uuid)> = sqlx::query_as(
            "update enterprise_invitations set used_at = $3 where tenant_id = $1 and token_hash = $2 and used_at is null
               and cancelled_at is null and expires_at > $3 returning user_id, enterprise_id",
        )
        .bind(city)
        .bind(joining.token_hash.as_slice())
        .bind(at)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        let Some((user, enterprise)) = used else {
            return Ok(false);
        };
        let woken =
            sqlx::query("update users set status = 'active' where id = $1 and status = 'invited'")
                .bind(user)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        if woken.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "insert into credentials (user_id, tenant_id, password_hash, changed_at) values ($1, $2, $3, $4)",
        )
        .bind(user)
        .bind(city)
        .bind(&joining.password_hash)
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        for consent in &joining.consents {
            sqlx::query(
                "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version,
                   agreement_title, body_hash, purpose, recipient, channel, ip, granted_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            )
            .bind(consent.id)
            .bind(city)
            .bind(enterprise)
            .bind(user)
            .bind(&consent.agreement_code)
            .bind(&consent.agreement_version)
            .bind(&consent.agreement_title)
            .bind(consent.body_hash.as_slice())
            .bind(consent.purpose)
            .bind(&consent.recipient)
            .bind(joining.channel)
            .bind(&joining.entry.ip)
            .bind(at)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        }
        audit(&mut tx, &joining.entry).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(true)
    }
}
