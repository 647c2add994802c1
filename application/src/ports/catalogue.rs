//! Catalogue 门户内容: what a city shows to everybody, read whole and kept in memory by the room `catalogue`.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    eligibility::EligibilityRule,
    ids::{ProductId, TenantId},
    product::{GuaranteeType, ProductRange},
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;
use crate::{access::Permit, catalogue::Snapshot, error::UseResult};

/// Everything published in one city, as the database holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub institutions: Vec<Institution>,
    pub branches: Vec<Branch>,
    pub products: Vec<Product>,
    /// 已下架: what was on the shelf once, for whoever kept its address.
    pub retired: Vec<Retired>,
    pub articles: Vec<Article>,
    pub agreements: Vec<AgreementText>,
}

/// 金融机构 as the portal shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    pub id: TenantId,
    pub name: String,
    pub short_name: String,
    /// Vocabulary `institution_type`.
    pub kind: String,
    pub type_label: String,
    /// The platform's own company: its products are 金控产品.
    pub holding: bool,
    pub intro: String,
    pub hotline: String,
    pub address: String,
    pub mark: String,
    pub position: i32,
}

/// 支行: where an application can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    pub id: TenantId,
    pub bank: TenantId,
    pub name: String,
    pub region_code: String,
    /// County codes served; empty: the whole city.
    pub serves: Vec<String>,
    pub address: String,
    pub phone: String,
    pub opening_hours: String,
    pub counter_check: bool,
    pub usual_response_hours: Option<i32>,
}

/// 收费项目 beside the interest (W1).
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Fee {
    pub name: String,
    pub rule: String,
}

/// 金融产品 with all its terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    pub institution: TenantId,
    pub version: i32,
    pub name: String,
    pub intro: String,
    /// Vocabulary `financing_type`.
    pub financing_type: String,
    pub guarantee: GuaranteeType,
    pub range: ProductRange,
    /// Vocabulary `repayment_method`.
    pub repayment_methods: Vec<String>,
    /// Vocabulary `rate_term`: `annual_rate`, `annualized_rate` or `guarantee_fee`.
    pub rate_term: String,
    /// Vocabulary `rate_type`.
    pub rate_type: String,
    /// Vocabularies `collateral_mortgage` and `collateral_pledge`.
    pub collateral: Vec<String>,
    /// Vocabulary `financing_purpose`.
    pub purposes: Vec<String>,
    pub fees: Vec<Fee>,
    pub conditions: Vec<String>,
    pub documents: Vec<String>,
    pub eligibility: String,
    pub highlights: Vec<String>,
    pub first_loan: bool,
    pub renewal: bool,
    pub featured: bool,
    /// Working days until the branch answers.
    pub response_days: Option<i32>,
    pub published_at: Option<OffsetDateTime>,
    pub branches: Vec<TenantId>,
    /// 适用行业: sections of the national list; empty: all.
    pub industries: Vec<String>,
    /// 准入条件, at most one of each subject.
    pub rules: Vec<EligibilityRule>,
}

impl Product {
    /// True when the figure is a guarantor's fee and not interest: it is not compared with rates of interest.
    pub fn is_fee_rate(&self) -> bool {
        self.rate_term == "guarantee_fee"
    }
}

/// 已下架 of a product: what everybody could read while it was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    pub id: ProductId,
    pub institution: TenantId,
    pub name: String,
    /// As it was stored; a kind that the domain no longer knows is like nothing.
    pub guarantee: Option<GuaranteeType>,
}

/// Which section of the portal an article belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArticleKind {
    /// 惠企政策.
    Policy,
    /// 新闻资讯.
    News,
    /// 关于我们.
    About,
}

/// The city's own words: a policy, a piece of news, 关于我们.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    pub id: Uuid,
    pub kind: ArticleKind,
    pub title: String,
    pub category: String,
    pub source: String,
    /// 免申即享, 快申快享 or 申报.
    pub delivery: String,
    pub audience: String,
    pub pinned: bool,
    pub related_products: Vec<ProductId>,
    pub document_no: String,
    pub issuer: String,
    pub summary: String,
    pub body: String,
    pub tags: Vec<String>,
    pub deadline: Option<Date>,
    pub published_at: OffsetDateTime,
}

/// 协议 in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementText {
    pub code: String,
    pub version: String,
    pub title: String,
    pub body: String,
    pub published_at: OffsetDateTime,
}

/// Reads what a city shows; the permit is a visitor's.
#[async_trait]
pub trait CatalogueSource: Send + Sync {
    async fn load(&self, permit: &Permit) -> Result<Content, StoreError>;
}

/// Published products, institutions, branches and articles of a city, answered from memory.
#[async_trait]
pub trait Catalogue: Send + Sync {
    async fn snapshot(&self, city: TenantId) -> UseResult<Arc<Snapshot>>;
}
