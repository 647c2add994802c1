//! 金融超市: products, their branches, institutions (M-701 to M-704).

use application::{
    catalogue::{ProductSearch, Snapshot, Sort},
    error::{UseError, UseResult},
    ports::catalogue::{Branch, Product},
};
use domain::ids::{ProductId, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    Api,
    call::Call,
    city::{institution_name, shelf},
    door::{Door, NoQuery, Who},
    eligibility,
    filters::{self, Wanted},
    shapes::{Word, instant, limit, part_of, wan},
};

const TAG: &str = "金融超市";

/// What is looked for, in which order, and which part of it.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// 关键字: product, institution, 担保方式.
    #[param(max_length = 100)]
    words: Option<String>,
    /// 金融机构.
    institution: Option<Uuid>,
    /// 担保方式.
    #[param(pattern = "^(mortgage|pledge|guarantor|unsecured|combined)$")]
    guarantee: Option<String>,
    /// 我需要, in 万元.
    #[param(max_length = 20)]
    amount: Option<String>,
    /// 额度, in 万元.
    #[param(pattern = "^(0-50|50-200|200-500|500-1000|1000-)$")]
    band: Option<String>,
    /// 期限, in months.
    #[param(pattern = "^(0-6|6-12|12-36|36-60|60-)$")]
    term: Option<String>,
    /// 利率, in percent a year.
    #[param(pattern = "^(0-3[.]5|3[.]5-4[.]5|4[.]5-6|6-)$")]
    rate: Option<String>,
    /// 首贷/续贷.
    #[param(pattern = "^(first|renewal)$")]
    lane: Option<String>,
    /// 适用行业: a section of the national list.
    #[param(pattern = "^[A-T]$")]
    industry: Option<String>,
    /// 服务区县.
    #[param(pattern = "^[0-9]{6}$")]
    county: Option<String>,
    /// 排序.
    #[param(pattern = "^(overall|rate|amount|term|new)$")]
    sort: Option<String>,
    /// 上一页的 next_cursor.
    cursor: Option<String>,
    /// 每页条数, 1 to 50.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
}

/// 产品列表.
#[derive(Serialize, ToSchema)]
struct ProductPage {
    items: Vec<ProductCard>,
    total: usize,
    next_cursor: Option<String>,
}

/// 产品卡片.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProductCard {
    id: Uuid,
    name: String,
    institution: InstitutionMark,
    /// 参考年利率, 参考年化利率 or 担保费率.
    rate_term: Word,
    /// `3.75`, in percent a year.
    rate_min: String,
    rate_max: String,
    /// 万元.
    amount_min: String,
    amount_max: String,
    term_min: u16,
    term_max: u16,
    term_unit: Word,
    guarantee: Word,
    /// 首贷, 续贷.
    tags: Vec<String>,
    /// 推荐.
    featured: bool,
}

/// 所属机构.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstitutionMark {
    id: Uuid,
    name: String,
    mark: String,
}

/// 收费项目.
#[derive(Serialize, ToSchema)]
struct FeeLine {
    name: String,
    rule: String,
}

/// 产品详情.
#[derive(Serialize, ToSchema)]
struct ProductDetail {
    #[serde(flatten)]
    card: ProductCard,
    version: i32,
    intro: String,
    financing_type: Word,
    repayment_methods: Vec<Word>,
    rate_type: Word,
    collateral: Vec<String>,
    purposes: Vec<Word>,
    fees: Vec<FeeLine>,
    conditions: Vec<String>,
    documents: Vec<String>,
    eligibility: String,
    /// 准入条件, as sentences.
    rules: Vec<String>,
    /// 还款方式 that can be computed beforehand; none for a guarantor's fee.
    computed_methods: Vec<Word>,
    highlights: Vec<String>,
    /// Working days until the branch answers.
    response_days: Option<i32>,
    published_at: Option<String>,
}

