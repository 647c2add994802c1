//! 超时说明: what the own branch let pass, and why, by a code.

use application::{
    breaches::{BreachRoom, GiveCause, OWN_DAYS, OwnBreaches, SeenBreach},
    error::Kind,
    ports::breaches::BreachCause,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::{OWN, over_words};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::{Cell, Described, Link, Table, TagKind},
    posted::Form,
    show,
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

const TITLE: &str = "超时说明";

/// `breaches/own.html`.
#[derive(Serialize)]
pub(super) struct OwnPage {
    pub crumbs: Vec<Link>,
    pub lead: String,
    pub table: Table,
}

impl OwnPage {
    pub const TEMPLATE: &'static str = "breaches/own.html";
}

fn crumbs(here: &[Link]) -> Vec<Link> {
    let mut links = vec![Link::new("支行工作台", "/branch"), Link::new(TITLE, OWN)];
    links.extend_from_slice(here);
    links
}

fn duration(one: &SeenBreach) -> Cell {
    let ended = match one.breach.ended_at {
        Some(at) => format!("{} 完成", show::minute(at)),
        None => "尚未完成".to_owned(),
    };
    Cell::text(over_words(one.over)).second(ended)
}

pub(super) fn page(own: &OwnBreaches) -> OwnPage {
    let mut table = Table::new(TITLE)
        .column("申请编号", "nowrap")
        .column("超时事项", "nowrap")
        .column("到期时间", "nowrap")
        .column("超时时长", "nowrap")
        .column("超时原因", "wrap")
        .column("操作", "nowrap");
    for one in &own.rows {
        let breach = &one.breach;
        let cause = match &breach.cause {
            Some(given) => Cell::text(given.cause.zh()).second(format!(
                "{}，{}",
                given.by_name,
                show::minute(given.at)
            )),
            None => Cell::tag("待说明", TagKind::Warning),
        };
        let deed = if breach.cause.is_some() {
            "修改"
        } else {
            "说明原因"
        };
        let links = if own.may_give {
            vec![Link::new(deed, format!("{OWN}/{}", breach.id))]
        } else {
            Vec::new()
        };
        table.push(vec![
            Cell::link(
                &breach.number,
                format!("/branch/applications/{}", breach.application),
            ),
            Cell::text(breach.clock.zh()),
            Cell::text(show::minute(breach.due_at)),
            duration(one),
            cause,
            Cell::links(links),
        ]);
    }
    OwnPage {
        crumbs: crumbs(&[]),
        lead: format!(
            "最近 {OWN_DAYS} 天本支行超过承诺时限的事项，没有说明原因的在前。平台每周按机构通报超时，说明的原因会一并列出。"
        ),
        table,
    }
}

fn form_page(seen: &SeenBreach, chosen: &str) -> AskPage {
    let breach = &seen.breach;
    let action = format!("{OWN}/{}", breach.id);
    let form = FormView::new(action.as_str()).with(
        Field::select("breach_cause", "超时原因", "请选择")
            .required()
            .options(BreachCause::ALL.iter().map(|c| (c.code(), c.zh())))
            .width("m")
            .value(chosen),
    );
    AskPage {
        title: "说明超时原因".to_owned(),
        lead: "说明后记入平台的每周超时通报，不影响已经计入的超时。".to_owned(),
        crumbs: crumbs(&[Link::new(&breach.number, "")]),
        rows: vec![
            Described::new("申请编号", &breach.number),
            Described::new("超时事项", breach.clock.zh()),
            Described::new("到期时间", show::minute(breach.due_at)),
            Described::cell("超时时长", duration(seen)),
        ],
        form,
        yes: "提交原因",
        no: "返回",
        back: OWN.to_owned(),
        danger: false,
    }
}

pub(super) async fn list(
    State(web): State<Web<BreachRoom>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let own = web.uses.own(visit.actor()).await?;
    let visit = visit.0.staff_console();
    Ok(visit.render(OwnPage::TEMPLATE, TITLE, &page(&own)))
}

pub(super) async fn ask(
    State(web): State<Web<BreachRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = web.uses.own_one(visit.actor(), id_of(&id)?).await?;
    let given = seen.breach.cause.as_ref();
    let chosen = given.map_or("", |given| given.cause.code());
    let visit = visit.0.staff_console();
    Ok(form_page(&seen, chosen).drawn(&visit, None))
}

pub(super) async fn give(
    State(web): State<Web<BreachRoom>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let ask = GiveCause {
        breach: id_of(&id)?,
        cause: posted.get("breach_cause").to_owned(),
    };
    let (uses, by, wanted) = (web.uses.clone(), actor.clone(), ask.clone());
    match spawned(async move { uses.give_cause(&by, wanted).await }).await {
        Ok(()) => Ok(visit.redirect(OWN, Some(("success", "已说明超时原因。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.own_one(&actor, ask.breach).await?;
            Ok(form_page(&seen, "").drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, OWN),
    }
}
