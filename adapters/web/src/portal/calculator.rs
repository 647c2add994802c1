//! 还款试算 (W24): a plain form below the product, computed with the product's own ranges.

use application::ports::catalogue::Product;
use domain::{
    repayment::{RepaymentMethod, RepaymentPlan},
    values::{Cents, Rate, TermUnit, ValueError},
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

struct Input {
    amount: Cents,
    term: u16,
    rate: Rate,
    method: RepaymentMethod,
}

/// The ways of the product that can be computed; all of them where it names none of these.
fn methods(product: &Product) -> Vec<RepaymentMethod> {
    let named = |m: &RepaymentMethod| product.repayment_methods.iter().any(|c| c == m.code());
    let own: Vec<RepaymentMethod> = RepaymentMethod::ALL.iter().copied().filter(named).collect();
    if own.is_empty() {
        return RepaymentMethod::ALL.to_vec();
    }
    own
}

/// A rate of the product: nobody is promised less than it costs.
fn fits(product: &Product, rate: Rate) -> bool {
    let range = &product.range;
    range.rate_min <= rate && rate <= range.rate_max
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
    let methods = methods(product);
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
                .hint(rates(product))
                .value(cut(or(query.get("rate"), &range.rate_min.percent()))),
        )
        .with(
            Field::select("method", "还款方式", "")
                .options(methods.iter().map(|m| (m.code(), m.zh())))
                .value(method.map_or("", RepaymentMethod::code)),
        )
}

/// `3.75%`, or `3.45%–4.35%`.
fn rates(product: &Product) -> String {
    let range = &product.range;
    if range.rate_min == range.rate_max {
        return format!("{}%", range.rate_min.percent());
    }
    format!(
        "{}%–{}%",
        range.rate_min.percent(),
        range.rate_max.percent()
    )
}

/// What was typed, or the sentences beside the fields.
fn read(product: &Product, form: &mut FormView) -> Option<Input> {
    let range = &product.range;
    let typed =
        |form: &FormView, name: &str| form.field(name).map_or(String::new(), |f| f.value.clone());
    let say = |error: &dyn ValueError| words::text(error.code(), &error.params());
    let amount = Cents::parse_wan(&typed(form, "amount"))
        .map_err(|e| say(&e))
        .and_then(|a| {
            if range.amount_min <= a && a <= range.amount_max {
                return Ok(a);
            }
            let (min, max) = (
                range.amount_min.format_wan_brief(),
                range.amount_max.format_wan_brief(),
            );
            Err(words::text(
                "product.amount_out_of_range",
                &[("min", min), ("max", max)],
            ))
        });
    let term = typed(form, "term")
        .trim()
        .parse::<u16>()
        .ok()
        .filter(|t| range.term_min <= *t && *t <= range.term_max);
    let term = term.ok_or_else(|| {
        let (min, max) = (range.term_min.to_string(), range.term_max.to_string());
        words::text(
            "product.term_out_of_range",
            &[
                ("min", min),
                ("max", max),
                ("unit", range.term_unit.label().to_owned()),
            ],
        )
    });
    let rate = Rate::parse(&typed(form, "rate"))
        .map_err(|e| say(&e))
        .and_then(|r| {
            if fits(product, r) {
                return Ok(r);
            }
            Err(format!("年利率应为 {}", rates(product)))
        });
    for (name, error) in [
        ("amount", amount.as_ref().err()),
        ("term", term.as_ref().err()),
        ("rate", rate.as_ref().err()),
    ] {
        if let Some(text) = error {
            form.fail(name, text.clone());
        }
    }
    let method = RepaymentMethod::from_code(&typed(form, "method"))?;
    Some(Input {
        amount: amount.ok()?,
        term: term.ok()?,
        rate: rate.ok()?,
        method,
    })
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
        let input = if asked {
            read(product, &mut form)
        } else {
            None
        };
        if let Some(input) = input {
            calculator.compute(product, &input);
        }
        calculator.form = form;
        Some(calculator)
    }

    fn compute(&mut self, product: &Product, input: &Input) {
        let months = match product.range.term_unit {
            TermUnit::Month => input.term,
            TermUnit::Year => input.term.saturating_mul(12),
        };
        let Some(plan) = RepaymentPlan::new(input.amount, months, input.rate, input.method) else {
            return;
        };
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
