//! What operators are told about a report: that the node refused it, or that it never arrived.

use domain::ids::TenantId;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    error::UseResult,
    outbox::letters::Letter,
    ports::{
        notice_words::NoticeWords,
        outbox::OutboxNotice,
        province::{ReportState, Silence},
        store::{StoreError, UnitOfWork},
    },
};

/// Topic of the outbox.
pub(crate) const TOPIC: &str = "province.stopped";

pub(super) async fn announce(
    work: &mut dyn UnitOfWork,
    id: Uuid,
    report: Uuid,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let payload = json!({ "report": report });
    work.outbox().push(id, TOPIC, payload, at).await
}

/// One letter to the box of the city; one that goes out again meanwhile asks nobody any more.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["report"].as_str();
    let Some(id) = id.and_then(|text| Uuid::try_parse(text).ok()) else {
        return Ok(Vec::new());
    };
    let Some(report) = work.province_reports().report(id).await? else {
        return Ok(Vec::new());
    };
    let (code, why) = match report.state {
        ReportState::Refused => ("notice.staff.province_refused", report.reason.clone()),
        ReportState::Parked => (
            "notice.staff.province_parked",
            report.silence.map_or("", Silence::zh).to_owned(),
        ),
        _ => return Ok(Vec::new()),
    };
    let month = report.month;
    let month = format!("{} 年 {} 月", month.year(), u8::from(month.month()));
    let params = vec![("month", month), ("why", why)];
    Ok(vec![Letter {
        to: city,
        enterprise: None,
        key: format!("{TOPIC}:{}", notice.id),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: format!("/operator/province/{id}"),
    }])
}
