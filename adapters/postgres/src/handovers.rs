//! Hand-overs 手机接力 on PostgreSQL: the maker's side in a unit of work, the phone's side at the door.

use application::ports::{
    handovers::{Handover, HandoverDoor, Handovers, OpenHandover},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, HandoverId, TenantId, UserId},
    tenant::Role,
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;

use crate::{door::PgDoor, errors::store_error, store::PgUnitOfWork};

fn handover(row: &PgRow) -> Result<Handover, sqlx::Error> {
    Ok(Handover {
        id: HandoverId(row.try_get("id")?),
        enterprise: EnterpriseId(row.try_get("enterprise_id")?),
        user: UserId(row.try_get("user_id")?),
        next: row.try_get("detail")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        opened_at: row.try_get("opened_at")?,
        done_at: row.try_get("done_at")?,
        outcome: row.try_get("outcome")?,
    })
}

struct Stored(Handover);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        handover(row).map(Self)
    }
}

struct Open(OpenHandover);

impl FromRow<'_, PgRow> for Open {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let roles: Vec<String> = row.try_get("roles")?;
        Ok(Self(OpenHandover {
            handover: handover(row)?,
            city: TenantId(row.try_get("tenant_id")?),
            city_name: row.try_get("city_name")?,
            person_name: row.try_get("person_name")?,
            enterprise_name: row.try_get("enterprise_name")?,
            roles: roles.iter().filter_map(|r| Role::from_code(r)).collect(),
            opened_by: row.try_get("opened_by")?,
        }))
    }
}

#[async_trait]
impl Handovers for PgUnitOfWork {
    async fn add_handover(
        &mut self,
        handover: &Handover,
        token_hash: &[u8; 32],
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update handovers set expires_at = $3
             where tenant_id = $1 and user_id = $2 and done_at is null and expires_at > $3",
        )
        .bind(self.city.0)
        .bind(handover.user.0)
        .bind(handover.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "insert into handovers (id, token_hash, tenant_id, enterprise_id, user_id, purpose, detail, created_at,
               expires_at) values ($1, $2, $3, $4, $5, 'face', $6, $7, $8)",
        )
        .bind(handover.id.0)
        .bind(token_hash.as_slice())
        .bind(self.city.0)
        .bind(handover.enterprise.0)
        .bind(handover.user.0)
        .bind(&handover.next)
        .bind(handover.created_at)
        .bind(handover.expires_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn handover(&mut self, id: HandoverId) -> Result<Option<Handover>, StoreError> {
        sqlx::query_as(
            "select * from handovers where tenant_id = $1 and id = $2 and user_id = $3 and purpose = 'face'",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(self.person)
        .fetch_optional(&mut *self.tx)
        .await
        .map(|found: Option<Stored>| found.map(|s| s.0))
        .map_err(store_error)
    }
}

#[async_trait]
impl HandoverDoor for PgDoor {
    async fn find_handover(
        &self,
        token_hash: &[u8; 32],
    ) -> Result<Option<OpenHandover>, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query_as(
            "select h.*, u.roles, u.name as person_name, t.name as city_name, e.name as enterprise_name
             from handovers h join users u on u.id = h.user_id join tenants t on t.id = h.tenant_id
               join enterprises e on e.tenant_id = h.tenant_id and e.id = h.enterprise_id
             where h.token_hash = $1 and h.purpose = 'face' and u.status = 'active' and t.status = 'active'
               and e.status = 'active'",
        )
        .bind(token_hash.as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map(|found: Option<Open>| found.map(|o| o.0))
        .map_err(store_error)
    }

    async fn take_up(
        &self,
        id: HandoverId,
        browser: &[u8; 32],
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "update handovers set opened_at = coalesce(opened_at, $3), opened_by = $2
             where id = $1 and done_at is null and expires_at > $3 and (opened_by is null or opened_by = $2)",
        )
        .bind(id.0)
        .bind(browser.as_slice())
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn note_outcome(
        &self,
        id: HandoverId,
        outcome: &str,
        done: bool,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update handovers set outcome = $2, done_at = case when $3 then $4::timestamptz end
             where id = $1 and done_at is null",
        )
        .bind(id.0)
        .bind(outcome)
        .bind(done)
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }
}
