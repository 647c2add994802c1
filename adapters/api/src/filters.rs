//! 筛选条件 of 金融超市 (W2): what a list of products can be narrowed by, and how many each choice would leave.

use application::{
    catalogue::{AmountBand, Facets, Lane, ProductSearch, RateBand, Snapshot, Sort, TermBand},
    error::{UseError, UseResult},
};
use domain::{ids::TenantId, product::GuaranteeType, values::Cents};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    city::shelf,
    door::{Door, Who},
};

/// What is looked for; every word must be found.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// 关键字: product, institution, 担保方式.
    #[param(max_length = 100)]
    pub(crate) words: Option<String>,
    /// 金融机构.
    pub(crate) institution: Option<Uuid>,
    /// 担保方式.
    #[param(pattern = "^(mortgage|pledge|guarantor|unsecured|combined)$")]
    pub(crate) guarantee: Option<String>,
    /// 我需要, in 万元.
    #[param(max_length = 20)]
    pub(crate) amount: Option<String>,
    /// 额度, in 万元.
    #[param(pattern = "^(0-50|50-200|200-500|500-1000|1000-)$")]
    pub(crate) band: Option<String>,
    /// 期限, in months.
    #[param(pattern = "^(0-6|6-12|12-36|36-60|60-)$")]
    pub(crate) term: Option<String>,
    /// 利率, in percent a year.
    #[param(pattern = "^(0-3[.]5|3[.]5-4[.]5|4[.]5-6|6-)$")]
    pub(crate) rate: Option<String>,
    /// 首贷/续贷.
    #[param(pattern = "^(first|renewal)$")]
    pub(crate) lane: Option<String>,
    /// 适用行业: a section of the national list.
    #[param(pattern = "^[A-T]$")]
    pub(crate) industry: Option<String>,
    /// 服务区县.
    #[param(pattern = "^[0-9]{6}$")]
    pub(crate) county: Option<String>,
}

/// 筛选条件.
#[derive(Serialize, ToSchema)]
struct Filters {
    /// How many products fit what is chosen.
    total: usize,
    groups: Vec<FilterGroup>,
}

/// 一组筛选条件.
#[derive(Serialize, ToSchema)]
struct FilterGroup {
    /// The parameter of the list of products.
    code: String,
    label: String,
    options: Vec<FilterOption>,
}

/// 一项筛选条件.
#[derive(Serialize, ToSchema)]
struct FilterOption {
    code: String,
    label: String,
    /// How many products it would leave, all other filters kept.
    products: usize,
}

pub(crate) fn doors() -> Vec<Door> {
    vec![
        Door::read(
            "金融超市",
            "筛选条件及产品数量",
            Who::Public,
            "/api/v1/products/filters",
            filters,
        )
        .cached(),
    ]
}

pub(crate) fn unknown(field: &'static str) -> UseError {
    UseError::field(field, "api.choice")
}

/// One of a vocabulary, where something is chosen.
fn choice<T>(
    field: &'static str,
    code: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> UseResult<Option<T>> {
    code.map(|code| read(code).ok_or_else(|| unknown(field)))
        .transpose()
}

pub(crate) fn search(wanted: &Wanted, sort: Sort) -> UseResult<ProductSearch> {
    let section = |code: &str| matches!(code.as_bytes(), [b'A'..=b'T']).then(|| code.to_owned());
    let county = |code: &str| {
        (code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())).then(|| code.to_owned())
    };
    Ok(ProductSearch {
        words: wanted.words.clone().unwrap_or_default(),
        institutions: wanted.institution.map(TenantId).into_iter().collect(),
        guarantee: choice(
            "guarantee",
            wanted.guarantee.as_deref(),
            GuaranteeType::from_code,
        )?,
        band: choice("band", wanted.band.as_deref(), AmountBand::from_code)?,
        amount: choice("amount", wanted.amount.as_deref(), |text| {
            Cents::parse_wan(text).ok()
        })?,
        term: choice("term", wanted.term.as_deref(), TermBand::from_code)?,
        rate: choice("rate", wanted.rate.as_deref(), RateBand::from_code)?,
        lane: choice("lane", wanted.lane.as_deref(), Lane::from_code)?,
        industry: choice("industry", wanted.industry.as_deref(), section)?,
        county: choice("county", wanted.county.as_deref(), county)?,
        sort,
        ..ProductSearch::default()
    })
}

fn option(code: &str, label: &str, products: Option<&usize>) -> FilterOption {
    FilterOption {
        code: code.to_owned(),
        label: label.to_owned(),
        products: products.copied().unwrap_or_default(),
    }
}

macro_rules! options {
    ($kind:ty, $counts:expr) => {
        <$kind>::ALL
            .iter()
            .map(|one| option(one.code(), one.zh(), $counts.get(one)))
            .collect::<Vec<_>>()
    };
}

/// Only sections that a product on the shelf names: the others would all show the same.
fn industries(api: &Api, snapshot: &Snapshot, facets: &Facets) -> Vec<FilterOption> {
    let named = |code: &String| snapshot.products().any(|p| p.industries.contains(code));
    (api.uses.industries.sections().iter())
        .filter(|section| named(&section.code))
        .map(|one| option(&one.code, &one.name, facets.industries.get(&one.code)))
        .collect()
}

fn institutions(snapshot: &Snapshot, facets: &Facets) -> Vec<FilterOption> {
    let all = snapshot.content.institutions.iter();
    all.map(|one| {
        let count = facets.institutions.get(&one.id);
        option(&one.id.0.to_string(), &one.short_name, count)
    })
    .collect()
}

fn counties(api: &Api, facets: &Facets) -> Vec<FilterOption> {
    let named = facets.counties.iter().filter_map(|(code, count)| {
        let region = api.uses.regions.find(code)?;
        Some(option(code, &region.name, Some(count)))
    });
    named.collect()
}

async fn filters(api: Api, call: Call, wanted: Wanted) -> UseResult<Filters> {
    let snapshot = shelf(&api, &call).await?;
    let found = snapshot.search(&search(&wanted, Sort::Overall)?);
    let facets = &found.facets;
    let institution = wanted.institution.map(|id| id.to_string());
    let groups = [
        (
            ("guarantee", "担保方式", wanted.guarantee),
            options!(GuaranteeType, facets.guarantees),
        ),
        (
            ("band", "额度", wanted.band),
            options!(AmountBand, facets.bands),
        ),
        (
            ("term", "期限", wanted.term),
            options!(TermBand, facets.terms),
        ),
        (
            ("rate", "利率", wanted.rate),
            options!(RateBand, facets.rates),
        ),
        (
            ("lane", "首贷/续贷", wanted.lane),
            options!(Lane, facets.lanes),
        ),
        (
            ("industry", "适用行业", wanted.industry),
            industries(&api, &snapshot, facets),
        ),
        (
            ("institution", "机构", institution),
            institutions(&snapshot, facets),
        ),
        (
            ("county", "服务区县", wanted.county),
            counties(&api, facets),
        ),
    ];
    Ok(Filters {
        total: found.products.len(),
        groups: groups
            .into_iter()
            .map(|((code, label, chosen), options)| FilterGroup {
                code: code.to_owned(),
                label: label.to_owned(),
                // What would show nothing is no choice, unless it is the one that was made.
                options: options
                    .into_iter()
                    .filter(|one| one.products > 0 || chosen.as_ref() == Some(&one.code))
                    .collect(),
            })
            .filter(|group| !group.options.is_empty())
            .collect(),
    })
}
