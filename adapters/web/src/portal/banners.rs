//! 首页轮播图: pictures beside each other with their words, and the door of a picture.

use application::{
    catalogue::{Showcase, Snapshot},
    error::UseError,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Serialize;

use super::snapshot;
use crate::{
    content::jpeg,
    errors::WebError,
    kit::Web,
    visit::{Visit, id_of},
};

/// A banner as the home page shows it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct BannerView {
    pub title: String,
    /// Empty: it leads nowhere.
    pub href: String,
    pub src: String,
    pub width: i32,
    pub height: i32,
}

pub(super) fn views(snapshot: &Snapshot) -> Vec<BannerView> {
    let all = snapshot.content.banners.iter();
    all.map(|one| BannerView {
        title: one.title.clone(),
        href: one.link.clone(),
        src: format!("/banners/{}", one.picture),
        width: one.size.0,
        height: one.size.1,
    })
    .collect()
}

/// Only the picture of a banner that is shown now.
pub(super) async fn picture(
    State(web): State<Web<Showcase>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let shown = snapshot(&web, &visit).await?;
    if !shown.content.banners.iter().any(|b| b.picture == id) {
        return Err(UseError::not_found().into());
    }
    let (handouts, network) = (&web.uses.handouts, visit.origin.network());
    let bytes = handouts.picture(visit.city.id, id, &network).await?;
    // A picture never changes under its name.
    Ok(jpeg(bytes, "public, max-age=86400"))
}
