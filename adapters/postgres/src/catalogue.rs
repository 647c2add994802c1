//! Catalogue 门户内容 on PostgreSQL: read whole under a visitor's permit, and watched for changes.

use std::collections::HashMap;

use application::{
    access::Permit,
    content::StoredTerms,
    ports::{
        catalogue::{
            AgreementText, Article, ArticleKind, Banner, Branch, CatalogueSource, Content, Fee,
            Institution, Paused, Product, Retired,
        },
        store::StoreError,
    },
    rules::CityRule,
};
use async_trait::async_trait;
use domain::{
    eligibility::{EligibilityRule, RuleOperator, RuleSubject},
    estimate::AmountBounds,
    ids::{ProductId, TenantId},
    product::{GuaranteeType, ProductRange},
    subsidy::SubsidyTerms,
    values::{Cents, Rate, Ratio, TermUnit},
};
use sqlx::{Row, postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    errors::{decode, store_error},
    store::{PgStore, PgUnitOfWork},
};

#[async_trait]
impl CatalogueSource for PgStore {
    async fn load(&self, permit: &Permit, at: OffsetDateTime) -> Result<Content, StoreError> {
        let mut work = self.open(permit).await?;
        let mut branches = work.branches().await?;
        let mut products = work.products().await?;
        let pairs: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "select product_id, branch_id from product_branches where city_id = $1 order by product_id, branch_id",
        )
        .bind(work.city.0)
        .fetch_all(&mut *work.tx)
        .await
        .map_err(store_error)?;
        for product in &mut products {
            let from = pairs.partition_point(|(id, _)| *id < product.id.0);
            product.branches = pairs[from..]
                .iter()
                .take_while(|(id, _)| *id == product.id.0)
                .map(|(_, branch)| TenantId(*branch))
                .collect();
        }
        let mut rules = work.rules_of(None).await?;
        for product in &mut products {
            product.rules = rules.remove(&product.id.0).unwrap_or_default();
        }
        let institutions = work.institutions().await?;
        branches.retain(|b| institutions.iter().any(|i| i.id == b.bank));
        Ok(Content {
            articles: work.articles(at).await?,
            banners: work.banners(at).await?,
            changes_at: work.next_change(at).await?,
            agreements: work.agreements().await?,
            retired: work.retired().await?,
            paused: work.paused().await?,
            rules: work.rules_in_force().await?,
            institutions,
            branches,
            products,
        })
    }
}

/// A stored rule; one that the domain no longer knows is left out and logged, not shown half.
fn rule(subject: &str, operator: &str, answers: Vec<String>) -> Option<EligibilityRule> {
    let rule = RuleSubject::from_code(subject)
        .zip(RuleOperator::from_code(operator))
        .and_then(|(s, o)| EligibilityRule::new(s, o, answers).ok());
    if rule.is_none() {
        tracing::error!(subject, operator, "a stored rule is none");
    }
    rule
}

impl PgUnitOfWork {
    /// 准入条件 by product: of the whole city, or of one product.
    pub(crate) async fn rules_of(
        &mut self,
        product: Option<ProductId>,
    ) -> Result<HashMap<Uuid, Vec<EligibilityRule>>, StoreError> {
        let stored: Vec<(Uuid, String, String, Vec<String>)> = sqlx::query_as(
            "select product_id, subject, operator, answers from product_rules
             where city_id = $1 and ($2::uuid is null or product_id = $2)
             order by product_id, array_position(
               array['years_founded', 'registered_capital', 'industry', 'region', 'first_loan'], subject)",
        )
        .bind(self.city.0)
        .bind(product.map(|p| p.0))
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let mut rules: HashMap<Uuid, Vec<EligibilityRule>> = HashMap::new();
        for (product, subject, operator, answers) in stored {
            if let Some(rule) = rule(&subject, &operator, answers) {
                rules.entry(product).or_default().push(rule);
            }
        }
        Ok(rules)
    }

