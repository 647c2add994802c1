//! Provincial 全省统计 on PostgreSQL: a city's rollups on one side, the province's own tables on the other; no statement names both.

use application::ports::{
    provincial::{Carried, CellAt, Firms, Provincial, TOLD_BY, ToldCell, ToldCity, WHOLE},
    statistics::Span,
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::TenantId;
use serde_json::{Value, json};
use sqlx::FromRow;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct AtRow {
    month: Date,
    dimension: String,
    value: String,
}

#[derive(FromRow)]
struct SumsRow {
    asked: i64,
    asked_cents: i64,
    accepted: i64,
    approved: i64,
    approved_cents: i64,
    rejected: i64,
    draws: i64,
    drawn_cents: i64,
    rate_weight: i64,
    homes: i64,
}

#[derive(FromRow)]
#[expect(clippy::struct_field_names, reason = "named as the columns are")]
struct FirmsRow {
    asking_firms: i64,
    accepted_firms: i64,
    approved_firms: i64,
    rejected_firms: i64,
    drawing_firms: i64,
}

#[derive(FromRow)]
struct CountedRow {
    #[sqlx(flatten)]
    at: AtRow,
    #[sqlx(flatten)]
    sums: SumsRow,
}

#[derive(FromRow)]
struct BehindRow {
    #[sqlx(flatten)]
    at: AtRow,
    #[sqlx(flatten)]
    firms: FirmsRow,
}

#[derive(FromRow)]
struct CellRow {
    city: Uuid,
    #[sqlx(flatten)]
    at: AtRow,
    #[sqlx(flatten)]
    sums: SumsRow,
    #[sqlx(flatten)]
    firms: FirmsRow,
}

#[derive(FromRow)]
struct CityRow {
    city: Uuid,
    slug: String,
    region_code: String,
    platform: String,
    told_at: OffsetDateTime,
}

impl From<AtRow> for CellAt {
    fn from(row: AtRow) -> Self {
        Self {
            month: row.month,
            dimension: row.dimension,
            value: row.value,
        }
    }
}

impl From<SumsRow> for Carried {
    fn from(row: SumsRow) -> Self {
        Self {
            asked: row.asked,
            asked_cents: row.asked_cents,
            accepted: row.accepted,
            approved: row.approved,
            approved_cents: row.approved_cents,
            rejected: row.rejected,
            draws: row.draws,
            drawn_cents: row.drawn_cents,
            rate_weight: row.rate_weight,
            homes: row.homes,
        }
    }
}

impl From<FirmsRow> for Firms {
    fn from(row: FirmsRow) -> Self {
        Self {
            asking: row.asking_firms,
            accepted: row.accepted_firms,
            approved: row.approved_firms,
            rejected: row.rejected_firms,
            drawing: row.drawing_firms,
        }
    }
}

impl From<CityRow> for ToldCity {
    fn from(row: CityRow) -> Self {
        Self {
            city: TenantId(row.city),
            slug: row.slug,
            region_code: row.region_code,
            platform: row.platform,
            told_at: row.told_at,
        }
    }
}

const COUNTED: &str = "select month, dimension, value, asked, asked_cents, accepted, approved, approved_cents, rejected, draws,
    drawn_cents, rate_weight, homes
  from statistics_months where tenant_id = $1 and dimension = any ($2) and month between $3 and $4";

/// Of the months that are named only: the lines of a city are many.
const BEHIND: &str = "select date_trunc('month', l.day)::date as month, x.dimension, x.value,
    count(distinct a.enterprise_id) filter (where l.asked > 0) as asking_firms,
    count(distinct a.enterprise_id) filter (where l.accepted > 0) as accepted_firms,
    count(distinct a.enterprise_id) filter (where l.approved > 0) as approved_firms,
    count(distinct a.enterprise_id) filter (where l.rejected > 0) as rejected_firms,
    count(distinct a.enterprise_id) filter (where l.draws > 0) as drawing_firms
  from statistics_lines l
  join statistics_facts f on f.tenant_id = l.tenant_id and f.application_id = l.application_id
  join financing_applications a on a.tenant_id = l.tenant_id and a.id = l.application_id
  cross join lateral (values ('all', ''), ('industry', f.industry), ('guarantee', f.guarantee), ('first_loan', f.first_loan),
    ('size', f.size), ('term', f.term)) x (dimension, value)
  where l.tenant_id = $1 and l.day between $2 and $3
  group by 1, 2, 3";

const TOLD: &str = "select month, dimension, value, asked, asked_cents, accepted, approved, approved_cents, rejected, draws,
    drawn_cents, rate_weight, homes
  from provincial_figures where tenant_id = $1 and city = $2";

const NOTE_CITY: &str =
    "insert into provincial_cities (tenant_id, city, slug, region_code, platform, told_at) values ($1, $2, $3, $4, $5, $6)
  on conflict (tenant_id, city) do update set slug = excluded.slug, region_code = excluded.region_code,
    platform = excluded.platform, told_at = excluded.told_at";

const CLEAR: &str =
    "delete from provincial_figures where tenant_id = $1 and city = $2 and month = any ($3)";

const TELL: &str = "insert into provincial_figures (tenant_id, city, month, dimension, value, asked, asked_cents, accepted, approved,
    approved_cents, rejected, draws, drawn_cents, rate_weight, homes, asking_firms, accepted_firms, approved_firms, rejected_firms,
    drawing_firms)
  select $1, $2, r.month, r.dimension, r.value, r.asked, r.asked_cents, r.accepted, r.approved, r.approved_cents, r.rejected, r.draws,
    r.drawn_cents, r.rate_weight, r.homes, r.asking_firms, r.accepted_firms, r.approved_firms, r.rejected_firms, r.drawing_firms
  from jsonb_to_recordset($3) as r (month date, dimension text, value text, asked bigint, asked_cents bigint, accepted bigint,
    approved bigint, approved_cents bigint, rejected bigint, draws bigint, drawn_cents bigint, rate_weight bigint, homes bigint,
    asking_firms bigint, accepted_firms bigint, approved_firms bigint, rejected_firms bigint, drawing_firms bigint)";

