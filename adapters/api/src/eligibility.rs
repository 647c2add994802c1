//! 准入条件核对 (W3): how the own enterprise stands to the rules of a product. Informs, decides nothing.

use application::{
    catalogue::{OwnStanding, rule_sentence, verdict_words},
    error::{UseError, UseResult},
};
use domain::{eligibility::EligibilityRule, ids::ProductId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Api,
    call::Call,
    city::shelf,
    door::{Door, NoQuery, Who},
    shapes::Word,
};

/// 准入条件核对.
#[derive(Serialize, ToSchema)]
struct Standing {
    /// False: 完善信息 comes first, and nothing is compared.
    compared: bool,
    items: Vec<RuleLine>,
}

/// 一项准入条件.
#[derive(Serialize, ToSchema)]
struct RuleLine {
    text: String,
    /// `met` 符合, `not_met` 不符合, `unknown` 待核实; `null`: not compared.
    verdict: Option<Word>,
}

pub(crate) fn doors() -> Vec<Door> {
    vec![Door::read(
        "金融超市",
        "准入条件核对",
        Who::Enterprise,
        "/api/v1/products/{id}/eligibility",
        standing,
    )]
}

pub(crate) fn sentence(api: &Api, rule: &EligibilityRule) -> String {
    rule_sentence(rule, &*api.uses.industries, &*api.uses.regions)
}

async fn standing(api: Api, call: Call, _: NoQuery) -> UseResult<Standing> {
    let snapshot = shelf(&api, &call).await?;
    let found = snapshot.product(ProductId(call.id("id")?));
    let rules = &found.ok_or_else(UseError::not_found)?.rules;
    let verdicts = match api.uses.own.compare(call.actor()?, rules).await? {
        OwnStanding::Compared(verdicts) => Some(verdicts),
        OwnStanding::Incomplete => None,
    };
    let verdict = |at: usize, rule: &EligibilityRule| {
        let one = *verdicts.as_ref()?.get(at)?;
        Some(Word::new(one.code(), verdict_words(rule, one)))
    };
    Ok(Standing {
        compared: verdicts.is_some(),
        items: rules
            .iter()
            .enumerate()
            .map(|(at, rule)| RuleLine {
                text: sentence(&api, rule),
                verdict: verdict(at, rule),
            })
            .collect(),
    })
}