    async fn institutions(&mut self) -> Result<Vec<Institution>, StoreError> {
        rows(
            sqlx::query(
                "select i.tenant_id, t.name, t.short_name, i.institution_type, i.type_label, i.holding, i.intro, i.hotline,
                        i.address, i.mark, i.position
                 from institutions i join tenants t on t.id = i.tenant_id
                 where i.city_id = $1 and i.status = 'published' and t.status = 'active'
                 order by i.position, t.name",
            )
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await,
            |row| {
                Ok(Institution {
                    id: TenantId(row.try_get(0)?),
                    name: row.try_get(1)?,
                    short_name: row.try_get(2)?,
                    kind: row.try_get(3)?,
                    type_label: row.try_get(4)?,
                    holding: row.try_get(5)?,
                    intro: row.try_get(6)?,
                    hotline: row.try_get(7)?,
                    address: row.try_get(8)?,
                    mark: row.try_get(9)?,
                    position: row.try_get(10)?,
                })
            },
        )
    }

    async fn branches(&mut self) -> Result<Vec<Branch>, StoreError> {
        rows(
            sqlx::query(
                "select b.tenant_id, b.bank_id, t.name, b.region_code, b.serves, b.address, b.phone, b.opening_hours,
                        b.counter_check, b.usual_response_hours
                 from branches b join tenants t on t.id = b.tenant_id
                 where b.city_id = $1 and b.status = 'published' and t.status = 'active'
                 order by b.bank_id, b.region_code, t.name",
            )
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await,
            |row| {
                Ok(Branch {
                    id: TenantId(row.try_get(0)?),
                    bank: TenantId(row.try_get(1)?),
                    name: row.try_get(2)?,
                    region_code: row.try_get(3)?,
                    serves: row.try_get(4)?,
                    address: row.try_get(5)?,
                    phone: row.try_get(6)?,
                    opening_hours: row.try_get(7)?,
                    counter_check: row.try_get(8)?,
                    usual_response_hours: row.try_get(9)?,
                })
            },
        )
    }

    async fn products(&mut self) -> Result<Vec<Product>, StoreError> {
        rows(
            sqlx::query(
                "select id, tenant_id, version, name, intro, financing_type, guarantee_type, amount_min_cents,
                        amount_max_cents, rate_min, rate_max, term_min, term_max, term_unit, repayment_methods, rate_term,
                        rate_type, collateral, purposes, fees, conditions, documents, eligibility, highlights, first_loan,
                        renewal, featured, response_days, published_at, industries, revenue_percent, tax_times
                 from products where city_id = $1 and status = 'published' order by name, id",
            )
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await,
            product,
        )
    }

    /// One that this program does not know is left out and logged: the file's value stands.
    async fn rules_in_force(&mut self) -> Result<Vec<CityRule>, StoreError> {
        let stored: Vec<(String, Json<serde_json::Value>)> =
            sqlx::query_as("select kind, value from city_rules where city_id = $1 order by kind")
                .bind(self.city.0)
                .fetch_all(&mut *self.tx)
                .await
                .map_err(store_error)?;
        let known = stored.into_iter().filter_map(|(kind, value)| {
            let rule = crate::city_rules::rule(&kind, &value);
            if rule.is_none() {
                tracing::error!(kind, "a stored rule of the city is none");
            }
            rule
        });
        Ok(known.collect())
    }

    /// A visitor's permit shows no institution that is suspended, but that its products are on the shelf.
    async fn paused(&mut self) -> Result<Vec<Paused>, StoreError> {
        rows(
            sqlx::query(
                "select t.id, t.name from tenants t where t.city_id = $1 and t.kind = 'bank' and t.status = 'active'
                   and exists (select from products p where p.city_id = $1 and p.tenant_id = t.id and p.status = 'published')
                   and not exists (select from institutions i where i.tenant_id = t.id and i.status = 'published')
                 order by t.name, t.id",
            )
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await,
            |row| {
                Ok(Paused {
                    institution: TenantId(row.try_get(0)?),
                    name: row.try_get(1)?,
                })
            },
        )
    }

