//! Measures the embedded recognition on invented licences: `cargo run --release -p recognition --example measure -- 0 200 target/recognition`.
//! Each picture comes from its number alone. Results are appended to `results.tsv`, so that a long run may be cut in pieces;
//! what was read wrongly is kept there as a small picture. The tables of docs/recognition.md are printed at the end.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
    sync::Arc,
    time::Instant,
};

use application::ports::{
    clock::Clock,
    recognition::{LicenceRead, Read, Recognised, Recognizer as _, Sureness},
};
use domain::enterprise::ProfileFile;
use image::{codecs::jpeg::JpegDecoder, imageops};
use papers::{Paper, page::Layout};
use recognition::{
    dates,
    embedded::{EmbeddedRecognizer, EmbeddedSettings, Places, SharedRegions},
    texts::close,
};
use reference::Reference;
use time::{OffsetDateTime, macros::datetime};

struct Today;

impl Clock for Today {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-03-05 09:30 +8)
    }

    fn new_id(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }
}

/// What became of one field: right, wrong or empty, and whether it was marked 请核对.
#[derive(Clone, Debug)]
struct Outcome {
    field: &'static str,
    state: &'static str,
    doubtful: bool,
    read: String,
    printed: String,
}

fn outcome<T>(
    field: &'static str,
    read: Option<Read<T>>,
    write: impl FnOnce(T) -> String,
    printed: &str,
) -> Outcome {
    let doubtful = read
        .as_ref()
        .is_some_and(|r| r.sureness == Sureness::Doubtful);
    let read = read.map(|r| write(r.value)).unwrap_or_default();
    let state = match read.as_str() {
        "" => "empty",
        text if text == printed => "right",
        _ => "wrong",
    };
    Outcome {
        field,
        state,
        doubtful,
        read,
        printed: printed.to_owned(),
    }
}

fn outcomes(paper: &Paper, read: LicenceRead) -> Vec<Outcome> {
    let company = &paper.company;
    let mut list = vec![
        outcome(
            "统一社会信用代码",
            read.credit_code,
            |c| c.as_str().to_owned(),
            &company.code,
        ),
        outcome("名称", read.name, |n| n.as_str().to_owned(), &company.name),
        outcome("类型", read.kind, |k| k, &close(company.kind)),
        outcome(
            "法定代表人",
            read.legal_representative,
            |p| p.as_str().to_owned(),
            &company.person,
        ),
        outcome(
            "注册资本",
            read.registered_capital,
            domain::values::Cents::format_wan_short,
            &company.capital.1.to_string(),
        ),
        outcome(
            "成立日期",
            read.established,
            |d| d.to_string(),
            &dates::date(&papers::company::printed(company.established))
                .map_or_else(String::new, |d| d.to_string()),
        ),
        outcome(
            "住所",
            read.address,
            |a| a.as_str().to_owned(),
            &close(&company.address),
        ),
        outcome("经营范围", read.scope, |s| s, &close(&company.scope)),
    ];
    // The form of 2019 prints no term on the original.
    if paper.conditions.layout != Layout::Original {
        let written = |term| format!("{term:?}");
        let printed = dates::term(&company.term).map(written).unwrap_or_default();
        list.push(outcome("营业期限", read.term, written, &printed));
    }
    list
}

/// One of a few classes, for the tables.
fn classes(paper: &Paper) -> [String; 5] {
    let conditions = paper.conditions;
    let bands = |value: f32, edges: [f32; 2], unit: &str| match value {
        v if v < edges[0] => format!("< {}{unit}", edges[0]),
        v if v < edges[1] => format!("{}–{}{unit}", edges[0], edges[1]),
        _ => format!("≥ {}{unit}", edges[1]),
    };
    [
        format!("版式 {:?}", conditions.layout),
        format!("旋转 {}", bands(conditions.rotation.abs(), [3.0, 6.0], "°")),
        format!("模糊 {}", bands(conditions.blur, [0.4, 0.7], " px")),
        format!(
            "宽度 {}",
            bands(
                f32::from(u16::try_from(conditions.width).unwrap_or(u16::MAX)),
                [1_700.0, 2_000.0],
                " px"
            )
        ),
        format!(
            "{}、{}",
            if conditions.shadow {
                "有阴影"
            } else {
                "无阴影"
            },
            if conditions.perspective {
                "斜拍"
            } else {
                "正拍"
            }
        ),
    ]
}

