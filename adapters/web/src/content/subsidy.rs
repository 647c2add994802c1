//! 贴息补贴 of a policy: its part of the form, and the same in words.

use application::content::SubsidyForm;
use domain::{product::GuaranteeType, subsidy::SubsidyKind};

use super::facts::{EMPTY, Fact};
use crate::{
    forms::{Field, FormView},
    posted::Posted,
};

const KIND_HINT: &str = "选择补贴方式后，企业可以在符合条件的贷款下看到并申请；办理方式为“免申即享”的，由平台列出名单。选择后须填写上面的办理方式。";
const DAY_HINT: &str = "按“2026-01-01”填写。";

/// What a policy gives for a loan, and for which loans.
pub(super) fn fields(view: FormView, form: &SubsidyForm) -> FormView {
    let number = |name: &'static str, label: &str, unit: &str, hint: &str, value: &str| {
        Field::number(name, label, unit)
            .hint(hint)
            .maxlength(16)
            .value(value)
    };
    let day = |name: &'static str, label: &str, value: &str| {
        Field::text(name, label)
            .hint(DAY_HINT)
            .maxlength(10)
            .width("m")
            .value(value)
    };
    view.with(
        Field::select("subsidy_kind", "补贴方式", "不补贴，仅公布政策")
            .hint(KIND_HINT)
            .options(SubsidyKind::ALL.iter().map(|kind| (kind.code(), kind.zh())))
            .value(&form.kind),
    )
    .with(number(
        "subsidy_rate",
        "年贴息率",
        "%",
        "按放款金额贴息时填写。按天计算，从放款日算到到期日的前一天，提前还清的算到还清日的前一天，一年按 365 天。",
        &form.rate,
    ))
    .with(number(
        "subsidy_months",
        "最长贴息时间",
        "个月",
        "按放款金额贴息时填写，不填写表示贴息到贷款到期。",
        &form.months_most,
    ))
    .with(number(
        "subsidy_fixed",
        "每笔补贴金额",
        "元",
        "按笔定额补贴时填写。",
        &form.fixed,
    ))
    .with(number(
        "subsidy_cap",
        "每笔最高补贴",
        "元",
        "不填写表示不设上限。",
        &form.cap,
    ))
    .with(day("loan_from", "放款日期从", &form.from))
    .with(day("loan_until", "放款日期到", &form.until))
    .with(
        Field::checks("loan_guarantees", "适用担保方式")
            .hint("不选择表示不限。仅限首贷、适用行业和适用区域按上面的选择执行，首贷以银行核实为准。")
            .options(GuaranteeType::ALL.iter().map(|kind| (kind.code(), kind.zh())))
            .values(form.guarantees.clone()),
    )
    .with(number(
        "loan_months_min",
        "最短贷款期限",
        "个月",
        "从放款日到到期日，不填写表示不限。",
        &form.months_min,
    ))
    .with(number(
        "loan_months_max",
        "最长贷款期限",
        "个月",
        "不填写表示不限。",
        &form.months_max,
    ))
    .with(number(
        "loan_amount_max",
        "最高放款金额",
        "万元",
        "单笔放款超过的不补贴，不填写表示不限。",
        &form.amount_max,
    ))
}

/// As it was posted.
pub(super) fn read(posted: &Posted) -> SubsidyForm {
    let text = |name: &str| posted.get(name).to_owned();
    SubsidyForm {
        kind: text("subsidy_kind"),
        rate: text("subsidy_rate"),
        months_most: text("subsidy_months"),
        fixed: text("subsidy_fixed"),
        cap: text("subsidy_cap"),
        guarantees: posted
            .all("loan_guarantees")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        months_min: text("loan_months_min"),
        months_max: text("loan_months_max"),
        amount_max: text("loan_amount_max"),
        from: text("loan_from"),
        until: text("loan_until"),
    }
}

fn limit(typed: &str, unit: &str) -> String {
    if typed.trim().is_empty() {
        "不限".to_owned()
    } else {
        format!("{} {unit}", typed.trim())
    }
}

/// What a draft may still lack says so.
fn filled(typed: &str, unit: &str) -> String {
    if typed.trim().is_empty() {
        EMPTY.to_owned()
    } else {
        format!("{}{unit}", typed.trim())
    }
}

/// Every field that counts for the chosen way, in words.
pub(super) fn facts(form: &SubsidyForm) -> Vec<Fact> {
    let Some(kind) = SubsidyKind::from_code(&form.kind) else {
        return vec![("补贴方式", "不补贴，仅公布政策".to_owned())];
    };
    let mut facts: Vec<Fact> = vec![("补贴方式", kind.zh().to_owned())];
    match kind {
        SubsidyKind::Rate => facts.extend([
            ("年贴息率", filled(&form.rate, "%")),
            ("最长贴息时间", limit(&form.months_most, "个月")),
        ]),
        SubsidyKind::Fixed => {
            facts.push(("每笔补贴金额", filled(&form.fixed, " 元")));
        }
    }
    let kinds = form.guarantees.iter();
    let kinds: Vec<&str> = kinds
        .filter_map(|code| GuaranteeType::from_code(code).map(GuaranteeType::zh))
        .collect();
    facts.extend([
        ("每笔最高补贴", limit(&form.cap, "元")),
        (
            "放款日期",
            format!("{} 至 {}", filled(&form.from, ""), filled(&form.until, "")),
        ),
        (
            "适用担保方式",
            if kinds.is_empty() {
                "不限".to_owned()
            } else {
                kinds.join("、")
            },
        ),
        ("最短贷款期限", limit(&form.months_min, "个月")),
        ("最长贷款期限", limit(&form.months_max, "个月")),
        ("最高放款金额", limit(&form.amount_max, "万元")),
    ]);
    facts
}
