//! First texts of the cities against the database: one question for all of them, and work only where something differs.

use std::{collections::HashMap, sync::Arc};

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

/// SHA-256 of the cities' texts by where they lie. Cities made from one template hold theirs in common: each is gone through once.
#[derive(Default)]
struct Sums(HashMap<usize, [u8; 32]>);

impl Sums {
    fn is_same_text(&mut self, one: &KeptAgreement, text: &Agreement) -> bool {
        one.version == text.version && one.body_hash == self.of(&text.body)
    }

    fn of(&mut self, body: &Arc<str>) -> [u8; 32] {
        *(self.0.entry(body.as_ptr().addr()))
            .or_insert_with(|| Sha256::digest(body.as_bytes()).into())
    }
}

/// Everything that `content::basics` would write is there, and what stands there is what the file says.
fn is_written(first: &FirstContent, city: &City, sums: &mut Sums) -> bool {
    let kept = first.agreements(city.id);
    first.has_about(city.id)
        && city.agreements.iter().all(|text| {
            of(kept, text).any(|one| one.theirs)
                || of(kept, text).any(|one| sums.is_same_text(one, text))
        })
}

/// What is in force is what the file says: no version of the operators', none of another day, none that is still to come.
fn is_as_filed(kept: &[KeptAgreement], city: &City, now: OffsetDateTime, sums: &mut Sums) -> bool {
    city.agreements.iter().all(|text| {
        of(kept, text).all(|one| {
            !one.theirs
                && one.published_at <= now
                && one.title == text.title
                && local_date(one.published_at).to_string() == text.effective
                && sums.is_same_text(one, text)
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
    let mut sums = Sums::default();
    let apart = cities
        .iter()
        .filter(|city| !is_as_filed(first.agreements(city.id), city, now, &mut sums));
    Ok(apart.map(|city| city.id).collect())
}

/// Writes the first content of the cities that lack some of it; answers how many there were.
pub async fn write_missing(
    pool: &PgPool,
    door: &PgDoor,
    cities: &[Arc<City>],
) -> anyhow::Result<usize> {
    let first = door.first_content().await?;
    let (mut written, mut sums) = (0, Sums::default());
    for city in cities {
        if is_written(&first, city, &mut sums) {
            continue;
        }
        content::basics(pool, city)
            .await
            .with_context(|| format!("the first content of {}", city.slug))?;
        written += 1;
    }
    Ok(written)
}
