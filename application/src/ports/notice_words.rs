//! Notice words 消息文案: what messages say; the codes are ours, the sentences belong to the pages' texts.

/// Texts by code, with `{name}` parameters.
pub trait NoticeWords: Send + Sync {
    fn text(&self, code: &str, params: &[(&'static str, String)]) -> String;
}
