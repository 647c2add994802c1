//! The number to call, and 登记通话 with the answers to the same few questions.

use application::{
    access::Actor,
    callbacks::{CallbackRoom, RecordCall, SeenCallback},
    error::{Kind, UseError},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::callback::CallbackStatus;

use super::{
    LIST, TITLE, crumbs,
    list::{OnePage, facts, view},
};
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

/// Shown for this answer alone: as of every page of somebody signed in no cache keeps it, and a reload asks again.
pub(super) async fn phone(
    State(web): State<Web<CallbackRoom>>,
    Path(id): Path<String>,
    Form(visit, _): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let (uses, by) = (web.uses.clone(), actor.clone());
    let opened = spawned(async move { uses.phone(&by, id).await }).await;
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return told(&visit, error, &format!("{LIST}/{id}")),
    };
    let seen = web.uses.view(&actor, id).await?;
    let page = view(&seen, opened.phone);
    Ok(visit.render(OnePage::TEMPLATE, TITLE, &page))
}

const YES_NO: [(&str, &str); 3] = [("yes", "是"), ("no", "否"), ("none", "不适用")];

fn page(seen: &SeenCallback, key: &str, typed: &Posted) -> AskPage {
    let one = &seen.callback;
    let back = format!("{LIST}/{}", one.id);
    let mut form = FormView::new(format!("{back}/call")).key(key);
    let choice = |name: &'static str, label: &str| Field::radio(name, label).value(typed.get(name));
    form.push(
        choice("reached", "是否接通")
            .required()
            .options([("yes", "已接通"), ("no", "未接通")]),
    );
    form.push(
        choice("disbursed", "1. 是否真实放款")
            .options(YES_NO)
            .hint("以下四项接通时必填，未接通时不填；没有获得贷款的选“不适用”。"),
    );
    form.push(choice("amount_matches", "2. 放款金额是否与平台记录一致").options(YES_NO));
    form.push(choice("extra_fees", "3. 是否收取额外费用").options([("yes", "是"), ("no", "否")]));
    form.push(choice("satisfaction", "4. 满意度").options([
        ("5", "5 分，很满意"),
        ("4", "4 分，满意"),
        ("3", "3 分，一般"),
        ("2", "2 分，不满意"),
        ("1", "1 分，很不满意"),
    ]));
    form.push(
        Field::textarea("call_note", "记录（选填）")
            .rows(4)
            .maxlength(500)
            .hint("最多 500 个字，保存后不能修改。")
            .value(typed.get("call_note")),
    );
    AskPage {
        title: "登记通话".to_owned(),
        lead: format!("第 {} 次通话，最多 3 次。保存后不能修改。", one.calls + 1),
        crumbs: crumbs(&[
            Link::new(&one.application_no, back.as_str()),
            Link::new("登记通话", ""),
        ]),
        rows: facts(one),
        form,
        yes: "保存",
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
    if !seen.may_call {
        let error = UseError::conflict("callback.done").with("status", seen.callback.status.zh());
        return told(&visit, error, &format!("{LIST}/{id}"));
    }
    let key = visit.kit.tokens().one_time();
    Ok(page(&seen, &key, &Posted::default()).drawn(&visit, None))
}

pub(super) async fn record(
    State(web): State<Web<CallbackRoom>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor: Actor = posted_by_staff(&visit)?;
    let visit = visit.staff_console();
    let callback = id_of(&id)?;
    let word = |name: &str| posted.get(name).to_owned();
    let once = once(&posted)?;
    let key = once.key.clone();
    let ask = RecordCall {
        callback,
        reached: word("reached"),
        disbursed: word("disbursed"),
        amount_matches: word("amount_matches"),
        extra_fees: word("extra_fees"),
        satisfaction: word("satisfaction"),
        note: word("call_note"),
        once,
    };
    let (uses, by) = (web.uses.clone(), actor.clone());
    let back = format!("{LIST}/{callback}");
    match spawned(async move { uses.record(&by, ask).await }).await {
        Ok(CallbackStatus::Open) => {
            let told = "已登记为未接通，可以再次拨打。";
            Ok(visit.redirect(&back, Some(("success", told))))
        }
        Ok(CallbackStatus::Unreached) => {
            let told = "三次都未接通，工单已办结。";
            Ok(visit.redirect(&back, Some(("success", told))))
        }
        Ok(CallbackStatus::Reached) => Ok(visit.redirect(
            &back,
            Some(("success", "回访已登记。如需处理，可以转为投诉。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let seen = web.uses.view(&actor, callback).await?;
            Ok(page(&seen, &key, &posted).drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &back),
    }
}
