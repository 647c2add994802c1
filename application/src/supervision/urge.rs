//! 督办: a notice about an overdue request, to its branch and headquarters, with a receipt from both.

use domain::{ids::FinancingApplicationId, tenant::TenantKind, values::FreeText};
use serde_json::json;

use super::{Supervision, URGED, push, submitted};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        supervision::{Receipt, Side, SupervisionNotice},
    },
};

/// 督办 as the form says it.
#[derive(Clone, Debug)]
pub struct Urge {
    pub application: FinancingApplicationId,
    pub words: String,
    pub once: Once,
}

const URGE: &str = "supervision.urge";
const READ: &str = "supervision.read";

/// Whose receipt this person leaves; the city leaves none.
pub fn side_of(actor: &Actor) -> Option<Side> {
    match actor.tenant_kind {
        TenantKind::Branch => Some(Side::Branch),
        TenantKind::Bank => Some(Side::Bank),
        TenantKind::City | TenantKind::Province => None,
    }
}

impl Supervision {
    /// Sends the notice; the request itself stays as it is.
    pub async fn urge(&self, actor: &Actor, ask: Urge) -> UseResult<()> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::Save, object)
            .await?;
        let outcome = self.send(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Supervision, Action::Save, object, outcome)
            .await
    }

    async fn send(&self, actor: &Actor, permit: &Permit, ask: &Urge) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, URGE, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        let application = submitted(work.reminders().look_at(id).await?)?;
        let record = application.record();
        let Some(branch) = record.handler.filter(|_| self.late(record)) else {
            return Err(UseError::conflict("supervision.not_overdue"));
        };
        let mut checks = Checks::default();
        let Some(words) = checks.take("notice_words", FreeText::<500>::parse(&ask.words)) else {
            return Err(checks.into_error());
        };
        let notice = SupervisionNotice {
            id: self.watch.clock.new_id(),
            application: id,
            number: String::new(),
            enterprise_name: String::new(),
            branch,
            words: words.as_str().to_owned(),
            sent_by: actor.user,
            sent_name: actor.name.clone(),
            at,
            read_by_branch: None,
            read_by_bank: None,
        };
        work.supervision().send_notice(&notice).await?;
        push(&mut *work, self.watch.clock.new_id(), URGED, id, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), URGE, id, at)
            .detail(json!({ "notice": notice.id }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, URGE, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// Notices about one request, for those who hold it.
    pub async fn notices_of(
        &self,
        actor: &Actor,
        id: FinancingApplicationId,
    ) -> UseResult<Vec<SupervisionNotice>> {
        let permit = self
            .watch
            .permit(actor, Room::Desk, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.supervision().notices(id).await?)
    }

    /// Notices that nobody of the own node has read yet.
    pub async fn unread(&self, actor: &Actor) -> UseResult<Vec<SupervisionNotice>> {
        let permit = self
            .watch
            .permit(actor, Room::Desk, Action::View, actor.tenant)
            .await?;
        let Some(side) = side_of(actor) else {
            return Ok(Vec::new());
        };
        let mut work = self.store.begin(&permit).await?;
        Ok(work.supervision().unread_notices(side).await?)
    }

    /// 已阅: the receipt names who read it and when.
    pub async fn read_notices(&self, actor: &Actor, id: FinancingApplicationId) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Messages, Action::Save, id)
            .await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let side = side_of(actor);
        // A branch answers for itself, not for the branches below it.
        let found = work.branch_board().find(id).await?;
        let theirs =
            found.filter(|a| side == Some(Side::Bank) || a.record().handler == Some(actor.tenant));
        let (Some(_), Some(side)) = (theirs, side) else {
            drop(work);
            let missing = self
                .watch
                .missing(actor, Room::Supervision, Action::View, id);
            return Err(missing.await);
        };
        let receipt = Receipt {
            name: actor.name.clone(),
            at,
        };
        let read = work.supervision().read_notices(id, side, &receipt).await?;
        if read > 0 {
            let entry = AuditEntry::by(actor, self.watch.clock.new_id(), READ, id, at);
            work.audit().write(entry).await?;
        }
        Ok(work.commit().await?)
    }
}
