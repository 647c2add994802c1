//! Exports 导出: the same pages for a branch and an institution, each under its own console.

mod form;
mod pages;

use application::{
    access::{Action, Room as Chamber},
    error::{Kind, UseError},
    exports::{CheckExport, ExportCase, Exports},
    ports::exports::StoredExport,
    two_people::Withdrawal,
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use domain::export::ExportStatus;
use uuid::Uuid;

pub use pages::samples;
use pages::{ListPage, ShowPage};

use crate::{
    branch::staff,
    console::{show_errors, told},
    doors::{self, Door, Who},
    errors::WebError,
    forms::FormView,
    kit::Web,
    parts::{Cell, Described, Link, Meter, Table, Tag, TagKind},
    posted::{Form, Posted, once},
    proof, show as shown,
    spawned::spawned,
    two_people::withdraw_field,
    visit::{StaffVisit, Visit},
    words,
};

type Room = Web<Exports>;

/// The pages once per console.
macro_rules! console {
    ($base:literal) => {
        vec![
            Door::get($base, Who::Staff, list),
            Door::get(concat!($base, "/new"), Who::Staff, form::show),
            Door::post(concat!($base, "/new"), Who::Staff, form::post),
            Door::get(concat!($base, "/{id}"), Who::Staff, show),
            Door::post(concat!($base, "/{id}"), Who::Staff, check),
            Door::get(concat!($base, "/{id}/file"), Who::Staff, file),
        ]
    };
}

pub fn doors() -> Vec<Door<Room>> {
    [console!("/branch/exports"), console!("/hq/exports")]
        .into_iter()
        .flatten()
        .collect()
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// The console that this person belongs to; under another one there is nothing.
fn base_of(visit: &Visit) -> Result<&'static str, WebError> {
    let base = match visit.actor().map(|actor| actor.tenant_kind) {
        Some(domain::tenant::TenantKind::Branch) => "/branch/exports",
        Some(domain::tenant::TenantKind::Bank) => "/hq/exports",
        _ => return Err(UseError::not_found().into()),
    };
    if visit.path.starts_with(base) {
        Ok(base)
    } else {
        Err(UseError::not_found().into())
    }
}

fn status_tag(status: ExportStatus) -> Tag {
    let kind = match status {
        ExportStatus::ToCheck | ExportStatus::Queued => TagKind::Warning,
        ExportStatus::Making => TagKind::Info,
        ExportStatus::Ready => TagKind::Success,
        ExportStatus::Failed => TagKind::Danger,
        ExportStatus::Declined | ExportStatus::Expired | ExportStatus::Withdrawn => {
            TagKind::Neutral
        }
    };
    Tag::new(status.zh(), kind)
}

fn mask_words(export: &StoredExport) -> &'static str {
    if !export.order.kind().has_personal_data() {
        "不含个人信息"
    } else if export.order.masked() {
        "已脱敏"
    } else {
        "未脱敏"
    }
}

/// While something is under way the page asks again by itself, without script.
pub(crate) fn again_soon(mut response: Response, running: bool) -> Response {
    if running {
        response
            .headers_mut()
            .insert(header::REFRESH, HeaderValue::from_static("5"));
    }
    response
}

fn runs(status: ExportStatus) -> bool {
    matches!(status, ExportStatus::Queued | ExportStatus::Making)
}

async fn list(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let base = base_of(&visit.0)?;
    let list = web.uses.list(visit.actor()).await?;
    let running = list.exports.iter().any(|e| runs(e.order.status()));
    let page = ListPage {
        table: table(base, &list.exports),
        new: if list.may_ask {
            format!("{base}/new")
        } else {
            String::new()
        },
        may_check: list.may_check,
    };
    let response = visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, "数据导出", &page);
    Ok(again_soon(response, running))
}

fn table(base: &str, exports: &[StoredExport]) -> Table {
    let mut table = Table::new("导出记录")
        .column("导出编号", "nowrap")
        .column("内容", "")
        .column("申请人", "nowrap")
        .column("申请时间", "nowrap")
        .column("行数", "num")
        .column("状态", "nowrap");
    for export in exports {
        let status = status_tag(export.order.status());
        table.push(vec![
            Cell::link(&export.number, format!("{base}/{}", export.id)),
            Cell::text(format!(
                "{}（{}）",
                export.order.kind().zh(),
                mask_words(export)
            ))
            .second(&export.told),
            Cell::text(&export.asked_name).second(&export.node_name),
            Cell::text(shown::minute(export.asked_at)),
            Cell::text(export.rows_done.to_string()),
            Cell::tag(status.label, status.kind),
        ]);
    }
    table
}

async fn show(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let base = base_of(&visit.0)?;
    let id = crate::visit::id_of(&id)?;
    let case = web.uses.look(visit.actor(), id).await?;
    // The check weighs (S-41): whoever may make it proves before they read on.
    if case.may_check
        && let Some(to_proof) = proof::first(&visit.0)
    {
        return Ok(to_proof);
    }
    let running = runs(case.export.order.status());
    let visit = visit.0.staff_console();
    let page = show_page(base, &case, &visit.kit.tokens().one_time());
    let response = visit.render(ShowPage::TEMPLATE, "导出详情", &page);
    Ok(again_soon(response, running))
}

