//! What is told about a change of 平台设置: that it waits for a second person, and what became of it.

use domain::{calendar::local_date, ids::TenantId};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{RuleKind, added_region, limits, texts};
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

pub(super) const PROPOSED: &str = "city_rule.proposed";
pub(super) const SETTLED: &str = "city_rule.settled";

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

/// Both people read the box of the city; one that was settled before the worker came asks nobody any more.
pub(crate) async fn deliver(
    work: &mut dyn UnitOfWork,
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> UseResult<Vec<Letter>> {
    let id = notice.payload["change"].as_str();
    let Some(id) = id.and_then(|text| Uuid::try_parse(text).ok()) else {
        return Ok(Vec::new());
    };
    let Some(change) = work.city_rules().rule_change(id).await? else {
        return Ok(Vec::new());
    };
    let from = limits::begins(&change.before, &change.rule).map(local_date);
    let of_region = added_region(&change.before, &change.rule).map(|(_, region)| region.on);
    let code = match (notice.topic.as_str(), change.status) {
        (PROPOSED, ChangeStatus::Open) => "notice.staff.city_rule_proposed",
        // They do not stand at once, as other rules do.
        (SETTLED, ChangeStatus::Confirmed) if from.is_some() => {
            "notice.staff.clock_limits_confirmed"
        }
        (SETTLED, ChangeStatus::Confirmed) if of_region.is_some() => {
            "notice.staff.regions_confirmed"
        }
        (SETTLED, ChangeStatus::Confirmed) => "notice.staff.city_rule_confirmed",
        (SETTLED, ChangeStatus::Declined) => "notice.staff.city_rule_declined",
        _ => return Ok(Vec::new()),
    };
    let name = change.rule.name();
    let rule = match name.kind() {
        RuleKind::NoticeText => {
            let title = texts::name_of(words, name.message());
            format!("{}：{title}", name.kind().zh())
        }
        kind => kind.zh().to_owned(),
    };
    let params = vec![
        ("rule", rule),
        ("name", change.asked_name.clone()),
        ("checker", change.settled_name.clone()),
        (
            "from",
            from.or(of_region)
                .map_or_else(String::new, |day| day.to_string()),
        ),
    ];
    Ok(vec![Letter {
        to: city,
        enterprise: None,
        key: format!("{}:{id}", notice.topic),
        title: words.text(&format!("{code}.title"), &params),
        body: words.text(&format!("{code}.body"), &params),
        link: format!("/operator/settings/{}", name.code()),
    }])
}
