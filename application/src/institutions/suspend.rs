//! 暂停受理, 恢复受理 (S-39): one operator asks with a reason, another one confirms. The institution's products leave the market and no
//! new request reaches it; its people go on with what they have. What waits for the other one is the first one's to take back.

use domain::{ids::TenantId, values::FreeText};
use serde_json::json;
use uuid::Uuid;

use super::{InstitutionRoom, notices};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        institution_desk::{Suspension, SuspensionKind},
        store::StoreError,
        supervision::HoldStatus,
    },
    two_people::{Asked, Withdrawal},
};

/// 申请暂停受理, or 申请恢复受理 of what is paused.
#[derive(Clone, Debug)]
pub struct AskSuspension {
    pub institution: TenantId,
    pub reason: String,
    pub once: Once,
}

/// 确认 or 不同意 by the second person.
#[derive(Clone, Debug)]
pub struct SettleSuspension {
    pub institution: TenantId,
    /// The request that the page showed.
    pub suspension: Uuid,
    pub confirm: bool,
    pub once: Once,
}

const ASK: &str = "institution.ask_suspension";
const CONFIRM: &str = "institution.confirm_suspension";
const DECLINE: &str = "institution.decline_suspension";
const WITHDRAW: &str = "institution.withdraw_suspension";

impl InstitutionRoom {
    /// The first of two people.
    pub async fn ask_suspension(&self, actor: &Actor, ask: AskSuspension) -> UseResult<()> {
        let object = ask.institution;
        let permit = self.permit(actor, Action::Ask, object).await?;
        let outcome = self.ask(actor, &permit, &ask).await;
        let watch = &self.people.invitations.watch;
        watch
            .refused(actor, Room::Institutions, Action::Ask, object, outcome)
            .await
    }

    async fn ask(&self, actor: &Actor, permit: &Permit, ask: &AskSuspension) -> UseResult<()> {
        let desk = &self.people.invitations;
        let at = desk.watch.clock.now();
        let mut work = desk.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, ASK, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.institution;
        let found = work.institution_desk().desk_institution(id).await?;
        let institution = found.ok_or_else(UseError::not_found)?;
        let mut checks = Checks::default();
        let Some(reason) = checks.take("hold_reason", FreeText::<500>::parse(&ask.reason)) else {
            return Err(checks.into_error());
        };
        let suspension = Suspension {
            id: desk.watch.clock.new_id(),
            institution: id,
            institution_name: institution.facts.name,
            kind: if institution.suspended {
                SuspensionKind::Resume
            } else {
                SuspensionKind::Suspend
            },
            reason: reason.as_str().to_owned(),
            asked_by: actor.user,
            asked_name: actor.name.clone(),
            asked_at: at,
            status: HoldStatus::Open,
            settled_by: None,
            settled_name: String::new(),
            settled_at: None,
            withdrawal: String::new(),
        };
        match work.institution_desk().ask_suspension(&suspension).await {
            Err(StoreError::Conflict(name)) if name == "institution_suspensions_one_open" => {
                return Err(UseError::conflict("supervision.asked_before"));
            }
            done => done?,
        }
        let notice = desk.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::ASKED, suspension.id, at).await?;
        let entry = AuditEntry::by(actor, desk.watch.clock.new_id(), ASK, id, at).detail(json!({
            "change": suspension.id, "kind": suspension.kind.code(), "reason": suspension.reason,
        }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, ASK, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// The second of two people; only then the market changes.
    pub async fn settle_suspension(
        &self,
        actor: &Actor,
        ask: SettleSuspension,
    ) -> UseResult<SuspensionKind> {
        let object = ask.institution;
        let permit = self.permit(actor, Action::Confirm, object).await?;
        let outcome = self.settle(actor, &permit, &ask).await;
        let watch = &self.people.invitations.watch;
        watch
            .refused(actor, Room::Institutions, Action::Confirm, object, outcome)
            .await
    }

    async fn settle(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleSuspension,
    ) -> UseResult<SuspensionKind> {
        let action = if ask.confirm { CONFIRM } else { DECLINE };
        let desk = &self.people.invitations;
        let at = desk.watch.clock.now();
        let mut work = desk.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, action, at).await? {
            let kind = answer["kind"].as_str().and_then(SuspensionKind::from_code);
            return kind.ok_or_else(UseError::not_found);
        }
        let mut suspension = work
            .institution_desk()
            .suspension(ask.suspension)
            .await?
            .filter(|s| s.institution == ask.institution)
            .ok_or_else(UseError::not_found)?;
        asked(&mut suspension).settle(actor, ask.confirm, at)?;
        work.institution_desk()
            .settle_suspension(&suspension)
            .await?;
        if ask.confirm {
            let suspended = suspension.kind == SuspensionKind::Suspend;
            work.institution_desk()
                .set_institution_suspended(suspension.institution, suspended)
                .await?;
        }
        let notice = desk.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::SETTLED, suspension.id, at).await?;
        let id = desk.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, action, suspension.institution, at).detail(json!({
            "change": suspension.id, "kind": suspension.kind.code(), "asked_by": suspension.asked_by.0, "asked_name": suspension.asked_name,
        }));
        work.audit().write(entry).await?;
        let answer = json!({ "kind": suspension.kind.code() });
        ask.once.done(&mut *work, action, answer).await?;
        work.commit().await?;
        Ok(suspension.kind)
    }

    /// Whoever asked takes it back; the institution stays as it is.
    pub async fn withdraw_suspension(
        &self,
        actor: &Actor,
        institution: TenantId,
        ask: Withdrawal,
    ) -> UseResult<()> {
        let permit = self.permit(actor, Action::Ask, institution).await?;
        let outcome = self.take_back(actor, &permit, institution, &ask).await;
        let (watch, room) = (&self.people.invitations.watch, Room::Institutions);
        watch
            .refused(actor, room, Action::Ask, institution, outcome)
            .await
    }

    async fn take_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        institution: TenantId,
        ask: &Withdrawal,
    ) -> UseResult<()> {
        let desk = &self.people.invitations;
        let at = desk.watch.clock.now();
        let mut work = desk.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let mut suspension = work
            .institution_desk()
            .suspension(ask.asked)
            .await?
            .filter(|s| s.institution == institution)
            .ok_or_else(UseError::not_found)?;
        asked(&mut suspension).withdraw(actor, ask, at)?;
        work.institution_desk()
            .settle_suspension(&suspension)
            .await?;
        let id = desk.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, WITHDRAW, institution, at).detail(json!({
            "change": suspension.id, "kind": suspension.kind.code(), "reason": suspension.withdrawal,
        }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// The two people of one request.
fn asked(suspension: &mut Suspension) -> Asked<'_> {
    Asked {
        by: suspension.asked_by,
        status: &mut suspension.status,
        settled_by: &mut suspension.settled_by,
        settled_name: &mut suspension.settled_name,
        settled_at: &mut suspension.settled_at,
        withdrawal: &mut suspension.withdrawal,
    }
}
