//! Notice words 消息文案: what messages say; the codes are ours, the sentences belong to the pages' texts.

use crate::error::FieldError;

/// Texts by code, with `{name}` parameters.
pub trait NoticeWords: Send + Sync {
    fn text(&self, code: &str, params: &[(&'static str, String)]) -> String;

    /// The sentence of a field's error, in the field's own words where there are such.
    fn of_field(&self, error: &FieldError) -> String {
        self.text(error.code, &error.params)
    }

    /// The sentence as it is shipped, with its blanks; `None` where there is none.
    fn shipped(&self, _code: &str) -> Option<String> {
        None
    }

    /// Codes of everything that is shipped, in order.
    fn codes(&self) -> Vec<String> {
        Vec::new()
    }

    /// What a consent is for, in words; its code where there are none.
    fn purpose(&self, purpose: &str, _agreement: &str) -> String {
        purpose.to_owned()
    }
}
