//! `province`: the vendor takes a province in, invites its people and ends them. Nobody inside could, and no city has a say in it.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use application::{city::City, error::Kind, people::FirstOperator, ports::store::Store as _};
use clap::{Args, Subcommand};
use domain::ids::TenantId;
use postgres_adapter::{PgDoor, PgStore};
use tenants::catalog::{self, Directory};

use super::{apply_province, job, read, served};
use crate::{
    city::{
        apply::{address, called, ended, owner},
        first::{PersonAsk, invited, told},
    },
    config::Settings,
    database::Database,
    wire::{self, Parts},
};

/// What is asked of the provinces.
#[derive(Debug, Subcommand)]
pub enum ProvinceAsk {
    /// Takes a province's file into the running platform; one that was removed is opened again.
    Apply {
        #[command(flatten)]
        one: OneProvince,
    },
    /// Invites one of its people; they set a password and a second factor, as all staff do.
    Account {
        #[command(flatten)]
        one: OneProvince,
        #[command(flatten)]
        person: PersonAsk,
    },
    /// Ends an account at once, with every session of it.
    Dismiss {
        #[command(flatten)]
        one: OneProvince,
        /// The sign-in name.
        #[arg(long)]
        account: String,
    },
    /// Ends a province's service: nobody signs in, and what cities have told it is deleted.
    Remove {
        #[command(flatten)]
        one: OneProvince,
    },
}

/// A province of the catalogue.
#[derive(Debug, Args)]
pub struct OneProvince {
    /// The province, as its file names it: `provinces/<province>.toml` in the catalogue.
    pub slug: String,
    #[command(flatten)]
    pub settings: Settings,
}

/// Does what was asked; the lines are for the terminal.
pub async fn run(ask: ProvinceAsk) -> anyhow::Result<Vec<String>> {
    match ask {
        ProvinceAsk::Apply { one } => apply(&one).await,
        ProvinceAsk::Account { one, person } => account(&one, &person).await,
        ProvinceAsk::Dismiss { one, account } => dismiss(&one, &account).await,
        ProvinceAsk::Remove { one } => remove(&one).await,
    }
}

async fn apply(one: &OneProvince) -> anyhow::Result<Vec<String>> {
    let (settings, slug) = (&one.settings, &one.slug);
    let province = read(settings, slug)?;
    no_citys_host(&settings.catalog, &province)?;
    let database = Database::join(settings).await?;
    let done = async {
        apply_province(owner(&database)?, &province).await?;
        let mut lines = vec![format!("{slug} is in the database")];
        lines.extend(called(&database.app).await?);
        Ok(lines)
    }
    .await;
    ended(database, done).await
}

/// A running process would refuse it only after it was written.
fn no_citys_host(folder: &Path, province: &City) -> anyhow::Result<()> {
    for file in catalog::files(folder)? {
        // What is wrong in a city's file is told where the city is applied.
        let Ok(city) = catalog::read_one(folder, &file) else {
            continue;
        };
        let taken = province.hosts.iter().find(|host| city.hosts.contains(host));
        if let Some(host) = taken {
            anyhow::bail!("the host {host} is already {}'s", city.slug);
        }
    }
    Ok(())
}

async fn account(one: &OneProvince, ask: &PersonAsk) -> anyhow::Result<Vec<String>> {
    let (database, parts, province) = inside(one).await?;
    let wanted = FirstOperator {
        name: ask.name.clone(),
        phone: ask.phone.clone(),
        account: ask.account.clone(),
        address: format!("{}/staff/link/", address(&one.settings, &province)),
    };
    let room = wire::people::uses(&parts);
    let done = room.province_supervisor(&job(province.id), wanted).await;
    database.close().await;
    Ok(invited(done.map_err(|error| told(&error))?))
}

async fn dismiss(one: &OneProvince, account: &str) -> anyhow::Result<Vec<String>> {
    let (database, parts, province) = inside(one).await?;
    let room = wire::people::uses(&parts);
    let done = room.end_supervisor(&job(province.id), account).await;
    database.close().await;
    let name = done.map_err(|error| match error.kind {
        Kind::NotFound => anyhow::anyhow!("nobody of {} has the account {account}", one.slug),
        _ => told(&error),
    })?;
    Ok(vec![format!("{name} ({account}) is dismissed")])
}

async fn remove(one: &OneProvince) -> anyhow::Result<Vec<String>> {
    let database = Database::join(&one.settings).await?;
    let done = async {
        let door = PgDoor::new(database.app.clone());
        let known = door.applied_provinces().await?;
        let province = known.into_iter().find(|known| known.slug == one.slug);
        let province = province
            .with_context(|| format!("there is no province {} in the database", one.slug))?;
        sqlx::query("update tenants set status = 'closed' where id = $1 and kind = 'province'")
            .bind(province.id.0)
            .execute(owner(&database)?)
            .await?;
        let mut lines = vec![format!("{} is closed", one.slug)];
        lines.extend(called(&database.app).await?);
        // The last of it: a process that had not followed yet would have brought it back.
        let gone = clear(&PgStore::new(database.app.clone()), province.id).await?;
        lines.push(format!("{gone} cells of its cities are deleted"));
        Ok(lines)
    }
    .await;
    ended(database, done).await
}

async fn clear(store: &PgStore, province: TenantId) -> anyhow::Result<u64> {
    let mut work = store.begin(&job(province)).await?;
    let mut gone = 0;
    for city in work.provincial().cities().await? {
        gone += work.provincial().forget(city.city).await?;
    }
    work.commit().await?;
    Ok(gone)
}

/// The adapters of this program for one province, without serving.
async fn inside(one: &OneProvince) -> anyhow::Result<(Database, Parts, City)> {
    let settings = &one.settings;
    let keys = crate::keys(settings)?;
    let database = Database::join(settings).await?;
    let entered = async {
        let door = PgDoor::new(database.app.clone());
        let all = served(settings, &door).await?;
        let province = all.into_iter().find(|known| known.slug == one.slug);
        let province = province.with_context(|| {
            format!(
                "{0} is not served: `yijianrong province apply {0}`",
                one.slug
            )
        })?;
        let cities = Directory::new(Vec::new())?;
        cities.set_provinces(vec![province.clone()])?;
        let outside = crate::outside(settings, Arc::new(cities), keys, database.app.clone())?;
        anyhow::Ok((Parts::assemble(outside).await?, province))
    }
    .await;
    match entered {
        Ok((parts, province)) => Ok((database, parts, province)),
        Err(error) => {
            database.close().await;
            Err(error)
        }
    }
}
