//! Data book 数据册: the readable half of an export, and the archive around both halves, made outside.

use serde_json::Value;

use crate::city::City;

/// One file of the archive.
pub struct ArchiveFile {
    /// Path inside, in plain letters.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Draws the readable page of an export and packs it.
pub trait DataBook: Send + Sync {
    /// A page that opens without a network and prints; `data` is the whole export.
    fn page(&self, city: &City, data: &Value) -> Result<String, String>;
    /// The style that lies beside it as `style.css`.
    fn style(&self) -> &'static str;
    /// A ZIP that every system opens; pictures are packed already, so nothing is pressed.
    fn pack(&self, files: &[ArchiveFile]) -> Result<Vec<u8>, String>;
}
