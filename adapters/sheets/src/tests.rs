use std::io::{Cursor, Write as _};

use application::ports::workbooks::{
    ReadAsk, ReadCell, ReadError, SheetCell, SheetColumn, SheetPlan, Workbooks as _,
};
use time::macros::{date, datetime};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::Xlsx;

const HEAD: &[&str] = &["申请编号", "放款金额(元)"];
const ASK: ReadAsk = ReadAsk {
    head: HEAD,
    most_rows: 10,
};

fn plan() -> SheetPlan {
    SheetPlan {
        name: "放款".into(),
        lead: vec!["狮城商业银行 仅限内部使用".into()],
        mark: "梁承宇 & 仅限内部使用".into(),
        columns: vec![
            SheetColumn::new("申请编号", 20),
            SheetColumn::new("放款金额（元）", 16),
            SheetColumn::new("放款日期", 12),
        ],
    }
}

async fn written(rows: &[Vec<SheetCell>]) -> Vec<u8> {
    let mut writer = Xlsx::default().begin(&plan()).expect("it begins");
    for row in rows {
        writer.row(row).expect("a row is written");
    }
    writer.finish().await.expect("it is whole")
}

fn part(file: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(file)).expect("a ZIP");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name(name).expect("the part"), &mut text)
        .expect("text");
    text
}

#[tokio::test]
async fn text_is_never_a_formula_and_numbers_and_days_are_what_they_are() {
    let dangerous = ["=1+1", "+86", "-1", "@x", "\tx", "\rx", "=HYPERLINK(\"a\")"];
    let rows: Vec<Vec<SheetCell>> = dangerous
        .iter()
        .map(|text| {
            vec![
                SheetCell::text(*text),
                SheetCell::Yuan(123_456),
                SheetCell::Day(date!(2026 - 11 - 25)),
                SheetCell::Minute(datetime!(2026-11-25 16:30 UTC)),
            ]
        })
        .collect();
    let file = written(&rows).await;
    let xml = part(&file, "xl/worksheets/sheet1.xml");
    assert!(!xml.contains("<f>"), "a formula was written");
    assert!(xml.contains("topLeftCell=\"A3\""), "the head is not frozen");
    assert!(xml.contains("梁承宇 &amp;&amp; 仅限内部使用"), "no mark");
    let read = Xlsx::default().read(file, ASK).await.expect("it reads");
    for (row, text) in read.rows.iter().zip(dangerous) {
        let ReadCell::Text(stored) = &row.cells[0] else {
            panic!("{row:?}");
        };
        assert!(stored.starts_with('\''), "{text}: {stored}");
        assert_eq!(row.cells[1], ReadCell::Number(1234.56));
        assert_eq!(row.cells[2], ReadCell::Day(date!(2026 - 11 - 25)));
        // Half past midnight in the city is another day than in London.
        assert_eq!(row.cells[3], ReadCell::Day(date!(2026 - 11 - 26)));
    }
    assert_eq!(read.rows[0].number, 3);
}

#[tokio::test]
async fn a_head_row_that_is_not_ours_is_told_with_the_column_that_is_missing() {
    let file = written(&[vec![SheetCell::text("PO1"), SheetCell::Yuan(1)]]).await;
    let ask = ReadAsk {
        head: &["申请编号", "合同编号"],
        most_rows: 10,
    };
    let error = Xlsx::default().read(file, ask).await.expect_err("refused");
    assert_eq!(error, ReadError::ColumnMissing("合同编号"));
}

#[tokio::test]
async fn too_many_rows_no_rows_and_other_files_are_refused() {
    let row = vec![SheetCell::text("PO1"), SheetCell::Yuan(1)];
    let many = written(&vec![row; 11]).await;
    let none = written(&[]).await;
    let large = vec![0; 5 * 1024 * 1024 + 1];
    let old_excel = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old".to_vec();
    for (file, expected) in [
        (many, ReadError::TooManyRows),
        (none, ReadError::NoRows),
        (large, ReadError::TooLarge),
        (old_excel, ReadError::NotAWorkbook),
        (b"PK\x03\x04 broken".to_vec(), ReadError::NotAWorkbook),
        (packed(&[("a.txt", 10)]), ReadError::NotAWorkbook),
    ] {
        let error = Xlsx::default().read(file, ASK).await.expect_err("refused");
        assert_eq!(error, expected);
    }
}

