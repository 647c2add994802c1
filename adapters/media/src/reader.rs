//! Who looks into documents: the studio is given one, because what parses strangers' documents may need a process of its own.

use application::ports::pictures::UploadError;
use async_trait::async_trait;
use tokio::task::spawn_blocking;

use crate::document::read_docx;
use crate::pdf::read_pdf;

/// Document reader 文件检查: looks into documents of strangers. Asked for two at most at a time by one studio.
#[async_trait]
pub trait DocumentReader: std::fmt::Debug + Send + Sync {
    /// Pages of a harmless PDF.
    async fn pdf(&self, upload: &[u8]) -> Result<u32, UploadError>;
    /// Nothing about a harmless DOCX.
    async fn docx(&self, upload: &[u8]) -> Result<(), UploadError>;
}

/// Looks here, in this very process, which a hostile document takes along: for tests. The program reads apart.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadsHere;

#[async_trait]
impl DocumentReader for ReadsHere {
    async fn pdf(&self, upload: &[u8]) -> Result<u32, UploadError> {
        let upload = upload.to_vec();
        let done = spawn_blocking(move || read_pdf(&upload));
        done.await.unwrap_or(Err(UploadError::PdfBroken))
    }

    async fn docx(&self, upload: &[u8]) -> Result<(), UploadError> {
        let upload = upload.to_vec();
        let done = spawn_blocking(move || read_docx(&upload));
        done.await.unwrap_or(Err(UploadError::DocxBroken))
    }
}
