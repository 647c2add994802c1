//! One enterprise of a list: what is known, when it came how far, its contact for a look that is noted, its institution before it is sent,
//! and its 整改任务.

use application::{
    city::City,
    error::{Kind, UseError},
    visits::{GiveRow, SeenRow},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::visit::VisitStage;
use serde::Serialize;

use super::{
    REPAIRS, Room, TITLE, crumbs, list_href, outcome, reason, repair_tag, row_href, stage_tag,
};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    forms::{Choice, Field, FormView},
    parts::{Cell, Described, Event, Link, Table},
    posted::{Form, Posted, once},
    show::{self as shown, or_dash},
    spawned::spawned,
    visit::{StaffVisit, Visit, id_of, posted_by_staff},
};

/// `visits/row.html`.
#[derive(Serialize)]
pub(super) struct RowPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub rows: Vec<Described>,
    pub may_unmask: bool,
    pub action: String,
    pub may_give: bool,
    pub form: FormView,
    pub events: Vec<Event>,
    pub repairs: Table,
    /// Where a task is set; empty: not now, or not by this person.
    pub repair: String,
}

impl RowPage {
    pub const TEMPLATE: &'static str = "visits/row.html";
}

fn facts(city: &City, seen: &SeenRow) -> Vec<Described> {
    let row = &seen.row;
    let tag = stage_tag(row.progress.stage());
    let contact = seen.contact.as_deref().unwrap_or(&row.contact_shown);
    let mut rows = vec![
        Described::cell("进展", Cell::tag(tag.label, tag.kind)),
        Described::new("统一社会信用代码", &row.credit_code),
        Described::new("区县", &seen.district_name),
        Described::new("机构", or_dash(&row.bank_name)),
        Described::new("联系人", or_dash(contact)),
        Described::new("提供单位", &seen.list.source),
        Described::new("走访截止", seen.list.due_on.to_string()),
        Described::new("备注", or_dash(&row.note)),
    ];
    if row.progress.stage() == VisitStage::Declined {
        rows.push(Described::cell("未授信原因", reason(city, row)));
    }
    rows
}

/// In the order in which it came about.
fn events(seen: &SeenRow) -> Vec<Event> {
    let progress = &seen.row.progress;
    let mut all = vec![(seen.row.created_at, "列入清单")];
    all.extend(progress.registered.map(|at| (at, "在本平台注册")));
    let reached = VisitStage::REACHED.into_iter();
    all.extend(reached.filter_map(|stage| Some((progress.at(stage)?, stage.zh()))));
    all.sort_by_key(|(at, _)| *at);
    all.into_iter()
        .map(|(at, event)| Event {
            event: event.to_owned(),
            time: shown::minute(at),
            ..Event::default()
        })
        .collect()
}

fn repairs(seen: &SeenRow) -> Table {
    let mut table = Table::new("整改任务")
        .column("责任部门", "")
        .column("整改事项", "wrap")
        .column("整改期限", "nowrap")
        .column("状态", "nowrap")
        .column("完成情况", "wrap");
    for repair in &seen.repairs {
        let tag = repair_tag(repair, seen.today);
        let department = if repair.done.is_none() && seen.may_finish {
            Cell::link(&repair.department, format!("{REPAIRS}/{}", repair.id))
        } else {
            Cell::text(&repair.department)
        };
        table.push(vec![
            department,
            Cell::text(&repair.what),
            Cell::text(repair.due_on.to_string()),
            Cell::tag(tag.label, tag.kind),
            outcome(repair),
        ]);
    }
    table
}

fn form(here: &str, seen: &SeenRow, key: &str) -> FormView {
    let present = seen.row.bank.map(|bank| bank.to_string());
    FormView::new(here)
        .key(key)
        .with(Field::hidden("version", seen.row.version.to_string()))
        .with(
            Field::select("banks", "机构", "请选择机构")
                .options(
                    seen.banks
                        .iter()
                        .map(|bank| Choice::new(bank.id.to_string(), bank.name.as_str())),
                )
                .value(present.unwrap_or_default())
                .required(),
        )
}

pub(super) fn page(city: &City, seen: &SeenRow, key: &str) -> RowPage {
    let (list, row) = (&seen.list, &seen.row);
    let here = row_href(list.id, row.id);
    RowPage {
        crumbs: crumbs(
            true,
            &[
                Link::new(&list.name, list_href(list.id)),
                Link::new(&row.company_name, ""),
            ],
        ),
        title: row.company_name.clone(),
        rows: facts(city, seen),
        may_unmask: seen.may_unmask && seen.contact.is_none(),
        may_give: !seen.banks.is_empty(),
        form: form(&here, seen, key),
        events: events(seen),
        repairs: repairs(seen),
        repair: if seen.may_repair {
            format!("{here}/repair")
        } else {
            String::new()
        },
        action: here,
    }
}

fn drawn(visit: &Visit, seen: &SeenRow, wrong: Option<(&Posted, &UseError)>) -> Response {
    let key = visit.kit.tokens().one_time();
    let mut page = page(&visit.city, seen, &key);
    let mut status = StatusCode::OK;
    if let Some((posted, error)) = wrong {
        let mut form = std::mem::take(&mut page.form).fill(posted.pairs());
        show_errors(&mut form, error);
        page.form = form;
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    visit.render_with(status, RowPage::TEMPLATE, TITLE, &page)
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path((id, row)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (list, row) = (id_of(&id)?, id_of(&row)?);
    let seen = web.uses.visits.row(visit.actor(), list, row).await?;
    let visit = visit.0.staff_console();
    Ok(drawn(&visit, &seen, None))
}

pub(super) async fn act(
    State(web): State<Room>,
    Path((id, row)): Path<(String, String)>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let (list, row) = (id_of(&id)?, id_of(&row)?);
    let (uses, who) = (web.uses.clone(), actor.clone());
    if posted.action() == "contact" {
        let asked = async move { uses.visits.contact(&who, list, row).await };
        let seen = spawned(asked).await?;
        // Shown for this answer alone, as every page of somebody signed in: no cache keeps it.
        return Ok(drawn(&visit, &seen, None));
    }
    let here = row_href(list, row);
    let ask = GiveRow {
        list,
        row,
        version: posted.get("version").parse().unwrap_or_default(),
        bank: posted.get("banks").to_owned(),
        once: once(&posted)?,
    };
    match spawned(async move { uses.visits.give(&who, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", "已分配，下发后机构才能看到。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.visits.row(&actor, list, row).await?;
            Ok(drawn(&visit, &seen, Some((&posted, &error))))
        }
        Err(error) => told(&visit, error, &here),
    }
}
