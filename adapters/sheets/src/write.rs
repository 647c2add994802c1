//! Writing: rows go to an unnamed temporary file as they come.

use application::ports::workbooks::{SheetCell, SheetPlan, SheetWriter, WriteError};
use async_trait::async_trait;
use domain::calendar::SHANGHAI;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};
use time::{Date, OffsetDateTime};

/// Signs that a spreadsheet program may take for the beginning of a formula (S-27).
const DANGEROUS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// The longest text that a cell holds.
const MOST_SIGNS: usize = 32_000;

pub struct Writer {
    book: Workbook,
    row: u32,
    formats: Formats,
}

struct Formats {
    money: Format,
    number: Format,
    count: Format,
    day: Format,
    minute: Format,
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn failed(error: XlsxError) -> WriteError {
    WriteError(error.to_string())
}

/// As it stands in the cell: never the beginning of a formula.
pub fn harmless(text: &str) -> String {
    let text: String = text.chars().take(MOST_SIGNS).collect();
    if text.starts_with(DANGEROUS) {
        format!("'{text}")
    } else {
        text
    }
}

impl Writer {
    pub fn begin(plan: &SheetPlan) -> Result<Self, WriteError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
        let row = opening(sheet, plan).map_err(failed)?;
        let number = |pattern: &str| Format::new().set_num_format(pattern);
        Ok(Self {
            book,
            row,
            formats: Formats {
                money: number("#,##0.00"),
                number: number("0.00"),
                count: number("0"),
                day: number("yyyy-mm-dd"),
                minute: number("yyyy-mm-dd hh:mm"),
            },
        })
    }
}

/// Name, widths, mark, first rows and head row; answers the row below.
fn opening(sheet: &mut Worksheet, plan: &SheetPlan) -> Result<u32, XlsxError> {
    sheet.set_name(&plan.name)?;
    for (column, at) in plan.columns.iter().zip(0_u16..) {
        sheet.set_column_width(at, f64::from(column.width))?;
    }
    if !plan.mark.is_empty() {
        // An ampersand begins a command there.
        let mark: String = plan.mark.replace('&', "&&").chars().take(200).collect();
        sheet.set_header(format!("&C{mark}"));
        sheet.set_footer(format!("&L{mark}&R第 &P 页，共 &N 页"));
    }
    sheet.set_landscape();
    sheet.set_paper_size(9);
    let quiet = Format::new().set_font_color("5F6B7A");
    let mut row = 0;
    for line in &plan.lead {
        sheet.write_string_with_format(row, 0, harmless(line), &quiet)?;
        row += 1;
    }
    let head = Format::new()
        .set_bold()
        .set_background_color("EEF4FB")
        .set_border_bottom(FormatBorder::Thin);
    for (column, at) in plan.columns.iter().zip(0_u16..) {
        sheet.write_string_with_format(row, at, column.label, &head)?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    sheet.set_repeat_rows(row, row)?;
    Ok(row + 1)
}

fn day(date: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(
        u16::try_from(date.year()).unwrap_or(1900),
        u8::from(date.month()),
        date.day(),
    )
}

fn minute(at: OffsetDateTime) -> Result<ExcelDateTime, XlsxError> {
    let local = at.to_offset(SHANGHAI);
    day(local.date())?.and_hms(u16::from(local.hour()), local.minute(), 0)
}

/// Cents and hundredths lie far below what a float holds exactly.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
fn parts(whole: i64, of: f64) -> f64 {
    whole as f64 / of
}

impl Writer {
    fn cell(&mut self, column: u16, cell: &SheetCell) -> Result<(), XlsxError> {
        let (row, formats) = (self.row, &self.formats);
        let sheet = self.book.worksheet_from_index(0)?;
        match cell {
            SheetCell::Empty => return Ok(()),
            SheetCell::Text(text) => sheet.write_string(row, column, harmless(text))?,
            SheetCell::Yuan(cents) => {
                sheet.write_number_with_format(row, column, parts(*cents, 100.0), &formats.money)?
            }
            SheetCell::Wan(cents) => sheet.write_number_with_format(
                row,
                column,
                parts(*cents, 1_000_000.0),
                &formats.money,
            )?,
            SheetCell::Rate(hundredths) => sheet.write_number_with_format(
                row,
                column,
                f64::from(*hundredths) / 100.0,
                &formats.number,
            )?,
            SheetCell::Count(count) => {
                sheet.write_number_with_format(row, column, parts(*count, 1.0), &formats.count)?
            }
            SheetCell::Day(date) => {
                sheet.write_datetime_with_format(row, column, day(*date)?, &formats.day)?
            }
            SheetCell::Minute(at) => {
                sheet.write_datetime_with_format(row, column, minute(*at)?, &formats.minute)?
            }
        };
        Ok(())
    }
}

#[async_trait]
impl SheetWriter for Writer {
    fn row(&mut self, cells: &[SheetCell]) -> Result<(), WriteError> {
        for (cell, column) in cells.iter().zip(0_u16..) {
            self.cell(column, cell).map_err(failed)?;
        }
        self.row += 1;
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Vec<u8>, WriteError> {
        tokio::task::spawn_blocking(move || self.book.save_to_buffer().map_err(failed))
            .await
            .map_err(|error| WriteError(error.to_string()))?
    }
}
