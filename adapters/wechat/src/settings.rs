//! Settings 小程序设置: the section `[wechat]` of a city's file.

use std::collections::BTreeMap;

use application::outbox::TEMPLATES;
use outbound::Secret;
use serde::Deserialize;

/// The mini-program of a city. App id, secret and templates are those of its console at the platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub kind: String,
    pub app_id: String,
    pub secret: Secret,
    /// Which release codes and messages lead to.
    #[serde(default)]
    pub edition: Edition,
    #[serde(default)]
    pub templates: BTreeMap<String, Template>,
    /// A stand-in for the platform's own address; only where the installation allows it.
    pub base_url: Option<String>,
}

/// 版本 of the mini-program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    #[default]
    Release,
    Trial,
    Develop,
}

impl Edition {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Trial => "trial",
            Self::Develop => "develop",
        }
    }

    /// As subscription messages name it.
    pub const fn state(self) -> &'static str {
        match self {
            Self::Release => "formal",
            Self::Trial => "trial",
            Self::Develop => "developer",
        }
    }
}

/// 订阅消息模板: its id, and which of our values fills which of its keywords.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub id: String,
    /// The page that opens; a published one, no leading `/`.
    pub page: String,
    /// Keyword (`thing1`, `time2`) → our value (`product`, `at`) or, with a leading `=`, a fixed text.
    pub fields: BTreeMap<String, String>,
}

/// Values that a template may ask for.
pub const VALUES: [&str; 9] = [
    "no", "product", "branch", "days", "due", "clock", "status", "note", "at",
];

impl Settings {
    /// What is wrong, for the start.
    pub fn check(&self) -> Result<(), String> {
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
        if !(self.app_id.starts_with("wx") && self.app_id.len() == 18 && plain(&self.app_id)) {
            return Err("app_id is not one of a mini-program (wx and sixteen signs)".to_owned());
        }
        for (name, template) in &self.templates {
            if !TEMPLATES.contains(&name.as_str()) {
                return Err(format!("templates.{name} is none of our messages"));
            }
            if template.id.is_empty() || template.id.len() > 64 {
                return Err(format!("templates.{name}.id is missing or too long"));
            }
            if template.page.is_empty() || template.page.starts_with('/') {
                return Err(format!(
                    "templates.{name}.page is a page without a leading /"
                ));
            }
            if template.fields.is_empty() {
                return Err(format!("templates.{name}.fields is empty"));
            }
            for (field, value) in &template.fields {
                if limit(field).is_none() {
                    return Err(format!(
                        "templates.{name}: {field} is no keyword of a template"
                    ));
                }
                if !value.starts_with('=') && !VALUES.contains(&value.as_str()) {
                    return Err(format!("templates.{name}: there is no value {value}"));
                }
            }
        }
        Ok(())
    }
}

/// How a keyword's value must be: by the letters before its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most so many characters; longer ones are cut.
    Characters(usize),
    /// Digits, letters and signs of ASCII.
    Ascii(usize),
    /// Date and time: we send them in our own form, never cut.
    Moment,
    /// 10 Chinese characters or 20 letters.
    Name,
}

/// The limit of a keyword such as `thing1`; `None` for one that does not exist.
pub fn limit(field: &str) -> Option<Limit> {
    let kind = field.trim_end_matches(|c: char| c.is_ascii_digit());
    if kind.len() == field.len() {
        return None;
    }
    Some(match kind {
        "thing" => Limit::Characters(20),
        "phrase" => Limit::Characters(5),
        "number" | "letter" | "character_string" => Limit::Ascii(32),
        "symbol" => Limit::Characters(5),
        "amount" => Limit::Characters(11),
        "phone_number" => Limit::Ascii(17),
        "car_number" => Limit::Characters(8),
        "name" => Limit::Name,
        "time" | "date" => Limit::Moment,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_of_a_message_that_never_goes_by_wechat_is_told_at_the_start() {
        for (name, sound) in [
            ("approved", true),
            ("account_closing", false),
            ("account_kept", false),
            ("account_closed", false),
            ("account_wechat", false),
            ("code", false),
        ] {
            let template =
                json!({ "id": "t", "page": "pages/home/home", "fields": { "time1": "at" } });
            let settings = json!({
                "kind": "wechat", "app_id": "wx0123456789abcdef", "secret": "env:A",
                "templates": { name: template },
            });
            let settings: Settings = serde_json::from_value(settings).expect("they read");
            assert_eq!(settings.check().is_ok(), sound, "{name}");
        }
    }
}
