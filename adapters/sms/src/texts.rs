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

/// Every code that a message can have.
pub fn codes() -> impl Iterator<Item = &'static str> {
    TEXTS.keys().map(String::as_str)
}

/// Every text by its code, as it is registered.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS
        .iter()
        .map(|(code, text)| (code.as_str(), text.as_str()))
}

/// The blanks of a text; `None` for a template that was never registered.
pub fn blanks(code: &str) -> Option<Vec<&'static str>> {
    let text = TEXTS.get(code)?;
    Some(
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .collect(),
    )
}
