//! 准入条件 as sentences, and how the signed-in enterprise stands to each (W3).

use application::catalogue::{OwnStanding, Showcase, rule_sentence, verdict_words};
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
