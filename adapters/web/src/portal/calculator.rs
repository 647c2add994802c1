//! 还款试算 (W24): a plain form below the product, computed with the product's own ranges.

use application::{catalogue::TypedLoan, ports::catalogue::Product};
use domain::{
    repayment::{RepaymentMethod, RepaymentPlan},
    values::{Cents, TermUnit},
};
use serde::Serialize;

use super::query::Query;
use crate::{
    forms::{Field, FormView},
    parts::{Cell, Described, Table},
    words,
};

/// Payments shown one by one; the rest is summed up.
const ROWS: usize = 12;

#[derive(Debug, Default, Serialize)]
pub(super) struct Calculator {
    pub form: FormView,
    /// The ways of paying back that this product offers.
    pub offered: String,
    pub summary: Vec<Described>,
    pub table: Option<Table>,
    pub asked: bool,
}

fn or<'a>(typed: &'a str, otherwise: &'a str) -> &'a str {
    if typed.is_empty() { otherwise } else { typed }
}

fn form(product: &Product, query: &Query) -> FormView {
    let range = &product.range;
    let unit = match range.term_unit {
        TermUnit::Month => "个月",
        TermUnit::Year => "年",
    };
    let amount = range
        .amount_max
        .min(Cents::from_wan(100).unwrap_or(range.amount_max))
        .max(range.amount_min);
    let methods = product.computed_methods();
    let method = RepaymentMethod::from_code(query.get("method")).filter(|m| methods.contains(m));
    let method = method.or_else(|| methods.first().copied());
    let cut = |text: &str| text.chars().take(20).collect::<String>();
    FormView::new(format!("/market/{}#calculator", product.id))
        .with(
            Field::number("amount", "融资金额", "万元")
                .hint(format!(
                    "{}–{} 万元",
                    range.amount_min.format_wan_brief(),
                    range.amount_max.format_wan_brief()
                ))
                .value(cut(or(query.get("amount"), &amount.format_wan_short()))),
        )
        .with(
            Field::number("term", "期限", unit)
                .hint(format!("{}–{} {unit}", range.term_min, range.term_max))
                .value(cut(or(query.get("term"), &range.term_min.to_string()))),
        )
        .with(
            Field::number("rate", "年利率", "%")
                .hint(product.rate_words())
                .value(cut(or(query.get("rate"), &range.rate_min.percent()))),
        )
        .with(
            Field::select("method", "还款方式", "")
                .options(methods.iter().map(|m| (m.code(), m.zh())))
                .value(method.map_or("", RepaymentMethod::code)),
        )
}

/// What was typed, as the form has it.
fn typed(form: &FormView) -> TypedLoan {
    let value = |name: &str| form.field(name).map_or(String::new(), |f| f.value.clone());
    TypedLoan {
        amount: value("amount"),
        term: value("term"),
        rate: value("rate"),
        method: value("method"),
    }
}

impl Calculator {
    /// `None` for a guarantor's fee, which is no loan.
    pub fn of(product: &Product, query: &Query, offered: String) -> Option<Self> {
        if product.is_fee_rate() {
            return None;
        }
        let mut form = form(product, query);
        let asked = !query.get("method").is_empty() || !query.get("amount").is_empty();
        let mut calculator = Self {
            offered,
            asked,
            ..Self::default()
        };
        if asked {
            match product.repayment(&typed(&form)) {
                Ok(plan) => calculator.tell(&plan),
                Err(faults) => {
                    for fault in &faults {
                        form.fail(&fault.field, words::text(fault.code, &fault.params));
                    }
                }
            }
        }
        calculator.form = form;
        Some(calculator)
    }

    fn tell(&mut self, plan: &RepaymentPlan) {
        let (Some(first), Some(last)) = (plan.instalments.first(), plan.instalments.last()) else {
            return;
        };
        let yuan = |c: Cents| format!("{} 元", c.format_yuan());
        self.summary = vec![
            Described::new("首月还款", yuan(first.payment)),
            Described::new("末月还款", yuan(last.payment)),
            Described::new("利息合计", yuan(plan.interest)),
            Described::new("本息合计", yuan(plan.total)),
        ];
        let shown = plan.instalments.len().min(ROWS);
        let caption = if shown < plan.instalments.len() {
            format!(
                "还款计划（共 {} 期，列出前 {shown} 期）",
                plan.instalments.len()
            )
        } else {
            format!("还款计划（共 {shown} 期）")
        };
        let mut table = Table::new(caption)
            .column("期数", "nowrap")
            .column("还款（元）", "num")
            .column("其中本金（元）", "num")
            .column("其中利息（元）", "num")
            .column("剩余本金（元）", "num");
        for one in &plan.instalments[..shown] {
            table.push(vec![
                Cell::text(format!("第 {} 期", one.month)),
                Cell::text(one.payment.format_yuan()),
                Cell::text(one.principal.format_yuan()),
                Cell::text(one.interest.format_yuan()),
                Cell::text(one.left.format_yuan()),
            ]);
        }
        self.table = Some(table);
    }
}
