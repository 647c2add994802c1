//! 保存草稿, 提交复核, 撤回提交, 恢复以前的版本: by the city's operators.

use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    ContentForm, ContentRoom, Opened, Piece, changed, is_over, notices, of_the_city, unmoved,
    writable,
};
use crate::{
    access::{Action, Actor, Permit, Room},
    error::{UseError, UseResult},
    once::Once,
    ports::{
        audit::AuditEntry,
        content::{ContentDraft, ContentKind},
        product_shelf::DraftStatus,
        store::UnitOfWork,
    },
    two_people::Withdrawal,
};

/// A draft, and the revision that the page showed.
#[derive(Clone, Debug)]
pub struct SeenContent {
    pub id: Uuid,
    pub revision: i32,
    pub once: Once,
}

/// 保存草稿; without an id it is a new text of that kind.
#[derive(Clone, Debug)]
pub struct SaveContent {
    pub id: Option<Uuid>,
    pub kind: ContentKind,
    pub revision: i32,
    pub form: ContentForm,
    pub once: Once,
}

/// The draft of an agreement, begun with the words in force, or the one that is open.
#[derive(Clone, Debug)]
pub struct StartAgreement {
    pub code: String,
    pub once: Once,
}

const SAVE: &str = "content.save";
const START: &str = "content.start";
const SUBMIT: &str = "content.submit";
const TAKE_BACK: &str = "content.take_back";
const RESTORE: &str = "content.restore";

/// Who writes goes to the end of the authors, once.
fn signed(draft: &mut ContentDraft, actor: &Actor) {
    if let Some(at) = draft.authors.iter().position(|a| *a == actor.user) {
        draft.authors.remove(at);
        if at < draft.author_names.len() {
            draft.author_names.remove(at);
        }
    }
    draft.authors.push(actor.user);
    draft.author_names.push(actor.name.clone());
}

