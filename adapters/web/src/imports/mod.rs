//! Imports 导入: a file is sent, worked off in the background, and its bad rows come back with their causes.

mod pages;

use application::{
    error::{Kind, UseError},
    imports::{ImportCase, Imports, SendFile, columns, label_of},
    ports::imports::{BadRow, ImportKind, ImportStatus, StoredImport},
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::tenant::TenantKind;

pub use pages::samples;
use pages::{ListPage, ShowPage};

use crate::{
    branch::staff,
    console::{show_errors, told},
    doors::{self, Door, Who},
    errors::WebError,
    exports::{again_soon, workbook},
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Meter, Table, Tag, TagKind},
    posted::{Form, Posted},
    show as shown,
    spawned::spawned_holding,
    visit::{StaffVisit, Visit, id_of},
    words,
};

type Room = Web<Imports>;

/// A file of 5 MB in its form.
const BODY: usize = 6 * 1024 * 1024;
/// What this room takes; 推荐清单 has a room of its own.
const KINDS: [ImportKind; 2] = [ImportKind::Draws, ImportKind::Repayments];
/// What this room opens.
const SHOWN: [ImportKind; 3] = [
    ImportKind::Draws,
    ImportKind::Repayments,
    ImportKind::Referrals,
];
pub(crate) const XLSX: &str =
    ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    vec![
        Door::get("/hq/imports", who, list),
        Door::post("/hq/imports", who, send).body(BODY),
        Door::get("/hq/imports/template/{kind}", who, template),
        Door::get("/hq/imports/{id}", who, show),
        Door::get("/hq/imports/{id}/bad", who, bad),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

pub(crate) fn status_tag(import: &StoredImport) -> Tag {
    let kind = match import.status {
        ImportStatus::Queued => TagKind::Warning,
        ImportStatus::Working => TagKind::Info,
        ImportStatus::Done if import.rows_bad() > 0 => TagKind::Warning,
        ImportStatus::Done => TagKind::Success,
        ImportStatus::Failed => TagKind::Danger,
    };
    Tag::new(import.status.zh(), kind)
}

pub(crate) fn runs(import: &StoredImport) -> bool {
    matches!(import.status, ImportStatus::Queued | ImportStatus::Working)
}

async fn list(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let imports = web.uses.list(visit.actor(), &KINDS).await?;
    let visit = visit.0.staff_console();
    let form = blank(&visit);
    let running = imports.iter().any(runs);
    // A page that asks again by itself would lose what is being chosen: only the import's own page does.
    let page = list_page(&imports, form, running);
    Ok(visit.render(ListPage::TEMPLATE, "批量导入", &page))
}

fn blank(visit: &Visit) -> FormView {
    FormView::new("/hq/imports")
        .key(visit.kit.tokens().one_time())
        .with(
            Field::radio("kind", "导入内容")
                .options(KINDS.map(|kind| Choice::new(kind.code(), kind.zh())))
                .required(),
        )
        .with(
            Field::file("file", "表格文件", XLSX)
                .hint(".xlsx 格式，不超过 5 MB，最多 10,000 行。请使用下方的模板。")
                .required(),
        )
}

fn list_page(imports: &[StoredImport], form: FormView, running: bool) -> ListPage {
    ListPage {
        templates: KINDS
            .iter()
            .map(|kind| {
                Link::new(
                    format!("下载{}模板", kind.zh()),
                    format!("/hq/imports/template/{}", kind.code()),
                )
            })
            .collect(),
        form,
        table: table(imports),
        running,
    }
}

fn table(imports: &[StoredImport]) -> Table {
    let mut table = Table::new("导入记录")
        .column("导入时间", "nowrap")
        .column("内容", "")
        .column("导入人", "nowrap")
        .column("总行数", "num")
        .column("已导入", "num")
        .column("未导入", "num")
        .column("状态", "nowrap");
    for import in imports {
        let status = status_tag(import);
        table.push(vec![
            Cell::link(
                shown::minute(import.asked_at),
                format!("/hq/imports/{}", import.id),
            ),
            Cell::text(import.kind.zh()),
            Cell::text(&import.asked_name),
            Cell::text(import.rows_total.to_string()),
            Cell::text(import.rows_kept.to_string()),
            Cell::text(import.rows_bad().to_string()),
            Cell::tag(status.label, status.kind),
        ]);
    }
    table
}

/// The file and the key of its form.
pub(crate) fn sent(posted: &mut Posted, kind: &str) -> Result<SendFile, WebError> {
    let key = posted
        .key()
        .ok_or_else(|| WebError(UseError::new(Kind::Invalid, "idempotency.key_missing")))?
        .to_owned();
    let file = posted.take_file("file");
    Ok(SendFile {
        kind: kind.to_owned(),
        list: None,
        bytes: file.map_or_else(Vec::new, |file| file.bytes.to_vec()),
        key,
    })
}

async fn send(
    State(web): State<Room>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let kind = posted.get("kind").to_owned();
    let known = KINDS.iter().any(|k| k.code() == kind);
    let ask = sent(&mut posted, if known { &kind } else { "" })?;
    let (uses, who) = (web.uses.clone(), actor.clone());
    let sending = async move { uses.send(&who, ask).await };
    match spawned_holding(posted.held(), sending).await {
        Ok(id) => Ok(visit.redirect(
            &format!("/hq/imports/{id}"),
            Some(("success", "文件已收到，正在逐行导入。")),
        )),
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooMany) => {
            let imports = web.uses.list(&actor, &KINDS).await?;
            let mut form = blank(&visit).fill(posted.pairs());
            show_errors(&mut form, &error);
            let running = imports.iter().any(runs);
            let page = list_page(&imports, form, running);
            Ok(visit.render_with(
                StatusCode::UNPROCESSABLE_ENTITY,
                ListPage::TEMPLATE,
                "批量导入",
                &page,
            ))
        }
        Err(error) => told(&visit, error, "/hq/imports"),
    }
}

