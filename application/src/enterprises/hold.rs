//! 冻结企业账户, 解除冻结 (S-39): one operator asks with a reason, another one confirms. A frozen enterprise signs in, reads, answers and
//! withdraws as before; what it cannot do is submit anything new. What waits for the other one is the first one's to take back.

use domain::{ids::EnterpriseId, values::FreeText};
use serde_json::json;
use uuid::Uuid;

use super::{EnterpriseRoom, notices};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        enterprise_desk::{AccountHold, AccountState},
        store::StoreError,
        supervision::{HoldKind, HoldStatus},
    },
    two_people::{Asked, Withdrawal},
};

/// 申请冻结, or 申请解除冻结 of what is frozen.
#[derive(Clone, Debug)]
pub struct AskAccountHold {
    pub enterprise: EnterpriseId,
    pub reason: String,
    pub once: Once,
}

/// 确认 or 不同意 by the second person.
#[derive(Clone, Debug)]
pub struct SettleAccountHold {
    pub enterprise: EnterpriseId,
    /// The request that the page showed.
    pub hold: Uuid,
    pub confirm: bool,
    pub once: Once,
}

const ASK: &str = "enterprise.ask_hold";
const CONFIRM: &str = "enterprise.confirm_hold";
const DECLINE: &str = "enterprise.decline_hold";
const WITHDRAW: &str = "enterprise.withdraw_hold";

impl EnterpriseRoom {
    /// The first of two people.
    pub async fn ask_hold(&self, actor: &Actor, ask: AskAccountHold) -> UseResult<HoldKind> {
        let object = ask.enterprise;
        let permit = self
            .watch
            .permit(actor, Room::Enterprises, Action::Ask, object)
            .await?;
        let outcome = self.ask(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Enterprises, Action::Ask, object, outcome)
            .await
    }

    async fn ask(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &AskAccountHold,
    ) -> UseResult<HoldKind> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, ASK, at).await? {
            let kind = answer["kind"].as_str().and_then(HoldKind::from_code);
            return kind.ok_or_else(UseError::not_found);
        }
        let id = ask.enterprise;
        // The row stays locked until the commit: two people asking at once find each other here.
        work.enterprises()
            .facts_for_update(id)
            .await?
            .ok_or_else(UseError::not_found)?;
        let sheet = work.enterprise_desk().enterprise_sheet(id).await?;
        let sheet = sheet.ok_or_else(UseError::not_found)?;
        let kind = match sheet.row.account {
            AccountState::Active => HoldKind::Freeze,
            AccountState::Frozen => HoldKind::Unfreeze,
            AccountState::Closed => return Err(UseError::conflict("enterprise.closed")),
        };
        let mut checks = Checks::default();
        let Some(reason) = checks.take("hold_reason", FreeText::<500>::parse(&ask.reason)) else {
            return Err(checks.into_error());
        };
        let hold = AccountHold {
            id: self.watch.clock.new_id(),
            enterprise: id,
            enterprise_name: sheet.row.name,
            credit_code: sheet.row.credit_code,
            kind,
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
        match work.enterprise_desk().ask_account_hold(&hold).await {
            Err(StoreError::Conflict(name)) if name == "account_holds_one_open" => {
                return Err(UseError::conflict("supervision.asked_before"));
            }
            done => done?,
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::HOLD_ASKED, hold.id, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), ASK, id, at).detail(
            json!({ "hold": hold.id, "kind": hold.kind.code(), "reason": hold.reason.as_str() }),
        );
        work.audit().write(entry).await?;
        let answer = json!({ "kind": kind.code() });
        ask.once.done(&mut *work, ASK, answer).await?;
        work.commit().await?;
        Ok(kind)
    }

    /// The second of two people; only then the account stands still, or goes on.
    pub async fn settle_hold(&self, actor: &Actor, ask: SettleAccountHold) -> UseResult<HoldKind> {
        let object = ask.enterprise;
        let permit = self
            .watch
            .permit(actor, Room::Enterprises, Action::Confirm, object)
            .await?;
        let outcome = self.settle(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Enterprises, Action::Confirm, object, outcome)
            .await
    }

    async fn settle(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SettleAccountHold,
    ) -> UseResult<HoldKind> {
        let action = if ask.confirm { CONFIRM } else { DECLINE };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, action, at).await? {
            let kind = answer["kind"].as_str().and_then(HoldKind::from_code);
            return kind.ok_or_else(UseError::not_found);
        }
        let mut hold = work
            .enterprise_desk()
            .account_hold(ask.hold)
            .await?
            .filter(|h| h.enterprise == ask.enterprise)
            .ok_or_else(UseError::not_found)?;
        asked(&mut hold).settle(actor, ask.confirm, at)?;
        work.enterprise_desk().settle_account_hold(&hold).await?;
        if ask.confirm {
            let frozen = hold.kind == HoldKind::Freeze;
            let moved = work
                .enterprise_desk()
                .set_frozen(hold.enterprise, frozen)
                .await?;
            if !moved {
                return Err(UseError::conflict("enterprise.closed"));
            }
        }
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::HOLD_SETTLED, hold.id, at).await?;
        let entry = AuditEntry::by(
            actor,
            self.watch.clock.new_id(),
            action,
            hold.enterprise,
            at,
        )
        .detail(json!({ "hold": hold.id, "kind": hold.kind.code(), "asked_by": hold.asked_by.0, "asked_name": hold.asked_name }));
        work.audit().write(entry).await?;
        let answer = json!({ "kind": hold.kind.code() });
        ask.once.done(&mut *work, action, answer).await?;
        work.commit().await?;
        Ok(hold.kind)
    }

    /// Whoever asked takes it back; the account stays as it is.
    pub async fn withdraw_hold(
        &self,
        actor: &Actor,
        enterprise: EnterpriseId,
        ask: Withdrawal,
    ) -> UseResult<()> {
        let (room, action) = (Room::Enterprises, Action::Ask);
        let permit = self.watch.permit(actor, room, action, enterprise).await?;
        let outcome = self.take_back(actor, &permit, enterprise, &ask).await;
        self.watch
            .refused(actor, room, action, enterprise, outcome)
            .await
    }

    async fn take_back(
        &self,
        actor: &Actor,
        permit: &Permit,
        enterprise: EnterpriseId,
        ask: &Withdrawal,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let mut hold = work
            .enterprise_desk()
            .account_hold(ask.asked)
            .await?
            .filter(|h| h.enterprise == enterprise)
            .ok_or_else(UseError::not_found)?;
        asked(&mut hold).withdraw(actor, ask, at)?;
        work.enterprise_desk().settle_account_hold(&hold).await?;
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, WITHDRAW, enterprise, at).detail(
            json!({ "hold": hold.id, "kind": hold.kind.code(), "reason": hold.withdrawal }),
        );
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// The two people of one hold.
fn asked(hold: &mut AccountHold) -> Asked<'_> {
    Asked {
        by: hold.asked_by,
        status: &mut hold.status,
        settled_by: &mut hold.settled_by,
        settled_name: &mut hold.settled_name,
        settled_at: &mut hold.settled_at,
        withdrawal: &mut hold.withdrawal,
    }
}
