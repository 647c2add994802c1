//! First content of a city: agreements and 关于我们 everywhere; institutions, branches, products, policies and news of the
//! demonstration. Ids are made from the files' keys, so a second start changes nothing.

use std::path::Path;

use anyhow::Context as _;
use application::{
    city::City,
    ports::catalogue::{AgreementText, Article, ArticleKind, Branch, Fee, Institution, Product},
};
use domain::{
    calendar::SHANGHAI,
    eligibility::{EligibilityRule, RuleOperator, RuleSubject},
    estimate::AmountBounds,
    ids::{ProductId, TenantId},
    product::{GuaranteeType, ProductRange},
    subsidy::SubsidyTerms,
    values::{Cents, Rate, Ratio, TermUnit},
};
use postgres_adapter::content::ContentWriter;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use time::{Date, OffsetDateTime, Time, macros::format_description};
use uuid::Uuid;

use super::files;
use crate::database::stable_id;

/// The id of an institution of the demonstration, by its key.
pub fn institution_id(city: &City, key: &str) -> TenantId {
    TenantId(stable_id(&["institution", &city.slug, key]))
}

/// The id of a branch of the demonstration, by its key.
pub fn branch_id(city: &City, key: &str) -> TenantId {
    TenantId(stable_id(&["branch", &city.slug, key]))
}

/// The id of a product of the demonstration, by its key.
pub fn product_id(city: &City, key: &str) -> ProductId {
    ProductId(stable_id(&["product", &city.slug, key]))
}

/// The id of a policy of the demonstration, by its key.
pub fn policy_id(city: &City, key: &str) -> Uuid {
    article_id(city, "policy", key)
}

fn article_id(city: &City, kind: &str, key: &str) -> Uuid {
    stable_id(&["article", &city.slug, kind, key])
}

/// What came of the first content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// 关于我们 stands there with other words than the file's: what people may have edited is not written over.
    pub about_differs: bool,
}

/// What a city shows in production too: its agreements in the versions of its file, and 关于我们.
pub async fn basics(pool: &PgPool, city: &City) -> anyhow::Result<Written> {
    let mut writer = ContentWriter::begin(pool, city.id).await?;
    for text in &city.agreements {
        let agreement = AgreementText {
            code: text.code.clone(),
            version: text.version.clone(),
            title: text.title.clone(),
            body: text.body.to_string(),
            published_at: instant(day(&text.effective)?),
            reconsent: false,
            change_note: String::new(),
        };
        let hash = Sha256::digest(text.body.as_bytes()).into();
        let same = writer
            .agreement(&agreement, &hash)
            .await
            .with_context(|| format!("agreement {}", text.code))?;
        anyhow::ensure!(
            same,
            "the agreement {} was edited under version {}, which people may have accepted: give it a new version",
            text.code,
            text.version
        );
    }
    let file: files::AboutFile = read(&city.about_file)?;
    let about = about(city, &file);
    writer.article(&about).await?;
    let about_differs = writer.differs(&about).await?;
    writer.commit().await?;
    Ok(Written { about_differs })
}

/// The invented content of `folder`; dates that would lie in the future are moved back together.
pub async fn demonstration(
    pool: &PgPool,
    city: &City,
    folder: &Path,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let institutions: files::Institutions = read(&folder.join("institutions.toml"))?;
    let products: files::Products = read(&folder.join("products.toml"))?;
    let policies: files::Policies = read(&folder.join("policies.toml"))?;
    let news: files::NewsFile = read(&folder.join("news.toml"))?;
    let mut writer = ContentWriter::begin(pool, city.id).await?;
    for one in &institutions.institutions {
        writer
            .institution(&institution(city, one))
            .await
            .with_context(|| one.key.clone())?;
        for branch in &one.branches {
            let branch = self::branch(city, &one.key, branch);
            writer
                .branch(&branch)
                .await
                .with_context(|| branch.name.clone())?;
        }
    }
    let shift = shift(&products, &policies, &news, now)?;
    for one in &products.products {
        let product = product(city, one, shift).with_context(|| one.key.clone())?;
        writer
            .product(&product)
            .await
            .with_context(|| one.key.clone())?;
    }
    for one in &policies.policies {
        writer
            .article(&policy(city, one, shift)?)
            .await
            .with_context(|| one.key.clone())?;
    }
    for one in &news.news {
        writer
            .article(&news_item(city, one, shift)?)
            .await
            .with_context(|| one.key.clone())?;
    }
    Ok(writer.commit().await?)
}

