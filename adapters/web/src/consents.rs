//! 授权记录 and 查看记录: every grant with its version and recipient, 撤回 where it is shown, and who looked at full data.

mod renew;

use std::collections::HashMap;

use application::{
    UseError,
    consents::{ConsentLedger, PER_PAGE},
    error::Kind,
    ports::{branch_board::Cursor, consents::ConsentRow, view_log::ViewEntry},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
};
use domain::ids::ConsentId;
use serde::{Deserialize, Serialize};

use crate::{
    branch::{leaf, write_cursor},
    doors::{self, Door, Who},
    errors::WebError,
    financing::{crumbs, id_of, minute},
    kit::Web,
    parts::{Cell, Link, Pager, Table, TagKind},
    posted::{Form, once},
    spawned::spawned,
    visit::{EnterpriseVisit, posted_by_enterprise},
    words,
};

const LIST: &str = "/enterprise/consents";

type Ledger = Web<ConsentLedger>;

pub fn doors() -> Vec<Door<Ledger>> {
    let who = Who::Enterprise;
    vec![
        Door::get("/enterprise/consents", who, list),
        Door::get("/enterprise/consents/looks", who, looks),
        Door::get("/enterprise/consents/{id}/withdraw", who, ask),
        Door::post("/enterprise/consents/{id}/withdraw", who, withdraw),
        Door::get("/enterprise/applications/{id}/consents", who, renew::page),
        Door::post("/enterprise/applications/{id}/consents", who, renew::grant),
    ]
}

