//! Subsidy claims 贴息申请 on PostgreSQL: behind the subject wall for the enterprise, behind the tenant's for the city. What came of a
//! policy is read from the days of its claims.

use application::ports::{
    statistics::Span,
    store::StoreError,
    subsidy_claims::{
        Claim, ClaimAsk, ClaimDay, ClaimList, ClaimOrigin, Decided, Effect, EffectRow, Payment,
        SubsidyClaims,
    },
};
use async_trait::async_trait;
use domain::{
    calendar::SHANGHAI,
    ids::{DrawId, EnterpriseId, FinancingApplicationId, UserId},
    subsidy::ClaimStatus,
    values::Cents,
};
use sqlx::{FromRow, Postgres, QueryBuilder, Row as _, postgres::PgRow};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    errors::{store_error, unreadable},
    store::PgUnitOfWork,
};

fn cents(stored: i64) -> Result<Cents, sqlx::Error> {
    Cents::new(stored).map_err(|_| unreadable("a sum of a claim"))
}

/// Who decided, from the three columns that begin alike.
fn decided(row: &PgRow, columns: [&str; 3]) -> Result<Option<Decided>, sqlx::Error> {
    let [by, name, at] = columns;
    let (by, at): (Option<Uuid>, Option<OffsetDateTime>) = (row.try_get(by)?, row.try_get(at)?);
    let by_name: String = row.try_get(name)?;
    Ok(by.zip(at).map(|(by, at)| Decided {
        by: UserId(by),
        by_name,
        at,
    }))
}

struct Stored(Claim);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let number: i32 = row.try_get("draw_number")?;
        let days: Option<i32> = row.try_get("days")?;
        let told = decided(row, ["paid_by", "paid_name", "paid_at"])?;
        let (sum, on): (Option<i64>, Option<Date>) =
            (row.try_get("paid_cents")?, row.try_get("paid_on")?);
        let paid = match (sum, on, told) {
            (Some(sum), Some(on), Some(told)) => Some(Payment {
                sum: cents(sum)?,
                on,
                told,
            }),
            _ => None,
        };
        Ok(Self(Claim {
            id: row.try_get("id")?,
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            enterprise_name: row.try_get("enterprise_name")?,
            policy: row.try_get("policy_id")?,
            policy_version: row.try_get("policy_version")?,
            policy_title: row.try_get("policy_title")?,
            application: FinancingApplicationId(row.try_get("application_id")?),
            application_no: row.try_get("application_no")?,
            draw: DrawId(row.try_get("draw_id")?),
            draw_number: u16::try_from(number).map_err(|_| unreadable("a number of a draw"))?,
            origin: ClaimOrigin::from_code(row.try_get("origin")?)
                .ok_or_else(|| unreadable("an unknown beginning of a claim"))?,
            status: ClaimStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| unreadable("an unknown state of a claim"))?,
            days: days.map(i64::from),
            sum: cents(row.try_get("sum_cents")?)?,
            account_sealed: row.try_get("account_sealed")?,
            declared: row.try_get("declared")?,
            filed_by: UserId(row.try_get("filed_by")?),
            filed_at: row.try_get("filed_at")?,
            proposed: decided(row, ["proposed_by", "proposed_name", "proposed_at"])?,
            approved: decided(row, ["approved_by", "approved_name", "approved_at"])?,
            refused: decided(row, ["refused_by", "refused_name", "refused_at"])?,
            refusal: row.try_get("refusal")?,
            paid,
            version: row.try_get("version")?,
        }))
    }
}

macro_rules! claims {
    ($rest:literal) => {
        concat!(
            "select c.*, e.name as enterprise_name, coalesce(a.application_no, '') as application_no from subsidy_claims c
             join enterprises e on e.tenant_id = c.tenant_id and e.id = c.enterprise_id
             join financing_applications a on a.tenant_id = c.tenant_id and a.id = c.application_id where ",
            $rest
        )
    };
}

