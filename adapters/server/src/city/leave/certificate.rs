//! 清除证明: what was erased of a city, when, by whom, after which export; signed, and kept in the database after the city is gone.

use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::Context as _;
use application::ports::data_book::{Paper, PaperChapter, PaperPrinter as _};
use media::PdfPrinter;
use postgres_adapter::leaving::{Erasure, Erasures};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Leaving, erase::beside, words};

/// Name and version of the format.
const FORMAT: &str = "yijianrong-city-erasure/1";
/// What its signature is for.
pub const PURPOSE: &str = "city.erasure";
/// Backups go after that many days (S-35).
const BACKUPS: Duration = Duration::days(35);

/// The certificate, exactly as it is signed.
pub fn text(erasure: &Erasure, at: OffsetDateTime) -> anyhow::Result<String> {
    // Rows as they were deleted; files as the export had them, each with the table whose rows name it.
    // An erasure that was begun before this was noted says nothing of files.
    let by_table = erasure.export["files_by_table"].as_object();
    let files = |table: &str| {
        by_table.map(|known| known.get(table).and_then(Value::as_u64).unwrap_or_default())
    };
    let tables: Vec<Value> = erasure
        .rows_erased
        .iter()
        .map(|(table, rows)| {
            json!({ "table": table, "meaning": words::table(table), "rows": rows, "files": files(table) })
        })
        .collect();
    let certificate = json!({
        "format": FORMAT,
        "id": erasure.id,
        "city": { "id": erasure.city, "slug": erasure.slug, "name": erasure.name },
        "by": erasure.by_name,
        "started_at": erasure.started_at.format(&Rfc3339)?,
        "finished_at": at.format(&Rfc3339)?,
        "export": { "manifest_sha256": hex::encode(&erasure.manifest_sha256), "held": erasure.export },
        "rows": erasure.rows_erased.values().sum::<i64>(),
        "tables": tables,
        "objects": erasure.objects_erased,
        "left": { "rows": 0, "objects": 0 },
        "backups_until": (at + BACKUPS).format(&Rfc3339)?,
    });
    Ok(serde_json::to_string_pretty(&certificate)?)
}

/// Writes the certificate beside the export: what was signed, the signature, and two forms for people.
pub async fn write(
    leaving: &Leaving,
    erasure: &Erasure,
    export: &Path,
) -> anyhow::Result<Vec<String>> {
    let (certificate, signature) = signed(erasure)?;
    let paper = paper(certificate, signature)?;
    let lines = lines(&paper).join("\n") + "\n";
    let printed = PdfPrinter.print(paper).await;
    let mut files = vec![
        ("json", certificate.as_bytes().to_vec()),
        ("sig", signature.as_bytes().to_vec()),
        ("txt", lines.into_bytes()),
    ];
    files.push(("pdf", printed.map_err(anyhow::Error::msg)?));
    let mut told = vec![standing(leaving, certificate, signature)];
    for (kind, bytes) in files {
        let path = beside(export, kind);
        put(&path, &bytes).with_context(|| {
            format!(
                "{} cannot be written; the certificate is kept: `yijianrong city certificate {}`",
                path.display(),
                erasure.slug
            )
        })?;
        told.push(path.display().to_string());
    }
    Ok(told)
}

/// `city certificate`: what the database keeps of an erasure.
pub async fn show(leaving: &Leaving, slug: &str) -> anyhow::Result<Vec<String>> {
    let erasure = Erasures::last(&leaving.owner, slug)
        .await?
        .with_context(|| format!("no city {slug} was ever erased here"))?;
    anyhow::ensure!(
        erasure.finished_at.is_some(),
        "the erasure of {slug} is not finished: {} rows and {} objects are gone so far; `yijianrong city erase` goes on with it",
        erasure.rows_erased.values().sum::<i64>(),
        erasure.objects_erased
    );
    let (certificate, signature) = signed(&erasure)?;
    let mut told = lines(&paper(certificate, signature)?);
    told.push(standing(leaving, certificate, signature));
    Ok(told)
}

fn signed(erasure: &Erasure) -> anyhow::Result<(&str, &str)> {
    let certificate = erasure.certificate.as_deref();
    certificate
        .zip(erasure.signature.as_deref())
        .context("the erasure has no certificate yet")
}

