//! Files that take a parser along: read by the built program as its child, they are refused in words, and nobody else notices.

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    sync::Arc,
};

use application::ports::{
    pictures::{DocumentKind, Material, PictureStudio as _, UploadError},
    workbooks::{ReadAsk, ReadCell, ReadError, SheetCell, SheetColumn, SheetPlan, Workbooks as _},
};
use media::Studio;
use sheets::Xlsx;
use web::words;
use yijianrong::apart::Apart;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yijianrong");
const BROKEN_PDF: &str = "PDF 文件已损坏，无法打开。请重新导出后上传。";
const BROKEN_DOCX: &str = "Word 文档无法打开或过大，请另存后重新上传";
const BROKEN_SHEET: &str = "文件不是 .xlsx 表格或已损坏。请用模板填写，另存为 .xlsx 后再上传";
const BOMB: &str = "文件解压后过大，无法读取。请只保留需要导入的数据，另存后再上传";

const ASK: ReadAsk = ReadAsk {
    head: &["申请编号", "放款金额(元)"],
    most_rows: 10,
};

fn apart(program: &str) -> Arc<Apart> {
    Arc::new(Apart::of(program))
}

/// A PDF of one page, then objects from number 4 on as they are given, and a table in which the last of them has so many entries.
fn pdf(objects: &[Vec<u8>], entries_of_last: usize) -> Vec<u8> {
    let page: [&[u8]; 3] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ];
    let mut out = b"%PDF-1.5\n".to_vec();
    let mut places = Vec::new();
    let all = page.into_iter().chain(objects.iter().map(Vec::as_slice));
    for (number, object) in (1..).zip(all) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n").into_bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    if let Some(last) = places.last().copied() {
        let more = entries_of_last.saturating_sub(1);
        places.extend(std::iter::repeat_n(last, more));
    }
    let (start, size) = (out.len(), places.len() + 1);
    out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes());
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    let end = format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    out.extend(end.into_bytes());
    out
}

/// A packed list of objects whose index names one array of a quarter of a million numbers a hundred thousand times.
fn one_array_named_over_and_over() -> Vec<u8> {
    let index: Vec<String> = (10..100_010).map(|number| format!("{number} 0 ")).collect();
    let index = index.concat();
    let array = format!("[{}]", "0 ".repeat(250_000));
    let head = format!(
        "<</Type/ObjStm/N 100000/First {}/Length {}>>",
        index.len(),
        index.len() + array.len()
    );
    let list = format!("{head}\nstream\n{index}{array}\nendstream");
    pdf(&[list.into_bytes()], 1)
}

/// A table of two hundred thousand entries that all lead to the same object, which takes a walk over a megabyte.
fn one_far_object_named_over_and_over() -> Vec<u8> {
    let mut object = vec![b' '; 1024 * 1024];
    object.extend(b"null");
    pdf(&[object], 200_000)
}

async fn workbook() -> Vec<u8> {
    let plan = SheetPlan {
        name: "放款".to_owned(),
        lead: Vec::new(),
        mark: String::new(),
        columns: vec![
            SheetColumn::new("申请编号", 20),
            SheetColumn::new("放款金额（元）", 16),
        ],
    };
    let mut writer = Xlsx::default().begin(&plan).expect("it begins");
    let row = [SheetCell::text("PO1"), SheetCell::Yuan(123_456)];
    writer.row(&row).expect("a row is written");
    writer.finish().await.expect("it is whole")
}

/// The workbook with a part of shared texts that begins like this.
fn with_shared_texts(file: &[u8], beginning: &str) -> Vec<u8> {
    const NAME: &str = "xl/sharedStrings.xml";
    let mut archive = ZipArchive::new(Cursor::new(file)).expect("a ZIP");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: &[u8]| {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(bytes).expect("written");
    };
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("a part");
        let name = part.name().expect("its name").into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("it unpacks");
        if name != NAME {
            put(&name, &bytes);
        }
    }
    let texts = format!("{beginning}<si><t>a</t></si></sst>");
    put(NAME, texts.as_bytes());
    zip.finish().expect("closed").into_inner()
}

fn in_words(error: UploadError) -> String {
    words::text(error.code(), &[])
}

