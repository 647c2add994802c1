//! Ratings 评价 on PostgreSQL.

use application::ports::{
    ratings::{PublicRating, PublicRatings, Rating, RatingAsk, RatingPage, Ratings, Said},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    rating::Stars,
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, financing_applications::Restored, store::PgUnitOfWork};

struct Stored(Rating);

fn stars(row: &PgRow) -> Result<Stars, sqlx::Error> {
    Ok(Stars {
        speed: row.try_get("speed")?,
        service: row.try_get("service")?,
        openness: row.try_get("openness")?,
    })
}

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let said = |at: Option<OffsetDateTime>, words, by, by_name| -> Result<_, sqlx::Error> {
            let Some(at) = at else {
                return Ok(None);
            };
            let by: Option<Uuid> = row.try_get(by)?;
            Ok(Some(Said {
                words: row.try_get(words)?,
                by: by.map(UserId),
                by_name: row.try_get(by_name)?,
                at,
            }))
        };
        Ok(Self(Rating {
            id: row.try_get("id")?,
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            application: FinancingApplicationId(row.try_get("application_id")?),
            application_no: row.try_get("application_no")?,
            masked_name: row.try_get("masked_name")?,
            bank: TenantId(row.try_get("bank_id")?),
            branch: TenantId(row.try_get("branch_id")?),
            branch_name: row.try_get("branch_name")?,
            stars: stars(row)?,
            words: row.try_get("words")?,
            rated_by: UserId(row.try_get("rated_by")?),
            rated_at: row.try_get("rated_at")?,
            reply: said(
                row.try_get("replied_at")?,
                "reply",
                "replied_by",
                "replied_name",
            )?,
            hidden: said(
                row.try_get("hidden_at")?,
                "hidden_reason",
                "hidden_by",
                "hidden_name",
            )?,
        }))
    }
}

struct StoredPublic(PublicRating);

impl FromRow<'_, PgRow> for StoredPublic {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(PublicRating {
            masked_name: row.try_get("masked_name")?,
            branch_name: row.try_get("branch_name")?,
            stars: stars(row)?,
            words: row.try_get("words")?,
            rated_at: row.try_get("rated_at")?,
            reply: row.try_get("reply")?,
        }))
    }
}

/// Requests of a branch in the city, institution by institution as the index of decisions is kept, which nobody has rated or was asked to.
macro_rules! to_ask {
    ($happened:literal) => {
        concat!(
            "select a.* from financing_applications a
             where a.tenant_id = $1 and a.bank_id = any (array(select tenant_id from institutions where city_id = $1))
               and a.handler_tenant_id is not null and ",
            $happened,
            " and not exists (select from ratings r where r.tenant_id = a.tenant_id and r.application_id = a.id)
               and not exists (select from messages m where m.tenant_id = $1 and m.dedupe_key = $4 || a.id)
             order by a.decided_at, a.id limit $5"
        )
    };
}

const AFTER_THE_DECISION: &str = to_ask!(
    "a.decided_at >= $2 and a.decided_at < $3 and a.stage in ('approved', 'not_drawn', 'rejected', 'refused_intake')"
);
const AFTER_THE_MONEY: &str = to_ask!(
    "a.stage in ('disbursing', 'disbursed') and exists (select from disbursements d
       where d.tenant_id = a.tenant_id and d.application_id = a.id and d.number = 1 and d.at >= $2 and d.at < $3)"
);