pub(super) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}

fn day(text: &str) -> anyhow::Result<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).with_context(|| text.to_owned())
}

/// Nine in the morning of a day.
fn instant(day: Date) -> OffsetDateTime {
    day.with_time(Time::from_hms(9, 0, 0).unwrap_or(Time::MIDNIGHT))
        .assume_offset(SHANGHAI)
}

/// How far the files' dates are moved back so that none lies ahead.
fn shift(
    products: &files::Products,
    policies: &files::Policies,
    news: &files::NewsFile,
    now: OffsetDateTime,
) -> anyhow::Result<time::Duration> {
    let published = products.products.iter().map(|p| &p.published);
    let published = published.chain(policies.policies.iter().map(|p| &p.published));
    let published = published.chain(news.news.iter().map(|n| &n.published));
    let mut newest = Date::MIN;
    for text in published {
        newest = newest.max(day(text)?);
    }
    let yesterday = now.to_offset(SHANGHAI).date() - time::Duration::days(1);
    Ok((newest - yesterday).max(time::Duration::ZERO))
}

fn institution(city: &City, one: &files::Institution) -> Institution {
    Institution {
        id: institution_id(city, &one.key),
        name: one.name.clone(),
        short_name: one.short_name.clone(),
        kind: one.r#type.clone(),
        type_label: one.type_label.clone(),
        holding: one.platform_owned,
        intro: one.intro.join("\n\n"),
        hotline: one.hotline.clone(),
        address: one.address.clone(),
        mark: one.logo_char.clone(),
        position: one.sort,
    }
}

fn branch(city: &City, institution: &str, one: &files::Branch) -> Branch {
    Branch {
        id: branch_id(city, &one.key),
        bank: institution_id(city, institution),
        name: one.name.clone(),
        region_code: one.region_code.clone(),
        serves: one.serves.clone(),
        address: one.address.clone(),
        phone: one.phone.clone(),
        opening_hours: one.hours.clone(),
        counter_check: true,
        usual_response_hours: None,
    }
}

fn product(city: &City, one: &files::Product, shift: time::Duration) -> anyhow::Result<Product> {
    Ok(Product {
        id: product_id(city, &one.key),
        institution: institution_id(city, &one.institution),
        version: 1,
        name: one.name.clone(),
        intro: one.intro.join("\n\n"),
        financing_type: one.financing_type.clone(),
        guarantee: GuaranteeType::from_code(&one.guarantee).context("guarantee")?,
        range: ProductRange {
            amount_min: Cents::from_wan(one.amount_min)?,
            amount_max: Cents::from_wan(one.amount_max)?,
            rate_min: Rate::parse(&one.rate_min)?,
            rate_max: Rate::parse(&one.rate_max)?,
            term_min: one.term_min,
            term_max: one.term_max,
            term_unit: TermUnit::parse(&one.term_unit)?,
        },
        repayment_methods: one.repayment.clone(),
        rate_term: one.rate_term.clone(),
        rate_type: one.rate_type.clone(),
        collateral: one.collateral.clone(),
        purposes: one.purposes.clone(),
        fees: one
            .fees
            .iter()
            .map(|fee| Fee {
                name: fee.name.clone(),
                rule: fee.rule.clone(),
            })
            .collect(),
        conditions: one.conditions.clone(),
        documents: one.documents.clone(),
        eligibility: one.eligibility.clone(),
        highlights: one.highlights.clone(),
        first_loan: one.first_loan,
        renewal: one.renewal,
        featured: one.featured,
        response_days: Some(one.response_days),
        published_at: Some(instant(day(&one.published)?) - shift),
        branches: one
            .branches
            .iter()
            .map(|key| branch_id(city, key))
            .collect(),
        industries: one.industries.clone(),
        rules: rules(one)?,
        bounds: AmountBounds {
            revenue_percent: ratio(one.revenue_percent.as_deref())?,
            tax_times: ratio(one.tax_times.as_deref())?,
        },
    })
}

/// 额度测算规则 of the file, where there is one.
fn ratio(text: Option<&str>) -> anyhow::Result<Option<Ratio>> {
    Ok(text.map(Ratio::parse).transpose()?)
}