fn small(paper: &Paper, path: &Path) {
    let decoder = JpegDecoder::new(std::io::Cursor::new(&paper.jpeg)).expect("our own picture");
    let photo = image::DynamicImage::from_decoder(decoder)
        .expect("our own picture")
        .into_rgb8();
    let (w, h) = (photo.width(), photo.height());
    let small = imageops::thumbnail(&photo, 480, 480 * h / w);
    fs::write(path, papers::camera::jpeg(&small, 60)).expect("a small picture");
}

async fn measured(number: u64, reader: &EmbeddedRecognizer, folder: &Path) -> String {
    let paper = papers::licence(number);
    let begun = Instant::now();
    let read = match reader
        .recognise(ProfileFile::Licence, paper.jpeg.clone())
        .await
    {
        Ok(Recognised::Licence(read)) => *read,
        _ => LicenceRead::default(),
    };
    let seconds = begun.elapsed().as_secs_f32();
    let mut rows = String::new();
    let mut lost = false;
    for Outcome {
        field,
        state,
        doubtful,
        read,
        printed,
    } in outcomes(&paper, read)
    {
        let classes = classes(&paper).join("|");
        writeln!(
            rows,
            "{number}\t{classes}\t{field}\t{state}\t{doubtful}\t{read}\t{printed}\t{seconds:.1}"
        )
        .expect("text");
        lost |= state != "right" && ["统一社会信用代码", "名称"].contains(&field);
    }
    if lost {
        small(&paper, &folder.join(format!("{number}.jpg")));
    }
    rows
}

/// Share of right, wrong and empty by field, and of the code and name by class.
fn tables(results: &str) {
    let mut by_field: BTreeMap<&str, [u32; 4]> = BTreeMap::new();
    let mut by_class: BTreeMap<&str, BTreeMap<&str, [u32; 4]>> = BTreeMap::new();
    let count = |tally: &mut [u32; 4], state: &str, doubtful: &str| match (state, doubtful) {
        ("right", _) => tally[0] += 1,
        ("wrong", "true") => tally[1] += 1,
        ("wrong", _) => tally[2] += 1,
        _ => tally[3] += 1,
    };
    for row in results.lines() {
        let cells: Vec<&str> = row.split('\t').collect();
        let [_, classes, field, state, doubtful, ..] = cells.as_slice() else {
            continue;
        };
        count(by_field.entry(field).or_default(), state, doubtful);
        if ["统一社会信用代码", "名称"].contains(field) {
            for class in classes.split('|') {
                count(
                    by_class.entry(class).or_default().entry(field).or_default(),
                    state,
                    doubtful,
                );
            }
        }
    }
    println!(
        "| field | pictures | right | wrong, marked 请核对 | wrong, not marked | empty |\n| --- | --- | --- | --- | --- | --- |"
    );
    for (field, [right, marked, wrong, empty]) in by_field {
        let all = right + marked + wrong + empty;
        println!(
            "| {field} | {all} | {:.1} % | {marked} | {wrong} | {empty} |",
            share(right, all)
        );
    }
    println!("\n| class | pictures | code right | name right |\n| --- | --- | --- | --- |");
    for (class, fields) in by_class {
        let of = |field| {
            let tally = fields.get(field).copied().unwrap_or_default();
            (
                share(tally[0], tally.iter().sum()),
                tally.iter().sum::<u32>(),
            )
        };
        let ((code, all), (name, _)) = (of("统一社会信用代码"), of("名称"));
        println!("| {class} | {all} | {code:.1} % | {name:.1} % |");
    }
}

fn share(part: u32, all: u32) -> f64 {
    f64::from(part) * 100.0 / f64::from(all.max(1))
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, folder] = arguments.as_slice() else {
        panic!("measure FROM TO FOLDER");
    };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let folder = Path::new(folder);
    fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("results.tsv");
    let settings = EmbeddedSettings {
        seconds: 600,
        ..EmbeddedSettings::default()
    };
    let reader = EmbeddedRecognizer::new(
        settings,
        Arc::new(Today),
        Places::default(),
        SharedRegions::of(Reference),
    );
    for number in number(from)..number(to) {
        let done = fs::read_to_string(&file).unwrap_or_default();
        if done
            .lines()
            .any(|row| row.starts_with(&format!("{number}\t")))
        {
            continue;
        }
        let rows = measured(number, &reader, folder).await;
        let mut results = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&file)
            .expect("a file");
        results.write_all(rows.as_bytes()).expect("it is written");
    }
    tables(&fs::read_to_string(&file).unwrap_or_default());
}
