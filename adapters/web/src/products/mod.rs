//! 产品管理 (H1): the bank's list, drafts, preview, 提交发布, 撤回提交 and 下架.

mod deeds;
pub(crate) mod facts;
mod form;
mod list;
mod samples;

pub use samples::samples;

use application::{
    catalogue::Showcase,
    error::UseError,
    ports::product_shelf::{DraftStatus, ShelfRow},
    products::Products,
};
use axum::Router;
use domain::{ids::ProductId, product::ProductStatus};

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    parts::{Link, Tag, TagKind},
};

/// Use cases of 产品管理, and what the public page is drawn with.
pub struct ProductDesk {
    pub products: Products,
    pub show: Showcase,
}

/// Every door of the room.
pub fn doors() -> Vec<Door<Web<ProductDesk>>> {
    let who = Who::Staff;
    vec![
        Door::get("/hq/products", who, list::list),
        Door::get("/hq/products/new", who, form::blank),
        Door::post("/hq/products/new", who, form::create),
        Door::get("/hq/products/{id}", who, list::detail),
        Door::get("/hq/products/{id}/edit", who, form::edit),
        Door::post("/hq/products/{id}/edit", who, form::save),
        Door::get("/hq/products/{id}/preview", who, deeds::preview),
        Door::get("/hq/products/{id}/submit", who, deeds::ask_submit),
        Door::post("/hq/products/{id}/submit", who, deeds::submit),
        Door::get("/hq/products/{id}/take-back", who, deeds::ask_back),
        Door::post("/hq/products/{id}/take-back", who, deeds::take_back),
        Door::get("/hq/products/{id}/off", who, deeds::ask_off),
        Door::post("/hq/products/{id}/off", who, deeds::off),
    ]
}

pub fn routes(web: Web<ProductDesk>) -> Router {
    doors::router(doors(), web)
}

const LIST: &str = "/hq/products";

fn base(id: ProductId) -> String {
    format!("{LIST}/{id}")
}

fn id_of(text: &str) -> Result<ProductId, WebError> {
    text.parse()
        .map(ProductId)
        .map_err(|_| WebError(UseError::not_found()))
}

fn crumbs(name: &str, id: Option<ProductId>, here: Option<&str>) -> Vec<Link> {
    let mut links = vec![Link::new("机构工作台", "/hq"), Link::new("产品管理", LIST)];
    links.extend(id.map(|id| Link::new(name, base(id))));
    links.extend(here.map(|label| Link::new(label, "")));
    links
}

pub(crate) fn status_tag(status: ProductStatus) -> Tag {
    let kind = match status {
        ProductStatus::Published => TagKind::Success,
        ProductStatus::InReview => TagKind::Info,
        ProductStatus::Draft | ProductStatus::OffShelf => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}

pub(crate) fn draft_tag(status: DraftStatus) -> Tag {
    let kind = match status {
        DraftStatus::InReview => TagKind::Info,
        DraftStatus::Returned => TagKind::Warning,
        DraftStatus::Draft => TagKind::Neutral,
        DraftStatus::Published => TagKind::Success,
    };
    Tag::new(status.zh(), kind)
}

/// What a product is called in the list: the published state, or the draft's before there is one.
fn row_tag(row: &ShelfRow) -> Tag {
    row.status.map_or_else(
        || draft_tag(row.draft.unwrap_or(DraftStatus::Draft)),
        status_tag,
    )
}
