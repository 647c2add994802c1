//! 转投诉: what was said on the phone, filed for the enterprise.

use application::{
    callbacks::{CallbackRoom, ComplainFor, SeenCallback},
    error::{Kind, UseError},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::complaint::ComplaintKind;

use super::{LIST, crumbs, list::facts};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::Link,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{StaffVisit, id_of, posted_by_staff},
};

fn page(seen: &SeenCallback, key: &str, typed: &Posted) -> AskPage {
    let one = &seen.callback;
    let back = format!("{LIST}/{}", one.id);
    let form = FormView::new(format!("{back}/complaint"))
        .key(key)
        .with(
            Field::radio("kind", "投诉类型")
                .required()
                .options(ComplaintKind::ALL.iter().map(|k| (k.code(), k.zh())))
                .value(typed.get("kind")),
        )
        .with(
            Field::textarea("complaint_body", "投诉内容")
                .required()
                .rows(6)
                .maxlength(2000)
                .hint("按企业在电话中的说法填写，企业可以看到。最多 2000 个字。")
                .value(typed.get("complaint_body")),
        );
    AskPage {
        title: "转为投诉".to_owned(),
        lead: "为企业登记投诉，得到投诉编号和答复时限，企业会收到通知。".to_owned(),
        crumbs: crumbs(&[
            Link::new(&one.application_no, back.as_str()),
            Link::new("转为投诉", ""),
        ]),
        rows: facts(one),
        form,
        yes: "登记投诉",
        no: "返回",
        back,
        danger: false,
    }
}

pub(super) async fn form(
    State(web): State<Web<CallbackRoom>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let seen = web.uses.view(visit.actor(), id).await?;
    let visit = visit.0.staff_console();
    if !seen.may_complain {
        let code = match seen.callback.complaint {
            Some(_) => "callback.complained_before",
            None => "callback.call_first",
        };
        return told(&visit, UseError::conflict(code), &format!("{LIST}/{id}"));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(&seen, &key, &Posted::default()).drawn(&visit, None))
}

pub(super) async fn complain(
    State(web): State<Web<CallbackRoom>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let callback = id_of(&id)?;
    let once = once(&posted)?;
    let key = once.key.clone();
    let ask = ComplainFor {
        callback,
        kind: posted.get("kind").to_owned(),
        body: posted.get("complaint_body").to_owned(),
        once,
    };
    let (uses, by) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.complain(&by, ask).await }).await {
        Ok(complaint) => {
            let told = "已登记投诉，企业会收到通知。";
            let here = format!("/operator/complaints/{complaint}");
            Ok(visit.redirect(&here, Some(("success", told))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.view(&actor, callback).await?;
            Ok(page(&seen, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &format!("{LIST}/{callback}")),
    }
}
