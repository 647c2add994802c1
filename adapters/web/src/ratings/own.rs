//! 评价 of an own request: the form while there is none, and afterwards what was said, answered or hidden.

use application::{
    access::Actor,
    error::{Kind, UseError},
    ratings::{Own, Rate, RatingRoom},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::ids::FinancingApplicationId;
use serde::Serialize;

use super::{THINGS, said};
use crate::{
    console::{show_errors, told},
    errors::{WebError, status},
    forms::{Choice, Field, FormView},
    kit::Web,
    parts::{Described, Link},
    posted::{Form, Posted, once},
    show,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, id_of, posted_by_enterprise},
};

const TITLE: &str = "评价受理支行";

/// 评价受理支行.
#[derive(Serialize)]
pub(super) struct OwnPage {
    pub crumbs: Vec<Link>,
    pub lead: String,
    pub may_rate: bool,
    pub rated: bool,
    pub form: FormView,
    pub facts: Vec<Described>,
    pub words: String,
    pub reply: String,
    /// Why the city hid it; empty: it stands.
    pub hidden: String,
    pub back: String,
}

impl OwnPage {
    pub const TEMPLATE: &'static str = "ratings/own.html";
}

fn base(id: FinancingApplicationId) -> String {
    format!("/enterprise/applications/{id}")
}

fn form(id: FinancingApplicationId, key: String) -> FormView {
    let mut form = FormView::new(format!("{}/rating", base(id))).key(key);
    for (name, label) in THINGS {
        let stars = [
            ("5", "5 星，很满意"),
            ("4", "4 星，满意"),
            ("3", "3 星，一般"),
            ("2", "2 星，不满意"),
            ("1", "1 星，很不满意"),
        ];
        form.push(
            Field::radio(name, label)
                .required()
                .options(stars.map(|(value, label)| Choice::new(value, label))),
        );
    }
    form.push(
        Field::textarea("rating_words", "评价内容（选填）")
            .rows(4)
            .maxlength(500)
            .hint("最多 500 个字。请勿填写姓名、电话等个人信息。"),
    );
    form
}

fn view(own: &Own, form: FormView) -> OwnPage {
    let record = &own.record;
    let number = record
        .number
        .as_ref()
        .map_or_else(String::new, ToString::to_string);
    let back = base(record.id);
    let rating = own.rating.as_ref();
    let facts = rating.map_or_else(Vec::new, |r| {
        vec![
            Described::new("受理支行", &r.branch_name),
            Described::new("评价", said(r.stars)),
            Described::new("评价时间", show::minute(r.rated_at)),
        ]
    });
    let crumbs = vec![
        Link::new("企业管理", "/enterprise"),
        Link::new("融资需求管理", "/enterprise/applications"),
        Link::new(number, back.as_str()),
        Link::new(TITLE, "").current(true),
    ];
    OwnPage {
        crumbs,
        lead: format!(
            "评价{}对这笔融资需求的办理。每笔融资需求只能评价一次，提交后不能修改。公开展示时只显示企业名称的开头和类型，中间隐藏。",
            record.handler_name
        ),
        may_rate: own.may_rate,
        rated: rating.is_some(),
        form,
        facts,
        words: rating.map_or_else(String::new, |r| r.words.clone()),
        reply: rating
            .and_then(|r| r.reply.as_ref())
            .map_or_else(String::new, |r| r.words.clone()),
        hidden: rating
            .and_then(|r| r.hidden.as_ref())
            .map_or_else(String::new, |h| h.words.clone()),
        back,
    }
}

pub(super) async fn show(
    State(web): State<Web<RatingRoom>>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = FinancingApplicationId(id_of(&id)?);
    let found = web.uses.own(visit.actor(), id).await;
    let visit = visit.0.enterprise_console();
    match found {
        Ok(own) => {
            let key = visit.kit.tokens().one_time();
            let page = view(&own, form(id, key));
            Ok(visit.render(OwnPage::TEMPLATE, TITLE, &page))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

async fn send(
    web: &Web<RatingRoom>,
    actor: &Actor,
    application: FinancingApplicationId,
    posted: &Posted,
) -> Result<(), UseError> {
    let word = |name: &str| posted.get(name).to_owned();
    let ask = Rate {
        application,
        speed: word("speed"),
        service: word("service"),
        openness: word("openness"),
        words: word("rating_words"),
        once: once(posted).map_err(|e| e.0)?,
    };
    let (uses, actor) = (web.uses.clone(), actor.clone());
    spawned(async move { uses.rate(&actor, ask).await }).await
}

async fn again(
    web: &Web<RatingRoom>,
    visit: &Visit,
    actor: &Actor,
    id: FinancingApplicationId,
    posted: &Posted,
    error: &UseError,
) -> Result<Response, WebError> {
    let own = web.uses.own(actor, id).await?;
    let key = visit.kit.tokens().one_time();
    let mut form = form(id, key).fill(posted.pairs());
    show_errors(&mut form, error);
    let code: StatusCode = status(error.kind);
    Ok(visit.render_with(code, OwnPage::TEMPLATE, TITLE, &view(&own, form)))
}

pub(super) async fn rate(
    State(web): State<Web<RatingRoom>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let visit = visit.enterprise_console();
    let id = FinancingApplicationId(id_of(&id)?);
    match send(&web, &actor, id, &posted).await {
        Ok(()) => {
            let here = format!("{}/rating", base(id));
            Ok(visit.redirect(&here, Some(("success", "感谢您的评价。"))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            again(&web, &visit, &actor, id, &posted, &error).await
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}
