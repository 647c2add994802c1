//! From printed texts to checked values: the same judgement for every provider.

use application::ports::recognition::{
    IdBackRead, IdFrontRead, LicenceRead, Read, Recognised, RecognitionError, Sureness,
};
use domain::values::{Address, Cents, CompanyName, PersonName, half_width};
use time::{Date, Duration};

use crate::{dates, money, numbers};

/// From here on a field counts as 已识别.
const SURE: u8 = 80;
/// Below this a field stays empty rather than wrong.
const TOO_UNSURE: u8 = 40;
/// Longest 经营范围, 类型 and 签发机关 that are taken.
const LONGEST: usize = 3_000;

/// A printed text and how sure its reader is, 0 to 100; 100 where a provider tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub confidence: u8,
}

impl Text {
    pub fn new(text: impl Into<String>, confidence: u8) -> Self {
        Self {
            text: text.into(),
            confidence,
        }
    }

    /// From a provider that tells no confidence; an empty text is none.
    pub fn plain(text: &str) -> Option<Self> {
        (!text.trim().is_empty()).then(|| Self::new(text, 100))
    }

    /// The field, if it parses and is not too unsure.
    fn read<T>(self, parse: impl FnOnce(&str) -> Option<T>) -> Option<Read<T>> {
        if self.confidence < TOO_UNSURE {
            return None;
        }
        let value = parse(&self.text)?;
        Some(Read {
            value,
            sureness: if self.confidence >= SURE {
                Sureness::Recognised
            } else {
                Sureness::Doubtful
            },
            confidence: self.confidence,
        })
    }
}

/// Texts of a licence 营业执照, by label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenceTexts {
    pub credit_code: Option<Text>,
    pub name: Option<Text>,
    pub kind: Option<Text>,
    pub legal_representative: Option<Text>,
    pub registered_capital: Option<Text>,
    pub established: Option<Text>,
    pub term: Option<Text>,
    pub address: Option<Text>,
    pub scope: Option<Text>,
}

impl LicenceTexts {
    /// The fields, judged. Without any the picture shows something else.
    pub fn read(self, today: Date) -> Result<Recognised, RecognitionError> {
        let read = LicenceRead {
            credit_code: self.credit_code.and_then(|text| {
                let reading = numbers::credit_code(&text.text)?;
                let sound = numbers::is_sound(&reading);
                // The checks speak louder than the reader: whatever passes both without a guess is right.
                let confidence = if sound {
                    text.confidence.max(SURE)
                } else {
                    text.confidence.min(SURE - 1)
                };
                Text::new("", confidence).read(|_| Some(reading.code))
            }),
            name: self
                .name
                .and_then(|text| text.read(|t| CompanyName::parse(&close(t)).ok())),
            kind: self.kind.and_then(|text| text.read(|t| words(&close(t)))),
            legal_representative: self
                .legal_representative
                .and_then(|text| text.read(|t| PersonName::parse(t).ok())),
            registered_capital: self.registered_capital.and_then(capital),
            established: self
                .established
                .and_then(|text| text.read(|t| past(dates::date(t), today))),
            term: self.term.and_then(|text| text.read(dates::term)),
            address: self
                .address
                .and_then(|text| text.read(|t| Address::parse(&close(t)).ok())),
            scope: self.scope.and_then(|text| text.read(|t| words(&close(t)))),
        };
        if read == LicenceRead::default() {
            return Err(RecognitionError::OtherDocument);
        }
        Ok(Recognised::Licence(Box::new(read)))
    }
}

/// Texts of the side with the portrait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdFrontTexts {
    pub name: Option<Text>,
    pub sex: Option<Text>,
    pub nation: Option<Text>,
    pub birth: Option<Text>,
    pub address: Option<Text>,
    pub number: Option<Text>,
}

