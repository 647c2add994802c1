//! What people and spreadsheet programs write into cells: full-width digits, commas, serial days, numbers as text.

use time::{Date, Month};

use crate::{
    error::FieldError,
    ports::workbooks::{ReadCell, day_of_serial},
};

/// Full-width signs become ordinary ones.
pub fn narrow(text: &str) -> String {
    text.chars()
        .map(|sign| match sign {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
            other => other,
        })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A cell as somebody reads it: for lists of bad rows.
pub fn plain(cell: &ReadCell) -> String {
    match cell {
        ReadCell::Empty => String::new(),
        ReadCell::Text(text) => text.trim().to_owned(),
        ReadCell::Number(number) => number_text(*number),
        ReadCell::Day(day) => day.to_string(),
        ReadCell::Formula => "（公式）".to_owned(),
    }
}

/// Without a tail of noughts, and without what floats add.
fn number_text(number: f64) -> String {
    let rounded = (number * 1e6).round() / 1e6;
    let text = format!("{rounded:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A word: numbers of applications and contracts may have been typed as numbers.
pub fn word(cell: &ReadCell, field: &'static str) -> Result<String, FieldError> {
    match cell {
        ReadCell::Formula => Err(FieldError::new(field, "imports.formula")),
        other => Ok(narrow(&plain(other))),
    }
}

/// A number as its type parses it: commas, blanks and signs of money go.
pub fn number(cell: &ReadCell, field: &'static str) -> Result<String, FieldError> {
    match cell {
        ReadCell::Formula => Err(FieldError::new(field, "imports.formula")),
        ReadCell::Number(number) => Ok(number_text(*number)),
        other => Ok(narrow(&plain(other))
            .chars()
            .filter(|sign| !matches!(sign, ',' | ' ' | '¥' | '￥' | '%' | '元'))
            .collect()),
    }
}

/// A day: a date, a serial number, or one of the ways in which people write it. Empty is `None`.
pub fn day(cell: &ReadCell, field: &'static str) -> Result<Option<Date>, FieldError> {
    let wrong = || FieldError::new(field, "date.format");
    match cell {
        ReadCell::Empty => Ok(None),
        ReadCell::Formula => Err(FieldError::new(field, "imports.formula")),
        ReadCell::Day(day) => Ok(Some(*day)),
        ReadCell::Number(number) if *number >= 19_000_101.0 => {
            written(&number_text(*number)).map(Some).ok_or_else(wrong)
        }
        ReadCell::Number(number) => day_of_serial(*number).map(Some).ok_or_else(wrong),
        ReadCell::Text(text) => {
            let text = narrow(text);
            if text.is_empty() {
                return Ok(None);
            }
            written(&text).map(Some).ok_or_else(wrong)
        }
    }
}

/// `2026-11-25`, `2026/11/25`, `2026.11.25`, `2026年11月25日`, `20261125`, with or without a time behind.
fn written(text: &str) -> Option<Date> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text.len() == 8 {
        return date(&text[..4], &text[4..6], &text[6..]);
    }
    let day = text.split_whitespace().next()?;
    let mut parts = day
        .split(['-', '/', '.', '年', '月', '日'])
        .filter(|part| !part.is_empty());
    let found = date(parts.next()?, parts.next()?, parts.next()?);
    found.filter(|_| parts.next().is_none())
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let year: i32 = year.parse().ok()?;
    (1990..=2200)
        .contains(&year)
        .then(|| Date::from_calendar_date(year, month, day.parse().ok()?).ok())
        .flatten()
}

/// 是 in one of its ways; empty is no.
pub fn yes(cell: &ReadCell) -> bool {
    matches!(
        narrow(&plain(cell)).to_lowercase().as_str(),
        "是" | "y" | "yes" | "1" | "true" | "√"
    )
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn text(text: &str) -> ReadCell {
        ReadCell::Text(text.into())
    }

    #[test]
    fn a_day_is_read_in_every_way_in_which_it_is_written() {
        for cell in [
            ReadCell::Day(date!(2026 - 11 - 25)),
            ReadCell::Number(46_351.0),
            ReadCell::Number(46_351.75),
            ReadCell::Number(20_261_125.0),
            text("2026-11-25"),
            text(" 2026/11/25 "),
            text("2026.11.25"),
            text("2026年11月25日"),
            text("２０２６－１１－２５"),
            text("20261125"),
            text("2026-11-25 09:30"),
        ] {
            assert_eq!(
                day(&cell, "drawn_on"),
                Ok(Some(date!(2026 - 11 - 25))),
                "{cell:?}"
            );
        }
        assert_eq!(day(&text("  "), "drawn_on"), Ok(None));
        for cell in [
            text("2026-02-30"),
            text("11/25"),
            text("今天"),
            text("2026-11-25-1"),
            ReadCell::Number(-3.0),
            ReadCell::Formula,
        ] {
            assert!(day(&cell, "drawn_on").is_err(), "{cell:?}");
        }
    }

    #[test]
    fn numbers_lose_commas_width_and_what_floats_add() {
        for (cell, read) in [
            (text("1,234,567.89"), "1234567.89"),
            (text("１２３４．５"), "1234.5"),
            (text("¥ 1，000 元"), "1000"),
            (ReadCell::Number(0.1 + 0.2), "0.3"),
            (ReadCell::Number(100_000.0), "100000"),
            (text("3.45%"), "3.45"),
        ] {
            assert_eq!(number(&cell, "amount").as_deref(), Ok(read), "{cell:?}");
        }
        assert!(number(&ReadCell::Formula, "amount").is_err());
        assert_eq!(
            word(&ReadCell::Number(20_260_001.0), "contract_no").as_deref(),
            Ok("20260001")
        );
    }
}
