//! 金融超市 (M-009, M-016, M-301, A-25, W2): every product, with filters that count, an order and pages.

use application::catalogue::{
    AmountBand, Found, Lane, OwnProfile, ProductSearch, RateBand, Showcase, Snapshot, Sort,
    TermBand,
};
use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::product::GuaranteeType;
use serde::Serialize;

use super::{
    query::{Ask, Query, pairs},
    rules::fit_tag,
    snapshot, views,
};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Filter, Link, Pager, ProductCard},
    visit::{Visit, encode},
    words,
};

pub(super) const PER_PAGE: usize = 10;
const PATH: &str = "/market";

/// A hidden field that keeps the other filters when a small form is sent.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Pair {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct MarketPage {
    pub crumbs: Vec<Link>,
    pub words: String,
    pub lead: String,
    pub search_keeps: Vec<Pair>,
    pub amount_keeps: Vec<Pair>,
    pub amount_text: String,
    pub amount_error: String,
    pub filters: Vec<Filter>,
    pub active: Vec<Link>,
    pub active_total: usize,
    pub clear_href: String,
    pub site_search_href: String,
    pub sort: Vec<Link>,
    pub total: usize,
    pub notice: String,
    pub products: Vec<ProductCard>,
    /// Each product is held against the own profile (W3).
    pub compared: bool,
    /// 完善信息 comes before that.
    pub incomplete: bool,
    pub pager: Pager,
}

/// The page that can be shown, and a sentence when it is not the asked one.
pub(super) fn clamp_page(asked: u64, total: usize, per_page: usize) -> (u64, String) {
    let last = (total.div_ceil(per_page).max(1)) as u64;
    if asked <= last {
        return (asked.max(1), String::new());
    }
    let said = words::text("portal.page_beyond", &[("last", last.to_string())]);
    (last, said)
}

/// What stands on a page (from 1).
pub(super) fn slice<T>(all: &[T], page: u64, per_page: usize) -> &[T] {
    let from = usize::try_from(page.saturating_sub(1))
        .unwrap_or(usize::MAX)
        .saturating_mul(per_page)
        .min(all.len());
    &all[from..all.len().min(from + per_page)]
}

fn keeps(search: &ProductSearch, but: &str) -> Vec<Pair> {
    pairs(search)
        .into_iter()
        .filter(|(name, _)| *name != but)
        .map(|(name, value)| Pair {
            name: name.to_owned(),
            value,
        })
        .collect()
}

fn to(search: &ProductSearch) -> String {
    Ask::address(PATH, search, 1)
}

fn with(search: &ProductSearch, change: impl FnOnce(&mut ProductSearch)) -> String {
    let mut changed = search.clone();
    change(&mut changed);
    to(&changed)
}

/// A row of choices: 不限, then those that would show something, each with its count.
fn row<T: Copy + PartialEq + Ord>(
    label: &str,
    search: &ProductSearch,
    chosen: Option<T>,
    choices: &[(T, &str, usize)],
    set: impl Fn(&mut ProductSearch, Option<T>),
) -> Filter {
    let mut options =
        vec![Link::new("不限", with(search, |s| set(s, None))).current(chosen.is_none())];
    for (value, word, count) in choices {
        let current = chosen == Some(*value);
        if *count == 0 && !current {
            continue;
        }
        options.push(
            Link::new(
                format!("{word}（{count}）"),
                with(search, |s| set(s, (!current).then_some(*value))),
            )
            .current(current),
        );
    }
    Filter {
        label: label.to_owned(),
        options,
    }
}

fn institutions(snapshot: &Snapshot, search: &ProductSearch, found: &Found<'_>) -> Filter {
    let mut options = vec![
        Link::new("不限", with(search, |s| s.institutions.clear()))
            .current(search.institutions.is_empty()),
    ];
    for one in &snapshot.content.institutions {
        let current = search.institutions.contains(&one.id);
        let count = found.facets.institutions.get(&one.id).copied().unwrap_or(0);
        if count == 0 && !current {
            continue;
        }
        let address = with(search, |s| {
            if !s.institutions.remove(&one.id) {
                s.institutions.insert(one.id);
            }
        });
        options.push(Link::new(format!("{}（{count}）", one.short_name), address).current(current));
    }
    Filter {
        label: "机构".to_owned(),
        options,
    }
}

/// 适用行业: only sections that a product on the shelf names; the others would all show the same.
fn industries(
    show: &Showcase,
    snapshot: &Snapshot,
    search: &ProductSearch,
    found: &Found<'_>,
) -> Filter {
    let mut options = vec![
        Link::new("不限", with(search, |s| s.industry = None)).current(search.industry.is_none()),
    ];
    for section in show.own.industries.sections() {
        let current = search.industry.as_ref() == Some(&section.code);
        let named = snapshot
            .products()
            .any(|p| p.industries.contains(&section.code));
        let count = found
            .facets
            .industries
            .get(&section.code)
            .copied()
            .unwrap_or(0);
        if (!named || count == 0) && !current {
            continue;
        }
        let address = with(search, |s| {
            s.industry = (!current).then(|| section.code.clone());
        });
        options.push(Link::new(format!("{}（{count}）", section.name), address).current(current));
    }
    Filter {
        label: "适用行业".to_owned(),
        options,
    }
}

