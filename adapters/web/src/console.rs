//! Pages that every staff console asks with: one deed with its facts and form, and the word when it came too late.

use application::error::{Kind, UseError};
use axum::{http::StatusCode, response::Response};
use serde::Serialize;

use crate::{
    errors::WebError,
    forms::FormView,
    nav::staff_home,
    parts::{Described, Link},
    visit::Visit,
    words,
};

/// One deed: what it is about, what is filled in, and the button.
#[derive(Serialize)]
pub(crate) struct AskPage {
    pub title: String,
    pub lead: String,
    pub crumbs: Vec<Link>,
    pub rows: Vec<Described>,
    pub form: FormView,
    pub yes: &'static str,
    pub no: &'static str,
    pub back: String,
    pub danger: bool,
}

impl AskPage {
    pub const TEMPLATE: &'static str = "console/ask.html";

    /// The page again with what must be corrected, or as it was asked for.
    pub fn drawn(mut self, visit: &Visit, error: Option<&UseError>) -> Response {
        let status = error.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
        if let Some(error) = error {
            show_errors(&mut self.form, error);
        }
        let title = self.title.clone();
        visit.render_with(status, Self::TEMPLATE, &title, &self)
    }
}

/// The two handlers of each deed of a room: `$ask` draws the page that says what will happen, `$act` does it.
macro_rules! handlers {
    ($uses:ty, $ask:ident, $act:ident; $($get:ident, $post:ident, $deed:expr;)+) => {$(
        pub(super) async fn $get(
            ::axum::extract::State(web): ::axum::extract::State<$crate::kit::Web<$uses>>,
            visit: $crate::visit::StaffVisit,
            ::axum::extract::Path(id): ::axum::extract::Path<String>,
        ) -> Result<::axum::response::Response, $crate::errors::WebError> {
            $ask(web, visit, id, $deed).await
        }

        pub(super) async fn $post(
            ::axum::extract::State(web): ::axum::extract::State<$crate::kit::Web<$uses>>,
            ::axum::extract::Path(id): ::axum::extract::Path<String>,
            form: $crate::posted::Form,
        ) -> Result<::axum::response::Response, $crate::errors::WebError> {
            $act(web, id, form, $deed).await
        }
    )+};
}
pub(crate) use handlers;

/// Puts every field error where it belongs; an error without fields is the whole form's.
pub(crate) fn show_errors(form: &mut FormView, error: &UseError) {
    for field in &error.fields {
        form.fail(&field.field, words::field_text(field));
    }
    if error.fields.is_empty() {
        form.problem(words::error_text(error));
    }
}

/// 操作没有生效: what happened instead, and the way on.
#[derive(Serialize)]
pub(crate) struct ToldPage {
    pub text: String,
    pub href: String,
    /// What the link does.
    pub way: &'static str,
    pub home: &'static str,
    /// What the console behind `home` is called.
    pub home_label: &'static str,
}

impl ToldPage {
    pub const TEMPLATE: &'static str = "console/told.html";
}

/// 角色待确认: whoever was invited, and may not do anything before another administrator has confirmed the roles.
#[derive(Serialize)]
pub(crate) struct RolelessPage {
    pub tenant: String,
}

impl RolelessPage {
    pub const TEMPLATE: &'static str = "console/roleless.html";
}

/// The first page of a member of staff without any role.
pub(crate) fn roleless(visit: Visit) -> Response {
    let page = RolelessPage {
        tenant: visit
            .actor()
            .map_or_else(String::new, |actor| actor.tenant_name.clone()),
    };
    let visit = visit.staff_console();
    visit.render(RolelessPage::TEMPLATE, "角色待确认", &page)
}

/// Where whoever looks begins: an enterprise has no desk of the staff's.
fn home(visit: &Visit) -> (&'static str, &'static str) {
    match visit.actor() {
        Some(actor) if actor.enterprise.is_some() => ("/enterprise", "返回企业管理"),
        Some(actor) => (staff_home(actor.tenant_kind), "返回工作台"),
        None => ("/branch", "返回工作台"),
    }
}

/// A conflict is told on a page of its own; other errors pass.
pub(crate) fn told(visit: &Visit, error: UseError, href: &str) -> Result<Response, WebError> {
    if error.kind != Kind::Conflict {
        return Err(WebError(error));
    }
    tracing::info!(code = error.code, "refused");
    let (home, home_label) = home(visit);
    let page = ToldPage {
        text: words::error_text(&error),
        href: href.to_owned(),
        way: if error.code == "financing.report_incomplete" && href.ends_with("/diligence") {
            "去填写尽调报告"
        } else {
            "查看最新内容"
        },
        home,
        home_label,
    };
    Ok(visit.render_with(
        StatusCode::CONFLICT,
        ToldPage::TEMPLATE,
        "操作没有生效",
        &page,
    ))
}