impl IdFrontTexts {
    /// The fields, judged; what the number says of birth and sex outweighs what was read of them.
    pub fn read(self, today: Date) -> Result<Recognised, RecognitionError> {
        let number = self.number.and_then(|text| {
            // Its check sign misses next to nothing, so a number that passes is right.
            Text::new(text.text, text.confidence.max(SURE)).read(numbers::resident_number)
        });
        let read = IdFrontRead {
            name: self
                .name
                .and_then(|text| text.read(|t| PersonName::parse(t).ok())),
            sex: number
                .clone()
                .map(|n| n.map(|id| sex_of(id.as_str()).to_owned()))
                .or_else(|| self.sex.and_then(|text| text.read(sex))),
            nation: self.nation.and_then(|text| text.read(words)),
            birth: number
                .clone()
                .map(|n| n.map(|id| id.birth_date()))
                .or_else(|| {
                    self.birth
                        .and_then(|t| t.read(|t| past(dates::date(t), today)))
                }),
            address: self
                .address
                .and_then(|text| text.read(|t| Address::parse(&close(t)).ok())),
            number,
        };
        if read == IdFrontRead::default() {
            return Err(RecognitionError::OtherDocument);
        }
        Ok(Recognised::IdFront(Box::new(read)))
    }
}

/// Texts of the side with the emblem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdBackTexts {
    pub authority: Option<Text>,
    pub term: Option<Text>,
}

impl IdBackTexts {
    /// The fields, judged.
    pub fn read(self) -> Result<Recognised, RecognitionError> {
        let read = IdBackRead {
            authority: self
                .authority
                .and_then(|text| text.read(|t| words(&close(t)))),
            term: self.term.and_then(|text| text.read(dates::term)),
        };
        if read == IdBackRead::default() {
            return Err(RecognitionError::OtherDocument);
        }
        Ok(Recognised::IdBack(Box::new(read)))
    }
}

/// 注册资本; one that had to be put right is doubtful however sure its reader is.
fn capital(text: Text) -> Option<Read<Cents>> {
    if money::capital(&text.text).is_some() {
        return text.read(money::capital);
    }
    Text::new(text.text, text.confidence.min(SURE - 1)).read(money::misread_capital)
}

/// A day that was, give or take the clocks of this world.
fn past(date: Option<Date>, today: Date) -> Option<Date> {
    date.filter(|date| *date <= today + Duration::days(1))
}

fn sex(text: &str) -> Option<String> {
    ["男", "女"]
        .into_iter()
        .find(|sex| text.contains(sex))
        .map(str::to_owned)
}

/// The last sign but one is odd for men.
fn sex_of(number: &str) -> &'static str {
    match number.as_bytes().get(16) {
        Some(digit) if digit % 2 == 1 => "男",
        _ => "女",
    }
}

fn words(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= LONGEST).then(|| text.to_owned())
}

