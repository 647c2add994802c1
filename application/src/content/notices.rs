//! What is told about drafts: the city's people that one waits for a second person, and what became of it.

use domain::ids::TenantId;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        content::ContentDraft,
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        product_shelf::DraftStatus,
        store::{StoreError, UnitOfWork},
    },
};

/// A draft was put before a second person.
pub const SUBMITTED: &str = "content.submitted";
/// It was let through or sent back.
pub const SETTLED: &str = "content.settled";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [SUBMITTED, SETTLED].contains(&topic)
}

pub(super) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    topic: &str,
    draft: &ContentDraft,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let payload = json!({ "content": draft.id, "revision": draft.revision });
    work.outbox().push(id, topic, payload, at).await
}

/// Whom to tell; a draft that moved on since tells nobody.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["content"]
        .as_str()
        .and_then(|text| Uuid::try_parse(text).ok());
    let Some(id) = id else {
        return Ok(Vec::new());
    };
    let draft = work.content().content_draft(id).await?;
    let told = |d: &ContentDraft| notice.payload["revision"].as_i64() == Some(d.revision.into());
    let Some(draft) = draft.filter(told) else {
        return Ok(Vec::new());
    };
    let code = match (notice.topic.as_str(), draft.status) {
        (SUBMITTED, _) => "notice.staff.content_submitted",
        (_, DraftStatus::Returned) => "notice.staff.content_returned",
        (_, DraftStatus::Published) => "notice.staff.content_published",
        _ => return Ok(Vec::new()),
    };
    let params = vec![
        ("title", draft.form.title.clone()),
        ("kind", draft.kind.zh().to_owned()),
        ("by", draft.author_names.join("、")),
        ("note", draft.review_note.clone()),
    ];
    Ok(vec![Letter {
        to: city,
        enterprise: None,
        key: format!("{}:{id}:{}", notice.topic, notice.id),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: format!("/operator/content/{id}"),
    }])
}
