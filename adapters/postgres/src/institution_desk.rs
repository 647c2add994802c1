//! Institution desk 机构管理 on PostgreSQL.

use application::ports::{
    institution_desk::{
        DeskBranch, DeskInstitution, InstitutionDesk, InstitutionFacts, Suspension, SuspensionKind,
    },
    store::StoreError,
    supervision::HoldStatus,
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork, supervision::broken};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    short_name: String,
    institution_type: String,
    type_label: String,
    licence_no: String,
    hotline: String,
    address: String,
    intro: String,
    suspended: bool,
    created_at: OffsetDateTime,
    branches: i64,
    people: i64,
    products: i64,
    open: i64,
}

impl From<Row> for DeskInstitution {
    fn from(row: Row) -> Self {
        Self {
            id: TenantId(row.id),
            facts: InstitutionFacts {
                name: row.name,
                short_name: row.short_name,
                kind: row.institution_type,
                kind_label: row.type_label,
                licence_no: row.licence_no,
                hotline: row.hotline,
                address: row.address,
                intro: row.intro,
            },
            suspended: row.suspended,
            since: row.created_at,
            branches: row.branches,
            people: row.people,
            products: row.products,
            open: row.open,
        }
    }
}

#[derive(FromRow)]
struct BranchRow {
    id: Uuid,
    name: String,
    region_code: String,
    phone: String,
    suspended: bool,
    people: i64,
    open: i64,
}

#[derive(FromRow)]
struct SuspensionRow {
    id: Uuid,
    institution_id: Uuid,
    institution_name: String,
    kind: String,
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

impl TryFrom<SuspensionRow> for Suspension {
    type Error = StoreError;

    fn try_from(row: SuspensionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            institution: TenantId(row.institution_id),
            institution_name: row.institution_name,
            kind: SuspensionKind::from_code(&row.kind)
                .ok_or_else(|| broken("an unknown suspension"))?,
            reason: row.reason,
            asked_by: UserId(row.asked_by),
            asked_name: row.asked_name,
            asked_at: row.asked_at,
            status: HoldStatus::from_code(&row.status)
                .ok_or_else(|| broken("an unknown state of a suspension"))?,
            settled_by: row.settled_by.map(UserId),
            settled_name: row.settled_name,
            settled_at: row.settled_at,
            withdrawal: row.withdrawal,
        })
    }
}

/// 办理中 as the city's list of requests has it: what waits for a decision.
macro_rules! open_stages {
    () => {
        "('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval')"
    };
}

