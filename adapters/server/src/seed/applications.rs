//! Applications of the demonstration: ninety days in every stage, each brought there by the domain's own methods with past
//! instants, so that replaying its log gives what the lists show.

mod life;
mod market;
mod plan;

use std::path::Path;

use anyhow::Context as _;
use application::{access::Guard, city::City};
use domain::ids::TenantId;
use reference::Reference;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicUsize},
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::people;
use crate::wire::Parts;

/// What officers and enterprises write (`phrases.toml`).
#[derive(Deserialize)]
pub(super) struct Phrases {
    approved: Vec<String>,
    withdrawn: Vec<String>,
    contact_notes: Vec<String>,
    supplement_notes: Vec<String>,
    supplement_answers: Vec<String>,
    rejected: BTreeMap<String, Vec<String>>,
}

/// Adds what is missing; a second run adds nothing.
pub async fn run(parts: &Parts, city: &City, folder: &Path) -> anyhow::Result<()> {
    let now = parts.clock.now();
    let existing = existing(parts, city.id).await?;
    let written = people::enterprises(folder)?;
    let applicants = written.iter().filter(|e| e.face_verified).count();
    let plans = plan::plans(now, &Reference, applicants);
    if (0..plans.len()).all(|number| existing.contains(&application_id(&city.slug, number))) {
        return Ok(());
    }
    parts.sealer.ready(city.id.0).await?;
    let phrases: Phrases = people::parsed(&folder.join("phrases.toml"))?;
    let market = market::read(parts, city, folder).await?;
    if market.offers.is_empty() || market.enterprises.is_empty() {
        tracing::warn!("no applications are made: there are no products or no enterprises");
        return Ok(());
    }
    let reach = parts.door.reach(city.id).await?;
    let teller = life::Teller {
        parts,
        city,
        phrases: &phrases,
        permit: Guard::job(city.id, Arc::from(reach.clone())),
        now,
        near: AtomicUsize::new(0),
    };
    let mut made = 0;
    for plan in &plans {
        let id = application_id(&city.slug, plan.number);
        if existing.contains(&id) {
            continue;
        }
        let mut dice = plan::Dice::new(&city.slug, plan.number);
        let cast = market.cast(plan, &mut dice);
        teller
            .tell(id, plan, &cast, &mut dice)
            .await
            .with_context(|| format!("demonstration application {}", plan.number))?;
        made += 1;
    }
    people::read_old_messages(parts, city.id, &reach, now - time::Duration::days(3)).await?;
    tracing::info!(city = city.slug, made, "demonstration applications");
    Ok(())
}

/// The same id at every start.
fn application_id(slug: &str, number: usize) -> Uuid {
    let mut dice = plan::Dice::new(&format!("{slug}/id"), number);
    uuid::Builder::from_random_bytes(
        ((u128::from(dice.next()) << 64) | u128::from(dice.next())).to_be_bytes(),
    )
    .into_uuid()
}

async fn existing(parts: &Parts, city: TenantId) -> anyhow::Result<Vec<Uuid>> {
    let mut tx = people::as_city(parts, city).await?;
    Ok(
        sqlx::query_scalar("select id from financing_applications where tenant_id = $1")
            .bind(city.0)
            .fetch_all(&mut *tx)
            .await?,
    )
}

/// Whole hours and minutes of a day in the past; never after `now`.
pub(super) fn not_after(at: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
    at.min(now - time::Duration::minutes(2))
}
