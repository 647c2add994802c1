//! Settings changes 审批设置变更 on PostgreSQL.

use application::ports::{
    approvals::BankSettings,
    settings_changes::{ChangeStatus, RulesChange, SettingsChanges},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    tenant::Role,
    values::Cents,
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

fn roles(codes: &[String]) -> Result<Vec<Role>, sqlx::Error> {
    codes
        .iter()
        .map(|code| {
            Role::from_code(code).ok_or_else(|| sqlx::Error::Decode("an unknown role".into()))
        })
        .collect()
}

fn codes(steps: &[Role]) -> Vec<String> {
    steps.iter().map(|role| role.code().to_owned()).collect()
}

struct Change(RulesChange);

impl FromRow<'_, PgRow> for Change {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let status = ChangeStatus::from_code(row.try_get("status")?)
            .ok_or_else(|| sqlx::Error::Decode("an unknown status of a change".into()))?;
        let steps: Vec<String> = row.try_get("approval_steps")?;
        let limit: Option<i64> = row.try_get("single_step_up_to_cents")?;
        Ok(Self(RulesChange {
            id: row.try_get("id")?,
            rules: BankSettings {
                steps: roles(&steps)?,
                single_step_up_to: limit
                    .map(Cents::new)
                    .transpose()
                    .map_err(|_| sqlx::Error::Decode("a limit below zero".into()))?,
            },
            asked_by: UserId(row.try_get("asked_by")?),
            asked_name: row.try_get("asked_name")?,
            asked_at: row.try_get("asked_at")?,
            status,
            settled_name: row.try_get("settled_name")?,
            settled_at: row.try_get("settled_at")?,
            withdrawal: row.try_get("withdrawal")?,
        }))
    }
}

#[async_trait]
impl SettingsChanges for PgUnitOfWork {
    async fn propose_rules(&mut self, change: &RulesChange) -> Result<(), StoreError> {
        sqlx::query(
            "insert into bank_settings_changes
               (id, tenant_id, approval_steps, single_step_up_to_cents, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(change.id)
        .bind(self.tenant.0)
        .bind(codes(&change.rules.steps))
        .bind(change.rules.single_step_up_to.map(Cents::cents))
        .bind(change.asked_by.0)
        .bind(&change.asked_name)
        .bind(change.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn open_change(&mut self) -> Result<Option<RulesChange>, StoreError> {
        let found: Option<Change> = sqlx::query_as(
            "select * from bank_settings_changes where tenant_id = $1 and status = 'open' for update",
        )
        .bind(self.tenant.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|c| c.0))
    }

    async fn change(&mut self, id: Uuid) -> Result<Option<(TenantId, RulesChange)>, StoreError> {
        let found = sqlx::query(
            "select * from bank_settings_changes where id = $1 and tenant_id = any ((select current_reach())::uuid[])",
        )
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let read = |row: PgRow| -> Result<(TenantId, RulesChange), sqlx::Error> {
            let bank = TenantId(row.try_get("tenant_id")?);
            Ok((bank, Change::from_row(&row)?.0))
        };
        found.map(read).transpose().map_err(store_error)
    }

    async fn changes(&mut self, most: i64) -> Result<Vec<RulesChange>, StoreError> {
        let rows: Vec<Change> = sqlx::query_as(
            "select * from bank_settings_changes where tenant_id = $1 order by asked_at desc, id desc limit $2",
        )
        .bind(self.tenant.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|c| c.0).collect())
    }

    async fn settle_rules(
        &mut self,
        change: &RulesChange,
        confirmed: bool,
        by: UserId,
        name: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let status = if confirmed {
            ChangeStatus::Confirmed
        } else {
            ChangeStatus::Declined
        };
        let done = sqlx::query(
            "update bank_settings_changes set status = $3, settled_by = $4, settled_name = $5, settled_at = $6
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.tenant.0)
        .bind(change.id)
        .bind(status.code())
        .bind(by.0)
        .bind(name)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        if confirmed {
            self.stand(change, by, at).await?;
        }
        Ok(true)
    }

    async fn withdraw_rules(
        &mut self,
        change: &RulesChange,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update bank_settings_changes set status = 'withdrawn', settled_by = asked_by, settled_name = asked_name,
               settled_at = $3, withdrawal = $4
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.tenant.0)
        .bind(change.id)
        .bind(at)
        .bind(reason)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}

impl PgUnitOfWork {
    async fn stand(
        &mut self,
        change: &RulesChange,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into bank_settings (tenant_id, approval_steps, single_step_up_to_cents, updated_by, updated_at)
             values ($1, $2, $3, $4, $5)
             on conflict (tenant_id) do update set approval_steps = excluded.approval_steps,
               single_step_up_to_cents = excluded.single_step_up_to_cents, version = bank_settings.version + 1,
               updated_by = excluded.updated_by, updated_at = excluded.updated_at",
        )
        .bind(self.tenant.0)
        .bind(codes(&change.rules.steps))
        .bind(change.rules.single_step_up_to.map(Cents::cents))
        .bind(by.0)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
