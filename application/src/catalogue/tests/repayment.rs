//! 还款试算: a loan reckoned within a product's own figures.

use domain::product::GuaranteeType;

use super::product;
use crate::{catalogue::TypedLoan, ports::catalogue::Product};

#[test]
fn a_loan_is_reckoned_with_the_products_own_figures() {
    let figures = [1, 500, 375, 375, 12, 36];
    let mut product = product(1, 2, "惠民抵押贷", GuaranteeType::Mortgage, figures);
    let typed = |amount: &str, term: &str, rate: &str, method: &str| TypedLoan {
        amount: amount.to_owned(),
        term: term.to_owned(),
        rate: rate.to_owned(),
        method: method.to_owned(),
    };
    let loan = typed("100", "12", "3.75", "monthly_interest_bullet");
    let plan = product.repayment(&loan).expect("a plan");
    assert_eq!(plan.interest.format_yuan(), "37,500.00");
    assert_eq!(plan.instalments.len(), 12);
    let wrong = |product: &Product, loan: &TypedLoan| -> Vec<String> {
        let faults = product.repayment(loan).expect_err("refused");
        faults.into_iter().map(|fault| fault.field).collect()
    };
    let none = typed("501", "x", "3.74", "zzz");
    assert_eq!(wrong(&product, &none), ["amount", "term", "rate", "method"]);
    product.repayment_methods = vec!["equal_installment".to_owned()];
    assert_eq!(
        wrong(&product, &loan),
        ["method"],
        "only the ways of paying back that the product has"
    );
    product.rate_term = "guarantee_fee".to_owned();
    assert!(
        product.computed_methods().is_empty(),
        "a fee is no interest"
    );
}
