//! 提交复核, 撤回提交, 下线, 恢复以前的版本.

use application::{
    content::{Named, Opened, SeenContent, TakeDown},
    error::{Kind, UseError},
    ports::content::ContentKind,
    two_people::Withdrawal,
};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{ContentDesk, base, crumbs, facts, form};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::Described,
    posted::{Form, once},
    spawned::spawned,
    two_people::withdraw_field,
    visit::{StaffVisit, Visit, id_of},
};

async fn submit_page(desk: &ContentDesk, visit: &Visit, opened: &Opened, key: &str) -> AskPage {
    let written = opened.form();
    let rows = facts::facts(&desk.show, visit.city.id, opened.kind, &written).await;
    let href = base(opened.id);
    AskPage {
        title: format!("要提交“{}”，请另一位运营人员复核吗？", written.title),
        lead: "提交后在复核期间不能修改。复核通过后按展示时间生效，参与编写的人不能复核。"
            .to_owned(),
        crumbs: crumbs(
            opened.kind,
            Some((opened.id, &opened.title())),
            Some("提交复核"),
        ),
        rows: facts::described(&rows),
        form: FormView::new(format!("{href}/submit"))
            .key(key)
            .with(Field::hidden("revision", opened.revision().to_string())),
        yes: "提交复核",
        no: "暂不提交",
        back: href,
        danger: false,
    }
}

pub(super) async fn ask_submit(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let opened = web.uses.room.look(&actor, id_of(&id)?).await?;
    if !opened.may_submit {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    if opened.is_in_review() {
        return told(
            &visit,
            UseError::conflict("content.in_review"),
            &base(opened.id),
        );
    }
    match web.uses.room.check_submission(&actor, &opened).await {
        Ok(_) => {
            let key = visit.kit.tokens().one_time();
            let page = submit_page(&web.uses, &visit, &opened, &key).await;
            Ok(page.drawn(&visit, None))
        }
        Err(error) if error.kind == Kind::Invalid => {
            Ok(form::incomplete(&web.uses, &visit, &opened, &error).await)
        }
        Err(error) => told(&visit, error, &base(opened.id)),
    }
}

pub(super) async fn submit(
    State(web): State<Web<ContentDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let ask = SeenContent {
        id,
        revision: posted.get("revision").parse().unwrap_or(0),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.room.submit(&writer, ask).await }).await {
        Ok(()) => Ok(visit.redirect(
            &base(id),
            Some(("success", "已提交，请另一位运营人员复核。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let opened = web.uses.room.look(&actor, id).await?;
            Ok(form::incomplete(&web.uses, &visit, &opened, &error).await)
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

fn back_page(opened: &Opened, key: &str, reason: &str) -> AskPage {
    let href = base(opened.id);
    let title = opened.form().title;
    AskPage {
        title: format!("要撤回提交的“{title}”吗？"),
        lead: "撤回后不再等待复核，可以修改后重新提交复核。已发布的内容不变。".to_owned(),
        crumbs: crumbs(
            opened.kind,
            Some((opened.id, &opened.title())),
            Some("撤回提交"),
        ),
        rows: vec![
            Described::new("标题", title),
            Described::new("类别", opened.kind.zh()),
        ],
        form: FormView::new(format!("{href}/take-back"))
            .key(key)
            .with(Field::hidden("revision", opened.revision().to_string()))
            .with(withdraw_field().value(reason)),
        yes: "撤回提交",
        no: "暂不撤回",
        back: href,
        danger: true,
    }
}

pub(super) async fn ask_back(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    if !opened.may_submit {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    let refusal = match (opened.is_in_review(), opened.is_author) {
        (true, true) => {
            let key = visit.kit.tokens().one_time();
            return Ok(back_page(&opened, &key, "").drawn(&visit, None));
        }
        (true, false) => "content.not_the_writer",
        (false, _) => "content.nothing_to_take_back",
    };
    told(&visit, UseError::conflict(refusal), &base(opened.id))
}

pub(super) async fn take_back(
    State(web): State<Web<ContentDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let revision = posted.get("revision").parse().unwrap_or(0);
    let ask = Withdrawal {
        asked: id,
        reason: posted.get("withdraw_reason").to_owned(),
        once: once(&posted)?,
    };
    let key = ask.once.key.clone();
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.room.take_back(&writer, revision, ask).await }).await {
        Ok(()) => Ok(visit.redirect(
            &base(id),
            Some(("success", "已撤回，可以修改后重新提交复核。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let opened = web.uses.room.look(&actor, id).await?;
            let page = back_page(&opened, &key, posted.get("withdraw_reason"));
            Ok(page.drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

fn withdraw_page(opened: &Opened, key: &str, reason: &str) -> AskPage {
    let href = base(opened.id);
    let lead = if opened.kind == ContentKind::Banner {
        "下线后首页不再展示。修改后重新提交复核，可再次展示。"
    } else {
        "下线后网站上不再展示，附件也不能再下载。修改后重新提交复核，可再次展示。"
    };
    AskPage {
        title: format!("要下线“{}”吗？", opened.title()),
        lead: lead.to_owned(),
        crumbs: crumbs(
            opened.kind,
            Some((opened.id, &opened.title())),
            Some("下线"),
        ),
        rows: vec![
            Described::new("标题", opened.title()),
            Described::new("类别", opened.kind.zh()),
        ],
        form: FormView::new(format!("{href}/withdraw")).key(key).with(
            Field::textarea("withdraw_note", "下线原因")
                .required()
                .hint("记入历史，供运营人员查看，最多 500 个字。")
                .maxlength(500)
                .value(reason),
        ),
        yes: "立即下线",
        no: "暂不下线",
        back: href,
        danger: true,
    }
}

pub(super) async fn ask_withdraw(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    if !opened.may_withdraw {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    if opened.latest().is_none_or(|v| v.withdrawn) {
        return told(
            &visit,
            UseError::conflict("content.not_up"),
            &base(opened.id),
        );
    }
    let key = visit.kit.tokens().one_time();
    Ok(withdraw_page(&opened, &key, "").drawn(&visit, None))
}

pub(super) async fn withdraw(
    State(web): State<Web<ContentDesk>>,
    Path(id): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let ask = TakeDown {
        named: Named {
            id,
            once: once(&posted)?,
        },
        reason: posted.get("withdraw_note").to_owned(),
    };
    let key = ask.named.once.key.clone();
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.room.withdraw(&writer, ask).await }).await {
        Ok(()) => Ok(visit.redirect(&base(id), Some(("success", "已下线，网站上不再展示。")))),
        Err(error) if error.kind == Kind::Invalid => {
            let opened = web.uses.room.look(&actor, id).await?;
            let page = withdraw_page(&opened, &key, posted.get("withdraw_note"));
            Ok(page.drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

pub(super) async fn restore(
    State(web): State<Web<ContentDesk>>,
    Path((id, version)): Path<(String, String)>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let ask = SeenContent {
        id,
        revision: posted.get("revision").parse().unwrap_or(0),
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.room.restore(&actor, ask, &version).await }).await {
        Ok(()) => Ok(visit.redirect(
            &format!("{}/edit", base(id)),
            Some(("success", "已恢复为草稿，请核对后提交复核。")),
        )),
        Err(error) => told(&visit, error, &base(id)),
    }
}