/// A ZIP of parts that hold so many zeroes.
fn packed(parts: &[(&str, usize)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, size) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(&vec![b'0'; *size]).expect("written");
    }
    zip.finish().expect("closed").into_inner()
}

#[tokio::test]
async fn a_bomb_is_refused_by_what_it_declares_and_by_what_it_is() {
    let bomb = packed(&[
        ("xl/workbook.xml", 100),
        ("xl/worksheets/sheet1.xml", 90_000_000),
    ]);
    assert!(bomb.len() < 200_000);
    // The same with a lie in the directory: the sizes say a hundred bytes.
    let mut liar = bomb.clone();
    let size = 90_000_000_u32.to_le_bytes();
    for at in 0..liar.len() - 4 {
        if liar[at..at + 4] == size {
            liar[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
    }
    assert_ne!(liar, bomb);
    for file in [bomb, liar] {
        let error = Xlsx::default().read(file, ASK).await.expect_err("refused");
        assert!(
            matches!(error, ReadError::Bomb | ReadError::NotAWorkbook),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_formula_is_told_as_one() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (head, column) in HEAD.iter().zip(0_u16..) {
        sheet.write_string(0, column, *head).expect("a head");
    }
    sheet.write_string(1, 0, "PO1").expect("a cell");
    sheet.write_formula(1, 1, "=1+1").expect("a cell");
    let file = book.save_to_buffer().expect("a file");
    let read = Xlsx::default().read(file, ASK).await.expect("it reads");
    assert_eq!(read.rows[0].cells[1], ReadCell::Formula);
}

const TEXTS: &str = "xl/sharedStrings.xml";
const SHEET: &str = "xl/worksheets/sheet1.xml";

/// The same workbook with this part in place of its own.
fn with_part(file: &[u8], name: &str, text: &str) -> Vec<u8> {
    let archive = ZipArchive::new(Cursor::new(file)).expect("a ZIP");
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.expect("a name").into_owned())
        .collect();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let kept = names.iter().filter(|kept| *kept != name);
    let kept = kept.map(|name| (name.as_str(), part(file, name)));
    for (name, text) in kept.chain([(name, text.to_owned())]) {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("closed").into_inner()
}

#[tokio::test]
async fn more_shared_texts_than_their_part_has_bytes_are_a_bomb() {
    let file = written(&[vec![SheetCell::text("PO1"), SheetCell::Yuan(1)]]).await;
    let said = |count: &str| {
        let texts = format!("<sst count=\"1\" uniqueCount=\"{count}\"><si><t>a</t></si></sst>");
        with_part(&file, TEXTS, &texts)
    };
    assert!(Xlsx::default().read(said("1"), ASK).await.is_ok());
    for count in ["10000000000000", "99999999999999999999999999"] {
        let error = Xlsx::default().read(said(count), ASK).await;
        assert_eq!(error.expect_err("refused"), ReadError::Bomb, "{count}");
    }
}

#[tokio::test]
async fn one_long_text_that_stands_in_every_row_is_a_bomb() {
    let rows = |count: usize| {
        (2..count + 2)
            .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
            .collect::<Vec<String>>()
            .concat()
    };
    let cell = |name: &str, text: &str| {
        format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let head = cell("A1", HEAD[0]) + &cell("B1", HEAD[1]);
    let long = "长".repeat(500);
    let texts = format!("<sst count=\"1\" uniqueCount=\"1\"><si><t>{long}</t></si></sst>");
    let file = with_part(&written(&[]).await, TEXTS, &texts);
    let ask = ReadAsk {
        most_rows: 10_000,
        ..ASK
    };
    for (count, fits) in [(10, true), (6_000, false)] {
        let rows = rows(count);
        let sheet = format!(
            "<worksheet><sheetData><row r=\"1\">{head}</row>{rows}</sheetData></worksheet>"
        );
        let read = Xlsx::default()
            .read(with_part(&file, SHEET, &sheet), ask)
            .await;
        match read {
            Ok(sheet) => assert!(fits && sheet.rows.len() == count, "{count}"),
            Err(error) => assert!(!fits && error == ReadError::Bomb, "{error}"),
        }
    }
}
