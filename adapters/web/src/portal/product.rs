//! 产品详情 (M-017, M-302, M-303, W1): every term, every fee, every branch, and 立即申请 at the end.

use application::{
    catalogue::{OwnStanding, Showcase, Snapshot},
    error::UseError,
    ports::catalogue::{Fee, Paused, Product, Retired},
};
use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::ProductId;
use serde::Serialize;

use super::{
    calculator::Calculator,
    query::Query,
    rules::{self, RuleCheck},
    snapshot, views,
};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Described, Link, ProductCard, Table},
    visit::Visit,
};

const OTHERS: usize = 3;
const LIKE: usize = 6;

#[derive(Debug, Default, Serialize)]
pub(super) struct ProductPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub institution: views::InstitutionCard,
    pub institution_hotline: String,
    pub rate_label: String,
    pub rate: String,
    pub amount: String,
    pub term: String,
    pub guarantee: String,
    pub tags: Vec<String>,
    pub intro: String,
    pub highlights: Vec<String>,
    pub terms: Vec<Described>,
    pub fees: Vec<Fee>,
    pub fee_rate: bool,
    pub eligibility: String,
    pub conditions: Vec<String>,
    pub documents: Vec<String>,
    pub branches: Table,
    pub branch_total: usize,
    pub calculator: Option<Calculator>,
    pub rules: RuleCheck,
    pub apply_href: String,
    /// 额度试算; empty in a preview.
    pub estimate_href: String,
    /// 预览: the way back to 产品管理; empty on the shelf itself.
    pub preview_back: String,
    pub others: Vec<ProductCard>,
    /// Whoever is signed in needs no account any more.
    pub signed_in: bool,
}

/// What cannot be read off the four big figures.
fn terms(show: &Showcase, product: &Product) -> Vec<Described> {
    let days = product
        .response_days
        .map_or(String::new(), |d| format!("受理后 {d} 个工作日内"));
    let rows = [
        (
            "融资类型",
            labels(
                show,
                &["financing_type"],
                std::slice::from_ref(&product.financing_type),
            ),
        ),
        (
            "利率类型",
            labels(
                show,
                &["rate_type"],
                std::slice::from_ref(&product.rate_type),
            ),
        ),
        (
            "还款方式",
            labels(show, &["repayment_method"], &product.repayment_methods),
        ),
        (
            "资金用途",
            labels(show, &["financing_purpose"], &product.purposes),
        ),
        (
            "可用担保物",
            labels(
                show,
                &["collateral_mortgage", "collateral_pledge"],
                &product.collateral,
            ),
        ),
        ("额度测算", bounds(product)),
        ("适用行业", industries(show, product)),
        ("适用情形", lanes(product)),
        ("审核答复", days),
        (
            "发布日期",
            product.published_at.map_or(String::new(), views::date),
        ),
    ];
    rows.into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| Described::new(label, text))
        .collect()
}

use views::labels;

fn industries(show: &Showcase, product: &Product) -> String {
    let names: Vec<String> = show
        .own
        .industries
        .sections()
        .into_iter()
        .filter(|s| product.industries.contains(&s.code))
        .map(|s| s.name)
        .collect();
    if names.is_empty() {
        return "不限".to_owned();
    }
    names.join("、")
}

/// 额度测算规则 as they are published; empty where none is.
fn bounds(product: &Product) -> String {
    let words = product.bounds.words();
    if words.is_empty() {
        return String::new();
    }
    format!("{}，仅供参考", words.join("，且"))
}

fn lanes(product: &Product) -> String {
    match (product.first_loan, product.renewal) {
        (true, true) => "首贷、续贷均可申请",
        (true, false) => "支持首贷",
        (false, true) => "支持续贷",
        (false, false) => "",
    }
    .to_owned()
}

