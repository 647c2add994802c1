//! The list of work orders with the latest samples, and one of them: masked, with what was said.

use application::{
    callbacks::{CallbackRoom, PAGE, SeenCallback},
    ports::callbacks::{Call, Callback, Draw},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::callback::{CallbackStatus, Measure};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{LIST, TITLE, crumbs};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Described, Event, Filter, Link, Pager, Table, Tag, TagKind},
    show,
    visit::{StaffVisit, id_of},
};

/// 回访工单.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    pub may_draw: bool,
    pub filters: Vec<Filter>,
    pub table: Table,
    pub pager: Pager,
    pub filtered: bool,
    pub draws: Table,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "callbacks/list.html";
}

/// One work order.
#[derive(Serialize)]
pub(super) struct OnePage {
    pub crumbs: Vec<Link>,
    pub number: String,
    pub tag: Tag,
    pub lead: String,
    pub facts: Vec<Described>,
    /// The number to call, once it was opened; empty before.
    pub phone: String,
    /// Where it is opened; empty: not now.
    pub phone_action: String,
    pub call: String,
    pub complain: String,
    pub calls: Vec<Event>,
}

impl OnePage {
    pub const TEMPLATE: &'static str = "callbacks/one.html";
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    list: String,
    draw: String,
    page: String,
}

