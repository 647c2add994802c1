//! One complaint: what it is about, how far it is, what was said, and what may be done now.

use application::{
    complaints::{ComplaintRoom, SeenComplaint, Side},
    ports::complaints::StepRow,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::complaint::ComplaintStep;
use serde::Serialize;

use super::{
    crumbs, href,
    list::{about, clock_tag, status_tag},
    title,
};
use crate::{
    errors::WebError,
    kit::Web,
    parts::{Cell, Deed, Described, Event, Link, Tag},
    show,
    visit::{EnterpriseVisit, StaffVisit, Visit, id_of},
};

/// One complaint as a side reads it.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub number: String,
    pub tags: Vec<Tag>,
    pub facts: Vec<Described>,
    pub body: String,
    pub answer: String,
    /// What happens next, for this side.
    pub next: String,
    pub actions: Vec<Deed>,
    pub timeline: Vec<Event>,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "complaints/detail.html";
}

/// The facts that every page about a complaint starts with.
pub(super) fn facts(seen: &SeenComplaint) -> Vec<Described> {
    let one = &seen.complaint;
    let subject = &one.subject;
    let mut rows = vec![
        Described::new("投诉编号", &one.number),
        Described::new("投诉对象", about(one)),
        Described::new("投诉类型", one.kind.zh()),
    ];
    if seen.side != Side::Enterprise {
        rows.insert(1, Described::new("企业名称", &one.enterprise_name));
    }
    if let Some(application) = subject.application {
        let link = match seen.side {
            Side::Enterprise => format!("/enterprise/applications/{application}"),
            Side::City => format!("/operator/applications/{application}"),
            Side::Bank => format!("/branch/applications/{application}"),
        };
        rows.push(Described::cell(
            "融资需求",
            Cell::link(&subject.application_no, link),
        ));
    }
    rows.push(Described::new("提出时间", show::minute(one.filed_at)));
    if one.status.is_owed() {
        let due = one
            .due_at
            .map_or_else(|| show::DUE_UNKNOWN.to_owned(), show::minute);
        rows.push(Described::new("答复时限", due));
    }
    if seen.side == Side::City {
        if !one.taken_name.is_empty() {
            rows.push(Described::new("处理人", &one.taken_name));
        }
        if let Some(asked) = &one.asked {
            let state = if asked.stated {
                "已说明"
            } else {
                "等待说明"
            };
            rows.push(Described::new(
                "请其说明",
                format!("{}（{state}）", asked.name),
            ));
        }
    }
    rows
}

fn actor(side: Side, step: &StepRow) -> String {
    match (step.step, side) {
        (_, _) if step.by.is_none() => "系统".to_owned(),
        // Filed by the city for the enterprise, after a call.
        (ComplaintStep::Filed, Side::City) if !step.by_name.is_empty() => {
            format!("平台 {}（回访登记）", step.by_name)
        }
        (ComplaintStep::Filed, _) if !step.by_name.is_empty() => "平台（回访登记）".to_owned(),
        (
            ComplaintStep::Filed | ComplaintStep::Reopened | ComplaintStep::Closed,
            Side::Enterprise,
        ) => "本企业".to_owned(),
        (ComplaintStep::Filed | ComplaintStep::Reopened | ComplaintStep::Closed, _) => {
            "企业".to_owned()
        }
        (ComplaintStep::Stated, _) => format!("{} {}", step.node_name, step.by_name),
        (_, Side::City) => format!("平台 {}", step.by_name),
        (_, _) => "平台".to_owned(),
    }
}

fn event(side: Side, step: &StepRow) -> Event {
    let words = if step.step == ComplaintStep::StatementAsked {
        format!("{}：{}", step.node_name, step.words)
    } else {
        step.words.clone()
    };
    Event {
        event: step.step.zh().to_owned(),
        time: show::minute(step.at),
        actor: actor(side, step),
        // The complaint itself stands above in full.
        note: if step.step == ComplaintStep::Filed {
            String::new()
        } else {
            words
        },
        pending: false,
        kind: match step.step {
            ComplaintStep::Reopened => "warning",
            ComplaintStep::Answered => "success",
            _ => "",
        }
        .to_owned(),
    }
}

fn actions(seen: &SeenComplaint) -> Vec<Deed> {
    let base = href(seen.side, seen.complaint.id);
    let powers = seen.powers;
    let mut deeds = Vec::new();
    let mut offer = |there: bool, label: &'static str, path: &str, kind: &'static str| {
        if there {
            deeds.push(Deed {
                label,
                href: format!("{base}/{path}"),
                kind,
            });
        }
    };
    offer(powers.take, "受理", "take", "primary");
    offer(powers.answer, "答复企业", "answer", "primary");
    offer(powers.ask, "请机构说明", "statement", "line");
    offer(powers.note, "内部记录", "note", "line");
    offer(powers.state, "提交说明", "state", "primary");
    offer(powers.close, "满意，办结", "close", "primary");
    offer(powers.reopen, "不满意，再次提出", "again", "line");
    deeds
}

fn next(seen: &SeenComplaint) -> String {
    let one = &seen.complaint;
    match seen.side {
        Side::Enterprise if one.status.is_owed() => {
            let due = one.due_at.map_or_else(
                || show::DUE_UNKNOWN.to_owned(),
                |due| format!(" {} 前", show::minute(due)),
            );
            format!("平台会在{due}答复，答复后您会收到消息。")
        }
        Side::Enterprise if seen.powers.close => {
            let days = domain::complaint::DAYS_TO_REOPEN;
            if seen.powers.reopen {
                format!(
                    "对答复不满意的，可以在答复后 {days} 日内再次提出一次；{days} 日内没有再次提出，投诉自动办结。"
                )
            } else {
                format!("没有其他操作的，投诉在答复后 {days} 日自动办结。")
            }
        }
        Side::Bank if seen.powers.state => {
            "请如实说明情况和处理意见。说明只由平台查看，提交后不能修改。".to_owned()
        }
        Side::City if seen.powers.take => "受理后由您处理，企业会收到通知。".to_owned(),
        _ => String::new(),
    }
}

pub(super) fn view(seen: &SeenComplaint) -> DetailPage {
    let one = &seen.complaint;
    let mut tags = vec![status_tag(one.status)];
    tags.extend(clock_tag(one, seen.now));
    DetailPage {
        crumbs: crumbs(seen.side, &[Link::new(&one.number, "")]),
        number: one.number.clone(),
        tags,
        facts: facts(seen),
        body: one.body.clone(),
        answer: one.answer.clone(),
        next: next(seen),
        actions: actions(seen),
        timeline: seen.steps.iter().map(|s| event(seen.side, s)).collect(),
    }
}

async fn page(
    web: &Web<ComplaintRoom>,
    actor: &application::access::Actor,
    id: &str,
    side: Side,
    visit: &Visit,
) -> Result<Response, WebError> {
    super::of_side(actor, side)?;
    let seen = web.uses.view(actor, id_of(id)?).await?;
    Ok(visit.render(DetailPage::TEMPLATE, title(side), &view(&seen)))
}

pub(super) async fn own(
    State(web): State<Web<ComplaintRoom>>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let visit = visit.0.enterprise_console();
    page(&web, &actor, &id, Side::Enterprise, &visit).await
}

pub(super) async fn city(
    State(web): State<Web<ComplaintRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let visit = visit.0.staff_console();
    page(&web, &actor, &id, Side::City, &visit).await
}

pub(super) async fn bank(
    State(web): State<Web<ComplaintRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let visit = visit.0.staff_console();
    page(&web, &actor, &id, Side::Bank, &visit).await
}
