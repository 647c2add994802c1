//! Who hears of a step: the city of a new claim and of one that waits for its second person, the enterprise of what became of it.

use domain::ids::TenantId;
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        notice_words::NoticeWords, outbox::OutboxNotice, store::UnitOfWork, subsidy_claims::Claim,
    },
};

/// A step of a claim that somebody has to hear of.
pub(crate) const TOPIC: &str = "subsidy.step";

fn params(claim: &Claim) -> Vec<(&'static str, String)> {
    let paid = claim.paid.as_ref();
    let sum = paid.map_or(claim.sum, |paid| paid.sum);
    vec![
        ("title", claim.policy_title.clone()),
        ("no", claim.application_no.clone()),
        ("enterprise", claim.enterprise_name.clone()),
        ("sum", format!("{} 元", sum.format_yuan())),
        ("reason", claim.refusal.clone()),
        ("on", paid.map_or_else(String::new, |p| p.on.to_string())),
    ]
}

/// Letters of a step; whoever applied and what came of it is looked up as it stands now.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let text = |name: &str| notice.payload[name].as_str().unwrap_or_default();
    let Ok(id) = text("claim").parse::<Uuid>() else {
        return Ok(Vec::new());
    };
    let Some(claim) = work.subsidy_claims().subsidy_claim(id).await? else {
        return Ok(Vec::new());
    };
    let params = params(&claim);
    let letter = |whom: &str, code: &str, own: bool| Letter {
        to: city,
        enterprise: own.then_some(claim.enterprise),
        key: format!("subsidy:{}:{whom}", notice.id),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: if own {
            format!("/enterprise/subsidies/{id}")
        } else {
            format!("/operator/subsidies/{id}")
        },
    };
    let to_own = |code| letter("own", code, true);
    let to_city = |code| letter("city", code, false);
    Ok(match text("step") {
        "filed" => vec![
            to_own("notice.subsidy_filed"),
            to_city("notice.city.subsidy_filed"),
        ],
        "listed" => vec![
            to_own("notice.subsidy_listed"),
            to_city("notice.city.subsidy_proposed"),
        ],
        "proposed" => vec![to_city("notice.city.subsidy_proposed")],
        "approved" => vec![to_own("notice.subsidy_approved")],
        "refused" => vec![to_own("notice.subsidy_refused")],
        "paid" => vec![to_own("notice.subsidy_paid")],
        _ => Vec::new(),
    })
}
