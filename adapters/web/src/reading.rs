//! Reading rule of agreements 阅读后勾选 (M-314): a box counts only where this browser opened the text, in the version shown.
//!
//! The page of a text signs a cookie `read` that lists what was opened; every form with agreement boxes asks it.

use axum::response::Response;

use crate::{
    kit::Kit,
    visit::{Visit, set_cookie},
};

const PURPOSE: &str = "agreement-read";
const MOST: usize = 12;

/// The opened texts of a cookie value; nothing when its signature does not fit.
fn list(kit: &Kit, value: Option<&str>) -> Vec<String> {
    let Some((texts, signature)) = value.and_then(|v| v.split_once('.')) else {
        return Vec::new();
    };
    if !kit.tokens().sign_fits(PURPOSE, &[texts], signature) {
        return Vec::new();
    }
    texts.split('~').map(str::to_owned).collect()
}

/// `code-version` with nothing that a cookie could not hold.
fn mark(code: &str, version: &str) -> String {
    format!("{code}-{version}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

impl Visit {
    /// True once this browser opened the text in this version.
    pub fn has_opened(&self, code: &str, version: &str) -> bool {
        list(&self.kit, self.opened_texts.as_deref()).contains(&mark(code, version))
    }

    /// Notes on the response of a text's page that it was opened.
    pub fn note_opened(&self, response: &mut Response, code: &str, version: &str) {
        let mut texts = list(&self.kit, self.opened_texts.as_deref());
        let mark = mark(code, version);
        texts.retain(|t| *t != mark);
        texts.push(mark);
        let first = texts.len().saturating_sub(MOST);
        let texts = texts[first..].join("~");
        let signature = self.kit.tokens().sign(PURPOSE, &[&texts]);
        let cookie = self.kit.cookie("read", &format!("{texts}.{signature}"));
        set_cookie(response, &cookie);
    }
}
