//! What was told, in words: the same for a visitor as for an enterprise that keeps it.

use application::{
    catalogue::Fit,
    estimates::{EstimateAnswer, EstimateInputs, OUTSIDE, Question, ToldRepayment},
    ports::catalogue::Fee,
};
use domain::{
    eligibility::RuleVerdict,
    estimate::AmountLimit,
    ids::ProductId,
    repayment::RepaymentMethod,
    values::{Cents, Rate},
};
use serde::Serialize;

use super::{amounts, wan};
use crate::{
    parts::{Cell, Described, Table, Tag, TagKind},
    portal::fit_tag,
    show,
};

/// What a code of the answer to a question is called.
pub(super) type Names<'a> = dyn Fn(Question, &str) -> String + 'a;

/// The answer as its part prints it.
#[derive(Debug, Default, Serialize)]
pub(super) struct AnswerView {
    /// Empty: it comes to less than the product lends.
    pub amount: String,
    pub term: String,
    pub rate_label: &'static str,
    pub rate: String,
    /// How the amount came about, one sentence each.
    pub basis: Vec<String>,
    /// What was asked.
    pub inputs: Vec<Described>,
    pub repayments: Table,
    pub fees: Vec<Fee>,
    /// A guarantor's fee and no loan.
    pub fee_rate: bool,
    pub fit: Option<Tag>,
    pub rules: Table,
    pub documents: Table,
    /// Each document is marked as given or not.
    pub marked: bool,
}

/// Where 立即申请 leads: the amount that it comes to and the term go along.
pub(super) fn apply_href(
    product: ProductId,
    inputs: &EstimateInputs,
    answer: &EstimateAnswer,
) -> String {
    let mut href = format!("/enterprise/apply/{product}?term={}", inputs.term.value());
    if let Some(high) = answer.high.and_then(|cents| Cents::new(cents).ok()) {
        href.push_str(&format!("&amount={}", high.format_wan_short()));
    }
    href
}

fn verdict(code: &str) -> RuleVerdict {
    RuleVerdict::from_code(code).unwrap_or(RuleVerdict::Unknown)
}

/// How the rules stood, in one word; nothing for a product without any.
pub(super) fn fit_of(answer: &EstimateAnswer) -> Option<Tag> {
    let mut fit = Fit::default();
    for rule in &answer.rules {
        match verdict(&rule.verdict) {
            RuleVerdict::Met => fit.met += 1,
            RuleVerdict::NotMet => fit.not_met += 1,
            RuleVerdict::Unknown => fit.unknown += 1,
        }
    }
    fit.has_rules().then(|| fit_tag(fit))
}

fn rate(answer: &EstimateAnswer) -> String {
    let percent =
        |hundredths: i32| Rate::new(hundredths).map_or_else(|_| String::new(), Rate::percent);
    let (least, most) = (percent(answer.rate_min), percent(answer.rate_max));
    if least == most {
        return format!("{least}%/年");
    }
    format!("{least}%–{most}%/年")
}

/// Where the figures come from, and what was not counted.
fn basis(inputs: &EstimateInputs, answer: &EstimateAnswer) -> Vec<String> {
    let own = amounts(Some(answer.amount_min), Some(answer.amount_max));
    let mut told = Vec::new();
    if inputs.amount.cents() > answer.amount_max {
        let most = wan(Some(answer.amount_max));
        told.push(format!(
            "期望融资金额超过产品最高额度 {most}，按产品最高额度试算。"
        ));
    }
    if answer.caps.is_empty() {
        told.push(format!(
            "该产品没有公布按经营数据测算额度的规则。参考额度就是产品的额度范围（{own}），并以您的期望融资金额为上限。"
        ));
    } else {
        told.push(format!(
            "参考额度以产品的额度范围（{own}）为基础，上限取产品最高额度、您的期望融资金额和机构公布的额度测算规则中最低的一项。"
        ));
    }
    for cap in &answer.caps {
        told.push(match cap.amount {
            Some(amount) => format!(
                "机构公布：额度{}，试算为 {}。",
                cap.words,
                wan(Some(amount))
            ),
            None => format!(
                "机构公布：额度{}。您没有填写相应数据，没有按这一条试算，实际额度可能更低。",
                cap.words
            ),
        });
    }
    if answer.high.is_none() {
        let least = wan(Some(answer.amount_min));
        let limit = AmountLimit::from_code(&answer.limit).unwrap_or(AmountLimit::Product);
        told.push(if limit == AmountLimit::Wanted {
            format!("您的期望融资金额低于产品最低额度 {least}，没有参考额度。")
        } else {
            format!(
                "按{}试算的额度低于产品最低额度 {least}，没有参考额度。",
                limit.zh()
            )
        });
    }
    told
}

