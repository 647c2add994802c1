//! Messages 消息: of an enterprise, or of the staff of a node; whose they are follows from who asks.

use std::sync::Arc;

use domain::ids::MessageId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    access::{Action, Actor, Guard, Room},
    error::{UseError, UseResult},
    ports::{clock::Clock, messages::MessageRow, store::Store},
};

/// Messages of a page.
pub const PER_PAGE: u64 = 20;

/// The room.
#[derive(Clone)]
pub struct MessageBox {
    guard: Guard,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// A page of messages.
#[derive(Clone, Debug)]
pub struct MessagePage {
    pub rows: Vec<MessageRow>,
    pub total: u64,
    pub unread: u64,
    pub page: u64,
}

/// A part of the list that goes on where another one ended.
#[derive(Clone, Debug)]
pub struct MessagePart {
    pub rows: Vec<MessageRow>,
    pub unread: u64,
    pub more: bool,
}

impl MessageBox {
    pub fn new(guard: Guard, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            guard,
            store,
            clock,
        }
    }

    pub async fn list(
        &self,
        actor: &Actor,
        unread_only: bool,
        page: u64,
    ) -> UseResult<MessagePage> {
        let permit = self
            .guard
            .permit(actor, Room::Messages, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let (all, unread) = work.messages().count_messages().await?;
        let total = if unread_only { unread } else { all };
        let page = page.clamp(1, total.div_ceil(PER_PAGE).max(1));
        let skip = i64::try_from((page - 1) * PER_PAGE).unwrap_or(0);
        let most = i64::try_from(PER_PAGE).unwrap_or(20);
        let rows = work.messages().messages(unread_only, skip, most).await?;
        Ok(MessagePage {
            rows,
            total,
            unread,
            page,
        })
    }

    /// The messages that follow one, newest first, at most `most`.
    pub async fn after(
        &self,
        actor: &Actor,
        unread_only: bool,
        after: Option<(OffsetDateTime, Uuid)>,
        most: usize,
    ) -> UseResult<MessagePart> {
        let permit = self
            .guard
            .permit(actor, Room::Messages, Action::View)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let (_, unread) = work.messages().count_messages().await?;
        let one_more = i64::try_from(most).unwrap_or(i64::MAX - 1) + 1;
        let mut rows = work
            .messages()
            .messages_after(unread_only, after, one_more)
            .await?;
        let more = rows.len() > most;
        rows.truncate(most);
        Ok(MessagePart { rows, unread, more })
    }

    /// 查看: marks it read and answers it.
    pub async fn open(&self, actor: &Actor, id: MessageId) -> UseResult<MessageRow> {
        let permit = self
            .guard
            .permit(actor, Room::Messages, Action::Save)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let found = work.messages().message(id).await?;
        let message = found.ok_or_else(UseError::not_found)?;
        work.messages().mark_read(id, self.clock.now()).await?;
        work.commit().await?;
        Ok(message)
    }

    /// 全部标为已读; answers how many there were.
    pub async fn read_all(&self, actor: &Actor) -> UseResult<u64> {
        let permit = self
            .guard
            .permit(actor, Room::Messages, Action::Save)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let read = work.messages().mark_all_read(self.clock.now()).await?;
        work.commit().await?;
        Ok(read)
    }
}