impl ProductPage {
    fn of(
        show: &Showcase,
        snapshot: &Snapshot,
        product: &Product,
        query: &Query,
        standing: Option<&OwnStanding>,
    ) -> Self {
        let institution = snapshot.institution(product.institution);
        let offered = labels(show, &["repayment_method"], &product.repayment_methods);
        let card = views::product_card(snapshot, product);
        Self {
            crumbs: views::crumbs([("金融超市", "/market"), (&product.name, "")]),
            name: product.name.clone(),
            institution: institution
                .map(|i| views::institution_card(snapshot, i))
                .unwrap_or_default(),
            institution_hotline: institution.map_or(String::new(), |i| i.hotline.clone()),
            rate_label: card.rate_label,
            rate: card.rate,
            amount: views::amount_exact(product),
            term: views::term_exact(product),
            guarantee: product.guarantee.zh().to_owned(),
            tags: card.tags,
            intro: product.intro.clone(),
            highlights: product.highlights.clone(),
            terms: terms(show, product),
            fees: product.fees.clone(),
            fee_rate: product.is_fee_rate(),
            eligibility: product.eligibility.clone(),
            conditions: product.conditions.clone(),
            documents: product.documents.clone(),
            branch_total: snapshot.carriers(product).count(),
            branches: views::branch_table(show, "受理支行", snapshot.carriers(product)),
            calculator: Calculator::of(product, query, offered),
            rules: rules::check(show, &product.rules, standing),
            preview_back: String::new(),
            signed_in: false,
            apply_href: format!("/enterprise/apply/{}", product.id),
            estimate_href: crate::estimates::href(product.id),
            others: views::cards(
                snapshot,
                snapshot
                    .products_of(product.institution)
                    .filter(|p| p.id != product.id)
                    .take(OTHERS),
            ),
        }
    }
}

pub(super) async fn page(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let id = id.parse().map_err(|_| UseError::not_found())?;
    let id = ProductId(id);
    let Some(product) = snapshot.product(id) else {
        let page = match (snapshot.retired(id), snapshot.paused(id)) {
            (Some(gone), _) => RetiredPage::of(&snapshot, gone),
            (None, Some((gone, paused))) => RetiredPage::paused(&snapshot, &gone, paused),
            (None, None) => return Err(UseError::not_found().into()),
        };
        // A pause ends: the address is not gone for good.
        let (status, title) = if page.paused {
            (StatusCode::NOT_FOUND, TITLE_PAUSED)
        } else {
            (StatusCode::GONE, TITLE_GONE)
        };
        return Ok(visit.render_with(status, RetiredPage::TEMPLATE, title, &page));
    };
    // Staff and visitors read the rules; an enterprise reads how it stands to them.
    let standing = match visit.actor().filter(|actor| actor.enterprise.is_some()) {
        Some(actor) if !product.rules.is_empty() => {
            Some(web.uses.own.compare(actor, &product.rules).await?)
        }
        _ => None,
    };
    let query = Query::parse(raw.as_deref());
    let mut page = ProductPage::of(&web.uses, &snapshot, product, &query, standing.as_ref());
    page.signed_in = visit.actor().is_some();
    // Only enterprises apply.
    if visit.staff_actor().is_ok() {
        page.apply_href.clear();
    }
    Ok(visit.render("portal/product.html", &product.name, &page))
}

const TITLE_GONE: &str = "金融产品已下架";
const TITLE_PAUSED: &str = "机构暂停受理";

/// 已下架: the address was kept, the product is gone; what is like it stands below.
#[derive(Debug, Default, Serialize)]
pub(super) struct RetiredPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub institution: String,
    /// Empty while the institution is not shown.
    pub institution_href: String,
    /// 暂停受理 of the whole institution.
    pub paused: bool,
    pub like: Vec<ProductCard>,
}

impl RetiredPage {
    pub const TEMPLATE: &'static str = "portal/retired.html";

    fn of(snapshot: &Snapshot, gone: &Retired) -> Self {
        let institution = snapshot.institution(gone.institution);
        let card = institution.map(|i| views::institution_card(snapshot, i));
        let card = card.unwrap_or_default();
        Self {
            crumbs: views::crumbs([("金融超市", "/market"), (&gone.name, "")]),
            name: gone.name.clone(),
            institution: card.name,
            institution_href: card.href,
            paused: false,
            like: views::cards(snapshot, snapshot.like(gone, LIKE)),
        }
    }

    /// 暂停受理: the product is there still, its institution takes nothing new.
    fn paused(snapshot: &Snapshot, product: &Retired, paused: &Paused) -> Self {
        Self {
            institution: paused.name.clone(),
            institution_href: String::new(),
            paused: true,
            ..Self::of(snapshot, product)
        }
    }
}

/// A product that is not on the shelf, or not in this version, as its page will show it.
pub(crate) fn preview(
    show: &Showcase,
    visit: &Visit,
    snapshot: &Snapshot,
    product: &Product,
    back: String,
) -> Response {
    let mut page = ProductPage::of(show, snapshot, product, &Query::parse(None), None);
    page.preview_back = back;
    page.apply_href = String::new();
    page.estimate_href = String::new();
    page.calculator = None;
    visit.render(
        "portal/product.html",
        &format!("预览：{}", product.name),
        &page,
    )
}
