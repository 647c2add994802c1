//! 重新同意: a new version that asks again is read and accepted before anything else of the enterprise centre is opened.
//!
//! Pages lead here; what was being typed while the new version came into force is still taken, so nothing is lost.

use std::sync::Arc;

use application::{
    account::register::AgreementBox, agreements::Reconsent, city::Agreement, error::Kind,
};
use axum::{
    Router,
    extract::{FromRequestParts as _, Query, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use crate::{
    agreements_read,
    console::show_errors,
    doors::{self, Door, Who},
    errors::WebError,
    forms::{AgreementPart, Field, FormView},
    kit::{Kit, Web},
    parts::Link,
    posted::Form,
    spawned::spawned,
    visit::{EnterpriseVisit, Visit, city_of, encode, own_path, posted_by_enterprise},
};

const PAGE: &str = "/enterprise/agreements";
const TEMPLATE: &str = "reconsent/accept.html";
const TITLE: &str = "请阅读并同意新版协议";
/// What stays open to whoever does not accept: their own rights, and what they are told.
const OPEN: [&str; 4] = [
    PAGE,
    "/enterprise/account",
    "/enterprise/consents",
    "/enterprise/messages",
];

/// The use case behind the gate.
#[derive(Clone)]
pub struct Gate {
    pub kit: Kit,
    pub uses: Arc<Reconsent>,
}

pub fn doors() -> Vec<Door<Web<Reconsent>>> {
    let who = Who::Enterprise;
    vec![
        Door::get("/enterprise/agreements", who, page),
        Door::post("/enterprise/agreements", who, accept),
    ]
}

pub fn routes(web: Web<Reconsent>) -> Router {
    doors::router(doors(), web)
}

/// Leads pages of the enterprise centre to the new versions while somebody owes an answer.
pub async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let inside = path == "/enterprise" || path.starts_with("/enterprise/");
    let open = OPEN
        .iter()
        .any(|base| path == *base || path.strip_prefix(base).is_some_and(|p| p.starts_with('/')));
    let by_script = request.headers().contains_key("x-requested-with");
    if request.method() != Method::GET || !inside || open || by_script {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    // Only a city with a version that asks again costs a look at who is signed in.
    let asks =
        city_of(&gate.kit, &parts).is_some_and(|city| city.agreements.iter().any(|a| a.asks_again));
    if asks && let Some(answer) = owing(&gate, &mut parts).await {
        return answer;
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn owing(gate: &Gate, parts: &mut axum::http::request::Parts) -> Option<Response> {
    // Whoever cannot be read here is told so by the room itself.
    let visit = Visit::from_request_parts(parts, &gate.kit).await.ok()?;
    let actor = visit.enterprise_actor().ok()?;
    match gate.uses.owed(actor).await {
        Ok(owed) if owed.is_empty() => None,
        Ok(_) => {
            let to = format!("{PAGE}?next={}", encode(&visit.path_and_query));
            Some(Redirect::to(&to).into_response())
        }
        Err(error) => Some(WebError(error).into_response()),
    }
}

#[derive(Serialize)]
struct AcceptPage {
    crumbs: Vec<Link>,
    form: FormView,
    texts: Vec<Text>,
}

/// One text, as far as the page tells of it.
#[derive(Serialize)]
struct Text {
    title: String,
    version: String,
    effective: String,
    change: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
}

fn view(visit: &Visit, owed: &[Agreement], next: &str) -> AcceptPage {
    let mut form = FormView::new(PAGE).with(Field::hidden("next", next));
    for text in owed {
        form.push(Field::agreement(
            format!("agree_{}", text.code),
            AgreementPart {
                code: text.code.clone(),
                lead: "我已阅读并同意".to_owned(),
                title: format!("《{}》", text.title),
                href: format!("/agreements/{}", text.code),
                read: agreements_read::was_read(visit, &text.code, &text.version),
            },
        ));
    }
    AcceptPage {
        crumbs: vec![Link::new("企业管理", "/enterprise"), Link::new(TITLE, "")],
        form,
        texts: owed
            .iter()
            .map(|text| Text {
                title: format!("《{}》", text.title),
                version: text.version.clone(),
                effective: text.effective.clone(),
                change: text.change_note.clone(),
            })
            .collect(),
    }
}

fn home(next: &str) -> &str {
    own_path(next)
        .filter(|path| path.starts_with("/enterprise"))
        .unwrap_or("/enterprise")
}

async fn page(
    State(web): State<Web<Reconsent>>,
    visit: EnterpriseVisit,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let owed = web.uses.owed(visit.actor()).await?;
    if owed.is_empty() {
        return Ok(visit.0.redirect(home(&asked.next), None));
    }
    let visit = visit.0.enterprise_console();
    let page = view(&visit, &owed, home(&asked.next));
    Ok(visit.render(TEMPLATE, TITLE, &page))
}

async fn accept(
    State(web): State<Web<Reconsent>>,
    Form(visit, posted): Form,
) -> Result<Response, WebError> {
    let actor = posted_by_enterprise(&visit)?;
    let owed = web.uses.owed(&actor).await?;
    let boxes: Vec<AgreementBox> = owed
        .iter()
        .map(|text| AgreementBox {
            code: text.code.clone(),
            opened: agreements_read::was_read(&visit, &text.code, &text.version),
            ticked: posted.has(&format!("agree_{}", text.code)),
        })
        .collect();
    let (uses, writer) = (web.uses.clone(), actor.clone());
    match spawned(async move { uses.accept(&writer, &boxes).await }).await {
        Ok(()) => Ok(visit.redirect(
            home(posted.get("next")),
            Some(("success", "已记录您对新版协议的同意。")),
        )),
        Err(error) if error.kind == Kind::Invalid => {
            let visit = visit.enterprise_console();
            let mut page = view(&visit, &owed, home(posted.get("next")));
            page.form = page.form.fill(posted.pairs());
            for text in &owed {
                if let Some(field) = page.form.field_mut(&format!("agree_{}", text.code)) {
                    // A box of a text that was never opened cannot be ticked, whatever was posted.
                    field.checked &= field.agreement.as_ref().is_some_and(|a| a.read);
                }
            }
            show_errors(&mut page.form, &error);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.render_with(status, TEMPLATE, TITLE, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// Every page in every shape, for the test that draws them all.
#[doc(hidden)]
pub fn samples() -> Vec<(&'static str, serde_json::Value)> {
    let odd = "<b>\"'\\&</b>长协议名称".repeat(3);
    let mut form = FormView::new(PAGE).with(Field::hidden("next", "/enterprise"));
    form.push(Field::agreement(
        "agree_register",
        AgreementPart {
            code: "register".to_owned(),
            lead: "我已阅读并同意".to_owned(),
            title: odd.clone(),
            href: "javascript:alert(1)".to_owned(),
            read: false,
        },
    ));
    form.fail("agree_register", odd.clone());
    let page = AcceptPage {
        crumbs: vec![Link::new("企业管理", "/enterprise"), Link::new(TITLE, "")],
        form,
        texts: vec![Text {
            title: odd.clone(),
            version: odd.clone(),
            effective: odd.clone(),
            change: odd,
        }],
    };
    vec![(TEMPLATE, serde_json::to_value(page).unwrap_or_default())]
}
