//! 登记联系: when the branch called, and what came of it.

use application::{
    error::{Kind, UseError},
    ports::letters::{LetterKind, Side},
    thread::{Thread, TickOff},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{calendar::parse_minute, ids::FinancingApplicationId};
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Room, page};
use crate::{
    branch::staff,
    errors::WebError,
    financing::id_of,
    forms::{Field, FormView},
    parts::Link,
    posted::{Form, once},
    show,
    spawned::spawned,
    visit::StaffVisit,
    words,
};

const TEMPLATE: &str = "thread/called.html";
const TITLE: &str = "登记联系结果";

#[derive(Serialize)]
struct CalledPage {
    crumbs: Vec<Link>,
    asked: String,
    form: FormView,
    back: String,
}

/// A call has a minute: the day alone does not tell when.
fn moment(typed: &str) -> Option<OffsetDateTime> {
    parse_minute(typed).filter(|_| typed.contains([':', '：']))
}

fn view(thread: &Thread, letter: Uuid, form: FormView) -> Result<CalledPage, WebError> {
    let asked = thread
        .letters
        .iter()
        .find(|l| l.id == letter && l.kind == LetterKind::CallRequest)
        .filter(|_| thread.may_write)
        .ok_or_else(UseError::not_found)?;
    let words = format!("企业于 {} 请求回电。{}", show::minute(asked.at), asked.body);
    Ok(CalledPage {
        crumbs: page::crumbs(thread, &[TITLE]),
        asked: words,
        form,
        back: page::href(Side::Bank, thread.record.id),
    })
}

fn form_view(id: FinancingApplicationId, letter: Uuid, key: String, now: &str) -> FormView {
    FormView::new(format!("{}/{letter}/called", page::href(Side::Bank, id)))
        .key(key)
        .with(
            Field::text("at", "联系时间")
                .required()
                .width("m")
                .maxlength(16)
                .placeholder("例如 2026-03-05 09:30")
                .value(now),
        )
        .with(
            Field::textarea("outcome", "联系结果")
                .required()
                .rows(3)
                .maxlength(200)
                .hint("最多 200 个字，企业可以看到。"),
        )
}

pub(super) async fn form(
    State(web): State<Room>,
    visit: StaffVisit,
    Path((id, letter)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (id, letter) = (id_of(&id)?, id_of(&letter)?);
    let thread = web.uses.room.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    let now = show::minute(web.uses.room.watch.clock.now());
    let form = form_view(id, letter, visit.kit.tokens().one_time(), &now);
    Ok(visit.render(TEMPLATE, TITLE, &view(&thread, letter, form)?))
}

pub(super) async fn note(
    State(web): State<Room>,
    Path((id, letter)): Path<(String, String)>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let (id, letter) = (id_of(&id)?, id_of(&letter)?);
    let ask = TickOff {
        application: id,
        letter,
        at: moment(posted.get("at")),
        outcome: posted.get("outcome").to_owned(),
        once: once(&posted)?,
    };
    let visit = visit.staff_console();
    let (uses, who) = (web.uses.clone(), actor.clone());
    let here = page::href(Side::Bank, id);
    match spawned(async move { uses.room.tick_off(&who, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&here, Some(("success", "联系结果已登记。")))),
        Err(error) if error.kind == Kind::Conflict => {
            web.uses.room.view(&actor, id).await?;
            let text = words::error_text(&error);
            Ok(visit.redirect(&here, Some(("warning", &text))))
        }
        Err(error) if !error.fields.is_empty() => {
            let thread = web.uses.room.view(&actor, id).await?;
            let key = visit.kit.tokens().one_time();
            let mut form = form_view(id, letter, key, "").fill(posted.pairs());
            for problem in &error.fields {
                form.fail(&problem.field, words::field_text(problem));
            }
            let page = view(&thread, letter, form)?;
            Ok(visit.render_with(StatusCode::UNPROCESSABLE_ENTITY, TEMPLATE, TITLE, &page))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use crate::financing::ODD;
    let id = FinancingApplicationId(Uuid::nil());
    let mut form = form_view(id, Uuid::nil(), "k".to_owned(), ODD);
    form.fail("at", ODD);
    let page = CalledPage {
        crumbs: vec![Link::new(ODD, "")],
        asked: ODD.to_owned(),
        form,
        back: "/x".to_owned(),
    };
    vec![(TEMPLATE, serde_json::to_value(page).unwrap_or_default())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_typed_in_the_time_of_the_city() {
        let at = time::macros::datetime!(2026-03-05 01:30 UTC);
        assert_eq!(moment(" 2026-03-05 09:30 "), Some(at));
        assert_eq!(moment("2026-03-05"), None);
        assert_eq!(moment("昨天"), None);
    }
}
