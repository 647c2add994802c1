//! Codes of public lists: right in form here; whether a code exists, its directory knows.

use super::error::{prints_plain, value_error};
use super::half_width;

value_error! {
    /// Why a region's code was refused.
    pub enum RegionCodeError {
        Empty => "region_code.empty",
        Malformed => "region_code.malformed",
    }
}

value_error! {
    /// Why an industry's code was refused.
    pub enum IndustryCodeError {
        Empty => "industry_code.empty",
        Malformed => "industry_code.malformed",
    }
}

/// Level of a region 区划级别: 省级, 地级, 县级, 乡级.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RegionLevel {
    Province,
    Prefecture,
    County,
    Township,
}

/// Code of an administrative division 行政区划代码: six digits down to the county, nine for a township (M-106, M-206, M-414).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionCode(String);

impl RegionCode {
    pub fn parse(text: &str) -> Result<Self, RegionCodeError> {
        let code = half_width(text.trim());
        if code.is_empty() {
            return Err(RegionCodeError::Empty);
        }
        let well_formed = matches!(code.len(), 6 | 9)
            && code.bytes().all(|b| b.is_ascii_digit())
            && !code.starts_with('0');
        if well_formed {
            Ok(Self(code))
        } else {
            Err(RegionCodeError::Malformed)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn level(&self) -> RegionLevel {
        match self.0.as_str() {
            code if code.len() == 9 => RegionLevel::Township,
            code if code.ends_with("0000") => RegionLevel::Province,
            code if code.ends_with("00") => RegionLevel::Prefecture,
            _ => RegionLevel::County,
        }
    }
}

prints_plain!(RegionCode);

/// Level of an industry 行业级别: 门类, 大类, 中类, 小类.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IndustryLevel {
    Section,
    Division,
    Group,
    Class,
}

/// Code of an industry 行业代码 (GB/T 4754-2017; M-415): a letter A to T, or two to four digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndustryCode(String);

impl IndustryCode {
    pub fn parse(text: &str) -> Result<Self, IndustryCodeError> {
        let code = half_width(text.trim()).to_ascii_uppercase();
        match code.as_bytes() {
            [] => Err(IndustryCodeError::Empty),
            [b'A'..=b'T'] => Ok(Self(code)),
            digits if (2..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) => {
                Ok(Self(code))
            }
            _ => Err(IndustryCodeError::Malformed),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn level(&self) -> IndustryLevel {
        match self.0.len() {
            1 => IndustryLevel::Section,
            2 => IndustryLevel::Division,
            3 => IndustryLevel::Group,
            _ => IndustryLevel::Class,
        }
    }
}

prints_plain!(IndustryCode);

#[cfg(test)]
mod tests {
    use super::{
        IndustryCode, IndustryCodeError, IndustryLevel, RegionCode, RegionCodeError, RegionLevel,
    };

    #[test]
    fn a_region_code_tells_its_level() {
        for (text, level) in [
            ("130000", RegionLevel::Province),
            ("130900", RegionLevel::Prefecture),
            (" １３０９０３ ", RegionLevel::County),
            ("130903001", RegionLevel::Township),
            ("441900003", RegionLevel::Township),
        ] {
            assert_eq!(RegionCode::parse(text).expect(text).level(), level);
        }
    }

    #[test]
    fn an_industry_code_tells_its_level() {
        for (text, level) in [
            ("a", IndustryLevel::Section),
            ("01", IndustryLevel::Division),
            ("011", IndustryLevel::Group),
            ("0111", IndustryLevel::Class),
        ] {
            assert_eq!(IndustryCode::parse(text).expect(text).level(), level);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "1309",
            "13090",
            "1309000",
            "13090A",
            "030900",
            "130903001001",
            "沧州",
            "1309\u{0}0",
        ] {
            assert_eq!(
                RegionCode::parse(text),
                Err(RegionCodeError::Malformed),
                "{text}"
            );
        }
        for text in ["U", "1", "01112", "0A", "AA", "农"] {
            assert_eq!(
                IndustryCode::parse(text),
                Err(IndustryCodeError::Malformed),
                "{text}"
            );
        }
        assert_eq!(RegionCode::parse(""), Err(RegionCodeError::Empty));
        assert_eq!(IndustryCode::parse(" "), Err(IndustryCodeError::Empty));
    }
}
