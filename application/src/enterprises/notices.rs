//! What is told about held accounts and doubtful codes: the city's people that something waits for a second person, the enterprise
//! what became of its account.

use domain::ids::TenantId;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    city::City,
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        store::{StoreError, UnitOfWork},
        supervision::{HoldKind, HoldStatus},
    },
};

/// 冻结 or its end was asked for.
pub(crate) const HOLD_ASKED: &str = "enterprise.hold_asked";
/// The second person settled it.
pub(crate) const HOLD_SETTLED: &str = "enterprise.hold_settled";
/// A doubtful code waits for a second person.
pub(crate) const CODE_PROPOSED: &str = "admitted_code.proposed";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [HOLD_ASKED, HOLD_SETTLED, CODE_PROPOSED].contains(&topic)
}

pub(crate) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    topic: &str,
    about: Uuid,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    work.outbox()
        .push(id, topic, json!({ "about": about }), at)
        .await
}

/// Whom to tell; what was settled before the worker came asks nobody any more.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    settings: Option<&City>,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["about"].as_str();
    let Some(id) = id.and_then(|text| Uuid::try_parse(text).ok()) else {
        return Ok(Vec::new());
    };
    if notice.topic == CODE_PROPOSED {
        return code_letters(work, city, id, notice, words).await;
    }
    let Some(hold) = work.enterprise_desk().account_hold(id).await? else {
        return Ok(Vec::new());
    };
    let params = vec![
        ("enterprise", hold.enterprise_name.clone()),
        ("kind", hold.kind.zh().to_owned()),
        ("name", hold.asked_name.clone()),
        ("checker", hold.settled_name.clone()),
        (
            "hotline",
            settings.map_or_else(String::new, |c| c.hotline.clone()),
        ),
    ];
    let letter = |code: &str, enterprise, link: String| Letter {
        to: city,
        enterprise,
        key: format!("{code}:{id}"),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link,
    };
    let page = format!("/operator/enterprises/{}", hold.enterprise);
    let own = |code: &str| letter(code, Some(hold.enterprise), "/enterprise".to_owned());
    Ok(match (notice.topic.as_str(), hold.status, hold.kind) {
        (HOLD_ASKED, HoldStatus::Open, _) => {
            vec![letter("notice.staff.account_hold_asked", None, page)]
        }
        (HOLD_SETTLED, HoldStatus::Confirmed, HoldKind::Freeze) => vec![
            own("notice.account_frozen"),
            letter("notice.staff.account_hold_confirmed", None, page),
        ],
        (HOLD_SETTLED, HoldStatus::Confirmed, HoldKind::Unfreeze) => vec![
            own("notice.account_unfrozen"),
            letter("notice.staff.account_hold_confirmed", None, page),
        ],
        (HOLD_SETTLED, HoldStatus::Declined, _) => {
            vec![letter("notice.staff.account_hold_declined", None, page)]
        }
        _ => Vec::new(),
    })
}

async fn code_letters(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    id: Uuid,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let found = work.admitted_codes().code_proposal(id).await?;
    let Some(proposal) = found.filter(|p| p.status == HoldStatus::Open) else {
        return Ok(Vec::new());
    };
    let code = "notice.staff.code_proposed";
    let params = vec![
        ("enterprise", proposal.company_name),
        ("name", proposal.asked_name),
    ];
    Ok(vec![Letter {
        to: city,
        enterprise: None,
        key: format!("{}:{id}", notice.topic),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: format!("/operator/codes/{id}"),
    }])
}
