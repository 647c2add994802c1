//! Files 企业材料 as the enterprise sees them: own ones only, never kept by a browser, never run (S-25).

use application::{files::Files, memory::Loaded};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::ids::FileId;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    visit::EnterpriseVisit,
};

pub fn doors() -> Vec<Door<Web<Files>>> {
    vec![Door::get("/enterprise/files/{id}", Who::Enterprise, open)]
}

pub fn routes(web: Web<Files>) -> Router {
    doors::router(doors(), web)
}

async fn open(
    State(web): State<Web<Files>>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = crate::visit::id_of(&id)?;
    let file = web.uses.open(visit.actor(), FileId(id)).await?;
    Ok(file_response(
        &file.row.kind,
        &file.row.media_type,
        file.bytes,
    ))
}

/// Pictures are shown, PDFs are only offered as a download (S-23).
pub fn file_response(kind: &str, media_type: &str, bytes: Loaded) -> Response {
    let picture = media_type == "image/jpeg";
    let (how, ending) = if picture {
        ("inline", "jpg")
    } else {
        ("attachment", "pdf")
    };
    let name: String = kind
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-')
        .take(40)
        .collect();
    let disposition = format!("{how}; filename=\"{name}.{ending}\"");
    let mut response = Bytes::from_owner(bytes).into_response();
    let headers = response.headers_mut();
    let kind = if picture {
        "image/jpeg"
    } else {
        "application/pdf"
    };
    for (header, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ] {
        headers.insert(header, HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