    /// A visitor's permit shows no product that is off the shelf, but the versions that it was published in.
    async fn retired(&mut self) -> Result<Vec<Retired>, StoreError> {
        rows(
            sqlx::query(
                "select distinct on (v.product_id) v.product_id, v.tenant_id, v.terms ->> 'name', v.terms ->> 'guarantee_type'
                 from product_versions v
                 where v.city_id = $1 and v.terms ? 'name' and not exists (
                   select from products p where p.id = v.product_id and p.city_id = $1 and p.status = 'published')
                 order by v.product_id, v.version desc",
            )
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await,
            |row| {
                let name: Option<String> = row.try_get(2)?;
                let guarantee: Option<String> = row.try_get(3)?;
                Ok(Retired {
                    id: ProductId(row.try_get(0)?),
                    institution: TenantId(row.try_get(1)?),
                    name: name.unwrap_or_default(),
                    guarantee: guarantee.as_deref().and_then(GuaranteeType::from_code),
                })
            },
        )
    }

    /// The newest version of each whose time has come.
    async fn articles(&mut self, at: OffsetDateTime) -> Result<Vec<Article>, StoreError> {
        rows(
            sqlx::query(
                "select * from (select distinct on (id) id, kind, title, category, source, delivery, audience, pinned,
                        related_products, document_no, issuer, summary, body, tags, deadline, industries, regions, first_loan,
                        subsidy, attachments, published_at
                   from articles where city_id = $1 and tenant_id = $1 and status = 'published' and visible_from <= $2
                   order by id, version desc) newest
                 order by published_at desc, title, id",
            )
            .bind(self.city.0)
            .bind(at)
            .fetch_all(&mut *self.tx)
            .await,
            article,
        )
    }

    async fn agreements(&mut self) -> Result<Vec<AgreementText>, StoreError> {
        rows(
            sqlx::query(
                "select code, version, title, body, published_at, reconsent, change_note from agreements where tenant_id = $1
                 order by code, published_at, version",
            )
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await,
            agreement,
        )
    }

    /// The newest version of each whose time has come and is not over.
    async fn banners(&mut self, at: OffsetDateTime) -> Result<Vec<Banner>, StoreError> {
        rows(
            sqlx::query(
                "select n.*, p.width, p.height from (select distinct on (id) id, title, link, picture_id, position, visible_from,
                        visible_until
                   from banners where city_id = $1 and tenant_id = $1 and status = 'published' and visible_from <= $2
                   order by id, version desc) n
                 join content_pictures p on p.tenant_id = $1 and p.id = n.picture_id
                 where n.visible_until is null or n.visible_until > $2
                 order by n.position, n.visible_from desc, n.id limit 5",
            )
            .bind(self.city.0)
            .bind(at)
            .fetch_all(&mut *self.tx)
            .await,
            banner,
        )
    }

    /// When something that is stored begins or ceases to be shown.
    async fn next_change(
        &mut self,
        at: OffsetDateTime,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        sqlx::query_scalar(
            "select min(t) from (
               select visible_from as t from articles where tenant_id = $1 and status = 'published' and visible_from > $2
               union all select visible_from from banners where tenant_id = $1 and status = 'published' and visible_from > $2
               union all select visible_until from banners where tenant_id = $1 and status = 'published' and visible_until > $2
             ) moments",
        )
        .bind(self.city.0)
        .bind(at)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}

