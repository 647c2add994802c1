//! 预览, 提交发布, 撤回提交, 下架.

use application::{
    error::{Kind, UseError},
    ports::catalogue::Catalogue as _,
    products::{ProductRoom, SeenDraft, TakeOff},
    two_people::Withdrawal,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::product::ProductStatus;

use super::{ProductDesk, base, crumbs, facts, form, id_of};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::Described,
    portal,
    posted::{Form, once},
    spawned::spawned,
    two_people::withdraw_field,
    visit::{StaffVisit, Visit},
};

/// The form again, because the draft is not complete.
fn incomplete(desk: &ProductDesk, visit: &Visit, room: &ProductRoom, error: &UseError) -> Response {
    let written = room.form();
    let sheet = form::Sheet {
        id: Some(room.id),
        name: room.name(),
        revision: room.revision(),
        key: visit.kit.tokens().one_time(),
        form: &written,
        branches: &room.branches,
    };
    form::drawn(desk, visit, &sheet, Some(error))
}

/// The draft as the public page will show it.
pub(super) async fn preview(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let actor = visit.actor().clone();
    match web.uses.products.preview(&actor, id).await {
        Ok(product) => {
            let snapshot = web.uses.show.portal.snapshot(visit.0.city.id).await?;
            Ok(portal::preview(
                &web.uses.show,
                &visit.0,
                &snapshot,
                &product,
                base(id),
            ))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let room = web.uses.products.look(&actor, id).await?;
            Ok(incomplete(
                &web.uses,
                &visit.0.staff_console(),
                &room,
                &error,
            ))
        }
        Err(error) => Err(WebError(error)),
    }
}

fn submit_page(desk: &ProductDesk, room: &ProductRoom, key: &str) -> AskPage {
    let written = facts::facts(&desk.products.lists, &room.branches, &room.form());
    let href = base(room.id);
    AskPage {
        title: format!("要提交“{}”，请平台审核发布吗？", room.form().product_name),
        lead:
            "提交后在审核期间不能修改。审核通过后立即对企业展示，已提交的申请仍按原来的版本办理。"
                .to_owned(),
        crumbs: crumbs(&room.name(), Some(room.id), Some("提交发布")),
        rows: facts::described(&written),
        form: FormView::new(format!("{href}/submit"))
            .key(key)
            .with(Field::hidden("revision", room.revision().to_string())),
        yes: "提交发布",
        no: "暂不提交",
        back: href,
        danger: false,
    }
}

pub(super) async fn ask_submit(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let room = web.uses.products.look(visit.actor(), id).await?;
    let checked = web.uses.products.check_submission(visit.actor(), id).await;
    let visit = visit.0.staff_console();
    match checked {
        Ok(_) => {
            let key = visit.kit.tokens().one_time();
            Ok(submit_page(&web.uses, &room, &key).drawn(&visit, None))
        }
        Err(error) if error.kind == Kind::Invalid => {
            Ok(incomplete(&web.uses, &visit, &room, &error))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

pub(super) async fn submit(
    State(web): State<Web<ProductDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let ask = SeenDraft {
        product: id,
        revision: posted.get("revision").parse().unwrap_or(0),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.products.submit(&writer, ask).await }).await {
        Ok(()) => Ok(visit.redirect(
            &base(id),
            Some((
                "success",
                "已提交，请等待平台审核。审核结果会通过消息通知。",
            )),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let room = web.uses.products.look(&actor, id).await?;
            Ok(incomplete(&web.uses, &visit, &room, &error))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

fn back_page(room: &ProductRoom, key: &str, reason: &str) -> AskPage {
    let href = base(room.id);
    let name = room.form().product_name;
    AskPage {
        title: format!("要撤回提交的“{name}”吗？"),
        lead: "撤回后平台不再审核这份修改稿，可以修改后重新提交发布。已发布的内容不变。".to_owned(),
        crumbs: crumbs(&room.name(), Some(room.id), Some("撤回提交")),
        rows: vec![Described::new("产品名称", name)],
        form: FormView::new(format!("{href}/take-back"))
            .key(key)
            .with(Field::hidden("revision", room.revision().to_string()))
            .with(withdraw_field().value(reason)),
        yes: "撤回提交",
        no: "暂不撤回",
        back: href,
        danger: true,
    }
}

pub(super) async fn ask_back(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let room = web.uses.products.look(visit.actor(), id).await?;
    if !room.may_submit {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    if !room.is_in_review() {
        let error = UseError::conflict("products.nothing_to_take_back");
        return told(&visit, error, &base(id));
    }
    let key = visit.kit.tokens().one_time();
    Ok(back_page(&room, &key, "").drawn(&visit, None))
}

pub(super) async fn take_back(
    State(web): State<Web<ProductDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let revision = posted.get("revision").parse().unwrap_or(0);
    let ask = Withdrawal {
        asked: id.0,
        reason: posted.get("withdraw_reason").to_owned(),
        once: once(&posted)?,
    };
    let key = ask.once.key.clone();
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.products.take_back(&writer, revision, ask).await }).await {
        Ok(()) => Ok(visit.redirect(
            &base(id),
            Some(("success", "已撤回，可以修改后重新提交发布。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let room = web.uses.products.look(&actor, id).await?;
            let page = back_page(&room, &key, posted.get("withdraw_reason"));
            Ok(page.drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

fn off_page(room: &ProductRoom, key: &str, reason: &str) -> AskPage {
    let href = base(room.id);
    AskPage {
        title: format!("要下架“{}”吗？", room.name()),
        lead: "下架后企业不能再申请这款产品，已提交的申请继续办理。".to_owned(),
        crumbs: crumbs(&room.name(), Some(room.id), Some("下架产品")),
        rows: vec![Described::new("产品名称", room.name())],
        form: FormView::new(format!("{href}/off")).key(key).with(
            Field::textarea("off_reason", "下架原因")
                .required()
                .hint("供本机构和平台查看，最多 500 个字。")
                .maxlength(500)
                .value(reason),
        ),
        yes: "下架产品",
        no: "暂不下架",
        back: href,
        danger: true,
    }
}

pub(super) async fn ask_off(
    State(web): State<Web<ProductDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let room = web.uses.products.look(visit.actor(), id).await?;
    if !room.may_submit {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    let published = room
        .shelved
        .as_ref()
        .is_some_and(|s| s.status == ProductStatus::Published);
    if !published {
        return told(
            &visit,
            UseError::conflict("products.not_on_shelf"),
            &base(id),
        );
    }
    let key = visit.kit.tokens().one_time();
    Ok(off_page(&room, &key, "").drawn(&visit, None))
}

pub(super) async fn off(
    State(web): State<Web<ProductDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let ask = TakeOff {
        product: id,
        reason: posted.get("off_reason").to_owned(),
        once: once(&posted)?,
    };
    let key = ask.once.key.clone();
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.products.take_off(&writer, ask).await }).await {
        Ok(()) => Ok(visit.redirect(
            &base(id),
            Some(("success", "产品已下架，企业不能再申请这款产品。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let room = web.uses.products.look(&actor, id).await?;
            let page = off_page(&room, &key, posted.get("off_reason"));
            Ok(page.drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}