/// 受理支行.
#[derive(Serialize, ToSchema)]
pub(crate) struct BranchLine {
    id: Uuid,
    name: String,
    region: String,
    /// 服务区县; empty: the whole city.
    serves: Vec<String>,
    address: String,
    phone: String,
    opening_hours: String,
    /// 可在柜面核验身份.
    counter_check: bool,
    usual_response_hours: Option<i32>,
}

/// 支行列表.
#[derive(Serialize, ToSchema)]
struct Branches {
    items: Vec<BranchLine>,
}

/// 金融机构.
#[derive(Serialize, ToSchema)]
struct InstitutionLine {
    id: Uuid,
    name: String,
    short_name: String,
    mark: String,
    kind: String,
    intro: String,
    hotline: String,
    address: String,
    /// 金控产品 are this institution's.
    holding: bool,
    products: usize,
}

/// 机构列表.
#[derive(Serialize, ToSchema)]
struct Institutions {
    items: Vec<InstitutionLine>,
}

pub(crate) fn doors() -> Vec<Door> {
    vec![
        Door::read(TAG, "产品列表与搜索", Who::Public, "/api/v1/products", list).cached(),
        Door::read(TAG, "产品详情", Who::Public, "/api/v1/products/{id}", one).cached(),
        Door::read(
            TAG,
            "产品的受理支行",
            Who::Public,
            "/api/v1/products/{id}/branches",
            branches,
        )
        .cached(),
        Door::read(
            TAG,
            "金融机构",
            Who::Public,
            "/api/v1/institutions",
            institutions,
        )
        .cached(),
        Door::read(
            TAG,
            "金融机构的支行",
            Who::Public,
            "/api/v1/institutions/{id}/branches",
            branches_of,
        )
        .cached(),
    ]
}

fn search(ask: Ask) -> UseResult<ProductSearch> {
    let sort = match ask.sort.as_deref() {
        None => Sort::Overall,
        Some(code) => Sort::from_code(code).ok_or_else(|| filters::unknown("sort"))?,
    };
    let wanted = Wanted {
        words: ask.words,
        institution: ask.institution,
        guarantee: ask.guarantee,
        amount: ask.amount,
        band: ask.band,
        term: ask.term,
        rate: ask.rate,
        lane: ask.lane,
        industry: ask.industry,
        county: ask.county,
    };
    filters::search(&wanted, sort)
}

async fn list(api: Api, call: Call, ask: Ask) -> UseResult<ProductPage> {
    let most = limit(ask.limit)?;
    let snapshot = shelf(&api, &call).await?;
    let cursor = ask.cursor.clone();
    let found = snapshot.search(&search(ask)?).products;
    let total = found.len();
    let key = |product: &&Product| product.id.to_string();
    let (part, next_cursor) = part_of(found, key, cursor.as_deref(), most)?;
    Ok(ProductPage {
        items: part
            .into_iter()
            .map(|product| card(&api, &snapshot, product))
            .collect(),
        total,
        next_cursor,
    })
}

fn word(api: &Api, domain: &str, code: &str) -> Word {
    let label = api.uses.vocabulary.label(domain, code);
    Word::new(code, label.unwrap_or(code))
}

fn card(api: &Api, snapshot: &Snapshot, product: &Product) -> ProductCard {
    let range = &product.range;
    let institution = snapshot.institution(product.institution);
    let mut tags = Vec::new();
    if product.first_loan {
        tags.push("首贷".to_owned());
    }
    if product.renewal {
        tags.push("续贷".to_owned());
    }
    ProductCard {
        id: product.id.0,
        name: product.name.clone(),
        institution: InstitutionMark {
            id: product.institution.0,
            name: institution_name(snapshot, product.institution),
            mark: institution.map_or_else(String::new, |one| one.mark.clone()),
        },
        rate_term: word(api, "rate_term", &product.rate_term),
        rate_min: range.rate_min.percent(),
        rate_max: range.rate_max.percent(),
        amount_min: wan(range.amount_min),
        amount_max: wan(range.amount_max),
        term_min: range.term_min,
        term_max: range.term_max,
        term_unit: Word::unit(range.term_unit),
        guarantee: Word::guarantee(product.guarantee),
        tags,
        featured: product.featured,
    }
}

