//! Every field of a product in words: for the bank's page, and beside the published version for the city's review.

use application::{
    ports::product_shelf::OwnBranch,
    products::{FormLists, ProductForm},
};
use domain::product::GuaranteeType;

use crate::parts::{Cell, Described, Table};

const EMPTY: &str = "未填写";

/// One field: label and words.
pub(crate) type Fact = (&'static str, String);

fn or_empty(text: String) -> String {
    if text.trim().is_empty() {
        EMPTY.to_owned()
    } else {
        text
    }
}

/// In the order of the vocabulary, so that the order of ticking is no change.
fn labels(lists: &FormLists, domains: &[&str], codes: &[String]) -> String {
    let words: Vec<String> = domains
        .iter()
        .flat_map(|domain| lists.words.entries(domain))
        .filter(|entry| codes.iter().any(|code| code == entry.code))
        .map(|entry| entry.label.to_owned())
        .collect();
    words.join("、")
}

fn label(lists: &FormLists, domain: &str, code: &str) -> String {
    lists
        .words
        .label(domain, code)
        .map_or_else(String::new, str::to_owned)
}

fn from_to(from: &str, to: &str, unit: &str) -> String {
    match (from.trim(), to.trim()) {
        ("", "") => String::new(),
        (from, to) if from == to => format!("{from}{unit}"),
        (from, to) => format!("{from}–{to}{unit}"),
    }
}

fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    lines.join("；")
}

fn yes(is: bool) -> String {
    if is { "是" } else { "否" }.to_owned()
}

fn unit(form: &ProductForm) -> &'static str {
    match form.term_unit.as_str() {
        "year" => " 年",
        "month" => " 个月",
        _ => "",
    }
}

/// `农、林、牧、渔业` and the like; nothing chosen means all.
pub(crate) fn sections(lists: &FormLists, codes: &[String]) -> String {
    let all = lists.industries.sections();
    let names: Vec<String> = all
        .into_iter()
        .filter(|s| codes.contains(&s.code))
        .map(|s| s.name)
        .collect();
    names.join("、")
}

fn regions(lists: &FormLists, codes: &[String]) -> String {
    let names: Vec<String> = codes
        .iter()
        .filter_map(|code| lists.regions.find(code))
        .map(|r| r.name)
        .collect();
    names.join("、")
}

fn with_unit(typed: &str, before: &str, after: &str) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        "不限".to_owned()
    } else {
        format!("{before}{typed}{after}")
    }
}

fn published(typed: &str, before: &str, after: &str) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        "不公布".to_owned()
    } else {
        format!("{before}{typed}{after}")
    }
}

fn unlimited(words: String) -> String {
    if words.is_empty() {
        "不限".to_owned()
    } else {
        words
    }
}

/// Every field in the order of the form.
pub(crate) fn facts(lists: &FormLists, branches: &[OwnBranch], form: &ProductForm) -> Vec<Fact> {
    let fees = match form.fee_kind.as_str() {
        "none" => "除利息外不收取其他费用".to_owned(),
        "listed" => one_line(&form.fees),
        _ => String::new(),
    };
    let carriers: Vec<&str> = branches
        .iter()
        .filter(|b| form.branches.contains(&b.id.to_string()))
        .map(|b| b.name.as_str())
        .collect();
    let first_loan = match form.rule_first_loan.as_str() {
        "first" => "仅限首贷户",
        "repeat" => "仅限有贷款记录的企业",
        _ => "不限",
    };
    let guarantee = GuaranteeType::from_code(&form.guarantee).map_or("", GuaranteeType::zh);
    let collateral = ["collateral_mortgage", "collateral_pledge"];
    let rows = [
        ("产品名称", form.product_name.clone()),
        (
            "融资类型",
            label(lists, "financing_type", &form.financing_type),
        ),
        ("担保方式", guarantee.to_owned()),
        ("额度", from_to(&form.amount_min, &form.amount_max, " 万元")),
        ("利率口径", label(lists, "rate_term", &form.rate_term)),
        ("利率类型", label(lists, "rate_type", &form.rate_type)),
        ("利率范围", from_to(&form.rate_min, &form.rate_max, "%/年")),
        ("期限", from_to(&form.term_min, &form.term_max, unit(form))),
        (
            "还款方式",
            labels(lists, &["repayment_method"], &form.repayment),
        ),
        ("收费说明", fees),
        ("申请条件", one_line(&form.conditions)),
        ("所需材料", one_line(&form.documents)),
        ("可用担保物", labels(lists, &collateral, &form.collateral)),
        (
            "资金用途",
            labels(lists, &["financing_purpose"], &form.purposes),
        ),
        ("适用对象", form.eligibility.clone()),
        ("产品亮点", one_line(&form.highlights)),
        ("产品介绍", one_line(&form.intro)),
        ("支持首贷", yes(form.first_loan)),
        ("支持续贷", yes(form.renewal)),
        ("审核答复（工作日）", form.response_days.clone()),
        ("受理支行", carriers.join("、")),
        ("适用行业", unlimited(sections(lists, &form.industries))),
        ("成立年限", with_unit(&form.rule_years, "不少于 ", " 年")),
        (
            "注册资本",
            with_unit(&form.rule_capital, "不少于 ", " 万元"),
        ),
        ("所在区域", unlimited(regions(lists, &form.rule_regions))),
        ("首贷要求", first_loan.to_owned()),
        (
            "按营业收入测算",
            published(&form.bound_revenue, "不超过上一年度营业收入的 ", "%"),
        ),
        (
            "按纳税额测算",
            published(&form.bound_tax, "不超过上一年度纳税额的 ", " 倍"),
        ),
    ];
    rows.into_iter().map(|(l, t)| (l, or_empty(t))).collect()
}

pub(crate) fn described(facts: &[Fact]) -> Vec<Described> {
    facts
        .iter()
        .map(|(label, text)| Described::new(*label, text))
        .collect()
}

/// What differs between the published version and the draft, row by row.
pub(crate) fn changes(before: &[Fact], after: &[Fact]) -> Table {
    let mut table = Table::new("修改前后对照")
        .column("项目", "nowrap")
        .column("已发布版本", "wrap")
        .column("修改稿", "wrap");
    for (old, new) in before.iter().zip(after) {
        if old.1 != new.1 {
            table.push(vec![
                Cell::text(new.0),
                Cell::text(&old.1),
                Cell::text(&new.1),
            ]);
        }
    }
    table
}
