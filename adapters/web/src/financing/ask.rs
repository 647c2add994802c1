//! One page for what an enterprise says about its request: facts, a short form, one button. And the answer to what was refused.

use application::{
    error::{Kind, UseError, UseResult},
    once::Once,
};
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use serde::Serialize;

use super::apply::fail;
use crate::{
    errors::{self, WebError},
    forms::FormView,
    parts::{Described, Link},
    posted::Posted,
    visit::Visit,
    words,
};

/// The page; `danger` colours the button of what cannot be taken back.
#[derive(Serialize)]
pub(super) struct AskPage {
    pub crumbs: Vec<Link>,
    pub title: &'static str,
    pub lead: String,
    pub warn: &'static str,
    pub rows: Vec<Described>,
    pub form: FormView,
    pub yes: &'static str,
    pub danger: bool,
    /// The form takes files.
    pub multipart: bool,
    pub back: String,
}

impl AskPage {
    const TEMPLATE: &'static str = "financing/ask.html";

    pub fn draw(&self, visit: &Visit) -> Response {
        visit.render(Self::TEMPLATE, self.title, self)
    }

    /// The same with what was typed and what must be corrected.
    pub fn again(mut self, visit: &Visit, posted: &Posted, error: &UseError) -> Response {
        self.form = self.form.fill(posted.pairs());
        fail(&mut self.form, &error.fields);
        if error.fields.is_empty() {
            self.form.problem(words::error_text(error));
        }
        if error.kind == Kind::Unavailable {
            tracing::warn!(code = error.code, chain = %error.chain(), "unavailable");
        }
        let status = errors::status(error.kind);
        let mut response = visit.render_with(status, Self::TEMPLATE, self.title, &self);
        if let Some(seconds) = error.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The page before anything is typed, or back with why there is none.
pub(super) fn offer(
    visit: &Visit,
    page: UseResult<AskPage>,
    own: &str,
) -> Result<Response, WebError> {
    match page {
        Ok(page) => Ok(page.draw(visit)),
        Err(error) => back(visit, own, error),
    }
}

/// The page once more, with what was typed and what must be corrected; or back, where there is none any more.
pub(super) fn offer_again(
    visit: &Visit,
    page: UseResult<AskPage>,
    own: &str,
    posted: &Posted,
    error: &UseError,
) -> Result<Response, WebError> {
    match page {
        Ok(page) => Ok(page.again(visit, posted, error)),
        Err(error) => back(visit, own, error),
    }
}

/// The key of a posted form, with a fingerprint of what it says.
pub(super) fn once(visit: &Visit, posted: &Posted) -> Result<Once, WebError> {
    let key = posted.key().map(str::to_owned);
    let key = key.ok_or_else(|| UseError::new(Kind::Invalid, "idempotency.key_missing"))?;
    let said: Vec<String> = posted
        .pairs()
        .iter()
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, value)| format!("{}:{name}={}:{value}", name.len(), value.len()))
        .collect();
    Ok(Once {
        key,
        body_hash: visit.kit.tokens().fingerprint(&said.join("&")),
    })
}

/// Back to a page of one's own with the reason; what is missing stays missing.
pub(super) fn back(visit: &Visit, own: &str, error: UseError) -> Result<Response, WebError> {
    if error.kind == Kind::Conflict {
        let text = words::error_text(&error);
        return Ok(visit.redirect(own, Some(("warning", &text))));
    }
    Err(error.into())
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, crumbs, sample};
    use crate::forms::Field;
    let page = |error: &str| {
        let mut form = FormView::new("/enterprise/applications/x/loan")
            .key("k")
            .with(Field::textarea("dispute", "异议内容").value(ODD));
        if !error.is_empty() {
            form.fail("dispute", error);
        }
        AskPage {
            crumbs: crumbs(&[(ODD, "")]),
            title: "提出异议",
            lead: ODD.to_owned(),
            warn: "提出后支行会核实并答复您。",
            rows: vec![Described::new(ODD, ODD)],
            form,
            yes: "提出异议",
            danger: error.is_empty(),
            multipart: error.is_empty(),
            back: "/enterprise/applications/x".to_owned(),
        }
    };
    ["", ODD]
        .map(|error| sample(AskPage::TEMPLATE, &page(error)))
        .to_vec()
}
