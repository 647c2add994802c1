use super::error::{prints_masked, value_error};
use super::width::{is_han, is_harmless};

const MIN: usize = 2;
const MAX: usize = 30;

value_error! {
    /// Why a person's name was refused.
    pub enum PersonNameError {
        Empty => "person_name.empty",
        TooShort { min: usize } => "person_name.too_short",
        TooLong { max: usize } => "person_name.too_long",
        NotChinese => "person_name.not_chinese",
        /// The dot stands between two parts, once.
        MisplacedDot => "person_name.misplaced_dot",
    }
}

/// Name of a person 姓名: Chinese characters, with `·` between the parts of a minority or foreign name (M-105, M-205, M-411).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

impl PersonName {
    /// Spaces vanish (identity cards print 张　三), the many middle dots become one.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        let name: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !is_harmless(*c))
            .map(|c| if is_dot(c) { '·' } else { c })
            .collect();
        let length = name.chars().count();
        if length == 0 {
            return Err(PersonNameError::Empty);
        }
        if !name.chars().all(|c| c == '·' || is_han(c)) {
            return Err(PersonNameError::NotChinese);
        }
        if length < MIN {
            return Err(PersonNameError::TooShort { min: MIN });
        }
        if length > MAX {
            return Err(PersonNameError::TooLong { max: MAX });
        }
        if name.split('·').any(str::is_empty) {
            return Err(PersonNameError::MisplacedDot);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `张**` (S-29): always two stars, so that the length is no hint.
    pub fn masked(&self) -> String {
        self.0.chars().take(1).chain("**".chars()).collect()
    }
}

prints_masked!(PersonName);

fn is_dot(c: char) -> bool {
    matches!(
        c,
        '·' | '•' | '・' | '･' | '‧' | '∙' | '⋅' | '●' | '.' | '．'
    )
}

#[cfg(test)]
mod tests {
    use super::{PersonName, PersonNameError};

    #[test]
    fn chinese_names_are_taken_and_spaces_and_dots_are_normalised() {
        for (text, name) in [
            ("张三", "张三"),
            (" 张　三 ", "张三"),
            ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
            ("𠮷田〇", "𠮷田〇"),
        ] {
            assert_eq!(PersonName::parse(text).expect(text).as_str(), name);
        }
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            (" ", PersonNameError::Empty),
            ("张", PersonNameError::TooShort { min: 2 }),
            ("张San", PersonNameError::NotChinese),
            ("张三😀", PersonNameError::NotChinese),
            ("<b>张三</b>", PersonNameError::NotChinese),
            ("张\u{0}三", PersonNameError::NotChinese),
            ("·张三", PersonNameError::MisplacedDot),
            ("张··三", PersonNameError::MisplacedDot),
        ] {
            assert_eq!(PersonName::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn thirty_characters_are_the_longest_name() {
        assert!(PersonName::parse(&"张".repeat(30)).is_ok());
        assert_eq!(
            PersonName::parse(&"张".repeat(31)),
            Err(PersonNameError::TooLong { max: 30 })
        );
    }

    #[test]
    fn printing_a_name_shows_only_the_first_character() {
        let name = PersonName::parse("欧阳修文").expect("valid");
        assert_eq!(name.to_string(), "欧**");
        assert_eq!(format!("{name:?}"), "PersonName(欧**)");
    }
}
