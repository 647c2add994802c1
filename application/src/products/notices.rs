//! What is told about drafts: the city that one waits, the bank what became of it.

use domain::ids::{ProductId, TenantId};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        product_shelf::{DraftStatus, ProductDraft},
        store::{StoreError, UnitOfWork},
    },
};

/// A draft was put before the city.
pub const SUBMITTED: &str = "product.submitted";
/// It was let through or sent back.
pub const SETTLED: &str = "product.settled";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [SUBMITTED, SETTLED].contains(&topic)
}

pub(super) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    topic: &str,
    draft: &ProductDraft,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let payload = json!({ "product": draft.product.0, "revision": draft.revision });
    work.outbox().push(id, topic, payload, at).await
}

/// Whom to tell; a draft that moved on since tells nobody.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["product"]
        .as_str()
        .and_then(|text| Uuid::try_parse(text).ok());
    let Some(id) = id else {
        return Ok(Vec::new());
    };
    let draft = work.product_shelf().product_draft(ProductId(id)).await?;
    let told = |d: &ProductDraft| notice.payload["revision"].as_i64() == Some(d.revision.into());
    let Some(draft) = draft.filter(told) else {
        return Ok(Vec::new());
    };
    let (to, code, link) = match (notice.topic.as_str(), draft.status) {
        (SUBMITTED, _) => (
            city,
            "notice.staff.product_submitted",
            format!("/operator/products/{id}"),
        ),
        (_, DraftStatus::Returned) => (
            draft.bank,
            "notice.staff.product_returned",
            format!("/hq/products/{id}"),
        ),
        (_, DraftStatus::Published) => (
            draft.bank,
            "notice.staff.product_published",
            format!("/hq/products/{id}"),
        ),
        _ => return Ok(Vec::new()),
    };
    let params = vec![
        ("product", draft.form.product_name.clone()),
        ("bank", draft.bank_name.clone()),
        ("note", draft.review_note.clone()),
    ];
    Ok(vec![Letter {
        to,
        enterprise: None,
        key: format!("{}:{id}:{}", notice.topic, notice.id),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link,
    }])
}
