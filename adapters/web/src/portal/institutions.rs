//! 金融机构 (M-010) and 金控产品 (M-011, A-18): who lends here, where, and what.

use std::collections::BTreeMap;

use application::{
    catalogue::{ProductSearch, Showcase},
    error::UseError,
    ports::ratings::{PublicRating, PublicRatings},
};
use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use domain::ids::TenantId;
use serde::Serialize;

use super::{
    market::{PER_PAGE, clamp_page, slice},
    query::Query,
    snapshot, views,
};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Described, Filter, Link, Pager, ProductCard, Table},
    ratings,
    visit::{Visit, encode},
};

#[derive(Debug, Default, Serialize)]
pub(super) struct InstitutionsPage {
    pub crumbs: Vec<Link>,
    pub kinds: Filter,
    pub institutions: Vec<views::InstitutionCard>,
    pub total: usize,
}

pub(super) async fn list(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let query = Query::parse(raw.as_deref());
    let all = &snapshot.content.institutions;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for one in all {
        *counts.entry(&one.type_label).or_default() += 1;
    }
    let chosen = query.get("kind");
    let chosen = if counts.contains_key(chosen) {
        chosen
    } else {
        ""
    };
    let mut options = vec![Link::new("不限", "/institutions").current(chosen.is_empty())];
    options.extend(counts.iter().map(|(kind, count)| {
        let address = format!("/institutions?kind={}", encode(kind));
        Link::new(format!("{kind}（{count}）"), address).current(*kind == chosen)
    }));
    let institutions: Vec<_> = all
        .iter()
        .filter(|i| chosen.is_empty() || i.type_label == chosen)
        .map(|i| views::institution_card(&snapshot, i))
        .collect();
    let page = InstitutionsPage {
        crumbs: views::crumbs([("金融机构", "/institutions")]),
        kinds: Filter {
            label: "机构类型".to_owned(),
            options,
        },
        total: institutions.len(),
        institutions,
    };
    Ok(visit.render("portal/institutions.html", "金融机构", &page))
}

#[derive(Debug, Default, Serialize)]
pub(super) struct InstitutionPage {
    pub crumbs: Vec<Link>,
    pub card: views::InstitutionCard,
    pub intro: String,
    pub facts: Vec<Described>,
    pub hotline: String,
    pub products: Vec<ProductCard>,
    pub branches: Table,
    pub branch_total: usize,
    /// Averages in words, or why there are none.
    pub rating_lead: String,
    pub averages: Vec<Described>,
    pub ratings: Vec<RatedLine>,
    /// Where an enterprise complains about it.
    pub complain: String,
}

/// One rating as everybody reads it.
#[derive(Debug, Default, Serialize)]
pub(super) struct RatedLine {
    pub who: String,
    pub at: String,
    pub stars: String,
    pub words: String,
    pub reply: String,
}

fn rated_line(one: &PublicRating) -> RatedLine {
    RatedLine {
        who: one.masked_name.clone(),
        at: format!(
            "{} · {}",
            one.branch_name,
            domain::calendar::local_date(one.rated_at)
        ),
        stars: ratings::said(one.stars),
        words: one.words.clone(),
        reply: one.reply.clone(),
    }
}

fn rating_lead(rated: &PublicRatings) -> String {
    let all = rated.stars.iter().sum();
    match ratings::average(rated.count, all, 3) {
        Some(average) => format!("平均 {average} 分（满分 5 分），共 {} 条评价", rated.count),
        None if rated.count > 0 => format!(
            "共 {} 条评价，满 {} 条后展示平均分",
            rated.count,
            domain::rating::LEAST_FOR_AVERAGE
        ),
        None => "只有办理过融资需求的企业可以评价".to_owned(),
    }
}

fn averages(rated: &PublicRatings) -> Vec<Described> {
    ratings::THINGS
        .iter()
        .zip(rated.stars)
        .filter_map(|((_, label), stars)| {
            let average = ratings::average(rated.count, stars, 1)?;
            Some(Described::new(*label, format!("{average} 分")))
        })
        .collect()
}

pub(super) async fn detail(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let id = id
        .parse()
        .map(TenantId)
        .map_err(|_| UseError::not_found())?;
    let one = snapshot.institution(id).ok_or_else(UseError::not_found)?;
    let rated = web.uses.ratings.of(visit.city.id, id).await?;
    let facts = [
        ("机构类型", &one.type_label),
        ("地址", &one.address),
        ("联系电话", &one.hotline),
    ];
    let page = InstitutionPage {
        crumbs: views::crumbs([("金融机构", "/institutions"), (&one.name, "")]),
        card: views::institution_card(&snapshot, one),
        intro: one.intro.clone(),
        facts: facts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(label, text)| Described::new(label, text))
            .collect(),
        hotline: one.hotline.clone(),
        rating_lead: rating_lead(&rated),
        averages: averages(&rated),
        ratings: rated.newest.iter().map(rated_line).collect(),
        complain: format!("/enterprise/complaints/new?node={id}"),
        products: views::cards(&snapshot, snapshot.products_of(id)),
        branch_total: snapshot.branches_of(id).count(),
        branches: views::branch_table(&web.uses, "支行", snapshot.branches_of(id)),
    };
    Ok(visit.render("portal/institution.html", &one.name, &page))
}

#[derive(Debug, Default, Serialize)]
pub(super) struct HoldingsPage {
    pub crumbs: Vec<Link>,
    pub owners: Vec<views::InstitutionCard>,
    pub total: usize,
    pub notice: String,
    pub products: Vec<ProductCard>,
    pub pager: Pager,
}

pub(super) async fn holdings(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    RawQuery(raw): RawQuery,
) -> Result<Response, WebError> {
    let snapshot = snapshot(&web, &visit).await?;
    let query = Query::parse(raw.as_deref());
    let search = ProductSearch {
        holding_only: true,
        ..ProductSearch::default()
    };
    let found = snapshot.search(&search).products;
    let (page, notice) = clamp_page(query.page(), found.len(), PER_PAGE);
    let shown = HoldingsPage {
        crumbs: views::crumbs([("金控产品", "/holdings")]),
        owners: snapshot
            .content
            .institutions
            .iter()
            .filter(|i| i.holding)
            .map(|i| views::institution_card(&snapshot, i))
            .collect(),
        total: found.len(),
        notice,
        products: views::cards(&snapshot, slice(&found, page, PER_PAGE).iter().copied()),
        pager: Pager::new(found.len() as u64, page, PER_PAGE as u64, |n| {
            format!("/holdings?page={n}")
        }),
    };
    Ok(visit.render("portal/holdings.html", "金控产品", &shown))
}
