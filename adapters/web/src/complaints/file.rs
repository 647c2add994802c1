//! 提出投诉: the form, and the complaint that it becomes.

use application::{
    access::Actor,
    complaints::{ComplaintRoom, FileComplaint, Side},
    error::{Kind, UseError},
    ports::complaints::Subject,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::complaint::ComplaintKind;
use serde::{Deserialize, Serialize};

use super::{crumbs, href, list::node_words};
use crate::{
    console::show_errors,
    errors::{WebError, status},
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::Link,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
};

const TITLE: &str = "提出投诉";

/// 提出投诉.
#[derive(Serialize)]
pub(super) struct FilePage {
    pub crumbs: Vec<Link>,
    pub form: FormView,
}

impl FilePage {
    pub const TEMPLATE: &'static str = "complaints/file.html";
}

/// From where somebody comes: their request, or an institution.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    application: String,
    node: String,
}

fn label(subject: &Subject) -> String {
    let node = node_words(subject);
    if subject.application.is_some() {
        format!("融资需求 {}：{node}", subject.application_no)
    } else {
        node
    }
}

fn form(subjects: &[Subject], key: String) -> FormView {
    let about: Vec<Choice> = subjects
        .iter()
        .map(|one| Choice::new(one.key(), label(one)))
        .collect();
    FormView::new("/enterprise/complaints/new")
        .key(key)
        .with(
            Field::select("about", "投诉对象", "请选择")
                .required()
                .options(about)
                .hint("本企业的融资需求在前，其后是各金融机构和支行。"),
        )
        .with(
            Field::radio("kind", "投诉类型")
                .required()
                .options(ComplaintKind::ALL.iter().map(|k| (k.code(), k.zh()))),
        )
        .with(
            Field::textarea("complaint_body", "投诉内容")
                .required()
                .rows(8)
                .maxlength(2000)
                .hint("请写明时间、经过和希望怎样解决，最多 2000 个字。平台可能请被投诉的机构说明情况，届时机构会看到企业名称和投诉内容。"),
        )
}

async fn drawn(
    web: &Web<ComplaintRoom>,
    visit: &Visit,
    actor: &Actor,
    fill: impl FnOnce(FormView, &[Subject]) -> FormView,
    error: Option<&UseError>,
) -> Result<Response, WebError> {
    let subjects = web.uses.subjects(actor).await?;
    let key = visit.kit.tokens().one_time();
    let mut form = fill(form(&subjects, key), &subjects);
    if let Some(error) = error {
        show_errors(&mut form, error);
    }
    let page = FilePage {
        crumbs: crumbs(Side::Enterprise, &[Link::new(TITLE, "")]),
        form,
    };
    let code = error.map_or(axum::http::StatusCode::OK, |error| status(error.kind));
    Ok(visit.render_with(code, FilePage::TEMPLATE, TITLE, &page))
}

pub(super) async fn form_door(
    State(web): State<Web<ComplaintRoom>>,
    visit: EnterpriseVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let visit = visit.0.enterprise_console();
    let wanted = [
        format!("application:{}", asked.application),
        format!("node:{}", asked.node),
    ];
    let fill = |form: FormView, subjects: &[Subject]| {
        let about = subjects
            .iter()
            .map(Subject::key)
            .find(|k| wanted.contains(k));
        match about {
            Some(about) => form.fill(&[("about".to_owned(), about)]),
            None => form,
        }
    };
    drawn(&web, &visit, &actor, fill, None).await
}

pub(super) async fn send(
    State(web): State<Web<ComplaintRoom>>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let visit = visit.enterprise_console();
    let filed = file(&web, &actor, &posted).await;
    match filed {
        Ok(id) => {
            let told = "投诉已提交，平台会在承诺的时限内答复。";
            Ok(visit.redirect(&href(Side::Enterprise, id), Some(("success", told))))
        }
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooMany) => {
            let fill = |form: FormView, _: &[Subject]| form.fill(posted.pairs());
            drawn(&web, &visit, &actor, fill, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn file(
    web: &Web<ComplaintRoom>,
    actor: &Actor,
    posted: &Posted,
) -> Result<uuid::Uuid, UseError> {
    let ask = FileComplaint {
        about: posted.get("about").to_owned(),
        kind: posted.get("kind").to_owned(),
        body: posted.get("complaint_body").to_owned(),
        once: once(posted).map_err(|e| e.0)?,
    };
    let (uses, actor) = (web.uses.clone(), actor.clone());
    spawned(async move { uses.file(&actor, ask).await }).await
}
