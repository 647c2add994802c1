//! 办理: what every decision about an application has in common, before and after the domain agreed.

use domain::{
    financing::{ApplicationEvent, ENTERPRISE_DECLINED, FinancingApplication},
    ids::FinancingApplicationId,
};
use serde_json::json;

use crate::{
    access::Actor,
    audit::Watch,
    city::City,
    error::{UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        renewals::ONE_RENEWAL,
        store::{StoreError, UnitOfWork},
    },
    review::announce,
};

/// Whether it lies with one of those within reach: how those who dispatch see it.
pub(crate) fn is_within_reach(application: &FinancingApplication, actor: &Actor) -> bool {
    let record = application.record();
    let theirs = record
        .handler
        .is_some_and(|handler| actor.reach.contains(&handler));
    theirs && !record.stage.is_before_submission()
}

/// The application as the page showed it, locked; otherwise what has happened since, and by whom.
pub(crate) async fn as_shown(
    work: &mut dyn UnitOfWork,
    id: FinancingApplicationId,
    version: i32,
    sees: impl Fn(&FinancingApplication) -> bool + Send,
) -> UseResult<FinancingApplication> {
    let application = work
        .financing_applications()
        .find_for_update(id)
        .await?
        .filter(sees)
        .ok_or_else(UseError::not_found)?;
    if application.record().version == version {
        return Ok(application);
    }
    let events = work.financing_applications().events(id).await?;
    let Some(last) = events.last() else {
        return Err(UseError::conflict("stale"));
    };
    // The people of an enterprise are not the bank's to name (S-29).
    let by = if last.actor.role.is_enterprise() || last.actor.name.is_empty() {
        last.actor.role.zh().to_owned()
    } else {
        last.actor.name.clone()
    };
    Err(UseError::conflict("review.moved_on")
        .with("by", by)
        .with("what", last.verb.zh()))
}

/// Something was chosen that the city has 停用 while the form stood open: what is left of the choice is not what was meant.
pub(crate) const CHOICE_STOPPED: &str = "review.choice_stopped";

/// 不通过原因 as chosen: the city's own list, in its order; what is not on it is not offered.
pub(crate) fn known_reasons(city: &City, chosen: &[String]) -> Vec<String> {
    city.offered_reasons()
        .filter(|reason| chosen.contains(&reason.code))
        .map(|reason| reason.code.clone())
        .collect()
}

/// What is wrong with the reasons that were chosen for a 不通过: one that was 停用 since the form was opened, none at all, or 企业放弃
/// beside what the bank itself found.
pub(crate) fn reasons_fault(city: &City, chosen: &[String]) -> Option<&'static str> {
    let all = city.rejection_reasons.iter();
    if all
        .filter(|one| !one.active)
        .any(|one| chosen.contains(&one.code))
    {
        return Some(CHOICE_STOPPED);
    }
    let reasons = known_reasons(city, chosen);
    if reasons.is_empty() {
        return Some("review.reason_empty");
    }
    let own = reasons.iter().any(|code| code == ENTERPRISE_DECLINED);
    (own && reasons.len() > 1).then_some("review.reason_alone")
}

/// A 续贷 that was refused comes back (rows 23 and 24), and another one of the same loan has taken its place meanwhile.
fn place_taken(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == ONE_RENEWAL => {
            UseError::conflict("renewal.place_taken")
        }
        error => error.into(),
    }
}

/// Save, announce, log, leave the answer, commit.
pub(crate) async fn conclude(
    watch: &Watch,
    actor: &Actor,
    mut work: Box<dyn UnitOfWork>,
    application: &FinancingApplication,
    event: &ApplicationEvent,
    action: &'static str,
    once: &Once,
) -> UseResult<()> {
    work.financing_applications()
        .save(application, event)
        .await
        .map_err(place_taken)?;
    announce(&mut *work, watch.clock.new_id(), application, event).await?;
    let entry = AuditEntry::by(
        actor,
        watch.clock.new_id(),
        action,
        event.application,
        event.at,
    )
    .detail(json!({ "seq": event.seq, "to": event.to.code(), "reasons": event.reason_codes }));
    work.audit().write(entry).await?;
    once.done(&mut *work, action, json!({ "seq": event.seq }))
        .await?;
    Ok(work.commit().await?)
}