pub fn routes(web: Ledger) -> Router {
    doors::router(doors(), web)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConsentQuery {
    page: String,
}

#[derive(Serialize)]
struct LedgerPage {
    crumbs: Vec<Link>,
    tabs: Vec<Link>,
    table: Table,
    pager: Pager,
    may_withdraw: bool,
}

fn tabs(on_looks: bool) -> Vec<Link> {
    vec![
        Link::new("授权记录", LIST).current(!on_looks),
        Link::new("查看记录", format!("{LIST}/looks")).current(on_looks),
    ]
}

fn channel(code: &str) -> &str {
    match code {
        "phone" => "手机",
        "mini_program" => "小程序",
        _ => "网站",
    }
}

fn table(rows: &[ConsentRow], may_withdraw: bool, may_renew: bool) -> Table {
    let mut table = Table::new("授权记录")
        .column("协议", "")
        .column("用途", "")
        .column("授权给", "")
        .column("授权人", "nowrap")
        .column("授权时间", "nowrap")
        .column("状态", "nowrap")
        .column("操作", "nowrap");
    for consent in rows {
        let text = format!("/agreements/{}?version={}", consent.code, consent.version);
        let recipient = if consent.recipient.is_empty() {
            "本平台"
        } else {
            &consent.recipient
        };
        let about = consent
            .application_no
            .as_ref()
            .map_or(String::new(), |no| format!("申请 {no}"));
        let state = match consent.withdrawn_at {
            None => Cell::tag("有效", TagKind::Success),
            Some(at) if consent.ended_with_application => Cell::tag("已结束", TagKind::Neutral)
                .second(format!("申请已办结，{} 起不再使用", minute(at))),
            Some(at) => Cell::tag("已撤回", TagKind::Neutral).second(minute(at)),
        };
        let actions = if consent.withdrawn_at.is_none() && may_withdraw {
            Cell::links(vec![Link::new(
                "撤回",
                format!("{LIST}/{}/withdraw", consent.id),
            )])
        } else if let Some(id) = consent.to_renew().filter(|_| may_renew) {
            Cell::links(vec![Link::new(
                "重新授权",
                format!("/enterprise/applications/{id}/consents"),
            )])
        } else {
            Cell::text("-")
        };
        table.push(vec![
            Cell::link(&consent.title, text).second(format!("版本 {}", consent.version)),
            Cell::text(words::purpose_text(&consent.purpose, &consent.code)).second(about),
            Cell::text(recipient),
            Cell::text(&consent.person),
            Cell::text(minute(consent.granted_at)).second(channel(&consent.channel)),
            state,
            actions,
        ]);
    }
    table
}

async fn list(
    State(web): State<Ledger>,
    visit: EnterpriseVisit,
    Query(query): Query<ConsentQuery>,
) -> Result<Response, WebError> {
    let page = query.page.parse().unwrap_or(1).clamp(1, 50);
    let found = web.uses.list(visit.actor(), page).await?;
    let visit = visit.0.enterprise_console();
    let view = LedgerPage {
        crumbs: crumbs(&[("授权记录", LIST)]),
        tabs: tabs(false),
        table: table(&found.rows, found.may_withdraw, found.may_renew),
        pager: Pager::new(found.total, found.page, PER_PAGE, |n| {
            format!("{LIST}?page={n}")
        }),
        may_withdraw: found.may_withdraw,
    };
    Ok(visit.render("consents/list.html", "授权记录", &view))
}

#[derive(Serialize)]
struct LooksPage {
    crumbs: Vec<Link>,
    tabs: Vec<Link>,
    table: Table,
    prev: String,
    next: String,
}

async fn looks(
    State(web): State<Ledger>,
    visit: EnterpriseVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let found = web.uses.looks(visit.actor(), leaf(&asked)).await?;
    let beside = |name: &str, row: Option<&ViewEntry>, there: bool| {
        row.filter(|_| there).map_or_else(String::new, |row| {
            let cursor = write_cursor(Cursor {
                at: Some(row.at),
                id: row.id,
            });
            format!("{LIST}/looks?{name}={cursor}")
        })
    };
    let prev = beside("before", found.rows.first(), found.before);
    let next = beside("after", found.rows.last(), found.after);
    let visit = visit.0.enterprise_console();
    let mut table = Table::new("查看记录")
        .column("查看时间", "nowrap")
        .column("查看人", "")
        .column("查看内容", "")
        .column("原因", "")
        .column("融资需求", "nowrap");
    for look in found.rows {
        let application = look.application.map_or_else(
            || Cell::text("-"),
            |id| Cell::link("查看申请", format!("/enterprise/applications/{id}")),
        );
        table.push(vec![
            Cell::text(minute(look.at)),
            Cell::text(&look.viewer_name).second(&look.viewer_node),
            Cell::text(&look.fields),
            Cell::text(&look.reason),
            application,
        ]);
    }
    let view = LooksPage {
        crumbs: crumbs(&[("授权记录", LIST), ("查看记录", "")]),
        tabs: tabs(true),
        table,
        prev,
        next,
    };
    Ok(visit.render("consents/looks.html", "查看记录", &view))
}

#[derive(Serialize)]
struct WithdrawPage {
    crumbs: Vec<Link>,
    title: String,
    text: String,
    action: String,
    key: String,
}

async fn ask(
    State(web): State<Ledger>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: ConsentId = id_of(&id)?;
    let consent = web.uses.one(visit.actor(), id).await?;
    let visit = visit.0.enterprise_console();
    if consent.withdrawn_at.is_some() {
        let text = words::text("consent.withdrawn_before", &[]);
        return Ok(visit.redirect(LIST, Some(("info", &text))));
    }
    let code = match (&consent.application, consent.application_open) {
        (Some(_), true) => "consent.stops.open",
        (Some(_), false) => "consent.stops.closed",
        (None, _) => "consent.stops.general",
    };
    let params = [
        ("recipient", consent.recipient.clone()),
        ("no", consent.application_no.clone().unwrap_or_default()),
    ];
    let view = WithdrawPage {
        crumbs: crumbs(&[("授权记录", LIST), ("撤回授权", "")]),
        title: consent.title.clone(),
        text: words::text(code, &params),
        action: format!("{LIST}/{id}/withdraw"),
        key: visit.kit.tokens().one_time(),
    };
    Ok(visit.render("consents/withdraw.html", "撤回授权", &view))
}

async fn withdraw(
    State(web): State<Ledger>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let id: ConsentId = id_of(&id)?;
    let (uses, once) = (web.uses.clone(), once(&posted)?);
    match spawned(async move { uses.withdraw(&actor, id, &once).await }).await {
        Ok(()) => Ok(visit.redirect(LIST, Some(("success", "授权已撤回，立即停止新的使用。")))),
        Err(UseError {
            kind: Kind::Conflict,
            code,
            ..
        }) => Ok(visit.redirect(LIST, Some(("info", &words::text(code, &[]))))),
        Err(error) => Err(error.into()),
    }
}

/// Every page in every shape, for the test that draws them all.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use crate::financing::ODD;
    let mut filled = Table::new("授权记录").column("协议", "");
    let empty = filled.clone();
    filled.push(vec![Cell::link(ODD, "/agreements/register").second(ODD)]);
    let ledger = |table: &Table, may_withdraw| LedgerPage {
        crumbs: crumbs(&[(ODD, "")]),
        tabs: tabs(false),
        table: table.clone(),
        pager: Pager::new(40, 1, PER_PAGE, |n| format!("?page={n}")),
        may_withdraw,
    };
    let looks = |table: &Table| LooksPage {
        crumbs: crumbs(&[(ODD, "")]),
        tabs: tabs(true),
        table: table.clone(),
        prev: LIST.to_owned(),
        next: String::new(),
    };
    let withdraw = WithdrawPage {
        crumbs: crumbs(&[(ODD, "")]),
        title: ODD.to_owned(),
        text: ODD.to_owned(),
        action: LIST.to_owned(),
        key: "k".to_owned(),
    };
    let value = |page: Result<serde_json::Value, serde_json::Error>| page.unwrap_or_default();
    let mut all = vec![
        (
            "consents/list.html",
            value(serde_json::to_value(ledger(&filled, true))),
        ),
        (
            "consents/list.html",
            value(serde_json::to_value(ledger(&empty, false))),
        ),
        (
            "consents/looks.html",
            value(serde_json::to_value(looks(&filled))),
        ),
        (
            "consents/looks.html",
            value(serde_json::to_value(looks(&empty))),
        ),
        (
            "consents/withdraw.html",
            value(serde_json::to_value(withdraw)),
        ),
    ];
    all.extend(renew::samples());
    all
}