macro_rules! institution {
    ($rest:literal) => {
        concat!(
            "select t.id, t.name, t.short_name, i.institution_type, i.type_label, i.licence_no, i.hotline, i.address, i.intro,
               i.status = 'suspended' as suspended, t.created_at,
               (select count(*) from branches b where b.bank_id = t.id) as branches,
               (select count(*) from users u where u.tenant_id = t.id and u.status in ('active', 'invited')) as people,
               (select count(*) from products p where p.tenant_id = t.id and p.status = 'published') as products,
               (select count(*) from financing_applications a where a.tenant_id = $1 and a.bank_id = t.id and a.stage in ",
            open_stages!(),
            ") as open
             from institutions i join tenants t on t.id = i.tenant_id where i.city_id = $1 ",
            $rest
        )
    };
}

macro_rules! suspension {
    ($rest:literal) => {
        concat!(
            "select s.*, t.name as institution_name from institution_suspensions s join tenants t on t.id = s.institution_id
             where s.tenant_id = $1 and ",
            $rest
        )
    };
}

/// The one character drawn as the sign of an institution.
const WRITE: &str = "insert into institutions (tenant_id, city_id, institution_type, type_label, holding, licence_no, hotline, address, intro, mark)
     values ($1, $2, $3, $4, $3 = 'financial_holding', $5, $6, $7, $8, left($9, 1))";

#[async_trait]
impl InstitutionDesk for PgUnitOfWork {
    async fn desk_institutions(&mut self) -> Result<Vec<DeskInstitution>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(institution!("order by i.position, t.name, t.id"))
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn desk_institution(
        &mut self,
        id: TenantId,
    ) -> Result<Option<DeskInstitution>, StoreError> {
        let row: Option<Row> = sqlx::query_as(institution!("and t.id = $2 for update of i"))
            .bind(self.city.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(Into::into))
    }

    async fn desk_branches(&mut self, id: TenantId) -> Result<Vec<DeskBranch>, StoreError> {
        let rows: Vec<BranchRow> = sqlx::query_as(concat!(
            "select t.id, t.name, b.region_code, b.phone, b.status = 'suspended' as suspended,
               (select count(*) from users u where u.tenant_id = t.id and u.status in ('active', 'invited')) as people,
               (select count(*) from financing_applications a where a.tenant_id = $1 and a.handler_tenant_id = t.id and a.stage in ",
            open_stages!(),
            ") as open
             from branches b join tenants t on t.id = b.tenant_id where b.city_id = $1 and b.bank_id = $2
             order by b.region_code, t.name"
        ))
        .bind(self.city.0)
        .bind(id.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|row| DeskBranch {
                id: TenantId(row.id),
                name: row.name,
                region_code: row.region_code,
                phone: row.phone,
                suspended: row.suspended,
                people: row.people,
                open: row.open,
            })
            .collect())
    }

    async fn institution_named(&mut self, name: &str) -> Result<Option<TenantId>, StoreError> {
        // Two people who take in the same institution at once find each other at the city's row.
        sqlx::query("select 1 from tenants where id = $1 for update")
            .bind(self.city.0)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let found: Option<Uuid> = sqlx::query_scalar(
            "select id from tenants where city_id = $1 and kind = 'bank' and name = $2 limit 1",
        )
        .bind(self.city.0)
        .bind(name)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(TenantId))
    }

    async fn open_institution(
        &mut self,
        id: TenantId,
        facts: &InstitutionFacts,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into tenants (id, parent_id, city_id, kind, name, short_name, created_at)
             values ($1, $2, $2, 'bank', $3, $4, $5)",
        )
        .bind(id.0)
        .bind(self.city.0)
        .bind(&facts.name)
        .bind(&facts.short_name)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(WRITE)
            .bind(id.0)
            .bind(self.city.0)
            .bind(&facts.kind)
            .bind(&facts.kind_label)
            .bind(&facts.licence_no)
            .bind(&facts.hotline)
            .bind(&facts.address)
            .bind(&facts.intro)
            .bind(&facts.short_name)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        // It lies below the city from this moment on, and so within its reach: the permit was made before it was there.
        sqlx::query(
            "select set_config('app.reach', concat_ws(',', nullif(current_setting('app.reach', true), ''), $1::text), true)",
        )
        .bind(id.to_string())
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn change_institution(
        &mut self,
        id: TenantId,
        facts: &InstitutionFacts,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update tenants set name = $2, short_name = $3 where id = $1 and kind = 'bank'",
        )
        .bind(id.0)
        .bind(&facts.name)
        .bind(&facts.short_name)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "update institutions set institution_type = $3, type_label = $4, licence_no = $5, hotline = $6, address = $7, intro = $8
             where city_id = $1 and tenant_id = $2",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(&facts.kind)
        .bind(&facts.kind_label)
        .bind(&facts.licence_no)
        .bind(&facts.hotline)
        .bind(&facts.address)
        .bind(&facts.intro)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn suspensions(&mut self, id: TenantId) -> Result<Vec<Suspension>, StoreError> {
        let rows: Vec<SuspensionRow> = sqlx::query_as(suspension!(
            "s.institution_id = $2 order by s.asked_at desc, s.id limit 50"
        ))
        .bind(self.city.0)
        .bind(id.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn open_suspensions(&mut self) -> Result<Vec<Suspension>, StoreError> {
        let rows: Vec<SuspensionRow> = sqlx::query_as(suspension!(
            "s.status = 'open' order by s.asked_at, s.id limit 50"
        ))
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn suspension(&mut self, id: Uuid) -> Result<Option<Suspension>, StoreError> {
        let row: Option<SuspensionRow> = sqlx::query_as(suspension!("s.id = $2 for update of s"))
            .bind(self.city.0)
            .bind(id)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn ask_suspension(&mut self, suspension: &Suspension) -> Result<(), StoreError> {
        sqlx::query(
            "insert into institution_suspensions (id, tenant_id, institution_id, kind, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(suspension.id)
        .bind(self.city.0)
        .bind(suspension.institution.0)
        .bind(suspension.kind.code())
        .bind(&suspension.reason)
        .bind(suspension.asked_by.0)
        .bind(&suspension.asked_name)
        .bind(suspension.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn settle_suspension(&mut self, suspension: &Suspension) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update institution_suspensions set status = $3, settled_by = $4, settled_name = $5, settled_at = $6, withdrawal = $7
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(suspension.id)
        .bind(suspension.status.code())
        .bind(suspension.settled_by.map(|u| u.0))
        .bind(&suspension.settled_name)
        .bind(suspension.settled_at)
        .bind(&suspension.withdrawal)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        match done.rows_affected() {
            0 => Err(StoreError::Stale),
            _ => Ok(()),
        }
    }

    async fn set_institution_suspended(
        &mut self,
        id: TenantId,
        suspended: bool,
    ) -> Result<bool, StoreError> {
        // This row is what tells the portal, and what every new request is held against.
        let done = sqlx::query(
            "update institutions set status = case when $3 then 'suspended' else 'published' end
             where city_id = $1 and tenant_id = $2 and (status = 'suspended') <> $3",
        )
        .bind(self.city.0)
        .bind(id.0)
        .bind(suspended)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}
