//! What a policy gives and for which loans, in words; and what a claim says of its sum and state.

use application::ports::{
    subsidies::{LoanFacts, SubsidyOffer},
    subsidy_claims::Claim,
};
use domain::{
    product::GuaranteeType,
    subsidy::{ClaimStatus, Granted, SubsidyRule, SubsidyTerms},
};

use crate::{
    parts::{Cell, Described, Tag, TagKind},
    show,
};

/// 补贴标准.
pub(crate) fn standard(terms: &SubsidyTerms) -> String {
    let given = match terms.rule {
        SubsidyRule::Rate { rate, months_most } => {
            let most = months_most.map_or_else(String::new, |m| format!("，最长 {m} 个月"));
            format!("按放款金额每年贴息 {}%{most}", rate.percent())
        }
        SubsidyRule::Fixed(sum) => format!("每笔贷款补贴 {} 元", sum.format_yuan()),
    };
    match terms.cap {
        Some(cap) => format!("{given}，每笔最高 {} 元", cap.format_yuan()),
        None => given,
    }
}

/// 适用贷款.
pub(crate) fn loans(terms: &SubsidyTerms, first_loan: bool) -> String {
    let mut words = vec![format!("{} 至 {} 放款", terms.from, terms.until)];
    if first_loan {
        words.push("银行核实为首贷".to_owned());
    }
    if !terms.guarantees.is_empty() {
        let kinds: Vec<&str> = terms.guarantees.iter().map(|kind| kind.zh()).collect();
        words.push(format!("担保方式为{}", kinds.join("、")));
    }
    match (terms.months_min, terms.months_max) {
        (Some(min), Some(max)) => words.push(format!("期限 {min}–{max} 个月")),
        (Some(min), None) => words.push(format!("期限不短于 {min} 个月")),
        (None, Some(max)) => words.push(format!("期限不超过 {max} 个月")),
        (None, None) => {}
    }
    if let Some(most) = terms.amount_max {
        words.push(format!("放款金额不超过 {} 万元", most.format_wan_brief()));
    }
    words.join("；")
}

/// What a policy is, above its figures and its loans.
pub(super) fn policy_rows(offer: &SubsidyOffer) -> Vec<Described> {
    let conditions = &offer.conditions;
    vec![
        Described::new("办理方式", offer.handling.zh()),
        Described::new("补贴标准", standard(&conditions.terms)),
        Described::new("适用贷款", loans(&conditions.terms, conditions.first_loan)),
    ]
}

/// How a sum comes about.
pub(super) fn reckoned(granted: Granted, terms: &SubsidyTerms, facts: &LoanFacts) -> Cell {
    let sum = Cell::text(format!("{} 元", granted.sum.format_yuan()));
    let way = match (terms.rule, granted.days) {
        (SubsidyRule::Rate { rate, .. }, Some(days)) => format!(
            "放款金额 {} 元 × {}% × {days} 天 ÷ 365 天",
            facts.loan.amount.format_yuan(),
            rate.percent()
        ),
        _ => "按笔定额".to_owned(),
    };
    sum.second(if granted.capped {
        format!("{way}，按每笔最高补贴金额计")
    } else {
        way
    })
}

/// 放款记录 as both sides read it.
pub(super) fn loan_rows(facts: &LoanFacts) -> Vec<Described> {
    let loan = &facts.loan;
    let dash = || "-".to_owned();
    let mut rows = vec![
        Described::new(
            "贷款机构",
            format!("{}，{}", facts.bank_name, facts.branch_name),
        ),
        Described::new("贷款产品", &facts.product_name),
        Described::new("担保方式", loan.guarantee.map_or("-", GuaranteeType::zh)),
        Described::new("放款金额", show::money_both(loan.amount)),
        Described::new("执行利率", show::rate(facts.rate)),
        Described::new("放款日期", loan.on.to_string()),
        Described::new("到期日期", loan.due_on.map_or_else(dash, |d| d.to_string())),
        Described::new("合同编号", &facts.contract_no),
        Described::new(
            "首贷",
            match loan.first_loan {
                Some(true) => "是（银行核实）",
                Some(false) => "否（银行核实）",
                None => "银行尚未核实",
            },
        ),
        Described::new(
            "企业确认放款",
            facts
                .confirmed_at
                .map_or_else(|| "尚未确认".to_owned(), show::minute),
        ),
    ];
    rows.extend(
        loan.repaid_on
            .map(|day| Described::new("还清日期", day.to_string())),
    );
    rows
}

pub(super) fn status_tag(status: ClaimStatus, own: bool) -> Tag {
    let kind = match status {
        ClaimStatus::Filed | ClaimStatus::Proposed => TagKind::Warning,
        ClaimStatus::Approved => TagKind::Info,
        ClaimStatus::Refused => TagKind::Danger,
        ClaimStatus::Paid => TagKind::Success,
    };
    Tag::new(if own { status.own_zh() } else { status.zh() }, kind)
}

/// Which loan of which request.
pub(super) fn loan_words(number: &str, draw: u16) -> String {
    format!("{number} 第 {draw} 笔放款")
}

/// When it came to be what it is, in words; empty as long as that is when it was filed, which the lists say in a column of their own.
pub(super) fn latest(claim: &Claim) -> String {
    if let Some(paid) = &claim.paid {
        return format!("{} 拨付", paid.on);
    }
    let (decided, word) = match claim.status {
        ClaimStatus::Refused => (claim.refused.as_ref(), "未通过"),
        ClaimStatus::Approved => (claim.approved.as_ref(), "通过"),
        _ => (None, ""),
    };
    decided.map_or_else(String::new, |one| {
        format!("{} {word}", show::minute(one.at))
    })
}

#[cfg(test)]
mod tests {
    use domain::values::{Cents, Rate};
    use time::macros::date;

    use super::*;

    #[test]
    fn a_policy_says_what_it_gives_and_for_which_loans() {
        let terms = SubsidyTerms {
            rule: SubsidyRule::Rate {
                rate: Rate::parse("1.5").unwrap(),
                months_most: Some(12),
            },
            cap: Some(Cents::new(5_000_000).unwrap()),
            guarantees: vec![GuaranteeType::Unsecured, GuaranteeType::Guarantor],
            months_min: Some(6),
            months_max: None,
            amount_max: Some(Cents::from_wan(500).unwrap()),
            from: date!(2026 - 01 - 01),
            until: date!(2026 - 12 - 31),
        };
        assert_eq!(
            standard(&terms),
            "按放款金额每年贴息 1.50%，最长 12 个月，每笔最高 50,000.00 元"
        );
        assert_eq!(
            loans(&terms, true),
            "2026-01-01 至 2026-12-31 放款；银行核实为首贷；担保方式为信用、保证；期限不短于 6 个月；放款金额不超过 500 万元"
        );
    }
}
