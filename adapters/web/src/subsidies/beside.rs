//! 可享政策 beside a loan: which policies it meets, what they come to, and the way on.

use application::subsidies::{LoanOffers, Offered};
use domain::ids::{DrawId, FinancingApplicationId};
use serde::Serialize;

use super::{own_href, words::status_tag};
use crate::parts::{Described, Tag, TagKind};

/// One policy beside a draw.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LoanLine {
    pub title: String,
    pub href: String,
    pub tags: Vec<Tag>,
    pub rows: Vec<Described>,
    /// What has to be done, or that nothing has.
    pub note: String,
    /// Where it is applied for; empty: not now.
    pub apply: String,
    /// The claim that was made; empty: none was.
    pub claim: String,
}

fn note(offered: &Offered) -> &'static str {
    let listed = offered.offer.handling.is_listed();
    match (&offered.claim, listed) {
        (Some(_), _) => "",
        (None, _) if offered.unconfirmed && !listed => "确认这笔放款无误后可以申请。",
        (None, true) if offered.unconfirmed => {
            "免申即享，无需申请；确认这笔放款无误后，由平台列入名单。"
        }
        (None, true) => "免申即享，无需申请：由平台列出名单，核定后您会收到消息。",
        (None, false) => "",
    }
}

fn line(application: FinancingApplicationId, draw: DrawId, offered: &Offered) -> LoanLine {
    let offer = &offered.offer;
    let mut tags = vec![Tag::new(offer.handling.zh(), TagKind::Info)];
    tags.extend(offered.claim.as_ref().map(|c| status_tag(c.status, true)));
    let mut rows = Vec::new();
    // What stands in a claim is what counts, whatever the policy says by now.
    let sum = match &offered.claim {
        Some(claim) => Some(claim.sum),
        None => offered.granted.map(|granted| granted.sum),
    };
    rows.extend(sum.map(|sum| Described::new("补贴金额", format!("{} 元", sum.format_yuan()))));
    if !offer.handling.is_listed() {
        rows.extend(
            offer
                .deadline
                .map(|day| Described::new("申报截止", day.to_string())),
        );
    }
    if let Some(claim) = offered.claim.as_ref().filter(|c| !c.refusal.is_empty()) {
        rows.push(Described::new("未通过原因", &claim.refusal));
    }
    LoanLine {
        title: offer.title.clone(),
        href: format!("/policies/{}", offer.policy),
        tags,
        rows,
        note: note(offered).to_owned(),
        apply: if offered.may_apply {
            format!(
                "/enterprise/applications/{application}/loan/{draw}/subsidies/{}",
                offer.policy
            )
        } else {
            String::new()
        },
        claim: offered
            .claim
            .as_ref()
            .map_or_else(String::new, |claim| own_href(claim.id)),
    }
}

/// 可享政策 of one draw.
pub(crate) fn lines(
    application: FinancingApplicationId,
    draw: DrawId,
    offers: &[LoanOffers],
) -> Vec<LoanLine> {
    let found = offers.iter().find(|one| one.draw == draw);
    found.map_or_else(Vec::new, |one| {
        one.offers
            .iter()
            .map(|offered| line(application, draw, offered))
            .collect()
    })
}