fn standing(leaving: &Leaving, certificate: &str, signature: &str) -> String {
    if leaving.tokens.sign_fits(PURPOSE, &[certificate], signature) {
        "the certificate bears the signature of this installation".to_owned()
    } else {
        "the signature does NOT fit: the certificate was changed, or the key of this installation is another one".to_owned()
    }
}

fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(bytes)
}

/// Local time, as people here read it.
fn moment(text: &Value) -> String {
    let at = OffsetDateTime::parse(text.as_str().unwrap_or_default(), &Rfc3339);
    at.map_or_else(
        |_| text.to_string(),
        |at| {
            let local = at.to_offset(domain::calendar::SHANGHAI);
            format!(
                "{}年{}月{}日 {:02}:{:02}:{:02}",
                local.year(),
                u8::from(local.month()),
                local.day(),
                local.hour(),
                local.minute(),
                local.second()
            )
        },
    )
}

fn paper(certificate: &str, signature: &str) -> anyhow::Result<Paper> {
    let c: Value = serde_json::from_str(certificate)?;
    let word = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let pair = |label: &str, value: String| (label.to_owned(), value);
    let facts = vec![
        pair("证明编号", word(&c["id"])),
        pair(
            "城市平台",
            format!(
                "{}（{}）",
                word(&c["city"]["name"]),
                word(&c["city"]["slug"])
            ),
        ),
        pair("开始时间", moment(&c["started_at"])),
        pair("完成时间", moment(&c["finished_at"])),
        pair("操作人", word(&c["by"])),
        pair("清除的记录", format!("{} 条", c["rows"])),
        pair(
            "清除的文件",
            format!("{} 个（含没有记录指向的）", c["objects"]),
        ),
        pair("剩余", "记录 0 条，文件 0 个".to_owned()),
        pair("备份保留至", moment(&c["backups_until"])),
    ];
    let export = vec![
        pair("数据时点", moment(&c["export"]["held"]["snapshot_at"])),
        pair("导出人", word(&c["export"]["held"]["by"])),
        pair("导出的记录", format!("{} 条", c["export"]["held"]["rows"])),
        pair("导出的文件", format!("{} 个", c["export"]["held"]["files"])),
        pair("无法读取", format!("{} 处", c["export"]["held"]["lost"])),
        pair("清单的 SHA-256", word(&c["export"]["manifest_sha256"])),
    ];
    let none = Vec::new();
    let tables = c["tables"].as_array().unwrap_or(&none);
    let tables = tables.iter().map(|table| {
        let name = word(&table["table"]);
        let label = match table["meaning"].as_str() {
            Some(meaning) => format!("{meaning}（{name}）"),
            None => name,
        };
        let rows = format!("记录 {} 条", table["rows"]);
        let held = match table["files"].as_u64() {
            Some(files) => format!("{rows}，文件 {files} 个"),
            // An earlier certificate did not say.
            None => rows,
        };
        (label, held)
    });
    let chapter = |title: &str, records| PaperChapter {
        title: title.to_owned(),
        records: vec![records],
    };
    Ok(Paper {
        title: "城市平台数据清除证明".to_owned(),
        lead: vec![
            "下列城市平台的全部记录和文件已经从本平台清除，不可恢复。法律要求保存的内容已经随导出交给城市平台的运营方保管。"
                .to_owned(),
            "本平台只保留本证明。清除之前的备份按期轮换，最迟到“备份保留至”所列日期不复存在。".to_owned(),
        ],
        chapters: vec![
            chapter("清除", facts),
            chapter("清除之前的导出", export),
            chapter("各表清除的记录和文件", tables.collect()),
            chapter("签名", vec![pair("本平台的签名", signature.to_owned())]),
        ],
        nothing: "没有".to_owned(),
        foot: "第 {page} 页，共 {pages} 页".to_owned(),
    })
}

fn lines(paper: &Paper) -> Vec<String> {
    let mut lines = vec![paper.title.clone(), String::new()];
    lines.extend(paper.lead.iter().cloned());
    for chapter in &paper.chapters {
        lines.extend([String::new(), format!("【{}】", chapter.title)]);
        let pairs = chapter.records.iter().flatten();
        lines.extend(pairs.map(|(label, value)| format!("{label}：{value}")));
    }
    lines
}
