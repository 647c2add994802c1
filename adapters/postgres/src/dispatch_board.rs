//! Dispatch board 派单 on PostgreSQL.

use application::ports::{
    dispatch_board::{BranchPlace, DispatchBoard, Returned, RunningMove},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{FinancingApplicationId, ProductId, TenantId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use uuid::Uuid;

use crate::{errors::store_error, moves::move_request, store::PgUnitOfWork};

#[derive(FromRow)]
struct PlaceRow {
    id: Uuid,
    name: String,
    region_code: String,
    serves: Vec<String>,
    waiting: i64,
    working: i64,
    carries: bool,
}

impl From<PlaceRow> for BranchPlace {
    fn from(row: PlaceRow) -> Self {
        Self {
            id: TenantId(row.id),
            name: row.name,
            region_code: row.region_code,
            serves: row.serves,
            waiting: row.waiting,
            working: row.working,
            carries: row.carries,
        }
    }
}

struct Running(RunningMove);

impl FromRow<'_, PgRow> for Running {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let stage = Stage::from_code(row.try_get("stage")?)
            .ok_or_else(|| sqlx::Error::Decode("an unknown stage".into()))?;
        let number: Option<String> = row.try_get("application_no")?;
        Ok(Self(RunningMove {
            request: move_request(row)?,
            number: number.unwrap_or_default(),
            enterprise_name: row.try_get("enterprise_name")?,
            handler_name: row.try_get("handler_name")?,
            stage,
        }))
    }
}

#[async_trait]
impl DispatchBoard for PgUnitOfWork {
    async fn places(&mut self, product: ProductId) -> Result<Vec<BranchPlace>, StoreError> {
        let rows: Vec<PlaceRow> = sqlx::query_as(
            "with load as (
               select handler_tenant_id as who, count(*) filter (where stage = 'submitted') as waiting,
                 count(*) filter (where stage in ('accepted', 'due_diligence', 'in_approval')) as working
               from financing_applications
               where tenant_id = $1 and handler_tenant_id = any ((select current_reach())::uuid[])
                 and stage in ('submitted', 'accepted', 'due_diligence', 'in_approval')
               group by 1)
             select t.id, t.name, b.region_code, b.serves, coalesce(load.waiting, 0) as waiting,
               coalesce(load.working, 0) as working,
               b.status = 'published' and t.status = 'active' and exists (
                 select from product_branches p where p.product_id = $2 and p.branch_id = b.tenant_id) as carries
             from branches b join tenants t on t.id = b.tenant_id left join load on load.who = b.tenant_id
             where b.city_id = $1 and b.tenant_id = any ((select current_reach())::uuid[])
             order by t.name limit 200",
        )
        .bind(self.city.0)
        .bind(product.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn running_moves(&mut self, most: i64) -> Result<Vec<RunningMove>, StoreError> {
        let rows: Vec<Running> = sqlx::query_as(
            "select m.*, a.application_no, a.enterprise_name, a.handler_name, a.stage
             from move_requests m join financing_applications a on a.tenant_id = m.tenant_id and a.id = m.application_id
             where m.tenant_id = $1 and m.status in ('open', 'agreed') and a.bank_id = $2
             order by m.asked_at, m.id limit $3",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn returned_because(
        &mut self,
        applications: &[FinancingApplicationId],
    ) -> Result<Vec<(FinancingApplicationId, Returned)>, StoreError> {
        let ids: Vec<Uuid> = applications.iter().map(|id| id.0).collect();
        let rows: Vec<(Uuid, String, Vec<String>, String)> = sqlx::query_as(
            "select distinct on (application_id) application_id, actor_name, reason_codes, note
             from application_events
             where tenant_id = $1 and application_id = any ($2) and kind in ('decline_intake', 'intake_timeout')
             order by application_id, seq desc",
        )
        .bind(self.city.0)
        .bind(ids)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, by, reason_codes, note)| {
                let returned = Returned {
                    by,
                    reason_codes,
                    note,
                };
                (FinancingApplicationId(id), returned)
            })
            .collect())
    }

    async fn gave_it_back(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<TenantId>, StoreError> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select distinct handler_tenant_id from application_events
             where tenant_id = $1 and application_id = $2 and kind = 'decline_intake' and handler_tenant_id is not null",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(ids.into_iter().map(TenantId).collect())
    }
}
