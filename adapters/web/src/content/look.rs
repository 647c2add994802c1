//! One text: what stands, what is written beside it, its history; the preview, and an older version.

use application::{
    content::{ContentForm, Opened, PieceState, tags_of},
    error::{Kind, UseError},
    ports::{
        attachments::Attachment,
        content::{AgreementVersion, ContentKind, PieceVersion},
    },
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::{ContentDesk, base, crumbs, draft_tag, facts, list::state_tag, subsidy};
use crate::{
    console::told,
    errors::WebError,
    kit::Web,
    parts::{Block, Cell, Described, Link, Table, Tag},
    show,
    visit::{StaffVisit, id_of},
};

/// One text and what may be done with it.
#[derive(Serialize)]
pub(super) struct DetailPage {
    pub crumbs: Vec<Link>,
    pub title: String,
    pub lead: String,
    pub tags: Vec<Tag>,
    pub returned: String,
    pub returned_by: String,
    /// What keeps the reader from acting on a draft that waits; empty: nothing.
    pub waits: String,
    pub withdrawn: String,
    pub actions: Vec<Action>,
    pub picture: Option<Shot>,
    pub changes: Option<Table>,
    pub unchanged: bool,
    pub draft: Vec<Described>,
    pub blocks: Vec<Block>,
    pub files: Vec<Described>,
    pub public_href: String,
    pub history: Table,
}

/// A picture with its words.
#[derive(Clone, Serialize)]
pub(super) struct Shot {
    pub src: String,
    pub alt: String,
}

#[derive(Serialize)]
pub(super) struct Action {
    pub label: &'static str,
    pub href: String,
    pub kind: &'static str,
}

impl DetailPage {
    pub const TEMPLATE: &'static str = "content/detail.html";
}

fn action(there: bool, label: &'static str, href: String, kind: &'static str) -> Option<Action> {
    there.then_some(Action { label, href, kind })
}

fn actions(opened: &Opened) -> Vec<Action> {
    let href = base(opened.id);
    let open = opened.open_draft().is_some();
    let waits = opened.is_in_review();
    let writing = open && !waits;
    let has_files = matches!(
        opened.kind,
        ContentKind::Policy | ContentKind::News | ContentKind::Banner
    );
    let files = if opened.kind == ContentKind::Banner {
        "上传图片"
    } else {
        "管理附件"
    };
    let edit = match (open, opened.kind) {
        (true, _) => "继续修改",
        (false, ContentKind::Agreement) => "修订协议",
        (false, _) => "修改",
    };
    let to = |path: &str| format!("{href}/{path}");
    let up = opened.latest().is_some_and(|v| !v.withdrawn);
    let mut all = vec![
        action(
            opened.may_check && waits,
            "通过发布",
            to("publish"),
            "primary",
        ),
        action(opened.may_check && waits, "退回", to("return"), "danger"),
        action(
            opened.may_submit && writing,
            "提交复核",
            to("submit"),
            "primary",
        ),
        action(
            opened.may_submit && opened.is_author && waits,
            "撤回提交",
            to("take-back"),
            "line",
        ),
        action(
            opened.may_save && !waits && (open || opened.kind != ContentKind::Agreement),
            edit,
            to("edit"),
            if open { "line" } else { "primary" },
        ),
        action(
            opened.may_save && writing && has_files,
            files,
            to("files"),
            "line",
        ),
        action(open, "预览", to("preview"), "line"),
    ];
    all.push(action(
        opened.may_withdraw && up && opened.kind != ContentKind::About,
        "下线",
        to("withdraw"),
        "danger",
    ));
    all.into_iter().flatten().collect()
}

fn state(opened: &Opened) -> Option<PieceState> {
    let latest = opened.latest()?;
    Some(if latest.withdrawn {
        PieceState::Withdrawn
    } else if opened.shown().is_some() {
        PieceState::Shown
    } else if latest.visible_from.is_some_and(|from| from > opened.at) {
        PieceState::Scheduled
    } else {
        PieceState::Ended
    })
}

fn makers(version: &PieceVersion) -> String {
    if version.from_file {
        return "随平台初始内容发布".to_owned();
    }
    format!("编写：{}；复核：{}", version.written_by, version.checked_by)
}

fn piece_history(opened: &Opened) -> Table {
    let mut table = Table::new("历次发布")
        .column("版本", "nowrap")
        .column("标题", "")
        .column("编写和复核", "")
        .column("展示时间", "")
        .column("状态", "nowrap");
    let shown = opened.shown().map(|v| v.version);
    for one in &opened.versions {
        let state = if one.withdrawn {
            PieceState::Withdrawn
        } else if shown == Some(one.version) {
            PieceState::Shown
        } else if one.visible_from.is_some_and(|from| from > opened.at) {
            PieceState::Scheduled
        } else {
            PieceState::Ended
        };
        let tag = state_tag(state);
        let from = one.visible_from.map_or_else(
            || "随平台启用".to_owned(),
            |at| format!("{} 起", show::minute(at)),
        );
        table.push(vec![
            Cell::link(
                format!("第 {} 版", one.version),
                format!("{}/versions/{}", base(opened.id), one.version),
            ),
            Cell::text(&one.form.title),
            Cell::text(makers(one)).second(show::minute(one.recorded_at)),
            Cell::text(from),
            Cell::tag(tag.label, tag.kind),
        ]);
    }
    table
}

fn agreement_makers(version: &AgreementVersion) -> String {
    if version.from_file {
        return "随平台初始内容发布".to_owned();
    }
    format!("编写：{}；复核：{}", version.written_by, version.checked_by)
}

fn agreement_history(opened: &Opened) -> Table {
    let mut table = Table::new("历次版本")
        .column("版本", "nowrap")
        .column("施行时间", "nowrap")
        .column("编写和复核", "")
        .column("修订说明", "wrap")
        .column("已同意人数", "num");
    for one in &opened.agreements {
        let again = if one.text.reconsent {
            "须重新同意"
        } else {
            ""
        };
        table.push(vec![
            Cell::link(
                &one.text.version,
                format!("{}/versions/{}", base(opened.id), one.text.version),
            )
            .second(again),
            Cell::text(show::minute(one.text.published_at)),
            Cell::text(agreement_makers(one)).second(show::minute(one.recorded_at)),
            Cell::text(if one.text.change_note.is_empty() {
                "-"
            } else {
                &one.text.change_note
            }),
            Cell::text(one.accepted.to_string()),
        ]);
    }
    table
}

fn history(opened: &Opened) -> Table {
    if opened.kind == ContentKind::Agreement {
        agreement_history(opened)
    } else {
        piece_history(opened)
    }
}

/// Files that a form lists, in its order.
pub(super) fn listed<'a>(opened: &'a Opened, form: &ContentForm) -> Vec<&'a Attachment> {
    let find = |id| opened.files.iter().find(|f| f.id == id);
    form.files.iter().filter_map(|id| find(*id)).collect()
}