fn inputs_of(inputs: &EstimateInputs, names: &Names<'_>) -> Vec<Described> {
    let figures = &inputs.figures;
    let region = figures.region.as_deref().map(|code| {
        if code == OUTSIDE {
            "本市以外".to_owned()
        } else {
            names(Question::Region, code)
        }
    });
    let loans = figures.first_loan.map(|first| {
        if first {
            "尚无贷款记录"
        } else {
            "已有贷款记录"
        }
        .to_owned()
    });
    let told = |cents: Option<i64>| cents.map(|c| wan(Some(c)));
    let rows = [
        ("期望融资金额", Some(wan(Some(inputs.amount.cents())))),
        ("期望融资期限", Some(show::term(inputs.term))),
        ("上一年度营业收入", told(figures.revenue_cents)),
        ("上一年度纳税额", told(figures.tax_cents)),
        ("成立年限", figures.years.map(|y| format!("{y} 年"))),
        ("注册资本", told(figures.capital_cents)),
        (
            "所属行业",
            figures
                .section
                .as_deref()
                .map(|code| names(Question::Section, code)),
        ),
        ("所在区域", region),
        ("贷款记录", loans),
    ];
    rows.into_iter()
        .filter_map(|(label, text)| Some(Described::new(label, text?)))
        .collect()
}

fn from_to([least, most]: [i64; 2]) -> String {
    let yuan = |cents: i64| Cents::new(cents).map_or_else(|_| String::new(), Cents::format_yuan);
    if least == most {
        return yuan(least);
    }
    format!("{}–{}", yuan(least), yuan(most))
}

fn repayments(answer: &EstimateAnswer) -> Table {
    let mut table = Table::new("按参考额度上限计算的还款")
        .column("还款方式", "")
        .column("首月还款（元）", "num")
        .column("末月还款（元）", "num")
        .column("利息合计（元）", "num")
        .column("本息合计（元）", "num");
    for one in &answer.repayments {
        let ToldRepayment {
            method,
            first,
            last,
            interest,
            total,
        } = one;
        let method = RepaymentMethod::from_code(method).map_or("", RepaymentMethod::zh);
        table.push(vec![
            Cell::text(method),
            Cell::text(from_to(*first)),
            Cell::text(from_to(*last)),
            Cell::text(from_to(*interest)),
            Cell::text(from_to(*total)),
        ]);
    }
    table
}

fn rules(answer: &EstimateAnswer) -> Table {
    let mut table = Table::new("准入条件核对")
        .column("准入条件", "")
        .column("核对结果", "nowrap")
        .column("依据", "wrap");
    for rule in &answer.rules {
        let kind = match verdict(&rule.verdict) {
            RuleVerdict::Met => TagKind::Success,
            RuleVerdict::NotMet => TagKind::Danger,
            RuleVerdict::Unknown => TagKind::Neutral,
        };
        table.push(vec![
            Cell::text(&rule.text),
            Cell::tag(&rule.words, kind),
            Cell::text(&rule.why),
        ]);
    }
    table
}

/// `given` is empty where nobody knows.
fn documents(answer: &EstimateAnswer, given: &[bool]) -> Table {
    let mut table = Table::new("支行还会要求的材料").column("材料", "");
    if !given.is_empty() {
        table = table.column("情况", "nowrap");
    }
    for (at, line) in answer.documents.iter().enumerate() {
        let mut row = vec![Cell::text(line)];
        match given.get(at) {
            Some(true) => row.push(Cell::tag("已在平台提供", TagKind::Success)),
            Some(false) => row.push(Cell::tag("需另外提供", TagKind::Neutral)),
            None => {}
        }
        table.push(row);
    }
    table
}

impl AnswerView {
    pub fn of(
        inputs: &EstimateInputs,
        answer: &EstimateAnswer,
        given: &[bool],
        names: &Names<'_>,
    ) -> Self {
        Self {
            amount: amounts(answer.low, answer.high),
            term: show::term(inputs.term),
            rate_label: match answer.rate_term.as_str() {
                "guarantee_fee" => "参考担保费率",
                "annualized_rate" => "参考年化利率",
                _ => "参考年利率",
            },
            rate: rate(answer),
            basis: basis(inputs, answer),
            inputs: inputs_of(inputs, names),
            repayments: repayments(answer),
            fees: answer.fees.clone(),
            fee_rate: answer.rate_term == "guarantee_fee",
            fit: fit_of(answer),
            rules: rules(answer),
            documents: documents(answer, given),
            marked: !given.is_empty(),
        }
    }
}