/// A line of each day that counts: of $1, from day $2 until the day before $3, of policy $4 or of all; by month if $5. A policy has its
/// newest title.
const EFFECTS: &str = "
    with lines as (
      select policy_id, (filed_at at time zone 'Asia/Shanghai')::date as day, 1 as filed, 0 as approved, 0::bigint as approved_cents,
        0 as paid, 0::bigint as paid_cents, null::uuid as who
      from subsidy_claims where tenant_id = $1 and filed_at >= $2::date::timestamp at time zone 'Asia/Shanghai'
        and filed_at < $3::date::timestamp at time zone 'Asia/Shanghai' and ($4::uuid is null or policy_id = $4)
      union all
      select policy_id, (approved_at at time zone 'Asia/Shanghai')::date, 0, 1, sum_cents, 0, 0, enterprise_id
      from subsidy_claims where tenant_id = $1 and approved_at >= $2::date::timestamp at time zone 'Asia/Shanghai'
        and approved_at < $3::date::timestamp at time zone 'Asia/Shanghai' and ($4::uuid is null or policy_id = $4)
        and status <> 'refused'
      union all
      select policy_id, paid_on, 0, 0, 0, 1, paid_cents, null
      from subsidy_claims where tenant_id = $1 and paid_on >= $2 and paid_on < $3 and ($4::uuid is null or policy_id = $4)),
    titles as (
      select distinct on (id) id, title from articles
      where tenant_id = $1 and kind = 'policy' and subsidy is not null order by id, version desc)
    select l.policy_id, coalesce(t.title, '') as title, case when $5 then date_trunc('month', l.day)::date end as month,
      sum(l.filed)::bigint as filed, sum(l.approved)::bigint as approved, sum(l.approved_cents)::bigint as approved_cents,
      sum(l.paid)::bigint as paid, sum(l.paid_cents)::bigint as paid_cents, count(distinct l.who) as enterprises
    from lines l left join titles t on t.id = l.policy_id
    group by 1, 2, 3 order by 3, 6 desc, 2, 1 limit 2000";

#[derive(FromRow)]
struct EffectOf {
    policy_id: Uuid,
    title: String,
    month: Option<Date>,
    filed: i64,
    approved: i64,
    approved_cents: i64,
    paid: i64,
    paid_cents: i64,
    enterprises: i64,
}

impl From<EffectOf> for EffectRow {
    fn from(row: EffectOf) -> Self {
        Self {
            policy: row.policy_id,
            title: row.title,
            month: row.month,
            effect: Effect {
                filed: row.filed,
                approved: row.approved,
                approved_cents: row.approved_cents,
                paid: row.paid,
                paid_cents: row.paid_cents,
                enterprises: row.enterprises,
            },
        }
    }
}

fn begins(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHANGHAI)
}

fn narrow(query: &mut QueryBuilder<Postgres>, city: Uuid, ask: &ClaimAsk) {
    query.push("c.tenant_id = ").push_bind(city);
    query.push(match ask.list {
        ClaimList::Open => " and c.status in ('filed', 'proposed')",
        ClaimList::Approved => " and c.status = 'approved'",
        ClaimList::Paid => " and c.status = 'paid'",
        ClaimList::Refused => " and c.status = 'refused'",
        ClaimList::All => "",
    });
    if let Some(policy) = ask.policy {
        query.push(" and c.policy_id = ").push_bind(policy);
    }
    let Some((day, span)) = ask.counted else {
        return;
    };
    let after = span.to + Duration::days(1);
    match day {
        ClaimDay::Filed => {
            query
                .push(" and c.filed_at >= ")
                .push_bind(begins(span.from));
            query.push(" and c.filed_at < ").push_bind(begins(after));
        }
        ClaimDay::Approved => {
            query
                .push(" and c.approved_at >= ")
                .push_bind(begins(span.from));
            query.push(" and c.approved_at < ").push_bind(begins(after));
            query.push(" and c.status <> 'refused'");
        }
        ClaimDay::Paid => {
            query.push(" and c.paid_on >= ").push_bind(span.from);
            query.push(" and c.paid_on < ").push_bind(after);
        }
    }
}

fn plain(rows: Vec<Stored>) -> Vec<Claim> {
    rows.into_iter().map(|row| row.0).collect()
}

