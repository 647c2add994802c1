//! 附件 of policies and news: a list beside the text, and a door that only ever downloads.

use application::{
    UseError,
    catalogue::Showcase,
    memory::Loaded,
    ports::{
        attachments::{Attachment, AttachmentKind},
        catalogue::{Article, ArticleKind},
    },
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::snapshot;
use crate::{
    errors::WebError,
    kit::Web,
    visit::{Visit, encode, id_of},
};

/// A line of the list.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct FileLine {
    pub title: String,
    /// `PDF，86 KB`.
    pub note: String,
    pub href: String,
}

/// The lines of an article: what it offers, in its own order.
pub(super) fn lines(path: &str, article: &Article, files: &[Attachment]) -> Vec<FileLine> {
    let mut offered: Vec<&Attachment> = files.iter().filter(|f| article.offers(f)).collect();
    if let Some(order) = &article.attachments {
        offered.sort_by_key(|f| order.iter().position(|id| *id == f.id));
    }
    offered
        .into_iter()
        .map(|file| FileLine {
            title: file.title.clone(),
            note: format!("{}，{}", file.kind.zh(), size(file.byte_size)),
            href: format!("{path}/{}/files/{}", file.article, file.id),
        })
        .collect()
}

fn size(bytes: i32) -> String {
    let kilobytes = (i64::from(bytes) + 1023) / 1024;
    if kilobytes < 1024 {
        format!("{kilobytes} KB")
    } else {
        format!("{}.{} MB", kilobytes / 1024, kilobytes % 1024 * 10 / 1024)
    }
}

pub(super) async fn fetch(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    Path((article, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (article, file) = (id_of(&article)?, id_of(&file)?);
    let shown = snapshot(&web, &visit).await?;
    // What was taken off the portal takes its files along.
    let text = shown
        .article(ArticleKind::Policy, article)
        .or_else(|| shown.article(ArticleKind::News, article))
        .ok_or_else(UseError::not_found)?;
    let (handouts, network) = (&web.uses.handouts, visit.origin.network());
    let (found, bytes) = handouts
        .open(visit.city.id, article, file, &network)
        .await?;
    if !text.offers(&found) {
        return Err(UseError::not_found().into());
    }
    Ok(download(&found, bytes))
}

/// Never shown inside the portal, never guessed at, never run.
pub(crate) fn download(file: &Attachment, bytes: Loaded) -> Response {
    let (kind, ending) = match file.kind {
        AttachmentKind::Pdf => ("application/pdf", "pdf"),
        AttachmentKind::Docx => (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
        ),
    };
    let mut response = Bytes::from_owner(bytes).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "private, max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Old browsers read the first name, the others the second, in Chinese.
    let disposition = format!(
        "attachment; filename=\"attachment.{ending}\"; filename*=UTF-8''{}",
        encode(&format!("{}.{ending}", file.title)).replace('/', "%2F")
    );
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
