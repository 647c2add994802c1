//! Every page of the portal draws with hostile, long and missing texts.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    articles::{ArticlePage, ArticlesPage},
    calculator::Calculator,
    home::HomePage,
    institutions::{HoldingsPage, InstitutionPage, InstitutionsPage},
    market::{MarketPage, Pair},
    pages::{AboutPage, AccessibilityPage, AgreementPage, Group, Section, SitemapPage},
    product::{ProductPage, RetiredPage},
    search::SearchPage,
    views::{InstitutionCard, crumbs},
};
use crate::{
    forms::{Field, FormView},
    parts::{
        Block, Cell, Described, Figure, Filter, Link, NewsLine, Pager, ProductCard, Table, Tag,
        TagKind,
    },
    templates,
};

const EVIL: &str = "<script>alert(1)</script>\"'\\&{{ x }}";

fn long() -> String {
    "长".repeat(120)
}

fn page() -> Value {
    json!({
        "title": EVIL,
        "tenant": { "name": "测试城市平台", "short_name": "平台", "brand_line": EVIL, "hotline": "0317-0000000", "hotline_hours": "", "icp": "", "operator_name": "", "address": "", "year": 2026, "public_security_record": "", "mini_program_name": EVIL },
        "user": null, "unread": 0, "csrf": "", "demo": false, "large_type": false, "css_url": "", "js_url": "", "path": "/", "here": "/?q=\"><script>", "notice": null,
        "nav": [], "side": [], "foot": [], "session_seconds": 0
    })
}

fn draw(template: &str, content: &impl Serialize) -> String {
    let tera = templates::load().expect("the templates compile");
    let mut context = templates::context(content).expect("it serialises");
    context.insert("page", &page());
    let html = tera
        .render(template, &context)
        .unwrap_or_else(|e| panic!("{template}: {e:?}"));
    assert!(
        !html.contains("<script>alert"),
        "{template} lets a script through"
    );
    assert_eq!(html.matches("<h1").count(), 1, "{template} has one h1");
    html
}

fn card(text: &str) -> ProductCard {
    ProductCard {
        href: "javascript:alert(1)".to_owned(),
        name: text.to_owned(),
        institution: text.to_owned(),
        seal: "海".to_owned(),
        rate_label: text.to_owned(),
        rate: "3.75%/年".to_owned(),
        amount: text.to_owned(),
        term: text.to_owned(),
        tags: vec![text.to_owned()],
        fit: Some(Tag::new(text, TagKind::Danger)),
        estimate_href: "javascript:alert(1)".to_owned(),
    }
}

fn bank(text: &str) -> InstitutionCard {
    InstitutionCard {
        href: "/institutions/1".to_owned(),
        name: text.to_owned(),
        seal: text.chars().take(1).collect(),
        kind: text.to_owned(),
        intro: text.to_owned(),
        products: 1,
        branches: 2,
        rate_from: text.to_owned(),
    }
}

fn news(text: &str) -> Vec<NewsLine> {
    vec![NewsLine {
        href: "/news/1".to_owned(),
        title: text.to_owned(),
        date: "2026-01-01".to_owned(),
        summary: text.to_owned(),
        source: text.to_owned(),
        mark: text.to_owned(),
    }]
}

fn filter(text: &str) -> Filter {
    Filter {
        label: text.to_owned(),
        options: vec![
            Link::new(text, "?a=1").current(true),
            Link::new(text, ""),
            Link::new("", text),
        ],
    }
}

fn table(text: &str) -> Table {
    let mut table = Table::new(text).column(text, "").column("电话", "nowrap");
    table.push(vec![
        Cell::text(text).second(text),
        Cell::link(text, "tel:1"),
    ]);
    table
}

fn pager() -> Pager {
    Pager::new(99, 3, 10, |n| format!("?page={n}&q=\"<"))
}

fn described(text: &str) -> Vec<Described> {
    vec![Described::new(text, text)]
}

fn texts() -> [String; 2] {
    [EVIL.to_owned(), long()]
}

#[test]
fn lists_draw_full_and_empty() {
    draw("portal/home.html", &HomePage::default());
    draw(
        "portal/market.html",
        &MarketPage {
            crumbs: crumbs([]),
            ..MarketPage::default()
        },
    );
    draw("portal/holdings.html", &HoldingsPage::default());
    draw("portal/institutions.html", &InstitutionsPage::default());
    draw("portal/articles.html", &ArticlesPage::default());
    draw("portal/search.html", &SearchPage::default());
    for t in &texts() {
        draw(
            "portal/home.html",
            &HomePage {
                banners: Vec::new(),
                counts: vec![Figure {
                    value: t.clone(),
                    ..Figure::default()
                }],
                hot: vec![card(t)],
                first_loans: vec![card(t)],
                first_loan_total: 1,
                institutions: vec![bank(t)],
                policies: news(t),
                news: news(t),
                mini_code: "/q/r/code".to_owned(),
            },
        );
        let market = draw(
            "portal/market.html",
            &MarketPage {
                words: t.clone(),
                search_keeps: vec![Pair {
                    name: "org".to_owned(),
                    value: t.clone(),
                }],
                amount_text: t.clone(),
                amount_error: t.clone(),
                filters: vec![filter(t)],
                active: vec![Link::new(t, "?")],
                active_total: 1,
                notice: t.clone(),
                products: vec![card(t)],
                compared: true,
                pager: pager(),
                ..MarketPage::default()
            },
        );
        assert!(market.contains("查看详情+"));
        draw(
            "portal/market.html",
            &MarketPage {
                active_total: 1,
                words: t.clone(),
                incomplete: true,
                ..MarketPage::default()
            },
        );
    }
}

