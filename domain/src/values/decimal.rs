//! Decimal numbers as people type them, read exactly: never through a float.

use super::half_width;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecimalFault {
    Empty,
    NotANumber,
    Negative,
    TooManyDecimals,
    TooLarge,
}

/// Reads `1,234.5` as 123450 for two decimals. Grouping commas must stand where they belong.
pub(super) fn parse_scaled(text: &str, decimals: usize, max: i64) -> Result<i64, DecimalFault> {
    let typed = half_width(text);
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(DecimalFault::Empty);
    }
    if let Some(rest) = typed.strip_prefix(['-', '−', '–']) {
        let digits = rest.bytes().next().is_some_and(|b| b.is_ascii_digit());
        return Err(if digits {
            DecimalFault::Negative
        } else {
            DecimalFault::NotANumber
        });
    }
    let (whole, fraction) = typed.split_once('.').unwrap_or((typed, "0"));
    let whole = ungroup(whole).ok_or(DecimalFault::NotANumber)?;
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalFault::NotANumber);
    }
    if fraction.len() > decimals {
        return Err(DecimalFault::TooManyDecimals);
    }
    let digits = format!("{whole}{fraction:0<decimals$}");
    digits
        .parse()
        .ok()
        .filter(|value| *value <= max)
        .ok_or(DecimalFault::TooLarge)
}

fn ungroup(whole: &str) -> Option<String> {
    let groups: Vec<_> = whole.split(',').collect();
    let digits = groups
        .iter()
        .all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    let grouped = groups.len() == 1
        || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    (digits && grouped).then(|| groups.concat())
}

/// `1234567` as `1,234,567`.
pub(super) fn group(whole: u64) -> String {
    let digits = whole.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
