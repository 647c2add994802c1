//! 附件 and 图片 beside a draft.

use application::{
    content::Opened,
    error::{Kind, UseError},
    memory::Loaded,
    ports::content::ContentKind,
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;
use uuid::Uuid;

use super::{ContentDesk, base, crumbs, look::listed};
use crate::{
    console::{show_errors, told},
    errors::WebError,
    forms::{Field, FormView},
    kit::Web,
    parts::Link,
    portal::download,
    posted::Form,
    spawned::{spawned, spawned_holding},
    visit::{StaffVisit, Visit, id_of},
};

/// 管理附件, 上传图片.
#[derive(Serialize)]
pub(super) struct FilesPage {
    pub title: &'static str,
    pub lead: &'static str,
    pub crumbs: Vec<Link>,
    pub form: FormView,
    pub upload: &'static str,
    pub files: Vec<FileLine>,
    pub picture: String,
    pub alt: String,
    pub revision: i32,
    pub back: String,
    pub is_picture: bool,
}

/// A file of the draft.
#[derive(Clone, Serialize)]
pub(super) struct FileLine {
    pub title: String,
    pub note: String,
    pub href: String,
    pub remove: String,
}

impl FilesPage {
    pub const TEMPLATE: &'static str = "content/files.html";
}

fn form(opened: &Opened) -> FormView {
    let view = FormView::new(format!("{}/files", base(opened.id)))
        .with(Field::hidden("revision", opened.revision().to_string()));
    if opened.kind == ContentKind::Banner {
        return view.with(
            Field::file("picture", "图片", "image/jpeg,image/png")
                .required()
                .hint("JPG 或 PNG，不超过 10 MB；宽度不少于 600 像素，宽度至少是高度的 2 倍，建议 1200×400。图片里的文字请同时写在标题里。"),
        );
    }
    view.with(
        Field::text("file_title", "附件名称")
            .required()
            .hint("2–80 个字，不带扩展名，如“申报表”。")
            .maxlength(80),
    )
    .with(
        Field::file(
            "file",
            "文件",
            ".pdf,.docx,application/pdf,application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        )
        .required()
        .hint("PDF（不超过 10 页）或 Word 文档（DOCX，不含宏和嵌入对象），不超过 10 MB。"),
    )
}

fn page_of(opened: &Opened, form: FormView) -> FilesPage {
    let written = opened.form();
    let is_picture = opened.kind == ContentKind::Banner;
    let href = base(opened.id);
    let files = listed(opened, &written)
        .into_iter()
        .map(|file| FileLine {
            title: file.title.clone(),
            note: format!(
                "{}，{} KB",
                file.kind.zh(),
                (i64::from(file.byte_size) + 1023) / 1024
            ),
            href: format!("{href}/files/{}", file.id),
            remove: format!("{href}/files/{}/remove", file.id),
        })
        .collect();
    let title = if is_picture {
        "上传图片"
    } else {
        "管理附件"
    };
    FilesPage {
        title,
        lead: if is_picture {
            "图片会重新编码，去掉拍摄地点等信息。复核通过后才会展示。"
        } else {
            "附件随修改稿一起复核，复核通过后才能下载。"
        },
        crumbs: crumbs(opened.kind, Some((opened.id, &opened.title())), Some(title)),
        form,
        upload: if is_picture {
            "上传图片"
        } else {
            "上传附件"
        },
        picture: if is_picture && written.picture.is_some() {
            format!("{href}/picture?of={}", opened.revision())
        } else {
            String::new()
        },
        alt: written.title.clone(),
        files,
        revision: opened.revision(),
        back: href,
        is_picture,
    }
}

fn drawn(
    visit: &Visit,
    opened: &Opened,
    error: Option<&UseError>,
    typed: &[(String, String)],
) -> Response {
    let mut view = form(opened).fill(typed);
    let mut status = StatusCode::OK;
    if let Some(error) = error {
        status = if error.kind == Kind::TooLarge {
            StatusCode::PAYLOAD_TOO_LARGE
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        show_errors(&mut view, error);
    }
    let page = page_of(opened, view);
    let title = format!("{}：{}", page.title, opened.title());
    visit.render_with(status, FilesPage::TEMPLATE, &title, &page)
}

/// Files are put beside an open draft that does not wait.
fn ready(opened: &Opened) -> Result<(), UseError> {
    if opened.is_in_review() {
        return Err(UseError::conflict("content.in_review"));
    }
    if opened.open_draft().is_none() {
        return Err(UseError::conflict("content.no_draft"));
    }
    if matches!(opened.kind, ContentKind::About | ContentKind::Agreement) {
        return Err(UseError::not_found());
    }
    Ok(())
}

pub(super) async fn page(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    if !opened.may_save {
        return Err(WebError(UseError::denied()));
    }
    let visit = visit.0.staff_console();
    if let Err(error) = ready(&opened) {
        return told(&visit, error, &base(opened.id));
    }
    Ok(drawn(&visit, &opened, None, &[]))
}

pub(super) async fn add(
    State(web): State<Web<ContentDesk>>,
    Path(id): Path<String>,
    Form(visit, mut posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let opened = web.uses.room.look(&actor, id_of(&id)?).await?;
    let id = opened.id;
    if let Err(error) = ready(&opened) {
        return told(&visit, error, &base(id));
    }
    let is_picture = opened.kind == ContentKind::Banner;
    let field = if is_picture { "picture" } else { "file" };
    let revision = posted.get("revision").parse().unwrap_or(0);
    let title = posted.get("file_title").to_owned();
    let outcome = match posted.take_file(field) {
        None => Err(UseError::field(field, "upload.empty")),
        Some(file) => {
            let (uses, writer, bytes) = (web.uses.clone(), actor.clone(), file.bytes.to_vec());
            let kept = async move {
                let papers = &uses.papers;
                if is_picture {
                    papers.put_picture(&writer, id, revision, bytes).await
                } else {
                    papers.attach(&writer, id, revision, &title, bytes).await
                }
            };
            spawned_holding(posted.held(), Box::pin(kept)).await
        }
    };
    match outcome {
        Ok(()) => {
            let done = if is_picture {
                "图片已上传。"
            } else {
                "附件已上传。"
            };
            Ok(visit.redirect(&format!("{}/files", base(id)), Some(("success", done))))
        }
        Err(error) if matches!(error.kind, Kind::Invalid | Kind::TooLarge) => {
            Ok(drawn(&visit, &opened, Some(&error), posted.pairs()))
        }
        Err(error) => told(&visit, error, &base(id)),
    }
}

pub(super) async fn remove(
    State(web): State<Web<ContentDesk>>,
    Path((id, file)): Path<(String, String)>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = visit.staff_actor()?.clone();
    let visit = visit.staff_console();
    let (id, file) = (id_of(&id)?, id_of(&file)?);
    let revision = posted.get("revision").parse().unwrap_or(0);
    let opened = web.uses.room.look(&actor, id).await?;
    if let Err(error) = ready(&opened) {
        return told(&visit, error, &base(id));
    }
    let uses = web.uses.clone();
    let done = spawned(async move { uses.papers.detach(&actor, id, revision, file).await }).await;
    match done {
        Ok(()) => Ok(visit.redirect(
            &format!("{}/files", base(id)),
            Some(("success", "附件已从修改稿中移除。")),
        )),
        Err(error) => told(&visit, error, &base(id)),
    }
}

pub(super) async fn fetch(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (id, file) = (id_of(&id)?, id_of(&file)?);
    let (found, bytes) = web.uses.papers.file(visit.actor(), id, file).await?;
    Ok(download(&found, bytes))
}

/// The picture of the draft, else of the newest version.
pub(super) async fn picture(
    State(web): State<Web<ContentDesk>>,
    visit: StaffVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let opened = web.uses.room.look(visit.actor(), id_of(&id)?).await?;
    let picture: Option<Uuid> = opened.form().picture;
    let picture = picture.ok_or_else(|| WebError(UseError::not_found()))?;
    let bytes = web.uses.papers.picture(visit.actor(), picture).await?;
    Ok(jpeg(bytes, "no-store"))
}

/// A picture that our own code has encoded.
pub(crate) fn jpeg(bytes: Loaded, cache: &'static str) -> Response {
    let mut response = Bytes::from_owner(bytes).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, cache),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
