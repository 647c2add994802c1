//! 查看完整 of an enterprise by the city: a reason first, the view log before anything is shown (S-30).

use domain::{ids::EnterpriseId, values::FreeText};
use serde_json::json;
use time::Duration;

use super::EnterpriseRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    dossier::{FULL_VIEWS_PER_HOUR, TOO_MANY_VIEWS},
    error::{Checks, FieldError, UseError, UseResult},
    ports::{audit::AuditEntry, enterprise_desk::AccountState, view_log::ViewEntry},
    profile::{OpenedFacts, open_facts},
};

const UNMASK: &str = "enterprise.unmask";
const SHORTEST_REASON: usize = 5;
/// What the enterprise reads in its list of looks.
const FIELDS: &str = "法定代表人姓名、身份证号、联系电话、详细地址、电子邮箱";

/// 查看完整 as the form says it.
#[derive(Clone, Debug)]
pub struct UnmaskEnterprise {
    pub enterprise: EnterpriseId,
    pub reason: String,
}

/// The full facts, for one page and no cache.
pub struct UnmaskedEnterprise {
    pub facts: OpenedFacts,
    /// Name of the place, down to the township.
    pub region: String,
    pub reason: String,
}

impl EnterpriseRoom {
    /// Opens the full values once.
    pub async fn unmask(
        &self,
        actor: &Actor,
        ask: UnmaskEnterprise,
    ) -> UseResult<UnmaskedEnterprise> {
        let object = ask.enterprise;
        let permit = self
            .watch
            .permit(actor, Room::Enterprises, Action::Unmask, object)
            .await?;
        let outcome = self.reveal(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Enterprises, Action::Unmask, object, outcome)
            .await
    }

    async fn reveal(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &UnmaskEnterprise,
    ) -> UseResult<UnmaskedEnterprise> {
        let reason = reason(&ask.reason)?;
        self.sealer.ready(actor.city.0).await?;
        let now = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        let id = ask.enterprise;
        let sheet = work.enterprise_desk().enterprise_sheet(id).await?;
        let facts = work.enterprises().facts(id).await?;
        let (Some(sheet), Some(facts)) = (sheet, facts) else {
            return Err(UseError::not_found());
        };
        if sheet.row.account == AccountState::Closed {
            return Err(UseError::conflict("enterprise.closed"));
        }
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
        let opened = open_facts(&*self.sealer, actor.city, &facts)?;
        let entry = ViewEntry {
            id: self.watch.clock.new_id(),
            enterprise: id,
            viewer: actor.user,
            viewer_name: actor.name.clone(),
            viewer_tenant: actor.tenant,
            viewer_node: actor.tenant_name.clone(),
            application: None,
            fields: FIELDS.to_owned(),
            reason: reason.clone(),
            request_id: actor.from.request_id.clone(),
            at: now,
        };
        work.view_log().write(entry).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), UNMASK, id, now)
            .detail(json!({ "reason": reason }));
        work.audit().write(entry).await?;
        work.commit().await?;
        Ok(UnmaskedEnterprise {
            region: self
                .regions
                .of(actor.city)
                .full_name(&opened.region_code)
                .unwrap_or_default(),
            facts: opened,
            reason,
        })
    }
}

fn reason(typed: &str) -> UseResult<String> {
    let mut checks = Checks::default();
    if typed.trim().chars().count() < SHORTEST_REASON {
        checks.push(FieldError::new("reason", "oversight.reason_short"));
        return Err(checks.into_error());
    }
    match checks.take("reason", FreeText::<100>::parse(typed)) {
        Some(reason) => Ok(reason.as_str().to_owned()),
        None => Err(checks.into_error()),
    }
}
