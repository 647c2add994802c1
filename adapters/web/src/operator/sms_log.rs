//! 短信记录: what went out, to whom masked, by which provider, and in plain words what became of it.

use std::collections::HashMap;

use application::{
    deliveries::{LOG_PAGE, LogLeaf},
    ports::sms_log::{LoggedTry, SendState},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Serialize;

use super::{OperatorDesk, crumbs};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Filter, Link, Pager, Table, TagKind},
    show,
    visit::StaffVisit,
    words,
};

const LOG: &str = "/operator/deliveries/log";
const TITLE: &str = "短信记录";

/// `operator/sms_log.html`.
#[derive(Serialize)]
pub(super) struct LogPage {
    pub crumbs: Vec<Link>,
    pub filters: Vec<Filter>,
    pub table: Table,
    pub pager: Pager,
}

impl LogPage {
    pub const TEMPLATE: &'static str = "operator/sms_log.html";
}

fn kind(state: SendState) -> TagKind {
    match state {
        SendState::Delivered => TagKind::Success,
        SendState::Sending | SendState::Accepted => TagKind::Info,
        SendState::Unclear | SendState::Throttled => TagKind::Warning,
        SendState::Failed | SendState::Refused | SendState::Unreachable => TagKind::Danger,
    }
}

/// The word of a message's kind.
fn what(template: &str) -> String {
    let code = format!("delivery.sms.{template}");
    if words::has(&code) {
        words::text(&code, &[])
    } else {
        "短信".to_owned()
    }
}

/// The word of a provider; its own name where nobody gave it one.
pub(super) fn provider(kind: &str) -> String {
    let code = format!("provider.{kind}");
    if words::has(&code) {
        words::text(&code, &[])
    } else {
        kind.to_owned()
    }
}

/// Plain words first; the provider's own code beneath, for whoever asks there.
fn why(one: &LoggedTry) -> Cell {
    let cell = Cell::text(
        one.reason
            .map_or("-", application::ports::providers::Reason::zh),
    );
    match theirs(&one.code) {
        Some(code) if one.reason.is_some() => cell.second(format!("服务商代码 {code}")),
        _ => cell,
    }
}

/// A provider's own code, one word, or the status of its answer; what we noted ourselves is for the log.
pub(super) fn theirs(code: &str) -> Option<&str> {
    let word = !code.is_empty() && !code.contains(' ') && code != "silence";
    let status = code
        .strip_prefix("HTTP ")
        .is_some_and(|n| n.parse::<u16>().is_ok());
    (word || status).then_some(code)
}

fn table(rows: &[LoggedTry]) -> Table {
    let mut table = Table::new(TITLE)
        .column("时间", "nowrap")
        .column("短信", "")
        .column("手机号", "nowrap")
        .column("服务商", "nowrap")
        .column("状态", "nowrap")
        .column("说明", "wrap")
        .column("结果时间", "nowrap");
    for one in rows {
        table.push(vec![
            Cell::text(show::minute(one.at)),
            Cell::text(what(&one.template)),
            Cell::text(&one.phone_masked),
            Cell::text(provider(&one.provider)),
            Cell::tag(one.state.zh(), kind(one.state)),
            why(one),
            Cell::text(one.settled_at.map_or("-".to_owned(), show::minute)),
        ]);
    }
    table
}

fn href(state: Option<SendState>, page: u64) -> String {
    let mut asked = Vec::new();
    asked.extend(state.map(|state| format!("state={}", state.code())));
    if page > 1 {
        asked.push(format!("page={page}"));
    }
    if asked.is_empty() {
        LOG.to_owned()
    } else {
        format!("{LOG}?{}", asked.join("&"))
    }
}

fn page(state: Option<SendState>, leaf: &LogLeaf) -> LogPage {
    let mut options = vec![Link::new("全部", href(None, 1)).current(state.is_none())];
    options.extend(
        SendState::ALL
            .iter()
            .map(|one| Link::new(one.zh(), href(Some(*one), 1)).current(state == Some(*one))),
    );
    LogPage {
        crumbs: crumbs(Link::new(TITLE, LOG), None),
        filters: vec![Filter {
            label: "状态".to_owned(),
            options,
        }],
        table: table(&leaf.rows),
        pager: Pager::new(leaf.total, leaf.page, LOG_PAGE, |n| href(state, n)),
    }
}

pub(super) async fn list(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let state = SendState::from_code(word("state"));
    let wanted = word("page").parse().unwrap_or(1);
    let leaf = web
        .uses
        .deliveries
        .sms_log(visit.actor(), state, wanted)
        .await?;
    let page = page(state, &leaf);
    Ok(visit
        .0
        .staff_console()
        .render(LogPage::TEMPLATE, TITLE, &page))
}
