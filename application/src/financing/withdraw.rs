//! 撤回 (row 29): before the decision; its consents end with it and the branch is told.

use domain::{ids::FinancingApplicationId, values::FreeText};
use serde_json::json;

use super::{Financing, acting, announcement};
use crate::{
    access::{Action, Actor, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::audit::AuditEntry,
};

const ACTION: &str = "financing.withdraw";

impl Financing {
    /// Answers the number of the request.
    pub async fn withdraw(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
        reason: &str,
        once: &Once,
    ) -> UseResult<String> {
        let permit = self
            .guard
            .permit(actor, Room::Financing, Action::Withdraw)
            .await?;
        let mut checks = Checks::default();
        let reason = checks.take("withdraw_reason", FreeText::<200>::parse_optional(reason));
        checks.finish()?;
        let reason = reason
            .flatten()
            .map_or(String::new(), |r| r.as_str().to_owned());
        let mut work = self.store.begin(&permit).await?;
        let found = work.financing_applications().find_for_update(id).await?;
        let mut application = found.ok_or_else(UseError::not_found)?;
        if application.record().stage.is_before_submission() {
            return Err(UseError::not_found());
        }
        let number = application.record().number.as_ref();
        let number = number.map_or(String::new(), ToString::to_string);
        let at = self.clock.now();
        if once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(number);
        }
        let event = application.withdraw(acting(actor), reason, at)?;
        work.financing_applications()
            .save(&application, &event)
            .await?;
        work.consents().end_consents(id, at).await?;
        let entry = AuditEntry::by(actor, self.clock.new_id(), "application.withdraw", id, at);
        work.audit().write(entry).await?;
        let notice = self.clock.new_id();
        work.outbox()
            .push(notice, "application.event", announcement(&event), at)
            .await?;
        once.done(&mut *work, ACTION, json!({ "application": id.0 }))
            .await?;
        work.commit().await?;
        Ok(number)
    }
}
