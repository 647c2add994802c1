//! 导出本企业数据 and 注销账号 (S-34): both behind a fresh SMS code and the password.

use application::{
    account::{closing::AskClosing, export::AskExport},
    error::{Kind, UseError},
    memory::Loaded,
    ports::own_data::{Chapter, OwnExport, OwnExportStatus},
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    Room,
    own::{console, signed, to_proof},
    secret, tell,
};
use crate::{
    console::told,
    doors::{Door, Who},
    errors::WebError,
    financing::crumbs,
    forms::{Field, FormView},
    parts::{Cell, Described, Link, Table},
    posted::{Form, once},
    show, spawned,
    visit::{EnterpriseVisit, Visit, encode, id_of},
};

const ACCOUNT: &str = "/enterprise/account";
const EXPORT: &str = "/enterprise/account/export";
const CLOSE: &str = "/enterprise/account/close";

/// The doors of both.
pub(super) fn doors() -> Vec<Door<Room>> {
    let who = Who::Enterprise;
    vec![
        Door::get("/enterprise/account/export", who, export_page),
        Door::post("/enterprise/account/export", who, export),
        Door::get("/enterprise/account/export/{id}", who, fetch),
        Door::get("/enterprise/account/close", who, close_page),
        Door::post("/enterprise/account/close", who, close),
        Door::post("/enterprise/account/keep", who, keep),
    ]
}

/// `account/export.html`.
#[derive(Serialize)]
pub(super) struct ExportPage {
    pub crumbs: Vec<Link>,
    /// One is being made: the page offers to look again.
    pub waiting: bool,
    pub table: Table,
    pub form: FormView,
}

impl ExportPage {
    pub const TEMPLATE: &'static str = "account/export.html";
}

/// `account/close.html`: one of three: under way, in the way, or the form.
#[derive(Serialize)]
pub(super) struct ClosePage {
    pub crumbs: Vec<Link>,
    /// When it will be done; empty when it was not asked for.
    pub until: String,
    pub table: Table,
    pub lead: String,
    pub rows: Vec<Described>,
    pub form: FormView,
}

impl ClosePage {
    pub const TEMPLATE: &'static str = "account/close.html";
}

fn password(form: FormView) -> FormView {
    form.with(
        Field::password("current_password", "当前密码", "current-password")
            .required()
            .placeholder("请输入当前密码"),
    )
}

fn size(bytes: i32) -> String {
    let kilobytes = (i64::from(bytes) + 1023) / 1024;
    if kilobytes < 1024 {
        format!("{kilobytes} KB")
    } else {
        format!("{}.{} MB", kilobytes / 1024, kilobytes % 1024 * 10 / 1024)
    }
}

fn exports(found: &[OwnExport]) -> Table {
    let mut table = Table::new("已申请的数据")
        .column("申请时间", "nowrap")
        .column("状态", "")
        .column("大小", "nowrap")
        .column("有效期至", "nowrap")
        .column("操作", "nowrap");
    for one in found {
        let ready = one.status == OwnExportStatus::Ready;
        table.push(vec![
            Cell::text(show::minute(one.created_at)),
            Cell::text(standing(one)),
            Cell::text(if ready {
                size(one.byte_size)
            } else {
                "-".to_owned()
            }),
            Cell::text(if ready {
                show::minute(one.expires_at)
            } else {
                "-".to_owned()
            }),
            if ready {
                Cell::links(vec![Link::new("下载", format!("{EXPORT}/{}", one.id))])
            } else {
                Cell::text("-")
            },
        ]);
    }
    table
}

/// How far it is, in words.
fn standing(one: &OwnExport) -> String {
    match one.status {
        OwnExportStatus::Making => {
            format!("正在生成，已完成 {} / {} 项", one.done, Chapter::ALL.len())
        }
        OwnExportStatus::Failed => "没有生成，请重新导出".to_owned(),
        other => other.zh().to_owned(),
    }
}

async fn export_view(web: &Room, visit: &Visit) -> Result<ExportPage, WebError> {
    let found = web.uses.exports.list(&signed(visit)?).await?;
    Ok(ExportPage {
        crumbs: crumbs(&[("账号安全", ACCOUNT), ("导出本企业数据", "")]),
        waiting: found.iter().any(|one| {
            matches!(
                one.status,
                OwnExportStatus::Queued | OwnExportStatus::Making
            )
        }),
        table: exports(&found),
        form: password(FormView::new(EXPORT).key(visit.kit.tokens().one_time())),
    })
}

