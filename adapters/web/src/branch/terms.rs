//! 批准的条件: the fields, what was typed in them, and how they are said again; of an approval and of a proposal alike.

use application::{dossier::Case, review::TypedTerms};
use domain::values::{Cents, Rate};

use super::show;
use crate::{
    forms::{Field, FormView},
    parts::Described,
    posted::Posted,
};

/// How the terms are called: by those who decide, and by those who propose.
#[derive(Clone, Copy)]
pub(super) struct Called {
    amount: &'static str,
    rate: &'static str,
    term: &'static str,
}

pub(super) const APPROVED: Called = Called {
    amount: "批准金额",
    rate: "批准利率",
    term: "批准期限",
};
pub(super) const PROPOSED: Called = Called {
    amount: "建议金额",
    rate: "建议利率",
    term: "建议期限",
};

/// The fields of approved or proposed terms, with the asked ones as a start.
pub(super) fn fields(case: &Case, form: FormView, called: Called) -> FormView {
    let record = &case.record;
    let unit = record.term.unit().label();
    let (amount_hint, term_hint) = case.range.map_or_else(
        || (String::new(), String::new()),
        |range| {
            (
                format!(
                    "产品额度 {}–{} 万元",
                    range.amount_min.format_wan_short(),
                    range.amount_max.format_wan_short()
                ),
                format!(
                    "产品期限 {}–{} {}",
                    range.term_min,
                    range.term_max,
                    range.term_unit.label()
                ),
            )
        },
    );
    form.with(
        Field::number("approved_amount", called.amount, "万元")
            .required()
            .hint(amount_hint)
            .value(record.amount.format_wan_short()),
    )
    .with(
        Field::number("approved_rate", called.rate, "%/年")
            .required()
            .hint("最多两位小数")
            .value(record.rate.percent()),
    )
    .with(
        Field::number("approved_term", called.term, unit)
            .required()
            .hint(term_hint)
            .value(record.term.value().to_string()),
    )
    .with(
        Field::text("valid_until", "额度有效期至")
            .required()
            .hint("按 年-月-日 填写，如 2027-03-31。企业应在此日期前签订合同。")
            .maxlength(10)
            .width("m")
            .autocomplete("off"),
    )
}

/// The terms as typed.
pub(super) fn typed(posted: &Posted, opinion: &str) -> TypedTerms {
    let text = |name: &str| posted.get(name).to_owned();
    TypedTerms {
        amount: text("approved_amount"),
        rate: text("approved_rate"),
        term: text("approved_term"),
        valid_until: text("valid_until"),
        opinion: text(opinion),
    }
}

/// The terms as typed, row by row.
pub(super) fn rows(posted: &Posted, unit: &str, called: Called) -> Vec<Described> {
    let (amount, rate) = (posted.get("approved_amount"), posted.get("approved_rate"));
    let amount = Cents::parse_wan(amount).map_or_else(|_| format!("{amount} 万元"), show::money);
    let rate = Rate::parse(rate).map_or_else(|_| format!("{rate}%/年"), show::rate);
    vec![
        Described::new(called.amount, amount),
        Described::new(called.rate, rate),
        Described::new(
            called.term,
            format!("{} {unit}", posted.get("approved_term")),
        ),
        Described::new("额度有效期至", posted.get("valid_until")),
    ]
}
