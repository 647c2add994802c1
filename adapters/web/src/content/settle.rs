//! 通过发布 and 退回, by a second person.

use application::{
    content::{Opened, SeenContent, SettleContent},
    error::{Kind, UseError},
    ports::content::ContentKind,
};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{ContentDesk, base, crumbs, home};
use crate::{
    console::{AskPage, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::Described,
    posted::{Form, once},
    spawned::spawned,
    visit::{StaffVisit, id_of},
};

fn when(opened: &Opened) -> String {
    let form = opened.form();
    match (opened.kind, form.show_from.trim()) {
        (ContentKind::Agreement, day) => format!("{day} 起施行"),
        (_, "") => "立即展示".to_owned(),
        (_, from) => format!("{from} 起展示"),
    }
}

fn ask_page(opened: &Opened, key: &str, note: Option<&str>) -> AskPage {
    let href = base(opened.id);
    let path = if note.is_some() { "return" } else { "publish" };
    let written = opened.form();
    let mut form = FormView::new(format!("{href}/{path}"))
        .key(key)
        .with(Field::hidden("revision", opened.revision().to_string()));
    if let Some(note) = note {
        form.push(
            Field::textarea("review_note", "退回原因")
                .required()
                .hint("编写人会看到，请写明需要修改什么，最多 500 个字。")
                .maxlength(500)
                .value(note),
        );
    }
    let (title, lead, yes) = if note.is_some() {
        (
            format!("要退回“{}”吗？", written.title),
            "退回后由编写人修改并重新提交，已发布的内容不变。",
            "退回修改稿",
        )
    } else if opened.kind == ContentKind::Agreement {
        (
            format!("要发布《{}》的新版本吗？", written.title),
            "发布后不能修改。施行前仍使用现行版本；已同意以前版本的记录保持不变。",
            "通过发布",
        )
    } else {
        (
            format!("要发布“{}”吗？", written.title),
            "发布后保留为新的版本，到展示时间自动对外展示。",
            "通过发布",
        )
    };
    let names = opened
        .draft
        .as_ref()
        .map(|d| d.author_names.join("、"))
        .unwrap_or_default();
    let mut rows = vec![
        Described::new("类别", opened.kind.zh()),
        Described::new("编写人", names),
        Described::new("时间", when(opened)),
    ];
    if opened.kind == ContentKind::Agreement {
        let again = if written.reconsent { "是" } else { "否" };
        rows.push(Described::new("须重新同意", again));
        rows.push(Described::new("修订说明", &written.summary));
    }
    AskPage {
        title,
        lead: lead.to_owned(),
        crumbs: crumbs(
            opened.kind,
            Some((opened.id, &opened.title())),
            Some(if note.is_some() {
                "退回"
            } else {
                "通过发布"
            }),
        ),
        rows,
        form,
        yes,
        no: "返回",
        back: href,
        danger: note.is_some(),
    }
}

async fn ask(
    web: Web<ContentDesk>,
    visit: StaffVisit,
    id: String,
    note: Option<&str>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    if !opened.may_check && !opened.is_author {
        return Err(WebError(UseError::denied()));
    }
    if !opened.is_in_review() {
        return told(
            &visit,
            UseError::conflict("content.not_in_review"),
            &base(opened.id),
        );
    }
    if opened.is_author {
        return told(
            &visit,
            UseError::conflict("content.own_draft"),
            &base(opened.id),
        );
    }
    let key = visit.kit.tokens().one_time();
    Ok(ask_page(&opened, &key, note).drawn(&visit, None))
}

pub(super) async fn ask_publish(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    ask(web, visit, id, None).await
}

pub(super) async fn ask_return(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    ask(web, visit, id, Some("")).await
}

pub(super) async fn publish(
    State(web): State<Web<ContentDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    settle(web, id, form, false).await
}

pub(super) async fn send_back(
    State(web): State<Web<ContentDesk>>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, WebError> {
    settle(web, id, form, true).await
}

async fn settle(
    web: Web<ContentDesk>,
    id: String,
    Form(visit, posted): Form,
    back: bool,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let id = id_of(&id)?;
    let note = posted.get("review_note").to_owned();
    let ask = SettleContent {
        seen: SeenContent {
            id,
            revision: posted.get("revision").parse().unwrap_or(0),
            once: once(&posted)?,
        },
        send_back: back.then(|| note.clone()),
    };
    let key = ask.seen.once.key.clone();
    let uses = web.uses.clone();
    let writer = actor.clone();
    match spawned(async move { uses.room.settle(&writer, ask).await }).await {
        Ok(()) => {
            let done = if back {
                "已退回，编写人会收到通知。"
            } else {
                "已发布，到展示时间自动生效。"
            };
            Ok(visit.redirect(&base(id), Some(("success", done))))
        }
        Err(error) if error.kind == Kind::Invalid => {
            let opened = web.uses.room.look(&actor, id).await?;
            if !opened.is_in_review() {
                return told(
                    &visit,
                    UseError::conflict("content.not_in_review"),
                    home(opened.kind),
                );
            }
            let page = ask_page(&opened, &key, back.then_some(note.as_str()));
            Ok(page.drawn(&visit, Some(&error)))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}
