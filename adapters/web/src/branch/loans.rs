//! 贷后台账 of a branch, and of a whole institution for its headquarters.

use axum::{
    extract::{Query, State},
    response::Response,
};

use super::{Branch, home};
use crate::{
    errors::WebError,
    kit::Web,
    loans::{LoansPage, LoansQuery, Side},
    matter,
    visit::StaffVisit,
};

pub(super) async fn list(
    State(web): State<Web<Branch>>,
    visit: StaffVisit,
    Query(asked): Query<LoansQuery>,
) -> Result<Response, WebError> {
    let page = asked.page();
    let book = web.uses.lending.loans(visit.actor(), page).await?;
    let side = Side {
        title: "贷后台账",
        lead: "已放款、尚未结清的贷款，先到期的在前。到期前 60 天内的在到期名单中，可以邀请续贷；到期前 7 天和 1 天会提醒企业和支行。",
        home: home(visit.actor()),
        base: "/branch/loans",
        empty: "现在没有在贷融资。",
        detail: |loan| matter::base(loan.application),
        of_enterprise: false,
    };
    if let Some(first) = side.beyond(&book, page) {
        return Ok(visit.0.redirect(first, None));
    }
    let shown = LoansPage::new(&side, &book, page);
    let visit = visit.0.staff_console();
    Ok(visit.render(LoansPage::TEMPLATE, side.title, &shown))
}
