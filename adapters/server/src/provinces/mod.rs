//! 省级监管 (T6): provinces are applied as cities are, and every few minutes their read models take up what the cities have counted, whatever
//! database a city lives in. See docs/decisions/0028.

pub mod command;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use anyhow::Context as _;
use application::{
    access::{Guard, Permit},
    city::City,
    ports::store::Store,
    provincial::{Gatherer, belongs},
};
use domain::ids::TenantId;
use futures::FutureExt as _;
use postgres_adapter::PgDoor;
use serde_json::Value;
use sqlx::PgPool;
use tenants::catalog;
use web::theme::{self, Brand};

use crate::{
    config::Settings,
    database::{Database, stable_id},
    shard::Shards,
    wire::Parts,
};

/// Until the cities of a demonstration that has just been sown are counted.
const FIRST: Duration = Duration::from_secs(20);
const EVERY: Duration = Duration::from_mins(5);

/// The id that a province has in every database.
pub fn province_id_of(slug: &str) -> TenantId {
    TenantId(stable_id(&["province", slug]))
}

/// The provinces that this database knows, as their files say. The demonstration takes in every file that is right.
pub async fn of(settings: &Settings, database: &Database) -> anyhow::Result<Vec<City>> {
    if settings.at.is_some() {
        return Ok(Vec::new());
    }
    let door = PgDoor::new(database.app.clone());
    if let Some(owner) = database.owner.as_ref().filter(|_| settings.demo()) {
        let known = door.applied_provinces().await?;
        for slug in catalog::provinces(&settings.catalog) {
            if known.iter().any(|one| one.slug == slug) {
                continue;
            }
            match read(settings, &slug) {
                Ok(province) => apply_province(owner, &province).await.map(|_| ())?,
                Err(error) => {
                    tracing::warn!(province = slug, %error, "its file is not right and is left alone");
                }
            }
        }
    }
    served(settings, &door).await
}

/// The provinces that were applied, as their files say now.
pub async fn served(settings: &Settings, door: &PgDoor) -> anyhow::Result<Vec<City>> {
    let mut served = Vec::new();
    for known in door.applied_provinces().await? {
        if known.closed {
            continue;
        }
        let slug = &known.slug;
        let read = read(settings, slug);
        let mut province = read.with_context(|| {
            format!(
                "the province {slug} cannot be served; `yijianrong province remove {slug}` ends it"
            )
        })?;
        province.id = known.id;
        served.push(province);
    }
    Ok(served)
}

/// What keeps provinces that were applied from being served. A database that was never migrated knows none, and is told of elsewhere.
pub async fn faults(settings: &Settings, door: &PgDoor) -> Vec<String> {
    let applied = door.applied_provinces().await.unwrap_or_default();
    let open = applied.iter().filter(|known| !known.closed);
    open.filter_map(|known| read(settings, &known.slug).err())
        .map(|error| format!("{error:#}"))
        .collect()
}

/// A province's file, held against what no page and no production could do with.
fn read(settings: &Settings, slug: &str) -> anyhow::Result<City> {
    let province = catalog::province(&settings.catalog, slug)?;
    let brand = Brand {
        brand: province.brand.clone(),
        accent: province.accent.clone(),
    };
    theme::css_url(&brand).with_context(|| slug.to_owned())?;
    let sms = province.plugs.get("sms").and_then(|sms| sms.get("kind"));
    let invented = sms.and_then(Value::as_str) == Some(sms::demo::KIND);
    anyhow::ensure!(
        settings.demo() || !invented,
        "{slug}: [sms] is the demonstration's"
    );
    Ok(province)
}

/// The province's row; its id never changes, its names follow the file. One that was removed is open again.
pub async fn apply_province(owner: &PgPool, province: &City) -> anyhow::Result<TenantId> {
    let id = province_id_of(&province.slug);
    let done = sqlx::query(
        "insert into tenants (id, city_id, kind, slug, name, short_name) values ($1, $1, 'province', $2, $3, $4)
         on conflict (slug) do update set name = excluded.name, short_name = excluded.short_name, status = 'active'
           where tenants.kind = 'province'",
    )
    .bind(id.0)
    .bind(&province.slug)
    .bind(&province.name)
    .bind(&province.second_name)
    .execute(owner)
    .await?;
    anyhow::ensure!(
        done.rows_affected() == 1,
        "{} is the name of a city",
        province.slug
    );
    Ok(id)
}

/// A job in a province: nothing lies below it.
pub(crate) fn job(province: TenantId) -> Permit {
    Guard::job(province, Arc::from([province]))
}

/// One round: every province hears of the open cities of its region; answers how many months were told anew. A city that fails keeps no
/// other, and what it told before stays as it was told.
pub async fn gather(home: &Parts, all: &[&Parts]) -> anyhow::Result<usize> {
    let gatherer = Gatherer {
        home: home.store.clone(),
        clock: home.clock.clone(),
    };
    let (mut done, mut failures) = (0, Vec::new());
    for province in home.cities.provinces() {
        let of_province = job(province.id);
        for parts in all {
            for city in parts.cities.all() {
                if !city.is_open() || !belongs(&city, &province) {
                    continue;
                }
                match bring(&gatherer, parts, &city, &of_province).await {
                    Ok(months) => done += months,
                    Err(error) => failures.push(format!("{}: {error:#}", city.slug)),
                }
            }
        }
    }
    anyhow::ensure!(failures.is_empty(), failures.join("; "));
    Ok(done)
}

async fn bring(
    gatherer: &Gatherer,
    parts: &Parts,
    city: &City,
    of_province: &Permit,
) -> anyhow::Result<usize> {
    let reach = parts.door.reach(city.id).await?;
    let of_city = Guard::job(city.id, reach.into());
    let store: &dyn Store = &*parts.store;
    let brought = gatherer.bring(city, store, &of_city, of_province).await?;
    Ok(brought)
}

/// Goes on for as long as it is polled.
pub async fn keep_gathering(shards: Arc<Shards>) {
    tokio::time::sleep(FIRST).await;
    loop {
        let round = AssertUnwindSafe(gather_from(&shards)).catch_unwind().await;
        match round {
            Ok(Ok(0)) => {}
            Ok(Ok(months)) => tracing::info!(months, "provinces were told"),
            Ok(Err(error)) => {
                tracing::error!(error = format!("{error:#}"), "some cities told no province");
            }
            Err(_) => tracing::error!("telling the provinces panicked"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The platform's own database is the first one.
async fn gather_from(shards: &Shards) -> anyhow::Result<usize> {
    let all = shards.all();
    let parts: Vec<&Parts> = all.iter().map(|shard| &shard.parts).collect();
    match parts.first() {
        Some(home) => gather(home, &parts).await,
        None => Ok(0),
    }
}

/// Nothing of a city that leaves stays behind with a province (docs/decisions/0023); answers how many cells went.
pub async fn forget(store: &dyn Store, door: &PgDoor, city: TenantId) -> anyhow::Result<u64> {
    let mut gone = 0;
    for province in door.applied_provinces().await? {
        let mut work = store.begin(&job(province.id)).await?;
        gone += work.provincial().forget(city).await?;
        work.commit().await?;
    }
    Ok(gone)
}
