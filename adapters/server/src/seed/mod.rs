//! Demonstration data: invented, deterministic, added once; a second start changes nothing.

mod actors;
pub mod applications;
mod appraisal;
pub mod attachments;
pub mod banners;
pub mod bench;
mod callbacks;
mod complaints;
pub mod content;
mod desk;
mod drafts;
mod estimates;
mod files;
pub mod people;
mod province;
mod ratings;
mod renewals;
mod sheets;
pub mod sign_ins;
mod subsidies;
mod visits;

use std::path::Path;

use application::once::Once;
use sqlx::PgPool;

use crate::wire::Parts;

/// The key under which a part of the demonstration does something once.
fn once(part: &str, what: &str) -> Once {
    Once {
        key: format!("demonstration-{part}-{what}"),
        body_hash: [0; 32],
    }
}

/// What the demonstration of every city with a folder under `demo` needs.
pub async fn run(owner: &PgPool, parts: &Parts, demo: &Path) -> anyhow::Result<()> {
    sqlx::query(
        "insert into installation_marks (name) values ('demonstration') on conflict do nothing",
    )
    .execute(owner)
    .await?;
    for city in parts.cities.all() {
        let folder = demo.join(&city.slug);
        if folder.is_dir() {
            content::demonstration(&parts.pool, &city, &folder, parts.clock.now()).await?;
            attachments::run(parts, &city, &folder).await?;
            banners::run(parts, &city, &folder).await?;
            people::run(parts, &city, &folder).await?;
            drafts::run(parts, &city, &folder).await?;
            estimates::run(parts, &city).await?;
            applications::run(parts, &city, &folder).await?;
            complaints::run(parts, &city).await?;
            ratings::run(parts, &city).await?;
            callbacks::run(parts, &city).await?;
            appraisal::run(parts, &city).await?;
            province::run(parts, &city).await?;
            sheets::run(parts, &city).await?;
            visits::run(parts, &city).await?;
            desk::run(parts, &city).await?;
            renewals::run(parts, &city).await?;
            subsidies::run(parts, &city).await?;
            tracing::info!(city = city.slug, "demonstration data are checked");
        }
    }
    Ok(())
}
