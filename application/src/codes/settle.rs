//! 同意登记 or 不同意, by another person than the one who proposed the code; 撤回 by that one, as long as it waits.

use serde_json::json;
use uuid::Uuid;

use super::CodeDesk;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::{
        admitted_codes::{AdmittedCode, CodeProposal},
        audit::AuditEntry,
    },
    two_people::{Asked, Withdrawal},
};

const CONFIRM: &str = "admitted_code.add";
const DECLINE: &str = "admitted_code.decline";
const WITHDRAW: &str = "admitted_code.withdraw";

/// The second person's answer.
#[derive(Clone, Debug)]
pub struct SettleCode {
    pub proposal: Uuid,
    pub confirm: bool,
    pub once: Once,
}

impl CodeDesk {
    /// Only with a yes the code may be saved by its enterprise.
    pub async fn settle(&self, actor: &Actor, ask: SettleCode) -> UseResult<()> {
        let object = ask.proposal;
        let permit = self
            .watch
            .permit(actor, Room::Supervision, Action::Confirm, object)
            .await?;
        let outcome = self.decide(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Supervision, Action::Confirm, object, outcome)
            .await
    }

    async fn decide(&self, actor: &Actor, permit: &Permit, ask: &SettleCode) -> UseResult<()> {
        let action = if ask.confirm { CONFIRM } else { DECLINE };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, action, at).await?.is_some() {
            return Ok(());
        }
        let found = work.admitted_codes().code_proposal(ask.proposal).await?;
        let mut proposal = found.ok_or_else(UseError::not_found)?;
        asked(&mut proposal).settle(actor, ask.confirm, at)?;
        work.admitted_codes().settle_code(&proposal).await?;
        if ask.confirm {
            let new = work
                .admitted_codes()
                .admit(&AdmittedCode {
                    code: proposal.code.clone(),
                    company_name: proposal.company_name.clone(),
                    reason: proposal.reason.clone(),
                    by: actor.user,
                    by_name: actor.name.clone(),
                    at,
                })
                .await?;
            if !new {
                return Err(UseError::conflict("admitted_code.known"));
            }
        }
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, action, &proposal.code, at).detail(json!({
            "company": proposal.company_name,
            "asked_by": proposal.asked_by.0, "asked_name": proposal.asked_name,
        }));
        work.audit().write(entry).await?;
        ask.once
            .done(&mut *work, action, json!({ "proposal": proposal.id }))
            .await?;
        Ok(work.commit().await?)
    }

    /// Whoever proposed it takes it back; the code may be proposed again.
    pub async fn withdraw(&self, actor: &Actor, ask: Withdrawal) -> UseResult<()> {
        let (room, action, object) = (Room::Supervision, Action::Save, ask.asked);
        let permit = self.watch.permit(actor, room, action, object).await?;
        let outcome = self.take_back(actor, &permit, &ask).await;
        self.watch
            .refused(actor, room, action, object, outcome)
            .await
    }

    async fn take_back(&self, actor: &Actor, permit: &Permit, ask: &Withdrawal) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, WITHDRAW, at).await?.is_some() {
            return Ok(());
        }
        let found = work.admitted_codes().code_proposal(ask.asked).await?;
        let mut proposal = found.ok_or_else(UseError::not_found)?;
        asked(&mut proposal).withdraw(actor, ask, at)?;
        work.admitted_codes().settle_code(&proposal).await?;
        let id = self.watch.clock.new_id();
        let entry = AuditEntry::by(actor, id, WITHDRAW, &proposal.code, at).detail(json!({
            "company": proposal.company_name,
            "reason": proposal.withdrawal,
        }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, WITHDRAW, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// The two people of one proposal.
fn asked(proposal: &mut CodeProposal) -> Asked<'_> {
    Asked {
        by: proposal.asked_by,
        status: &mut proposal.status,
        settled_by: &mut proposal.settled_by,
        settled_name: &mut proposal.settled_name,
        settled_at: &mut proposal.settled_at,
        withdrawal: &mut proposal.withdrawal,
    }
}
