use super::error::{prints_plain, value_error};
use super::half_width;
use time::{Date, Month};

const PREFIX: &str = "PO";

value_error! {
    /// Why an application number was refused.
    pub enum ApplicationNumberError {
        Empty => "application_number.empty",
        Malformed => "application_number.malformed",
    }
}

/// Application number 申请编号: `PO`, the day in Asia/Shanghai, the day's counter of at least three digits (M-514, A-02).
///
/// People read and search by it; it never opens anything (S-04).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApplicationNumber(String);

impl ApplicationNumber {
    /// `None` when the counter is 0 or the year has not four digits: there is no such number.
    pub fn new(day: Date, counter: u32) -> Option<Self> {
        let written = format!(
            "{PREFIX}{:04}{:02}{:02}{counter:03}",
            day.year(),
            day.month() as u8,
            day.day()
        );
        Self::parse(&written).ok()
    }

    pub fn parse(text: &str) -> Result<Self, ApplicationNumberError> {
        let typed = half_width(text.trim()).to_ascii_uppercase();
        if typed.is_empty() {
            return Err(ApplicationNumberError::Empty);
        }
        split(&typed)
            .map(|_| Self(typed.clone()))
            .ok_or(ApplicationNumberError::Malformed)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn day(&self) -> Date {
        split(&self.0).map_or(Date::MIN, |(day, _)| day)
    }

    pub fn counter(&self) -> u32 {
        split(&self.0).map_or(0, |(_, counter)| counter)
    }
}

prints_plain!(ApplicationNumber);

fn split(number: &str) -> Option<(Date, u32)> {
    let digits = number
        .strip_prefix(PREFIX)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let (day, counter) = digits.split_at_checked(8)?;
    if counter.len() < 3 || (counter.len() > 3 && counter.starts_with('0')) {
        return None;
    }
    let month: u8 = day[4..6].parse().ok()?;
    let day = Date::from_calendar_date(
        day[..4].parse().ok()?,
        Month::try_from(month).ok()?,
        day[6..].parse().ok()?,
    )
    .ok()?;
    counter
        .parse()
        .ok()
        .filter(|counter| *counter > 0)
        .map(|counter| (day, counter))
}

#[cfg(test)]
mod tests {
    use super::{ApplicationNumber, ApplicationNumberError};
    use time::macros::date;

    #[test]
    fn the_counter_has_three_digits_and_widens_after_999() {
        let number = |counter| {
            ApplicationNumber::new(date!(2021 - 02 - 18), counter).map(|number| number.to_string())
        };
        assert_eq!(number(1).as_deref(), Some("PO20210218001"));
        assert_eq!(number(999).as_deref(), Some("PO20210218999"));
        assert_eq!(number(1000).as_deref(), Some("PO202102181000"));
        assert_eq!(number(0), None);
    }

    #[test]
    fn a_number_is_read_back() {
        let number = ApplicationNumber::parse(" po20210210014 ").expect("valid");
        assert_eq!(
            (number.as_str(), number.day(), number.counter()),
            ("PO20210210014", date!(2021 - 02 - 10), 14)
        );
        assert_eq!(
            ApplicationNumber::parse("PO202102181000")
                .expect("valid")
                .counter(),
            1000
        );
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "20210218001",
            "PO2021021801",
            "PO20210218000",
            "PO202102180001",
            "PO20210230001",
            "PO20211318001",
            "PO2021021800A",
            "PO２０２１沧",
            "PO2021021899999999999",
        ] {
            assert_eq!(
                ApplicationNumber::parse(text),
                Err(ApplicationNumberError::Malformed),
                "{text}"
            );
        }
        assert_eq!(
            ApplicationNumber::parse(""),
            Err(ApplicationNumberError::Empty)
        );
    }
}