#[async_trait]
impl SubsidyClaims for PgUnitOfWork {
    async fn file_subsidy_claim(&mut self, c: &Claim) -> Result<(), StoreError> {
        let proposed = c.proposed.as_ref();
        sqlx::query(
            "insert into subsidy_claims (id, tenant_id, enterprise_id, policy_id, policy_version, policy_title, application_id, draw_id,
               draw_number, origin, status, days, sum_cents, account_sealed, declared, filed_by, filed_at, proposed_by,
               proposed_name, proposed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        )
        .bind(c.id)
        .bind(self.city.0)
        .bind(c.enterprise.0)
        .bind(c.policy)
        .bind(c.policy_version)
        .bind(&c.policy_title)
        .bind(c.application.0)
        .bind(c.draw.0)
        .bind(i32::from(c.draw_number))
        .bind(c.origin.code())
        .bind(c.status.code())
        .bind(c.days.and_then(|days| i32::try_from(days).ok()))
        .bind(c.sum.cents())
        .bind(&c.account_sealed)
        .bind(&c.declared)
        .bind(c.filed_by.0)
        .bind(c.filed_at)
        .bind(proposed.map(|d| d.by.0))
        .bind(proposed.map_or("", |d| d.by_name.as_str()))
        .bind(proposed.map(|d| d.at))
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn subsidy_claim(&mut self, id: Uuid) -> Result<Option<Claim>, StoreError> {
        let row: Option<Stored> = sqlx::query_as(claims!("c.tenant_id = $1 and c.id = $2"))
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn subsidy_claim_for_update(&mut self, id: Uuid) -> Result<Option<Claim>, StoreError> {
        let row: Option<Stored> =
            sqlx::query_as(claims!("c.tenant_id = $1 and c.id = $2 for update of c"))
                .bind(self.city.0)
                .bind(id)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn save_subsidy_claim(&mut self, c: &Claim) -> Result<(), StoreError> {
        let (proposed, approved) = (c.proposed.as_ref(), c.approved.as_ref());
        let (refused, paid) = (c.refused.as_ref(), c.paid.as_ref());
        let done = sqlx::query(
            "update subsidy_claims set status = $4, days = $5, sum_cents = $6, account_sealed = $7, proposed_by = $8,
               proposed_name = $9, proposed_at = $10, approved_by = $11, approved_name = $12, approved_at = $13, refused_by = $14,
               refused_name = $15, refused_at = $16, refusal = $17, paid_cents = $18, paid_on = $19, paid_by = $20, paid_name = $21,
               paid_at = $22, version = version + 1
             where tenant_id = $1 and id = $2 and version = $3",
        )
        .bind(self.city.0)
        .bind(c.id)
        .bind(c.version)
        .bind(c.status.code())
        .bind(c.days.and_then(|days| i32::try_from(days).ok()))
        .bind(c.sum.cents())
        .bind(&c.account_sealed)
        .bind(proposed.map(|d| d.by.0))
        .bind(proposed.map_or("", |d| d.by_name.as_str()))
        .bind(proposed.map(|d| d.at))
        .bind(approved.map(|d| d.by.0))
        .bind(approved.map_or("", |d| d.by_name.as_str()))
        .bind(approved.map(|d| d.at))
        .bind(refused.map(|d| d.by.0))
        .bind(refused.map_or("", |d| d.by_name.as_str()))
        .bind(refused.map(|d| d.at))
        .bind(&c.refusal)
        .bind(paid.map(|p| p.sum.cents()))
        .bind(paid.map(|p| p.on))
        .bind(paid.map(|p| p.told.by.0))
        .bind(paid.map_or("", |p| p.told.by_name.as_str()))
        .bind(paid.map(|p| p.told.at))
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        match done.rows_affected() {
            0 => Err(StoreError::Stale),
            _ => Ok(()),
        }
    }

    async fn subsidy_claims(&mut self, ask: &ClaimAsk) -> Result<Vec<Claim>, StoreError> {
        let oldest = ask.list == ClaimList::Open;
        let mut query = QueryBuilder::new(claims!(""));
        narrow(&mut query, self.city.0, ask);
        if let Some(after) = ask.after {
            query
                .push(" and (c.filed_at, c.id) ")
                .push(if oldest { "> (" } else { "< (" })
                .push_bind(after.at)
                .push(", ")
                .push_bind(after.id)
                .push(")");
        }
        query
            .push(if oldest {
                " order by c.filed_at, c.id limit "
            } else {
                " order by c.filed_at desc, c.id desc limit "
            })
            .push_bind(ask.most);
        let rows: Vec<Stored> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(plain(rows))
    }

    async fn subsidy_claims_of(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<Claim>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(claims!(
            "c.tenant_id = $1 and c.application_id = $2 order by c.filed_at desc, c.id desc limit 200"
        ))
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(plain(rows))
    }

    async fn subsidy_effects(
        &mut self,
        span: Span,
        policy: Option<Uuid>,
        by_month: bool,
    ) -> Result<Vec<EffectRow>, StoreError> {
        let rows: Vec<EffectOf> = sqlx::query_as(EFFECTS)
            .bind(self.city.0)
            .bind(span.from)
            .bind(span.to + Duration::days(1))
            .bind(policy)
            .bind(by_month)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
