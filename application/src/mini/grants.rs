//! Grants 订阅授权: each tap of the person on the phone buys one message, and this counts them.

use serde_json::json;

use super::MiniRoom;
use crate::{
    access::{Action, Actor, Room},
    error::{UseError, UseResult},
    once::Once,
};

/// More of one template are not kept.
pub const MOST_GRANTS: i32 = 50;
const ACTION: &str = "wechat.grant";

/// What the phone may ask for: our template, WeChat's id, and how many are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub template: String,
    pub template_id: String,
    pub left: i32,
}

impl MiniRoom {
    /// The templates that the city registered, with what this person has left of each.
    pub async fn offers(&self, actor: &Actor) -> UseResult<Vec<Offer>> {
        let permit = self
            .guard
            .permit(actor, Room::Messages, Action::View)
            .await?;
        let program = self.program(actor.city).await?;
        let mut work = self.store.begin(&permit).await?;
        let grants = work.wechat_people().grants(actor.user).await?;
        let left = |id: &str| {
            let grant = grants.iter().find(|grant| grant.template_id == id);
            grant.map_or(0, |grant| grant.left)
        };
        let offered = program.messages.offered().into_iter();
        Ok(offered
            .map(|(template, id)| Offer {
                template: template.to_owned(),
                template_id: id.to_owned(),
                left: left(id),
            })
            .collect())
    }

    /// 允许: what `wx.requestSubscribeMessage` answered with `accept`. Ids that the city has not registered are refused.
    pub async fn granted(
        &self,
        actor: &Actor,
        template_ids: &[String],
        once: &Once,
    ) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Messages, Action::Save)
            .await?;
        let program = self.program(actor.city).await?;
        let offered = program.messages.offered();
        let mut wanted = template_ids.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let known = |id: &String| offered.iter().any(|(_, offer)| offer == id);
        if wanted.is_empty() || !wanted.iter().all(known) {
            return Err(UseError::field("template_ids", "wechat.no_such_template"));
        }
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if once.replayed(&mut *work, ACTION, at).await?.is_some() {
            return Ok(());
        }
        let bound = work
            .wechat_people()
            .openid_of(actor.user, &program.app_id)
            .await?;
        if bound.is_none() {
            return Err(UseError::conflict("wechat.not_bound"));
        }
        work.wechat_people()
            .grant(actor.user, &wanted, MOST_GRANTS, at)
            .await?;
        once.done(&mut *work, ACTION, json!({})).await?;
        Ok(work.commit().await?)
    }
}
