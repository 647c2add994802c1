//! 再确认 of a deed that weighs: the first click shows what it would do, only the second does it; without script too.

use axum::response::Response;

use crate::{
    deed::{CheckPage, Hidden},
    parts::{Described, Link},
    posted::Posted,
    visit::Visit,
};

/// The field that carries the deed from the first click to the second.
const DEED: &str = "deed";
/// What the button of the second click says to the server.
const CONFIRM: &str = "confirm";

/// What a form asks for, and whether it was asked twice.
pub(crate) fn deed(posted: &Posted) -> (&str, bool) {
    match posted.action() {
        CONFIRM => (posted.get(DEED), true),
        first => (first, false),
    }
}

/// What somebody is about to do.
pub(crate) struct Sure {
    pub crumbs: Vec<Link>,
    /// As a question.
    pub title: &'static str,
    pub text: &'static str,
    pub rows: Vec<Described>,
    /// Where the form goes.
    pub action: String,
    pub key: String,
    pub deed: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub back: String,
}

impl Sure {
    pub(crate) fn ask(self, visit: &Visit) -> Response {
        let page = CheckPage {
            title: self.title,
            text: self.text,
            warned: String::new(),
            crumbs: self.crumbs,
            rows: self.rows,
            action: self.action,
            key: self.key,
            hidden: vec![Hidden {
                name: DEED.to_owned(),
                value: self.deed.to_owned(),
            }],
            yes: self.yes,
            no: self.no,
            back: self.back,
            danger: true,
            editable: false,
        };
        visit.render(CheckPage::TEMPLATE, self.yes, &page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_is_sure_only_behind_the_second_click() {
        let one = Posted::of(&[("_action", "dismiss")]);
        assert_eq!(deed(&one), ("dismiss", false));
        let two = Posted::of(&[("_action", "confirm"), ("deed", "dismiss")]);
        assert_eq!(deed(&two), ("dismiss", true));
        let smuggled = Posted::of(&[("_action", "roles"), ("deed", "dismiss")]);
        assert_eq!(deed(&smuggled), ("roles", false));
    }
}
