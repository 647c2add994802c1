//! Rules 准入条件 in words (W3), the same on every channel.

use domain::{
    eligibility::{EligibilityRule, RuleSubject, RuleVerdict},
    values::Cents,
};

use crate::ports::reference::{IndustryDirectory, RegionDirectory};

/// A rule as a sentence.
pub fn rule_sentence(
    rule: &EligibilityRule,
    industries: &dyn IndustryDirectory,
    regions: &dyn RegionDirectory,
) -> String {
    let values = rule.values();
    let first = values.first().map_or("", String::as_str);
    match rule.subject() {
        RuleSubject::YearsFounded => format!("企业成立满 {first} 年"),
        RuleSubject::Capital => {
            let amount = first.parse().ok().and_then(|cents| Cents::new(cents).ok());
            let amount = amount.map_or_else(String::new, Cents::format_wan_short);
            format!("注册资本不少于 {amount} 万元")
        }
        RuleSubject::Industry => {
            let names: Vec<String> = industries
                .sections()
                .into_iter()
                .filter(|s| values.contains(&s.code))
                .map(|s| s.name)
                .collect();
            format!("所属行业为{}", names.join("、"))
        }
        RuleSubject::Region => {
            let names: Vec<String> = values
                .iter()
                .filter_map(|code| regions.find(code))
                .map(|region| region.name)
                .collect();
            format!("企业所在区域为{}", names.join("、"))
        }
        RuleSubject::FirstLoan if first == "1" => "仅限尚无贷款记录的首贷户".to_owned(),
        RuleSubject::FirstLoan => "仅限已有贷款记录的企业".to_owned(),
    }
}

/// The verdict as a word. No form of the platform asks for the day of founding (S-28): that one is the branch's to check, by
/// the licence.
pub fn verdict_words(rule: &EligibilityRule, verdict: RuleVerdict) -> &'static str {
    if rule.subject() == RuleSubject::YearsFounded && verdict == RuleVerdict::Unknown {
        return "由支行核对";
    }
    verdict.zh()
}
