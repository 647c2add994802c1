//! Banners 首页轮播图 of the demonstration: drawn here, sealed, added once.

use std::path::Path;

use anyhow::Context as _;
use application::{city::City, ports::content::picture_place};

use super::{
    content::read,
    files::{BannerSeed, Banners},
    people::as_city,
};
use crate::{database::stable_id, wire::Parts};

/// Adds what is missing; a second run adds nothing, and nothing that was taken down comes back.
pub async fn run(parts: &Parts, city: &City, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join("banners.toml");
    if !path.is_file() {
        return Ok(());
    }
    let file: Banners = read(&path)?;
    parts.sealer.ready(city.id.0).await?;
    for (position, one) in (1_i32..).zip(&file.banners) {
        add(parts, city, position, one)
            .await
            .with_context(|| one.key.clone())?;
    }
    Ok(())
}

fn colour(text: &str) -> anyhow::Result<[u8; 3]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let bytes = hex::decode(digits).with_context(|| text.to_owned())?;
    bytes.try_into().ok().context("a colour of six digits")
}

async fn add(parts: &Parts, city: &City, position: i32, one: &BannerSeed) -> anyhow::Result<()> {
    let id = stable_id(&["banner", &city.slug, &one.key]);
    let mut tx = as_city(parts, city.id).await?;
    let known: bool =
        sqlx::query_scalar("select exists (select from banners where tenant_id = $1 and id = $2)")
            .bind(city.id.0)
            .bind(id)
            .fetch_one(&mut *tx)
            .await?;
    if known {
        return Ok(());
    }
    let (from, to) = (colour(&one.from)?, colour(&one.to)?);
    let picture = tokio::task::spawn_blocking(move || media::sample_banner(from, to))
        .await?
        .context("a banner could not be drawn")?;
    let picture_id = stable_id(&["banner-picture", &city.slug, &one.key]);
    let sealed = parts
        .sealer
        .seal(&picture_place(city.id, picture_id), &picture.jpeg)?;
    let key = parts.files.put(city.id.0, sealed).await?;
    let now = parts.clock.now();
    sqlx::query(
        "insert into content_pictures (tenant_id, city_id, id, object_key, width, height, byte_size, sha256, added_at)
         values ($1, $1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(city.id.0)
    .bind(picture_id)
    .bind(key.as_str())
    .bind(i32::try_from(picture.width)?)
    .bind(i32::try_from(picture.height)?)
    .bind(i32::try_from(picture.jpeg.len())?)
    .bind(picture.sha256.as_slice())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into banners (id, tenant_id, city_id, version, title, link, picture_id, position, visible_from, published_at, origin)
         values ($1, $2, $2, 1, $3, $4, $5, $6, $7, $7, 'file')",
    )
    .bind(id)
    .bind(city.id.0)
    .bind(&one.title)
    .bind(&one.link)
    .bind(picture_id)
    .bind(position)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}
