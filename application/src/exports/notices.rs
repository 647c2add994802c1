//! What is told about unmasked exports: the institution that one waits for a second person, whoever asked what became of it.

use domain::export::ExportStatus;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        exports::StoredExport,
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        store::{StoreError, UnitOfWork},
    },
};

pub(super) const TO_CHECK: &str = "export.to_check";
pub(super) const CHECKED: &str = "export.checked";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [TO_CHECK, CHECKED].contains(&topic)
}

pub(super) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    topic: &str,
    export: &StoredExport,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let payload = json!({ "export": export.id });
    work.outbox().push(id, topic, payload, at).await
}

/// One that was settled before the worker came asks nobody any more.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["export"].as_str();
    let Some(id) = id.and_then(|text| Uuid::try_parse(text).ok()) else {
        return Ok(Vec::new());
    };
    let Some(export) = work.exports().export(id).await? else {
        return Ok(Vec::new());
    };
    let status = export.order.status();
    let (to, code) = match notice.topic.as_str() {
        TO_CHECK if status == ExportStatus::ToCheck => {
            (export.bank, "notice.staff.export_to_check")
        }
        CHECKED if status == ExportStatus::Declined => {
            (export.tenant, "notice.staff.export_declined")
        }
        CHECKED => (export.tenant, "notice.staff.export_agreed"),
        _ => return Ok(Vec::new()),
    };
    let params = vec![
        ("node", export.node_name.clone()),
        ("name", export.asked_name.clone()),
        ("checker", export.checked_name.clone()),
        ("number", export.number.clone()),
    ];
    let base = if to == export.bank { "/hq" } else { "/branch" };
    Ok(vec![Letter {
        to,
        enterprise: None,
        key: format!("{}:{id}", notice.topic),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: format!("{base}/exports/{id}"),
    }])
}
