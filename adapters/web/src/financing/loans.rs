//! 在贷总览.

use axum::{
    extract::{Query, State},
    response::Response,
};

use super::Desk;
use crate::{
    errors::WebError,
    loans::{LoansPage, LoansQuery, Side},
    parts::Link,
    visit::EnterpriseVisit,
};

pub(super) async fn list(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Query(asked): Query<LoansQuery>,
) -> Result<Response, WebError> {
    let page = asked.page();
    let book = web.uses.financing.loans(visit.actor(), page).await?;
    let side = Side {
        title: "在贷总览",
        lead: "已放款、尚未结清的贷款，先到期的在前。到期前 60 天起可以在放款与还款页面申请续贷；到期前 7 天和 1 天会提醒您。",
        home: Link::new("企业管理", "/enterprise"),
        base: "/enterprise/loans",
        empty: "现在没有在贷融资。",
        detail: |loan| format!("/enterprise/applications/{}/loan", loan.application),
        of_enterprise: true,
    };
    if let Some(first) = side.beyond(&book, page) {
        return Ok(visit.0.redirect(first, None));
    }
    let shown = LoansPage::new(&side, &book, page);
    let visit = visit.0.enterprise_console();
    Ok(visit.render(LoansPage::TEMPLATE, side.title, &shown))
}
