//! Writes a city's first content: institutions, branches, products, articles, agreements. What is there already stays as
//! it is, so a second start changes nothing, and neither does it undo what people changed.

use application::{
    content::StoredTerms,
    ports::catalogue::{AgreementText, Article, ArticleKind, Branch, Institution, Product},
};
use domain::{ids::TenantId, values::Ratio};
use sqlx::{PgPool, Postgres, Transaction, types::Json};

/// One transaction that writes as one owner after the other, each behind the walls.
pub struct ContentWriter {
    tx: Transaction<'static, Postgres>,
    city: TenantId,
}

impl ContentWriter {
    /// The login must be able to put on `tenant_rw`.
    pub async fn begin(pool: &PgPool, city: TenantId) -> Result<Self, sqlx::Error> {
        let mut writer = Self {
            tx: pool.begin().await?,
            city,
        };
        writer.act_as(city).await?;
        Ok(writer)
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }

    async fn act_as(&mut self, owner: TenantId) -> Result<(), sqlx::Error> {
        sqlx::query(
            "select set_config('role', 'tenant_rw', true), set_config('app.tenant_id', $1, true),
                    set_config('app.city_id', $2, true), set_config('app.reach', $3, true)",
        )
        .bind(owner.0.to_string())
        .bind(self.city.0.to_string())
        .bind(format!("{},{}", self.city, owner))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn tenant(
        &mut self,
        id: TenantId,
        parent: TenantId,
        kind: &str,
        name: &str,
        short_name: &str,
    ) -> Result<(), sqlx::Error> {
        self.act_as(parent).await?;
        sqlx::query(
            "insert into tenants (id, parent_id, city_id, kind, name, short_name) values ($1, $2, $3, $4, $5, $6)
             on conflict do nothing",
        )
        .bind(id.0)
        .bind(parent.0)
        .bind(self.city.0)
        .bind(kind)
        .bind(name)
        .bind(short_name)
        .execute(&mut *self.tx)
        .await?;
        self.act_as(id).await
    }

    pub async fn institution(&mut self, one: &Institution) -> Result<(), sqlx::Error> {
        self.tenant(one.id, self.city, "bank", &one.name, &one.short_name)
            .await?;
        sqlx::query(
            "insert into institutions (tenant_id, city_id, institution_type, type_label, holding, intro, hotline, address,
                                       mark, position)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        )
        .bind(one.id.0)
        .bind(self.city.0)
        .bind(&one.kind)
        .bind(&one.type_label)
        .bind(one.holding)
        .bind(&one.intro)
        .bind(&one.hotline)
        .bind(&one.address)
        .bind(&one.mark)
        .bind(one.position)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    pub async fn branch(&mut self, one: &Branch) -> Result<(), sqlx::Error> {
        let short: String = one.name.chars().take(30).collect();
        self.tenant(one.id, one.bank, "branch", &one.name, &short)
            .await?;
        sqlx::query(
            "insert into branches (tenant_id, city_id, bank_id, region_code, serves, address, phone, opening_hours,
                                   counter_check, usual_response_hours)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
        )
        .bind(one.id.0)
        .bind(self.city.0)
        .bind(one.bank.0)
        .bind(&one.region_code)
        .bind(&one.serves)
        .bind(&one.address)
        .bind(&one.phone)
        .bind(&one.opening_hours)
        .bind(one.counter_check)
        .bind(one.usual_response_hours)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// A published product with its version and the branches that carry it.
    pub async fn product(&mut self, one: &Product) -> Result<(), sqlx::Error> {
        self.act_as(one.institution).await?;
        let at = one.published_at;
        let done = sqlx::query(
            "insert into products (id, tenant_id, city_id, version, status, name, intro, financing_type, guarantee_type,
               amount_min_cents, amount_max_cents, rate_min, rate_max, term_min, term_max, term_unit, repayment_methods,
               rate_term, rate_type, collateral, purposes, fees, conditions, documents, eligibility, highlights, first_loan,
               renewal, featured, response_days, published_at, updated_at, industries, revenue_percent, tax_times)
             values ($1, $2, $3, $4, 'published', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
               $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, coalesce($30, now()), $31, $32, $33) on conflict do nothing",
        )
        .bind(one.id.0)
        .bind(one.institution.0)
        .bind(self.city.0)
        .bind(one.version)
        .bind(&one.name)
        .bind(&one.intro)
        .bind(&one.financing_type)
        .bind(one.guarantee.code())
        .bind(one.range.amount_min.cents())
        .bind(one.range.amount_max.cents())
        .bind(one.range.rate_min.hundredths())
        .bind(one.range.rate_max.hundredths())
        .bind(i32::from(one.range.term_min))
        .bind(i32::from(one.range.term_max))
        .bind(one.range.term_unit.as_str())
        .bind(&one.repayment_methods)
        .bind(&one.rate_term)
        .bind(&one.rate_type)
        .bind(&one.collateral)
        .bind(&one.purposes)
        .bind(Json(&one.fees))
        .bind(&one.conditions)
        .bind(&one.documents)
        .bind(&one.eligibility)
        .bind(&one.highlights)
        .bind(one.first_loan)
        .bind(one.renewal)
        .bind(one.featured)
        .bind(one.response_days)
        .bind(at)
        .bind(&one.industries)
        .bind(one.bounds.revenue_percent.map(Ratio::hundredths))
        .bind(one.bounds.tax_times.map(Ratio::hundredths))
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        sqlx::query(
            "insert into product_versions (product_id, version, tenant_id, city_id, terms, published_at)
             select id, version, tenant_id, city_id,
                    to_jsonb(p) - array['id', 'tenant_id', 'city_id', 'status', 'version', 'published_at', 'updated_at'],
                    coalesce(published_at, updated_at)
             from products p where p.tenant_id = $1 and p.id = $2",
        )
        .bind(one.institution.0)
        .bind(one.id.0)
        .execute(&mut *self.tx)
        .await?;
        for rule in &one.rules {
            sqlx::query(
                "insert into product_rules (tenant_id, city_id, product_id, subject, operator, answers)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(one.institution.0)
            .bind(self.city.0)
            .bind(one.id.0)
            .bind(rule.subject().code())
            .bind(rule.operator().code())
            .bind(rule.values())
            .execute(&mut *self.tx)
            .await?;
        }
        let branches: Vec<uuid::Uuid> = one.branches.iter().map(|b| b.0).collect();
        sqlx::query(
            "insert into product_branches (product_id, branch_id, tenant_id, city_id)
             select $1, b, $2, $3 from unnest($4::uuid[]) b",
        )
        .bind(one.id.0)
        .bind(one.institution.0)
        .bind(self.city.0)
        .bind(&branches)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    pub async fn article(&mut self, one: &Article) -> Result<(), sqlx::Error> {
        self.act_as(self.city).await?;
        let kind = match one.kind {
            ArticleKind::Policy => "policy",
            ArticleKind::News => "news",
            ArticleKind::About => "about",
        };
        let related: Vec<uuid::Uuid> = one.related_products.iter().map(|p| p.0).collect();
        sqlx::query(
            "insert into articles (id, tenant_id, city_id, kind, title, category, source, delivery, audience, pinned,
               related_products, document_no, issuer, summary, body, tags, deadline, published_at, industries, regions, first_loan,
               subsidy)
             values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
             on conflict do nothing",
        )
        .bind(one.id)
        .bind(self.city.0)
        .bind(kind)
        .bind(&one.title)
        .bind(&one.category)
        .bind(&one.source)
        .bind(&one.delivery)
        .bind(&one.audience)
        .bind(one.pinned)
        .bind(&related)
        .bind(&one.document_no)
        .bind(&one.issuer)
        .bind(&one.summary)
        .bind(&one.body)
        .bind(&one.tags)
        .bind(one.deadline)
        .bind(one.published_at)
        .bind(&one.industries)
        .bind(&one.regions)
        .bind(one.first_loan)
        .bind(one.subsidy.as_ref().map(StoredTerms::of).map(Json))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// An article stands there with other words than these.
    pub async fn differs(&mut self, one: &Article) -> Result<bool, sqlx::Error> {
        self.act_as(self.city).await?;
        sqlx::query_scalar(
            "select not exists (select from articles
               where tenant_id = $1 and id = $2 and title = $3 and summary = $4 and body = $5)",
        )
        .bind(self.city.0)
        .bind(one.id)
        .bind(&one.title)
        .bind(&one.summary)
        .bind(&one.body)
        .fetch_one(&mut *self.tx)
        .await
    }

    /// `hash` is the SHA-256 of the text, which a consent names. False: this version is stored with another text, and a
    /// version that people may have accepted is never edited. Once the city's people have published a version of their
    /// own, the text is theirs and its file says nothing any more (decision 20).
    pub async fn agreement(
        &mut self,
        one: &AgreementText,
        hash: &[u8; 32],
    ) -> Result<bool, sqlx::Error> {
        self.act_as(self.city).await?;
        let theirs: bool = sqlx::query_scalar(
            "select exists (select from agreements where tenant_id = $1 and code = $2 and origin = 'operator')",
        )
        .bind(self.city.0)
        .bind(&one.code)
        .fetch_one(&mut *self.tx)
        .await?;
        if theirs {
            return Ok(true);
        }
        sqlx::query(
            "insert into agreements (tenant_id, city_id, code, version, title, body, body_hash, published_at)
             values ($1, $1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        )
        .bind(self.city.0)
        .bind(&one.code)
        .bind(&one.version)
        .bind(&one.title)
        .bind(&one.body)
        .bind(hash.as_slice())
        .bind(one.published_at)
        .execute(&mut *self.tx)
        .await?;
        sqlx::query_scalar(
            "select body_hash = $4 from agreements where tenant_id = $1 and code = $2 and version = $3",
        )
        .bind(self.city.0)
        .bind(&one.code)
        .bind(&one.version)
        .bind(hash.as_slice())
        .fetch_one(&mut *self.tx)
        .await
    }
}
