//! What was typed, read against the product: every problem at once, named as the form names its fields.

use domain::{
    ids::TenantId,
    product::ProductRange,
    values::{Cents, Rate, Term},
};
use uuid::Uuid;

use crate::{
    city::{Agreement, City},
    error::{Checks, FieldError, UseError},
    ports::{
        drafts::Typed,
        product_offers::{Offer, OfferBranch},
    },
};

/// Field names of the agreement boxes start with this.
pub const AGREEMENT_FIELD: &str = "agree_";

/// The field name of an agreement's box.
pub fn agreement_field(code: &str) -> String {
    format!("{AGREEMENT_FIELD}{code}")
}

/// How a ticked text stands in a draft.
pub(super) fn tick(agreement: &Agreement) -> String {
    format!("{}@{}", agreement.code, agreement.version)
}

/// The ask as far as it can be stored, and what is wrong with it.
pub(super) struct Read {
    pub amount: Cents,
    pub term: Term,
    pub rate: Rate,
    pub branch: Option<(TenantId, String)>,
    pub problems: Vec<FieldError>,
}

/// Reads what was typed. What does not fit is replaced by the product's own lower bound, and its problem is noted.
pub(super) fn read(typed: &Typed, offer: &Offer, branches: &[OfferBranch], city: &City) -> Read {
    let range = &offer.range;
    let mut checks = Checks::default();
    let amount = checks.take("amount", Cents::parse_wan(&typed.amount));
    let term = checks.take("term", Term::parse(&typed.term, range.term_unit));
    let rate = checks.take("rate", Rate::parse(&typed.rate));
    if rate.is_some_and(|rate| rate.hundredths() == 0) {
        checks.push(FieldError::new("rate", "rate.zero"));
    }
    let lowest = lowest(range);
    let misses = range.misses(
        amount.unwrap_or(lowest.0),
        term.unwrap_or(lowest.1),
        rate.unwrap_or(lowest.2),
    );
    if !misses.is_empty() {
        for miss in UseError::from(domain::financing::TransitionError::OutOfRange(misses)).fields {
            checks.push(miss);
        }
    }
    let branch = chosen(typed, branches);
    if branch.is_none() {
        let code = if typed.branch.trim().is_empty() {
            "branch.choose"
        } else {
            "financing.branch_does_not_carry"
        };
        checks.push(FieldError::new("branch", code));
    }
    for agreement in city.ticked_on("apply") {
        if !typed.agreed.contains(&tick(agreement)) {
            checks.push(
                FieldError::new(agreement_field(&agreement.code), "agreement.not_ticked")
                    .with("title", &agreement.short_title),
            );
        }
    }
    let problems = checks
        .finish()
        .map_or_else(|error| error.fields, |()| Vec::new());
    let wrong = |field: &str| problems.iter().any(|p| p.field == field);
    Read {
        amount: amount.filter(|_| !wrong("amount")).unwrap_or(lowest.0),
        term: term.filter(|_| !wrong("term")).unwrap_or(lowest.1),
        rate: rate.filter(|_| !wrong("rate")).unwrap_or(lowest.2),
        branch,
        problems,
    }
}

fn lowest(range: &ProductRange) -> (Cents, Term, Rate) {
    let term = Term::new(range.term_min.max(1), range.term_unit)
        .or_else(|_| Term::new(1, range.term_unit))
        .expect("one month and one year are terms");
    (range.amount_min, term, range.rate_min)
}

fn chosen(typed: &Typed, branches: &[OfferBranch]) -> Option<(TenantId, String)> {
    let id = Uuid::try_parse(typed.branch.trim()).ok()?;
    branches
        .iter()
        .find(|b| b.id.0 == id)
        .map(|b| (b.id, b.name.clone()))
}