/// Without the blanks that engines put between Chinese characters, and with the brackets of Chinese print.
pub fn close(text: &str) -> String {
    let signs: Vec<char> = half_width(text).chars().collect();
    let mut closed = String::with_capacity(text.len());
    for (at, sign) in signs.iter().enumerate() {
        if sign.is_whitespace() {
            let before = closed.chars().next_back();
            let after = signs[at..].iter().find(|c| !c.is_whitespace());
            let latin = |c: Option<&char>| c.is_some_and(char::is_ascii_alphabetic);
            if latin(before.as_ref()) && latin(after) {
                closed.push(' ');
            }
            continue;
        }
        closed.push(match sign {
            '(' | '〈' => '（',
            ')' | '〉' => '）',
            ',' => '，',
            ';' => '；',
            other => *other,
        });
    }
    closed
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 03 - 05);

    fn sure(text: &str) -> Text {
        Text::new(text, 90)
    }

    #[test]
    fn a_licence_becomes_checked_values() {
        let texts = LicenceTexts {
            credit_code: Some(sure("91130900PDY00001XR")),
            name: Some(sure("沧 州 市 瀚岳澜管道装备有限公司")),
            kind: Some(sure("有限责任公司(自然人独资)")),
            legal_representative: Some(sure("顾 屹 舟")),
            registered_capital: Some(sure("伍仟万元整")),
            established: Some(sure("2016年05月18日")),
            term: Some(sure("2016年05月18日至长期")),
            address: Some(sure("沧州市盐山县庆云镇装备大街108号")),
            scope: Some(Text::new("管道制造; 管件销售", 60)),
        };
        let Ok(Recognised::Licence(read)) = texts.read(TODAY) else {
            panic!("it is a licence");
        };
        let name = read.name.expect("a name");
        assert_eq!(name.value.as_str(), "沧州市瀚岳澜管道装备有限公司");
        assert_eq!(name.sureness, Sureness::Recognised);
        assert_eq!(
            read.kind.expect("a kind").value,
            "有限责任公司（自然人独资）"
        );
        assert_eq!(
            read.legal_representative.expect("a name").value.as_str(),
            "顾屹舟"
        );
        let capital = read.registered_capital.expect("a capital").value;
        assert_eq!(capital.format_wan_short(), "5000");
        assert_eq!(
            read.established.expect("a day").value,
            date!(2016 - 05 - 18)
        );
        let scope = read.scope.expect("a scope");
        assert_eq!(scope.value, "管道制造；管件销售");
        assert_eq!(scope.sureness, Sureness::Doubtful);
    }

    #[test]
    fn a_code_is_judged_by_its_checks_and_not_by_the_reader() {
        let read = |code: &str, confidence| {
            let texts = LicenceTexts {
                credit_code: Some(Text::new(code, confidence)),
                ..LicenceTexts::default()
            };
            match texts.read(TODAY) {
                Ok(Recognised::Licence(read)) => read.credit_code.map(|c| c.sureness),
                _ => None,
            }
        };
        assert_eq!(read("91130900PDY00001XR", 30), Some(Sureness::Recognised));
        assert_eq!(
            read("91130900PDY00002BR", 99),
            Some(Sureness::Doubtful),
            "repaired"
        );
        assert_eq!(
            read("91130900PDY00001XP", 99),
            Some(Sureness::Doubtful),
            "wrong"
        );
    }

    #[test]
    fn what_is_too_unsure_or_no_value_stays_empty() {
        let texts = LicenceTexts {
            name: Some(Text::new("沧州市瀚岳澜管道装备有限公司", 39)),
            legal_representative: Some(sure("Gu 1")),
            established: Some(sure("2036年05月18日")),
            ..LicenceTexts::default()
        };
        assert_eq!(texts.read(TODAY), Err(RecognitionError::OtherDocument));
    }

    #[test]
    fn the_number_of_a_card_says_birth_and_sex() {
        let texts = IdFrontTexts {
            name: Some(sure("顾屹舟")),
            sex: Some(sure("男")),
            birth: Some(sure("1999年1月1日")),
            number: Some(Text::new("11010519491231002X", 20)),
            ..IdFrontTexts::default()
        };
        let Ok(Recognised::IdFront(read)) = texts.read(TODAY) else {
            panic!("it is a card");
        };
        assert_eq!(read.birth.expect("a day").value, date!(1949 - 12 - 31));
        assert_eq!(read.sex.expect("a sex").value, "女");
        assert_eq!(
            read.number.expect("a number").sureness,
            Sureness::Recognised
        );
    }

    #[test]
    fn the_back_of_a_card_has_an_office_and_a_term() {
        let texts = IdBackTexts {
            authority: Some(sure("沧州市公安局 运河分局")),
            term: Some(sure("2015.03.09-长期")),
        };
        let Ok(Recognised::IdBack(read)) = texts.read() else {
            panic!("it is a card");
        };
        assert_eq!(
            read.authority.expect("an office").value,
            "沧州市公安局运河分局"
        );
        assert_eq!(read.term.expect("a term").value.until, None);
        assert_eq!(
            IdBackTexts::default().read(),
            Err(RecognitionError::OtherDocument)
        );
    }

    #[test]
    fn blanks_vanish_but_between_latin_words() {
        assert_eq!(close("〈北侧院内)"), "（北侧院内）");
        assert_eq!(close("沧 州 (ABC  Co) 公 司"), "沧州（ABC Co）公司");
    }
}
