//! What is told about a pause: the city's people that it waits for a second person, the institution's that it holds or is over.

use domain::ids::TenantId;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        institution_desk::SuspensionKind,
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        store::{StoreError, UnitOfWork},
        supervision::HoldStatus,
    },
};

/// 暂停受理 or its end was asked for.
pub(super) const ASKED: &str = "institution.suspension_asked";
/// The second person settled it.
pub(super) const SETTLED: &str = "institution.suspension_settled";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [ASKED, SETTLED].contains(&topic)
}

pub(super) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    topic: &str,
    suspension: Uuid,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let payload = json!({ "suspension": suspension });
    work.outbox().push(id, topic, payload, at).await
}

/// Whom to tell; what was settled before the worker came asks nobody any more.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["suspension"].as_str();
    let Some(id) = id.and_then(|text| Uuid::try_parse(text).ok()) else {
        return Ok(Vec::new());
    };
    let Some(one) = work.institution_desk().suspension(id).await? else {
        return Ok(Vec::new());
    };
    let params = vec![
        ("institution", one.institution_name.clone()),
        ("kind", one.kind.zh().to_owned()),
        ("name", one.asked_name.clone()),
        ("checker", one.settled_name.clone()),
        ("reason", one.reason.clone()),
    ];
    let letter = |code: &str, to: TenantId, link: String| Letter {
        to,
        enterprise: None,
        key: format!("{code}:{id}"),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link,
    };
    let page = format!("/operator/institutions/{}", one.institution);
    let theirs = |code: &str| letter(code, one.institution, "/hq/products".to_owned());
    Ok(match (notice.topic.as_str(), one.status, one.kind) {
        (ASKED, HoldStatus::Open, _) => {
            vec![letter("notice.staff.suspension_asked", city, page)]
        }
        (SETTLED, HoldStatus::Confirmed, SuspensionKind::Suspend) => vec![
            theirs("notice.staff.institution_suspended"),
            letter("notice.staff.suspension_confirmed", city, page),
        ],
        (SETTLED, HoldStatus::Confirmed, SuspensionKind::Resume) => vec![
            theirs("notice.staff.institution_resumed"),
            letter("notice.staff.suspension_confirmed", city, page),
        ],
        (SETTLED, HoldStatus::Declined, _) => {
            vec![letter("notice.staff.suspension_declined", city, page)]
        }
        _ => Vec::new(),
    })
}