pub(super) fn status_tag(status: CallbackStatus) -> Tag {
    let kind = match status {
        CallbackStatus::Open => TagKind::Warning,
        CallbackStatus::Reached => TagKind::Success,
        CallbackStatus::Unreached => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

fn address(list: &str, draw: Option<Uuid>, page: u64) -> String {
    let draw = draw.map_or_else(String::new, |draw| format!("&draw={draw}"));
    let page = if page > 1 {
        format!("&page={page}")
    } else {
        String::new()
    };
    format!("{LIST}?list={list}{draw}{page}")
}

fn filters(status: Option<CallbackStatus>, draw: Option<Uuid>) -> Vec<Filter> {
    let mut states = vec![Link::new("全部", address("all", draw, 1)).current(status.is_none())];
    states.extend(CallbackStatus::ALL.iter().map(|one| {
        Link::new(one.zh(), address(one.code(), draw, 1)).current(Some(*one) == status)
    }));
    let mut filters = vec![Filter {
        label: "状态".to_owned(),
        options: states,
    }];
    if let Some(draw) = draw {
        let list = status.map_or("all", CallbackStatus::code);
        filters.push(Filter {
            label: "抽样".to_owned(),
            options: vec![
                Link::new("全部", address(list, None, 1)),
                Link::new("所选的抽样", address(list, Some(draw), 1)).current(true),
            ],
        });
    }
    filters
}

fn table(rows: &[Callback]) -> Table {
    let mut table = Table::new(TITLE)
        .column("融资需求", "nowrap")
        .column("企业", "name")
        .column("机构和支行", "")
        .column("办结情况", "nowrap")
        .column("状态", "nowrap")
        .column("通话", "num");
    for one in rows {
        let tag = status_tag(one.status);
        table.push(vec![
            Cell::link(&one.application_no, format!("{LIST}/{}", one.id)),
            Cell::text(&one.masked_name),
            Cell::text(&one.bank_name).second(&one.branch_name),
            Cell::text(one.stage.zh()).second(show::minute(one.decided_at)),
            Cell::tag(tag.label, tag.kind),
            Cell::text(format!("{} 次", one.calls)),
        ]);
    }
    table
}

fn draws(rows: &[Draw]) -> Table {
    let mut table = Table::new("最近的抽样")
        .column("抽样时间", "nowrap")
        .column("办结日期", "")
        .column("机构", "")
        .column("抽样方式", "nowrap")
        .column("抽中", "num");
    for one in rows {
        let bank = if one.bank_name.is_empty() {
            "全部机构"
        } else {
            &one.bank_name
        };
        let measure = match one.measure {
            Measure::Number => format!("{} 件", one.amount),
            Measure::Percent => format!("{}%", one.amount),
        };
        table.push(vec![
            Cell::link(show::minute(one.drawn_at), address("all", Some(one.id), 1))
                .second(&one.drawn_name),
            Cell::text(format!("{} 至 {}", one.from, one.until)),
            Cell::text(bank),
            Cell::text(measure),
            Cell::text(format!("{} / {}", one.drawn, one.found)),
        ]);
    }
    table
}

pub(super) async fn list(
    State(web): State<Web<CallbackRoom>>,
    visit: StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    // What waits for a call comes first, unless somebody asks for more.
    let status = match asked.list.as_str() {
        "all" => None,
        other => Some(CallbackStatus::from_code(other).unwrap_or(CallbackStatus::Open)),
    };
    let draw: Option<Uuid> = asked.draw.parse().ok();
    let number = asked.page.parse().unwrap_or(1).clamp(1, 5_000);
    let found = web.uses.list(visit.actor(), status, draw, number).await?;
    let page = ListPage {
        crumbs: crumbs(&[]),
        may_draw: found.may_draw,
        filters: filters(status, draw),
        table: table(&found.page.rows),
        pager: Pager::new(
            u64::try_from(found.page.total).unwrap_or(0),
            u64::try_from(number).unwrap_or(1),
            u64::try_from(PAGE).unwrap_or(1),
            |page| address(status.map_or("all", CallbackStatus::code), draw, page),
        ),
        filtered: draw.is_some() || status != Some(CallbackStatus::Open),
        draws: draws(&found.draws),
    };
    let visit = visit.0.staff_console();
    Ok(visit.render(ListPage::TEMPLATE, TITLE, &page))
}

/// The facts that every page about a work order starts with; the enterprise stays masked.
pub(super) fn facts(one: &Callback) -> Vec<Described> {
    let link = format!("/operator/applications/{}", one.application);
    vec![
        Described::cell("融资需求", Cell::text(&one.application_no)),
        Described::new("企业", &one.masked_name),
        Described::new(
            "机构和支行",
            format!("{} {}", one.bank_name, one.branch_name),
        ),
        Described::cell("办结情况", Cell::link(one.stage.zh(), link)),
        Described::new("审核决定时间", show::minute(one.decided_at)),
    ]
}

fn event(call: &Call) -> Event {
    let mut words = Vec::new();
    if let Some(answers) = call.answers {
        words.push(format!("是否真实放款：{}", answers.disbursed.zh()));
        words.push(format!("放款金额是否一致：{}", answers.amount_matches.zh()));
        words.push(format!("是否收取额外费用：{}", answers.extra_fees.zh()));
        words.push(format!("满意度：{} 分", answers.satisfaction));
    }
    if !call.note.is_empty() {
        words.push(format!("记录：{}", call.note));
    }
    let reached = call.answers.is_some();
    Event {
        event: if reached { "已接通" } else { "未接通" }.to_owned(),
        time: show::minute(call.at),
        actor: call.by_name.clone(),
        note: words.join("。"),
        pending: false,
        kind: if reached { "success" } else { "warning" }.to_owned(),
    }
}

/// The page; `phone` only where it was opened for this very answer.
pub(super) fn view(seen: &SeenCallback, phone: String) -> OnePage {
    let one = &seen.callback;
    let href = format!("{LIST}/{}", one.id);
    let mut facts = facts(one);
    if let Some(complaint) = one.complaint {
        let link = format!("/operator/complaints/{complaint}");
        facts.push(Described::cell("已转投诉", Cell::link("查看投诉", link)));
    }
    let offer = |there: bool, path: &str| {
        if there {
            format!("{href}/{path}")
        } else {
            String::new()
        }
    };
    OnePage {
        crumbs: crumbs(&[Link::new(&one.application_no, "")]),
        number: one.application_no.clone(),
        tag: status_tag(one.status),
        lead: if seen.may_call {
            format!("最多拨打 3 次，还可以拨打 {} 次。", seen.calls_left)
        } else {
            String::new()
        },
        facts,
        phone_action: offer(seen.may_call && phone.is_empty(), "phone"),
        phone,
        call: offer(seen.may_call, "call"),
        complain: offer(seen.may_complain, "complaint"),
        calls: seen.calls.iter().map(event).collect(),
    }
}

pub(super) async fn detail(
    State(web): State<Web<CallbackRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = web.uses.view(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(OnePage::TEMPLATE, TITLE, &view(&seen, String::new())))
}
