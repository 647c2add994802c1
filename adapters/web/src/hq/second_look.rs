//! What 复议 and 更正误操作 have in common: the decision that is looked at again, and the way back to the list.

use domain::financing::ApplicationRecord;

use crate::{
    parts::{Described, Link},
    show,
    visit::Visit,
};

/// What waits for a second look.
pub(super) const LIST: &str = "/hq/appeals";

pub(super) fn way_here(title: &str) -> Vec<Link> {
    vec![
        Link::new("机构工作台", "/hq"),
        Link::new("复议与更正", LIST),
        Link::new(title, ""),
    ]
}

/// What was decided, which the second look is about.
pub(super) fn decision(visit: &Visit, record: &ApplicationRecord) -> Vec<Described> {
    let mut rows = Vec::new();
    if !record.reason_codes.is_empty() {
        let words = show::reasons(&visit.city, &record.reason_codes);
        rows.push(Described::new("原审核原因", words));
    }
    if !record.review_opinion.is_empty() {
        rows.push(Described::new("原审核意见", &record.review_opinion));
    }
    if let Some(at) = record.decided_at {
        rows.push(Described::new("原审核时间", show::minute(at)));
    }
    rows
}
