//! Drafts 修改稿 of the demonstration's 内容管理: one that waits for a second person, one that is being written.

use std::path::Path;

use anyhow::Context as _;
use application::{city::City, content::ContentForm};
use serde::Deserialize;
use sqlx::types::Json;
use time::Duration;
use uuid::Uuid;

use super::{content::read, people::as_city};
use crate::{database::stable_id, wire::Parts};

#[derive(Deserialize)]
struct Drafts {
    drafts: Vec<DraftSeed>,
}

#[derive(Deserialize)]
struct DraftSeed {
    key: String,
    kind: String,
    author: String,
    in_review: bool,
    form: ContentForm,
}

/// Adds what was never there; a draft that somebody went on with stays as it is.
pub async fn run(parts: &Parts, city: &City, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join("drafts.toml");
    if !path.is_file() {
        return Ok(());
    }
    let file: Drafts = read(&path)?;
    let mut tx = as_city(parts, city.id).await?;
    let at = parts.clock.now() - Duration::hours(3);
    for one in &file.drafts {
        let author: Option<(Uuid, String)> =
            sqlx::query_as("select id, name from users where tenant_id = $1 and account = $2")
                .bind(city.id.0)
                .bind(&one.author)
                .fetch_optional(&mut *tx)
                .await?;
        let (author, name) = author.with_context(|| one.author.clone())?;
        sqlx::query(
            "insert into content_drafts (tenant_id, id, kind, revision, status, title, form, authors, author_names, saved_at,
               submitted_at)
             values ($1, $2, $3, 1, $4, $5, $6, array[$7], array[$8], $9, $10) on conflict do nothing",
        )
        .bind(city.id.0)
        .bind(stable_id(&["draft", &city.slug, &one.key]))
        .bind(&one.kind)
        .bind(if one.in_review { "in_review" } else { "draft" })
        .bind(&one.form.title)
        .bind(Json(&one.form))
        .bind(author)
        .bind(name)
        .bind(at)
        .bind(one.in_review.then_some(at))
        .execute(&mut *tx)
        .await?;
    }
    Ok(tx.commit().await?)
}