const CITIES: &str =
    "select city, slug, region_code, platform, told_at from provincial_cities where tenant_id = $1
  order by region_code, slug";

const CELLS: &str = "select city, month, dimension, value, asked, asked_cents, accepted, approved, approved_cents, rejected, draws,
    drawn_cents, rate_weight, homes, asking_firms, accepted_firms, approved_firms, rejected_firms, drawing_firms
  from provincial_figures where tenant_id = $1 and month between $2 and $3 and dimension = $4";

fn row_of(cell: &ToldCell) -> Value {
    let ToldCell { at, sums, firms } = cell;
    json!({
        "month": at.month.to_string(), "dimension": at.dimension, "value": at.value,
        "asked": sums.asked, "asked_cents": sums.asked_cents, "accepted": sums.accepted,
        "approved": sums.approved, "approved_cents": sums.approved_cents, "rejected": sums.rejected,
        "draws": sums.draws, "drawn_cents": sums.drawn_cents, "rate_weight": sums.rate_weight,
        "homes": sums.homes,
        "asking_firms": firms.asking, "accepted_firms": firms.accepted, "approved_firms": firms.approved,
        "rejected_firms": firms.rejected, "drawing_firms": firms.drawing,
    })
}

#[async_trait]
impl Provincial for PgUnitOfWork {
    async fn counted(&mut self, span: Span) -> Result<Vec<(CellAt, Carried)>, StoreError> {
        let mut dimensions = vec![WHOLE];
        dimensions.extend(TOLD_BY.iter().map(|dimension| dimension.code()));
        let rows: Vec<CountedRow> = sqlx::query_as(COUNTED)
            .bind(self.city.0)
            .bind(dimensions)
            .bind(span.from)
            .bind(span.to)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let cell = |row: CountedRow| (row.at.into(), row.sums.into());
        Ok(rows.into_iter().map(cell).collect())
    }

    async fn behind(&mut self, span: Span) -> Result<Vec<(CellAt, Firms)>, StoreError> {
        let rows: Vec<BehindRow> = sqlx::query_as(BEHIND)
            .bind(self.city.0)
            .bind(span.from)
            .bind(span.to)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let cell = |row: BehindRow| (row.at.into(), row.firms.into());
        Ok(rows.into_iter().map(cell).collect())
    }

    async fn told(&mut self, city: TenantId) -> Result<Vec<(CellAt, Carried)>, StoreError> {
        let rows: Vec<CountedRow> = sqlx::query_as(TOLD)
            .bind(self.tenant.0)
            .bind(city.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let cell = |row: CountedRow| (row.at.into(), row.sums.into());
        Ok(rows.into_iter().map(cell).collect())
    }

    async fn tell(
        &mut self,
        city: &ToldCity,
        months: &[Date],
        cells: &[ToldCell],
    ) -> Result<(), StoreError> {
        sqlx::query(NOTE_CITY)
            .bind(self.tenant.0)
            .bind(city.city.0)
            .bind(&city.slug)
            .bind(&city.region_code)
            .bind(&city.platform)
            .bind(city.told_at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        if months.is_empty() {
            return Ok(());
        }
        sqlx::query(CLEAR)
            .bind(self.tenant.0)
            .bind(city.city.0)
            .bind(months)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let rows: Value = cells.iter().map(row_of).collect();
        sqlx::query(TELL)
            .bind(self.tenant.0)
            .bind(city.city.0)
            .bind(rows)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn forget(&mut self, city: TenantId) -> Result<u64, StoreError> {
        let mut gone = 0;
        for sql in [
            "delete from provincial_figures where tenant_id = $1 and city = $2",
            "delete from provincial_cities where tenant_id = $1 and city = $2",
        ] {
            let done = sqlx::query(sql)
                .bind(self.tenant.0)
                .bind(city.0)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
            gone = gone.max(done.rows_affected());
        }
        Ok(gone)
    }

    async fn cities(&mut self) -> Result<Vec<ToldCity>, StoreError> {
        let rows: Vec<CityRow> = sqlx::query_as(CITIES)
            .bind(self.tenant.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(ToldCity::from).collect())
    }

    async fn cells(
        &mut self,
        span: Span,
        dimension: &str,
    ) -> Result<Vec<(TenantId, ToldCell)>, StoreError> {
        let rows: Vec<CellRow> = sqlx::query_as(CELLS)
            .bind(self.tenant.0)
            .bind(span.from)
            .bind(span.to)
            .bind(dimension)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let cell = |row: CellRow| {
            let cell = ToldCell {
                at: row.at.into(),
                sums: row.sums.into(),
                firms: row.firms.into(),
            };
            (TenantId(row.city), cell)
        };
        Ok(rows.into_iter().map(cell).collect())
    }
}
