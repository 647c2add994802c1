use super::error::{prints_plain, value_error};
use super::half_width;

const MIN: usize = 2;
const MAX: usize = 100;

value_error! {
    /// Why the name of an enterprise was refused.
    pub enum CompanyNameError {
        Empty => "company_name.empty",
        TooShort { min: usize } => "company_name.too_short",
        TooLong { max: usize } => "company_name.too_long",
        /// Emoji, angle brackets, control and other signs that stand on no licence.
        ForeignSign => "company_name.foreign_sign",
        NoLetters => "company_name.no_letters",
    }
}

/// Name of an enterprise 企业全称 / 企业名称 (M-104, M-204, M-408).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CompanyName(String);

impl CompanyName {
    /// One spelling of one name: letters half-width, brackets full-width as on the licence, no doubled spaces.
    pub fn parse(text: &str) -> Result<Self, CompanyNameError> {
        let name: String = half_width(text)
            .trim()
            .chars()
            .map(|c| match c {
                '(' => '（',
                ')' => '）',
                '•' | '・' | '‧' => '·',
                other => other,
            })
            .collect();
        let name = name
            .split(' ')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let length = name.chars().count();
        if length == 0 {
            return Err(CompanyNameError::Empty);
        }
        if !name.chars().all(is_name_sign) {
            return Err(CompanyNameError::ForeignSign);
        }
        if length < MIN {
            return Err(CompanyNameError::TooShort { min: MIN });
        }
        if length > MAX {
            return Err(CompanyNameError::TooLong { max: MAX });
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(CompanyNameError::NoLetters);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

prints_plain!(CompanyName);

fn is_name_sign(c: char) -> bool {
    c.is_alphanumeric() || " （）·、，。,.-—–_&'\"“”‘’《》〈〉【】[]+#/:：!;；%@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::{CompanyName, CompanyNameError};

    #[test]
    fn one_name_has_one_spelling() {
        for text in [
            "沧州市示例管件(集团)有限公司",
            " 沧州市示例管件（集团）有限公司　",
        ] {
            assert_eq!(
                CompanyName::parse(text).expect(text).as_str(),
                "沧州市示例管件（集团）有限公司"
            );
        }
        assert_eq!(
            CompanyName::parse("ＡＢＣ  科技").expect("valid").as_str(),
            "ABC 科技"
        );
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (text, why) in [
            ("", CompanyNameError::Empty),
            ("沧", CompanyNameError::TooShort { min: 2 }),
            ("沧州<script>", CompanyNameError::ForeignSign),
            ("沧州😀公司", CompanyNameError::ForeignSign),
            ("沧州\u{0}公司", CompanyNameError::ForeignSign),
            ("沧州\n公司", CompanyNameError::ForeignSign),
            ("2024（）", CompanyNameError::NoLetters),
        ] {
            assert_eq!(CompanyName::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_hundred_characters_are_the_longest_name() {
        assert!(CompanyName::parse(&"沧".repeat(100)).is_ok());
        assert_eq!(
            CompanyName::parse(&"沧".repeat(101)),
            Err(CompanyNameError::TooLong { max: 100 })
        );
    }
}
