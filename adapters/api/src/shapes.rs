//! Shapes 通用结构: what several answers have in common.

use application::error::{FieldError, UseError, UseResult};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    calendar::SHANGHAI,
    product::GuaranteeType,
    values::{Cents, TermUnit},
};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// Rows of a page, unless fewer are asked for.
pub(crate) const PAGE: usize = 20;
const PAGE_MOST: usize = 50;

/// 代码与名称: `code` is stable, `label` is what people read.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Word {
    pub(crate) code: String,
    pub(crate) label: String,
}

impl Word {
    pub(crate) fn new(code: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            label: label.into(),
        }
    }

    pub(crate) fn guarantee(guarantee: GuaranteeType) -> Self {
        Self::new(guarantee.code(), guarantee.zh())
    }

    pub(crate) fn unit(unit: TermUnit) -> Self {
        Self::new(unit.as_str(), unit.label())
    }
}

/// An instant as it is written: RFC 3339 with the offset of Shanghai.
pub(crate) fn instant(at: OffsetDateTime) -> String {
    at.to_offset(SHANGHAI).format(&Rfc3339).unwrap_or_default()
}

pub(crate) fn day(date: time::Date) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    date.format(format).unwrap_or_default()
}

/// 万元 with two decimals, without separators: `500.00`.
pub(crate) fn wan(cents: Cents) -> String {
    cents.format_wan().replace(',', "")
}

/// 人民币元 with two decimals, without separators: `3125.00`.
pub(crate) fn yuan(cents: Cents) -> String {
    cents.format_yuan().replace(',', "")
}

/// How many rows are asked for.
pub(crate) fn limit(asked: Option<u32>) -> UseResult<usize> {
    let Some(asked) = asked else {
        return Ok(PAGE);
    };
    if asked == 0 {
        return Err(UseError::field("limit", "api.limit_zero"));
    }
    usize::try_from(asked)
        .ok()
        .filter(|most| *most <= PAGE_MOST)
        .ok_or_else(|| {
            let error = FieldError::new("limit", "api.limit").with("most", PAGE_MOST);
            UseError::invalid(vec![error])
        })
}

/// An error of a field under the key that the request has for it: forms call it otherwise.
pub(crate) fn called(mut error: UseError, form: &str, key: &'static str) -> UseError {
    for field in error.fields.iter_mut().filter(|f| f.field == form) {
        key.clone_into(&mut field.field);
    }
    error
}

/// Where a page goes on, as the caller hands it back: nothing to be read or built by hand.
pub(crate) fn write_cursor(mark: &str) -> String {
    URL_SAFE_NO_PAD.encode(mark)
}

pub(crate) fn bad_cursor() -> UseError {
    UseError::field("cursor", "api.cursor")
}

pub(crate) fn read_cursor(cursor: &str) -> UseResult<String> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(bad_cursor)
}

/// A cursor of an instant and an id.
pub(crate) fn mark_of(at: OffsetDateTime, id: uuid::Uuid) -> String {
    write_cursor(&format!("{}.{id}", at.unix_timestamp_nanos()))
}

pub(crate) fn read_mark(cursor: Option<&str>) -> UseResult<Option<(OffsetDateTime, uuid::Uuid)>> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let text = read_cursor(cursor)?;
    let read = || {
        let (at, id) = text.split_once('.')?;
        let at = OffsetDateTime::from_unix_timestamp_nanos(at.parse().ok()?).ok()?;
        Some((at, uuid::Uuid::try_parse(id).ok()?))
    };
    read().map(Some).ok_or_else(bad_cursor)
}

/// The part of a list in memory that follows a cursor: rows are told apart by a key of their own. Where the row of the cursor is gone, the
/// list goes on with whatever took its place.
pub(crate) fn part_of<T>(
    rows: Vec<T>,
    key: impl Fn(&T) -> String,
    cursor: Option<&str>,
    most: usize,
) -> UseResult<(Vec<T>, Option<String>)> {
    let from = match cursor {
        None => 0,
        Some(cursor) => {
            let mark = read_cursor(cursor)?;
            let (place, last) = mark.split_once('.').ok_or_else(bad_cursor)?;
            let place: usize = place.parse().map_err(|_| bad_cursor())?;
            let at = rows.iter().position(|row| key(row) == last);
            at.map_or(place.min(rows.len()), |at| at + 1)
        }
    };
    let more = rows.len() > from + most;
    let place = from + most - 1;
    let part: Vec<T> = rows.into_iter().skip(from).take(most).collect();
    let next = part
        .last()
        .filter(|_| more)
        .map(|row| write_cursor(&format!("{place}.{}", key(row))));
    Ok((part, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_in_parts_that_meet_without_gap_or_repeat() {
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let rows: Vec<u32> = (0..7).collect();
            let (part, next) =
                part_of(rows, ToString::to_string, cursor.as_deref(), 3).expect("a part");
            all.extend(part);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all, (0..7).collect::<Vec<u32>>());
        assert!(part_of(vec![1], ToString::to_string, Some("no cursor!"), 3).is_err());
    }

    #[test]
    fn a_row_that_is_gone_does_not_end_the_list() {
        let rows = |without: &[u32]| (0..7).filter(|n| !without.contains(n)).collect();
        let part = |rows: Vec<u32>, cursor: &Option<String>| {
            part_of(rows, ToString::to_string, cursor.as_deref(), 3).expect("a part")
        };
        let (first, next) = part(rows(&[]), &None);
        assert_eq!(first, [0, 1, 2]);
        assert_eq!(part(rows(&[2]), &next).0, [3, 4, 5]);
        assert_eq!(part(rows(&[1]), &next).0, [3, 4, 5]);
        assert_eq!(part(rows(&[2, 3, 4, 5, 6]), &next).0, [0; 0]);
    }

    #[test]
    fn a_mark_comes_back_as_it_was_written() {
        let at =
            OffsetDateTime::from_unix_timestamp_nanos(1_764_034_200_123_456_000).expect("a time");
        let id = uuid::Uuid::from_u128(7);
        assert_eq!(
            read_mark(Some(&mark_of(at, id))).expect("a mark"),
            Some((at, id))
        );
        assert!(read_mark(Some("AAAA")).is_err());
        assert_eq!(read_mark(None).expect("none"), None);
    }
}
