//! Product offers 可申请的产品 on PostgreSQL; the public wall lets through published rows only.

use application::ports::{
    product_offers::{Offer, OfferBranch, ProductOffers},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{ProductId, TenantId},
    product::{GuaranteeType, ProductRange},
    values::{Cents, Rate, TermUnit},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
pub(crate) struct OfferRow {
    id: Uuid,
    version: i32,
    name: String,
    tenant_id: Uuid,
    bank_name: String,
    bank_mark: String,
    guarantee_type: String,
    amount_min_cents: i64,
    amount_max_cents: i64,
    rate_min: i32,
    rate_max: i32,
    term_min: i32,
    term_max: i32,
    term_unit: String,
    rate_term: String,
}

impl OfferRow {
    pub(crate) fn offer(self) -> Result<Offer, StoreError> {
        let broken =
            || StoreError::Broken("a product holds a value that the domain refuses".into());
        let cents = |v: i64| Cents::new(v).map_err(|_| broken());
        let rate = |v: i32| Rate::new(v).map_err(|_| broken());
        let term = |v: i32| u16::try_from(v).map_err(|_| broken());
        Ok(Offer {
            product: ProductId(self.id),
            version: self.version,
            name: self.name,
            bank: TenantId(self.tenant_id),
            bank_name: self.bank_name,
            bank_mark: self.bank_mark,
            guarantee: GuaranteeType::from_code(&self.guarantee_type).ok_or_else(broken)?,
            rate_term: self.rate_term,
            range: ProductRange {
                amount_min: cents(self.amount_min_cents)?,
                amount_max: cents(self.amount_max_cents)?,
                rate_min: rate(self.rate_min)?,
                rate_max: rate(self.rate_max)?,
                term_min: term(self.term_min)?,
                term_max: term(self.term_max)?,
                term_unit: TermUnit::parse(&self.term_unit).map_err(|_| broken())?,
            },
        })
    }
}

#[derive(FromRow)]
pub(crate) struct BranchRow {
    pub id: Uuid,
    pub name: String,
    pub region_code: String,
    pub serves: Vec<String>,
    pub address: String,
    pub phone: String,
    pub usual_response_hours: Option<i32>,
    pub near: bool,
}

impl From<BranchRow> for OfferBranch {
    fn from(b: BranchRow) -> Self {
        Self {
            id: TenantId(b.id),
            name: b.name,
            region_code: b.region_code,
            serves: b.serves,
            address: b.address,
            phone: b.phone,
            usual_response_hours: b.usual_response_hours,
            near: b.near,
        }
    }
}

#[async_trait]
impl ProductOffers for PgUnitOfWork {
    async fn offer(&mut self, product: ProductId) -> Result<Option<Offer>, StoreError> {
        let row: Option<OfferRow> = sqlx::query_as(
            "select p.id, p.version, p.name, p.tenant_id, t.name as bank_name, i.mark as bank_mark, p.guarantee_type, p.amount_min_cents,
                    p.amount_max_cents, p.rate_min, p.rate_max, p.term_min, p.term_max, p.term_unit, p.rate_term
             from products p join tenants t on t.id = p.tenant_id and t.status = 'active'
             join institutions i on i.tenant_id = p.tenant_id and i.status = 'published'
             where p.city_id = $1 and p.id = $2 and p.status = 'published'",
        )
        .bind(self.city.0)
        .bind(product.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(OfferRow::offer).transpose()
    }

    async fn branches_of(&mut self, product: ProductId) -> Result<Vec<OfferBranch>, StoreError> {
        let rows: Vec<BranchRow> = sqlx::query_as(
            "select b.tenant_id as id, t.name, b.region_code, b.serves, b.address, b.phone, b.usual_response_hours,
                    own.county is not null and (b.serves = '{}' or own.county = any (b.serves)) as near
             from product_branches pb
             join branches b on b.tenant_id = pb.branch_id and b.status = 'published'
             join tenants t on t.id = b.tenant_id and t.status = 'active'
             left join (select nullif(left(region_code, 6), '') as county from enterprises
                        where tenant_id = $1 and id = current_enterprise()) own on true
             where pb.city_id = $1 and pb.product_id = $2
             order by near desc, coalesce(left(b.region_code, 6) = own.county, false) desc, b.region_code, t.name",
        )
        .bind(self.city.0)
        .bind(product.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn carried_by(&mut self, branch: TenantId) -> Result<Vec<Offer>, StoreError> {
        let rows: Vec<OfferRow> = sqlx::query_as(
            "select p.id, p.version, p.name, p.tenant_id, t.name as bank_name, i.mark as bank_mark, p.guarantee_type, p.amount_min_cents,
                    p.amount_max_cents, p.rate_min, p.rate_max, p.term_min, p.term_max, p.term_unit, p.rate_term
             from product_branches pb
             join branches b on b.tenant_id = pb.branch_id and b.status = 'published'
             join tenants bt on bt.id = b.tenant_id and bt.status = 'active'
             join products p on p.id = pb.product_id and p.city_id = pb.city_id and p.status = 'published'
             join tenants t on t.id = p.tenant_id and t.status = 'active'
             join institutions i on i.tenant_id = p.tenant_id and i.status = 'published'
             where pb.city_id = $1 and pb.branch_id = $2 and b.bank_id = p.tenant_id
             order by p.name, p.id limit 100",
        )
        .bind(self.city.0)
        .bind(branch.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(OfferRow::offer).collect()
    }

    async fn featured(&mut self, most: i64) -> Result<Vec<Offer>, StoreError> {
        let rows: Vec<OfferRow> = sqlx::query_as(
            "select p.id, p.version, p.name, p.tenant_id, t.name as bank_name, i.mark as bank_mark, p.guarantee_type, p.amount_min_cents,
                    p.amount_max_cents, p.rate_min, p.rate_max, p.term_min, p.term_max, p.term_unit, p.rate_term
             from products p join tenants t on t.id = p.tenant_id and t.status = 'active'
             join institutions i on i.tenant_id = p.tenant_id and i.status = 'published'
             where p.city_id = $1 and p.status = 'published'
             order by p.featured desc, p.published_at desc nulls last, p.id limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(OfferRow::offer).collect()
    }
}
