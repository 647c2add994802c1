//! How products, institutions and articles are written on the portal's pages.

use application::{
    catalogue::{Showcase, Snapshot},
    ports::catalogue::{Article, ArticleKind, Branch, Institution, Product},
};
use domain::{calendar::SHANGHAI, values::TermUnit};
use serde::Serialize;
use time::{Date, OffsetDateTime, macros::format_description};

use crate::parts::{Cell, Link, NewsLine, ProductCard, Table};

pub fn date(at: OffsetDateTime) -> String {
    day(at.to_offset(SHANGHAI).date())
}

pub fn day(date: Date) -> String {
    date.format(format_description!("[year]-[month]-[day]"))
        .unwrap_or_default()
}

/// 首页 first, then where we are.
pub fn crumbs<const N: usize>(links: [(&str, &str); N]) -> Vec<Link> {
    std::iter::once(("首页", "/"))
        .chain(links)
        .map(|(label, href)| Link::new(label, href))
        .collect()
}

/// `3.75%/年`, or `3.20%–3.95%/年` (M-304).
pub fn rate(product: &Product) -> String {
    let range = &product.range;
    if range.rate_min == range.rate_max {
        return range.rate_min.to_string();
    }
    format!("{}%–{}", range.rate_min.percent(), range.rate_max)
}

pub fn rate_label(product: &Product) -> &'static str {
    match product.rate_term.as_str() {
        "guarantee_fee" => "担保费率",
        "annualized_rate" => "参考年化利率",
        _ => "参考年利率",
    }
}

/// `1–10 年`, `6–24 个月`.
pub fn term(product: &Product) -> String {
    let unit = match product.range.term_unit {
        TermUnit::Month => "个月",
        TermUnit::Year => "年",
    };
    let (from, to) = (product.range.term_min, product.range.term_max);
    if from == to {
        return format!("{from} {unit}");
    }
    format!("{from}–{to} {unit}")
}

/// `1-10年` as the request page prints it (M-306).
pub fn term_exact(product: &Product) -> String {
    let range = &product.range;
    let unit = match range.term_unit {
        TermUnit::Month => "个月",
        TermUnit::Year => "年",
    };
    format!("{}-{}{unit}", range.term_min, range.term_max)
}

/// `1–5,000 万元`.
pub fn amount(product: &Product) -> String {
    let range = &product.range;
    format!(
        "{}–{} 万元",
        range.amount_min.format_wan_brief(),
        range.amount_max.format_wan_brief()
    )
}

/// `1.00 - 500.00`, in 万元 (M-305).
pub fn amount_exact(product: &Product) -> String {
    let range = &product.range;
    format!(
        "{} - {}",
        range.amount_min.format_wan(),
        range.amount_max.format_wan()
    )
}

pub fn product_href(product: &Product) -> String {
    format!("/market/{}", product.id)
}

pub fn institution_href(institution: &Institution) -> String {
    format!("/institutions/{}", institution.id)
}

pub fn seal(institution: &Institution) -> String {
    if institution.mark.is_empty() {
        return institution.short_name.chars().take(1).collect();
    }
    institution.mark.clone()
}

pub fn product_card(snapshot: &Snapshot, product: &Product) -> ProductCard {
    let institution = snapshot.institution(product.institution);
    let mut tags = vec![product.guarantee.zh().to_owned()];
    if product.first_loan {
        tags.push("首贷".to_owned());
    }
    if product.renewal {
        tags.push("续贷".to_owned());
    }
    ProductCard {
        href: product_href(product),
        name: product.name.clone(),
        institution: institution.map_or_else(String::new, |i| i.name.clone()),
        seal: institution.map_or_else(String::new, seal),
        rate_label: rate_label(product).to_owned(),
        rate: rate(product),
        amount: amount(product),
        term: term(product),
        tags,
        fit: None,
        estimate_href: crate::estimates::href(product.id),
    }
}

pub fn cards<'a>(
    snapshot: &Snapshot,
    products: impl IntoIterator<Item = &'a Product>,
) -> Vec<ProductCard> {
    products
        .into_iter()
        .map(|p| product_card(snapshot, p))
        .collect()
}

/// One institution in a list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct InstitutionCard {
    pub href: String,
    pub name: String,
    pub seal: String,
    pub kind: String,
    pub intro: String,
    pub products: usize,
    pub branches: usize,
    /// `3.20%/年` of the cheapest product; empty: none.
    pub rate_from: String,
}

