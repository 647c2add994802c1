//! Data book 数据册: the readable half of an export, and the archive around both halves, made outside.

use async_trait::async_trait;
use serde_json::Value;

use crate::city::City;

/// One file of the archive.
pub struct ArchiveFile {
    /// Path inside, in plain letters.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What a PDF prints: records as label and value, chapter by chapter.
#[derive(Clone, Debug)]
pub struct Paper {
    pub title: String,
    pub lead: Vec<String>,
    pub chapters: Vec<PaperChapter>,
    /// Stands in a chapter without records.
    pub nothing: String,
    /// Of every page, with `{page}` and `{pages}`.
    pub foot: String,
}

/// A chapter of a paper.
#[derive(Clone, Debug)]
pub struct PaperChapter {
    pub title: String,
    pub records: Vec<Vec<(String, String)>>,
}

/// Makes a PDF of a paper.
#[async_trait]
pub trait PaperPrinter: Send + Sync {
    async fn print(&self, paper: Paper) -> Result<Vec<u8>, String>;
}

/// An archive in the making, file after file: only what was added lies in memory.
pub trait Archive: Send {
    fn add(&mut self, file: &ArchiveFile) -> Result<(), String>;
    fn finish(self: Box<Self>) -> Result<Vec<u8>, String>;
}

/// Draws the readable page of an export and packs it.
pub trait DataBook: Send + Sync {
    /// A page that opens without a network and prints; `data` is the whole export.
    fn page(&self, city: &City, data: &Value) -> Result<String, String>;
    /// The same for a printer.
    fn paper(&self, city: &City, data: &Value) -> Paper;
    /// The style that lies beside it as `style.css`.
    fn style(&self) -> &'static str;
    /// A ZIP that every system opens, of about so many bytes; pictures are packed already, so nothing is pressed.
    fn archive(&self, bytes: usize) -> Box<dyn Archive>;
    /// A small one, at once.
    fn pack(&self, files: &[ArchiveFile]) -> Result<Vec<u8>, String> {
        let mut archive = self.archive(0);
        for file in files {
            archive.add(file)?;
        }
        archive.finish()
    }
}