fn counties(show: &Showcase, search: &ProductSearch, found: &Found<'_>) -> Filter {
    let mut options =
        vec![Link::new("不限", with(search, |s| s.county = None)).current(search.county.is_none())];
    for (code, count) in &found.facets.counties {
        let name = views::county(show, code);
        if name.is_empty() {
            continue;
        }
        let current = search.county.as_ref() == Some(code);
        let address = with(search, |s| s.county = (!current).then(|| code.clone()));
        options.push(Link::new(format!("{name}（{count}）"), address).current(current));
    }
    Filter {
        label: "服务区县".to_owned(),
        options,
    }
}

macro_rules! choices {
    ($kind:ty, $counts:expr) => {
        <$kind>::ALL
            .iter()
            .map(|c| (*c, c.zh(), $counts.get(c).copied().unwrap_or(0)))
            .collect::<Vec<_>>()
    };
}

/// 准入条件: only where the own profile is known.
fn fitting(search: &ProductSearch, found: &Found<'_>, compared: bool) -> Filter {
    let only = search.fitting_only;
    let mut options = Vec::new();
    if compared {
        options.push(Link::new("不限", with(search, |s| s.fitting_only = false)).current(!only));
        options.push(
            Link::new(
                format!("只看符合条件（{}）", found.fitting),
                with(search, |s| s.fitting_only = !only),
            )
            .current(only),
        );
    }
    Filter {
        label: "准入条件".to_owned(),
        options,
    }
}

/// The orders; 按匹配度 only where the own profile is known.
fn orders(search: &ProductSearch, compared: bool) -> Vec<Link> {
    let mut orders: Vec<Link> = Sort::ALL
        .iter()
        .map(|sort| {
            let address = with(search, |s| {
                s.sort = *sort;
                s.by_fit = false;
            });
            Link::new(sort.zh(), address).current(!search.by_fit && search.sort == *sort)
        })
        .collect();
    if compared {
        let address = with(search, |s| {
            s.sort = Sort::Overall;
            s.by_fit = true;
        });
        orders.push(Link::new("按匹配度", address).current(search.by_fit));
    }
    orders
}

fn filters(
    show: &Showcase,
    snapshot: &Snapshot,
    search: &ProductSearch,
    found: &Found<'_>,
    compared: bool,
) -> Vec<Filter> {
    let facets = &found.facets;
    let rows = vec![
        fitting(search, found, compared),
        row(
            "担保方式",
            search,
            search.guarantee,
            &choices!(GuaranteeType, facets.guarantees),
            |s, v| s.guarantee = v,
        ),
        row(
            "额度",
            search,
            search.band,
            &choices!(AmountBand, facets.bands),
            |s, v| s.band = v,
        ),
        row(
            "期限",
            search,
            search.term,
            &choices!(TermBand, facets.terms),
            |s, v| s.term = v,
        ),
        row(
            "利率",
            search,
            search.rate,
            &choices!(RateBand, facets.rates),
            |s, v| s.rate = v,
        ),
        row(
            "首贷/续贷",
            search,
            search.lane,
            &choices!(Lane, facets.lanes),
            |s, v| s.lane = v,
        ),
        industries(show, snapshot, search, found),
        institutions(snapshot, search, found),
        counties(show, search, found),
    ];
    rows.into_iter().filter(|f| f.options.len() > 1).collect()
}

/// 已选条件: each with the address without it.
fn active(show: &Showcase, snapshot: &Snapshot, search: &ProductSearch) -> Vec<Link> {
    let mut active = Vec::new();
    if !search.words.is_empty() {
        active.push(Link::new(
            format!("关键词：{}", search.words),
            with(search, |s| s.words.clear()),
        ));
    }
    for id in &search.institutions {
        let name = snapshot
            .institution(*id)
            .map_or("机构（已下线）", |i| i.short_name.as_str());
        active.push(Link::new(
            name,
            with(search, |s| {
                s.institutions.remove(id);
            }),
        ));
    }
    if search.fitting_only {
        active.push(Link::new(
            "只看符合条件",
            with(search, |s| s.fitting_only = false),
        ));
    }
    if let Some(v) = search.guarantee {
        active.push(Link::new(
            format!("担保方式：{}", v.zh()),
            with(search, |s| s.guarantee = None),
        ));
    }
    if let Some(v) = search.band {
        active.push(Link::new(
            format!("额度：{}", v.zh()),
            with(search, |s| s.band = None),
        ));
    }
    if let Some(v) = search.amount {
        active.push(Link::new(
            format!("需要 {} 万元", v.format_wan_brief()),
            with(search, |s| s.amount = None),
        ));
    }
    if let Some(v) = search.term {
        active.push(Link::new(
            format!("期限：{}", v.zh()),
            with(search, |s| s.term = None),
        ));
    }
    if let Some(v) = search.rate {
        active.push(Link::new(
            format!("利率：{}", v.zh()),
            with(search, |s| s.rate = None),
        ));
    }
    if let Some(v) = search.lane {
        active.push(Link::new(v.zh(), with(search, |s| s.lane = None)));
    }
    if let Some(code) = &search.industry {
        let section = show
            .own
            .industries
            .sections()
            .into_iter()
            .find(|s| s.code == *code);
        let name = section.map_or_else(|| "未知行业".to_owned(), |s| s.name);
        active.push(Link::new(
            format!("适用行业：{name}"),
            with(search, |s| s.industry = None),
        ));
    }
    if let Some(code) = &search.county {
        let name = views::county(show, code);
        let name = if name.is_empty() {
            "未知区县".to_owned()
        } else {
            name
        };
        active.push(Link::new(name, with(search, |s| s.county = None)));
    }
    active
}