fn rows(export: &StoredExport) -> Vec<Described> {
    let order = &export.order;
    let status = status_tag(order.status());
    let mut rows = vec![
        Described::cell("状态", Cell::tag(status.label, status.kind)),
        Described::new("内容", order.kind().zh()),
        Described::new("范围", &export.told),
        Described::new("个人信息", mask_words(export)),
        Described::new(
            "申请人",
            format!(
                "{} {}，{}",
                export.node_name,
                export.asked_name,
                shown::minute(export.asked_at)
            ),
        ),
    ];
    if !order.masked() {
        rows.push(Described::new("用途", order.reason()));
    }
    if let Some(at) = export.checked_at {
        rows.push(Described::new(
            "复核人",
            format!("{}，{}", export.checked_name, shown::minute(at)),
        ));
    }
    if !export.withdrawal.is_empty() {
        rows.push(Described::new("撤回原因", &export.withdrawal));
    }
    if let Some(at) = export.made_at {
        rows.push(Described::new(
            "生成时间",
            format!("{}，共 {} 行", shown::minute(at), export.rows_done),
        ));
    }
    if let Some(at) = export.expires_at {
        rows.push(Described::new(
            "保存至",
            format!("{}，已下载 {} 次", shown::minute(at), export.downloads),
        ));
    }
    rows
}

fn show_page(base: &str, case: &ExportCase, key: &str) -> ShowPage {
    let export = &case.export;
    let status = export.order.status();
    let note = match status {
        ExportStatus::Failed => words::text(&export.cause, &[]),
        ExportStatus::Declined => "复核人没有同意这次导出。如仍需要，请说明用途后重新申请。".into(),
        ExportStatus::Expired => "文件已超过 7 天保存期并已删除。如仍需要，请重新申请。".into(),
        ExportStatus::Withdrawn => {
            "申请人已撤回这次导出，不会生成文件。如仍需要，请重新申请。".into()
        }
        ExportStatus::ToCheck if !case.may_check => {
            "须由总行有复核权限的另一位人员同意后才会生成文件。".into()
        }
        ExportStatus::Ready if !case.may_download => "文件只供申请人下载。".into(),
        _ => String::new(),
    };
    ShowPage {
        crumbs: crumbs(base, &export.number),
        number: export.number.clone(),
        rows: rows(export),
        meter: runs(status)
            .then(|| Meter::new(export.rows_done.into(), export.rows_total.into(), "已写入")),
        note,
        kind: if status == ExportStatus::Failed {
            "danger"
        } else {
            "info"
        },
        file: if case.may_download {
            format!("{base}/{}/file", export.id)
        } else {
            String::new()
        },
        action: format!("{base}/{}", export.id),
        key: key.to_owned(),
        may_check: case.may_check,
        may_withdraw: case.may_withdraw,
        form: FormView::new(format!("{base}/{}", export.id))
            .key(key)
            .with(withdraw_field()),
        back: base.to_owned(),
    }
}

/// 撤回, by whoever asked.
async fn withdraw(
    web: Room,
    visit: Visit,
    base: &'static str,
    id: Uuid,
    posted: &Posted,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let ask = Withdrawal {
        asked: id,
        reason: posted.get("withdraw_reason").to_owned(),
        once: once(posted)?,
    };
    let (key, here) = (ask.once.key.clone(), format!("{base}/{id}"));
    let (uses, who) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.withdraw(&who, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", "已撤回，不会生成文件。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let case = web.uses.look(&actor, id).await?;
            let mut page = show_page(base, &case, &key);
            page.form = page.form.fill(posted.pairs());
            show_errors(&mut page.form, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.render_with(status, ShowPage::TEMPLATE, "导出详情", &page))
        }
        Err(error) => told(&visit, error, &here),
    }
}

fn crumbs(base: &str, here: &str) -> Vec<Link> {
    vec![Link::new("数据导出", base), Link::new(here, "")]
}

async fn check(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let base = base_of(&visit)?;
    let id = crate::visit::id_of(&id)?;
    let agree = match posted.action() {
        "agree" => true,
        "decline" => false,
        "withdraw" => return withdraw(web, visit, base, id, &posted).await,
        _ => return Err(UseError::not_found().into()),
    };
    let may = web
        .kit
        .guard()
        .may(&actor, Chamber::Exports, Action::Check)
        .await;
    if may && let Some(to_proof) = proof::carry(&visit) {
        return Ok(to_proof);
    }
    let visit = visit.staff_console();
    let ask = CheckExport {
        id,
        agree,
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    let here = format!("{base}/{id}");
    match spawned(async move { uses.check(&actor, ask).await }).await {
        Ok(()) => {
            let done = if agree {
                "已同意，系统正在生成文件，申请人可以下载。"
            } else {
                "已答复不同意，不会生成文件。"
            };
            Ok(visit.redirect(&here, Some(("success", done))))
        }
        Err(error) => told(&visit, error, &here),
    }
}

async fn file(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let base = base_of(&visit.0)?;
    let id: Uuid = crate::visit::id_of(&id)?;
    let (uses, actor) = (web.uses.clone(), visit.actor().clone());
    match spawned(async move { uses.download(&actor, id).await }).await {
        Ok(file) => Ok(workbook(&file.number, Bytes::from_owner(file.bytes))),
        Err(error) => told(&visit.0.staff_console(), error, &format!("{base}/{id}")),
    }
}

/// An .xlsx that is offered as a download; `name` is letters, digits and dashes.
pub(crate) fn workbook(name: &str, bytes: impl Into<Bytes>) -> Response {
    let name: String = name
        .chars()
        .filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-')
        .collect();
    let bytes: Bytes = bytes.into();
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_TYPE,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.xlsx\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