impl ContentRoom {
    /// Keeps what was typed, complete or not; answers the text's id.
    pub async fn save(&self, actor: &Actor, ask: SaveContent) -> UseResult<Uuid> {
        of_the_city(actor)?;
        let object = ask.id.map_or_else(|| "new".to_owned(), |id| id.to_string());
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::Save, &object)
            .await?;
        let outcome = self.write(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Content, Action::Save, object, outcome)
            .await
    }

    async fn write(&self, actor: &Actor, permit: &Permit, ask: &SaveContent) -> UseResult<Uuid> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, SAVE, at).await? {
            let id = answer["content"].as_str().and_then(|t| t.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        let mut draft = self.base(actor, &mut *work, ask, at).await?;
        ask.form.check_draft(draft.kind, &self.lists)?;
        self.check_reconsent(actor, &draft.code, &ask.form)?;
        draft.form = kept(&draft.form, &ask.form);
        self.store_draft(actor, &mut *work, draft.clone(), SAVE, at)
            .await?;
        ask.once
            .done(&mut *work, SAVE, json!({ "content": draft.id }))
            .await?;
        work.commit().await?;
        Ok(draft.id)
    }

    /// The draft that is written over: the open one, or a fresh one beside what was published.
    async fn base(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        ask: &SaveContent,
        at: OffsetDateTime,
    ) -> UseResult<ContentDraft> {
        let Some(id) = ask.id else {
            if matches!(ask.kind, ContentKind::Agreement | ContentKind::About) {
                return Err(UseError::not_found());
            }
            return Ok(fresh(self.watch.clock.new_id(), ask.kind, "", actor, at));
        };
        if let Some(draft) = work.content().content_draft_for_update(id).await? {
            writable(&draft)?;
            let draft = unmoved(draft, ask.revision)?;
            return Ok(reopened(draft, actor));
        }
        let versions = work.content().piece_versions(id).await?;
        let latest = versions.first().ok_or_else(UseError::not_found)?;
        let mut draft = fresh(id, latest.kind, "", actor, at);
        draft.form.clone_from(&latest.form);
        Ok(draft)
    }

    /// Writes a draft that was changed, with its line in the log.
    pub(super) async fn store_draft(
        &self,
        actor: &Actor,
        work: &mut dyn UnitOfWork,
        mut draft: ContentDraft,
        action: &'static str,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        signed(&mut draft, actor);
        let over = draft.revision;
        draft.revision += 1;
        draft.status = DraftStatus::Draft;
        draft.saved_at = at;
        draft.submitted_at = None;
        draft.reviewed_by = None;
        draft.reviewed_name = String::new();
        draft.reviewed_at = None;
        write_over(work, &draft, over).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), action, draft.id, at)
            .detail(json!({ "kind": draft.kind.code(), "revision": draft.revision }));
        work.audit().write(entry).await?;
        Ok(())
    }

    /// The draft of an agreement; answers its id.
    pub async fn start_agreement(&self, actor: &Actor, ask: StartAgreement) -> UseResult<Uuid> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::Save, &ask.code)
            .await?;
        let outcome = self.begin_agreement(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Content, Action::Save, &ask.code, outcome)
            .await
    }

    async fn begin_agreement(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &StartAgreement,
    ) -> UseResult<Uuid> {
        let city = self.city(actor)?;
        let text = city.agreement(&ask.code).ok_or_else(UseError::not_found)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if let Some(answer) = ask.once.replayed(&mut *work, START, at).await? {
            let id = answer["content"].as_str().and_then(|t| t.parse().ok());
            return id.ok_or_else(UseError::not_found);
        }
        let shelf = work.content();
        let draft = match shelf.agreement_draft_for_update(&ask.code).await? {
            Some(draft) => reopened(draft, actor),
            None => fresh(
                self.watch.clock.new_id(),
                ContentKind::Agreement,
                &ask.code,
                actor,
                at,
            ),
        };
        let id = draft.id;
        // What is open already is only led to.
        if draft.revision == 0 || !draft.is_open() {
            let form = ContentForm {
                title: text.title.clone(),
                body: text.body.to_string(),
                ..ContentForm::default()
            };
            let draft = ContentDraft { form, ..draft };
            self.store_draft(actor, &mut *work, draft, SAVE, at).await?;
        }
        ask.once
            .done(&mut *work, START, json!({ "content": id }))
            .await?;
        work.commit().await?;
        Ok(id)
    }

    /// 恢复: the words of a published version become the draft; nothing is shown by that.
    pub async fn restore(&self, actor: &Actor, ask: SeenContent, version: &str) -> UseResult<()> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::Save, ask.id)
            .await?;
        let outcome = self.take_up(actor, &permit, &ask, version).await;
        self.watch
            .refused(actor, Room::Content, Action::Save, ask.id, outcome)
            .await
    }

    async fn take_up(
        &self,
        actor: &Actor,
        permit: &Permit,
        ask: &SeenContent,
        version: &str,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, RESTORE, at).await?.is_some() {
            return Ok(());
        }
        let open = work.content().content_draft_for_update(ask.id).await?;
        let (kind, code) = open
            .as_ref()
            .map_or((None, String::new()), |d| (Some(d.kind), d.code.clone()));
        let (kind, form) = if kind == Some(ContentKind::Agreement) {
            let versions = work.content().agreement_versions(Some(&code)).await?;
            let found = versions.iter().find(|v| v.text.version == version);
            let text = &found.ok_or_else(UseError::not_found)?.text;
            let form = ContentForm {
                title: text.title.clone(),
                body: text.body.clone(),
                ..ContentForm::default()
            };
            (ContentKind::Agreement, form)
        } else {
            let versions = work.content().piece_versions(ask.id).await?;
            let found = versions.iter().find(|v| v.version.to_string() == version);
            let found = found.ok_or_else(UseError::not_found)?;
            (found.kind, found.form.clone())
        };
        let draft = match open {
            Some(draft) => {
                writable(&draft)?;
                reopened(unmoved(draft, ask.revision)?, actor)
            }
            None => fresh(ask.id, kind, "", actor, at),
        };
        let draft = ContentDraft { form, ..draft };
        self.store_draft(actor, &mut *work, draft, RESTORE, at)
            .await?;
        ask.once.done(&mut *work, RESTORE, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// Every field that is missing or wrong before 提交复核, without doing it: for the confirm page and the preview.
    pub async fn check_submission(&self, actor: &Actor, opened: &Opened) -> UseResult<Piece> {
        self.watch
            .permit(actor, Room::Content, Action::View, opened.id)
            .await?;
        let draft = opened
            .open_draft()
            .ok_or_else(|| UseError::conflict("content.no_draft"))?;
        self.check_reconsent(actor, &draft.code, &draft.form)?;
        let piece = draft.form.piece(opened.kind, opened.id, &self.lists)?;
        not_over(&piece, self.watch.clock.now())?;
        Ok(piece)
    }

    /// 提交复核: complete; the city's people are told.
    pub async fn submit(&self, actor: &Actor, ask: SeenContent) -> UseResult<()> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::Submit, ask.id)
            .await?;
        let outcome = self.hand_in(actor, &permit, &ask).await;
        self.watch
            .refused(actor, Room::Content, Action::Submit, ask.id, outcome)
            .await
    }

    async fn hand_in(&self, actor: &Actor, permit: &Permit, ask: &SeenContent) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask.once.replayed(&mut *work, SUBMIT, at).await?.is_some() {
            return Ok(());
        }
        let found = work.content().content_draft_for_update(ask.id).await?;
        let draft = found.ok_or_else(UseError::not_found)?;
        writable(&draft)?;
        let mut draft = unmoved(draft, ask.revision)?;
        if !draft.is_open() {
            return Err(UseError::conflict("content.no_draft"));
        }
        let piece = draft.form.piece(draft.kind, draft.id, &self.lists)?;
        not_over(&piece, at)?;
        self.check_reconsent(actor, &draft.code, &draft.form)?;
        draft.status = DraftStatus::InReview;
        draft.submitted_at = Some(at);
        draft.review_note = String::new();
        write_over(&mut *work, &draft, draft.revision).await?;
        let notice = self.watch.clock.new_id();
        notices::announce(&mut *work, notice, notices::SUBMITTED, &draft, at).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), SUBMIT, draft.id, at)
            .detail(json!({ "kind": draft.kind.code(), "revision": draft.revision }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, SUBMIT, json!({})).await?;
        Ok(work.commit().await?)
    }

    /// 撤回提交: whoever wrote it takes it out of the review and may write on; what is shown goes on.
    pub async fn take_back(&self, actor: &Actor, revision: i32, ask: Withdrawal) -> UseResult<()> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::Submit, ask.asked)
            .await?;
        let outcome = self.back(actor, &permit, revision, &ask).await;
        self.watch
            .refused(actor, Room::Content, Action::Submit, ask.asked, outcome)
            .await
    }

    async fn back(
        &self,
        actor: &Actor,
        permit: &Permit,
        revision: i32,
        ask: &Withdrawal,
    ) -> UseResult<()> {
        let at = self.watch.clock.now();
        let mut work = self.store.begin(permit).await?;
        if ask
            .once
            .replayed(&mut *work, TAKE_BACK, at)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let found = work.content().content_draft_for_update(ask.asked).await?;
        let draft = found.ok_or_else(UseError::not_found)?;
        if draft.status != DraftStatus::InReview {
            return Err(UseError::conflict("content.nothing_to_take_back"));
        }
        // Whoever wrote no word of it is a second person, who sends it back instead.
        if !draft.authors.contains(&actor.user) {
            return Err(UseError::conflict("content.not_the_writer"));
        }
        let mut draft = unmoved(draft, revision)?;
        let reason = ask.reason()?;
        let over = draft.revision;
        draft.status = DraftStatus::Draft;
        draft.submitted_at = None;
        // Whoever still has it open for 复核 has an older one open.
        draft.revision += 1;
        write_over(&mut *work, &draft, over).await?;
        let entry = AuditEntry::by(actor, self.watch.clock.new_id(), TAKE_BACK, draft.id, at)
            .detail(json!({
                "kind": draft.kind.code(), "revision": draft.revision, "reason": reason,
            }));
        work.audit().write(entry).await?;
        ask.once.done(&mut *work, TAKE_BACK, json!({})).await?;
        Ok(work.commit().await?)
    }
}

