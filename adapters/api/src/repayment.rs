//! 还款试算 (W24): what a loan costs with the figures of a product. Computed, never kept.

use application::{
    catalogue::TypedLoan,
    error::{UseError, UseResult},
};
use domain::{
    ids::ProductId,
    repayment::{Instalment, RepaymentPlan},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Api,
    call::Call,
    city::shelf,
    door::{Door, Who},
    shapes::yuan,
};

/// Payments told one by one; the rest is summed up.
const TOLD: usize = 12;

/// 试算条件.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Loan {
    /// 融资金额, in 万元.
    #[param(max_length = 20)]
    amount: String,
    /// 期限, in the unit of the product.
    #[param(max_length = 20)]
    term: String,
    /// 年利率, in percent.
    #[param(max_length = 20)]
    rate: String,
    /// 还款方式: one of the product's `computed_methods`.
    #[param(max_length = 64)]
    method: String,
}

/// 还款试算, in 人民币元: an estimate, the contract decides.
#[derive(Serialize, ToSchema)]
struct Repayment {
    /// 首月还款.
    first: String,
    /// 末月还款.
    last: String,
    /// 利息合计.
    interest: String,
    /// 本息合计.
    total: String,
    /// 期数.
    periods: usize,
    /// The first twelve payments.
    payments: Vec<PaymentLine>,
}

/// 一期还款, in 人民币元.
#[derive(Serialize, ToSchema)]
struct PaymentLine {
    month: u16,
    payment: String,
    principal: String,
    interest: String,
    /// 剩余本金.
    left: String,
}

impl From<&Instalment> for PaymentLine {
    fn from(one: &Instalment) -> Self {
        Self {
            month: one.month,
            payment: yuan(one.payment),
            principal: yuan(one.principal),
            interest: yuan(one.interest),
            left: yuan(one.left),
        }
    }
}

impl From<&RepaymentPlan> for Repayment {
    fn from(plan: &RepaymentPlan) -> Self {
        let paid = |one: Option<&Instalment>| one.map_or_else(String::new, |i| yuan(i.payment));
        Self {
            first: paid(plan.instalments.first()),
            last: paid(plan.instalments.last()),
            interest: yuan(plan.interest),
            total: yuan(plan.total),
            periods: plan.instalments.len(),
            payments: plan.instalments.iter().take(TOLD).map(Into::into).collect(),
        }
    }
}

pub(crate) fn doors() -> Vec<Door> {
    vec![
        Door::read(
            "金融超市",
            "还款试算",
            Who::Public,
            "/api/v1/products/{id}/repayment",
            repayment,
        )
        .cached(),
    ]
}

async fn repayment(api: Api, call: Call, ask: Loan) -> UseResult<Repayment> {
    let snapshot = shelf(&api, &call).await?;
    let found = snapshot.product(ProductId(call.id("id")?));
    let product = found.ok_or_else(UseError::not_found)?;
    let typed = TypedLoan {
        amount: ask.amount,
        term: ask.term,
        rate: ask.rate,
        method: ask.method,
    };
    let plan = product.repayment(&typed).map_err(UseError::invalid)?;
    Ok(Repayment::from(&plan))
}