fn file_rows(opened: &Opened, form: &ContentForm) -> Vec<Described> {
    listed(opened, form)
        .into_iter()
        .map(|file| {
            let href = format!("{}/files/{}", base(opened.id), file.id);
            Described::cell(file.kind.zh(), Cell::link(&file.title, href))
        })
        .collect()
}

fn public_href(opened: &Opened) -> String {
    if opened.kind == ContentKind::Agreement {
        let code = opened.draft.as_ref().map(|d| d.code.as_str());
        return code.map_or_else(String::new, |code| format!("/agreements/{code}"));
    }
    if opened.shown().is_none() {
        return String::new();
    }
    match opened.kind {
        ContentKind::Policy => format!("/policies/{}", opened.id),
        ContentKind::News => format!("/news/{}", opened.id),
        ContentKind::About => "/about".to_owned(),
        ContentKind::Banner => "/".to_owned(),
        ContentKind::Agreement => String::new(),
    }
}

fn shot(opened: &Opened, form: &ContentForm) -> Option<Shot> {
    form.picture?;
    Some(Shot {
        src: format!("{}/picture?of={}", base(opened.id), opened.revision()),
        alt: form.title.clone(),
    })
}

/// What was published last, as a form.
fn published(opened: &Opened) -> Option<ContentForm> {
    if let Some(newest) = opened.agreements.first() {
        return Some(ContentForm {
            title: newest.text.title.clone(),
            body: newest.text.body.clone(),
            ..ContentForm::default()
        });
    }
    opened.latest().map(|v| v.form.clone())
}