/// 施行日期 is today or later.
fn not_over(piece: &Piece, at: OffsetDateTime) -> UseResult<()> {
    if is_over(piece, at) {
        return Err(UseError::field("show_from", "content.day_past"));
    }
    Ok(())
}

/// Writes over the revision that was read; otherwise says who was faster.
pub(super) async fn write_over(
    work: &mut dyn UnitOfWork,
    draft: &ContentDraft,
    over: i32,
) -> UseResult<()> {
    if work.content().save_content_draft(draft, over).await? {
        return Ok(());
    }
    let shelf = work.content();
    let faster = match shelf.content_draft(draft.id).await? {
        None if !draft.code.is_empty() => shelf.agreement_draft(&draft.code).await?,
        found => found,
    };
    Err(faster.as_ref().map_or_else(UseError::not_found, changed))
}

/// Files and the picture are put beside a text by doors of their own: a form does not take them along.
fn kept(before: &ContentForm, typed: &ContentForm) -> ContentForm {
    ContentForm {
        files: before.files.clone(),
        picture: before.picture,
        ..typed.clone()
    }
}

fn fresh(
    id: Uuid,
    kind: ContentKind,
    code: &str,
    actor: &Actor,
    at: OffsetDateTime,
) -> ContentDraft {
    ContentDraft {
        id,
        kind,
        code: code.to_owned(),
        revision: 0,
        status: DraftStatus::Draft,
        form: ContentForm::default(),
        authors: vec![actor.user],
        author_names: vec![actor.name.clone()],
        saved_at: at,
        submitted_at: None,
        review_note: String::new(),
        reviewed_by: None,
        reviewed_name: String::new(),
        reviewed_at: None,
    }
}

/// A draft that was let through begins anew, with authors of its own.
fn reopened(mut draft: ContentDraft, actor: &Actor) -> ContentDraft {
    if !draft.is_open() {
        draft.authors = vec![actor.user];
        draft.author_names = vec![actor.name.clone()];
        draft.review_note = String::new();
    }
    draft
}
