//! 冻结, 解除冻结 (row 31): one operator asks with a reason, another one confirms; until then the first one may take it back.

use domain::{
    financing::{ActingPerson, Clocks, FinancingApplication},
    ids::FinancingApplicationId,
    tenant::Role,
    values::FreeText,
};
use serde_json::json;
use uuid::Uuid;

use super::{HOLD_ASKED, Supervision, push, submitted};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        store::StoreError,
        supervision::{HoldKind, HoldRequest, HoldStatus},
    },
    review::announce,
    two_people::{Asked, Withdrawal},
};

/// 申请冻结, or 申请解除冻结 of what is frozen.
#[derive(Clone, Debug)]
pub struct AskHold {
    pub application: FinancingApplicationId,
    pub reason: String,
    pub once: Once,
}

/// 确认 or 不同意 by the second person.
#[derive(Clone, Debug)]
pub struct SettleHold {
    pub application: FinancingApplicationId,
    /// The request that the page showed.
    pub hold: Uuid,
    pub confirm: bool,
    pub once: Once,
}

const ASK: &str = "supervision.ask_hold";
const CONFIRM: &str = "supervision.confirm_hold";
const DECLINE: &str = "supervision.decline_hold";
const WITHDRAW: &str = "supervision.withdraw_hold";

impl Supervision {
    /// The first of two people.
    pub async fn ask_hold(&self, actor: &Actor, ask: AskHold) -> UseResult<()> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::Ask, object)
            .await?;
        let outcome = self.ask(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Supervision, Action::Ask, object, outcome)
            .await
    }

    async fn ask(&self, actor: &Actor, permit: &Permit, ask: &AskHold) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, ASK, at).await?.is_some() {
            return Ok(());
        }
        let id = ask.application;
        let application = submitted(work.financing_applications().find_for_update(id).await?)?;
        let record = application.record();
        if !record.stage.is_open() {
            return Err(
                UseError::conflict("financing.not_allowed").with("stage", record.stage.zh())
            );
        }
        let mut checks = Checks::default();
        let Some(reason) = checks.take("hold_reason", FreeText::<500>::parse(&ask.reason)) else {
            return Err(checks.into_error());
        };
        let hold = HoldRequest {
            id: self.watch.clock.new_id(),
            application: id,
            number: String::new(),
            enterprise_name: String::new(),
            kind: if record.frozen {
                HoldKind::Unfreeze
            } else {
                HoldKind::Freeze
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
        work.supervision()
            .ask_hold(&hold)
            .await
            .map_err(asked_before)?;
        push(&mut *work, self.watch.clock.new_id(), HOLD_ASKED, id, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), ASK, id, at)
            .detail(json!({ "hold": hold.id, "kind": hold.kind.code() }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, ASK, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// The second of two people; only then the request stands still, or goes on.
    pub async fn settle_hold(&self, actor: &Actor, ask: SettleHold) -> UseResult<HoldKind> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::Confirm, object)
            .await?;
        let outcome = self.settle(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Supervision, Action::Confirm, object, outcome)
            .await
    }

    async fn settle(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleHold,
    ) -> UseResult<HoldKind> {
        let action = if ask.confirm { CONFIRM } else { DECLINE };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, action, at).await? {
            let kind = answer["kind"].as_str().and_then(HoldKind::from_code);
            return kind.ok_or_else(UseError::not_found);
        }
        let id = ask.application;
        let mut application = submitted(work.financing_applications().find_for_update(id).await?)?;
        let mut hold = work
            .supervision()
            .hold_for_update(ask.hold)
            .await?
            .filter(|h| h.application == id)
            .ok_or_else(UseError::not_found)?;
        asked(&mut hold).settle(actor, ask.confirm, at)?;
        if ask.confirm {
            let event = self.hold(actor, &mut application, &hold, at)?;
            work.financing_applications()
                .save(&application, &event)
                .await?;
            announce(&mut *work, self.watch.clock.new_id(), &application, &event).await?;
        }
        work.supervision().settle_hold(&hold).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), action, id, at).detail(
            json!({ "hold": hold.id, "kind": hold.kind.code(), "asked_by": hold.asked_by.0, "asked_name": hold.asked_name }),
        );
        work.audit().write(entry).await?;
        let answer = json!({ "kind": hold.kind.code() });
        ask.once.done(&mut *work, action, answer).await?;
        work.commit().await?;
        Ok(hold.kind)
    }

    /// Whoever asked takes it back; the request stays as it is.
    pub async fn withdraw_hold(
        &self,
        actor: &Actor,
        application: FinancingApplicationId,
        ask: Withdrawal,
    ) -> UseResult<()> {
        let (room, action) = (Room::Supervision, Action::Ask);
        let permit = self.watch.permit(actor, room, action, application).await?;
        let outcome = self.take_back(actor, &permit, application, &ask).await;
        self.watch
            .refused(actor, room, action, application, outcome)
            .await
    }

    async fn take_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        application: FinancingApplicationId,
        ask: &Withdrawal,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        // In the order of whoever settles it: the request first, then what was asked of it.
        submitted(
            work.financing_applications()
                .find_for_update(application)
                .await?,
        )?;
        let mut hold = work
            .supervision()
            .hold_for_update(ask.asked)
            .await?
            .filter(|h| h.application == application)
            .ok_or_else(UseError::not_found)?;
        asked(&mut hold).withdraw(actor, ask, at)?;
        work.supervision().settle_hold(&hold).await?;
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, WITHDRAW, application, at).detail(
            json!({ "hold": hold.id, "kind": hold.kind.code(), "reason": hold.withdrawal }),
        );
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }

    fn hold(
        &self,
        actor: &Actor,
        application: &mut FinancingApplication,
        hold: &HoldRequest,
        at: time::OffsetDateTime,
    ) -> UseResult<domain::financing::ApplicationEvent> {
        let first = ActingPerson {
            id: Some(hold.asked_by),
            name: hold.asked_name.clone(),
            role: Role::Operator,
        };
        let second = actor.acting_as(&[Role::Operator]);
        let reason = hold.reason.clone();
        if hold.kind == HoldKind::Freeze {
            return Ok(application.freeze(first, &second, reason, at)?);
        }
        let city = self
            .cities
            .by_id(actor.city)
            .ok_or_else(UseError::not_found)?;
        let calendar = city.work_calendar(&*self.calendar);
        let clocks = Clocks {
            eras: &city.clocks,
            calendar: &calendar,
            pauses: &city.pauses,
        };
        Ok(application.unfreeze(first, &second, reason, &clocks, at)?)
    }
}

/// The two people of one hold.
fn asked(hold: &mut HoldRequest) -> Asked<'_> {
    Asked {
        by: hold.asked_by,
        status: &mut hold.status,
        settled_by: &mut hold.settled_by,
        settled_name: &mut hold.settled_name,
        settled_at: &mut hold.settled_at,
        withdrawal: &mut hold.withdrawal,
    }
}

/// Two operators asked at the same moment: one request is enough.
fn asked_before(error: StoreError) -> UseError {
    match error {
        StoreError::Conflict(name) if name == "hold_requests_one_open" => {
            UseError::conflict("supervision.asked_before")
        }
        other => other.into(),
    }
}
