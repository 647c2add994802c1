//! The enterprises of a list, narrowed as a number of its page was.

use std::collections::HashMap;

use application::{
    city::City,
    ports::visits::{VisitFilter, VisitRow},
    visits::SeenRows,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{ids::TenantId, visit::VisitStage};
use serde::Serialize;
use uuid::Uuid;

use super::{Room, TITLE, crumbs, list_href, reason, row_href, rows_href, stage_tag};
use crate::{
    errors::WebError,
    parts::{Cell, Filter, Link, Table},
    show::{self as shown, or_dash},
    visit::{StaffVisit, id_of, sought},
};

/// `visits/rows.html`.
#[derive(Serialize)]
pub(super) struct RowsPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub filters: Vec<Filter>,
    /// Conditions beside the stage, each without itself.
    pub active: Vec<Link>,
    pub base: String,
    /// What the search keeps.
    pub kept: Vec<Kept>,
    pub keyword: String,
    pub filtered: bool,
    pub table: Table,
    pub next: String,
    pub first: String,
}

/// A condition that a search goes on with.
#[derive(Serialize)]
pub(super) struct Kept {
    pub name: &'static str,
    pub value: String,
}

impl RowsPage {
    pub const TEMPLATE: &'static str = "visits/rows.html";
}

/// The conditions of an address, as they are written again.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    stage: String,
    bank: String,
    district: String,
    registered: String,
    keyword: String,
}

impl Asked {
    fn of(asked: &HashMap<String, String>) -> Self {
        let word = |name: &str| {
            asked
                .get(name)
                .map_or_else(String::new, |typed| sought(typed))
        };
        Self {
            stage: word("stage"),
            bank: word("bank"),
            district: word("district"),
            registered: word("registered"),
            keyword: word("q"),
        }
    }

    fn filter(&self) -> VisitFilter {
        let some = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        VisitFilter {
            stage: VisitStage::from_code(&self.stage),
            bank: self.bank.parse().ok().map(TenantId),
            district: some(&self.district),
            registered: self.registered == "1",
            keyword: some(&self.keyword),
        }
    }

    fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            ("stage", self.stage.as_str()),
            ("bank", self.bank.as_str()),
            ("district", self.district.as_str()),
            ("registered", self.registered.as_str()),
            ("q", self.keyword.as_str()),
        ]
    }

    /// The address with one condition as it is said here; empty: without it.
    fn with(&self, list: Uuid, name: &str, value: &str) -> String {
        let pairs = self.pairs();
        let changed = pairs.map(|(own, old)| (own, if own == name { value } else { old }));
        rows_href(list, &changed)
    }
}

fn table(city: &City, list: Uuid, rows: &[VisitRow]) -> Table {
    let mut table = Table::new("清单企业")
        .column("企业名称", "name")
        .column("机构", "")
        .column("进展", "nowrap")
        .column("平台注册", "nowrap")
        .column("未授信原因", "wrap")
        .column("联系人", "nowrap");
    for row in rows {
        let stage = row.progress.stage();
        let (tag, at) = (stage_tag(stage), row.progress.at(stage));
        let registered = row.progress.registered;
        table.push(vec![
            Cell::link(&row.company_name, row_href(list, row.id)).second(&row.credit_code),
            Cell::text(or_dash(&row.bank_name)),
            Cell::tag(tag.label, tag.kind).second(at.map(shown::minute).unwrap_or_default()),
            Cell::text(registered.map_or_else(|| "未注册".to_owned(), shown::minute)),
            reason(city, row),
            Cell::text(or_dash(&row.contact_shown)),
        ]);
    }
    table
}

fn active(seen: &SeenRows, asked: &Asked) -> Vec<Link> {
    let list = seen.list.id;
    let mut links = Vec::new();
    let mut told = |there: bool, label: String, name: &str| {
        if there {
            links.push(Link::new(label, asked.with(list, name, "")));
        }
    };
    let filter = asked.filter();
    told(
        filter.bank.is_some(),
        format!("机构：{}", seen.bank_name),
        "bank",
    );
    told(
        filter.district.is_some(),
        format!("区县：{}", seen.district_name),
        "district",
    );
    told(filter.registered, "已注册".to_owned(), "registered");
    told(
        filter.keyword.is_some(),
        format!("关键词：{}", asked.keyword),
        "q",
    );
    links
}

pub(super) fn page(city: &City, seen: &SeenRows, asked: &Asked, behind: bool) -> RowsPage {
    let list = seen.list.id;
    let stage = VisitStage::from_code(&asked.stage);
    let mut options =
        vec![Link::new("全部", asked.with(list, "stage", "")).current(stage.is_none())];
    options.extend(VisitStage::ALL.iter().map(|one| {
        Link::new(one.zh(), asked.with(list, "stage", one.code())).current(stage == Some(*one))
    }));
    let base = format!("{}/rows", list_href(list));
    let here = rows_href(list, &asked.pairs());
    let next = seen.rows.last().filter(|_| seen.more).map(|row| {
        let joint = if here.contains('?') { '&' } else { '?' };
        format!("{here}{joint}after={}", row.id)
    });
    RowsPage {
        crumbs: crumbs(
            true,
            &[
                Link::new(&seen.list.name, list_href(list)),
                Link::new("清单企业", ""),
            ],
        ),
        name: seen.list.name.clone(),
        filters: vec![Filter {
            label: "进展".to_owned(),
            options,
        }],
        active: active(seen, asked),
        base,
        kept: asked
            .pairs()
            .into_iter()
            .filter(|(name, value)| *name != "q" && !value.is_empty())
            .map(|(name, value)| Kept {
                name,
                value: value.to_owned(),
            })
            .collect(),
        keyword: asked.keyword.clone(),
        filtered: asked.filter() != VisitFilter::default(),
        table: table(city, list, &seen.rows),
        next: next.unwrap_or_default(),
        first: if behind { here } else { String::new() },
    }
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
    Query(words): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let asked = Asked::of(&words);
    let after: Option<Uuid> = words.get("after").and_then(|id| id.parse().ok());
    let list = id_of(&id)?;
    let seen = web
        .uses
        .visits
        .rows(visit.actor(), list, &asked.filter(), after)
        .await?;
    let page = page(&visit.0.city, &seen, &asked, after.is_some());
    let visit = visit.0.staff_console();
    Ok(visit.render(RowsPage::TEMPLATE, TITLE, &page))
}
