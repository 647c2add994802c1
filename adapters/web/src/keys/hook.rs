//! 事件推送: the address, a try, and what was told.

use application::{
    access::Action,
    bank_api::KeysCase,
    error::{Kind, UseError},
    ports::webhooks::{Delivery, DeliveryStatus},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use uuid::Uuid;

use super::{
    BASE, HOOK, Room, crumbs,
    list::hook_rows,
    pages::{DeliveryLine, HookPage, IssuedPage},
    to_proof,
};
use crate::{
    branch::{staff, told},
    console::show_errors,
    errors::WebError,
    forms::{Field, FormView},
    parts::{Described, Tag, TagKind},
    posted::{Form, Posted, once},
    show,
    spawned::spawned,
    visit::{StaffVisit, Visit},
};

pub(super) async fn show(State(web): State<Room>, visit: StaffVisit) -> Result<Response, WebError> {
    let case = web.uses.look(visit.actor()).await?;
    let visit = visit.0.staff_console();
    let form = fields(&visit.kit.tokens().one_time());
    Ok(drawn(&visit, &case, form, StatusCode::OK))
}

fn fields(key: &str) -> FormView {
    FormView::new(HOOK).key(key).with(
        Field::text("hook_url", "推送地址")
            .required()
            .hint("以 https:// 开头的公网域名，端口为 443 或 8443。更换地址会生成新的签名密钥。")
            .maxlength(300)
            .inputmode("url")
            .autocomplete("off"),
    )
}

fn line(visit: &Visit, case: &KeysCase, one: &Delivery) -> DeliveryLine {
    let kind = match one.status {
        DeliveryStatus::Waiting => TagKind::Warning,
        DeliveryStatus::Done => TagKind::Success,
        DeliveryStatus::Parked => TagKind::Danger,
    };
    let told = match (one.answered, one.last_error.as_str()) {
        (Some(status), _) => format!("返回 {status}"),
        (None, "") => "-".to_owned(),
        (None, "stopped") => "已停止推送".to_owned(),
        (None, _) => "没有连接成功".to_owned(),
    };
    let again = one.status == DeliveryStatus::Parked
        && case.may_change
        && case.hook.as_ref().is_some_and(|hook| hook.active);
    DeliveryLine {
        at: show::minute(one.created_at),
        event: one.event.clone(),
        status: Tag::new(one.status.zh(), kind),
        tries: format!("{} 次", one.tries),
        told,
        action: format!("{HOOK}/{}", one.id),
        key: if again {
            visit.kit.tokens().one_time()
        } else {
            String::new()
        },
    }
}

fn drawn(visit: &Visit, case: &KeysCase, form: FormView, status: StatusCode) -> Response {
    let page = HookPage {
        crumbs: crumbs("事件推送"),
        rows: hook_rows(case.hook.as_ref()),
        active: case.hook.as_ref().is_some_and(|hook| hook.active),
        may_change: case.may_change,
        keys: std::array::from_fn(|_| visit.kit.tokens().one_time()),
        form,
        lines: case
            .deliveries
            .iter()
            .map(|one| line(visit, case, one))
            .collect(),
        back: BASE.to_owned(),
    };
    visit.render_with(status, HookPage::TEMPLATE, "事件推送", &page)
}

pub(super) async fn set(
    State(web): State<Room>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    if let Some(to_proof) = to_proof(&visit, &actor, Action::Save).await {
        return Ok(to_proof);
    }
    let visit = visit.staff_console();
    let (uses, key, who) = (web.uses.clone(), once(&posted)?, actor.clone());
    let (done, outcome) = match posted.action() {
        "stop" => (
            "已停止推送，尚未送达的事件不再推送。",
            spawned(async move { uses.stop_hook(&who, &key).await }).await,
        ),
        "ping" => (
            "测试事件已加入推送，请稍后查看推送记录。",
            spawned(async move { uses.ping(&who, &key).await }).await,
        ),
        _ => {
            let url = posted.get("hook_url").to_owned();
            match spawned(async move { uses.set_hook(&who, &url, &key).await }).await {
                Ok(Some(secret)) => return Ok(issued(&visit, posted.get("hook_url"), secret)),
                Ok(None) => ("推送地址此前已经设置，签名密钥不会再次显示。", Ok(())),
                Err(error) if error.kind == Kind::Invalid => {
                    let case = web.uses.look(&actor).await?;
                    return Ok(again(&visit, &case, &posted, &error));
                }
                Err(error) => ("", Err(error)),
            }
        }
    };
    match outcome {
        Ok(()) => Ok(visit.redirect(HOOK, Some(("success", done)))),
        Err(error) => told(&visit, error, HOOK),
    }
}

fn again(visit: &Visit, case: &KeysCase, posted: &Posted, error: &UseError) -> Response {
    let mut form = fields(&visit.kit.tokens().one_time()).fill(posted.pairs());
    show_errors(&mut form, error);
    drawn(visit, case, form, StatusCode::UNPROCESSABLE_ENTITY)
}

fn issued(visit: &Visit, url: &str, secret: String) -> Response {
    let page = IssuedPage {
        title: "推送地址已设置".to_owned(),
        rows: vec![Described::new("推送地址", url)],
        secret,
        note: "每次推送都用这个密钥签名，请在接收系统中核对签名后再处理。".to_owned(),
        back: HOOK.to_owned(),
    };
    visit.render(IssuedPage::TEMPLATE, "推送地址已设置", &page)
}

pub(super) async fn send_again(
    State(web): State<Room>,
    Path(id): Path<Uuid>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = staff(&visit)?;
    let visit = visit.staff_console();
    let (uses, key) = (web.uses.clone(), once(&posted)?);
    match spawned(async move { uses.send_again(&actor, id, &key).await }).await {
        Ok(()) => Ok(visit.redirect(HOOK, Some(("success", "已重新加入推送。")))),
        Err(error) => told(&visit, error, HOOK),
    }
}
