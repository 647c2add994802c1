//! 首页 (M-008, M-015): the way in for a company that needs money.

use application::{
    catalogue::{ProductSearch, Showcase, Snapshot, Sort},
    ports::catalogue::ArticleKind,
};
use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{
    banners::{self, BannerView},
    mini_code, snapshot, views,
};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Figure, NewsLine, ProductCard},
    visit::Visit,
};

const HOT: usize = 6;
const FIRST_LOANS: usize = 3;
const LINES: usize = 6;

#[derive(Debug, Default, Serialize)]
pub(super) struct HomePage {
    pub banners: Vec<BannerView>,
    pub counts: Vec<Figure>,
    pub hot: Vec<ProductCard>,
    pub first_loans: Vec<ProductCard>,
    pub first_loan_total: usize,
    pub institutions: Vec<views::InstitutionCard>,
    pub policies: Vec<NewsLine>,
    pub news: Vec<NewsLine>,
    /// Address of the 小程序码; empty: there is none.
    pub mini_code: String,
}

fn figure(value: usize, unit: &str, label: &str) -> Figure {
    Figure {
        value: value.to_string(),
        unit: unit.to_owned(),
        label: label.to_owned(),
        ..Figure::default()
    }
}

impl HomePage {
    fn of(snapshot: &Snapshot) -> Self {
        let hot = snapshot.search(&ProductSearch::default()).products;
        let first_loans = snapshot
            .search(&ProductSearch {
                lane: Some(application::catalogue::Lane::FirstLoan),
                sort: Sort::LowRate,
                ..ProductSearch::default()
            })
            .products;
        let lines = |kind| {
            let list = snapshot.articles(kind);
            list.into_iter().take(LINES).map(views::line).collect()
        };
        Self {
            banners: banners::views(snapshot),
            counts: vec![
                figure(hot.len(), "款", "在售金融产品"),
                figure(snapshot.content.institutions.len(), "家", "入驻金融机构"),
                figure(snapshot.content.branches.len(), "家", "受理支行"),
                figure(
                    snapshot.articles(ArticleKind::Policy).len(),
                    "项",
                    "惠企政策",
                ),
            ],
            hot: views::cards(snapshot, hot.into_iter().take(HOT)),
            first_loan_total: first_loans.len(),
            first_loans: views::cards(snapshot, first_loans.into_iter().take(FIRST_LOANS)),
            institutions: snapshot
                .content
                .institutions
                .iter()
                .take(8)
                .map(|i| views::institution_card(snapshot, i))
                .collect(),
            policies: lines(ArticleKind::Policy),
            news: lines(ArticleKind::News),
            mini_code: String::new(),
        }
    }
}

pub(super) async fn page(
    State(web): State<Web<Showcase>>,
    visit: Visit,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let title = visit.city.tagline.clone();
    let page = HomePage {
        mini_code: mini_code(&web, &visit).await,
        ..HomePage::of(&snapshot)
    };
    Ok(visit.render("portal/home.html", &title, &page))
}
