//! Appraisals 机构考评 on PostgreSQL.

use application::ports::{
    appraisals::{Appraisal, Appraisals, Beside, Score, Signed},
    statistics::Span,
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    appraisal::Facts,
    ids::{TenantId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

struct Stored(Appraisal);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let by: Option<Uuid> = row.try_get("published_by")?;
        let at: Option<OffsetDateTime> = row.try_get("published_at")?;
        let by_name: String = row.try_get("published_name")?;
        Ok(Self(Appraisal {
            month: row.try_get("month")?,
            submitted: Signed {
                by: UserId(row.try_get("submitted_by")?),
                by_name: row.try_get("submitted_name")?,
                at: row.try_get("submitted_at")?,
            },
            published: by.zip(at).map(|(by, at)| Signed {
                by: UserId(by),
                by_name,
                at,
            }),
        }))
    }
}

struct StoredScore(Score);

impl FromRow<'_, PgRow> for StoredScore {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(Score {
            bank: TenantId(row.try_get("bank_id")?),
            bank_name: row.try_get("bank_name")?,
            facts: Facts {
                accepted: row.try_get("accepted")?,
                accepted_in_time: row.try_get("accepted_in_time")?,
                decided: row.try_get("decided")?,
                approved: row.try_get("approved")?,
                reported: row.try_get("reported")?,
                confirmed: row.try_get("confirmed")?,
                ratings: row.try_get("ratings")?,
                stars: row.try_get("stars")?,
                complaints: row.try_get("complaints")?,
            },
            tenths: row.try_get("score_tenths")?,
        }))
    }
}

#[async_trait]
impl Appraisals for PgUnitOfWork {
    async fn beside_the_rollups(&mut self, span: Span) -> Result<Vec<Beside>, StoreError> {
        type Row = (Uuid, String, i64, i64, i64, i64, i64);
        let rows: Vec<Row> = sqlx::query_as(
            "with days as (select ($2::date::timestamp at time zone 'Asia/Shanghai') as first,
                 (($3::date + 1)::timestamp at time zone 'Asia/Shanghai') as after),
               paid as (select a.bank_id, count(*) as reported, count(d.confirmed_at) as confirmed
                 from days, disbursements d join financing_applications a on a.tenant_id = d.tenant_id and a.id = d.application_id
                 where d.tenant_id = $1 and d.at >= days.first and d.at < days.after group by 1),
               rated as (select r.bank_id, count(*) as ratings, sum(r.speed + r.service + r.openness) as stars
                 from days, ratings r
                 where r.tenant_id = $1 and r.hidden_at is null and r.rated_at >= days.first and r.rated_at < days.after group by 1),
               blamed as (select c.bank_id, count(*) as complaints from days, complaints c
                 where c.tenant_id = $1 and c.filed_at >= days.first and c.filed_at < days.after group by 1)
             select t.id, t.name, coalesce(p.reported, 0), coalesce(p.confirmed, 0), coalesce(r.ratings, 0),
               coalesce(r.stars, 0)::bigint, coalesce(b.complaints, 0)
             from institutions i join tenants t on t.id = i.tenant_id
             left join paid p on p.bank_id = t.id left join rated r on r.bank_id = t.id left join blamed b on b.bank_id = t.id
             where i.city_id = $1 order by t.name, t.id",
        )
        .bind(self.city.0)
        .bind(span.from)
        .bind(span.to)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(
                |(bank, bank_name, reported, confirmed, ratings, stars, complaints)| Beside {
                    bank: TenantId(bank),
                    bank_name,
                    facts: Facts {
                        reported,
                        confirmed,
                        ratings,
                        stars,
                        complaints,
                        ..Facts::default()
                    },
                },
            )
            .collect())
    }

    async fn appraisal(&mut self, month: Date) -> Result<Option<Appraisal>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from appraisals where tenant_id = $1 and month = $2")
                .bind(self.city.0)
                .bind(month)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn scores(&mut self, month: Date) -> Result<Vec<Score>, StoreError> {
        let rows: Vec<StoredScore> = sqlx::query_as(
            "select * from appraisal_scores where tenant_id = $1 and month = $2
             order by score_tenths desc nulls last, bank_name",
        )
        .bind(self.city.0)
        .bind(month)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn put_forward(
        &mut self,
        appraisal: &Appraisal,
        scores: &[Score],
    ) -> Result<(), StoreError> {
        let submitted = &appraisal.submitted;
        sqlx::query(
            "insert into appraisals (tenant_id, month, status, submitted_by, submitted_name, submitted_at)
             values ($1, $2, 'submitted', $3, $4, $5)",
        )
        .bind(self.city.0)
        .bind(appraisal.month)
        .bind(submitted.by.0)
        .bind(&submitted.by_name)
        .bind(submitted.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        for score in scores {
            let facts = &score.facts;
            sqlx::query(
                "insert into appraisal_scores (tenant_id, month, bank_id, bank_name, accepted, accepted_in_time, decided, approved,
                   reported, confirmed, ratings, stars, complaints, score_tenths)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            )
            .bind(self.city.0)
            .bind(appraisal.month)
            .bind(score.bank.0)
            .bind(&score.bank_name)
            .bind(facts.accepted)
            .bind(facts.accepted_in_time)
            .bind(facts.decided)
            .bind(facts.approved)
            .bind(facts.reported)
            .bind(facts.confirmed)
            .bind(facts.ratings)
            .bind(facts.stars)
            .bind(facts.complaints)
            .bind(score.tenths)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        }
        Ok(())
    }

    async fn take_back(&mut self, month: Date) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from appraisals where tenant_id = $1 and month = $2 and status = 'submitted'",
        )
        .bind(self.city.0)
        .bind(month)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn publish_appraisal(&mut self, month: Date, by: &Signed) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update appraisals set status = 'published', published_by = $3, published_name = $4, published_at = $5
             where tenant_id = $1 and month = $2 and status = 'submitted'",
        )
        .bind(self.city.0)
        .bind(month)
        .bind(by.by.0)
        .bind(&by.by_name)
        .bind(by.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn published_months(&mut self, most: i64) -> Result<Vec<Date>, StoreError> {
        sqlx::query_scalar(
            "select month from appraisals where tenant_id = $1 and status = 'published' order by month desc limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}
