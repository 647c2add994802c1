//! The files of a list: the form with the template, how far each file is, and its bad rows.

use application::{
    error::{Kind, UseError},
    ports::{
        imports::{ImportKind, StoredImport},
        visits::VisitList,
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;

use super::{FILES, Room, crumbs, list_href};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    exports::workbook,
    forms::{Field, FormView},
    imports::{XLSX, cause, sent, shown_case, status_tag},
    parts::{Cell, Link, Table},
    posted::Form,
    show as shown,
    spawned::spawned_holding,
    visit::{StaffVisit, Visit, id_of, posted_by_staff},
};

const KINDS: [ImportKind; 1] = [ImportKind::Visits];
const TITLE: &str = "导入企业";

/// `visits/import.html`.
#[derive(Serialize)]
pub(super) struct ImportPage {
    pub crumbs: Vec<Link>,
    pub name: String,
    pub form: FormView,
    pub table: Table,
    pub back: String,
}

impl ImportPage {
    pub const TEMPLATE: &'static str = "visits/import.html";
}

fn blank(visit: &Visit, list: &VisitList) -> FormView {
    FormView::new(format!("{}/import", list_href(list.id)))
        .key(visit.kit.tokens().one_time())
        .with(
            Field::file("file", "清单文件", XLSX)
                .hint(".xlsx 格式，不超过 5 MB，最多 10,000 户。请使用下方的模板。")
                .required(),
        )
}

fn above(list: &VisitList) -> Vec<Link> {
    crumbs(true, &[Link::new(&list.name, list_href(list.id))])
}

pub(super) fn page(list: &VisitList, files: &[StoredImport], form: FormView) -> ImportPage {
    let mut table = Table::new("导入记录")
        .column("导入时间", "nowrap")
        .column("导入人", "nowrap")
        .column("总户数", "num")
        .column("已导入", "num")
        .column("未导入", "num")
        .column("状态", "nowrap");
    for file in files {
        let status = status_tag(file);
        table.push(vec![
            Cell::link(shown::minute(file.asked_at), format!("{FILES}/{}", file.id)),
            Cell::text(&file.asked_name),
            Cell::text(file.rows_total.to_string()),
            Cell::text(file.rows_kept.to_string()),
            Cell::text(file.rows_bad().to_string()),
            Cell::tag(status.label, status.kind),
        ]);
    }
    let mut links = above(list);
    links.push(Link::new(TITLE, "").current(true));
    ImportPage {
        crumbs: links,
        name: list.name.clone(),
        form,
        table,
        back: list_href(list.id),
    }
}

pub(super) async fn form(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = web.uses.visits.list(visit.actor(), id_of(&id)?).await?;
    let files = web
        .uses
        .imports
        .of_list(visit.actor(), seen.list.id)
        .await?;
    let visit = visit.0.staff_console();
    if !seen.list.is_open() {
        let closed = UseError::conflict("visits.closed");
        return told(&visit, closed, &list_href(seen.list.id));
    }
    if !seen.rights.import {
        return Err(UseError::denied().into());
    }
    let page = page(&seen.list, &files, blank(&visit, &seen.list));
    Ok(visit.render(ImportPage::TEMPLATE, TITLE, &page))
}

pub(super) async fn send(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let list = id_of(&id)?;
    let mut ask = sent(&mut posted, ImportKind::Visits.code())?;
    ask.list = Some(list);
    let (uses, who) = (web.uses.clone(), actor.clone());
    let sending = async move { uses.imports.send(&who, ask).await };
    match spawned_holding(posted.held(), sending).await {
        Ok(import) => Ok(visit.redirect(
            &format!("{FILES}/{import}"),
            Some(("success", "清单已收到，正在逐户导入。")),
        )),
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooMany) => {
            let seen = web.uses.visits.list(&actor, list).await?;
            let files = web.uses.imports.of_list(&actor, list).await?;
            let mut form = blank(&visit, &seen.list);
            show_errors(&mut form, &error);
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                ImportPage::TEMPLATE,
                TITLE,
                &page(&seen.list, &files, form),
            ))
        }
        Err(error) => told(&visit, error, &list_href(list)),
    }
}

pub(super) async fn template(
    State(web): State<Room>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let bytes = web
        .uses
        .imports
        .template(visit.actor(), ImportKind::Visits)
        .await?;
    Ok(workbook("template-visits", bytes))
}

pub(super) async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let case = web.uses.imports.look(visit.actor(), &KINDS, id).await?;
    let list = web.uses.visits.list_of(visit.actor(), id).await?;
    Ok(shown_case(visit, &case, above(&list), FILES))
}

pub(super) async fn bad(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let bad = web.uses.imports.bad_file(visit.actor(), &KINDS, id, cause);
    let (_, bytes) = bad.await?;
    Ok(workbook("bad-rows-visits", bytes))
}
