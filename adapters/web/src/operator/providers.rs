//! 服务商自检: settings, signature and, when asked for, the provider's own answer, with the last failures in plain words.

use application::{
    access::{Action, Room},
    ports::providers::{Examined, Failure, Section},
};
use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{OperatorDesk, crumbs, sms_log};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Link, Table, TagKind},
    posted::Form,
    show,
    visit::{StaffVisit, Visit, posted_by_staff},
    words,
};

const HERE: &str = "/operator/providers";
const TITLE: &str = "服务商自检";

/// `operator/providers.html`.
#[derive(Serialize)]
pub(super) struct ProvidersPage {
    pub crumbs: Vec<Link>,
    pub table: Table,
    pub failures: Table,
    pub may: bool,
    pub check: String,
    pub key: String,
    /// 在线检查 was asked for just now.
    pub live: bool,
}

impl ProvidersPage {
    pub const TEMPLATE: &'static str = "operator/providers.html";
}

fn ability(section: &Section) -> String {
    let code = format!("ability.{}", section.name);
    if words::has(&code) {
        words::text(&code, &[])
    } else {
        section.name.to_owned()
    }
}

fn verdict(outcome: &Result<(), Failure>, good: &str) -> Cell {
    match outcome {
        Ok(()) => Cell::tag(good, TagKind::Success),
        Err(failure) => Cell::tag("不通过", TagKind::Danger).second(told(failure)),
    }
}

fn told(failure: &Failure) -> String {
    match sms_log::theirs(&failure.code) {
        Some(code) => format!("{}（{code}）", failure.reason.zh()),
        None => failure.reason.zh().to_owned(),
    }
}

fn row(section: &Section, one: &Examined) -> Vec<Cell> {
    let live = one
        .live
        .as_ref()
        .map_or_else(|| Cell::text("未检查"), |live| verdict(live, "已应答"));
    let state = if one.resting {
        Cell::tag("暂停调用", TagKind::Warning).second("连续失败，稍后自动重试")
    } else {
        Cell::tag("正常", TagKind::Success)
    };
    vec![
        Cell::text(ability(section)),
        Cell::text(sms_log::provider(&one.provider)),
        Cell::tag("完整", TagKind::Success),
        verdict(&one.signature, "通过"),
        live,
        state,
    ]
}

fn table(sections: &[Section]) -> Table {
    let mut table = Table::new(TITLE)
        .column("能力", "nowrap")
        .column("服务商", "nowrap")
        .column("设置", "wrap")
        .column("签名自检", "wrap")
        .column("在线检查", "wrap")
        .column("调用状态", "wrap");
    let none = || Cell::text("-");
    for section in sections {
        for one in &section.accounts {
            table.push(row(section, one));
        }
        let name = Cell::text(sms_log::provider(&section.kind));
        let settings = match &section.settings {
            Err(what) => Cell::tag("不完整", TagKind::Danger)
                .second(format!("城市设置文件的这一节需要技术人员修改：{what}")),
            Ok(()) if section.accounts.is_empty() => Cell::tag("无需合同", TagKind::Neutral),
            Ok(()) => continue,
        };
        table.push(vec![
            Cell::text(ability(section)),
            name,
            settings,
            none(),
            none(),
            none(),
        ]);
    }
    table
}

fn failures(sections: &[Section]) -> Table {
    let mut table = Table::new("最近的失败")
        .column("时间", "nowrap")
        .column("能力", "nowrap")
        .column("服务商", "nowrap")
        .column("原因", "wrap");
    for section in sections {
        for one in &section.accounts {
            for failure in &one.failures {
                let reason = Cell::text(failure.reason.zh());
                table.push(vec![
                    Cell::text(show::minute(failure.at)),
                    Cell::text(ability(section)),
                    Cell::text(sms_log::provider(&one.provider)),
                    match sms_log::theirs(&failure.code) {
                        Some(code) => reason.second(format!("服务商代码 {code}")),
                        None => reason,
                    },
                ]);
            }
        }
    }
    table
}

async fn page(
    web: &Web<OperatorDesk>,
    visit: &Visit,
    live: bool,
) -> Result<ProvidersPage, WebError> {
    let actor = posted_by_staff(visit)?;
    let sections = web.uses.deliveries.providers(&actor, live).await?;
    let guard = visit.kit.guard();
    Ok(ProvidersPage {
        crumbs: crumbs(Link::new(TITLE, HERE), None),
        table: table(&sections),
        failures: failures(&sections),
        may: guard.may(&actor, Room::Deliveries, Action::Save).await,
        check: format!("{HERE}/check"),
        key: visit.kit.tokens().one_time(),
        live,
    })
}

pub(super) async fn show(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let page = page(&web, &visit.0, false).await?;
    Ok(visit
        .0
        .staff_console()
        .render(ProvidersPage::TEMPLATE, TITLE, &page))
}

/// 在线检查 changes nothing, so its answer is the page itself: there is nowhere to go back to.
pub(super) async fn check(
    State(web): State<Web<OperatorDesk>>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let page = page(&web, &visit, true).await?;
    Ok(visit
        .staff_console()
        .render(ProvidersPage::TEMPLATE, TITLE, &page))
}
