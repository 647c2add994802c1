//! What was typed 已填内容: kept while its request lives, so that the page that says that it could not be taken offers it once more.

use std::sync::{Arc, OnceLock};

use crate::posted::Posted;

/// The fields of a posted form. Its token goes along as it came: one that was forged is refused once more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed(Arc<OnceLock<Vec<(String, String)>>>);

/// Larger than what anybody types into a form.
pub(crate) const MOST: usize = 64 * 1024;

/// What no page ever shows again: it is typed anew.
fn is_secret(name: &str, value: &str) -> bool {
    match name {
        "password" | "password_again" | "current_password" | "sms_code" | "captcha" => true,
        // 动态验证码 and recovery codes; a 统一社会信用代码 is longer.
        "code" => value.chars().count() < 18,
        _ => false,
    }
}

impl Typed {
    /// Of a form with a file nothing is kept: sent again, it would go without its file.
    pub(crate) fn keep(&self, posted: &Posted) {
        let fields = posted.pairs();
        let length: usize = fields
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if length > MOST || posted.has_files() {
            return;
        }
        let shown = fields
            .iter()
            .filter(|(name, value)| !is_secret(name, value));
        self.0.set(shown.cloned().collect()).ok();
    }

    /// The fields, when a form was kept.
    pub(crate) fn fields(&self) -> Option<&[(String, String)]> {
        self.0.get().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(posted: &Posted) -> Option<Vec<(String, String)>> {
        let typed = Typed::default();
        typed.keep(posted);
        typed.fields().map(<[_]>::to_vec)
    }

    #[test]
    fn a_form_is_kept_without_its_secrets_and_never_without_its_file() {
        let form = [
            ("_csrf", "t"),
            ("address", "装备大街 108 号"),
            ("password", "Kuaile#2037x"),
            ("password_again", "Kuaile#2037x"),
            ("current_password", "Kuaile#2037x"),
            ("sms_code", "123456"),
            ("captcha", "37"),
            ("code", "123456"),
        ];
        let shown = [("_csrf", "t"), ("address", "装备大街 108 号")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(kept(&Posted::of(&form)).as_deref(), Some(&shown[..]));
        let none_chosen = Posted::of(&form).with_file(false);
        assert_eq!(kept(&none_chosen).as_deref(), Some(&shown[..]));
        assert_eq!(kept(&Posted::of(&form).with_file(true)), None);
        let long = "长".repeat(MOST);
        assert_eq!(kept(&Posted::of(&[("opinion", long.as_str())])), None);
    }
}