fn rows<T>(
    answer: Result<Vec<PgRow>, sqlx::Error>,
    read: impl Fn(&PgRow) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, StoreError> {
    answer
        .and_then(|rows| rows.iter().map(read).collect())
        .map_err(store_error)
}

pub(crate) fn product(row: &PgRow) -> Result<Product, sqlx::Error> {
    let cents = |name: &str| Cents::new(row.try_get(name)?).map_err(decode);
    let rate = |name: &str| Rate::new(row.try_get(name)?).map_err(decode);
    let term = |name: &str| u16::try_from(row.try_get::<i32, _>(name)?).map_err(decode);
    let ratio = |name: &str| -> Result<Option<Ratio>, sqlx::Error> {
        let stored: Option<i32> = row.try_get(name)?;
        stored.map(Ratio::new).transpose().map_err(decode)
    };
    let fees: Json<Vec<Fee>> = row.try_get("fees")?;
    let unknown = || sqlx::Error::Decode("a word that the domain does not know".into());
    Ok(Product {
        id: ProductId(row.try_get("id")?),
        institution: TenantId(row.try_get("tenant_id")?),
        version: row.try_get("version")?,
        name: row.try_get("name")?,
        intro: row.try_get("intro")?,
        financing_type: row.try_get("financing_type")?,
        guarantee: GuaranteeType::from_code(row.try_get("guarantee_type")?).ok_or_else(unknown)?,
        range: ProductRange {
            amount_min: cents("amount_min_cents")?,
            amount_max: cents("amount_max_cents")?,
            rate_min: rate("rate_min")?,
            rate_max: rate("rate_max")?,
            term_min: term("term_min")?,
            term_max: term("term_max")?,
            term_unit: TermUnit::parse(row.try_get("term_unit")?).map_err(decode)?,
        },
        repayment_methods: row.try_get("repayment_methods")?,
        rate_term: row.try_get("rate_term")?,
        rate_type: row.try_get("rate_type")?,
        collateral: row.try_get("collateral")?,
        purposes: row.try_get("purposes")?,
        fees: fees.0,
        conditions: row.try_get("conditions")?,
        documents: row.try_get("documents")?,
        eligibility: row.try_get("eligibility")?,
        highlights: row.try_get("highlights")?,
        first_loan: row.try_get("first_loan")?,
        renewal: row.try_get("renewal")?,
        featured: row.try_get("featured")?,
        response_days: row.try_get("response_days")?,
        published_at: row.try_get("published_at")?,
        branches: Vec::new(),
        industries: row.try_get("industries")?,
        rules: Vec::new(),
        bounds: AmountBounds {
            revenue_percent: ratio("revenue_percent")?,
            tax_times: ratio("tax_times")?,
        },
    })
}

pub(crate) fn agreement(row: &PgRow) -> Result<AgreementText, sqlx::Error> {
    Ok(AgreementText {
        code: row.try_get("code")?,
        version: row.try_get("version")?,
        title: row.try_get("title")?,
        body: row.try_get("body")?,
        published_at: row.try_get("published_at")?,
        reconsent: row.try_get("reconsent")?,
        change_note: row.try_get("change_note")?,
    })
}

pub(crate) fn banner(row: &PgRow) -> Result<Banner, sqlx::Error> {
    Ok(Banner {
        id: row.try_get("id")?,
        title: row.try_get("title")?,
        link: row.try_get("link")?,
        picture: row.try_get("picture_id")?,
        size: (row.try_get("width")?, row.try_get("height")?),
        position: row.try_get("position")?,
        from: row.try_get("visible_from")?,
        until: row.try_get("visible_until")?,
    })
}

/// The rules of a policy's subsidy as they are stored with its version.
pub(crate) fn subsidy(row: &PgRow) -> Result<Option<SubsidyTerms>, sqlx::Error> {
    let stored: Option<Json<StoredTerms>> = row.try_get("subsidy")?;
    let unknown = || sqlx::Error::Decode("rules of a subsidy that nobody can read".into());
    stored
        .map(|stored| stored.0.terms().ok_or_else(unknown))
        .transpose()
}

pub(crate) fn article(row: &PgRow) -> Result<Article, sqlx::Error> {
    let related: Vec<Uuid> = row.try_get("related_products")?;
    Ok(Article {
        id: row.try_get("id")?,
        kind: match row.try_get("kind")? {
            "policy" => ArticleKind::Policy,
            "about" => ArticleKind::About,
            _ => ArticleKind::News,
        },
        title: row.try_get("title")?,
        category: row.try_get("category")?,
        source: row.try_get("source")?,
        delivery: row.try_get("delivery")?,
        audience: row.try_get("audience")?,
        pinned: row.try_get("pinned")?,
        related_products: related.into_iter().map(ProductId).collect(),
        document_no: row.try_get("document_no")?,
        issuer: row.try_get("issuer")?,
        summary: row.try_get("summary")?,
        body: row.try_get("body")?,
        tags: row.try_get("tags")?,
        deadline: row.try_get("deadline")?,
        industries: row.try_get("industries")?,
        regions: row.try_get("regions")?,
        first_loan: row.try_get("first_loan")?,
        subsidy: subsidy(row)?,
        attachments: row.try_get("attachments")?,
        published_at: row.try_get("published_at")?,
    })
}