fn waits(opened: &Opened) -> String {
    let Some(draft) = opened.draft.as_ref().filter(|_| opened.is_in_review()) else {
        return String::new();
    };
    let at = draft.submitted_at.map_or_else(String::new, show::minute);
    let by = draft.author_names.join("、");
    let rest = if opened.is_author {
        "您参与了编写，须由另一位运营人员复核。"
    } else if opened.may_check {
        "请核对后通过发布，或退回并写明原因。"
    } else {
        "复核期间不能修改。"
    };
    format!("{by}于 {at} 提交复核。{rest}")
}

async fn page(desk: &ContentDesk, visit: &crate::visit::Visit, opened: &Opened) -> DetailPage {
    let city = visit.city.id;
    let draft = opened.open_draft();
    let form = opened.form();
    let mut tags: Vec<Tag> = state(opened).map(state_tag).into_iter().collect();
    if let Some(draft) = draft {
        let tag = draft_tag(draft.status);
        let label = if tags.is_empty() {
            tag.label
        } else {
            format!("修改稿：{}", tag.label)
        };
        tags.push(Tag::new(label, tag.kind));
    }
    let old = published(opened);
    let now = facts::facts(&desk.show, city, opened.kind, &form).await;
    let changes = match (&old, draft) {
        (Some(old), Some(_)) => {
            let old = facts::facts(&desk.show, city, opened.kind, old).await;
            Some(facts::changes(&old, &now))
        }
        _ => None,
    };
    let withdrawn = opened
        .latest()
        .filter(|v| v.withdrawn)
        .map(|v| {
            let at = v.withdrawn_at.map_or_else(String::new, show::minute);
            format!("{}于 {at} 下线。原因：{}", v.withdrawn_by, v.withdrawn_note)
        })
        .unwrap_or_default();
    DetailPage {
        crumbs: crumbs(opened.kind, Some((opened.id, &opened.title())), None),
        title: opened.title(),
        lead: opened.kind.zh().to_owned(),
        tags,
        returned: draft.map_or_else(String::new, |d| d.review_note.clone()),
        returned_by: draft.map_or_else(String::new, |d| d.reviewed_name.clone()),
        waits: waits(opened),
        withdrawn,
        actions: actions(opened),
        picture: shot(opened, &form),
        unchanged: changes.as_ref().is_some_and(|t| t.rows.is_empty()),
        changes: changes.filter(|t| !t.rows.is_empty()),
        draft: facts::described(&now),
        blocks: Block::parse(&form.body),
        files: file_rows(opened, &form),
        public_href: public_href(opened),
        history: history(opened),
    }
}

pub(super) async fn detail(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    let page = page(&web.uses, &visit, &opened).await;
    let visit = visit.standing_at(super::home(opened.kind));
    Ok(visit.render(DetailPage::TEMPLATE, &page.title, &page))
}

/// A text as its readers will see it, or saw it.
#[derive(Serialize)]
pub(super) struct ReadPage {
    pub crumbs: Vec<Link>,
    pub note_title: String,
    pub note: String,
    pub title: String,
    pub meta: String,
    pub tags: Vec<String>,
    pub summary: String,
    pub facts: Vec<Described>,
    pub picture: Option<Shot>,
    pub blocks: Vec<Block>,
    pub files: Vec<Described>,
    pub back: String,
    /// Takes the words up as a draft; empty: not offered.
    pub restore: String,
    pub revision: i32,
    pub key: String,
    pub submit: String,
}

impl ReadPage {
    pub const TEMPLATE: &'static str = "content/read.html";
}

