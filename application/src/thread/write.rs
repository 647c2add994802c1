//! 发送: a text, a file or a request for a call; at most twenty an hour.

use domain::{
    ids::{FileId, FinancingApplicationId},
    values::FreeText,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{
    PER_HOUR, ThreadRoom, announce,
    files::{SentFile, keep_sent},
    side_of, writable,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{Checks, UseError, UseResult},
    mini::Screened,
    once::Once,
    ports::{
        audit::AuditEntry,
        dossiers::DossierFile,
        letters::{LetterKind, LetterRow, Side},
        store::UnitOfWork,
    },
};

pub(super) const ACTION: &str = "thread.write";
/// How a file of a thread stands among the application's files.
pub(crate) const FILE_KIND: &str = "thread";
const FILE_LABEL: &str = "沟通文件";

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Text,
    /// A file that was kept before: the enterprise's among its materials, the branch's with this letter.
    File(FileId),
    CallRequest,
}

/// 发送 as the form says it.
#[derive(Clone, Debug)]
pub struct WriteLetter {
    pub application: FinancingApplicationId,
    pub content: Content,
    pub body: String,
    pub once: Once,
}

impl ThreadRoom {
    pub async fn write(&self, actor: &Actor, ask: WriteLetter) -> UseResult<()> {
        let object = ask.application;
        let permit = self
            .watch
            .permit(actor, Room::Thread, Action::Save, object)
            .await?;
        let outcome = self.send(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Thread, Action::Save, object, outcome)
            .await
    }

    async fn send(&self, actor: &Actor, permit: &Permit, ask: &WriteLetter) -> UseResult<()> {
        let screened = self.screened(actor, permit, ask).await?;
        match self.draw_up(actor, permit, ask, screened, None).await? {
            Some(work) => Ok(work.commit().await?),
            None => Ok(()),
        }
    }

    /// The letter, ready to commit; none when it had been sent before. `file`: what is sent along, sealed already.
    pub(super) async fn draw_up(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &WriteLetter,
        screened: Screened,
        file: Option<&SentFile>,
    ) -> UseResult<Option<Box<dyn UnitOfWork>>> {
        let (id, at) = (ask.application, self.watch.clock.now());
        let mut work = self.store.begin(permit).await?;
        if !self.sendable(&mut *work, actor, ask, at).await? {
            return Ok(None);
        }
        let letter = self.letter(actor, ask, body(ask)?, at)?;
        if let Some(sent) = file {
            keep_sent(&mut *work, id, sent).await?;
        }
        if let (Side::Enterprise, Some(own)) = (letter.side, letter.file) {
            hand_over(&mut *work, id, own, at).await?;
        }
        work.letters().write_letter(id, &letter).await?;
        // Whoever answers has read what stands above.
        work.letters().read_letters(id, letter.side, at).await?;
        let what = match (letter.side, letter.kind) {
            (Side::Bank, _) => "answer",
            (_, LetterKind::CallRequest) => "call_request",
            _ => "letter",
        };
        announce(&mut *work, self.watch.clock.new_id(), id, &letter, what).await?;
        if let Some(topic) = screened.topic() {
            let payload =
                json!({ "application": id.0, "letter": letter.id, "author": actor.user.0 });
            work.outbox()
                .push(self.watch.clock.new_id(), topic, payload, at)
                .await?;
        }
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), ACTION, id, at);
        let detail = json!({ "letter": letter.id, "kind": letter.kind.code() });
        work.audit().write(entry.detail(detail)).await?;
        ask.once
            .done(&mut *work, ACTION, json!({ "letter": letter.id }))
            .await?;
        Ok(Some(work))
    }

    /// Whoever may not write, or wrote too much, is told so; false: this was sent before.
    pub(super) async fn sendable(
        &self,
        work: &mut dyn UnitOfWork,
        actor: &Actor,
        ask: &WriteLetter,
        at: OffsetDateTime,
    ) -> UseResult<bool> {
        // What was sent stays sent, also when the thread has closed since.
        if ask.once.replayed(work, ACTION, at).await?.is_some() {
            return Ok(false);
        }
        writable(work, actor, ask.application).await?;
        body(ask)?;
        not_too_often(work, actor, at).await?;
        Ok(true)
    }

    /// 内容安全检测, where there is one: of nobody's letter but whose thread it is, and outside of any unit of work.
    pub(super) async fn screened(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &WriteLetter,
    ) -> UseResult<Screened> {
        if !self.screen.asks_about(actor) {
            return Ok(Screened::Clean);
        }
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        // What is not written anyway is nothing to ask about.
        if !self.sendable(&mut *work, actor, ask, at).await? {
            return Ok(Screened::Clean);
        }
        drop(work);
        self.screen.text(actor, permit, &body(ask)?).await
    }

    fn letter(
        &self,
        actor: &Actor,
        ask: &WriteLetter,
        body: String,
        at: OffsetDateTime,
    ) -> UseResult<LetterRow> {
        let side = side_of(actor);
        let (kind, file) = match ask.content {
            Content::Text => (LetterKind::Text, None),
            Content::File(file) => (LetterKind::File, Some(file)),
            Content::CallRequest => (LetterKind::CallRequest, None),
        };
        if side == Side::Bank && kind == LetterKind::CallRequest {
            return Err(UseError::field("kind", "thread.text_only"));
        }
        Ok(LetterRow {
            id: self.watch.clock.new_id(),
            side,
            author: actor.user,
            author_name: actor.name.clone(),
            kind,
            body,
            file,
            scan: None,
            at,
            read_at: None,
            called: None,
        })
    }
}

async fn not_too_often(
    work: &mut dyn UnitOfWork,
    actor: &Actor,
    at: OffsetDateTime,
) -> UseResult<()> {
    let hour = at - Duration::hours(1);
    if work.letters().written_since(actor.user, hour).await? >= PER_HOUR {
        return Err(UseError::too_many("thread.too_often", 3_600));
    }
    Ok(())
}

pub(super) fn body(ask: &WriteLetter) -> UseResult<String> {
    let mut checks = Checks::default();
    let body = if ask.content == Content::Text {
        checks
            .take("body", FreeText::<1000>::parse(&ask.body))
            .map(|text| text.as_str().to_owned())
    } else {
        checks
            .take("body", FreeText::<1000>::parse_optional(&ask.body))
            .flatten()
            .map(|text| text.as_str().to_owned())
    };
    checks.finish()?;
    Ok(body.unwrap_or_default())
}

/// A file that is sent becomes part of what the bank sees of this application, and is opened there as the others are.
async fn hand_over(
    work: &mut dyn UnitOfWork,
    application: FinancingApplicationId,
    file: FileId,
    at: OffsetDateTime,
) -> UseResult<()> {
    let found = work.enterprise_files().current_file(file).await?;
    let row = found.ok_or_else(|| UseError::field("file", "supplement.file_gone"))?;
    let given = DossierFile {
        id: file,
        kind: FILE_KIND.to_owned(),
        label: FILE_LABEL.to_owned(),
        object_key: row.object_key,
        media_type: row.media_type,
        round: 0,
        added_at: at,
        scan: row.scan,
    };
    Ok(work.dossiers().add_file(application, &given).await?)
}
