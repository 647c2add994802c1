//! Data book 数据册: the readable half of an export, drawn outside.

use serde_json::Value;

use crate::city::City;

/// Draws the readable page of an export.
pub trait DataBook: Send + Sync {
    /// A page that opens without a network and prints; `data` is the whole export.
    fn page(&self, city: &City, data: &Value) -> Result<String, String>;
    /// The style that lies beside it as `style.css`.
    fn style(&self) -> &'static str;
}
