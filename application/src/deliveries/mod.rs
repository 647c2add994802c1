//! Deliveries 消息投递: what could not be delivered, tried again or given up with a reason (S-42).

mod log;
mod providers;

use std::sync::Arc;

use domain::values::FreeText;
use serde_json::json;
use uuid::Uuid;

use crate::{
    access::{Action, Actor, Room},
    audit::Watch,
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        deliveries::{GivenUp, ParkedNotice},
        providers::ProviderChecks,
        store::Store,
    },
};

/// Rows of the page.
pub const PAGE: i64 = 100;

/// The room of the city's operators.
pub struct Deliveries {
    pub watch: Watch,
    pub store: Arc<dyn Store>,
    pub checks: Arc<dyn ProviderChecks>,
}

pub use log::{LOG_PAGE, LogLeaf};

/// 放弃 as the form says it.
#[derive(Clone, Debug)]
pub struct GiveUp {
    pub notice: Uuid,
    pub reason: String,
    pub once: Once,
}

const AGAIN: &str = "delivery.again";
const GIVE_UP: &str = "delivery.give_up";

impl Deliveries {
    pub async fn list(&self, actor: &Actor) -> UseResult<Vec<ParkedNotice>> {
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, Action::View, actor.tenant)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        Ok(work.deliveries().parked(PAGE).await?)
    }

    pub async fn one(&self, actor: &Actor, id: Uuid) -> UseResult<ParkedNotice> {
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.deliveries().parked_one(id).await?;
        found.ok_or_else(UseError::not_found)
    }

    /// 重新投递.
    pub async fn again(&self, actor: &Actor, id: Uuid, once: &Once) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, Action::Save, id)
            .await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, AGAIN, at).await?.is_some() {
            return Ok(());
        }
        let parked = work.deliveries().parked_one(id).await?;
        let parked = parked.ok_or_else(UseError::not_found)?;
        work.deliveries().take_up_again(id, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), AGAIN, id, at)
            .detail(json!({ "topic": parked.topic }));
        work.audit().write(entry).await?;
        once.done(&mut *work, AGAIN, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 放弃投递: with a reason, for good.
    pub async fn give_up(&self, actor: &Actor, ask: GiveUp) -> UseResult<()> {
        let permit = self
            .watch
            .permit(actor, Room::Deliveries, Action::Save, ask.notice)
            .await?;
        let mut checks = Checks::default();
        let Some(reason) = checks.take("drop_reason", FreeText::<200>::parse(&ask.reason)) else {
            return Err(checks.into_error());
        };
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if ask.once.replayed(&mut *work, GIVE_UP, at).await?.is_some() {
            return Ok(());
        }
        let parked = work.deliveries().parked_one(ask.notice).await?;
        let parked = parked.ok_or_else(UseError::not_found)?;
        let how = GivenUp {
            by_name: actor.name.clone(),
            reason: reason.as_str().to_owned(),
            at,
        };
        work.deliveries().give_up(ask.notice, &how).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), GIVE_UP, ask.notice, at)
            .detail(json!({ "topic": parked.topic, "reason": how.reason }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, GIVE_UP, json!({})).await?;
        Ok(work.commit().await?)
    }
}
