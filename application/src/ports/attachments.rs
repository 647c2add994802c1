//! Attachments 附件: files that the city offers to everybody beside a policy or a piece of news.

use async_trait::async_trait;
use domain::vocabulary;
use uuid::Uuid;

use super::store::StoreError;

vocabulary! {
    /// What may be offered; nothing that a browser would run.
    AttachmentKind {
        Pdf = "pdf" / "PDF",
        Docx = "docx" / "Word 文档",
    }
}

/// An attachment as stored: its object is sealed under `article_attachments / <id> / object`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub id: Uuid,
    pub article: Uuid,
    /// Without the ending.
    pub title: String,
    pub kind: AttachmentKind,
    pub object_key: String,
    pub byte_size: i32,
    /// Put beside a draft: offered once a published version lists it.
    pub drafted: bool,
}

/// Behind a visitor's permit of published articles only; the walls see to it.
#[async_trait]
pub trait Attachments: Send {
    async fn attachments_of(&mut self, article: Uuid) -> Result<Vec<Attachment>, StoreError>;
    async fn attachment(
        &mut self,
        article: Uuid,
        id: Uuid,
    ) -> Result<Option<Attachment>, StoreError>;
}
