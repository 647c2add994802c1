//! The list, one text with its draft and its history, and what waits for a second person.

use domain::vocabulary;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{ContentForm, ContentRoom, of_the_city};
use crate::{
    access::{Action, Actor, Room},
    city::Agreement,
    error::UseResult,
    ports::{
        attachments::Attachment,
        content::{AgreementVersion, ContentDraft, ContentKind, PieceAsk, PieceRow, PieceVersion},
        product_shelf::DraftStatus,
    },
};

vocabulary! {
    /// 展示状态.
    PieceState {
        Unpublished = "unpublished" / "尚未发布",
        Scheduled = "scheduled" / "待展示",
        Shown = "shown" / "展示中",
        Ended = "ended" / "已结束",
        Withdrawn = "withdrawn" / "已下线",
    }
}

/// What readers see of a line at a moment.
pub fn state_of(row: &PieceRow, at: OffsetDateTime) -> PieceState {
    if row.version == 0 {
        return PieceState::Unpublished;
    }
    if row.withdrawn {
        return PieceState::Withdrawn;
    }
    if row.shown.is_none() {
        return PieceState::Scheduled;
    }
    if row.visible_until.is_some_and(|until| until <= at) && row.shown == Some(row.version) {
        return PieceState::Ended;
    }
    PieceState::Shown
}

/// 内容管理 as its page shows it.
#[derive(Clone, Debug)]
pub struct ContentList {
    pub rows: Vec<PieceRow>,
    pub waiting: Vec<ContentDraft>,
    pub may_save: bool,
    pub at: OffsetDateTime,
}

/// One text: what was published, and what is written beside it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub id: Uuid,
    pub kind: ContentKind,
    pub draft: Option<ContentDraft>,
    /// The newest first; empty for an agreement.
    pub versions: Vec<PieceVersion>,
    /// The newest first; of an agreement only.
    pub agreements: Vec<AgreementVersion>,
    /// Every file that was ever put beside it.
    pub files: Vec<Attachment>,
    pub at: OffsetDateTime,
    pub may_save: bool,
    pub may_submit: bool,
    /// A second person: allowed to, and none of the authors.
    pub may_check: bool,
    pub is_author: bool,
    pub may_withdraw: bool,
}

impl Opened {
    pub fn open_draft(&self) -> Option<&ContentDraft> {
        self.draft.as_ref().filter(|d| d.is_open())
    }

    pub fn is_in_review(&self) -> bool {
        self.draft
            .as_ref()
            .is_some_and(|d| d.status == DraftStatus::InReview)
    }

    /// The newest version.
    pub fn latest(&self) -> Option<&PieceVersion> {
        self.versions.first()
    }

    /// The version that readers see.
    pub fn shown(&self) -> Option<&PieceVersion> {
        self.versions.iter().find(|v| {
            !v.withdrawn
                && v.visible_from.is_none_or(|from| from <= self.at)
                && v.visible_until.is_none_or(|until| until > self.at)
        })
    }

    pub fn title(&self) -> String {
        let draft = self.draft.as_ref().map(|d| d.form.title.clone());
        let published = self.latest().map(|v| v.form.title.clone());
        let agreement = self.agreements.first().map(|a| a.text.title.clone());
        published.or(agreement).or(draft).unwrap_or_default()
    }

    /// What a form starts with: the open draft, else the newest version.
    pub fn form(&self) -> ContentForm {
        if let Some(draft) = self.open_draft() {
            return draft.form.clone();
        }
        self.latest().map(|v| v.form.clone()).unwrap_or_default()
    }

    /// The revision that the next save goes over; 0: there is no draft yet.
    pub fn revision(&self) -> i32 {
        self.draft.as_ref().map_or(0, |d| d.revision)
    }
}

/// 协议管理: one line for each agreement of the city.
#[derive(Clone, Debug)]
pub struct AgreementLine {
    /// As it is in force now.
    pub now: Agreement,
    /// Versions that will be in force, the earliest first.
    pub coming: Vec<AgreementVersion>,
    pub versions: usize,
    pub draft: Option<ContentDraft>,
}

impl ContentRoom {
    pub(super) async fn may(&self, actor: &Actor, action: Action) -> bool {
        self.watch.guard.may(actor, Room::Content, action).await
    }

    /// Articles and banners, and what waits for a second person.
    pub async fn list(&self, actor: &Actor, ask: &PieceAsk) -> UseResult<ContentList> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::View, actor.tenant)
            .await?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        Ok(ContentList {
            rows: work.content().pieces(ask, at).await?,
            waiting: work.content().waiting_content().await?,
            may_save: self.may(actor, Action::Save).await,
            at,
        })
    }

    /// Every agreement of the city, with what will be in force and what is written.
    pub async fn agreements(&self, actor: &Actor) -> UseResult<Vec<AgreementLine>> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::View, actor.tenant)
            .await?;
        let city = self.city(actor)?;
        let at = self.watch.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let all = work.content().agreement_versions(None).await?;
        let mut lines = Vec::new();
        for now in &city.agreements {
            let own = || all.iter().filter(|v| v.text.code == now.code);
            let mut coming: Vec<AgreementVersion> = own()
                .filter(|v| v.text.published_at > at)
                .cloned()
                .collect();
            coming.reverse();
            lines.push(AgreementLine {
                versions: own().count(),
                coming,
                draft: work.content().agreement_draft(&now.code).await?,
                now: now.clone(),
            });
        }
        Ok(lines)
    }

    /// What an empty form of a kind needs: the right to fill it.
    pub async fn new_form(&self, actor: &Actor) -> UseResult<()> {
        of_the_city(actor)?;
        self.watch
            .permit(actor, Room::Content, Action::Save, actor.tenant)
            .await?;
        Ok(())
    }

    /// One text of the city.
    pub async fn look(&self, actor: &Actor, id: Uuid) -> UseResult<Opened> {
        of_the_city(actor)?;
        let permit = self
            .watch
            .permit(actor, Room::Content, Action::View, id)
            .await?;
        let mut work = self.store.begin(&permit).await?;
        let shelf = work.content();
        let versions = shelf.piece_versions(id).await?;
        let draft = shelf.content_draft(id).await?;
        let kind = draft
            .as_ref()
            .map(|d| d.kind)
            .or_else(|| versions.first().map(|v| v.kind));
        let Some(kind) = kind else {
            drop(work);
            return Err(self
                .watch
                .missing(actor, Room::Content, Action::View, id)
                .await);
        };
        let code = draft.as_ref().map(|d| d.code.clone()).unwrap_or_default();
        let agreements = if code.is_empty() {
            Vec::new()
        } else {
            shelf.agreement_versions(Some(&code)).await?
        };
        let files = work.attachments().attachments_of(id).await?;
        drop(work);
        let is_author = draft
            .as_ref()
            .is_some_and(|d| d.authors.contains(&actor.user));
        Ok(Opened {
            id,
            kind,
            draft,
            versions,
            agreements,
            files,
            at: self.watch.clock.now(),
            may_save: self.may(actor, Action::Save).await,
            may_submit: self.may(actor, Action::Submit).await,
            may_check: self.may(actor, Action::Check).await && !is_author,
            is_author,
            may_withdraw: self.may(actor, Action::Withdraw).await,
        })
    }
}
