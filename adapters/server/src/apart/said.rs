//! What parent and child say to each other, in JSON. The child's words are as little believed as the file that it has read.

use std::io;

use application::ports::{
    pictures::UploadError,
    workbooks::{ReadAsk, ReadCell, ReadError, ReadRow, ReadSheet},
};
use serde::{Deserialize, Serialize};
use time::Date;

/// Refusals that a PDF can meet; they travel as their codes.
const OF_PDF: [UploadError; 7] = [
    UploadError::Empty,
    UploadError::TooLarge,
    UploadError::PdfBroken,
    UploadError::PdfEncrypted,
    UploadError::PdfActive,
    UploadError::PdfAttachments,
    UploadError::PdfTooManyPages,
];
const OF_DOCX: [UploadError; 5] = [
    UploadError::Empty,
    UploadError::TooLarge,
    UploadError::DocxBroken,
    UploadError::DocxActive,
    UploadError::NotADocument,
];

/// The child: pages of a PDF.
pub fn pdf(upload: &[u8]) -> io::Result<Vec<u8>> {
    told(&media::read_pdf(upload).map_err(|error| error.code()))
}

/// The child: whether a DOCX is harmless.
pub fn docx(upload: &[u8]) -> io::Result<Vec<u8>> {
    told(&media::read_docx(upload).map_err(|error| error.code()))
}

fn told(said: &impl Serialize) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(said)?)
}

/// What a child says of a document.
pub type OfDocument<T> = Result<T, String>;

/// The parent: what was said of a PDF; `None`: nonsense.
pub fn pages(said: OfDocument<u32>) -> Option<Result<u32, UploadError>> {
    known(said, &OF_PDF)
}

/// The parent: what was said of a DOCX; `None`: nonsense.
pub fn harmless(said: OfDocument<()>) -> Option<Result<(), UploadError>> {
    known(said, &OF_DOCX)
}

fn known<T>(said: OfDocument<T>, refusals: &[UploadError]) -> Option<Result<T, UploadError>> {
    match said {
        Ok(good) => Some(Ok(good)),
        Err(code) => {
            let refusal = refusals.iter().find(|refusal| refusal.code() == code)?;
            Some(Err(*refusal))
        }
    }
}

/// What a workbook must look like: one line before the file.
#[derive(Serialize, Deserialize)]
struct Ask {
    head: Vec<String>,
    most_rows: usize,
}

/// The parent: the line before the file.
pub fn asked(ask: &ReadAsk) -> io::Result<Vec<u8>> {
    let mut line = told(&Ask {
        head: ask.head.iter().map(|word| (*word).to_owned()).collect(),
        most_rows: ask.most_rows,
    })?;
    line.push(b'\n');
    Ok(line)
}

/// The first sheet of a workbook.
#[derive(Serialize, Deserialize)]
pub struct Sheet {
    head: Vec<String>,
    rows: Vec<(u32, Vec<Cell>)>,
}

/// A cell, named by one letter: there may be many.
#[derive(Serialize, Deserialize)]
enum Cell {
    #[serde(rename = "e")]
    Empty,
    #[serde(rename = "t")]
    Text(String),
    /// The bits of a float: all of them come back.
    #[serde(rename = "n")]
    Number(u64),
    /// A Julian day.
    #[serde(rename = "d")]
    Day(i32),
    #[serde(rename = "f")]
    Formula,
}

/// Why there is no sheet.
#[derive(Serialize, Deserialize)]
pub enum Refusal {
    TooLarge,
    NotAWorkbook,
    Bomb,
    TooManyRows,
    ColumnMissing(String),
    NoRows,
    Stopped,
}

/// What a child says of a workbook.
pub type OfSheet = Result<Sheet, Refusal>;

/// The child: the line, then the file.
pub fn sheet(mut input: Vec<u8>) -> io::Result<Vec<u8>> {
    let line = input
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let file = input.split_off(line + 1);
    let ask: Ask = serde_json::from_slice(&input)?;
    // The words live as long as the child, which ends after this one file.
    let head = ask.head.into_iter().map(|word| &*word.leak());
    let ask = ReadAsk {
        head: head.collect::<Vec<&'static str>>().leak(),
        most_rows: ask.most_rows,
    };
    let read: OfSheet = sheets::read_sheet(file, ask)
        .map(into_said)
        .map_err(|error| into_refusal(&error));
    told(&read)
}

fn into_said(sheet: ReadSheet) -> Sheet {
    let cell = |cell| match cell {
        ReadCell::Empty => Cell::Empty,
        ReadCell::Text(text) => Cell::Text(text),
        ReadCell::Number(number) => Cell::Number(number.to_bits()),
        ReadCell::Day(day) => Cell::Day(day.to_julian_day()),
        ReadCell::Formula => Cell::Formula,
    };
    let row = |row: ReadRow| {
        (
            row.number,
            row.cells.into_iter().map(cell).collect::<Vec<_>>(),
        )
    };
    Sheet {
        head: sheet.head,
        rows: sheet.rows.into_iter().map(row).collect(),
    }
}