/// 准入条件 of the file; 适用行业 is one of them.
fn rules(one: &files::Product) -> anyhow::Result<Vec<EligibilityRule>> {
    let industry = (!one.industries.is_empty()).then(|| {
        EligibilityRule::new(
            RuleSubject::Industry,
            RuleOperator::AnyOf,
            one.industries.clone(),
        )
    });
    let told = one.rules.iter().map(|rule| {
        let subject = RuleSubject::from_code(&rule.subject).context("subject of a rule")?;
        let operator = RuleOperator::from_code(&rule.operator).context("operator of a rule")?;
        Ok(EligibilityRule::new(
            subject,
            operator,
            rule.values.clone(),
        )?)
    });
    industry
        .map(|rule| Ok(rule?))
        .into_iter()
        .chain(told)
        .collect()
}

fn plain(id: Uuid, kind: ArticleKind, title: &str, published_at: OffsetDateTime) -> Article {
    Article {
        id,
        kind,
        title: title.to_owned(),
        category: String::new(),
        source: String::new(),
        delivery: String::new(),
        audience: String::new(),
        pinned: false,
        related_products: Vec::new(),
        document_no: String::new(),
        issuer: String::new(),
        summary: String::new(),
        body: String::new(),
        tags: Vec::new(),
        deadline: None,
        industries: Vec::new(),
        regions: Vec::new(),
        first_loan: false,
        subsidy: None,
        attachments: None,
        published_at,
    }
}

fn policy(city: &City, one: &files::Policy, shift: time::Duration) -> anyhow::Result<Article> {
    let at = instant(day(&one.published)?) - shift;
    let deadline = one.deadline.as_deref().map(day).transpose()?;
    let subsidy = one
        .subsidy
        .terms(&one.delivery)
        .map_err(|faults| anyhow::anyhow!("the subsidy of {}: {faults:?}", one.key))?;
    Ok(Article {
        category: one.category.clone(),
        delivery: one.delivery.clone(),
        audience: one.audience.clone(),
        related_products: one
            .related_products
            .iter()
            .map(|key| product_id(city, key))
            .collect(),
        document_no: one.doc_no.clone(),
        issuer: one.issuer.clone(),
        summary: one.summary.clone(),
        body: one.body.join("\n\n"),
        tags: one.tags.clone(),
        deadline: deadline.map(|d| d - shift),
        industries: one.industries.clone(),
        regions: one.regions.clone(),
        first_loan: one.first_loan,
        subsidy: subsidy.map(|terms| SubsidyTerms {
            from: terms.from - shift,
            until: terms.until - shift,
            ..terms
        }),
        ..plain(
            article_id(city, "policy", &one.key),
            ArticleKind::Policy,
            &one.title,
            at,
        )
    })
}

fn news_item(city: &City, one: &files::News, shift: time::Duration) -> anyhow::Result<Article> {
    let at = instant(day(&one.published)?) - shift;
    Ok(Article {
        category: one.category.clone(),
        source: one.source.clone(),
        pinned: one.pinned,
        summary: one.summary.clone(),
        body: one.body.join("\n\n"),
        ..plain(
            article_id(city, "news", &one.key),
            ArticleKind::News,
            &one.title,
            at,
        )
    })
}

/// 关于我们 as one text that the operator can edit: sections, the way through, questions, contact.
fn about(city: &City, file: &files::AboutFile) -> Article {
    let mut parts: Vec<String> = Vec::new();
    for section in &file.sections {
        parts.push(format!("## {}", section.heading));
        parts.extend(section.paragraphs.iter().cloned());
    }
    parts.push("## 办理流程".to_owned());
    for (at, step) in file.steps.iter().enumerate() {
        parts.push(format!("### 第 {} 步　{}", at + 1, step.title));
        parts.push(step.text.clone());
    }
    parts.push("## 常见问题".to_owned());
    for question in &file.questions {
        parts.push(format!("### {}", question.ask));
        parts.push(question.answer.clone());
    }
    parts.push("## 联系方式".to_owned());
    for line in &file.contact.lines {
        parts.push(format!("- {}：{}", line.label, line.value));
    }
    let at = city
        .agreements
        .iter()
        .filter_map(|a| day(&a.effective).ok())
        .min()
        .unwrap_or(Date::MIN);
    Article {
        summary: file.lead.clone(),
        body: parts.join("\n\n"),
        ..plain(
            article_id(city, "about", "about"),
            ArticleKind::About,
            &file.title,
            instant(at),
        )
    }
}