async fn one_page_is_still_read(studio: &Studio) {
    let good = pdf(&[], 1);
    let kept = studio.accept_material(good.clone()).await;
    let Ok(Material::Pdf(kept)) = kept else {
        panic!("{kept:?}");
    };
    assert_eq!((kept.pages, &kept.bytes), (1, &good));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_that_takes_all_memory_or_time_is_a_broken_one_and_the_next_one_is_read() {
    let studio = Studio::new(apart(PROGRAM));
    one_page_is_still_read(&studio).await;
    for hostile in [
        one_array_named_over_and_over(),
        one_far_object_named_over_and_over(),
    ] {
        assert_eq!(in_words(refused(&studio, &hostile).await), BROKEN_PDF);
        one_page_is_still_read(&studio).await;
    }
}

/// What is said of a document once there is a processor for its reader.
async fn refused(studio: &Studio, document: &[u8]) -> UploadError {
    for _ in 0..10 {
        let error = studio.accept_material(document.to_vec()).await;
        let error = error.expect_err("refused");
        if error != UploadError::Busy {
            return error;
        }
    }
    UploadError::Busy
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_document_is_told_as_it_is_told_in_the_process() {
    let script = pdf(&[b"<</S/JavaScript/JS(app.alert\\(1\\))>>".to_vec()], 1);
    let file = pdf(&[b"<</Type/Filespec/EF<<>>>>".to_vec()], 1);
    let card = media::sample_pdf("申报指南", &["一、登录平台".to_owned()]).expect("drawn");
    let sheet = workbook().await;
    let (apart, here) = (Studio::new(apart(PROGRAM)), Studio::default());
    for document in [
        script,
        file,
        card,
        sheet,
        b"%PDF-1.7\nnothing".to_vec(),
        b"PK\x03\x04 broken".to_vec(),
    ] {
        let (there, same) = (
            apart.accept_document(document.clone()).await,
            here.accept_document(document).await,
        );
        assert_eq!(there, same);
    }
    let kept = apart.accept_document(pdf(&[], 1)).await.expect("harmless");
    assert_eq!(kept.kind, DocumentKind::Pdf);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_that_claims_two_hundred_terabytes_is_refused_and_the_next_one_is_read() {
    const CLAIM: &str = "<sst uniqueCount=\"10000000000000\">";
    let good = workbook().await;
    let hidden = format!("<!-- uniqueCount=\"1\" -->{CLAIM}");
    let books = Xlsx::new(apart(PROGRAM));
    let here = Xlsx::default().read(good.clone(), ASK).await;
    let here = here.expect("it reads");
    for (beginning, said) in [(CLAIM, BOMB), (hidden.as_str(), BROKEN_SHEET)] {
        let hostile = with_shared_texts(&good, beginning);
        let error = books.read(hostile, ASK).await.expect_err("refused");
        assert_eq!(words::text(error.code(), &[]), said);
        let read = books.read(good.clone(), ASK).await.expect("it reads");
        assert_eq!(read, here);
        assert_eq!(read.rows[0].cells[1], ReadCell::Number(1234.56));
    }
    let other = ReadAsk {
        head: &["合同编号"],
        ..ASK
    };
    let error = books.read(good, other).await.expect_err("refused");
    assert_eq!(error, ReadError::ColumnMissing("合同编号"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_talks_nonsense_or_says_nothing_makes_a_broken_file() {
    let sheet = workbook().await;
    let docx = b"PK\x03\x04".to_vec();
    // They are told to read as well, and do something else.
    for program in ["/bin/true", "/bin/false", "/bin/echo", "/usr/bin/yes"] {
        let studio = Studio::new(apart(program));
        let error = studio.accept_material(pdf(&[], 1)).await;
        assert_eq!(in_words(error.expect_err(program)), BROKEN_PDF);
        let error = studio.accept_document(docx.clone()).await;
        assert_eq!(in_words(error.expect_err(program)), BROKEN_DOCX);
        let error = Xlsx::new(apart(program)).read(sheet.clone(), ASK).await;
        assert_eq!(error.expect_err(program), ReadError::NotAWorkbook);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_reader_can_be_started_nobody_is_told_that_the_file_is_broken() {
    const NONE: &str = "/nonexistent/yijianrong";
    let error = Studio::new(apart(NONE)).accept_material(pdf(&[], 1)).await;
    assert_eq!(error.expect_err("nobody read it"), UploadError::Busy);
    let error = Xlsx::new(apart(NONE)).read(workbook().await, ASK).await;
    assert_eq!(error.expect_err("nobody read it"), ReadError::Stopped);
}

/// A program that does this instead of reading.
fn script(name: &str, line: &str) -> String {
    let path = std::env::temp_dir().join(format!("yijianrong-{}-{name}", std::process::id()));
    fs::write(&path, format!("#!/bin/sh\n{line}\n")).expect("it is written");
    let all = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&path, all).expect("it may run");
    path.to_str().expect("a plain path").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_without_a_processor_or_without_its_limits_says_nothing_of_the_file() {
    let slow = script("slow", "exec /bin/sleep 60");
    let unlimited = script("unlimited", "exit 70");
    for program in [&slow, &unlimited] {
        let studio = Studio::new(apart(program));
        let error = studio.accept_material(pdf(&[], 1)).await;
        assert_eq!(error.expect_err(program), UploadError::Busy, "{program}");
        fs::remove_file(program).expect("it was there");
    }
}

#[test]
fn the_program_itself_is_the_reader_and_wakes_nothing_else() {
    // No folder to write to, no setting, no database: it needs none of them.
    let mut child = Command::new(PROGRAM)
        .args(["read", "pdf"])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut ear = child.stdin.take().expect("a pipe");
    ear.write_all(&pdf(&[], 1)).expect("it listens");
    drop(ear);
    let said = child.wait_with_output().expect("it ends");
    assert!(said.status.success(), "{}", said.status);
    assert_eq!(said.stdout, b"{\"Ok\":1}");
}
