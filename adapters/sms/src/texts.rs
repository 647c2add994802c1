//! Templates 短信模板: the words of a message, as registered with the providers.

use std::{collections::BTreeMap, sync::LazyLock};

use application::ports::sms::Sms;

static TEXTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("texts.toml"))
        .expect("texts.toml is a flat table of texts; a test reads it")
});

/// The whole text with its signature; `None` for a template that was never registered.
pub fn text(signature: &str, sms: &Sms) -> Option<String> {
    let mut text = TEXTS.get(sms.template)?.clone();
    for (name, value) in &sms.params {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    Some(format!("【{signature}】{text}"))
}
