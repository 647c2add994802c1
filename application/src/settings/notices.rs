//! What is told about a change of the rules: that it waits for a second person, and what became of it.

use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        settings_changes::ChangeStatus,
        store::{StoreError, UnitOfWork},
    },
};

pub(super) const PROPOSED: &str = "settings.proposed";
pub(super) const SETTLED: &str = "settings.settled";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [PROPOSED, SETTLED].contains(&topic)
}

pub(super) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    topic: &str,
    change: Uuid,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let payload = json!({ "change": change });
    work.outbox().push(id, topic, payload, at).await
}

/// Both people read the box of their headquarters. One that was settled before the worker came asks nobody any more.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["change"].as_str();
    let Some(id) = id.and_then(|text| Uuid::try_parse(text).ok()) else {
        return Ok(Vec::new());
    };
    let Some((bank, change)) = work.settings_changes().change(id).await? else {
        return Ok(Vec::new());
    };
    let code = match (notice.topic.as_str(), change.status) {
        (PROPOSED, ChangeStatus::Open) => "notice.staff.rules_proposed",
        (SETTLED, ChangeStatus::Confirmed) => "notice.staff.rules_confirmed",
        (SETTLED, ChangeStatus::Declined) => "notice.staff.rules_declined",
        _ => return Ok(Vec::new()),
    };
    let params = vec![
        ("name", change.asked_name.clone()),
        ("checker", change.settled_name.clone()),
    ];
    Ok(vec![Letter {
        to: bank,
        enterprise: None,
        key: format!("{}:{id}", notice.topic),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: "/hq/settings".to_owned(),
    }])
}
