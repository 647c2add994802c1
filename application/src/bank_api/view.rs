//! What a bank's system reads of an application: its state and its loan, no personal data. The sandbox keeps the same shape.

use domain::{
    calendar::local_date,
    financing::{ApplicationRecord, columns},
    values::{ApplicationNumber, Cents, Term},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ports::lending::{StoredDraw, StoredRepayment};

/// A thing with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub id: Uuid,
    pub name: String,
}

/// 期限.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermView {
    pub value: u16,
    /// `month` or `year`.
    pub unit: String,
}

/// 批准条件.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// 元.
    pub amount: String,
    /// % a year.
    pub rate: String,
    pub term: TermView,
    pub valid_until: String,
}

/// 放款记录.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawView {
    pub id: Uuid,
    pub number: u16,
    pub amount: String,
    pub rate: String,
    pub drawn_on: String,
    pub due_on: Option<String>,
    pub contract_no: String,
    /// 企业确认无误.
    pub confirmed: bool,
    /// 企业有异议, not answered yet.
    pub disputed: bool,
}

/// 还款记录.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepaymentView {
    pub id: Uuid,
    pub principal: String,
    pub paid_on: String,
    /// 待还本金 afterwards.
    pub owed: String,
}

/// The loan behind an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    pub owed: String,
    pub draws: Vec<DrawView>,
    pub repayments: Vec<RepaymentView>,
}

/// 融资需求 as a bank's system reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanView {
    pub id: Uuid,
    pub number: String,
    pub stage: String,
    pub stage_name: String,
    pub intake_status: String,
    pub review_status: String,
    pub disbursement_status: String,
    pub frozen: bool,
    /// Named by every write.
    pub version: i32,
    pub product: Named,
    pub branch: Option<Named>,
    pub enterprise_name: String,
    pub amount: String,
    pub term: TermView,
    pub approved: Option<Approved>,
    pub drawn: String,
    #[serde(with = "time::serde::rfc3339::option")]
    pub submitted_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub decided_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Only where one application is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loan: Option<Loan>,
}

/// 元 with two decimals and nothing else, for machines.
pub(super) fn yuan(amount: Cents) -> String {
    let cents = amount.cents();
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn term(term: Term) -> TermView {
    TermView {
        value: term.value(),
        unit: term.unit().as_str().to_owned(),
    }
}

fn approved(record: &ApplicationRecord) -> Option<Approved> {
    Some(Approved {
        amount: yuan(record.approved_amount?),
        rate: record.approved_rate?.percent(),
        term: term(record.approved_term?),
        valid_until: record.approval_valid_until?.to_string(),
    })
}

/// The application without its loan.
pub(super) fn of(record: &ApplicationRecord) -> LoanView {
    let (intake, review) = columns(record.stage, record.ever_accepted)
        .map_or(("", ""), |(intake, review)| (intake.zh(), review.zh()));
    LoanView {
        id: record.id.0,
        number: record
            .number
            .as_ref()
            .map_or_else(String::new, |n: &ApplicationNumber| n.as_str().to_owned()),
        stage: record.stage.code().to_owned(),
        stage_name: record.stage.zh().to_owned(),
        intake_status: intake.to_owned(),
        review_status: review.to_owned(),
        disbursement_status: record.stage.disbursement().zh().to_owned(),
        frozen: record.frozen,
        version: record.version,
        product: Named {
            id: record.product.0,
            name: record.product_name.clone(),
        },
        branch: record.handler.map(|id| Named {
            id: id.0,
            name: record.handler_name.clone(),
        }),
        enterprise_name: record.enterprise_name.clone(),
        amount: yuan(record.amount),
        term: term(record.term),
        approved: approved(record),
        drawn: yuan(record.drawn),
        submitted_at: record.submitted_at,
        decided_at: record.decided_at,
        updated_at: record.updated_at,
        loan: None,
    }
}

/// The loan as it stands.
pub(super) fn loan(owed: Cents, draws: &[StoredDraw], repayments: &[StoredRepayment]) -> Loan {
    Loan {
        owed: yuan(owed),
        draws: draws.iter().map(draw).collect(),
        repayments: repayments
            .iter()
            .map(|one| RepaymentView {
                id: one.id.0,
                principal: yuan(one.principal),
                paid_on: one.on.to_string(),
                owed: yuan(one.balance),
            })
            .collect(),
    }
}

fn draw(one: &StoredDraw) -> DrawView {
    DrawView {
        id: one.id.0,
        number: one.number,
        amount: yuan(one.amount),
        rate: one.rate.percent(),
        drawn_on: one.on.to_string(),
        due_on: one.due_on.map(|day| day.to_string()),
        contract_no: one.contract_no.clone(),
        confirmed: one.confirmed_at.is_some(),
        disputed: one.is_disputed(),
    }
}

/// The day of an instant where the city is.
pub(super) fn day(at: OffsetDateTime) -> String {
    local_date(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_yuan_with_two_decimals_and_no_grouping() {
        let of = |cents| yuan(Cents::new(cents).expect("an amount"));
        assert_eq!(of(0), "0.00");
        assert_eq!(of(5), "0.05");
        assert_eq!(of(800_000_050), "8000000.50");
    }
}
