//! Reading: cell by cell, the first sheet only, from the head row down.

use std::io::Cursor;

use application::ports::workbooks::{
    ReadAsk, ReadCell, ReadError, ReadRow, ReadSheet, day_of_serial,
};
use calamine::{DataRef, Reader as _, Xlsx};

use crate::guard;

/// Columns beyond these are nobody's.
const MOST_COLUMNS: u32 = 40;
/// The head row stands within these.
const HEAD_WITHIN: u32 = 20;
/// Signs of one cell.
const MOST_SIGNS: usize = 500;
/// Bytes of all cells together: a text that is shared counts wherever it stands. Ten thousand rows of eight hundred.
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// The first sheet of an upload. What parses it takes as much memory and time as the file's maker likes: outside of tests this runs
/// in a process that may take only so much.
pub fn read(bytes: Vec<u8>, ask: ReadAsk) -> Result<ReadSheet, ReadError> {
    guard::check(&bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| ReadError::NotAWorkbook)?;
    let name = book
        .sheet_names()
        .first()
        .cloned()
        .ok_or(ReadError::NotAWorkbook)?;
    let mut cells = book
        .worksheet_cells_reader(&name)
        .map_err(|_| ReadError::NotAWorkbook)?;
    let mut sheet = Taking::new(ask);
    while let Some(cell) = cells
        .next_cell_with_formula()
        .map_err(|_| ReadError::NotAWorkbook)?
    {
        let (row, column) = cell.pos;
        if column >= MOST_COLUMNS {
            continue;
        }
        let value = if cell.formula.is_some() {
            ReadCell::Formula
        } else {
            value(&cell.value)
        };
        if !value.is_empty() {
            sheet.take(row, column, value)?;
        }
    }
    sheet.finish()
}

fn value(data: &DataRef<'_>) -> ReadCell {
    let text = |text: &str| ReadCell::Text(text.chars().take(MOST_SIGNS).collect());
    match data {
        DataRef::Empty => ReadCell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "a cell holds a float anyway")]
        DataRef::Int(number) => ReadCell::Number(*number as f64),
        DataRef::Float(number) => ReadCell::Number(*number),
        DataRef::String(words) => text(words),
        DataRef::SharedString(words) => text(words),
        DataRef::Bool(yes) => text(if *yes { "是" } else { "否" }),
        DataRef::DateTime(at) if at.is_datetime() => {
            day_of_serial(at.as_f64()).map_or(ReadCell::Number(at.as_f64()), ReadCell::Day)
        }
        DataRef::DateTime(at) => ReadCell::Number(at.as_f64()),
        DataRef::DateTimeIso(words) | DataRef::DurationIso(words) => text(words),
        DataRef::Error(error) => text(&error.to_string()),
    }
}

struct Taking {
    ask: ReadAsk,
    row: u32,
    cells: Vec<ReadCell>,
    sheet: ReadSheet,
    /// Bytes of text so far.
    text: usize,
    /// What looked most like a head: for telling which column is missing.
    best: Vec<String>,
}

impl Taking {
    fn new(ask: ReadAsk) -> Self {
        Self {
            ask,
            row: 0,
            cells: Vec::new(),
            sheet: ReadSheet::default(),
            text: 0,
            best: Vec::new(),
        }
    }

    fn take(&mut self, row: u32, column: u32, value: ReadCell) -> Result<(), ReadError> {
        if row != self.row {
            self.end_row()?;
            self.row = row;
        }
        if let ReadCell::Text(words) = &value {
            self.text += words.len();
            if self.text > MOST_TEXT {
                return Err(ReadError::Bomb);
            }
        }
        let column = column as usize;
        if self.cells.len() <= column {
            self.cells.resize(column + 1, ReadCell::Empty);
        }
        self.cells[column] = value;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return Ok(());
        }
        if self.sheet.head.is_empty() {
            self.try_head(&cells);
            return if self.sheet.head.is_empty() && self.row >= HEAD_WITHIN {
                Err(self.missing())
            } else {
                Ok(())
            };
        }
        if self.sheet.rows.len() >= self.ask.most_rows {
            return Err(ReadError::TooManyRows);
        }
        self.sheet.rows.push(ReadRow {
            number: self.row + 1,
            cells,
        });
        Ok(())
    }

    fn try_head(&mut self, cells: &[ReadCell]) {
        let words: Vec<String> = cells
            .iter()
            .map(|cell| match cell {
                ReadCell::Text(text) => head_word(text),
                _ => String::new(),
            })
            .collect();
        let known = |words: &[String]| {
            let there = |wanted: &&&str| words.iter().any(|w| *w == head_word(wanted));
            self.ask.head.iter().filter(there).count()
        };
        if known(&words) == self.ask.head.len() {
            self.sheet.head = words;
        } else if known(&words) > known(&self.best) {
            self.best = words;
        }
    }

    fn missing(&self) -> ReadError {
        let missing = |wanted: &&&'static str| !self.best.iter().any(|w| *w == head_word(wanted));
        self.ask
            .head
            .iter()
            .find(missing)
            .map_or(ReadError::NotAWorkbook, |name| {
                ReadError::ColumnMissing(name)
            })
    }

    fn finish(mut self) -> Result<ReadSheet, ReadError> {
        self.end_row()?;
        if self.sheet.head.is_empty() {
            return Err(self.missing());
        }
        if self.sheet.rows.is_empty() {
            return Err(ReadError::NoRows);
        }
        Ok(self.sheet)
    }
}

/// Heads are compared without spaces, stars and the width of their brackets.
pub fn head_word(text: &str) -> String {
    text.chars()
        .filter(|sign| !sign.is_whitespace() && *sign != '*')
        .map(|sign| match sign {
            '（' => '(',
            '）' => ')',
            '％' => '%',
            other => other,
        })
        .collect()
}
