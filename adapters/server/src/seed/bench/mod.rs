//! The data set of the performance goals: 20 cities or more, 50 branches in each, 20,000 enterprises, up to a million applications.
//!
//! The same for the same day: ids come from names, choices from hashes. Only session ids, sealed values and the one
//! password hash are drawn anew. Loading skips the triggers, so it needs the superuser of a private cluster.

mod applications;
mod cities;
mod copy;
mod fixture;
mod market;
mod people;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Context as _;
use application::{
    city::City,
    ports::{clock::Clock as _, hashing::PasswordHasher as _, sealing::Sealer},
};
use postgres_adapter::PgDoor;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use vault::{ArgonHasher, HashSettings, Keys, SealSettings, SystemTokens, VaultSealer};

use self::{fixture::Fixture, market::Market};
use crate::{
    clock::SystemClock,
    config::Settings,
    database::{Database, stable_id},
};

/// How large a data set is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// From 4 to 44: each has sessions of two hundred enterprises, and others that sign in.
    pub cities: usize,
    pub applications: u64,
}

const PASSWORD: &str = "Bench#2026ok";

/// One city of the data set and its share of the rows.
struct Place {
    city: City,
    /// Enterprises of this city.
    enterprises: usize,
    /// Applications of this city.
    applications: u64,
    /// Percent of all rows, for the load to follow.
    weight: f64,
}

/// What the parts of the data set need.
struct Ground {
    now: OffsetDateTime,
    sealer: Arc<dyn Sealer>,
    tokens: SystemTokens,
    password_hash: String,
}

/// Makes everything and writes the fixture.
pub async fn run(
    settings: &Settings,
    keys: Keys,
    size: Size,
    fixture: &Path,
) -> anyhow::Result<()> {
    let catalog = settings.data.join("bench-catalog");
    let cities = cities::write(&settings.catalog, &catalog, size.cities)?;
    let database = Database::open(settings).await?;
    let made = fill(&database, cities, keys, size.applications).await;
    database.close().await;
    let mut made = made?;
    made.catalog = catalog
        .canonicalize()
        .context("the catalogue of the data set")?;
    made.write(fixture)
}

async fn fill(
    database: &Database,
    cities: Vec<City>,
    keys: Keys,
    applications: u64,
) -> anyhow::Result<Fixture> {
    let cities = database.take(cities).await?;
    let owner = database
        .owner
        .as_ref()
        .context("the data set needs the owner's connection")?;
    let ground = ground(database, keys).await?;
    for city in &cities {
        ground.sealer.ready(city.id.0).await?;
    }
    let places = share(cities, applications);
    let mut db = owner.acquire().await?;
    let already: bool =
        sqlx::query_scalar("select exists (select from tenants where kind in ('bank', 'branch'))")
            .fetch_one(&mut *db)
            .await?;
    anyhow::ensure!(
        !already,
        "this database holds data already: the data set goes into an empty one"
    );
    db.execute("set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '512MB'")
        .await
        .context("the data set is loaded by the superuser of a private cluster")?;
    let mut made = Fixture::new(PASSWORD, applications, ground.now);
    made.agreed = (places[0].city.ticked_on("apply").iter())
        .map(|a| format!("{}@{}", a.code, a.version))
        .collect();
    for (number, place) in places.iter().enumerate() {
        let market = Market::of(number);
        market.load(&mut db, &place.city).await?;
        let people = people::load(&mut db, &ground, number, place, &market).await?;
        made.cities.push(people);
    }
    made.doors = people::doors(&mut db, &ground).await?;
    for (number, place) in places.iter().enumerate() {
        applications::load(&mut db, number, place, ground.now).await?;
    }
    db.execute("reset session_replication_role").await?;
    // The triggers slept: what 统计分析 shows is counted here once.
    for place in &places {
        let mut counted = db.begin().await?;
        postgres_adapter::statistics::recount(&mut counted, place.city.id.0).await?;
        counted.commit().await?;
    }
    db.execute("vacuum (analyze)").await?;
    db.execute("checkpoint").await?;
    made.rows = count(&mut db).await?;
    Ok(made)
}

async fn ground(database: &Database, keys: Keys) -> anyhow::Result<Ground> {
    let hasher = ArgonHasher::new(&keys.pepper, HashSettings::default())
        .context("password hashing could not be set up")?;
    Ok(Ground {
        now: SystemClock.now().replace_nanosecond(0)?,
        password_hash: hasher.hash(&SecretString::from(PASSWORD)).await?,
        tokens: SystemTokens::new(&keys.tokens),
        sealer: Arc::new(VaultSealer::new(
            &keys,
            Arc::new(PgDoor::new(database.app.clone())),
            SealSettings::default(),
        )),
    })
}

/// Percent of the rows in the first three cities; the others have the rest evenly.
const SHARES: [u32; 3] = [30, 15, 10];
const ENTERPRISES: usize = 20_000;

fn share(cities: Vec<City>, applications: u64) -> Vec<Place> {
    let mut left = (ENTERPRISES, applications);
    let last = cities.len() - 1;
    // Of so many parts each city has a whole number.
    let others = u32::try_from(cities.len().saturating_sub(SHARES.len()));
    let others = others.unwrap_or(1).max(1);
    let whole = 100 * others;
    let rest = 100 - SHARES.iter().sum::<u32>();
    cities
        .into_iter()
        .enumerate()
        .map(|(number, city)| {
            let share = SHARES.get(number).map_or(rest, |percent| percent * others);
            let (enterprises, applications) = if number == last {
                left
            } else {
                (
                    ENTERPRISES * share as usize / whole as usize,
                    applications * u64::from(share) / u64::from(whole),
                )
            };
            left.0 -= enterprises;
            left.1 -= applications;
            Place {
                city,
                enterprises,
                applications,
                weight: f64::from(share) * 100.0 / f64::from(whole),
            }
        })
        .collect()
}

async fn count(db: &mut PgConnection) -> anyhow::Result<BTreeMap<String, i64>> {
    let mut rows = BTreeMap::new();
    for table in [
        "tenants",
        "institutions",
        "branches",
        "products",
        "enterprises",
        "users",
        "sessions",
        "financing_applications",
        "application_events",
        "outbox",
    ] {
        // AssertSqlSafe: the names stand right above.
        let n: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut *db)
            .await?;
        rows.insert(table.to_owned(), n);
    }
    Ok(rows)
}

/// A stable id of the data set.
fn id(kind: &str, city: usize, number: usize) -> Uuid {
    stable_id(&["bench", kind, &city.to_string(), &number.to_string()])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{people, share};

    #[test]
    fn twenty_cities_and_forty_have_all_the_rows_between_them() {
        let catalog = Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tenants/catalog"
        ));
        let city = tenants::catalog::read(catalog)
            .expect("it reads")
            .swap_remove(0);
        for cities in [20, 40, 44] {
            let places = share(vec![city.clone(); cities], 1_000_000);
            let rows: u64 = places.iter().map(|place| place.applications).sum();
            assert_eq!(rows, 1_000_000, "{cities}");
            assert_eq!(places[0].applications, 300_000, "{cities}");
            assert!(
                places
                    .iter()
                    .all(|place| place.enterprises > people::ACTORS)
            );
        }
    }
}
