//! People 人员与角色: the same pages for a branch, an institution and the city, each under its own console.

mod list;
mod pages;
mod person;

use application::{
    access::{Action, Actor, Room as Chamber},
    error::UseError,
    people::{Issued, PeopleRoom},
};
use axum::{Router, response::Response};
use domain::tenant::{Role, TenantKind};

pub(crate) use list::status;
pub(crate) use pages::InvitePage;
pub use pages::samples;

use crate::{
    doors::{self, Door, Who},
    errors::WebError,
    kit::Web,
    parts::Link,
    proof,
    visit::Visit,
};

type Room = Web<PeopleRoom>;

/// The pages once per console.
macro_rules! console {
    ($base:literal) => {
        vec![
            Door::get($base, Who::Staff, list::show),
            Door::get(concat!($base, "/invite"), Who::Staff, list::invite_form),
            Door::post(concat!($base, "/invite"), Who::Staff, list::invite),
            Door::post(concat!($base, "/grants/{id}"), Who::Staff, list::settle),
            Door::get(concat!($base, "/{id}"), Who::Staff, person::show),
            Door::post(concat!($base, "/{id}"), Who::Staff, person::act),
        ]
    };
}

pub fn doors() -> Vec<Door<Room>> {
    let mut all = console!("/branch/people");
    all.extend(console!("/hq/people"));
    all.extend(console!("/operator/people"));
    all
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// The console of the person; another kind's pages do not exist for them (S-12).
fn base(visit: &Visit, actor: &Actor) -> Result<&'static str, WebError> {
    let base = match actor.tenant_kind {
        TenantKind::Branch => "/branch/people",
        TenantKind::Bank => "/hq/people",
        TenantKind::City => "/operator/people",
        // Its people are invited and dismissed by command.
        TenantKind::Province => return Err(WebError(UseError::not_found())),
    };
    if visit.path == base || visit.path.starts_with(&format!("{base}/")) {
        Ok(base)
    } else {
        Err(UseError::not_found().into())
    }
}

fn crumbs(base: &str, here: &str) -> Vec<Link> {
    vec![Link::new("人员与角色", base), Link::new(here, "")]
}

pub(crate) fn role_words(roles: &[Role]) -> String {
    if roles.is_empty() {
        return "尚无角色".to_owned();
    }
    roles
        .iter()
        .map(|role| role.zh())
        .collect::<Vec<_>>()
        .join("、")
}

/// Where the proof comes first; whoever may not do it anyway is told so instead.
async fn to_proof(visit: &Visit, actor: &Actor, action: Action) -> Option<Response> {
    let may = visit.kit.guard().may(actor, Chamber::People, action).await;
    if may { proof::carry(visit) } else { None }
}

/// A link on a page that nobody can open again.
fn issued(visit: Visit, base: &str, title: &str, one: Issued) -> Response {
    issued_for(visit, (base, "返回人员与角色"), title, one)
}

/// The same for a room of another name.
pub(crate) fn issued_for(
    visit: Visit,
    (back, back_label): (&str, &'static str),
    title: &str,
    one: Issued,
) -> Response {
    let page = pages::IssuedPage {
        title: title.to_owned(),
        name: one.name,
        account: one.account,
        sent: if one.sent {
            "链接已通过短信发送，也可以复制后当面转交。"
        } else {
            "短信没有发送成功，请复制链接后当面转交。"
        }
        .to_owned(),
        link: one.link,
        waiting: if one.waiting.is_empty() {
            String::new()
        } else {
            role_words(&one.waiting)
        },
        back: back.to_owned(),
        back_label,
    };
    visit
        .staff_console()
        .render(pages::IssuedPage::TEMPLATE, title, &page)
}
