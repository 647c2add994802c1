//! Catalogue 门户内容: what a city shows to everybody, read whole and kept in memory by the room `catalogue`.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    eligibility::EligibilityRule,
    estimate::AmountBounds,
    ids::{ProductId, TenantId},
    product::{GuaranteeType, ProductRange},
    subsidy::SubsidyTerms,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store::StoreError;
use crate::{access::Permit, catalogue::Snapshot, error::UseResult, rules::CityRule};

/// Everything published in one city, as the database holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub institutions: Vec<Institution>,
    pub branches: Vec<Branch>,
    pub products: Vec<Product>,
    /// 已下架: what was on the shelf once, for whoever kept its address.
    pub retired: Vec<Retired>,
    /// 暂停受理: institutions whose products are off the market for now.
    pub paused: Vec<Paused>,
    pub articles: Vec<Article>,
    pub agreements: Vec<AgreementText>,
    /// 平台设置 that stand in place of the city's file; no page shows them.
    pub rules: Vec<CityRule>,
    /// 首页轮播图 that are shown now, in their order.
    pub banners: Vec<Banner>,
    /// When something that is stored already begins or ceases to be shown; `None`: nothing waits.
    pub changes_at: Option<OffsetDateTime>,
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
    /// 额度测算规则, where the institution publishes any.
    pub bounds: AmountBounds,
}

impl Product {
    /// True when the figure is a guarantor's fee and not interest: it is not compared with rates of interest.
    pub fn is_fee_rate(&self) -> bool {
        self.rate_term == "guarantee_fee"
    }
}

/// 暂停受理: an institution whose products are off the market for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    pub institution: TenantId,
    pub name: String,
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
    /// 适用行业: sections of the national list; empty: all.
    pub industries: Vec<String>,
    /// 适用区域: codes of counties; empty: the whole city.
    pub regions: Vec<String>,
    /// 仅限首贷企业.
    pub first_loan: bool,
    /// 贴息补贴: what a policy gives for a loan; `None`: nothing.
    pub subsidy: Option<SubsidyTerms>,
    /// The files that it offers, in order; `None`: those that came with the city's files.
    pub attachments: Option<Vec<Uuid>>,
    pub published_at: OffsetDateTime,
}

/// Who an article speaks to, as far as the profile of an enterprise can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader<'a> {
    pub section: Option<&'a str>,
    /// As deep as the profile says, from the county down.
    pub region: &'a str,
    pub first_loan: bool,
}

impl Article {
    /// True when it names whom it is for.
    pub fn is_aimed(&self) -> bool {
        !self.industries.is_empty() || !self.regions.is_empty() || self.first_loan
    }

    /// 与本企业相符: it names whom it is for, and every condition that it names is met.
    pub fn fits(&self, reader: &Reader<'_>) -> bool {
        let industry = self.industries.is_empty()
            || reader
                .section
                .is_some_and(|own| self.industries.iter().any(|s| s == own));
        let region = self.regions.is_empty()
            || self
                .regions
                .iter()
                .any(|code| reader.region.starts_with(code.as_str()));
        self.is_aimed() && industry && region && (!self.first_loan || reader.first_loan)
    }

    /// Whether it offers a file that is stored beside it.
    pub fn offers(&self, file: &super::attachments::Attachment) -> bool {
        match &self.attachments {
            None => !file.drafted,
            Some(listed) => listed.contains(&file.id),
        }
    }
}

/// 首页轮播图: a picture with words, leading to a page of the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    pub id: Uuid,
    pub title: String,
    /// An own path; empty: it leads nowhere.
    pub link: String,
    pub picture: Uuid,
    /// Width and height of the picture.
    pub size: (i32, i32),
    pub position: i32,
    pub from: OffsetDateTime,
    pub until: Option<OffsetDateTime>,
}

/// 协议 in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementText {
    pub code: String,
    pub version: String,
    pub title: String,
    pub body: String,
    /// In force from then on.
    pub published_at: OffsetDateTime,
    /// 须重新同意: whoever accepted an older version is asked again.
    pub reconsent: bool,
    /// What changed; empty for the first version.
    pub change_note: String,
}

/// Reads what a city shows; the permit is a visitor's.
#[async_trait]
pub trait CatalogueSource: Send + Sync {
    /// What is shown at that moment.
    async fn load(&self, permit: &Permit, at: OffsetDateTime) -> Result<Content, StoreError>;
}

/// Published products, institutions, branches and articles of a city, answered from memory.
#[async_trait]
pub trait Catalogue: Send + Sync {
    async fn snapshot(&self, city: TenantId) -> UseResult<Arc<Snapshot>>;
}
