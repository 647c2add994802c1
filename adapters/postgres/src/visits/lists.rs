//! The lists themselves, their files and rows, and whom the rows are given to.

use application::ports::{
    store::StoreError,
    visits::{
        NewVisitRow, RowToSend, SendRow, Sending, StandsIn, VisitBank, VisitList, VisitLists,
    },
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use super::coverage::FREEZE;
use crate::{errors::store_error, store::PgUnitOfWork};

struct Stored(VisitList);

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(VisitList {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            source: row.try_get("source")?,
            due_on: row.try_get("due_on")?,
            rows_kept: row.try_get("rows_kept")?,
            rows_sent: row.try_get("rows_sent")?,
            created_by: UserId(row.try_get("created_by")?),
            created_name: row.try_get("created_name")?,
            created_at: row.try_get("created_at")?,
            closed_at: row.try_get("closed_at")?,
            closed_name: row.try_get("closed_name")?,
        }))
    }
}

impl PgUnitOfWork {
    async fn one_list(
        &mut self,
        sql: &'static str,
        id: Uuid,
    ) -> Result<Option<VisitList>, StoreError> {
        let found: Option<Stored> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(found.map(|list| list.0))
    }
}

#[async_trait]
impl VisitLists for PgUnitOfWork {
    async fn insert_visit_list(&mut self, list: &VisitList) -> Result<(), StoreError> {
        sqlx::query(
            "insert into visit_lists (id, tenant_id, name, source, due_on, created_by, created_name, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(list.id)
        .bind(self.city.0)
        .bind(&list.name)
        .bind(&list.source)
        .bind(list.due_on)
        .bind(list.created_by.0)
        .bind(&list.created_name)
        .bind(list.created_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn visit_lists(
        &mut self,
        after: Option<(OffsetDateTime, Uuid)>,
        most: i64,
    ) -> Result<Vec<VisitList>, StoreError> {
        let rows: Vec<Stored> = sqlx::query_as(
            "select * from visit_lists where tenant_id = $1 and ($2::timestamptz is null or (created_at, id) < ($2, $3))
             order by created_at desc, id desc limit $4",
        )
        .bind(self.city.0)
        .bind(after.map(|(at, _)| at))
        .bind(after.map(|(_, id)| id))
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|list| list.0).collect())
    }

    async fn visit_list(&mut self, id: Uuid) -> Result<Option<VisitList>, StoreError> {
        self.one_list(
            "select * from visit_lists where tenant_id = $1 and id = $2",
            id,
        )
        .await
    }

    async fn visit_list_for_update(&mut self, id: Uuid) -> Result<Option<VisitList>, StoreError> {
        self.one_list(
            "select * from visit_lists where tenant_id = $1 and id = $2 for update",
            id,
        )
        .await
    }

    async fn add_visit_file(&mut self, import: Uuid, list: Uuid) -> Result<(), StoreError> {
        sqlx::query("insert into visit_files (tenant_id, import_id, list_id) values ($1, $2, $3)")
            .bind(self.city.0)
            .bind(import)
            .bind(list)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn list_of_import(&mut self, import: Uuid) -> Result<Option<VisitList>, StoreError> {
        self.one_list(
            "select l.* from visit_files f join visit_lists l on l.tenant_id = f.tenant_id and l.id = f.list_id
             where f.tenant_id = $1 and f.import_id = $2",
            import,
        )
        .await
    }

    async fn add_visit_row(&mut self, row: &NewVisitRow) -> Result<Option<StandsIn>, StoreError> {
        let done = sqlx::query(
            "insert into visit_rows (id, tenant_id, list_id, import_id, row_number, credit_code, company_name, district, contact_shown,
               contact_sealed, note, bank_id, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             on conflict (tenant_id, credit_code) where not frozen do nothing",
        )
        .bind(row.id)
        .bind(self.city.0)
        .bind(row.list)
        .bind(row.import)
        .bind(row.number)
        .bind(&row.credit_code)
        .bind(&row.company_name)
        .bind(&row.district)
        .bind(&row.contact_shown)
        .bind(&row.contact_sealed)
        .bind(&row.note)
        .bind(row.bank.map(|bank| bank.0))
        .bind(row.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 1 {
            sqlx::query(
                "update visit_lists set rows_kept = rows_kept + 1 where tenant_id = $1 and id = $2",
            )
            .bind(self.city.0)
            .bind(row.list)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
            return Ok(None);
        }
        let stands: Option<(Uuid, String, i32)> = sqlx::query_as(
            "select l.id, l.name, v.row_number from visit_rows v join visit_lists l on l.tenant_id = v.tenant_id and l.id = v.list_id
             where v.tenant_id = $1 and v.credit_code = $2 and not v.frozen",
        )
        .bind(self.city.0)
        .bind(&row.credit_code)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        // Closed in between: whoever comes again finds room.
        let (list, list_name, number) = stands.ok_or(StoreError::Stale)?;
        Ok(Some(StandsIn {
            list,
            list_name,
            number,
        }))
    }

    async fn visit_banks(&mut self) -> Result<Vec<VisitBank>, StoreError> {
        let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
            "select t.id, t.name, t.short_name from institutions i join tenants t on t.id = i.tenant_id
             where i.city_id = $1 and i.status = 'published' and t.status = 'active' and t.kind = 'bank' order by i.position, t.name",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, name, short_name)| VisitBank {
                id: TenantId(id),
                name,
                short_name,
            })
            .collect())
    }

    async fn rows_to_assign(
        &mut self,
        list: Uuid,
        district: Option<&str>,
        given: bool,
    ) -> Result<Vec<Uuid>, StoreError> {
        sqlx::query_scalar(
            "select id from visit_rows where tenant_id = $1 and list_id = $2 and sent_at is null and not frozen
               and ($3::text is null or district = $3) and ($4 or bank_id is null) order by id",
        )
        .bind(self.city.0)
        .bind(list)
        .bind(district)
        .bind(given)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn assign_rows(
        &mut self,
        list: Uuid,
        rows: &[(Uuid, TenantId)],
    ) -> Result<u64, StoreError> {
        let (ids, banks): (Vec<Uuid>, Vec<Uuid>) =
            rows.iter().map(|(id, bank)| (*id, bank.0)).unzip();
        let done = sqlx::query(
            "update visit_rows v set bank_id = g.bank, version = v.version + 1 from unnest($3::uuid[], $4::uuid[]) as g (id, bank)
             where v.tenant_id = $1 and v.list_id = $2 and v.id = g.id and v.sent_at is null and not v.frozen",
        )
        .bind(self.city.0)
        .bind(list)
        .bind(ids)
        .bind(banks)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected())
    }

    async fn rows_to_send(&mut self, list: Uuid, most: i64) -> Result<Vec<RowToSend>, StoreError> {
        self.waiting_rows(list, most).await
    }

    async fn send_rows(&mut self, sending: &Sending, rows: &[SendRow]) -> Result<(), StoreError> {
        self.send_into_referrals(sending, rows).await
    }

    async fn close_visit_list(
        &mut self,
        id: Uuid,
        by_name: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(FREEZE)
            .bind(self.city.0)
            .bind(id)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        sqlx::query(
            "update visit_lists set closed_at = $3, closed_name = $4 where tenant_id = $1 and id = $2 and closed_at is null",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(at)
        .bind(by_name)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
