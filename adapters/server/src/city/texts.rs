//! First texts of the cities against the database: one question for all of them, and work only where something differs.

use std::sync::Arc;

use anyhow::Context as _;
use application::{
    city::{Agreement, City},
    ports::store::StoreError,
};
use domain::{calendar::local_date, ids::TenantId};
use postgres_adapter::{FirstContent, KeptAgreement, PgDoor};
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::seed::content;

fn of<'a>(kept: &'a [KeptAgreement], text: &Agreement) -> impl Iterator<Item = &'a KeptAgreement> {
    let code = text.code.clone();
    kept.iter().filter(move |one| one.code == code)
}

fn is_same_text(one: &KeptAgreement, text: &Agreement) -> bool {
    one.version == text.version && one.body_hash == Sha256::digest(text.body.as_bytes()).as_slice()
}

/// Everything that `content::basics` would write is there, and what stands there is what the file says.
fn is_written(first: &FirstContent, city: &City) -> bool {
    let kept = first.agreements(city.id);
    first.has_about(city.id)
        && city.agreements.iter().all(|text| {
            of(kept, text).any(|one| one.theirs)
                || of(kept, text).any(|one| is_same_text(one, text))
        })
}

/// What is in force is what the file says: no version of the operators', none of another day, none that is still to come.
fn is_as_filed(kept: &[KeptAgreement], city: &City, now: OffsetDateTime) -> bool {
    city.agreements.iter().all(|text| {
        of(kept, text).all(|one| {
            !one.theirs
                && one.published_at <= now
                && one.title == text.title
                && local_date(one.published_at).to_string() == text.effective
                && is_same_text(one, text)
        })
    })
}

/// Cities whose agreements in force are not all those of their files.
pub async fn apart_from_their_files(
    door: &PgDoor,
    cities: &[Arc<City>],
    now: OffsetDateTime,
) -> Result<Vec<TenantId>, StoreError> {
    let first = door.first_content().await?;
    let apart = cities
        .iter()
        .filter(|city| !is_as_filed(first.agreements(city.id), city, now));
    Ok(apart.map(|city| city.id).collect())
}

/// Writes the first content of the cities that lack some of it; answers how many there were.
pub async fn write_missing(
    pool: &PgPool,
    door: &PgDoor,
    cities: &[Arc<City>],
) -> anyhow::Result<usize> {
    let first = door.first_content().await?;
    let mut written = 0;
    for city in cities.iter().filter(|city| !is_written(&first, city)) {
        content::basics(pool, city)
            .await
            .with_context(|| format!("the first content of {}", city.slug))?;
        written += 1;
    }
    Ok(written)
}