async fn one(api: Api, call: Call, _: NoQuery) -> UseResult<ProductDetail> {
    let snapshot = shelf(&api, &call).await?;
    let found = snapshot.product(ProductId(call.id("id")?));
    let product = found.ok_or_else(UseError::not_found)?;
    let words = |domain: &str, codes: &[String]| -> Vec<Word> {
        codes.iter().map(|code| word(&api, domain, code)).collect()
    };
    let collateral = |code: &String| {
        ["collateral_mortgage", "collateral_pledge"]
            .iter()
            .find_map(|domain| api.uses.vocabulary.label(domain, code))
            .unwrap_or(code)
            .to_owned()
    };
    Ok(ProductDetail {
        card: card(&api, &snapshot, product),
        version: product.version,
        intro: product.intro.clone(),
        financing_type: word(&api, "financing_type", &product.financing_type),
        repayment_methods: words("repayment_method", &product.repayment_methods),
        rate_type: word(&api, "rate_type", &product.rate_type),
        collateral: product.collateral.iter().map(collateral).collect(),
        purposes: words("financing_purpose", &product.purposes),
        fees: product
            .fees
            .iter()
            .map(|fee| FeeLine {
                name: fee.name.clone(),
                rule: fee.rule.clone(),
            })
            .collect(),
        conditions: product.conditions.clone(),
        documents: product.documents.clone(),
        eligibility: product.eligibility.clone(),
        rules: product
            .rules
            .iter()
            .map(|rule| eligibility::sentence(&api, rule))
            .collect(),
        computed_methods: product
            .computed_methods()
            .into_iter()
            .map(|method| Word::new(method.code(), method.zh()))
            .collect(),
        highlights: product.highlights.clone(),
        response_days: product.response_days,
        published_at: product.published_at.map(instant),
    })
}

fn branch_line(api: &Api, branch: &Branch) -> BranchLine {
    let name = |code: &String| {
        let found = api.uses.regions.find(code);
        found.map_or_else(String::new, |region| region.name)
    };
    BranchLine {
        id: branch.id.0,
        name: branch.name.clone(),
        region: name(&branch.region_code),
        serves: branch.serves.iter().map(name).collect(),
        address: branch.address.clone(),
        phone: branch.phone.clone(),
        opening_hours: branch.opening_hours.clone(),
        counter_check: branch.counter_check,
        usual_response_hours: branch.usual_response_hours,
    }
}

async fn branches(api: Api, call: Call, _: NoQuery) -> UseResult<Branches> {
    let snapshot = shelf(&api, &call).await?;
    let found = snapshot.product(ProductId(call.id("id")?));
    let product = found.ok_or_else(UseError::not_found)?;
    Ok(Branches {
        items: snapshot
            .carriers(product)
            .map(|branch| branch_line(&api, branch))
            .collect(),
    })
}

async fn branches_of(api: Api, call: Call, _: NoQuery) -> UseResult<Branches> {
    let snapshot = shelf(&api, &call).await?;
    let institution = TenantId(call.id("id")?);
    if snapshot.institution(institution).is_none() {
        return Err(UseError::not_found());
    }
    Ok(Branches {
        items: snapshot
            .branches_of(institution)
            .map(|branch| branch_line(&api, branch))
            .collect(),
    })
}

async fn institutions(api: Api, call: Call, _: NoQuery) -> UseResult<Institutions> {
    let snapshot = shelf(&api, &call).await?;
    Ok(Institutions {
        items: snapshot
            .content
            .institutions
            .iter()
            .map(|one| InstitutionLine {
                id: one.id.0,
                name: one.name.clone(),
                short_name: one.short_name.clone(),
                mark: one.mark.clone(),
                kind: one.type_label.clone(),
                intro: one.intro.clone(),
                hotline: one.hotline.clone(),
                address: one.address.clone(),
                holding: one.holding,
                products: snapshot.products_of(one.id).count(),
            })
            .collect(),
    })
}
