//! 企业划型 of the enterprise centre: the figures of the year, the class that they give, and what was said before.

mod page;

use application::{
    access::Actor,
    error::{Kind, UseError},
    ports::{dossiers::DossierSize, sizes::SizeDeclaration},
    size::{DeclareSize, Declared, SizeRoom, SizeStanding},
};
use axum::{Router, extract::State, response::Response};

pub use page::samples;
use page::{OwnSizePage, form, view};

use crate::{
    console::show_errors,
    doors::{self, Door, Who},
    errors::{WebError, status},
    kit::Web,
    posted::{Form, Posted, once},
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, posted_by_enterprise},
    words,
};

type Room = Web<SizeRoom>;

/// Where the page is, and where it posts to.
pub const PATH: &str = "/enterprise/size";
const TITLE: &str = "企业划型";

pub fn doors() -> Vec<Door<Room>> {
    vec![
        Door::get("/enterprise/size", Who::Enterprise, show),
        Door::post("/enterprise/size", Who::Enterprise, declare),
    ]
}

pub fn routes(web: Room) -> Router {
    doors::router(doors(), web)
}

/// The class as other pages say it: `小型企业（2026 年度填报）`, or 未填报.
pub(crate) fn words(declared: Option<&SizeDeclaration>) -> String {
    DossierSize::words(
        declared
            .map(|d| DossierSize {
                class: d.class.as_str().to_owned(),
                year: d.year,
            })
            .as_ref(),
    )
}

/// The line with which other pages remind of it; empty when there is nothing to remind of.
pub(crate) fn reminder(standing: &SizeStanding) -> String {
    if !standing.due {
        return String::new();
    }
    format!(
        "{} 年度的企业划型还没有填报。填报只需几个数字，随以后提交的融资需求告诉受理支行企业规模；不填报不影响提交和办理。",
        standing.year
    )
}

async fn show(State(web): State<Room>, visit: EnterpriseVisit) -> Result<Response, WebError> {
    let seen = web.uses.view(visit.actor()).await?;
    let visit = visit.0.enterprise_console();
    let form = form(&seen, visit.kit.tokens().one_time());
    Ok(visit.render(OwnSizePage::TEMPLATE, TITLE, &view(&seen, form)))
}

async fn send(web: &Room, actor: &Actor, posted: &Posted) -> Result<Declared, UseError> {
    let word = |name: &str| posted.get(name).to_owned();
    let ask = DeclareSize {
        version: posted.get("version").parse().unwrap_or(-1),
        employees: word("employees"),
        revenue: word("revenue"),
        assets: word("assets"),
        once: once(posted).map_err(|e| e.0)?,
    };
    let (uses, actor) = (web.uses.clone(), actor.clone());
    spawned(async move { uses.declare(&actor, ask).await }).await
}

/// The page once more: what was typed stays, what it is measured by and what stands are read anew.
async fn again(
    web: &Room,
    visit: &Visit,
    actor: &Actor,
    posted: &Posted,
    error: &UseError,
) -> Result<Response, WebError> {
    let seen = web.uses.view(actor).await?;
    let mut form = form(&seen, visit.kit.tokens().one_time()).fill(posted.pairs());
    if let Some(version) = form.field_mut("version") {
        version.value = seen.version().to_string();
    }
    show_errors(&mut form, error);
    let page = view(&seen, form);
    Ok(visit.render_with(status(error.kind), OwnSizePage::TEMPLATE, TITLE, &page))
}

async fn declare(State(web): State<Room>, Form(visit, posted): Form) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let visit = visit.enterprise_console();
    match send(&web, &actor, &posted).await {
        Ok(done) => {
            let text = format!("{} 年度企业划型已填报：{}。", done.year, done.class.label());
            Ok(visit.redirect(PATH, Some(("success", &text))))
        }
        // The page itself says what to do about the industry.
        Err(error) if matches!(error.code, "size.no_rule" | "size.no_industry") => {
            Ok(visit.redirect(PATH, Some(("warning", &words::error_text(&error)))))
        }
        Err(error) if error.kind == Kind::Invalid || error.code == "size.moved" => {
            again(&web, &visit, &actor, &posted, &error).await
        }
        Err(error) => Err(error.into()),
    }
}
