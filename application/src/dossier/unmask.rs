//! 查看完整: full values with a reason; the entry is written before anything is shown (S-30).

use domain::{
    ids::FinancingApplicationId,
    values::{ApplicationNumber, FreeText},
};
use serde_json::json;
use time::Duration;

use super::DossierRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{FieldError, UseError, UseResult},
    ports::{audit::AuditEntry, dossiers::DossierFacts},
};

/// Full views of one person in an hour (section 6).
pub(crate) const FULL_VIEWS_PER_HOUR: i64 = 100;
const SHORTEST_REASON: usize = 2;
/// A person reached the limit: their branch and its headquarters are told.
pub(crate) const TOO_MANY_VIEWS: &str = "dossier.too_many_views";
/// What the enterprise reads in its list of looks.
const FIELDS: &str = "法定代表人姓名、身份证号、联系电话、详细地址、电子邮箱";

/// 查看完整 as the form says it.
#[derive(Clone, Debug)]
pub struct Unmask {
    pub application: FinancingApplicationId,
    pub reason: String,
}

/// The full facts, for one page and no cache.
#[derive(Clone, Debug)]
pub struct Unmasked {
    pub number: Option<ApplicationNumber>,
    pub facts: DossierFacts,
    pub reason: String,
}

impl DossierRoom {
    pub async fn unmask(&self, actor: &Actor, ask: Unmask) -> UseResult<Unmasked> {
        let permit = self
            .watch
            .permit(actor, Room::Dossier, Action::Unmask, ask.application)
            .await?;
        let outcome = self.reveal(actor, &permit, &ask).await;
        self.watch
            .refused(
                actor,
                Room::Dossier,
                Action::Unmask,
                ask.application,
                outcome,
            )
            .await
    }

    async fn reveal(&self, actor: &Actor, permit: &Permit, ask: &Unmask) -> UseResult<Unmasked> {
        let reason = reason(&ask.reason)?;
        self.vault
            .sealer
            .ready(actor.city.0)
            .await
            .map_err(UseError::unavailable)?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let application = self.opened(actor, &mut *work, ask.application).await?;
        let dossier = work
            .dossiers()
            .find(ask.application)
            .await?
            .ok_or_else(UseError::not_found)?;
        let used = work
            .view_log()
            .unmaskings_since(actor.user, now - Duration::hours(1))
            .await?;
        if used >= FULL_VIEWS_PER_HOUR {
            // The refusal stands, and whoever answers for this person is told of it.
            let payload = json!({ "viewer": actor.user.0 });
            let notice = self.watch.clock.new_id();
            work.outbox()
                .push(notice, TOO_MANY_VIEWS, payload, now)
                .await?;
            work.commit().await?;
            return Err(UseError::too_many("dossier.too_many_views", 3_600));
        }
        let place = DossierFacts::place(actor.city, ask.application);
        let plain = self
            .vault
            .sealer
            .open(&place, &dossier.sealed)
            .map_err(UseError::bug)?;
        let facts: DossierFacts = serde_json::from_slice(&plain).map_err(UseError::bug)?;
        let entry = self.entry(actor, &application, FIELDS.to_owned(), reason.clone());
        work.view_log().write(entry).await?;
        work.audit()
            .write(
                AuditEntry::by(
                    actor,
                    self.watch.clock.new_id(),
                    "dossier.unmask",
                    ask.application,
                    now,
                )
                .detail(json!({ "reason": reason })),
            )
            .await?;
        work.commit().await?;
        Ok(Unmasked {
            number: application.record().number.clone(),
            facts,
            reason,
        })
    }
}

fn reason(typed: &str) -> UseResult<String> {
    let parsed = FreeText::<100>::parse(typed).map_err(|error| {
        let mut field = FieldError::new("reason", error.code());
        field.params = error.params();
        UseError::invalid(vec![field])
    })?;
    if parsed.as_str().chars().count() < SHORTEST_REASON {
        return Err(UseError::field("reason", "free_text.empty"));
    }
    Ok(parsed.as_str().to_owned())
}
