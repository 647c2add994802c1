//! Product shelf 产品管理 on PostgreSQL.

use application::{
    ports::{
        catalogue::Product,
        product_shelf::{
            DraftStatus, OwnBranch, ProductDraft, ProductShelf, PublishedVersion, ShelfRow, Shelved,
        },
        store::StoreError,
    },
    products::ProductForm,
};
use async_trait::async_trait;
use domain::{
    ids::{ProductId, TenantId, UserId},
    product::ProductStatus,
    values::Ratio,
};
use sqlx::{FromRow, Row as _, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{catalogue, errors::store_error, store::PgUnitOfWork};

fn broken(what: &'static str) -> StoreError {
    StoreError::Broken(what.into())
}

#[derive(FromRow)]
struct DraftRow {
    product_id: Uuid,
    tenant_id: Uuid,
    bank_name: String,
    revision: i32,
    status: String,
    form: Json<ProductForm>,
    saved_by: Uuid,
    saved_name: String,
    saved_at: OffsetDateTime,
    submitted_at: Option<OffsetDateTime>,
    review_note: String,
    reviewed_by: Option<Uuid>,
    reviewed_name: String,
    reviewed_at: Option<OffsetDateTime>,
}

impl TryFrom<DraftRow> for ProductDraft {
    type Error = StoreError;

    fn try_from(row: DraftRow) -> Result<Self, StoreError> {
        Ok(Self {
            product: ProductId(row.product_id),
            bank: TenantId(row.tenant_id),
            bank_name: row.bank_name,
            revision: row.revision,
            status: DraftStatus::from_code(&row.status)
                .ok_or_else(|| broken("an unknown state of a draft"))?,
            form: row.form.0,
            saved_by: UserId(row.saved_by),
            saved_name: row.saved_name,
            saved_at: row.saved_at,
            submitted_at: row.submitted_at,
            review_note: row.review_note,
            reviewed_by: row.reviewed_by.map(UserId),
            reviewed_name: row.reviewed_name,
            reviewed_at: row.reviewed_at,
        })
    }
}

#[derive(FromRow)]
struct ListRow {
    id: Uuid,
    name: String,
    status: Option<String>,
    version: i32,
    draft: Option<String>,
    updated_at: OffsetDateTime,
}

impl PgUnitOfWork {
    async fn draft_row(
        &mut self,
        id: ProductId,
        lock: bool,
    ) -> Result<Option<ProductDraft>, StoreError> {
        let sql = if lock {
            "select d.*, t.name as bank_name from product_drafts d join tenants t on t.id = d.tenant_id
             where d.city_id = $1 and d.product_id = $2 for update of d"
        } else {
            "select d.*, t.name as bank_name from product_drafts d join tenants t on t.id = d.tenant_id
             where d.city_id = $1 and d.product_id = $2"
        };
        let row: Option<DraftRow> = sqlx::query_as(sql)
            .bind(self.city.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    /// Over the row that stands there, or as a new one.
    async fn shelve(&mut self, product: &Product, at: OffsetDateTime) -> Result<(), StoreError> {
        const UPDATE: &str = "update products set version = $4, status = 'published', name = $5, intro = $6, financing_type = $7,
               guarantee_type = $8, amount_min_cents = $9, amount_max_cents = $10, rate_min = $11, rate_max = $12,
               term_min = $13, term_max = $14, term_unit = $15, repayment_methods = $16, rate_term = $17, rate_type = $18,
               collateral = $19, purposes = $20, fees = $21, conditions = $22, documents = $23, eligibility = $24,
               highlights = $25, first_loan = $26, renewal = $27, featured = $28, response_days = $29, published_at = $30,
               updated_at = $31, industries = $32, revenue_percent = $33, tax_times = $34, off_shelf_reason = ''
             where id = $1 and tenant_id = $2 and city_id = $3";
        const INSERT: &str = "insert into products (id, tenant_id, city_id, version, status, name, intro, financing_type,
               guarantee_type, amount_min_cents, amount_max_cents, rate_min, rate_max, term_min, term_max, term_unit,
               repayment_methods, rate_term, rate_type, collateral, purposes, fees, conditions, documents, eligibility,
               highlights, first_loan, renewal, featured, response_days, published_at, updated_at, industries, revenue_percent,
               tax_times)
             values ($1, $2, $3, $4, 'published', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
               $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)";
        for sql in [UPDATE, INSERT] {
            let range = &product.range;
            let done = sqlx::query(sql)
                .bind(product.id.0)
                .bind(product.institution.0)
                .bind(self.city.0)
                .bind(product.version)
                .bind(&product.name)
                .bind(&product.intro)
                .bind(&product.financing_type)
                .bind(product.guarantee.code())
                .bind(range.amount_min.cents())
                .bind(range.amount_max.cents())
                .bind(range.rate_min.hundredths())
                .bind(range.rate_max.hundredths())
                .bind(i32::from(range.term_min))
                .bind(i32::from(range.term_max))
                .bind(range.term_unit.as_str())
                .bind(&product.repayment_methods)
                .bind(&product.rate_term)
                .bind(&product.rate_type)
                .bind(&product.collateral)
                .bind(&product.purposes)
                .bind(Json(&product.fees))
                .bind(&product.conditions)
                .bind(&product.documents)
                .bind(&product.eligibility)
                .bind(&product.highlights)
                .bind(product.first_loan)
                .bind(product.renewal)
                .bind(product.featured)
                .bind(product.response_days)
                .bind(product.published_at)
                .bind(at)
                .bind(&product.industries)
                .bind(product.bounds.revenue_percent.map(Ratio::hundredths))
                .bind(product.bounds.tax_times.map(Ratio::hundredths))
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
            if done.rows_affected() > 0 {
                return Ok(());
            }
        }
        Err(StoreError::Stale)
    }

    async fn replace_rules(&mut self, product: &Product) -> Result<(), StoreError> {
        sqlx::query("delete from product_rules where tenant_id = $1 and product_id = $2")
            .bind(product.institution.0)
            .bind(product.id.0)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        for rule in &product.rules {
            sqlx::query(
                "insert into product_rules (tenant_id, city_id, product_id, subject, operator, answers)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(product.institution.0)
            .bind(self.city.0)
            .bind(product.id.0)
            .bind(rule.subject().code())
            .bind(rule.operator().code())
            .bind(rule.values())
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        }
        Ok(())
    }

    async fn replace_branches(&mut self, product: &Product) -> Result<(), StoreError> {
        let branches: Vec<Uuid> = product.branches.iter().map(|b| b.0).collect();
        sqlx::query(
            "delete from product_branches where tenant_id = $1 and product_id = $2 and branch_id <> all ($3)",
        )
        .bind(product.institution.0)
        .bind(product.id.0)
        .bind(&branches)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query(
            "insert into product_branches (product_id, branch_id, tenant_id, city_id)
             select $1, b, $2, $3 from unnest($4::uuid[]) b on conflict do nothing",
        )
        .bind(product.id.0)
        .bind(product.institution.0)
        .bind(self.city.0)
        .bind(&branches)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}

#[async_trait]
impl ProductShelf for PgUnitOfWork {
    async fn shelf(&mut self) -> Result<Vec<ShelfRow>, StoreError> {
        let rows: Vec<ListRow> = sqlx::query_as(
            "select coalesce(p.id, d.product_id) as id, coalesce(p.name, d.name) as name, p.status,
                    coalesce(p.version, 0) as version, case when d.status <> 'published' then d.status end as draft,
                    greatest(p.updated_at, d.saved_at) as updated_at
             from (select * from products where tenant_id = $1) p
             full join (select * from product_drafts where tenant_id = $1) d on d.product_id = p.id
             order by greatest(p.updated_at, d.saved_at) desc, 2 limit 500",
        )
        .bind(self.tenant.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|row| {
                let status = row.status.map(|s| {
                    ProductStatus::from_code(&s)
                        .ok_or_else(|| broken("an unknown state of a product"))
                });
                Ok(ShelfRow {
                    id: ProductId(row.id),
                    name: row.name,
                    status: status.transpose()?,
                    version: row.version,
                    draft: row.draft.as_deref().and_then(DraftStatus::from_code),
                    updated_at: row.updated_at,
                })
            })
            .collect()
    }

    async fn shelved(&mut self, id: ProductId) -> Result<Option<Shelved>, StoreError> {
        let row = sqlx::query("select * from products where city_id = $1 and id = $2")
            .bind(self.city.0)
            .bind(id.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let status: String = row.try_get("status").map_err(store_error)?;
        let mut product = catalogue::product(&row).map_err(store_error)?;
        let off_shelf_reason = row.try_get("off_shelf_reason").map_err(store_error)?;
        product.rules = self
            .rules_of(Some(id))
            .await?
            .remove(&id.0)
            .unwrap_or_default();
        let branches: Vec<Uuid> = sqlx::query_scalar(
            "select branch_id from product_branches where city_id = $1 and product_id = $2 order by branch_id",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        product.branches = branches.into_iter().map(TenantId).collect();
        Ok(Some(Shelved {
            product,
            status: ProductStatus::from_code(&status)
                .ok_or_else(|| broken("an unknown state of a product"))?,
            off_shelf_reason,
        }))
    }

    async fn product_draft(&mut self, id: ProductId) -> Result<Option<ProductDraft>, StoreError> {
        self.draft_row(id, false).await
    }

    async fn product_draft_for_update(
        &mut self,
        id: ProductId,
    ) -> Result<Option<ProductDraft>, StoreError> {
        self.draft_row(id, true).await
    }

    async fn save_product_draft(&mut self, draft: &ProductDraft) -> Result<(), StoreError> {
        sqlx::query(
            "insert into product_drafts (tenant_id, city_id, product_id, revision, status, name, form, saved_by, saved_name,
               saved_at, submitted_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (tenant_id, product_id) do update set revision = $4, status = $5, name = $6, form = $7,
               saved_by = $8, saved_name = $9, saved_at = $10, submitted_at = $11, review_note = '', reviewed_by = null,
               reviewed_name = '', reviewed_at = null",
        )
        .bind(draft.bank.0)
        .bind(self.city.0)
        .bind(draft.product.0)
        .bind(draft.revision)
        .bind(draft.status.code())
        .bind(&draft.form.product_name)
        .bind(Json(&draft.form))
        .bind(draft.saved_by.0)
        .bind(&draft.saved_name)
        .bind(draft.saved_at)
        .bind(draft.submitted_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn settle_product_draft(&mut self, draft: &ProductDraft) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update product_drafts set status = $4, review_note = $5, reviewed_by = $6, reviewed_name = $7, reviewed_at = $8
             where city_id = $1 and product_id = $2 and revision = $3",
        )
        .bind(self.city.0)
        .bind(draft.product.0)
        .bind(draft.revision)
        .bind(draft.status.code())
        .bind(&draft.review_note)
        .bind(draft.reviewed_by.map(|u| u.0))
        .bind(&draft.reviewed_name)
        .bind(draft.reviewed_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    async fn name_taken(&mut self, id: ProductId, name: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from products where tenant_id = $1 and id <> $2 and name = $3)
                 or exists (select from product_drafts where tenant_id = $1 and product_id <> $2 and name = $3
                            and status <> 'published')",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(name)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn waiting_drafts(&mut self) -> Result<Vec<ProductDraft>, StoreError> {
        let rows: Vec<DraftRow> = sqlx::query_as(
            "select d.*, t.name as bank_name from product_drafts d join tenants t on t.id = d.tenant_id
             where d.city_id = $1 and d.status = 'in_review' order by d.submitted_at, d.product_id limit 200",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn publish(&mut self, product: &Product, at: OffsetDateTime) -> Result<(), StoreError> {
        self.shelve(product, at).await?;
        self.replace_rules(product).await?;
        self.replace_branches(product).await?;
        let rules: Vec<serde_json::Value> = product
            .rules
            .iter()
            .map(|r| {
                serde_json::json!({
                    "subject": r.subject().code(), "operator": r.operator().code(), "answers": r.values(),
                })
            })
            .collect();
        sqlx::query(
            "insert into product_versions (product_id, version, tenant_id, city_id, terms, published_at)
             select id, version, tenant_id, city_id,
                    to_jsonb(p) - array['id', 'tenant_id', 'city_id', 'status', 'version', 'published_at', 'updated_at',
                                        'off_shelf_reason'] || jsonb_build_object('rules', $3::jsonb),
                    $4
             from products p where p.tenant_id = $1 and p.id = $2",
        )
        .bind(product.institution.0)
        .bind(product.id.0)
        .bind(Json(rules))
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn take_off(
        &mut self,
        id: ProductId,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update products set status = 'off_shelf', off_shelf_reason = $3, updated_at = $4
             where tenant_id = $1 and id = $2 and status = 'published'",
        )
        .bind(self.tenant.0)
        .bind(id.0)
        .bind(reason)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn own_branches(&mut self) -> Result<Vec<OwnBranch>, StoreError> {
        self.branches_of_bank(self.tenant).await
    }

    async fn branches_of_bank(&mut self, bank: TenantId) -> Result<Vec<OwnBranch>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select b.tenant_id, t.name from branches b join tenants t on t.id = b.tenant_id
             where b.city_id = $1 and b.bank_id = $2 and b.status = 'published' and t.status = 'active'
             order by b.region_code, t.name",
        )
        .bind(self.city.0)
        .bind(bank.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| OwnBranch {
                id: TenantId(id),
                name,
            })
            .collect())
    }

    async fn product_versions(
        &mut self,
        id: ProductId,
    ) -> Result<Vec<PublishedVersion>, StoreError> {
        let rows: Vec<(i32, OffsetDateTime)> = sqlx::query_as(
            "select version, published_at from product_versions where city_id = $1 and product_id = $2
             order by version desc limit 50",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(version, at)| PublishedVersion { version, at })
            .collect())
    }
}