pub fn institution_card(snapshot: &Snapshot, institution: &Institution) -> InstitutionCard {
    InstitutionCard {
        href: institution_href(institution),
        name: institution.name.clone(),
        seal: seal(institution),
        kind: institution.type_label.clone(),
        intro: institution
            .intro
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
        products: snapshot.products_of(institution.id).count(),
        branches: snapshot.branches_of(institution.id).count(),
        rate_from: snapshot
            .products_of(institution.id)
            .filter(|p| !p.is_fee_rate())
            .map(|p| p.range.rate_min)
            .min()
            .map_or_else(String::new, |r| r.to_string()),
    }
}

/// `4 小时`, `1 天 2 小时` would be false precision: whole hours as the branch's own figures are kept.
pub fn response(branch: &Branch) -> String {
    branch
        .usual_response_hours
        .map_or_else(|| "暂无数据".to_owned(), |h| format!("平均 {h} 小时接单"))
}

pub fn county(show: &Showcase, code: &str) -> String {
    show.regions
        .find(code)
        .map_or_else(String::new, |region| region.name)
}

fn serves(show: &Showcase, branch: &Branch) -> String {
    if branch.serves.is_empty() {
        return "全市".to_owned();
    }
    let names: Vec<String> = branch
        .serves
        .iter()
        .map(|code| county(show, code))
        .filter(|name| !name.is_empty())
        .collect();
    names.join("、")
}

/// 受理支行: where they are, what they serve, how fast they answer.
pub fn branch_table<'a>(
    show: &Showcase,
    caption: &str,
    branches: impl IntoIterator<Item = &'a Branch>,
) -> Table {
    let mut table = Table::new(caption)
        .column("支行", "")
        .column("地址和时间", "wrap")
        .column("服务区县", "wrap")
        .column("电话", "nowrap")
        .column("接单速度", "nowrap");
    for branch in branches {
        table.push(vec![
            Cell::text(&branch.name).second(county(show, &branch.region_code)),
            Cell::text(&branch.address).second(&branch.opening_hours),
            Cell::text(serves(show, branch)),
            Cell::link(&branch.phone, format!("tel:{}", branch.phone)),
            Cell::text(response(branch)),
        ]);
    }
    table
}

pub fn article_href(article: &Article) -> String {
    let section = if article.kind == ArticleKind::Policy {
        "policies"
    } else {
        "news"
    };
    format!("/{section}/{}", article.id)
}

/// A line of a short list on other pages.
pub fn line(article: &Article) -> NewsLine {
    NewsLine {
        href: article_href(article),
        title: article.title.clone(),
        date: date(article.published_at),
        ..NewsLine::default()
    }
}

/// A line of the section's own list, with summary and origin.
pub fn full_line(article: &Article, today: Date) -> NewsLine {
    let mut source = Vec::new();
    if article.pinned {
        source.push("置顶".to_owned());
    }
    if article.kind == ArticleKind::Policy {
        source.push(article.issuer.clone());
        source.push(article.delivery.clone());
        source.push(deadline(article, today));
    } else {
        source.push(article.category.clone());
        source.push(article.source.clone());
    }
    source.retain(|s| !s.is_empty());
    NewsLine {
        summary: article.summary.clone(),
        source: source.join(" · "),
        ..line(article)
    }
}

/// `申报截止 2027-01-31`, with what it means today; empty: no deadline.
pub fn deadline(article: &Article, today: Date) -> String {
    let Some(last) = article.deadline else {
        return String::new();
    };
    let left = (last - today).whole_days();
    match left {
        ..0 => format!("申报已于 {} 截止", day(last)),
        0 => format!("申报截止 {}（今天截止）", day(last)),
        1..=30 => format!("申报截止 {}（还有 {left} 天）", day(last)),
        _ => format!("申报截止 {}", day(last)),
    }
}

/// Chinese words of vocabulary codes, joined; codes without a word are left out.
pub fn labels(show: &Showcase, domains: &[&str], codes: &[String]) -> String {
    let words: Vec<&str> = codes
        .iter()
        .filter_map(|code| domains.iter().find_map(|d| show.words.label(d, code)))
        .collect();
    words.join("、")
}