fn into_refusal(error: &ReadError) -> Refusal {
    match *error {
        ReadError::TooLarge => Refusal::TooLarge,
        ReadError::NotAWorkbook => Refusal::NotAWorkbook,
        ReadError::Bomb => Refusal::Bomb,
        ReadError::TooManyRows => Refusal::TooManyRows,
        ReadError::ColumnMissing(name) => Refusal::ColumnMissing(name.to_owned()),
        ReadError::NoRows => Refusal::NoRows,
        ReadError::Stopped => Refusal::Stopped,
    }
}

/// The parent: what was said of a workbook; `None`: nonsense.
pub fn read(said: OfSheet, ask: &ReadAsk) -> Option<Result<ReadSheet, ReadError>> {
    Some(match said {
        Ok(sheet) if sheet.rows.len() <= ask.most_rows => Ok(ReadSheet {
            head: sheet.head,
            rows: sheet.rows.into_iter().map(row).collect::<Option<_>>()?,
        }),
        Ok(_) => return None,
        Err(Refusal::TooLarge) => Err(ReadError::TooLarge),
        Err(Refusal::NotAWorkbook) => Err(ReadError::NotAWorkbook),
        Err(Refusal::Bomb) => Err(ReadError::Bomb),
        Err(Refusal::TooManyRows) => Err(ReadError::TooManyRows),
        Err(Refusal::ColumnMissing(name)) => {
            let wanted = ask.head.iter().find(|wanted| **wanted == name)?;
            Err(ReadError::ColumnMissing(wanted))
        }
        Err(Refusal::NoRows) => Err(ReadError::NoRows),
        Err(Refusal::Stopped) => Err(ReadError::Stopped),
    })
}

fn row((number, cells): (u32, Vec<Cell>)) -> Option<ReadRow> {
    let cell = |cell| {
        Some(match cell {
            Cell::Empty => ReadCell::Empty,
            Cell::Text(text) => ReadCell::Text(text),
            Cell::Number(bits) => ReadCell::Number(f64::from_bits(bits)),
            Cell::Day(day) => ReadCell::Day(Date::from_julian_day(day).ok()?),
            Cell::Formula => ReadCell::Formula,
        })
    };
    Some(ReadRow {
        number,
        cells: cells.into_iter().map(cell).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const ASK: ReadAsk = ReadAsk {
        head: &["申请编号"],
        most_rows: 1,
    };

    fn there_and_back(said: &OfSheet) -> Option<Result<ReadSheet, ReadError>> {
        let said = told(said).expect("it is said");
        read(serde_json::from_slice(&said).expect("it is heard"), &ASK)
    }

    #[test]
    fn every_cell_comes_back_as_it_was() {
        let sheet = ReadSheet {
            head: vec!["申请编号".to_owned()],
            rows: vec![ReadRow {
                number: 2,
                cells: vec![
                    ReadCell::Empty,
                    ReadCell::Text("\"PO1\"\n".to_owned()),
                    ReadCell::Number(0.1 + 0.2),
                    ReadCell::Number(f64::INFINITY),
                    ReadCell::Day(date!(2026 - 02 - 28)),
                    ReadCell::Formula,
                ],
            }],
        };
        let back = there_and_back(&Ok(into_said(sheet.clone())));
        assert_eq!(back, Some(Ok(sheet)));
    }

    #[test]
    fn every_refusal_comes_back_as_it_was() {
        for error in [
            ReadError::TooLarge,
            ReadError::NotAWorkbook,
            ReadError::Bomb,
            ReadError::TooManyRows,
            ReadError::ColumnMissing("申请编号"),
            ReadError::NoRows,
            ReadError::Stopped,
        ] {
            let back = there_and_back(&Err(into_refusal(&error)));
            assert_eq!(back, Some(Err(error)));
        }
        for error in OF_PDF {
            assert_eq!(pages(Err(error.code().to_owned())), Some(Err(error)));
        }
        for error in OF_DOCX {
            assert_eq!(harmless(Err(error.code().to_owned())), Some(Err(error)));
        }
    }

    #[test]
    fn what_no_reader_of_ours_would_say_is_nonsense() {
        assert_eq!(pages(Err("upload.docx_active".to_owned())), None);
        assert_eq!(harmless(Err("ok".to_owned())), None);
        let row = || (2, Vec::new());
        let sheet = |rows| Sheet {
            head: Vec::new(),
            rows,
        };
        assert_eq!(read(Ok(sheet(vec![row(), row()])), &ASK), None);
        let day = (2, vec![Cell::Day(i32::MAX)]);
        assert_eq!(read(Ok(sheet(vec![day])), &ASK), None);
        let column = Refusal::ColumnMissing("别的".to_owned());
        assert_eq!(read(Err(column), &ASK), None);
    }
}
