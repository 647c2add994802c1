//! 上级报送 on PostgreSQL.

use application::ports::{
    province::{
        InstitutionKind, ProvinceReport, ProvinceReports, ReportState, Silence, TryOutcome,
    },
    store::StoreError,
};
use async_trait::async_trait;
use sqlx::FromRow;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Stored {
    id: Uuid,
    month: Date,
    body: String,
    made_at: OffsetDateTime,
    state: String,
    tries: i32,
    since: OffsetDateTime,
    next_at: Option<OffsetDateTime>,
    silence: String,
    reason: String,
    receipt: String,
    settled_at: Option<OffsetDateTime>,
}

impl From<Stored> for ProvinceReport {
    fn from(row: Stored) -> Self {
        Self {
            id: row.id,
            month: row.month,
            body: row.body,
            made_at: row.made_at,
            // A state that this program does not know is left to people.
            state: ReportState::from_code(&row.state).unwrap_or(ReportState::Parked),
            tries: row.tries,
            since: row.since,
            next_at: row.next_at,
            silence: Silence::from_code(&row.silence),
            reason: row.reason,
            receipt: row.receipt,
            settled_at: row.settled_at,
        }
    }
}

#[async_trait]
impl ProvinceReports for PgUnitOfWork {
    async fn newest_month(&mut self) -> Result<Option<Date>, StoreError> {
        sqlx::query_scalar("select max(month) from province_reports where tenant_id = $1")
            .bind(self.city.0)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }

    async fn replaced_months(&mut self) -> Result<Vec<Date>, StoreError> {
        sqlx::query_scalar(
            "select month from province_reports where tenant_id = $1
             group by month having bool_and(state = 'replaced') order by month",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn add_report(&mut self, report: &ProvinceReport) -> Result<bool, StoreError> {
        let added = sqlx::query(
            "insert into province_reports (tenant_id, id, month, body, made_at, state, since, next_at)
             values ($1, $2, $3, $4, $5, 'waiting', $6, $7)
             on conflict (tenant_id, month) where state <> 'replaced' do nothing",
        )
        .bind(self.city.0)
        .bind(report.id)
        .bind(report.month)
        .bind(&report.body)
        .bind(report.made_at)
        .bind(report.since)
        .bind(report.next_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(added.rows_affected() == 1)
    }

    async fn reports(&mut self, most: i64) -> Result<Vec<ProvinceReport>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from province_reports where tenant_id = $1 order by month desc, made_at desc, id limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn report(&mut self, id: Uuid) -> Result<Option<ProvinceReport>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from province_reports where tenant_id = $1 and id = $2")
                .bind(self.city.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn take_due_report(
        &mut self,
        now: OffsetDateTime,
        lease_until: OffsetDateTime,
    ) -> Result<Option<ProvinceReport>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(
            "update province_reports set next_at = $3 where tenant_id = $1 and id = (
               select id from province_reports where tenant_id = $1 and state = 'waiting' and next_at <= $2
               order by month, id limit 1 for update skip locked)
             returning *",
        )
        .bind(self.city.0)
        .bind(now)
        .bind(lease_until)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn tried(
        &mut self,
        id: Uuid,
        outcome: &TryOutcome,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let (next_at, silence, reason, receipt) = match outcome {
            TryOutcome::Received(receipt) => (None, "", "", receipt.as_str()),
            TryOutcome::Refused(reason) => (None, "", reason.as_str(), ""),
            TryOutcome::Later(silence, next_at) => (Some(*next_at), silence.code(), "", ""),
            TryOutcome::Parked(silence) => (None, silence.code(), "", ""),
        };
        // One whose lease ran out may have been settled by another worker.
        let done = sqlx::query(
            "update province_reports set state = $3, tries = tries + 1, next_at = $4, silence = $5, reason = $6, receipt = $7,
               settled_at = case when $4::timestamptz is null then $8::timestamptz end
             where tenant_id = $1 and id = $2 and state = 'waiting'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(outcome.state().code())
        .bind(next_at)
        .bind(silence)
        .bind(reason)
        .bind(receipt)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn report_again(&mut self, id: Uuid, at: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update province_reports set state = 'waiting', since = $3, next_at = $3, settled_at = null
             where tenant_id = $1 and id = $2 and state in ('refused', 'parked')",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn replace_report(&mut self, id: Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update province_reports set state = 'replaced' where tenant_id = $1 and id = $2 and state = 'refused'",
        )
        .bind(self.city.0)
        .bind(id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn institution_kinds(&mut self) -> Result<Vec<InstitutionKind>, StoreError> {
        let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
            "select tenant_id, institution_type, type_label from institutions where city_id = $1",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let kind = |(institution, code, label)| InstitutionKind {
            institution,
            code,
            label,
        };
        Ok(rows.into_iter().map(kind).collect())
    }
}
