//! Closing 注销账号 (S-34): asked for with two proofs, with a week to change one's mind, never while somebody still waits for
//! the enterprise. What happens then is the retention worker's.

use domain::ids::EnterpriseId;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{
    notices,
    own::{OwnRoom, freshly_proved},
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, FieldError, UseError, UseResult},
    once::Once,
    outbox::ACCOUNT_SMS,
    ports::{
        audit::AuditEntry,
        own_data::{Closing, StandsInTheWay},
        store::{StoreError, UnitOfWork},
    },
    sessions::SignedIn,
};

/// How long one may change one's mind.
pub const CHANGE_OF_MIND: Duration = Duration::days(7);
const ACTION: &str = "account.close";

/// 注销.
#[derive(Clone)]
pub struct ClosingRoom {
    pub own: OwnRoom,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ClosingSheet {
    /// Under way since.
    pub closing: Option<Closing>,
    /// What has to be settled first.
    pub in_the_way: Vec<StandsInTheWay>,
    /// When it would be done if it were asked for now.
    pub would_be: OffsetDateTime,
}

/// The form.
pub struct AskClosing {
    pub password: SecretString,
    pub understood: bool,
    pub once: Once,
}

impl ClosingRoom {
    pub async fn look(&self, signed: &SignedIn) -> UseResult<ClosingSheet> {
        let (permit, enterprise) = self.permit(&signed.actor).await?;
        let mut work = self.own.store.begin(&permit).await?;
        Ok(ClosingSheet {
            closing: work.own_data().closing(enterprise).await?,
            in_the_way: work.own_data().in_the_way(enterprise).await?,
            would_be: self.own.sign_in.tools.clock.now() + CHANGE_OF_MIND,
        })
    }

    /// 申请注销; answers when it will be done.
    pub async fn ask(&self, signed: &SignedIn, ask: AskClosing) -> UseResult<OffsetDateTime> {
        let actor = &signed.actor;
        freshly_proved(signed)?;
        let (permit, enterprise) = self.permit(actor).await?;
        let mut checks = Checks::default();
        if ask.password.expose_secret().is_empty() {
            checks.push(FieldError::new("current_password", "password.missing"));
        }
        if !ask.understood {
            checks.push(FieldError::new("understood", "closing.not_understood"));
        }
        checks.finish()?;
        self.own.check_current(signed, &ask.password).await?;
        let tools = &self.own.sign_in.tools;
        let at = tools.clock.now();
        let mut work = self.own.store.begin(&permit).await?;
        // Requests are submitted under the same lock, so none slips in between the look and the row.
        let facts = work.enterprises().facts_for_update(enterprise).await?;
        facts.ok_or_else(UseError::not_found)?;
        if ask.once.replayed(&mut *work, ACTION, at).await?.is_some() {
            let closing = work.own_data().closing(enterprise).await?;
            return closing
                .map(|c| c.effective_at)
                .ok_or_else(|| UseError::conflict("closing.kept_before"));
        }
        if !work.own_data().in_the_way(enterprise).await?.is_empty() {
            return Err(UseError::conflict("closing.in_the_way"));
        }
        let closing = Closing {
            id: tools.clock.new_id(),
            enterprise,
            asked_by: actor.user,
            asked_at: at,
            effective_at: at + CHANGE_OF_MIND,
        };
        match work.own_data().ask_closing(&closing).await {
            Ok(()) => {}
            Err(StoreError::Conflict(name)) if name == "account_closings_one_open" => {
                return Err(UseError::conflict("closing.asked_before"));
            }
            Err(error) => return Err(error.into()),
        }
        let payload = json!({
            "enterprise": enterprise.0,
            "until": crate::outbox::letters::moment(Some(closing.effective_at)),
        });
        self.tell(&mut *work, actor, ACTION, notices::CLOSING, payload, at)
            .await?;
        ask.once.done(&mut *work, ACTION, json!({})).await?;
        work.commit().await?;
        Ok(closing.effective_at)
    }

    /// 撤销注销.
    pub async fn keep(&self, signed: &SignedIn) -> UseResult<()> {
        let actor = &signed.actor;
        let (permit, enterprise) = self.permit(actor).await?;
        let at = self.own.sign_in.tools.clock.now();
        let mut work = self.own.store.begin(&permit).await?;
        if !work.own_data().keep_account(enterprise, at).await? {
            return Err(UseError::conflict("closing.kept_before"));
        }
        let payload = json!({ "enterprise": enterprise.0 });
        self.tell(
            &mut *work,
            actor,
            "account.close.keep",
            notices::KEPT,
            payload,
            at,
        )
        .await?;
        work.commit().await?;
        Ok(())
    }

    async fn permit(&self, actor: &Actor) -> UseResult<(Permit, EnterpriseId)> {
        let permit = self
            .own
            .guard
            .permit(actor, Room::Account, Action::Close)
            .await?;
        let enterprise = actor.enterprise.ok_or_else(UseError::not_found)?;
        Ok((permit, enterprise))
    }

    async fn tell(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        action: &'static str,
        topic: &'static str,
        payload: Value,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let clock = &self.own.sign_in.tools.clock;
        let sms = json!({
            "to": actor.user.0,
            "template": if topic == notices::CLOSING { "account_closing" } else { "account_kept" },
            "until": payload["until"],
        });
        work.outbox()
            .push(clock.new_id(), ACCOUNT_SMS, sms, at)
            .await?;
        let object = actor.enterprise.map_or(String::new(), |e| e.to_string());
        let entry = AuditEntry::by(actor, clock.new_id(), action, object, at);
        work.audit().write(entry).await?;
        work.outbox()
            .push(clock.new_id(), topic, payload, at)
            .await?;
        Ok(())
    }
}
