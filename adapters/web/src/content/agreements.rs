//! 协议管理: every agreement in its versions, and the draft of the next one.

use application::{
    content::{AgreementLine, StartAgreement},
    error::UseError,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::{AGREEMENTS, ContentDesk, base, draft_tag};
use crate::{
    console::told,
    errors::WebError,
    kit::Web,
    parts::{Link, Tag, TagKind},
    posted::{Form, once},
    show,
    spawned::spawned,
    visit::{StaffVisit, encode},
};

/// 协议管理.
#[derive(Serialize)]
pub(super) struct AgreementsPage {
    pub crumbs: Vec<Link>,
    pub items: Vec<Item>,
    pub key: String,
}

/// One agreement.
#[derive(Serialize)]
pub(super) struct Item {
    pub title: String,
    pub now: String,
    pub coming: Vec<String>,
    pub tags: Vec<Tag>,
    pub href: String,
    pub text_href: String,
    /// Where its first draft is begun; empty: it has one, or the reader may not.
    pub start: String,
    pub versions: String,
}

impl AgreementsPage {
    pub const TEMPLATE: &'static str = "content/agreements.html";
}

fn item(line: &AgreementLine, may_save: bool) -> Item {
    let now = &line.now;
    let open = line.draft.as_ref().filter(|d| d.is_open());
    let mut tags = vec![Tag::new(
        format!("现行版本 {}", now.version),
        TagKind::Success,
    )];
    tags.extend(open.map(|draft| {
        let tag = draft_tag(draft.status);
        Tag::new(format!("修改稿：{}", tag.label), tag.kind)
    }));
    Item {
        title: format!("《{}》", now.title),
        now: format!("{} 起施行", now.effective),
        coming: line
            .coming
            .iter()
            .map(|v| {
                let again = if v.text.reconsent {
                    "，须重新同意"
                } else {
                    ""
                };
                format!(
                    "版本 {} 将于 {} 施行{again}",
                    v.text.version,
                    show::minute(v.text.published_at)
                )
            })
            .collect(),
        tags,
        href: line.draft.as_ref().map_or_else(String::new, |d| base(d.id)),
        text_href: format!("/agreements/{}", encode(&now.code)),
        start: if may_save && open.is_none() {
            format!("{AGREEMENTS}/{}/draft", now.code)
        } else {
            String::new()
        },
        versions: format!("共 {} 个版本", line.versions.max(1)),
    }
}

pub(super) async fn list(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
) -> Result<Response, WebError> {
    let lines = web.uses.room.agreements(visit.actor()).await?;
    let may_save = web
        .uses
        .room
        .watch
        .guard
        .may(
            visit.actor(),
            application::Room::Content,
            application::Action::Save,
        )
        .await;
    let visit = visit.0.staff_console();
    let page = AgreementsPage {
        crumbs: vec![
            Link::new("平台工作台", "/operator"),
            Link::new("协议管理", ""),
        ],
        items: lines.iter().map(|line| item(line, may_save)).collect(),
        key: visit.kit.tokens().one_time(),
    };
    Ok(visit.render(AgreementsPage::TEMPLATE, "协议管理", &page))
}

pub(super) async fn start(
    State(web): State<Web<ContentDesk>>,
    Path(code): Path<String>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    if code.len() > 64 {
        return Err(WebError(UseError::not_found()));
    }
    let ask = StartAgreement {
        code,
        once: once(&posted)?,
    };
    let uses = web.uses.clone();
    match spawned(async move { uses.room.start_agreement(&actor, ask).await }).await {
        Ok(id) => Ok(visit.redirect(&format!("{}/edit", base(id)), None)),
        Err(error) => told(&visit, error, AGREEMENTS),
    }
}
