//! City rules 平台设置 on PostgreSQL.

use application::{
    ports::{
        city_rules::{CityRuleChange, CityRules, Redating},
        settings_changes::ChangeStatus,
        store::StoreError,
    },
    rules::{CityRule, RuleKind, RuleName},
};
use async_trait::async_trait;
use domain::ids::UserId;
use serde_json::Value;
use sqlx::{FromRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork, supervision::broken};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    before: Json<Value>,
    value: Json<Value>,
    reason: String,
    asked_by: Uuid,
    asked_name: String,
    asked_at: OffsetDateTime,
    status: String,
    settled_by: Option<Uuid>,
    settled_name: String,
    settled_at: Option<OffsetDateTime>,
    withdrawal: String,
}

/// A stored rule; `None` for a kind or value that this program does not know.
pub(crate) fn rule(kind: &str, value: &Value) -> Option<CityRule> {
    CityRule::stored(&RuleName::from_code(kind)?, value)
}

impl TryFrom<Row> for CityRuleChange {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let read = |value: &Value| rule(&row.kind, value).ok_or_else(|| broken("an unknown rule"));
        Ok(Self {
            id: row.id,
            before: read(&row.before)?,
            rule: read(&row.value)?,
            reason: row.reason,
            asked_by: UserId(row.asked_by),
            asked_name: row.asked_name,
            asked_at: row.asked_at,
            status: ChangeStatus::from_code(&row.status)
                .ok_or_else(|| broken("an unknown state of a change"))?,
            settled_by: row.settled_by.map(UserId),
            settled_name: row.settled_name,
            settled_at: row.settled_at,
            withdrawal: row.withdrawal,
        })
    }
}

#[async_trait]
impl CityRules for PgUnitOfWork {
    async fn city_rule(&mut self, name: &RuleName) -> Result<Option<CityRule>, StoreError> {
        let found: Option<Json<Value>> =
            sqlx::query_scalar("select value from city_rules where tenant_id = $1 and kind = $2")
                .bind(self.city.0)
                .bind(name.code())
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(found.and_then(|value| CityRule::stored(name, &value)))
    }

    async fn rule_changes(
        &mut self,
        name: &RuleName,
        most: i64,
    ) -> Result<Vec<CityRuleChange>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select * from city_rule_changes where tenant_id = $1 and kind = $2 order by asked_at desc, id desc limit $3",
        )
        .bind(self.city.0)
        .bind(name.code())
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn notice_texts(&mut self) -> Result<(Vec<CityRule>, Vec<RuleName>), StoreError> {
        let head = format!("{}:%", RuleKind::NoticeText.code());
        let stored: Vec<(String, Json<Value>)> = sqlx::query_as(
            "select kind, value from city_rules where tenant_id = $1 and kind like $2 order by kind",
        )
        .bind(self.city.0)
        .bind(&head)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let open: Vec<String> = sqlx::query_scalar(
            "select kind from city_rule_changes where tenant_id = $1 and kind like $2 and status = 'open' order by kind",
        )
        .bind(self.city.0)
        .bind(&head)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let rules = stored.iter().filter_map(|(kind, value)| rule(kind, value));
        let names = open.iter().filter_map(|kind| RuleName::from_code(kind));
        Ok((rules.collect(), names.collect()))
    }

    async fn rule_change(&mut self, id: Uuid) -> Result<Option<CityRuleChange>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "select * from city_rule_changes where tenant_id = $1 and id = $2 for update",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn propose_rule(&mut self, change: &CityRuleChange) -> Result<(), StoreError> {
        sqlx::query(
            "insert into city_rule_changes (id, tenant_id, kind, before, value, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(change.id)
        .bind(self.city.0)
        .bind(change.rule.name().code())
        .bind(Json(change.before.value()))
        .bind(Json(change.rule.value()))
        .bind(&change.reason)
        .bind(change.asked_by.0)
        .bind(&change.asked_name)
        .bind(change.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn settle_rule(&mut self, change: &CityRuleChange) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update city_rule_changes set status = $3, settled_by = $4, settled_name = $5, settled_at = $6, withdrawal = $7
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
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        if change.status == ChangeStatus::Confirmed {
            sqlx::query(
                "insert into city_rules (tenant_id, city_id, kind, value) values ($1, $1, $2, $3)
                 on conflict (tenant_id, kind) do update set value = excluded.value",
            )
            .bind(self.city.0)
            .bind(change.rule.name().code())
            .bind(Json(change.rule.value()))
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        }
        Ok(())
    }

    async fn ask_redating(
        &mut self,
        change: Uuid,
        since: OffsetDateTime,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into calendar_redatings (tenant_id, change_id, since, asked_at) values ($1, $2, $3, $4)",
        )
        .bind(self.city.0)
        .bind(change)
        .bind(since)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn redatings(&mut self, most: i64) -> Result<Vec<Redating>, StoreError> {
        let rows: Vec<(Uuid, OffsetDateTime, OffsetDateTime, Option<OffsetDateTime>, i32)> = sqlx::query_as(
            "select change_id, since, asked_at, dated_at, moved from calendar_redatings where tenant_id = $1
             order by asked_at desc, change_id desc limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let read = |(change, since, asked_at, dated_at, moved)| Redating {
            change,
            since,
            asked_at,
            dated_at,
            moved,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    async fn redated(
        &mut self,
        change: Uuid,
        moved: i32,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update calendar_redatings set dated_at = $4, moved = moved + $3 where tenant_id = $1 and change_id = $2",
        )
        .bind(self.city.0)
        .bind(change)
        .bind(moved)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
