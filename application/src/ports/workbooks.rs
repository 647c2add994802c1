//! Workbooks 电子表格 (.xlsx): written row by row, and read with a guard in front.

use async_trait::async_trait;
use domain::calendar::SHANGHAI;
use time::{Date, Duration, OffsetDateTime, macros::date};

use crate::access::Actor;

/// What stands in one cell that is written. Text is never taken for a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetCell {
    Empty,
    Text(String),
    /// In 元, with two decimals.
    Yuan(i64),
    /// In 万元, from cents.
    Wan(i64),
    /// Hundredths of a per cent, as `3.75`.
    Rate(i32),
    Count(i64),
    Day(Date),
    /// In the time of the city.
    Minute(OffsetDateTime),
}

impl SheetCell {
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// An instant where there is one.
    pub fn minute(at: Option<OffsetDateTime>) -> Self {
        at.map_or(Self::Empty, Self::Minute)
    }
}

/// A column of a sheet: its head and how many signs wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetColumn {
    pub label: &'static str,
    pub width: u16,
}

impl SheetColumn {
    pub const fn new(label: &'static str, width: u16) -> Self {
        Self { label, width }
    }
}

/// What a sheet is called, what stands above its rows, and what marks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetPlan {
    pub name: String,
    /// First rows, above the head row.
    pub lead: Vec<String>,
    /// Head and foot of every printed page; empty: none.
    pub mark: String,
    pub columns: Vec<SheetColumn>,
}

impl SheetPlan {
    /// A page that somebody takes along 下载: who took it and when stands above the rows and on every sheet of paper, then what it is.
    pub fn taken(
        name: &str,
        (actor, at): (&Actor, OffsetDateTime),
        what: String,
        columns: &[SheetColumn],
    ) -> Self {
        let local = at.to_offset(SHANGHAI);
        let who = format!(
            "{} {} {} {:02}:{:02} 下载",
            actor.tenant_name,
            actor.name,
            local.date(),
            local.hour(),
            local.minute()
        );
        Self {
            name: name.to_owned(),
            lead: vec![who.clone(), what],
            mark: who,
            columns: columns.to_vec(),
        }
    }
}

/// What stands in a cell that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ReadCell {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    Day(Date),
    /// Its stored result may be old or invented: it is told, not believed.
    Formula,
}

impl ReadCell {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// One row below the head row, with the number that the spreadsheet program shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadRow {
    pub number: u32,
    pub cells: Vec<ReadCell>,
}

/// The first sheet of a workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadSheet {
    pub head: Vec<String>,
    /// Rows that hold anything, in order.
    pub rows: Vec<ReadRow>,
}

/// How to find the head row: the first row in which all of these stand.
#[derive(Clone, Copy, Debug)]
pub struct ReadAsk {
    pub head: &'static [&'static str],
    pub most_rows: usize,
}

/// Day of a serial number of a spreadsheet; days before March 1900 are nobody's loans.
pub fn day_of_serial(serial: f64) -> Option<Date> {
    if !(61.0..2_958_466.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the range above")]
    let days = serial.floor() as i64;
    date!(1899 - 12 - 30).checked_add(Duration::days(days))
}

/// Why an upload is no workbook that we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("larger than allowed")]
    TooLarge,
    #[error("not an .xlsx file, or a damaged one")]
    NotAWorkbook,
    #[error("unpacks to far more than it should")]
    Bomb,
    #[error("more rows than allowed")]
    TooManyRows,
    /// The head that is missing; the first of them.
    #[error("the column {0} is missing")]
    ColumnMissing(&'static str),
    #[error("no row below the head")]
    NoRows,
    #[error("busy")]
    Stopped,
}

impl ReadError {
    /// Stable code, key of the message.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "sheet.too_large",
            Self::NotAWorkbook => "sheet.not_a_workbook",
            Self::Bomb => "sheet.bomb",
            Self::TooManyRows => "sheet.too_many_rows",
            Self::ColumnMissing(_) => "sheet.column_missing",
            Self::NoRows => "sheet.no_rows",
            Self::Stopped => "unavailable",
        }
    }
}

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook could not be written: {0}")]
pub struct WriteError(pub String);

/// Largest upload, packed.
pub const MAX_SHEET_BYTES: usize = 5 * 1024 * 1024;

#[async_trait]
pub trait Workbooks: Send + Sync {
    /// A workbook with one sheet, ready for its first row.
    fn begin(&self, plan: &SheetPlan) -> Result<Box<dyn SheetWriter>, WriteError>;

    /// The whole file of rows that are all there already.
    async fn whole(
        &self,
        plan: &SheetPlan,
        rows: &[Vec<SheetCell>],
    ) -> Result<Vec<u8>, WriteError> {
        let mut writer = self.begin(plan)?;
        for row in rows {
            writer.row(row)?;
        }
        writer.finish().await
    }

    /// The first sheet of an upload.
    async fn read(&self, bytes: Vec<u8>, ask: ReadAsk) -> Result<ReadSheet, ReadError>;
}

/// A workbook that is being written, row by row.
#[async_trait]
pub trait SheetWriter: Send {
    fn row(&mut self, cells: &[SheetCell]) -> Result<(), WriteError>;

    /// The whole file.
    async fn finish(self: Box<Self>) -> Result<Vec<u8>, WriteError>;
}
