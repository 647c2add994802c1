//! The embedded recognition reads a small sample; `examples/measure.rs` measures it on hundreds.

use std::sync::Arc;

use application::ports::{
    clock::Clock,
    recognition::{LicenceRead, Recognised, RecognitionError, Recognizer as _},
};
use domain::enterprise::ProfileFile;
use image::RgbImage;
use papers::page::{self, Layout, Person};
use recognition::embedded::{EmbeddedRecognizer, EmbeddedSettings, Places, SharedRegions};
use reference::Reference;
use time::{
    OffsetDateTime,
    macros::{date, datetime},
};

struct Today;

impl Clock for Today {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-03-05 09:30 +8)
    }

    fn new_id(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }
}

fn embedded() -> EmbeddedRecognizer {
    let settings = EmbeddedSettings {
        seconds: 120,
        ..EmbeddedSettings::default()
    };
    EmbeddedRecognizer::new(
        settings,
        Arc::new(Today),
        Places::default(),
        SharedRegions::of(Reference),
    )
}

async fn licence(number: u64) -> (papers::Paper, LicenceRead) {
    let paper = papers::licence(number);
    let read = embedded()
        .recognise(ProfileFile::Licence, paper.jpeg.clone())
        .await;
    match read {
        Ok(Recognised::Licence(read)) => (paper, *read),
        other => panic!("{number} {:?}: {other:?}", paper.conditions),
    }
}

/// What cannot be read wrongly without being noticed has to be right.
async fn its_code_is_read(number: u64, layout: Layout) {
    let (paper, read) = licence(number).await;
    assert_eq!(paper.conditions.layout, layout);
    let code = read.credit_code.expect("a code");
    let printed = paper.company.code;
    assert_eq!(code.value.as_str(), printed, "{:?}", paper.conditions);
}

#[tokio::test]
async fn the_credit_code_is_read_from_an_original() {
    its_code_is_read(0, Layout::Original).await;
}

#[tokio::test]
async fn the_credit_code_is_read_from_a_duplicate() {
    its_code_is_read(1, Layout::Duplicate).await;
}

#[tokio::test]
async fn the_credit_code_is_read_from_the_form_before_2019() {
    its_code_is_read(2, Layout::Portrait).await;
}

#[tokio::test]
async fn the_credit_code_is_read_from_an_electronic_licence() {
    its_code_is_read(3, Layout::Electronic).await;
}

const PERSON: Person = Person {
    name: "王建国",
    sex: "女",
    nation: "汉",
    birth: (1949, 12, 31),
    address: "河北省沧州市运河区解放西路18号",
    number: "11010519491231002X",
    office: "沧州市公安局运河分局",
    term: "2015.03.09-长期",
};

#[tokio::test]
async fn a_card_gives_name_and_number_on_one_side_and_its_term_on_the_other() {
    let front = papers::calm(&page::card_front(&PERSON), 3.0);
    let read = embedded().recognise(ProfileFile::IdFront, front).await;
    let Ok(Recognised::IdFront(front)) = read else {
        panic!("{read:?}");
    };
    assert_eq!(
        front.number.expect("a number").value.as_str(),
        PERSON.number
    );
    assert_eq!(front.name.expect("a name").value.as_str(), PERSON.name);
    assert_eq!(front.birth.expect("a day").value, date!(1949 - 12 - 31));
    let back = papers::calm(&page::card_back(&PERSON), -3.0);
    let read = embedded().recognise(ProfileFile::IdBack, back).await;
    let Ok(Recognised::IdBack(back)) = read else {
        panic!("{read:?}");
    };
    assert_eq!(back.authority.expect("an office").value, PERSON.office);
    assert_eq!(back.term.expect("a term").value.until, None);
}

#[tokio::test]
async fn a_sheet_that_lies_on_its_side_is_turned() {
    let company = papers::facts(1).company;
    let page = page::draw(&company, page::Layout::Duplicate, true);
    let jpeg = papers::calm(&image::imageops::rotate90(&page), 1.0);
    let read = embedded().recognise(ProfileFile::Licence, jpeg).await;
    let Ok(Recognised::Licence(read)) = read else {
        panic!("{read:?}");
    };
    assert_eq!(
        read.credit_code.expect("a code").value.as_str(),
        company.code
    );
}

#[tokio::test]
async fn a_picture_without_print_cannot_be_read_and_another_document_is_told_apart() {
    let empty = RgbImage::from_pixel(900, 700, image::Rgb([200, 205, 210]));
    let read = embedded()
        .recognise(ProfileFile::Licence, papers::camera::jpeg(&empty, 80))
        .await;
    assert_eq!(read, Err(RecognitionError::Unreadable));
    let card = papers::calm(&page::card_back(&PERSON), 0.0);
    let read = embedded().recognise(ProfileFile::IdFront, card).await;
    assert_eq!(read, Err(RecognitionError::OtherDocument));
    let read = embedded()
        .recognise(ProfileFile::Licence, b"no picture".to_vec())
        .await;
    assert_eq!(read, Err(RecognitionError::Unreadable));
}

#[tokio::test]
async fn a_machine_without_the_engine_says_so() {
    let settings = EmbeddedSettings {
        program: "/nowhere/tesseract".into(),
        ..EmbeddedSettings::default()
    };
    let nowhere = EmbeddedRecognizer::new(
        settings,
        Arc::new(Today),
        Places::default(),
        SharedRegions::of(Reference),
    );
    assert!(matches!(
        nowhere.self_check().await,
        Err(RecognitionError::NotReady(_))
    ));
    assert_eq!(embedded().self_check().await, Ok(()));
}