fn reading(opened: &Opened, form: &ContentForm, here: &str) -> ReadPage {
    let policy = opened.kind == ContentKind::Policy;
    let rows = [
        ("发文字号", &form.document_no),
        ("发文单位", &form.issuer),
        ("政策类别", &form.category),
        ("办理方式", &form.delivery),
        ("适用对象", &form.audience),
        ("申报截止", &form.deadline),
    ];
    let banner = opened.kind == ContentKind::Banner;
    let facts = if policy {
        let named = rows
            .into_iter()
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(label, text)| Described::new(label, text));
        let given = subsidy::facts(&form.subsidy).into_iter();
        let given = given.filter(|_| !form.subsidy.kind.is_empty());
        let given = given.map(|(label, text)| Described::new(label, text));
        named.chain(given).collect()
    } else if banner {
        let link = if form.link.is_empty() {
            "不能点击"
        } else {
            &form.link
        };
        vec![Described::new("点击后打开", link)]
    } else {
        Vec::new()
    };
    let meta = [&form.source, &form.category];
    let meta: Vec<&str> = meta
        .into_iter()
        .filter(|m| !policy && !m.is_empty())
        .map(String::as_str)
        .collect();
    ReadPage {
        crumbs: crumbs(opened.kind, Some((opened.id, &opened.title())), Some(here)),
        note_title: String::new(),
        note: String::new(),
        title: form.title.clone(),
        meta: meta.join("　"),
        tags: tags_of(&form.tags),
        summary: if opened.kind == ContentKind::Agreement {
            String::new()
        } else {
            form.summary.clone()
        },
        facts,
        picture: shot(opened, form),
        blocks: Block::parse(&form.body),
        files: file_rows(opened, form),
        back: base(opened.id),
        restore: String::new(),
        revision: opened.revision(),
        key: String::new(),
        submit: String::new(),
    }
}

pub(super) async fn preview(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let actor = visit.actor().clone();
    let opened = web.uses.room.look(&actor, id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    // A draft is looked at as far as it goes; what it lacks is asked for when it is handed in.
    let complete = match web.uses.room.check_submission(&actor, &opened).await {
        Ok(_) => true,
        Err(error) if error.kind == Kind::Invalid => false,
        Err(error) => return told(&visit, error, &base(opened.id)),
    };
    let written = opened.form();
    let mut page = reading(&opened, &written, "预览");
    page.note_title = "这是预览，读者还看不到".to_owned();
    page.note = if complete {
        "复核通过并到展示时间后，按这里的内容展示。"
    } else {
        "草稿还有未填写或需要修改的项目，提交复核前会逐项提示。"
    }
    .to_owned();
    if complete && opened.may_submit && !opened.is_in_review() {
        page.submit = format!("{}/submit", base(opened.id));
    }
    let title = format!("预览：{}", written.title);
    let visit = visit.standing_at(super::home(opened.kind));
    Ok(visit.render(ReadPage::TEMPLATE, &title, &page))
}

pub(super) async fn version(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path((id, version)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    let visit = visit.0.staff_console();
    let missing = || WebError(UseError::not_found());
    let (label, form, note) = if opened.kind == ContentKind::Agreement {
        let found = opened.agreements.iter().find(|v| v.text.version == version);
        let found = found.ok_or_else(missing)?;
        let form = ContentForm {
            title: found.text.title.clone(),
            body: found.text.body.clone(),
            ..ContentForm::default()
        };
        (format!("版本 {version}"), form, agreement_makers(found))
    } else {
        let found = opened
            .versions
            .iter()
            .find(|v| v.version.to_string() == version);
        let found = found.ok_or_else(missing)?;
        (
            format!("第 {version} 版"),
            found.form.clone(),
            makers(found),
        )
    };
    let mut page = reading(&opened, &form, &label);
    page.note_title = label;
    page.note = note;
    if opened.may_save && !opened.is_in_review() {
        page.restore = format!("{}/versions/{version}/restore", base(opened.id));
        page.key = visit.kit.tokens().one_time();
    }
    // Only the picture of the draft or the newest version has an address here.
    if opened.form().picture != form.picture {
        page.picture = None;
    }
    let title = format!("{}（{}）", form.title, page.note_title);
    let visit = visit.standing_at(super::home(opened.kind));
    Ok(visit.render(ReadPage::TEMPLATE, &title, &page))
}
