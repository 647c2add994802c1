//! 企业管理 of the enterprise: 概览, 需求申请, 融资需求管理 (sections 1.3 and 1.5 of the contract).

mod appeal;
mod apply;
mod ask;
mod board;
mod check;
mod defer;
mod detail;
mod held;
mod home;
mod loan;
mod loans;
mod renew;
mod show;
mod supplement;
mod withdraw;

use application::{
    UseError,
    files::Files,
    financing::{Financing, Lists, SecondChances},
    size::SizeRoom,
    subsidies::SubsidyRoom,
};
pub(crate) use show::minute;

use axum::Router;
use uuid::Uuid;

use crate::{
    doors::{self, Door, ONE_UPLOAD, THREE_UPLOADS, Who},
    errors::WebError,
    kit::Web,
    parts::Link,
};

/// What these pages use.
pub struct EnterpriseDesk {
    pub financing: Financing,
    pub files: Files,
    /// For the names of districts.
    pub lists: Lists,
    /// For the line that reminds of 企业划型.
    pub size: SizeRoom,
    /// 其他适合的产品 after a refusal.
    pub chances: SecondChances,
    /// 可享政策 beside a loan.
    pub subsidies: SubsidyRoom,
}

type Desk = Web<EnterpriseDesk>;

/// 融资需求管理; each request of the enterprise has its pages below it.
const LIST: &str = "/enterprise/applications";

pub fn doors() -> Vec<Door<Desk>> {
    let mut doors = request_doors();
    doors.extend(loan_doors());
    doors
}

/// A draft, a request, and what is done to it.
fn request_doors() -> Vec<Door<Desk>> {
    let who = Who::Enterprise;
    vec![
        Door::get("/enterprise", who, home::show),
        Door::get("/enterprise/apply/{product}", who, apply::form),
        Door::post("/enterprise/apply/{product}", who, apply::save),
        Door::get("/enterprise/apply/{product}/check", who, check::show),
        Door::post("/enterprise/apply/{product}/submit", who, check::submit),
        Door::get("/enterprise/applications", who, board::list),
        Door::get("/enterprise/applications/drafts", who, board::drafts),
        Door::get(
            "/enterprise/applications/drafts/{id}/discard",
            who,
            board::ask_discard,
        ),
        Door::post(
            "/enterprise/applications/drafts/{id}/discard",
            who,
            board::discard,
        ),
        Door::get("/enterprise/applications/drafts/{id}/leave", who, held::ask),
        Door::post(
            "/enterprise/applications/drafts/{id}/leave",
            who,
            held::leave,
        ),
        Door::get("/enterprise/applications/{id}", who, detail::show),
        Door::get("/enterprise/applications/{id}/submitted", who, check::done),
        Door::get("/enterprise/applications/{id}/print", who, detail::print),
        Door::get("/enterprise/applications/{id}/reconsider", who, appeal::ask),
        Door::post(
            "/enterprise/applications/{id}/reconsider",
            who,
            appeal::send,
        )
        .body(THREE_UPLOADS),
        Door::get("/enterprise/applications/{id}/move", who, appeal::ask_move),
        Door::post(
            "/enterprise/applications/{id}/move",
            who,
            appeal::answer_move,
        ),
        Door::get("/enterprise/applications/{id}/withdraw", who, withdraw::ask),
        Door::post(
            "/enterprise/applications/{id}/withdraw",
            who,
            withdraw::withdraw,
        ),
        Door::get(
            "/enterprise/applications/{id}/supplement",
            who,
            supplement::form,
        ),
        Door::post(
            "/enterprise/applications/{id}/supplement",
            who,
            supplement::answer,
        )
        .body(THREE_UPLOADS),
        Door::post(
            "/enterprise/applications/{id}/supplement/upload",
            who,
            supplement::upload,
        )
        .body(ONE_UPLOAD),
        Door::post(
            "/enterprise/applications/{id}/supplement/remove",
            who,
            supplement::remove,
        ),
    ]
}

/// What was lent, 续贷 and 延期 of it, and giving an approval up.
fn loan_doors() -> Vec<Door<Desk>> {
    let who = Who::Enterprise;
    vec![
        Door::get("/enterprise/loans", who, loans::list),
        Door::get("/enterprise/applications/{id}/loan", who, loan::show),
        Door::post(
            "/enterprise/applications/{id}/loan/{draw}/confirm",
            who,
            loan::confirm,
        ),
        Door::get(
            "/enterprise/applications/{id}/loan/{draw}/dispute",
            who,
            loan::ask_dispute,
        ),
        Door::post(
            "/enterprise/applications/{id}/loan/{draw}/dispute",
            who,
            loan::dispute,
        ),
        Door::get("/enterprise/applications/{id}/renew", who, renew::choose),
        Door::get("/enterprise/applications/{id}/defer", who, defer::ask),
        Door::post("/enterprise/applications/{id}/defer", who, defer::send),
        Door::post(
            "/enterprise/applications/{id}/defer/withdraw",
            who,
            defer::take_back,
        ),
        Door::get(
            "/enterprise/applications/{id}/give-up",
            who,
            loan::ask_give_up,
        ),
        Door::post("/enterprise/applications/{id}/give-up", who, loan::give_up),
    ]
}

pub fn routes(web: Desk) -> Router {
    doors::router(doors(), web)
}

/// An id of a path; whatever is none leads nowhere.
pub(crate) fn id_of<T: From<Uuid>>(text: &str) -> Result<T, WebError> {
    Uuid::try_parse(text)
        .map(T::from)
        .map_err(|_| WebError(UseError::not_found()))
}

/// 企业管理 → 融资需求管理 → here (M-501).
pub(crate) fn crumbs(here: &[(&str, &str)]) -> Vec<Link> {
    let mut links = vec![Link::new("企业管理", "/enterprise")];
    links.extend(here.iter().map(|(label, href)| Link::new(*label, *href)));
    if let Some(last) = links.last_mut() {
        last.current = true;
    }
    links
}

/// Text that no page may take for markup, and that is longer than any column.
#[doc(hidden)]
pub const ODD: &str =
    "<b>\"'\\ 某某市一家名字特别特别特别特别特别特别特别特别特别特别特别长的企业有限责任公司";

/// Every page of this room in every shape, for the test that draws them all.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    [
        home::samples(),
        apply::samples(),
        check::samples(),
        board::samples(),
        detail::samples(),
        held::samples(),
        ask::samples(),
        loan::samples(),
        renew::samples(),
        crate::loans::samples(),
        supplement::samples(),
        withdraw::samples(),
    ]
    .concat()
}

fn sample(
    template: &'static str,
    page: &impl serde::Serialize,
) -> (&'static str, serde_json::Value) {
    (template, serde_json::to_value(page).unwrap_or_default())
}
