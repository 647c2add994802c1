//! 文案: what the code says to people, by error code, with `{name}` parameters (`locales/zh-CN.toml`).

use std::{collections::BTreeMap, sync::LazyLock};

use application::error::{FieldError, Params, UseError};

const FILE: &str = include_str!("../locales/zh-CN.toml");

static WORDS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(FILE).expect("locales/zh-CN.toml is a flat table of texts; a test reads it")
});

/// The sentence of a code; an unknown code gets a calm general one and is logged.
pub fn text(code: &str, params: &[(&'static str, String)]) -> String {
    let Some(sentence) = WORDS.get(code) else {
        tracing::error!(code, "a text is missing");
        return WORDS.get("bug").cloned().unwrap_or_default();
    };
    let mut filled = sentence.clone();
    for (name, value) in params {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

/// True when a code has its sentence.
pub fn has(code: &str) -> bool {
    WORDS.contains_key(code)
}

/// The sentence of a field's error: `<field>:<code>` when there is one, so that one rule can be said in the field's own
/// words, else `<code>`.
pub fn field_text(error: &FieldError) -> String {
    let own = format!("{}:{}", error.field, error.code);
    let code = if has(&own) { own.as_str() } else { error.code };
    text(code, &error.params)
}

/// The sentence of a field's error on one screen: `<screen>/<field>:<code>` when there is one, so that what two screens name
/// differently is named as it is printed there, else as [`field_text`] finds it.
pub fn field_text_on(screen: &str, error: &FieldError) -> String {
    let own = format!("{screen}/{}:{}", error.field, error.code);
    if has(&own) {
        text(&own, &error.params)
    } else {
        field_text(error)
    }
}

/// The sentence of an error that was stored: by field and code, as [`field_text`] finds it.
pub fn stored_text(field: &str, code: &str, params: &[(String, String)]) -> String {
    let own = format!("{field}:{code}");
    let mut sentence = text(if has(&own) { &own } else { code }, &[]);
    for (name, value) in params {
        sentence = sentence.replace(&format!("{{{name}}}"), value);
    }
    sentence
}

/// What a consent is for, in words: its agreement's own where there are such.
pub fn purpose_text(purpose: &str, agreement: &str) -> String {
    let general = format!("consent.purpose.{purpose}");
    let own = format!("{general}.{agreement}");
    match [own, general].iter().find(|code| has(code)) {
        Some(code) => text(code, &[]),
        None => purpose.to_owned(),
    }
}

/// The sentence of a use-case error.
pub fn error_text(error: &UseError) -> String {
    text(error.code, &error.params)
}

/// Parameters as the texts want them.
pub fn params<const N: usize>(list: [(&'static str, String); N]) -> Params {
    list.into()
}

/// The texts as the workers take them (port `NoticeWords`).
pub struct LocaleWords;

impl application::ports::notice_words::NoticeWords for LocaleWords {
    fn text(&self, code: &str, params: &[(&'static str, String)]) -> String {
        text(code, params)
    }

    fn of_field(&self, error: &FieldError) -> String {
        field_text(error)
    }

    fn shipped(&self, code: &str) -> Option<String> {
        WORDS.get(code).cloned()
    }

    fn codes(&self) -> Vec<String> {
        WORDS.keys().cloned().collect()
    }

    fn purpose(&self, purpose: &str, agreement: &str) -> String {
        purpose_text(purpose, agreement)
    }
}
