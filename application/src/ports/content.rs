//! Content shelf 内容管理: drafts of the city's texts, the versions that were published, and the files beside them.

use async_trait::async_trait;
use domain::{
    ids::{TenantId, UserId},
    vocabulary,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    attachments::Attachment,
    catalogue::{AgreementText, Article, Banner},
    product_shelf::DraftStatus,
    store::StoreError,
};
use crate::content::ContentForm;

vocabulary! {
    /// 内容类别.
    ContentKind {
        Policy = "policy" / "惠企政策",
        News = "news" / "新闻资讯",
        About = "about" / "关于我们",
        Banner = "banner" / "首页轮播图",
        Agreement = "agreement" / "协议",
    }
}

/// 修改稿: what is written beside the published version, or before the first one.
#[derive(Clone, Debug)]
pub struct ContentDraft {
    pub id: Uuid,
    pub kind: ContentKind,
    /// Of an agreement; empty otherwise.
    pub code: String,
    /// Counts every save; the page that was shown names it.
    pub revision: i32,
    pub status: DraftStatus,
    pub form: ContentForm,
    /// Everybody who wrote on it since the last publication: none of them may let it through.
    pub authors: Vec<UserId>,
    pub author_names: Vec<String>,
    pub saved_at: OffsetDateTime,
    pub submitted_at: Option<OffsetDateTime>,
    /// Why it came back; empty otherwise.
    pub review_note: String,
    pub reviewed_by: Option<UserId>,
    pub reviewed_name: String,
    pub reviewed_at: Option<OffsetDateTime>,
}

impl ContentDraft {
    /// True while it is worked on or waits: not yet spent.
    pub fn is_open(&self) -> bool {
        self.status != DraftStatus::Published
    }
}

/// A published version of an article or a banner.
#[derive(Clone, Debug)]
pub struct PieceVersion {
    pub kind: ContentKind,
    pub version: i32,
    pub form: ContentForm,
    pub withdrawn: bool,
    /// `None`: it came with the city's files and was shown from the start.
    pub visible_from: Option<OffsetDateTime>,
    pub visible_until: Option<OffsetDateTime>,
    pub published_at: OffsetDateTime,
    pub from_file: bool,
    pub written_by: String,
    pub checked_by: String,
    pub recorded_at: OffsetDateTime,
    pub withdrawn_note: String,
    pub withdrawn_by: String,
    pub withdrawn_at: Option<OffsetDateTime>,
}

/// A line of the list.
#[derive(Clone, Debug)]
pub struct PieceRow {
    pub id: Uuid,
    pub kind: ContentKind,
    pub title: String,
    /// 0 before the first publication.
    pub version: i32,
    pub withdrawn: bool,
    pub visible_from: Option<OffsetDateTime>,
    pub visible_until: Option<OffsetDateTime>,
    /// The version that is shown at this moment.
    pub shown: Option<i32>,
    /// The draft beside it, unless it is spent.
    pub draft: Option<DraftStatus>,
    pub updated_at: OffsetDateTime,
}

/// Which lines are asked for.
#[derive(Clone, Debug, Default)]
pub struct PieceAsk {
    pub kind: Option<ContentKind>,
    /// Part of a title; empty: all.
    pub words: String,
}

/// Who made a version, as the history tells it.
#[derive(Clone, Debug)]
pub struct Makers {
    pub written_by: String,
    pub checked_by: String,
    pub at: OffsetDateTime,
}

/// 协议 in one version, with who made it.
#[derive(Clone, Debug)]
pub struct AgreementVersion {
    pub text: AgreementText,
    pub from_file: bool,
    pub written_by: String,
    pub checked_by: String,
    pub recorded_at: OffsetDateTime,
    /// People whose latest live consent names this version.
    pub accepted: i64,
}

/// A picture of a banner as stored: sealed under `content_pictures / <id> / object`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentPicture {
    pub id: Uuid,
    pub object_key: String,
    pub width: i32,
    pub height: i32,
    pub byte_size: i32,
    pub sha256: Vec<u8>,
    pub added_at: OffsetDateTime,
}

/// A file beside a draft, to be stored.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    pub file: Attachment,
    pub sha256: [u8; 32],
    /// `clean` or `unscanned`.
    pub scan: &'static str,
    pub at: OffsetDateTime,
}

#[async_trait]
pub trait ContentShelf: Send {
    /// Articles and banners with their drafts, the latest change first.
    async fn pieces(
        &mut self,
        ask: &PieceAsk,
        at: OffsetDateTime,
    ) -> Result<Vec<PieceRow>, StoreError>;

    /// Every published version of one, the newest first.
    async fn piece_versions(&mut self, id: Uuid) -> Result<Vec<PieceVersion>, StoreError>;

    async fn content_draft(&mut self, id: Uuid) -> Result<Option<ContentDraft>, StoreError>;

    /// The same, locked until the commit.
    async fn content_draft_for_update(
        &mut self,
        id: Uuid,
    ) -> Result<Option<ContentDraft>, StoreError>;

    /// The draft of an agreement, spent or not.
    async fn agreement_draft(&mut self, code: &str) -> Result<Option<ContentDraft>, StoreError>;

    /// The same, locked until the commit.
    async fn agreement_draft_for_update(
        &mut self,
        code: &str,
    ) -> Result<Option<ContentDraft>, StoreError>;

    /// Drafts that wait for a second person, the oldest first.
    async fn waiting_content(&mut self) -> Result<Vec<ContentDraft>, StoreError>;

    /// Writes a draft over the revision that stands there, 0 for none; false: another one stands there by now.
    async fn save_content_draft(
        &mut self,
        draft: &ContentDraft,
        over: i32,
    ) -> Result<bool, StoreError>;

    /// The next version of an article; `article.published_at` is the day that readers see.
    async fn publish_article(
        &mut self,
        version: i32,
        article: &Article,
        visible_from: OffsetDateTime,
        by: &Makers,
    ) -> Result<(), StoreError>;

    async fn publish_banner(
        &mut self,
        version: i32,
        banner: &Banner,
        published_at: OffsetDateTime,
        by: &Makers,
    ) -> Result<(), StoreError>;

    async fn publish_agreement(
        &mut self,
        text: &AgreementText,
        hash: &[u8; 32],
        by: &Makers,
    ) -> Result<(), StoreError>;

    /// 下线 of every version; false when nothing of it was up.
    async fn withdraw_piece(
        &mut self,
        id: Uuid,
        note: &str,
        by: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError>;

    /// Versions of an agreement, the newest first; of every agreement without a code.
    async fn agreement_versions(
        &mut self,
        code: Option<&str>,
    ) -> Result<Vec<AgreementVersion>, StoreError>;

    async fn add_attachment(&mut self, new: &NewAttachment) -> Result<(), StoreError>;

    async fn add_picture(&mut self, picture: &ContentPicture) -> Result<(), StoreError>;

    /// A picture within reach; behind a visitor's permit only one that a published banner holds.
    async fn picture(&mut self, id: Uuid) -> Result<Option<ContentPicture>, StoreError>;
}

/// Where a picture's object is sealed.
pub fn picture_place(city: TenantId, id: Uuid) -> super::sealing::Place {
    super::sealing::Place {
        tenant: city.0,
        table: "content_pictures",
        row: id,
        column: "object",
    }
}
