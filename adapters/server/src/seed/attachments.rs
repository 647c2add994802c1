//! Attachments 附件 of the demonstration's policies: made here, sealed, added once.

use std::path::Path;

use anyhow::Context as _;
use application::{
    catalogue::attachments_place,
    city::City,
    ports::data_book::{ArchiveFile, DataBook},
};
use sha2::{Digest as _, Sha256};

use super::{
    content::{policy_id, read},
    files::{AttachmentSeed, Attachments},
    people::as_city,
};
use crate::{database::stable_id, wire::Parts};

/// Adds what is missing; a second run adds nothing.
pub async fn run(parts: &Parts, city: &City, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join("attachments.toml");
    if !path.is_file() {
        return Ok(());
    }
    let file: Attachments = read(&path)?;
    parts.sealer.ready(city.id.0).await?;
    for (position, one) in (0_i32..).zip(&file.attachments) {
        add(parts, city, position, one)
            .await
            .with_context(|| one.title.clone())?;
    }
    Ok(())
}

async fn add(
    parts: &Parts,
    city: &City,
    position: i32,
    one: &AttachmentSeed,
) -> anyhow::Result<()> {
    let id = stable_id(&["attachment", &city.slug, &one.policy, &one.title]);
    let mut tx = as_city(parts, city.id).await?;
    let known: bool = sqlx::query_scalar(
        "select exists (select from article_attachments where tenant_id = $1 and id = $2)",
    )
    .bind(city.id.0)
    .bind(id)
    .fetch_one(&mut *tx)
    .await?;
    if known {
        return Ok(());
    }
    let bytes = make(&*parts.book, one).await?;
    let sealed = parts.sealer.seal(&attachments_place(city.id, id), &bytes)?;
    let key = parts.files.put(city.id.0, sealed).await?;
    sqlx::query(
        "insert into article_attachments (id, tenant_id, city_id, article_id, position, title, kind, object_key, byte_size,
           sha256, created_at) values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(city.id.0)
    .bind(policy_id(city, &one.policy))
    .bind(position)
    .bind(&one.title)
    .bind(&one.kind)
    .bind(key.as_str())
    .bind(i32::try_from(bytes.len())?)
    .bind(Sha256::digest(&bytes).as_slice())
    .bind(parts.clock.now())
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

async fn make(book: &dyn DataBook, one: &AttachmentSeed) -> anyhow::Result<Vec<u8>> {
    if one.kind == "docx" {
        return document(book, &one.lines).map_err(anyhow::Error::msg);
    }
    let (title, lines) = (one.title.clone(), one.lines.clone());
    tokio::task::spawn_blocking(move || media::sample_pdf(&title, &lines))
        .await?
        .context("a page could not be drawn")
}

/// The smallest document that a word processor opens.
fn document(book: &dyn DataBook, lines: &[String]) -> Result<Vec<u8>, String> {
    const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
    let mut body = String::new();
    for line in lines {
        let line = line
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        body.push_str(&format!(
            "<w:p><w:r><w:t xml:space=\"preserve\">{line}</w:t></w:r></w:p>"
        ));
    }
    let text = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>"#
    );
    let entry = |name: &str, bytes: &str| ArchiveFile {
        name: name.to_owned(),
        bytes: bytes.as_bytes().to_vec(),
    };
    book.pack(&[
        entry("[Content_Types].xml", TYPES),
        entry("_rels/.rels", RELATIONS),
        entry("word/document.xml", &text),
    ])
}
