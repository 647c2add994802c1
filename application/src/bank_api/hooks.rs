//! 事件推送 as the institution sets it: one address, its secret, a try, and what could not be told.

use serde_json::json;
use uuid::Uuid;

use super::{KeyRoom, hook_place, post};
use crate::{
    access::{Action, Actor},
    error::{UseError, UseResult},
    once::Once,
    ports::webhooks::StoredHook,
};

const SET: &str = "webhook.set";
const STOP: &str = "webhook.stop";
const PING: &str = "webhook.ping";
const AGAIN: &str = "webhook.send_again";

impl KeyRoom {
    /// Sets the address; answers the secret that signs what is sent there, once. `None` when exactly this was done before.
    pub async fn set_hook(
        &self,
        actor: &Actor,
        url: &str,
        once: &Once,
    ) -> UseResult<Option<String>> {
        let permit = self.permit(actor, Action::Save, actor.tenant.0).await?;
        let url = self
            .caller
            .admits(url)
            .map_err(|code| UseError::field("hook_url", code))?;
        self.sealer.ready(actor.city.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, SET, at).await?.is_some() {
            return Ok(None);
        }
        let hook = StoredHook {
            id: self.watch.clock.new_id(),
            url,
            active: true,
            set_by: actor.user,
            set_name: actor.name.clone(),
            set_at: at,
        };
        let secret = self.tokens.one_time();
        let sealed = self
            .sealer
            .seal(&hook_place(actor.city.0, hook.id), secret.as_bytes())?;
        work.webhooks().set_hook(&hook, &sealed).await?;
        let detail = json!({ "url": hook.url });
        self.log(actor, &mut *work, SET, hook.id, detail, at)
            .await?;
        once.done(&mut *work, SET, json!({})).await?;
        work.commit().await?;
        Ok(Some(secret))
    }

    /// 停止推送.
    pub async fn stop_hook(&self, actor: &Actor, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, actor.tenant.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, STOP, at).await?.is_some() {
            return Ok(());
        }
        if !work.webhooks().stop_hook(at).await? {
            return Err(UseError::conflict("bank_api.no_hook"));
        }
        self.log(actor, &mut *work, STOP, actor.tenant.0, json!({}), at)
            .await?;
        once.done(&mut *work, STOP, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 发送测试事件.
    pub async fn ping(&self, actor: &Actor, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, actor.tenant.0).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, PING, at).await?.is_some() {
            return Ok(());
        }
        let hook = work.webhooks().hook(actor.tenant).await?;
        if !hook.is_some_and(|hook| hook.active) {
            return Err(UseError::conflict("bank_api.no_hook"));
        }
        let id = self.watch.clock.new_id();
        let body = post::body(id, post::TEST, at, None);
        work.webhooks()
            .put_delivery(actor.tenant, id, post::TEST, &body, at)
            .await?;
        self.log(actor, &mut *work, PING, id, json!({}), at).await?;
        once.done(&mut *work, PING, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 重新推送 what was given up.
    pub async fn send_again(&self, actor: &Actor, delivery: Uuid, once: &Once) -> UseResult<()> {
        let permit = self.permit(actor, Action::Save, delivery).await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, AGAIN, at).await?.is_some() {
            return Ok(());
        }
        if !work.webhooks().send_again(delivery, at).await? {
            return Err(UseError::not_found());
        }
        self.log(actor, &mut *work, AGAIN, delivery, json!({}), at)
            .await?;
        once.done(&mut *work, AGAIN, json!({})).await?;
        Ok(work.commit().await?)
    }
}
