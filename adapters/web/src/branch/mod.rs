//! Branch console 支行工作台: lists by due time, one application, and what its branch decides.

mod accept;
mod approval;
mod correction;
mod cursor;
mod deferral;
mod desk;
mod detail;
mod diligence;
mod due;
mod filters;
mod ground;
mod handing;
mod lending;
mod lists;
mod loans;
mod materials;
mod messages;
mod papers;
mod samples;
mod show;
mod single_step;
mod supervised;
mod supplement;
mod terms;

pub(crate) use cursor::{leaf, write_cursor};
pub(crate) use desk::capped;
pub(crate) use materials::{LINK_SECONDS, MaterialPage, link_fits, sealed_off, signature};
pub use samples::samples;
pub(crate) use show::{clock_name, due_words, urgency_cell};
pub(crate) use supervised::table as unread_notices;

use application::{
    access::Actor, approval::Approval, desk::Desk, diligence::Diligence, dossier::DossierRoom,
    intake::Intake, lending::Lending, messages::MessageBox, review::Review,
    supervision::Supervision,
};
use axum::Router;
use domain::tenant::TenantKind;

pub(crate) use crate::{console::told, visit::posted_by_staff as staff};
use crate::{
    deed::both,
    doors::{self, Door, Who},
    kit::Web,
    parts::Link,
    posted::once,
};

/// Use cases of the console.
pub struct Branch {
    pub desk: Desk,
    pub intake: Intake,
    pub review: Review,
    pub dossier: DossierRoom,
    pub diligence: Diligence,
    pub approval: Approval,
    pub lending: Lending,
    pub messages: MessageBox,
    pub supervision: Supervision,
}

/// Every door of the console.
pub fn doors() -> Vec<Door<Web<Branch>>> {
    [desk_doors(), paper_doors(), deed_doors()]
        .into_iter()
        .flatten()
        .collect()
}

/// 尽调, and what follows from it.
fn paper_doors() -> Vec<Door<Web<Branch>>> {
    let who = Who::Staff;
    vec![
        Door::get("/branch/approvals", who, approval::queue),
        Door::get(
            "/branch/applications/{id}/diligence",
            who,
            diligence::report,
        ),
        Door::post("/branch/applications/{id}/diligence", who, diligence::save),
        Door::post(
            "/branch/applications/{id}/diligence/photos",
            who,
            diligence::add_photo,
        )
        .body(diligence::PHOTO_BODY),
        Door::get(
            "/branch/applications/{id}/diligence/photos/{photo}",
            who,
            diligence::photo_page,
        ),
        Door::get(
            "/branch/applications/{id}/diligence/photos/{photo}/file",
            who,
            diligence::photo_file,
        ),
        Door::post(
            "/branch/applications/{id}/diligence/photos/{photo}/remove",
            who,
            diligence::remove_photo,
        ),
    ]
}

/// What is done to one application: a form, a check page, the deed.
fn deed_doors() -> Vec<Door<Web<Branch>>> {
    [
        both::<handing::Decline>(),
        both::<handing::Hand>(),
        both::<supplement::Supplement>(),
        both::<single_step::Approve>(),
        both::<single_step::Reject>(),
        both::<diligence::Start>(),
        both::<approval::Up>(),
        both::<approval::Agree>(),
        both::<approval::Pass>(),
        both::<approval::Refuse>(),
        both::<approval::GiveBack>(),
        both::<lending::Draw>(),
        both::<lending::Repay>(),
        both::<lending::Settle>(),
        both::<lending::Reply>(),
        both::<correction::Draw>(),
        both::<correction::Repayment>(),
        both::<correction::Check>(),
        both::<correction::TakeBack>(),
        both::<deferral::Answer>(),
        both::<deferral::Check>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Lists, one application, its acceptance, and the messages.
fn desk_doors() -> Vec<Door<Web<Branch>>> {
    let who = Who::Staff;
    vec![
        Door::get("/branch", who, desk::overview),
        Door::get("/branch/queue", who, lists::queue),
        Door::get("/branch/accepted", who, lists::accepted),
        Door::get("/branch/applications", who, lists::all),
        Door::get("/branch/loans", who, loans::list),
        Door::get("/branch/loans/due", who, due::list),
        Door::post("/branch/loans/{id}/invite", who, due::invite),
        Door::get("/branch/applications/{id}", who, detail::show),
        Door::get("/branch/applications/{id}/accept", who, accept::ask),
        Door::post("/branch/applications/{id}/accept", who, accept::accept),
        Door::get("/branch/applications/{id}/full", who, materials::ask_full),
        Door::post("/branch/applications/{id}/full", who, materials::full),
        Door::get(
            "/branch/applications/{id}/materials/{file}",
            who,
            materials::page,
        ),
        Door::get(
            "/branch/applications/{id}/files/{file}",
            who,
            materials::file,
        ),
        Door::post(
            "/branch/applications/{id}/supervision",
            who,
            supervised::read,
        ),
        Door::get("/branch/messages", who, messages::list),
        Door::post("/branch/messages/read", who, messages::read_all),
        Door::post("/branch/messages/{id}/open", who, messages::open),
    ]
}

pub fn routes(web: Web<Branch>) -> Router {
    doors::router(doors(), web)
}

/// The desk of whoever reads: of their branch, or of their institution.
fn home(actor: &Actor) -> Link {
    if actor.tenant_kind == TenantKind::Bank {
        Link::new("机构工作台", "/hq")
    } else {
        Link::new("支行工作台", "/branch")
    }
}
