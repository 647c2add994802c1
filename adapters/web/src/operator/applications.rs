//! 融资需求总览 of the city: who holds what and until when; one request with its log, its holds and its notices.

use std::collections::HashMap;

use application::{
    ports::{
        branch_board::Cursor,
        supervision::{CityList, CitySearch, HoldRequest, HoldStatus, Receipt, SupervisionNotice},
    },
    supervision::{CityCase, CityLeaf, SeenRow},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{
    financing::{ApplicationEvent, Stage, Verb},
    ids::{FinancingApplicationId, TenantId},
};
use serde::Serialize;
use uuid::Uuid;

use super::{OperatorDesk, counted, crumbs};
use crate::{
    branch::{due_words, leaf, write_cursor},
    errors::WebError,
    kit::Web,
    parts::{Cell, Deed, Described, Event, Filter, Link, Table, Tag, TagKind},
    show,
    two_people::reasons,
    visit::{StaffVisit, encode, id_of},
};

pub(super) const LIST: &str = "/operator/applications";

pub(super) fn section() -> Link {
    Link::new("融资需求总览", LIST)
}

pub(super) fn base(id: FinancingApplicationId) -> String {
    format!("{LIST}/{id}")
}

/// 融资需求总览.
#[derive(Serialize)]
pub(super) struct ListPage {
    pub crumbs: Vec<Link>,
    /// In which order the rows stand.
    pub lead: &'static str,
    pub filters: Vec<Filter>,
    /// By which figure of 统计分析 the rows were opened.
    pub active: Vec<Link>,
    /// What is looked for, as typed.
    pub search: String,
    pub clear: &'static str,
    pub table: Table,
    pub empty: String,
    pub prev: String,
    pub next: String,
}

impl ListPage {
    pub const TEMPLATE: &'static str = "operator/applications.html";
}

fn frozen_tag() -> Tag {
    Tag::new("已冻结", TagKind::Danger)
}

fn clock_cell(seen: &SeenRow) -> Cell {
    if seen.row.frozen {
        let tag = frozen_tag();
        return Cell::tag(tag.label, tag.kind).second("时限暂停");
    }
    match (seen.urgency, seen.row.due_at) {
        (Some(urgency), Some(due)) => {
            let tag = show::urgency_tag(urgency);
            Cell::tag(tag.label, tag.kind).second(due_words(seen.row.stage, due))
        }
        _ => Cell::text("-"),
    }
}

/// Rows without amounts: the city supervises times, not terms.
pub(super) fn table(caption: &str, rows: &[SeenRow]) -> Table {
    let mut table = Table::new(caption)
        .column("申请编号", "nowrap")
        .column("企业名称", "name")
        .column("机构和支行", "")
        .column("阶段", "nowrap")
        .column("剩余时间", "")
        .column("督办", "num");
    for seen in rows {
        let row = &seen.row;
        table.push(vec![
            Cell::link(&row.number, base(row.id)),
            Cell::text(&row.enterprise_name).second(show::code_tail(&row.credit_code)),
            Cell::text(&row.bank_name).second(&row.branch_name),
            Cell::text(row.stage.zh()),
            clock_cell(seen),
            Cell::text(format!("{} 次", row.notices)),
        ]);
    }
    table
}

pub(super) async fn list(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, WebError> {
    let word = |name: &str| asked.get(name).map_or("", String::as_str);
    let words = word("q").trim();
    let typed = CitySearch::parse(words);
    // Whoever looks for one request does not know in which list it stands.
    let otherwise = if typed.is_some() {
        CityList::All
    } else {
        CityList::Open
    };
    let counted = counted::read(&asked);
    let list = if counted.is_some() {
        CityList::All
    } else {
        CityList::from_code(word("list")).unwrap_or(otherwise)
    };
    let node = node(&asked).filter(|_| typed.is_none() && counted.is_none());
    let tail = match &node {
        Some((by, id, _)) => format!("&{by}={id}"),
        None if words.is_empty() => String::new(),
        None => format!("&q={}", encode(words)),
    };
    let searched = typed.is_some();
    let search = typed.or_else(|| node.as_ref().map(|(_, _, search)| search.clone()));
    let found = web
        .uses
        .supervision
        .list(
            visit.actor(),
            list,
            search.as_ref(),
            counted.as_ref(),
            leaf(&asked),
        )
        .await?;
    let beside = |name: &str, row: Option<&SeenRow>, there: bool| {
        row.filter(|_| there).map_or_else(String::new, |row| {
            let cursor = write_cursor(cursor_of(list, row));
            let base = counted
                .as_ref()
                .map_or_else(|| href(list, &tail), counted::href);
            format!("{base}&{name}={cursor}")
        })
    };
    let view = ListPage {
        crumbs: crumbs(section(), None),
        filters: if counted.is_some() {
            Vec::new()
        } else {
            vec![filter(list, &tail, &found)]
        },
        active: match (&counted, &node) {
            (Some(c), _) => counted::chips(c, &web.uses.statistics, &found.rows),
            (None, Some((by, ..))) => vec![node_chip(by, list, &found.rows)],
            (None, None) => Vec::new(),
        },
        search: words.to_owned(),
        clear: LIST,
        table: table(&format!("{}的融资需求", list.zh()), &found.rows),
        lead: match list {
            CityList::All => "最近提交的在前。",
            CityList::Overdue => {
                "超时最久的在前。接单、改派、首次联系企业、审核和放款，有一项超过时限即为已超时。"
            }
            _ => "先到期的在前。",
        },
        empty: match (searched, list) {
            (true, CityList::All) => format!("没有符合“{words}”的融资需求。"),
            (true, _) => format!("{}的融资需求中没有符合“{words}”的。", list.zh()),
            (false, CityList::All) if counted.is_some() => {
                "没有符合统计条件的融资需求。".to_owned()
            }
            (false, CityList::All) => "还没有融资需求。".to_owned(),
            (false, _) => format!("没有{}的融资需求。", list.zh()),
        },
        prev: beside("before", found.rows.first(), found.before),
        next: beside("after", found.rows.last(), found.after),
    };
    Ok(visit
        .0
        .staff_console()
        .render(ListPage::TEMPLATE, "融资需求总览", &view))
}

/// `tail`: what narrows the list, as the address has it; empty or from `&` on.
fn href(list: CityList, tail: &str) -> String {
    format!("{LIST}?list={}{tail}", list.code())
}

/// One institution or one branch, where 机构管理 counts what is open.
fn node(asked: &HashMap<String, String>) -> Option<(&'static str, TenantId, CitySearch)> {
    let id = |name: &str| asked.get(name).and_then(|id| Uuid::try_parse(id).ok());
    let bank = id("bank").map(|id| ("bank", TenantId(id), CitySearch::Bank(TenantId(id))));
    bank.or_else(|| {
        id("branch").map(|id| ("branch", TenantId(id), CitySearch::Branch(TenantId(id))))
    })
}

/// Whose requests are shown; taken away, the list is the whole city's.
fn node_chip(by: &str, list: CityList, rows: &[SeenRow]) -> Link {
    let row = rows.first().map(|seen| &seen.row);
    let label = match (by, row) {
        ("bank", Some(row)) => format!("机构：{}", row.bank_name),
        ("bank", None) => "所选机构".to_owned(),
        (_, Some(row)) => format!("支行：{}", row.branch_name),
        (_, None) => "所选支行".to_owned(),
    };
    Link::new(label, href(list, ""))
}

fn cursor_of(list: CityList, row: &SeenRow) -> Cursor {
    Cursor {
        at: match list {
            CityList::All => Some(row.row.submitted_at),
            _ => row.row.due_at,
        },
        id: row.row.id.0,
    }
}

/// The lists with how much stands in them; while somebody looks for one request, without.
fn filter(list: CityList, tail: &str, found: &CityLeaf) -> Filter {
    let count = |one: CityList| match one {
        CityList::Open => Some(found.counts.open),
        CityList::Overdue => Some(found.counts.overdue),
        CityList::Frozen => Some(found.counts.frozen),
        CityList::All => None,
    };
    let options = CityList::ALL
        .iter()
        .map(|one| {
            let label = match count(*one).filter(|_| tail.is_empty()) {
                Some(count) => format!("{}（{}）", one.zh(), super::home::capped(count)),
                None => one.zh().to_owned(),
            };
            Link::new(label, href(*one, tail)).current(*one == list)
        })
        .collect();
    Filter {
        label: "范围".to_owned(),
        options,
    }
}

/// One request as the city sees it.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub number: String,
    pub tags: Vec<Tag>,
    pub clock: Option<Tag>,
    pub clock_text: String,
    pub facts: Vec<Described>,
    pub waiting: Option<Waiting>,
    pub actions: Vec<Deed>,
    /// Complaints about it that wait for an answer.
    pub complaints: Vec<Link>,
    pub holds: Table,
    pub has_holds: bool,
    pub notices: Table,
    pub has_notices: bool,
    pub timeline: Vec<Event>,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "operator/application.html";
}

/// A hold that waits for a second person.
#[derive(Serialize)]
pub(super) struct Waiting {
    pub title: String,
    pub text: String,
    pub hint: String,
    pub confirm: String,
    pub decline: String,
    pub yes: String,
    /// For the one who asked.
    pub withdraw: String,
}

fn waiting(case: &CityCase) -> Option<Waiting> {
    let hold = case.open_hold()?;
    let href = base(case.record.id);
    let settle = case.powers.settle_hold;
    let path = |path: &str| {
        if settle {
            format!("{href}/hold/{path}")
        } else {
            String::new()
        }
    };
    Some(Waiting {
        title: format!("{}申请{}，等待另一人确认", hold.asked_name, hold.kind.zh()),
        text: format!("原因：{}（{}）", hold.reason, show::minute(hold.asked_at)),
        hint: if settle {
            String::new()
        } else {
            "需由另一位平台运营人员确认，申请人自己不能确认。".to_owned()
        },
        confirm: path("confirm"),
        decline: path("decline"),
        yes: format!("确认{}", hold.kind.zh()),
        withdraw: if case.powers.withdraw_hold {
            format!("{href}/hold/withdraw")
        } else {
            String::new()
        },
    })
}

fn holds(rows: &[HoldRequest]) -> Table {
    let mut table = Table::new("冻结记录")
        .column("事项", "nowrap")
        .column("申请人", "nowrap")
        .column("原因", "wrap")
        .column("处理", "");
    for hold in rows {
        let settled = match (hold.status, hold.settled_at) {
            (HoldStatus::Open, _) | (_, None) => Cell::text(hold.status.zh()),
            (status, Some(at)) => {
                Cell::text(format!("{}{}", hold.settled_name, status.zh())).second(show::minute(at))
            }
        };
        table.push(vec![
            Cell::text(hold.kind.zh()),
            Cell::text(&hold.asked_name).second(show::minute(hold.asked_at)),
            reasons(&hold.reason, &hold.withdrawal),
            settled,
        ]);
    }
    table
}

pub(crate) fn receipt(read: Option<&Receipt>) -> Cell {
    read.map_or_else(
        || Cell::tag("未阅", TagKind::Warning),
        |r| Cell::text(format!("{}已阅", r.name)).second(show::minute(r.at)),
    )
}

fn notices(rows: &[SupervisionNotice]) -> Table {
    let mut table = Table::new("督办记录")
        .column("发出", "nowrap")
        .column("内容", "wrap")
        .column("支行", "nowrap")
        .column("总行", "nowrap");
    for notice in rows {
        table.push(vec![
            Cell::text(show::minute(notice.at)).second(&notice.sent_name),
            Cell::text(&notice.words),
            receipt(notice.read_by_branch.as_ref()),
            receipt(notice.read_by_bank.as_ref()),
        ]);
    }
    table
}

fn actor(event: &ApplicationEvent) -> String {
    if event.actor.role.is_enterprise() {
        return "企业".to_owned();
    }
    if event.actor.name.is_empty() {
        return event.actor.role.zh().to_owned();
    }
    format!("{}（{}）", event.actor.name, event.actor.role.zh())
}

fn timeline(case: &CityCase, city: &application::city::City) -> Vec<Event> {
    case.events
        .iter()
        .filter(|event| event.verb != Verb::SaveDraft)
        .map(|event| {
            let mut note: Vec<String> = Vec::new();
            if !event.reason_codes.is_empty() {
                note.push(format!(
                    "原因：{}",
                    show::reasons(city, &event.reason_codes)
                ));
            }
            // Terms and draws are between the bank and the enterprise.
            note.extend(match event.verb {
                Verb::Freeze
                | Verb::Unfreeze
                | Verb::Reassign
                | Verb::ReassignFromHq
                | Verb::MoveBranch => show::event_facts(&event.detail),
                _ => None,
            });
            if matches!(event.verb, Verb::Freeze | Verb::Unfreeze) && !event.note.is_empty() {
                note.push(event.note.clone());
            }
            Event {
                event: event.verb.zh().to_owned(),
                time: show::minute(event.at),
                actor: actor(event),
                note: note.join("。"),
                pending: false,
                kind: match event.to {
                    Stage::Rejected | Stage::RefusedIntake => "danger",
                    Stage::NeedSupplement | Stage::Expired => "warning",
                    Stage::Approved => "success",
                    _ => "",
                }
                .to_owned(),
            }
        })
        .collect()
}

fn actions(case: &CityCase) -> Vec<Deed> {
    let href = base(case.record.id);
    let deed = |there: bool, label, path: &str, kind| {
        there.then(|| Deed {
            label,
            href: format!("{href}/{path}"),
            kind,
        })
    };
    let hold = if case.record.frozen {
        "申请解除冻结"
    } else {
        "申请冻结"
    };
    [
        deed(case.powers.urge, "发出督办", "supervise", "primary"),
        deed(case.powers.ask_hold, hold, "hold", "danger"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn complaints(case: &CityCase) -> Vec<Link> {
    case.complaints
        .iter()
        .map(|one| {
            let label = format!("{} {}（{}）", one.number, one.kind.zh(), one.status.zh());
            Link::new(label, format!("/operator/complaints/{}", one.id))
        })
        .collect()
}

pub(super) fn number(case: &CityCase) -> String {
    let number = case.record.number.as_ref();
    number.map_or_else(String::new, ToString::to_string)
}

pub(super) fn facts(case: &CityCase) -> Vec<Described> {
    let record = &case.record;
    vec![
        Described::new("申请编号", number(case)),
        Described::new("企业名称", &record.enterprise_name),
        Described::new("受理支行", &record.handler_name),
        Described::new("阶段", record.stage.zh()),
        Described::new(
            "提交时间",
            record.submitted_at.map_or_else(String::new, show::minute),
        ),
    ]
}

pub(super) async fn detail(
    State(web): State<Web<OperatorDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id_of(&id)?);
    let case = web.uses.supervision.view(visit.actor(), id).await?;
    let record = &case.record;
    let mut tags = vec![
        show::intake_tag(case.columns.0),
        show::review_tag(case.columns.1),
    ];
    if record.frozen {
        tags.push(frozen_tag());
    }
    if !case.complaints.is_empty() {
        tags.push(Tag::new("投诉中", TagKind::Warning));
    }
    let page = DetailPage {
        crumbs: crumbs(section(), Some(&number(&case))),
        number: number(&case),
        tags,
        clock: case.urgency.map(show::urgency_tag),
        clock_text: match (case.urgency, record.due_at) {
            (Some(_), Some(due)) => due_words(record.stage, due),
            _ if record.frozen => "冻结期间办理时限暂停。".to_owned(),
            _ => String::new(),
        },
        facts: facts(&case),
        waiting: waiting(&case),
        actions: actions(&case),
        complaints: complaints(&case),
        has_holds: !case.holds.is_empty(),
        holds: holds(&case.holds),
        has_notices: !case.notices.is_empty(),
        notices: notices(&case.notices),
        timeline: timeline(&case, &visit.0.city),
    };
    let title = format!("融资需求 {}", page.number);
    Ok(visit
        .0
        .staff_console()
        .render(DetailPage::TEMPLATE, &title, &page))
}