#[test]
fn other_lists_draw_full_and_empty() {
    for t in &texts() {
        draw(
            "portal/holdings.html",
            &HoldingsPage {
                owners: vec![bank(t)],
                products: vec![card(t)],
                notice: t.clone(),
                pager: pager(),
                ..HoldingsPage::default()
            },
        );
        draw(
            "portal/institutions.html",
            &InstitutionsPage {
                kinds: filter(t),
                institutions: vec![bank(t)],
                ..InstitutionsPage::default()
            },
        );
        draw(
            "portal/articles.html",
            &ArticlesPage {
                heading: t.clone(),
                lead: t.clone(),
                path: "/news".to_owned(),
                words: t.clone(),
                filters: vec![filter(t)],
                active: vec![Link::new(t, "?")],
                items: news(t),
                pager: pager(),
                ..ArticlesPage::default()
            },
        );
        draw(
            "portal/articles.html",
            &ArticlesPage {
                active: vec![Link::new(t, "?")],
                ..ArticlesPage::default()
            },
        );
        draw(
            "portal/search.html",
            &SearchPage {
                words: t.clone(),
                ..SearchPage::default()
            },
        );
        draw(
            "portal/search.html",
            &SearchPage {
                words: t.clone(),
                total: 9,
                products: vec![card(t)],
                product_total: 9,
                institutions: vec![bank(t)],
                policies: news(t),
                news: news(t),
                ..SearchPage::default()
            },
        );
    }
}

#[test]
fn details_draw_full_and_bare() {
    draw("portal/product.html", &ProductPage::default());
    draw(RetiredPage::TEMPLATE, &RetiredPage::default());
    draw("portal/institution.html", &InstitutionPage::default());
    draw("portal/article.html", &ArticlePage::default());
    for t in &texts() {
        draw(
            RetiredPage::TEMPLATE,
            &RetiredPage {
                name: t.clone(),
                institution: t.clone(),
                institution_href: t.clone(),
                like: vec![card(t)],
                paused: true,
                ..RetiredPage::default()
            },
        );
        let mut form =
            FormView::new("/market/1#calculator").with(Field::number("amount", t, "万元").value(t));
        form.fail("amount", t.clone());
        let html = draw(
            "portal/product.html",
            &ProductPage {
                name: t.clone(),
                institution: bank(t),
                institution_hotline: t.clone(),
                tags: vec![t.clone()],
                intro: t.clone(),
                highlights: vec![t.clone()],
                terms: described(t),
                fees: vec![application::ports::catalogue::Fee {
                    name: t.clone(),
                    rule: t.clone(),
                }],
                conditions: vec![t.clone()],
                documents: vec![t.clone()],
                branches: table(t),
                branch_total: 1,
                calculator: Some(Calculator {
                    form,
                    offered: t.clone(),
                    summary: described(t),
                    table: Some(table(t)),
                    asked: true,
                }),
                apply_href: "/enterprise/apply/1".to_owned(),
                others: vec![card(t)],
                ..ProductPage::default()
            },
        );
        assert_eq!(
            html.matches("立即申请").count(),
            2,
            "at the end and in the side card"
        );
        assert!(html.rfind("立即申请") > html.find("所需材料"));
        draw(
            "portal/institution.html",
            &InstitutionPage {
                card: bank(t),
                intro: t.clone(),
                facts: described(t),
                hotline: t.clone(),
                products: vec![card(t)],
                branches: table(t),
                branch_total: 1,
                ..InstitutionPage::default()
            },
        );
        draw(
            "portal/article.html",
            &ArticlePage {
                title: t.clone(),
                meta: t.clone(),
                facts: described(t),
                deadline: t.clone(),
                closed: true,
                tags: vec![t.clone()],
                summary: t.clone(),
                blocks: Block::parse(t),
                related: vec![card(t)],
                more: news(t),
                ..ArticlePage::default()
            },
        );
    }
}

#[test]
fn the_other_pages_draw() {
    draw(
        "portal/about.html",
        &AboutPage {
            title: "关于我们".to_owned(),
            ..AboutPage::default()
        },
    );
    draw("portal/sitemap.html", &SitemapPage::default());
    draw("portal/accessibility.html", &AccessibilityPage::default());
    for t in &texts() {
        let section = Section {
            id: "part-1".to_owned(),
            heading: t.clone(),
            blocks: Block::parse(t),
        };
        draw(
            "portal/about.html",
            &AboutPage {
                lead: t.clone(),
                sections: vec![section],
                limits: crate::rules::promised(&domain::financing::ClockLimits::SHIPPED),
                mini_code: "/q/r/code".to_owned(),
                ..AboutPage::default()
            },
        );
        let html = draw(
            "portal/agreement.html",
            &AgreementPage {
                code: t.clone(),
                title: t.clone(),
                version: t.clone(),
                date: t.clone(),
                blocks: Block::parse(t),
                ..AgreementPage::default()
            },
        );
        assert!(html.contains("data-agreement-text="));
        draw(
            "portal/agreement.html",
            &AgreementPage {
                old: true,
                current_href: "/agreements/x".to_owned(),
                ..AgreementPage::default()
            },
        );
        draw(
            "portal/sitemap.html",
            &SitemapPage {
                groups: vec![Group {
                    title: t.clone(),
                    links: vec![Link::new(t, "/")],
                }],
                ..SitemapPage::default()
            },
        );
    }
}