#[async_trait]
impl Ratings for PgUnitOfWork {
    async fn to_ask(
        &mut self,
        after: RatingAsk,
        from: OffsetDateTime,
        until: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let sql = match after {
            RatingAsk::Decided => AFTER_THE_DECISION,
            RatingAsk::Drawn => AFTER_THE_MONEY,
        };
        let rows: Vec<Restored> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(from)
            .bind(until)
            .bind(after.key_head())
            .bind(most)
            // Of every city again and again: not kept prepared on every connection.
            .persistent(false)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn unrated(
        &mut self,
        since: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let rows: Vec<Restored> = sqlx::query_as(
            "select a.* from financing_applications a
             where a.tenant_id = $1 and a.enterprise_id = (select current_enterprise()) and a.handler_tenant_id is not null
               and a.decided_at >= $2
               and a.stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn', 'rejected', 'refused_intake')
               and not exists (select from ratings r where r.tenant_id = a.tenant_id and r.application_id = a.id)
             order by a.decided_at desc, a.id limit $3",
        )
        .bind(self.city.0)
        .bind(since)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn rating_of(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Option<Rating>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from ratings where tenant_id = $1 and application_id = $2")
                .bind(self.city.0)
                .bind(application.0)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn rate(&mut self, r: &Rating) -> Result<(), StoreError> {
        sqlx::query(
            "insert into ratings (id, tenant_id, enterprise_id, application_id, application_no, masked_name, bank_id, branch_id,
               branch_name, speed, service, openness, words, rated_by, rated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(r.id)
        .bind(self.city.0)
        .bind(r.enterprise.0)
        .bind(r.application.0)
        .bind(&r.application_no)
        .bind(&r.masked_name)
        .bind(r.bank.0)
        .bind(r.branch.0)
        .bind(&r.branch_name)
        .bind(r.stars.speed)
        .bind(r.stars.service)
        .bind(r.stars.openness)
        .bind(&r.words)
        .bind(r.rated_by.0)
        .bind(r.rated_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn rating(&mut self, id: Uuid) -> Result<Option<Rating>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as("select * from ratings where tenant_id = $1 and id = $2")
                .bind(self.city.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn ratings(
        &mut self,
        hidden: Option<bool>,
        skip: i64,
        most: i64,
    ) -> Result<RatingPage, StoreError> {
        let total: i64 = sqlx::query_scalar(
            "select count(*) from ratings where tenant_id = $1 and ($2::boolean is null or (hidden_at is not null) = $2)",
        )
        .bind(self.city.0)
        .bind(hidden)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from ratings where tenant_id = $1 and ($2::boolean is null or (hidden_at is not null) = $2)
             order by rated_at desc, id desc limit $3 offset $4",
        )
        .bind(self.city.0)
        .bind(hidden)
        .bind(most)
        .bind(skip)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(RatingPage {
            rows: rows.into_iter().map(|row| row.0).collect(),
            total,
        })
    }

    async fn reply_to_rating(&mut self, id: Uuid, reply: &Said) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update ratings set reply = $4, replied_by = $5, replied_name = $6, replied_at = $7
             where tenant_id = $1 and id = $2 and replied_at is null and $3 in (bank_id, branch_id)",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(self.tenant.0)
        .bind(&reply.words)
        .bind(reply.by.map(|u| u.0))
        .bind(&reply.by_name)
        .bind(reply.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn hide_rating(&mut self, id: Uuid, hidden: Option<&Said>) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update ratings set hidden_at = $3, hidden_by = $4, hidden_name = $5, hidden_reason = $6
             where tenant_id = $1 and id = $2 and (hidden_at is null) = ($3::timestamptz is not null)",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(hidden.map(|h| h.at))
        .bind(hidden.and_then(|h| h.by).map(|u| u.0))
        .bind(hidden.map_or("", |h| h.by_name.as_str()))
        .bind(hidden.map_or("", |h| h.words.as_str()))
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn public_ratings(
        &mut self,
        bank: TenantId,
        newest: i64,
    ) -> Result<PublicRatings, StoreError> {
        let (count, speed, service, openness): (i64, i64, i64, i64) = sqlx::query_as(
            "select count(*), coalesce(sum(speed), 0), coalesce(sum(service), 0), coalesce(sum(openness), 0)
             from ratings where tenant_id = $1 and bank_id = $2 and hidden_at is null",
        )
        .bind(self.city.0)
        .bind(bank.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let rows: Vec<StoredPublic> = sqlx::query_as(
            "select masked_name, branch_name, speed, service, openness, words, rated_at, reply from ratings
             where tenant_id = $1 and bank_id = $2 and hidden_at is null order by rated_at desc limit $3",
        )
        .bind(self.city.0)
        .bind(bank.0)
        .bind(newest)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(PublicRatings {
            count,
            stars: [speed, service, openness],
            newest: rows.into_iter().map(|row| row.0).collect(),
        })
    }
}
