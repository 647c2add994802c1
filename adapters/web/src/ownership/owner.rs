//! 企业管理员 as the city sees it: who it is, who else is there, what waits for a second person, and what was.

use application::{
    ownership::{Holder, OwnershipCase, Recovered},
    ports::{ownership::OwnershipChange, supervision::HoldStatus},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::ids::EnterpriseId;
use serde::Serialize;

use super::Room;
use crate::{
    console::told,
    errors::WebError,
    parts::{Cell, Link, Table, TagKind},
    posted::{Form, once},
    show::{self, or_dash},
    spawned::spawned,
    team::right,
    two_people::reasons,
    visit::{StaffVisit, id_of, posted_by_staff},
};

const TITLE: &str = "企业管理员";

/// `ownership/owner.html`.
#[derive(Serialize)]
pub(super) struct OwnerPage {
    pub crumbs: Vec<Link>,
    pub lead: String,
    pub ask_href: String,
    pub waiting: Option<Waiting>,
    /// Where another link is sent to a new owner who has not come; empty: nobody is awaited.
    pub again: String,
    pub key: String,
    pub people: Table,
    pub changes: Table,
}

impl OwnerPage {
    pub const TEMPLATE: &'static str = "ownership/owner.html";
}

/// A change that waits for a second person.
#[derive(Serialize)]
pub(super) struct Waiting {
    pub title: String,
    pub lines: Vec<String>,
    pub confirm: String,
    pub decline: String,
    pub withdraw: String,
}

/// The page of one enterprise's owner.
pub(super) fn base(id: EnterpriseId) -> String {
    format!("/operator/enterprises/{id}/owner")
}

pub(super) fn crumbs(case: &OwnershipCase, here: Option<&str>) -> Vec<Link> {
    let mut links = vec![
        Link::new("平台工作台", "/operator"),
        Link::new("企业管理", "/operator/enterprises"),
        Link::new(
            &case.name,
            format!("/operator/enterprises/{}", case.enterprise),
        ),
    ];
    match here {
        None => links.push(Link::new(TITLE, "")),
        Some(here) => {
            links.push(Link::new(TITLE, base(case.enterprise)));
            links.push(Link::new(here, ""));
        }
    }
    links
}

fn waiting(case: &OwnershipCase) -> Option<Waiting> {
    let change = case.open()?;
    let path = |there: bool, path: &str| {
        if there {
            format!("{}/replace/{path}", base(case.enterprise))
        } else {
            String::new()
        }
    };
    let until = show::minute(change.until);
    let mut lines = vec![
        format!("原因：{}", change.reason),
        format!("核对依据：{}", change.evidence),
        if case.powers.confirm {
            format!("原管理员没有在 {until} 前提出异议。")
        } else {
            format!("原管理员可在 {until} 前提出异议，此后才能确认。")
        },
    ];
    if !case.powers.settle {
        lines.push("需由另一位平台运营人员确认，申请人自己不能确认。".to_owned());
    }
    Some(Waiting {
        title: format!("{}申请更换企业管理员，等待另一人确认", change.asked_name),
        lines,
        confirm: path(case.powers.confirm, "confirm"),
        decline: path(case.powers.settle, "decline"),
        withdraw: path(case.powers.withdraw, "withdraw"),
    })
}

fn people(found: &[Holder]) -> Table {
    let mut table = Table::new("企业人员")
        .column("姓名", "nowrap")
        .column("手机号", "nowrap")
        .column("权限", "nowrap")
        .column("状态", "nowrap");
    for one in found {
        let (word, kind) = if one.active {
            ("在用", TagKind::Success)
        } else {
            ("待加入", TagKind::Warning)
        };
        table.push(vec![
            Cell::text(&one.name_masked),
            Cell::text(&one.phone_masked),
            Cell::text(right(&one.roles)),
            Cell::tag(word, kind),
        ]);
    }
    table
}

fn changes(found: &[OwnershipChange]) -> Table {
    let mut table = Table::new("企业管理员变更记录")
        .column("事项", "nowrap")
        .column("提出", "nowrap")
        .column("原因", "wrap")
        .column("核对依据", "wrap")
        .column("处理", "");
    for change in found {
        let settled = match (change.status, change.settled_at) {
            (HoldStatus::Open, _) | (_, None) => Cell::text(change.status.zh()),
            (status, Some(at)) => Cell::text(format!("{}{}", change.settled_name, status.zh()))
                .second(show::minute(at)),
        };
        table.push(vec![
            Cell::text(change.kind.zh()),
            Cell::text(&change.asked_name).second(show::minute(change.asked_at)),
            reasons(or_dash(&change.reason), &change.withdrawal),
            Cell::text(or_dash(&change.evidence)),
            settled,
        ]);
    }
    table
}

fn page(case: &OwnershipCase, key: String) -> OwnerPage {
    let href = base(case.enterprise);
    let path = |there: bool, path: &str| {
        if there {
            format!("{href}/{path}")
        } else {
            String::new()
        }
    };
    OwnerPage {
        crumbs: crumbs(case, None),
        lead: format!(
            "{}。企业自行移交的，由企业办理；企业管理员失联、离职或手机号遗失的，由平台核实后更换。",
            case.name
        ),
        ask_href: path(case.powers.ask, "replace"),
        waiting: waiting(case),
        again: path(case.powers.again, "again"),
        key,
        people: people(&case.people),
        changes: changes(&case.changes),
    }
}

pub(super) async fn owner(
    State(web): State<Room>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = EnterpriseId(id_of(&id)?);
    let case = web.uses.view(visit.actor(), id).await?;
    let page = page(&case, visit.0.kit.tokens().one_time());
    Ok(visit
        .0
        .staff_console()
        .render(OwnerPage::TEMPLATE, TITLE, &page))
}

pub(super) async fn again(
    State(web): State<Room>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let id = EnterpriseId(id_of(&id)?);
    let key = once(&posted)?;
    let visit = visit.staff_console();
    let uses = web.uses.clone();
    match spawned(async move { uses.send_again(&actor, id, &key).await }).await {
        Ok(how) => Ok(visit.redirect(&base(id), Some(("success", said(how))))),
        Err(error) => told(&visit, error, &base(id)),
    }
}

/// What is said after it.
pub(super) fn said(how: Recovered) -> &'static str {
    match how {
        Recovered::Changed => "企业管理员已更换，企业所有人员需要重新登录。",
        Recovered::Invited => {
            "链接已发到新管理员的手机，请提醒对方在 24 小时内打开并设置登录密码。"
        }
        Recovered::NotSent => "已办理，但短信没有发送成功，请稍后在本页重新发送链接。",
        Recovered::Declined => "已记录为不同意，企业管理员不变。",
        Recovered::Before => "此前已经办理，无需重复操作。",
    }
}
