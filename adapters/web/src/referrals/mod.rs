//! Referrals 推荐清单: the list, one enterprise of it, and the file it comes from.

mod list;
mod one;
mod pages;

use application::{error::UseError, imports::Imports, referrals::Referrals};
use axum::Router;
use domain::{referral::ReferralStatus, tenant::TenantKind};

pub use pages::samples;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    parts::{Link, Tag, TagKind},
    visit::Visit,
};

/// Use cases of the pages.
pub struct ReferralDesk {
    pub referrals: Referrals,
    pub imports: Imports,
}

type Room = Web<ReferralDesk>;

/// A file of 5 MB in its form.
const BODY: usize = 6 * 1024 * 1024;

pub fn doors() -> Vec<Door<Room>> {
    let who = Who::Staff;
    vec![
        Door::get("/hq/referrals", who, list::show),
        Door::get("/hq/referrals/import", who, list::form),
        Door::post("/hq/referrals/import", who, list::send).body(BODY),
        Door::get("/hq/referrals/{id}", who, one::show),
        Door::post("/hq/referrals/{id}", who, one::act),
        Door::get("/branch/referrals", who, list::show),
        Door::get("/branch/referrals/{id}", who, one::show),
        Door::post("/branch/referrals/{id}", who, one::act),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// The console that this person belongs to; under another one there is nothing.
fn base_of(visit: &Visit) -> Result<&'static str, WebError> {
    let base = match visit.actor().map(|actor| actor.tenant_kind) {
        Some(TenantKind::Branch) => "/branch/referrals",
        Some(TenantKind::Bank) => "/hq/referrals",
        _ => return Err(UseError::not_found().into()),
    };
    if visit.path.starts_with(base) {
        Ok(base)
    } else {
        Err(UseError::not_found().into())
    }
}

fn crumbs(base: &str, here: &str) -> Vec<Link> {
    vec![Link::new("推荐清单", base), Link::new(here, "")]
}

fn status_tag(status: ReferralStatus) -> Tag {
    let kind = match status {
        ReferralStatus::Waiting => TagKind::Warning,
        ReferralStatus::Contacted | ReferralStatus::Visited => TagKind::Info,
        ReferralStatus::Granted => TagKind::Success,
        ReferralStatus::Declined => TagKind::Neutral,
    };
    Tag::new(status.zh(), kind)
}