pub async fn export_page(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
) -> Result<Response, WebError> {
    // Whether one may at all comes before the proof.
    let page = export_view(&web, &visit).await?;
    if !signed(&visit)?.freshly_proved {
        return Ok(to_proof(&visit));
    }
    Ok(console(visit).render(ExportPage::TEMPLATE, "导出本企业数据", &page))
}

pub async fn export(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let ask = AskExport {
        password: secret(&posted, "current_password"),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    let done = spawned(async move { uses.exports.ask(&person, ask).await }).await;
    match done {
        Ok(_) => Ok(visit.redirect(
            EXPORT,
            Some((
                "success",
                "已开始生成数据包，10 分钟内完成，完成后会发消息给您。可以离开本页。",
            )),
        )),
        Err(error) if error.kind == Kind::ProofNeeded => Ok(to_proof(&visit)),
        Err(error) => {
            let mut page = export_view(&web, &visit).await?;
            let refusal = tell(&mut page.form, error)?;
            let visit = console(visit);
            Ok(refusal.answer(&visit, ExportPage::TEMPLATE, "导出本企业数据", &page))
        }
    }
}

pub async fn fetch(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let id = id_of(&id)?;
    let uses = web.uses.clone();
    match spawned(async move { uses.exports.fetch(&person, id).await }).await {
        Ok(fetched) => Ok(archive(fetched.bytes, &show::minute(fetched.made_at))),
        Err(error) if error.kind == Kind::ProofNeeded => {
            // Back to the page, not to the archive: a proof never starts a download by itself.
            let door = format!("{ACCOUNT}/verify?next={}", encode(EXPORT));
            Ok(visit.redirect(&door, None))
        }
        Err(error) => Err(error.into()),
    }
}

/// Only ever a download, never kept by a browser (S-25).
fn archive(bytes: Loaded, made_at: &str) -> Response {
    let day: String = made_at
        .chars()
        .filter(char::is_ascii_digit)
        .take(8)
        .collect();
    let mut response = Bytes::from_owner(bytes).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let disposition = format!("attachment; filename=\"enterprise-data-{day}.zip\"");
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn close_form(visit: &Visit) -> FormView {
    password(FormView::new(CLOSE).key(visit.kit.tokens().one_time())).with(
        Field::checkbox(
            "understood",
            "我已了解注销后不能恢复，账号、密码和未提交的内容会被删除",
        )
        .required(),
    )
}

fn what_happens() -> Vec<Described> {
    vec![
        Described::new(
            "7 日内",
            "账号照常使用，可以随时在“账号安全”页面撤销注销；不能提交新的融资需求。",
        ),
        Described::new(
            "到期后删除",
            "登录账号、密码、手机号、登录设备；企业信息和未交给银行的证件照片、材料；申请草稿；消息；导出的数据包。原手机号可以重新注册。",
        ),
        Described::new(
            "依法保留 5 年",
            "已经提交的融资需求及其材料、授权记录、身份核验结果。保留期间封存，任何人不能再打开，期满后删除。",
        ),
        Described::new(
            "依法保留 12 个月",
            "登录和操作日志，用于安全审计，期满后删除。",
        ),
        Described::new(
            "受理银行",
            "银行已经收到的资料由银行按照其档案规定保存。授权自注销之日起终止，银行不再通过平台查看您的资料。",
        ),
    ]
}

async fn close_view(web: &Room, visit: &Visit) -> Result<ClosePage, WebError> {
    let sheet = web.uses.closing.look(&signed(visit)?).await?;
    let mut table = Table::new("需要先办结的申请")
        .column("申请编号", "nowrap")
        .column("阶段", "nowrap");
    for one in &sheet.in_the_way {
        let href = format!("/enterprise/applications/{}", one.application);
        table.push(vec![
            Cell::link(&one.number, href),
            Cell::text(one.stage.zh()),
        ]);
    }
    Ok(ClosePage {
        crumbs: crumbs(&[("账号安全", ACCOUNT), ("注销账号", "")]),
        until: sheet
            .closing
            .map_or_else(String::new, |c| show::minute(c.effective_at)),
        table,
        lead: format!(
            "现在申请，账号将于 {} 注销。注销后不能恢复，请仔细阅读。",
            show::minute(sheet.would_be)
        ),
        rows: what_happens(),
        form: close_form(visit),
    })
}

pub async fn close_page(
    State(web): State<Room>,
    EnterpriseVisit(visit): EnterpriseVisit,
) -> Result<Response, WebError> {
    let page = close_view(&web, &visit).await?;
    let asks = page.until.is_empty() && page.table.rows.is_empty();
    if asks && !signed(&visit)?.freshly_proved {
        return Ok(to_proof(&visit));
    }
    Ok(console(visit).render(ClosePage::TEMPLATE, "注销账号", &page))
}

pub async fn close(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let ask = AskClosing {
        password: secret(&posted, "current_password"),
        understood: posted.has("understood"),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.closing.ask(&person, ask).await }).await {
        Ok(until) => {
            let text = format!(
                "注销申请已收到，账号将于 {} 注销。在此之前可以撤销。",
                show::minute(until)
            );
            Ok(visit.redirect(ACCOUNT, Some(("success", &text))))
        }
        Err(error) if error.kind == Kind::ProofNeeded => Ok(to_proof(&visit)),
        Err(error) if error.kind == Kind::Conflict => told(&console(visit), error, CLOSE),
        Err(error) => again(&web, visit, error, posted.has("understood")).await,
    }
}

async fn again(
    web: &Room,
    visit: Visit,
    error: UseError,
    understood: bool,
) -> Result<Response, WebError> {
    let mut page = close_view(web, &visit).await?;
    if let Some(field) = page.form.field_mut("understood") {
        field.checked = understood;
    }
    let refusal = tell(&mut page.form, error)?;
    let visit = console(visit);
    Ok(refusal.answer(&visit, ClosePage::TEMPLATE, "注销账号", &page))
}

pub async fn keep(State(web): State<Room>, Form(visit, _): Form) -> Result<Response, WebError> {
    let person = signed(&visit)?;
    let uses = web.uses.clone();
    match spawned(async move { uses.closing.keep(&person).await }).await {
        Ok(()) => Ok(visit.redirect(ACCOUNT, Some(("success", "注销已撤销，账号照常使用。")))),
        Err(error) => told(&console(visit), error, ACCOUNT),
    }
}

/// What 账号安全 says about both; nothing for whoever may not.
pub(super) async fn card(web: &Room, visit: &Visit) -> Result<(bool, String), WebError> {
    use application::access::{Action, Room as Place};
    let person = signed(visit)?;
    let may = visit
        .kit
        .guard()
        .may(&person.actor, Place::Account, Action::Close)
        .await;
    if !may {
        return Ok((false, String::new()));
    }
    let sheet = web.uses.closing.look(&person).await?;
    let until = sheet
        .closing
        .map_or_else(String::new, |c| show::minute(c.effective_at));
    Ok((true, until))
}

/// Every shape of both pages, with text that must be escaped.
pub(super) fn samples(nasty: &str) -> Vec<(&'static str, serde_json::Value)> {
    let mut one = Table::new(nasty).column(nasty, "");
    let none = one.clone();
    one.push(vec![Cell::link(nasty, "/enterprise/account")]);
    let mut form = password(FormView::new(CLOSE)).with(Field::checkbox("understood", nasty));
    form.fail("current_password", nasty);
    let crumbs = || crumbs(&[(nasty, "")]);
    let mut all = Vec::new();
    for table in [&one, &none] {
        let page = ExportPage {
            crumbs: crumbs(),
            waiting: !table.rows.is_empty(),
            table: table.clone(),
            form: form.clone(),
        };
        all.push((
            ExportPage::TEMPLATE,
            serde_json::to_value(page).unwrap_or_default(),
        ));
    }
    for (until, table) in [(nasty, &none), ("", &one), ("", &none)] {
        let page = ClosePage {
            crumbs: crumbs(),
            until: until.to_owned(),
            table: table.clone(),
            lead: nasty.to_owned(),
            rows: what_happens(),
            form: form.clone(),
        };
        all.push((
            ClosePage::TEMPLATE,
            serde_json::to_value(page).unwrap_or_default(),
        ));
    }
    all
}
