//! 整改任务 on PostgreSQL: what is due first comes first, what is done last.

use application::ports::{
    store::StoreError,
    visits::{Repair, RepairCounts, RepairCursor, RepairDone, RepairFilter, VisitRepairs},
};
use async_trait::async_trait;
use domain::ids::UserId;
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

macro_rules! repairs {
    ($rest:literal) => {
        concat!(
            "select p.*, v.list_id, v.company_name from visit_repairs p join visit_rows v on v.tenant_id = p.tenant_id and v.id = p.row_id
             where p.tenant_id = $1 and ",
            $rest
        )
    };
}

const ONE: &str = repairs!("p.id = $2");
const OF_ROW: &str = repairs!("p.row_id = $2 order by p.done_at is not null, p.due_on, p.id");
/// Of department $2, done or not $3, due before $4, behind $5, $6 and $7, at most $8.
const LISTED: &str = repairs!(
    "($2::text is null or p.department = $2) and ($3::bool is null or (p.done_at is not null) = $3)
       and ($4::date is null or p.due_on < $4)
       and ($7::uuid is null or ((p.done_at is not null), p.due_on, p.id) > ($5::bool, $6::date, $7))
     order by (p.done_at is not null), p.due_on, p.id limit $8"
);

struct Stored(Repair);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let done_at: Option<OffsetDateTime> = row.try_get("done_at")?;
        let done = match done_at {
            Some(at) => Some(RepairDone {
                at,
                by_name: row.try_get("done_name")?,
                note: row.try_get("done_note")?,
            }),
            None => None,
        };
        Ok(Self(Repair {
            id: row.try_get("id")?,
            row: row.try_get("row_id")?,
            list: row.try_get("list_id")?,
            company_name: row.try_get("company_name")?,
            department: row.try_get("department")?,
            what: row.try_get("what")?,
            due_on: row.try_get("due_on")?,
            set_by: UserId(row.try_get("set_by")?),
            set_name: row.try_get("set_name")?,
            set_at: row.try_get("set_at")?,
            done,
        }))
    }
}

#[async_trait]
impl VisitRepairs for PgUnitOfWork {
    async fn insert_repair(&mut self, repair: &Repair) -> Result<(), StoreError> {
        sqlx::query(
            "insert into visit_repairs (id, tenant_id, row_id, department, what, due_on, set_by, set_name, set_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(repair.id)
        .bind(self.city.0)
        .bind(repair.row)
        .bind(&repair.department)
        .bind(&repair.what)
        .bind(repair.due_on)
        .bind(repair.set_by.0)
        .bind(&repair.set_name)
        .bind(repair.set_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn repair(&mut self, id: Uuid) -> Result<Option<Repair>, StoreError> {
        let found: Option<Stored> = sqlx::query_as(ONE)
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(found.map(|repair| repair.0))
    }

    async fn finish_repair(&mut self, id: Uuid, done: &RepairDone) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "update visit_repairs set done_at = $3, done_name = $4, done_note = $5
             where tenant_id = $1 and id = $2 and done_at is null",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(done.at)
        .bind(&done.by_name)
        .bind(&done.note)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(changed.rows_affected() == 1)
    }

    async fn repairs(
        &mut self,
        filter: &RepairFilter,
        after: Option<RepairCursor>,
        most: i64,
    ) -> Result<Vec<Repair>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(LISTED)
            .bind(self.city.0)
            .bind(filter.department.as_deref())
            .bind(filter.done)
            .bind(filter.due_before)
            .bind(after.map(|cursor| cursor.done))
            .bind(after.map(|cursor| cursor.due_on))
            .bind(after.map(|cursor| cursor.id))
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|repair| repair.0).collect())
    }

    async fn repairs_of(&mut self, row: Uuid) -> Result<Vec<Repair>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(OF_ROW)
            .bind(self.city.0)
            .bind(row)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|repair| repair.0).collect())
    }

    async fn repair_counts(&mut self, today: Date) -> Result<Vec<RepairCounts>, StoreError> {
        let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
            "select department, count(*) filter (where done_at is null and due_on < $2) as overdue,
               count(*) filter (where done_at is null) as open, count(done_at) as done
             from visit_repairs where tenant_id = $1 group by department order by 2 desc, 3 desc, 1 limit 200",
        )
        .bind(self.city.0)
        .bind(today)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(department, overdue, open, done)| RepairCounts {
                department,
                overdue,
                open,
                done,
            })
            .collect())
    }
}
