//! Ownership 企业管理员 on PostgreSQL: behind the subject wall for the enterprise, behind the tenant's for the city.

use application::ports::{
    ownership::{ChangeKind, Ownership, OwnershipChange},
    store::StoreError,
    supervision::HoldStatus,
};
use async_trait::async_trait;
use domain::ids::{EnterpriseId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork, supervision::broken};

#[derive(FromRow)]
struct ChangeRow {
    id: Uuid,
    enterprise_id: Uuid,
    enterprise_name: String,
    kind: String,
    from_user: Uuid,
    from_name: String,
    to_user: Uuid,
    to_name: String,
    reason: String,
    evidence: String,
    asked_by: Uuid,
    asked_name: String,
    asked_at: OffsetDateTime,
    open_until: OffsetDateTime,
    status: String,
    settled_by: Option<Uuid>,
    settled_name: String,
    settled_at: Option<OffsetDateTime>,
    withdrawal: String,
}

impl TryFrom<ChangeRow> for OwnershipChange {
    type Error = StoreError;

    fn try_from(row: ChangeRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            enterprise: EnterpriseId(row.enterprise_id),
            enterprise_name: row.enterprise_name,
            kind: ChangeKind::from_code(&row.kind)
                .ok_or_else(|| broken("an unknown change of an owner"))?,
            from: UserId(row.from_user),
            from_name: row.from_name,
            to: UserId(row.to_user),
            to_name: row.to_name,
            reason: row.reason,
            evidence: row.evidence,
            asked_by: UserId(row.asked_by),
            asked_name: row.asked_name,
            asked_at: row.asked_at,
            until: row.open_until,
            status: HoldStatus::from_code(&row.status)
                .ok_or_else(|| broken("an unknown state of a change of an owner"))?,
            settled_by: row.settled_by.map(UserId),
            settled_name: row.settled_name,
            settled_at: row.settled_at,
            withdrawal: row.withdrawal,
        })
    }
}

macro_rules! changes {
    ($rest:literal) => {
        concat!(
            "select c.*, e.name as enterprise_name, f.name as from_name, t.name as to_name from ownership_changes c
             join enterprises e on e.tenant_id = c.tenant_id and e.id = c.enterprise_id
             join users f on f.id = c.from_user join users t on t.id = c.to_user where c.tenant_id = $1 and ",
            $rest
        )
    };
}

/// What becomes of the old owner; $4 is the moment.
const fn leaves(kind: ChangeKind) -> &'static [&'static str] {
    match kind {
        ChangeKind::Handover => &[
            "update users set roles = array['eu'] where tenant_id = $1 and enterprise_id = $2 and id = $3
               and $4::timestamptz is not null",
        ],
        // With the links of one who never came.
        ChangeKind::Recovery => &[
            "update users set status = 'dismissed' where tenant_id = $1 and enterprise_id = $2 and id = $3
               and $4::timestamptz is not null",
            "update enterprise_invitations set cancelled_at = $4 where tenant_id = $1 and enterprise_id = $2 and user_id = $3
               and used_at is null and cancelled_at is null",
        ],
    }
}

#[async_trait]
impl Ownership for PgUnitOfWork {
    async fn ownership_changes(
        &mut self,
        enterprise: EnterpriseId,
    ) -> Result<Vec<OwnershipChange>, StoreError> {
        let rows: Vec<ChangeRow> = sqlx::query_as(changes!(
            "c.enterprise_id = $2 order by c.asked_at desc, c.id limit 50"
        ))
        .bind(self.city.0)
        .bind(enterprise.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn ownership_change(&mut self, id: Uuid) -> Result<Option<OwnershipChange>, StoreError> {
        let row: Option<ChangeRow> = sqlx::query_as(changes!("c.id = $2 for update of c"))
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn ask_ownership_change(&mut self, change: &OwnershipChange) -> Result<(), StoreError> {
        sqlx::query(
            "insert into ownership_changes (id, tenant_id, enterprise_id, kind, from_user, to_user, reason, evidence, asked_by,
               asked_name, asked_at, open_until)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(change.id)
        .bind(self.city.0)
        .bind(change.enterprise.0)
        .bind(change.kind.code())
        .bind(change.from.0)
        .bind(change.to.0)
        .bind(&change.reason)
        .bind(&change.evidence)
        .bind(change.asked_by.0)
        .bind(&change.asked_name)
        .bind(change.asked_at)
        .bind(change.until)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn settle_ownership_change(
        &mut self,
        change: &OwnershipChange,
    ) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update ownership_changes set status = $3, settled_by = $4, settled_name = $5, settled_at = $6, withdrawal = $7
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(change.id)
        .bind(change.status.code())
        .bind(change.settled_by.map(|u| u.0))
        .bind(&change.settled_name)
        .bind(change.settled_at)
        .bind(&change.withdrawal)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        match done.rows_affected() {
            0 => Err(StoreError::Stale),
            _ => Ok(()),
        }
    }

    async fn change_owner(&mut self, change: &OwnershipChange) -> Result<bool, StoreError> {
        // The new one first: the wall lets an enterprise do it only while the old one still is the owner. The city may put somebody
        // else in place of an owner who never came.
        let made = sqlx::query(
            "update users set roles = array['eo'] where tenant_id = $1 and enterprise_id = $2 and id = $3
               and status in ('invited', 'active') and exists (select from users o where o.tenant_id = $1 and o.enterprise_id = $2
                 and o.id = $4 and (o.status = 'active' or ($5 and o.status = 'invited')) and 'eo' = any(o.roles))",
        )
        .bind(self.city.0)
        .bind(change.enterprise.0)
        .bind(change.to.0)
        .bind(change.from.0)
        .bind(change.kind == ChangeKind::Recovery)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if made.rows_affected() != 1 {
            return Ok(false);
        }
        for sql in leaves(change.kind) {
            sqlx::query(*sql)
                .bind(self.city.0)
                .bind(change.enterprise.0)
                .bind(change.from.0)
                .bind(change.settled_at)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        sqlx::query(
            "update ownership_changes set status = 'declined', settled_by = $4, settled_name = $5, settled_at = $6
             where tenant_id = $1 and enterprise_id = $2 and id <> $3 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(change.enterprise.0)
        .bind(change.id)
        .bind(change.settled_by.map(|u| u.0))
        .bind(&change.settled_name)
        .bind(change.settled_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(true)
    }

    async fn phone_taken(&mut self, phone_index: &[u8; 32]) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from users where city_id = $1 and enterprise_id is not null and phone_index = $2
               and status = 'active')",
        )
        .bind(self.city.0)
        .bind(phone_index.as_slice())
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}
