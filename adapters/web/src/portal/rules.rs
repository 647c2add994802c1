//! 准入条件 as sentences, and how the signed-in enterprise stands to each (W3).

use application::catalogue::{OwnStanding, Showcase};
use domain::{
    eligibility::{EligibilityRule, RuleSubject, RuleVerdict},
    values::Cents,
};
use serde::Serialize;

use super::views;
use crate::parts::{Tag, TagKind};

/// One rule as the page says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    pub text: String,
    /// Only for a signed-in enterprise.
    pub tag: Option<Tag>,
}

/// What the page says about the own enterprise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct RuleCheck {
    pub lines: Vec<RuleLine>,
    pub compared: bool,
    /// 完善信息 comes first.
    pub incomplete: bool,
}

/// No form of the platform asks for the day of founding (S-28): that one is the branch's to check, by the licence.
fn verdict_tag(rule: &EligibilityRule, verdict: RuleVerdict) -> Tag {
    if rule.subject() == RuleSubject::YearsFounded && verdict == RuleVerdict::Unknown {
        return Tag::new("由支行核对", TagKind::Neutral);
    }
    let kind = match verdict {
        RuleVerdict::Met => TagKind::Success,
        RuleVerdict::NotMet => TagKind::Danger,
        RuleVerdict::Unknown => TagKind::Neutral,
    };
    Tag::new(verdict.zh(), kind)
}

fn sections(show: &Showcase, codes: &[String]) -> String {
    let names: Vec<String> = show
        .own
        .industries
        .sections()
        .into_iter()
        .filter(|s| codes.contains(&s.code))
        .map(|s| s.name)
        .collect();
    names.join("、")
}

/// A rule as a sentence.
pub fn sentence(show: &Showcase, rule: &EligibilityRule) -> String {
    let values = rule.values();
    let first = values.first().map_or("", String::as_str);
    match rule.subject() {
        RuleSubject::YearsFounded => format!("企业成立满 {first} 年"),
        RuleSubject::Capital => {
            let amount = first.parse().ok().and_then(|cents| Cents::new(cents).ok());
            let amount = amount.map_or_else(String::new, Cents::format_wan_short);
            format!("注册资本不少于 {amount} 万元")
        }
        RuleSubject::Industry => format!("所属行业为{}", sections(show, values)),
        RuleSubject::Region => {
            let names: Vec<String> = values
                .iter()
                .map(|code| views::county(show, code))
                .filter(|name| !name.is_empty())
                .collect();
            format!("企业所在区域为{}", names.join("、"))
        }
        RuleSubject::FirstLoan if first == "1" => "仅限尚无贷款记录的首贷户".to_owned(),
        RuleSubject::FirstLoan => "仅限已有贷款记录的企业".to_owned(),
    }
}

/// Every rule, with its verdict where the enterprise is known.
pub(super) fn check(
    show: &Showcase,
    rules: &[EligibilityRule],
    standing: Option<&OwnStanding>,
) -> RuleCheck {
    let verdicts = match standing {
        Some(OwnStanding::Compared(verdicts)) => verdicts.as_slice(),
        _ => &[],
    };
    RuleCheck {
        lines: rules
            .iter()
            .enumerate()
            .map(|(at, rule)| RuleLine {
                text: sentence(show, rule),
                tag: verdicts.get(at).map(|v| verdict_tag(rule, *v)),
            })
            .collect(),
        compared: !verdicts.is_empty(),
        incomplete: standing == Some(&OwnStanding::Incomplete) && !rules.is_empty(),
    }
}
