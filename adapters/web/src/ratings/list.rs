//! 企业评价: those of the own branches, those of the whole city, and one of them.

use application::{
    access::Actor,
    error::UseError,
    ports::ratings::Rating,
    ratings::{PAGE, RatingRoom, SeenRating},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::tenant::TenantKind;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::said;
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Deed, Described, Filter, Link, Pager, Table, TagKind},
    show,
    visit::{StaffVisit, id_of},
};

pub(super) const TITLE: &str = "企业评价";

/// A list of ratings.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub lead: &'static str,
    pub filters: Vec<Filter>,
    pub table: Table,
    pub pager: Pager,
    pub empty: &'static str,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "ratings/list.html";
}

/// One rating as staff see it.
#[derive(Serialize)]
pub(super) struct OnePage {
    pub crumbs: Vec<Link>,
    pub facts: Vec<Described>,
    pub words: String,
    pub reply: String,
    pub hidden: String,
    pub actions: Vec<Deed>,
}

impl OnePage {
    pub const TEMPLATE: &'static str = "ratings/one.html";
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    list: String,
    page: String,
}

/// Whose pages: the city's, or those of who is rated.
pub(super) const fn base(city: bool) -> &'static str {
    if city {
        "/operator/ratings"
    } else {
        "/branch/ratings"
    }
}

/// The pages of the city are nobody's else, and the other way round.
pub(super) fn of_side(actor: &Actor, city: bool) -> Result<(), UseError> {
    if (actor.tenant_kind == TenantKind::City) == city {
        return Ok(());
    }
    Err(UseError::not_found())
}

pub(super) fn crumbs(city: bool, here: &[Link]) -> Vec<Link> {
    let home = if city {
        Link::new("平台工作台", "/operator")
    } else {
        Link::new("工作台", "/branch")
    };
    Link::trail([home, Link::new(TITLE, base(city))], here)
}

const LISTS: [(&str, &str, Option<bool>); 3] = [
    ("all", "全部", None),
    ("shown", "展示中", Some(false)),
    ("hidden", "已隐藏", Some(true)),
];

fn state(rating: &Rating) -> Cell {
    if rating.hidden.is_some() {
        Cell::tag("已隐藏", TagKind::Danger)
    } else if rating.reply.is_some() {
        Cell::tag("已回复", TagKind::Success)
    } else {
        Cell::tag("展示中", TagKind::Info)
    }
}

fn table(city: bool, rows: &[Rating]) -> Table {
    let mut table = Table::new(TITLE)
        .column("评价企业", "name")
        .column("受理支行", "")
        .column("星级", "")
        .column("内容", "wrap")
        .column("状态", "nowrap");
    for one in rows {
        let href = format!("{}/{}", base(city), one.id);
        let words = if one.words.is_empty() {
            "没有文字评价"
        } else {
            &one.words
        };
        table.push(vec![
            Cell::link(&one.masked_name, href).second(show::minute(one.rated_at)),
            Cell::text(&one.branch_name),
            Cell::text(said(one.stars)),
            Cell::text(words),
            state(one),
        ]);
    }
    table
}

async fn page(
    web: Web<RatingRoom>,
    visit: StaffVisit,
    asked: Asked,
    city: bool,
) -> Result<Response, WebError> {
    of_side(visit.actor(), city)?;
    let wanted = LISTS.iter().find(|(code, ..)| *code == asked.list);
    let (list, _, hidden) = wanted.copied().unwrap_or(LISTS[0]);
    let number = asked.page.parse().unwrap_or(1).clamp(1, 5_000);
    let leaf = web.uses.list(visit.actor(), hidden, number).await?;
    let options = LISTS
        .iter()
        .map(|(code, label, _)| {
            Link::new(*label, format!("{}?list={code}", base(city))).current(*code == list)
        })
        .collect();
    let page = ListPage {
        crumbs: crumbs(city, &[]),
        lead: if city {
            "企业对受理支行的评价，最近的在前。违法、泄露个人信息或与办理无关的内容可以隐藏，企业会收到原因。"
        } else {
            "企业对本机构办理的评价，最近的在前，在机构页面公开展示。每条评价可以回复一次。"
        },
        filters: vec![Filter {
            label: "范围".to_owned(),
            options,
        }],
        table: table(city, &leaf.page.rows),
        pager: Pager::new(
            u64::try_from(leaf.page.total).unwrap_or(0),
            u64::try_from(number).unwrap_or(1),
            u64::try_from(PAGE).unwrap_or(1),
            |page| format!("{}?list={list}&page={page}", base(city)),
        ),
        empty: "没有企业评价。",
    };
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, TITLE, &page))
}

/// The facts that every page about a rating starts with; only the city reads about which request it is.
pub(super) fn facts(city: bool, rating: &Rating) -> Vec<Described> {
    let mut rows = vec![
        Described::new("评价企业", &rating.masked_name),
        Described::new("受理支行", &rating.branch_name),
        Described::new("星级", said(rating.stars)),
        Described::new("评价时间", show::minute(rating.rated_at)),
    ];
    if city {
        let link = format!("/operator/applications/{}", rating.application);
        rows.insert(
            1,
            Described::cell("融资需求", Cell::link(&rating.application_no, link)),
        );
    }
    rows
}

fn one(city: bool, seen: &SeenRating) -> OnePage {
    let rating = &seen.rating;
    let href = format!("{}/{}", base(city), rating.id);
    let mut actions = Vec::new();
    let mut offer = |there: bool, label, path: &str, kind| {
        if there {
            actions.push(Deed {
                label,
                href: format!("{href}/{path}"),
                kind,
            });
        }
    };
    offer(seen.powers.reply, "回复", "reply", "primary");
    offer(seen.powers.hide, "隐藏", "hide", "danger");
    offer(seen.powers.show, "恢复展示", "show", "primary");
    let line = |said: &application::ports::ratings::Said| {
        format!(
            "{}（{}，{}）",
            said.words,
            said.by_name,
            show::minute(said.at)
        )
    };
    OnePage {
        crumbs: crumbs(city, &[Link::new(&rating.masked_name, "")]),
        facts: facts(city, rating),
        words: rating.words.clone(),
        reply: rating.reply.as_ref().map_or_else(String::new, line),
        hidden: rating.hidden.as_ref().map_or_else(String::new, line),
        actions,
    }
}

async fn detail(
    web: Web<RatingRoom>,
    visit: StaffVisit,
    id: &str,
    city: bool,
) -> Result<Response, WebError> {
    of_side(visit.actor(), city)?;
    let id: Uuid = id_of(id)?;
    let seen = web.uses.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(OnePage::TEMPLATE, TITLE, &one(city, &seen)))
}

pub(super) async fn bank(
    State(web): State<Web<RatingRoom>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    page(web, visit, asked, false).await
}

pub(super) async fn city(
    State(web): State<Web<RatingRoom>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    page(web, visit, asked, true).await
}

pub(super) async fn bank_one(
    State(web): State<Web<RatingRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    detail(web, visit, &id, false).await
}

pub(super) async fn city_one(
    State(web): State<Web<RatingRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    detail(web, visit, &id, true).await
}
