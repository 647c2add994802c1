//! 回复 by the rated institution or branch, once; 隐藏 and 恢复展示 by the city, with a reason that the author reads.

use domain::values::FreeText;
use serde_json::json;
use uuid::Uuid;

use super::RatingRoom;
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    once::Once,
    ports::{ratings::Said, store::UnitOfWork},
};

pub(super) const REPLY: &str = "rating.reply";
pub(super) const HIDE: &str = "rating.hide";
pub(super) const SHOW: &str = "rating.show";

/// 回复 as the form says it.
#[derive(Clone, Debug)]
pub struct Reply {
    pub rating: Uuid,
    pub words: String,
    pub once: Once,
}

/// 隐藏 with its reason; `None`: 恢复展示.
#[derive(Clone, Debug)]
pub struct Hide {
    pub rating: Uuid,
    pub reason: Option<String>,
    pub once: Once,
}

impl RatingRoom {
    pub async fn reply(&self, actor: &Actor, ask: Reply) -> UseResult<()> {
        let object = ask.rating;
        let permit = self
            .watch
            .permit(actor, Room::Ratings, Action::Answer, object)
            .await?;
        let outcome = self.say(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Ratings, Action::Answer, object, outcome)
            .await
    }

    async fn say(&self, actor: &Actor, permit: &Permit, ask: &Reply) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, REPLY, at).await?.is_some() {
            return Ok(());
        }
        let rating = work.ratings().rating(ask.rating).await?;
        let rating = rating.ok_or_else(UseError::not_found)?;
        if rating.hidden.is_some() {
            return Err(UseError::conflict("rating.hidden_now"));
        }
        let words = read("reply", &ask.words)?;
        let reply = said(actor, words, at);
        if !work.ratings().reply_to_rating(rating.id, &reply).await? {
            return Err(UseError::conflict("rating.replied_before"));
        }
        self.note(&mut *work, actor, &rating, REPLY, at).await?;
        ask.once.done(&mut *work, REPLY, json!({})).await?;
        Ok(work.commit().await?)
    }

    pub async fn hide(&self, actor: &Actor, ask: Hide) -> UseResult<()> {
        let object = ask.rating;
        let permit = self
            .watch
            .permit(actor, Room::Ratings, Action::Withdraw, object)
            .await?;
        let outcome = self.cover(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Ratings, Action::Withdraw, object, outcome)
            .await
    }

    async fn cover(&self, actor: &Actor, permit: &Permit, ask: &Hide) -> UseResult<()> {
        let at = self.watch.clock.now();
        let action = if ask.reason.is_some() { HIDE } else { SHOW };
        let mut work: Box<dyn UnitOfWork> = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, action, at).await?.is_some() {
            return Ok(());
        }
        let rating = work.ratings().rating(ask.rating).await?;
        let rating = rating.ok_or_else(UseError::not_found)?;
        let hidden = match &ask.reason {
            None => None,
            Some(reason) => Some(said(actor, read_short(reason)?, at)),
        };
        if !work
            .ratings()
            .hide_rating(rating.id, hidden.as_ref())
            .await?
        {
            return Err(UseError::conflict("rating.moved"));
        }
        self.note(&mut *work, actor, &rating, action, at).await?;
        ask.once.done(&mut *work, action, json!({})).await?;
        Ok(work.commit().await?)
    }
}

fn said(actor: &Actor, words: String, at: time::OffsetDateTime) -> Said {
    Said {
        words,
        by: Some(actor.user),
        by_name: actor.name.clone(),
        at,
    }
}

fn read(field: &'static str, typed: &str) -> UseResult<String> {
    let mut checks = Checks::default();
    let words = checks.take(field, FreeText::<500>::parse(typed));
    let words = words.ok_or_else(|| checks.into_error())?;
    Ok(words.as_str().to_owned())
}

fn read_short(typed: &str) -> UseResult<String> {
    let mut checks = Checks::default();
    let words = checks.take("hide_reason", FreeText::<200>::parse(typed));
    let words = words.ok_or_else(|| checks.into_error())?;
    Ok(words.as_str().to_owned())
}
