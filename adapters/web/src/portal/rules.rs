//! 准入条件 as sentences, and how the signed-in enterprise stands to each (W3).

use application::catalogue::{Fit, OwnStanding, Showcase, rule_sentence, verdict_words};
use domain::eligibility::{EligibilityRule, RuleVerdict};
use serde::Serialize;

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

fn verdict_tag(rule: &EligibilityRule, verdict: RuleVerdict) -> Tag {
    let kind = match verdict {
        RuleVerdict::Met => TagKind::Success,
        RuleVerdict::NotMet => TagKind::Danger,
        RuleVerdict::Unknown => TagKind::Neutral,
    };
    Tag::new(verdict_words(rule, verdict), kind)
}

/// How the own enterprise stands to a whole product, in one word: what is not met weighs more than what is unknown.
pub(crate) fn fit_tag(fit: Fit) -> Tag {
    if !fit.has_rules() {
        Tag::new("未设可核对的条件", TagKind::Neutral)
    } else if !fit.may() {
        Tag::new(format!("有 {} 项不符", fit.not_met), TagKind::Danger)
    } else if fit.unknown > 0 {
        Tag::new(format!("有 {} 项待核实", fit.unknown), TagKind::Neutral)
    } else {
        Tag::new("符合", TagKind::Success)
    }
}

/// A rule as a sentence.
pub fn sentence(show: &Showcase, rule: &EligibilityRule) -> String {
    rule_sentence(rule, &*show.own.industries, &*show.regions)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_said_to_fit_only_when_every_rule_is_met() {
        let said = |met, not_met, unknown| {
            fit_tag(Fit {
                met,
                not_met,
                unknown,
            })
            .label
        };
        assert_eq!(said(2, 0, 0), "符合");
        assert_eq!(said(2, 0, 1), "有 1 项待核实");
        assert_eq!(said(2, 1, 1), "有 1 项不符");
        assert_eq!(said(0, 0, 0), "未设可核对的条件");
    }
}
