//! 搜索结果: one search over products, institutions, policies and news.

use application::{
    catalogue::{ProductSearch, Showcase, Snapshot},
    ports::catalogue::ArticleKind,
};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use domain::calendar::local_date;
use serde::Serialize;
use time::Date;

use super::{query::Query, snapshot, views};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Link, NewsLine, ProductCard},
    visit::{Visit, encode},
};

/// Hits shown of each kind; the section's own list shows all.
const EACH: usize = 5;

#[derive(Debug, Default, Serialize)]
pub(super) struct SearchPage {
    pub crumbs: Vec<Link>,
    pub words: String,
    pub total: usize,
    pub products: Vec<ProductCard>,
    pub product_total: usize,
    pub products_href: String,
    pub institutions: Vec<views::InstitutionCard>,
    pub institution_total: usize,
    pub policies: Vec<NewsLine>,
    pub policy_total: usize,
    pub policies_href: String,
    pub news: Vec<NewsLine>,
    pub news_total: usize,
    pub news_href: String,
}

impl SearchPage {
    fn of(snapshot: &Snapshot, words: String, today: Date) -> Self {
        let crumbs = views::crumbs([("搜索", "/search")]);
        if words.is_empty() {
            return Self {
                crumbs,
                ..Self::default()
            };
        }
        let products = snapshot
            .search(&ProductSearch {
                words: words.clone(),
                ..ProductSearch::default()
            })
            .products;
        let institutions = snapshot.find_institutions(&words);
        let policies = snapshot.find_articles(ArticleKind::Policy, &words);
        let news = snapshot.find_articles(ArticleKind::News, &words);
        let lines = |list: &[&_]| {
            list.iter()
                .take(EACH)
                .map(|a| views::full_line(a, today))
                .collect()
        };
        let query = encode(&words);
        Self {
            crumbs,
            total: products.len() + institutions.len() + policies.len() + news.len(),
            product_total: products.len(),
            products_href: format!("/market?q={query}"),
            products: views::cards(snapshot, products.into_iter().take(EACH)),
            institution_total: institutions.len(),
            institutions: institutions
                .iter()
                .take(6)
                .map(|i| views::institution_card(snapshot, i))
                .collect(),
            policy_total: policies.len(),
            policies: lines(&policies),
            policies_href: format!("/policies?q={query}"),
            news_total: news.len(),
            news: lines(&news),
            news_href: format!("/news?q={query}"),
            words,
        }
    }
}

pub(super) async fn page(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let words = Query::parse(raw.as_deref()).words();
    let today = local_date(visit.kit.clock().now());
    let title = if words.is_empty() {
        "搜索".to_owned()
    } else {
        format!("搜索“{words}”")
    };
    Ok(visit.render(
        "portal/search.html",
        &title,
        &SearchPage::of(&snapshot, words, today),
    ))
}