impl MarketPage {
    fn of(show: &Showcase, snapshot: &Snapshot, ask: &Ask, own: Option<&OwnProfile>) -> Self {
        let search = &ask.search;
        let found = snapshot.search_as(search, own);
        let (page, notice) = clamp_page(ask.page, found.products.len(), PER_PAGE);
        let active = active(show, snapshot, search);
        let bare = ProductSearch {
            sort: search.sort,
            by_fit: search.by_fit,
            ..ProductSearch::default()
        };
        Self {
            crumbs: views::crumbs([("金融超市", PATH)]),
            words: search.words.clone(),
            lead: format!(
                "共 {} 款在售产品，利率为参考值，以受理银行审批为准",
                snapshot.products().count()
            ),
            search_keeps: keeps(search, "q"),
            amount_keeps: keeps(search, "amount"),
            amount_text: ask.amount_text.clone(),
            amount_error: ask.amount_error.clone(),
            filters: filters(show, snapshot, search, &found, own.is_some()),
            active_total: active.len(),
            active,
            clear_href: to(&bare),
            site_search_href: format!("/search?q={}", encode(&search.words)),
            sort: orders(search, own.is_some()),
            total: found.products.len(),
            notice,
            products: slice(&found.products, page, PER_PAGE)
                .iter()
                .map(|product| ProductCard {
                    fit: own.map(|own| fit_tag(own.fit(&product.rules))),
                    ..views::product_card(snapshot, product)
                })
                .collect(),
            compared: own.is_some(),
            incomplete: false,
            pager: Pager::new(found.products.len() as u64, page, PER_PAGE as u64, |n| {
                Ask::address(PATH, search, n)
            }),
        }
    }
}

pub(super) async fn page(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let mut ask = Ask::read(&Query::parse(raw.as_deref()));
    let enterprise = visit.actor().filter(|actor| actor.enterprise.is_some());
    let own = match enterprise {
        Some(actor) => web.uses.own.profile(actor).await?,
        None => None,
    };
    if own.is_none() {
        // Whoever is compared with nothing sees the list as it is.
        ask.search.by_fit = false;
        ask.search.fitting_only = false;
    }
    let mut page = MarketPage::of(&web.uses, &snapshot, &ask, own.as_ref());
    page.incomplete = enterprise.is_some() && own.is_none();
    Ok(visit.render("portal/market.html", "金融超市", &page))
}

#[derive(Serialize)]
struct ListedProduct<'a> {
    id: String,
    name: &'a str,
    institution: &'a str,
    guarantee: &'static str,
    amount_min_cents: i64,
    amount_max_cents: i64,
    rate_min: i32,
    rate_max: i32,
    term_min: u16,
    term_max: u16,
    term_unit: &'static str,
    first_loan: bool,
    renewal: bool,
}

/// The same list for programs.
pub(super) async fn json(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let ask = Ask::read(&Query::parse(raw.as_deref()));
    let found = snapshot.search(&ask.search);
    let (page, _) = clamp_page(ask.page, found.products.len(), PER_PAGE);
    let items: Vec<ListedProduct<'_>> = slice(&found.products, page, PER_PAGE)
        .iter()
        .map(|p| ListedProduct {
            id: p.id.to_string(),
            name: &p.name,
            institution: snapshot
                .institution(p.institution)
                .map_or("", |i| i.name.as_str()),
            guarantee: p.guarantee.code(),
            amount_min_cents: p.range.amount_min.cents(),
            amount_max_cents: p.range.amount_max.cents(),
            rate_min: p.range.rate_min.hundredths(),
            rate_max: p.range.rate_max.hundredths(),
            term_min: p.range.term_min,
            term_max: p.range.term_max,
            term_unit: p.range.term_unit.as_str(),
            first_loan: p.first_loan,
            renewal: p.renewal,
        })
        .collect();
    let body = serde_json::json!({ "total": found.products.len(), "page": page, "per_page": PER_PAGE, "items": items });
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response())
}
