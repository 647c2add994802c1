//! Ownership 企业管理员 (W26): handed over by the owner to somebody of the enterprise who accepts, or changed by two operators of the city
//! where the owner is gone with the phone. Either way the person of the face check is another one: it is proved anew.

mod handover;
mod look;
pub(crate) mod notices;
mod recovery;

use std::sync::Arc;

use domain::ids::{EnterpriseId, TenantId, UserId};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use look::{Holder, OwnershipCase, OwnershipPowers};
pub use recovery::{AskRecovery, NEW_PERSON, Recovered, SettleRecovery};

use crate::{
    access::Actor,
    account,
    city::Cities,
    error::{UseError, UseResult},
    invitations::Invitations,
    outbox::{ACCOUNT_SMS, letters::moment},
    ports::{
        audit::AuditEntry,
        ownership::{ChangeKind, OwnershipChange},
        store::{StoreError, UnitOfWork},
        supervision::HoldStatus,
    },
    two_people::Asked,
};

/// How long somebody may think about a handover.
pub const TO_ACCEPT: Duration = Duration::days(7);
/// How long the owner may object before the city confirms another one.
pub const TO_OBJECT: Duration = Duration::hours(24);

/// Templates of what goes to phones.
const ASKED_TO: &str = "owner_handover";
const CHANGED: &str = "owner_changed";
const OBJECT: &str = "owner_recovery";

/// 撤销注销, as the log names it wherever it happens.
const KEEP: &str = "account.close.keep";

/// The room.
#[derive(Clone)]
pub struct OwnershipRoom {
    pub invitations: Invitations,
    pub cities: Arc<dyn Cities>,
}

impl OwnershipRoom {
    fn now(&self) -> OffsetDateTime {
        self.invitations.watch.clock.now()
    }

    fn new_id(&self) -> Uuid {
        self.invitations.watch.clock.new_id()
    }

    /// A message to the phone of somebody of the enterprise.
    async fn text(
        &self,
        work: &mut dyn UnitOfWork,
        (to, template): (UserId, &'static str),
        change: &OwnershipChange,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let sms = json!({
            "to": to.0,
            "template": template,
            "company": change.enterprise_name,
            "until": moment(Some(change.until)),
        });
        Ok(work
            .outbox()
            .push(self.new_id(), ACCOUNT_SMS, sms, at)
            .await?)
    }

    /// The same to the old owner, whose account is over when it goes out: the phone travels along, sealed for this message alone.
    async fn last_word(
        &self,
        work: &mut dyn UnitOfWork,
        city: TenantId,
        change: &OwnershipChange,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let Some(sealed) = work.reminders().phone_of(change.from).await? else {
            return Ok(());
        };
        let phone = self.invitations.phone(city, change.from, &sealed)?;
        let id = self.new_id();
        let place = account::notices::phone_place(city, id);
        let sealed = self
            .invitations
            .sealer
            .seal(&place, phone.as_str().as_bytes())?;
        let sms = json!({
            "template": CHANGED,
            "company": change.enterprise_name,
            account::notices::SEALED_PHONE: sealed,
        });
        Ok(work.outbox().push(id, ACCOUNT_SMS, sms, at).await?)
    }

    async fn announce(
        &self,
        work: &mut dyn UnitOfWork,
        topic: &str,
        change: &OwnershipChange,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let about = json!({ "about": change.id });
        Ok(work.outbox().push(self.new_id(), topic, about, at).await?)
    }

    async fn log(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        action: &'static str,
        (change, mut detail): (&OwnershipChange, Value),
        at: OffsetDateTime,
    ) -> UseResult<()> {
        detail["change"] = json!(change.id);
        let entry =
            AuditEntry::by(actor, self.new_id(), action, change.enterprise, at).detail(detail);
        Ok(work.audit().write(entry).await?)
    }

    /// Makes the new one the owner; the face of whoever it is now has to be checked. A 注销 that the old one asked for is off: it was
    /// not the new one's wish, who may ask for it anew.
    async fn carry_out(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        change: &OwnershipChange,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        if !work.ownership().change_owner(change).await? {
            return Err(UseError::conflict("ownership.moved"));
        }
        work.face_checks()
            .clear_verified(change.enterprise, at)
            .await?;
        if !work.own_data().keep_account(change.enterprise, at).await? {
            return Ok(());
        }
        let payload = json!({ "enterprise": change.enterprise.0 });
        work.outbox()
            .push(self.new_id(), account::notices::KEPT, payload, at)
            .await?;
        self.log(actor, work, KEEP, (change, json!({})), at).await
    }
}

/// Writes down that it was asked for.
async fn note_down(work: &mut dyn UnitOfWork, change: &OwnershipChange) -> UseResult<()> {
    match work.ownership().ask_ownership_change(change).await {
        Err(StoreError::Conflict(name)) if name == "ownership_changes_one_open" => {
            Err(UseError::conflict("ownership.asked_before"))
        }
        done => Ok(done?),
    }
}

/// Whoever was to come and has not is taken out again.
async fn not_to_come(
    work: &mut dyn UnitOfWork,
    change: &OwnershipChange,
    at: OffsetDateTime,
) -> UseResult<()> {
    let found = work.team().member(change.enterprise, change.to).await?;
    if found.is_some_and(|member| member.status == "invited") {
        work.team()
            .remove_member(change.enterprise, change.to, at)
            .await?;
    }
    Ok(())
}

/// One that waits, of this enterprise and kind; locked until the commit.
async fn waiting(
    work: &mut dyn UnitOfWork,
    enterprise: EnterpriseId,
    kind: ChangeKind,
    id: Uuid,
) -> UseResult<OwnershipChange> {
    let found = work.ownership().ownership_change(id).await?;
    found
        .filter(|change| change.enterprise == enterprise && change.kind == kind)
        .ok_or_else(UseError::not_found)
}

/// What the city has begun goes first.
async fn no_recovery(work: &mut dyn UnitOfWork, enterprise: EnterpriseId) -> UseResult<()> {
    let changes = work.ownership().ownership_changes(enterprise).await?;
    let open = |c: &OwnershipChange| c.kind == ChangeKind::Recovery && c.status == HoldStatus::Open;
    if changes.iter().any(open) {
        return Err(UseError::conflict("ownership.recovery_open"));
    }
    Ok(())
}

/// The two people of one change.
fn asked(change: &mut OwnershipChange) -> Asked<'_> {
    Asked {
        by: change.asked_by,
        status: &mut change.status,
        settled_by: &mut change.settled_by,
        settled_name: &mut change.settled_name,
        settled_at: &mut change.settled_at,
        withdrawal: &mut change.withdrawal,
    }
}

fn enterprise_of(actor: &Actor) -> UseResult<EnterpriseId> {
    actor.enterprise.ok_or_else(UseError::not_found)
}
