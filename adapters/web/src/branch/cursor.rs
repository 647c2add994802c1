//! Where a page of a list begins, as its links write it.

use std::collections::HashMap;

use application::{
    desk::DeskRow,
    ports::branch_board::{BoardOrder, Cursor, Leaf},
};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) fn leaf(asked: &HashMap<String, String>) -> Leaf {
    let cursor = |name: &str| asked.get(name).and_then(|text| read_cursor(text));
    if let Some(after) = cursor("after") {
        return Leaf::After(after);
    }
    cursor("before").map_or(Leaf::First, Leaf::Before)
}

fn read_cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('_')?;
    let id = Uuid::try_parse(id).ok()?;
    if at == "n" {
        return Some(Cursor { at: None, id });
    }
    let micros: i64 = at.parse().ok()?;
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()?;
    Some(Cursor { at: Some(at), id })
}

pub(crate) fn write_cursor(cursor: Cursor) -> String {
    let at = cursor.at.map_or_else(
        || "n".to_owned(),
        |at| (at.unix_timestamp_nanos() / 1_000).to_string(),
    );
    format!("{at}_{}", cursor.id)
}

pub(super) fn cursor_of(row: &DeskRow, order: BoardOrder) -> Cursor {
    let at = match order {
        BoardOrder::Due => row.row.due_at,
        BoardOrder::Newest => Some(row.row.submitted_at),
    };
    Cursor {
        at,
        id: row.row.id.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        for at in [
            None,
            Some(time::macros::datetime!(2026-03-05 09:30:00.123456 +8)),
        ] {
            let cursor = Cursor {
                at,
                id: Uuid::from_u128(7),
            };
            assert_eq!(read_cursor(&write_cursor(cursor)), Some(cursor));
        }
        for bad in ["", "x_y", "1_2", "99999999999999999999_0", "n"] {
            assert_eq!(read_cursor(bad), None, "{bad}");
        }
    }
}
