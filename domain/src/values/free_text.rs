use super::error::value_error;
use super::width::{is_harmless, is_invisible, looks_blank};

value_error! {
    /// Why a text was refused.
    pub enum FreeTextError {
        Empty => "free_text.empty",
        TooLong { length: usize, max: usize } => "free_text.too_long",
        /// Controls, NUL, signs that turn the direction of reading.
        ControlSign => "free_text.control_sign",
    }
}

/// Free text 自由文本 of at most `MAX` characters, such as a 审核意见 (M-513). May hold lines, never controls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FreeText<const MAX: usize>(String);

impl<const MAX: usize> FreeText<MAX> {
    /// Trims, makes every line end `\n` and every tab a space; counts characters, not bytes.
    pub fn parse(text: &str) -> Result<Self, FreeTextError> {
        Self::parse_optional(text)?.ok_or(FreeTextError::Empty)
    }

    /// As `parse`, where nothing but blanks means that nothing was said.
    pub fn parse_optional(text: &str) -> Result<Option<Self>, FreeTextError> {
        let text = text
            .replace(is_harmless, "")
            .replace("\r\n", "\n")
            .replace(['\r', '\u{2028}', '\u{2029}'], "\n")
            .replace('\t', " ");
        let text = text.trim();
        if text
            .chars()
            .any(|c| is_invisible(c) && !matches!(c, '\n' | '\u{200D}'))
        {
            return Err(FreeTextError::ControlSign);
        }
        if text.chars().all(looks_blank) {
            return Ok(None);
        }
        let length = text.chars().count();
        if length > MAX {
            return Err(FreeTextError::TooLong { length, max: MAX });
        }
        Ok(Some(Self(text.to_owned())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> std::fmt::Display for FreeText<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{FreeText, FreeTextError};
    use proptest::prelude::*;

    #[test]
    fn line_ends_and_tabs_are_normalised_and_blanks_trimmed() {
        let text = FreeText::<50>::parse("  同意。\r\n补充：\t合同\r原件 \n").expect("valid");
        assert_eq!(text.as_str(), "同意。\n补充： 合同\n原件");
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(FreeText::<3>::parse("沧州市").is_ok());
        assert_eq!(
            FreeText::<3>::parse("沧州市区"),
            Err(FreeTextError::TooLong { length: 4, max: 3 })
        );
    }

    #[test]
    fn controls_are_refused_and_pictures_are_not() {
        for text in ["a\u{0}b", "a\u{7}b", "a\u{202E}b", "a\u{2066}b"] {
            assert_eq!(
                FreeText::<9>::parse(text),
                Err(FreeTextError::ControlSign),
                "{text:?}"
            );
        }
        assert!(
            FreeText::<9>::parse("好的😀<b>").is_ok(),
            "escaping is the page's work"
        );
        assert!(FreeText::<9>::parse("👨\u{200D}👩").is_ok());
    }

    #[test]
    fn signs_without_a_width_are_left_out_and_what_looks_blank_is_nothing() {
        let text = FreeText::<9>::parse("\u{FEFF}同\u{200B}意\u{200E}。\u{200F}").expect("valid");
        assert_eq!(text.as_str(), "同意。");
        for blank in [
            "\u{3164}",
            "\u{2800}\u{2800}",
            "\u{200B}",
            "\u{200D}",
            "\u{FEFF} \u{3164}",
        ] {
            assert_eq!(
                FreeText::<9>::parse(blank),
                Err(FreeTextError::Empty),
                "{blank:?}"
            );
        }
    }

    #[test]
    fn blanks_are_nothing() {
        assert_eq!(FreeText::<9>::parse(" \n　"), Err(FreeTextError::Empty));
        assert_eq!(FreeText::<9>::parse_optional(" \n　"), Ok(None));
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(text in "(?s).{0,60}") {
            if let Ok(once) = FreeText::<60>::parse(&text) {
                prop_assert_eq!(FreeText::<60>::parse(once.as_str()), Ok(once));
            }
        }
    }
}
