//! 申请续贷 (W18): the way from a loan to the form of the same product, or to a choice of what else its branch offers.

use application::{financing::RenewalWay, ports::product_offers::Offer};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{financing::FinancingApplication, ids::FinancingApplicationId};
use serde::Serialize;

use super::{Desk, LIST, apply, ask::back, crumbs, id_of, show};
use crate::{
    errors::WebError,
    parts::{Cell, Link, Table},
    visit::EnterpriseVisit,
};

#[derive(Serialize)]
struct RenewPage {
    crumbs: Vec<Link>,
    lead: String,
    /// `None`: the branch offers nothing at all.
    offers: Option<Table>,
    branch: String,
    loan: String,
}

/// The form of a product, as the renewal of this loan.
fn form(product: impl std::fmt::Display, loan: FinancingApplicationId) -> String {
    format!("/enterprise/apply/{product}?renews={loan}")
}

fn table(offers: &[Offer], loan: FinancingApplicationId) -> Option<Table> {
    let mut table = Table::new("可以续贷的产品")
        .column("金融产品", "")
        .column("利率", "nowrap")
        .column("额度（万元）", "nowrap")
        .column("期限", "nowrap")
        .column("担保方式", "nowrap")
        .column("操作", "nowrap");
    for offer in offers {
        // Rate, amount, term and 担保方式, in the words of the form itself.
        let mut cells = vec![Cell::text(&offer.name).second(&offer.bank_name)];
        let facts = apply::facts(offer).into_iter();
        cells.extend(facts.map(|fact| Cell::text(fact.value)));
        let apply = Link::new("申请续贷", form(offer.product, loan));
        cells.push(Cell::links(vec![apply]));
        table.push(cells);
    }
    Some(table).filter(|table| !table.rows.is_empty())
}

fn page(application: &FinancingApplication, offers: &[Offer]) -> RenewPage {
    let record = application.record();
    let own = format!("{LIST}/{}", record.id);
    let loan = format!("{own}/loan");
    let number = show::number(application);
    RenewPage {
        crumbs: crumbs(&[
            ("融资需求管理", LIST),
            (&number, &own),
            ("放款与还款", &loan),
            ("申请续贷", ""),
        ]),
        lead: format!(
            "原申请 {number} 的{}现在不能申请。续贷可以改用{}办理的以下产品。",
            record.product_name, record.handler_name
        ),
        offers: table(offers, record.id),
        branch: record.handler_name.clone(),
        loan,
    }
}

pub(super) async fn choose(
    State(web): State<Desk>,
    visit: EnterpriseVisit,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let id: FinancingApplicationId = id_of(&id)?;
    let way = web.uses.financing.renewal(visit.actor(), id).await;
    let visit = visit.0.enterprise_console();
    match way {
        Ok(RenewalWay::Same(product)) => Ok(visit.redirect(&form(product, id), None)),
        Ok(RenewalWay::Others {
            application,
            offers,
        }) => {
            let page = page(&application, &offers);
            let title = format!("申请续贷 {}", show::number(&application));
            Ok(visit.render("financing/renew.html", &title, &page))
        }
        Err(error) => back(&visit, &format!("{LIST}/{id}/loan"), error),
    }
}

pub(super) fn samples() -> Vec<(&'static str, serde_json::Value)> {
    use super::{ODD, sample};
    let page = |full: bool| {
        let mut table = Table::new(ODD)
            .column("金融产品", "")
            .column("操作", "nowrap");
        table.push(vec![
            Cell::text(ODD).second(ODD),
            Cell::links(vec![Link::new("申请续贷", "/enterprise/apply/x?renews=y")]),
        ]);
        RenewPage {
            crumbs: crumbs(&[(ODD, "")]),
            lead: ODD.to_owned(),
            offers: full.then_some(table),
            branch: ODD.to_owned(),
            loan: "/enterprise/applications/x/loan".to_owned(),
        }
    };
    [true, false]
        .map(|full| sample("financing/renew.html", &page(full)))
        .to_vec()
}
