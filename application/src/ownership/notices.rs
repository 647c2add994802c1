//! What is told about 企业管理员: the enterprise that it is asked for and that it is done, the city's people that something waits for a
//! second one of them.

use domain::ids::TenantId;
use uuid::Uuid;

use crate::{
    city::City,
    error::UseResult,
    outbox::letters::{Letter, moment},
    ports::{
        notice_words::NoticeWords, outbox::OutboxNotice, store::UnitOfWork, supervision::HoldStatus,
    },
};

/// 移交 was asked for.
pub(crate) const HANDOVER_ASKED: &str = "ownership.handover_asked";
/// The other one accepted or declined.
pub(crate) const HANDOVER_SETTLED: &str = "ownership.handover_settled";
/// The city has begun to change the owner.
pub(crate) const RECOVERY_ASKED: &str = "ownership.recovery_asked";
/// The second person, or the owner who objected, settled it; or whoever asked took it back.
pub(crate) const RECOVERY_SETTLED: &str = "ownership.recovery_settled";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [
        HANDOVER_ASKED,
        HANDOVER_SETTLED,
        RECOVERY_ASKED,
        RECOVERY_SETTLED,
    ]
    .contains(&topic)
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
    let Some(change) = work.ownership().ownership_change(id).await? else {
        return Ok(Vec::new());
    };
    let params = vec![
        ("enterprise", change.enterprise_name.clone()),
        ("name", change.asked_name.clone()),
        ("checker", change.settled_name.clone()),
        ("until", moment(Some(change.until))),
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
    let page = || format!("/operator/enterprises/{}/owner", change.enterprise);
    let own = |code: &str| {
        let link = "/enterprise/handover".to_owned();
        letter(code, Some(change.enterprise), link)
    };
    let staff = |code: &str| letter(code, None, page());
    Ok(match (notice.topic.as_str(), change.status) {
        (HANDOVER_ASKED, HoldStatus::Open) => vec![own("notice.owner_handover")],
        (HANDOVER_SETTLED, HoldStatus::Confirmed) => vec![own("notice.owner_changed")],
        (HANDOVER_SETTLED, HoldStatus::Declined) => vec![own("notice.owner_kept")],
        (RECOVERY_ASKED, HoldStatus::Open) => vec![
            own("notice.owner_recovery"),
            staff("notice.staff.owner_recovery_asked"),
        ],
        (RECOVERY_SETTLED, HoldStatus::Confirmed) => vec![
            own("notice.owner_changed"),
            staff("notice.staff.owner_recovery_confirmed"),
        ],
        (RECOVERY_SETTLED, HoldStatus::Declined) => vec![
            own("notice.owner_recovery_ended"),
            staff("notice.staff.owner_recovery_declined"),
        ],
        (RECOVERY_SETTLED, HoldStatus::Withdrawn) => vec![own("notice.owner_recovery_ended")],
        _ => Vec::new(),
    })
}