async fn template(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(kind): Path<String>,
) -> Result<Response, WebError> {
    let kind = ImportKind::from_code(&kind)
        .filter(|kind| SHOWN.contains(kind))
        .filter(|_| visit.actor().tenant_kind == TenantKind::Bank)
        .ok_or_else(UseError::not_found)?;
    let bytes = web.uses.template(visit.actor(), kind).await?;
    Ok(workbook(&format!("template-{}", kind.code()), bytes))
}

async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let case = web.uses.look(visit.actor(), &SHOWN, id_of(&id)?).await?;
    let back = if case.import.kind == ImportKind::Referrals {
        Link::new("推荐清单", "/hq/referrals")
    } else {
        Link::new("批量导入", "/hq/imports")
    };
    Ok(shown_case(visit, &case, vec![back], "/hq/imports"))
}

/// The page of an import; `above` leads back, `base` is where its bad rows are found.
pub(crate) fn shown_case(
    visit: StaffVisit,
    case: &ImportCase,
    above: Vec<Link>,
    base: &str,
) -> Response {
    let page = show_page(case, above, base);
    let console = visit.0.staff_console();
    let response = console.render(ShowPage::TEMPLATE, "导入结果", &page);
    again_soon(response, runs(&case.import))
}

fn show_page(case: &ImportCase, above: Vec<Link>, base: &str) -> ShowPage {
    let import = &case.import;
    let status = status_tag(import);
    let back = above.last().map_or("/", |link| link.href.as_str());
    let back = back.to_owned();
    let mut crumbs = above;
    crumbs.push(Link::new("导入结果", ""));
    let mut rows = vec![
        Described::cell("状态", Cell::tag(status.label, status.kind)),
        Described::new("内容", import.kind.zh()),
        Described::new(
            "导入人",
            format!("{}，{}", import.asked_name, shown::minute(import.asked_at)),
        ),
        Described::new("总行数", format!("{} 行", import.rows_total)),
        Described::new("已导入", format!("{} 行", import.rows_kept)),
        Described::new("未导入", format!("{} 行", import.rows_bad())),
    ];
    if let Some(at) = import.ended_at {
        rows.push(Described::new("完成时间", shown::minute(at)));
    }
    ShowPage {
        crumbs,
        rows,
        meter: runs(import)
            .then(|| Meter::new(import.rows_done.into(), import.rows_total.into(), "已处理")),
        note: if import.status == ImportStatus::Failed {
            words::text(&import.cause, &[])
        } else {
            String::new()
        },
        table: bad_table(case),
        more: usize::try_from(import.rows_bad()).unwrap_or(0) > case.bad.len(),
        file: if import.rows_bad() > 0 && !runs(import) {
            format!("{base}/{}/bad", import.id)
        } else {
            String::new()
        },
        all_kept: import.status == ImportStatus::Done && import.rows_bad() == 0,
        back,
    }
}

fn bad_table(case: &ImportCase) -> Table {
    let kind = case.import.kind;
    let first = columns(kind).first().map_or("", |(_, column)| column.label);
    let mut table = Table::new("未导入的行")
        .column("行号", "num")
        .column(first, "nowrap")
        .column("列", "nowrap")
        .column("原因", "wrap");
    for bad in &case.bad {
        table.push(vec![
            Cell::text(bad.row.number.to_string()),
            Cell::text(bad.cells.first().cloned().unwrap_or_default()),
            Cell::text(columns_of(kind, &bad.row)),
            Cell::text(cause(&bad.row)),
        ]);
    }
    table
}

/// The columns that are wrong, each once.
fn columns_of(kind: ImportKind, row: &BadRow) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for fault in row.faults() {
        let label = label_of(kind, &fault.field);
        if !label.is_empty() && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.join("、")
}

/// Everything that is wrong with a row, so that one correction is enough.
pub(crate) fn cause(row: &BadRow) -> String {
    let said: Vec<String> = row
        .faults()
        .iter()
        .map(|fault| words::stored_text(&fault.field, &fault.cause, &fault.params))
        .map(|text| text.trim_end_matches('。').to_owned())
        .collect();
    said.join("；")
}

async fn bad(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let bad = web.uses.bad_file(visit.actor(), &SHOWN, id, cause);
    let (import, bytes) = bad.await?;
    let name = format!("bad-rows-{}", import.kind.code());
    Ok(workbook(&name, bytes))
}
