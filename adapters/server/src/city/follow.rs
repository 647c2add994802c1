//! What a running process does when the cities change: it reads their files again and exchanges all settings at once, or none.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Weak},
};

use anyhow::Context as _;
use application::city::{Cities as _, City, Standing};
use futures::FutureExt as _;
use postgres_adapter::{Call, Followed};
use tenants::catalog::Directory;
use tokio::sync::mpsc::UnboundedReceiver;
use web::theme::{self, Brand};

use super::served::{self, Newcomers};
use crate::{
    config::Settings,
    database::city_id_of,
    providers, provinces,
    shard::Shards,
    wire::{self, Parts},
};

/// Keeps the cities of this process as the catalogue and the database say.
pub struct Follower {
    pub parts: Parts,
    pub directory: Arc<Directory>,
    pub settings: Settings,
    /// The other databases of this process, of which the platform's own follower takes care.
    pub shards: Weak<Shards>,
}

impl Follower {
    /// Works off calls until the sender is gone; answers each that wants an answer.
    pub async fn run(self, mut calls: UnboundedReceiver<Option<Call>>) {
        while let Some(call) = calls.recv().await {
            let trial = call.as_ref().and_then(|call| call.trial.as_deref());
            let following = Box::pin(async {
                match trial {
                    Some(slug) => self.try_with(slug).await,
                    None => self.read_again().await,
                }
            });
            // A process that followed no call any more would serve old settings for ever.
            let done = AssertUnwindSafe(following).catch_unwind().await;
            let done = done.unwrap_or_else(|_| Err(anyhow::anyhow!("following panicked")));
            let refused = match done {
                Ok(()) => String::new(),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "the cities stay as they were");
                    format!("{error:#}")
                }
            };
            let Some(call) = call else { continue };
            let answer = Followed {
                process: name(),
                refused,
            };
            let answered = postgres_adapter::answer(&self.parts.pool, call.number, &answer).await;
            if let Err(error) = answered {
                tracing::warn!(%error, "a call was not answered");
            }
        }
    }

    /// Reads every city's files again. Whatever is wrong in any of them leaves all as they were.
    pub async fn read_again(&self) -> anyhow::Result<()> {
        let cities = self.read(Newcomers::None).await?;
        let provinces = self.provinces().await?;
        self.try_out(&cities, &provinces).await?;
        let changed = self.directory.replace(cities)?;
        self.directory.set_provinces(provinces)?;
        for city in &changed {
            tracing::info!(city = city.slug, edition = city.edition, standing = ?standing(city), "settings are in force");
            self.parts.portal.changed(Some(city.id));
        }
        if !changed.is_empty() {
            wire::read_agreements(&self.parts, None).await?;
        }
        match self.neighbours() {
            Some(shards) => shards.open_missing().await,
            None => Ok(()),
        }
    }

    /// Would all be well with the files of this city, which may be a new one? Nothing is changed.
    pub async fn try_with(&self, slug: &str) -> anyhow::Result<()> {
        let cities = self.read(Newcomers::One(slug.to_owned())).await?;
        let provinces = self.provinces().await?;
        self.try_out(&cities, &provinces).await?;
        match self.neighbours() {
            Some(shards) => shards.try_reference(slug),
            None => Ok(()),
        }
    }

    /// The other databases, when this is the platform's own.
    fn neighbours(&self) -> Option<Arc<Shards>> {
        let home = self.settings.at.is_none();
        home.then(|| self.shards.upgrade()).flatten()
    }

    async fn read(&self, newcomers: Newcomers) -> anyhow::Result<Vec<City>> {
        let applied = self.parts.door.applied_cities().await?;
        let settings = self.settings.clone();
        let read = move || served::read(&settings, &applied, &newcomers);
        let mut cities = tokio::task::spawn_blocking(read).await??;
        for city in cities.iter_mut().filter(|city| city.id.0.is_nil()) {
            city.id = city_id_of(&city.slug);
        }
        Ok(cities)
    }

    /// They stand in the platform's own database.
    async fn provinces(&self) -> anyhow::Result<Vec<City>> {
        if self.settings.at.is_some() {
            return Ok(Vec::new());
        }
        provinces::served(&self.settings, &self.parts.door).await
    }

    /// Everything that is made of settings is made once of the new ones, before anybody meets them.
    async fn try_out(&self, cities: &[City], provinces: &[City]) -> anyhow::Result<()> {
        let known = |city: &City| {
            self.directory.by_id(city.id).is_some_and(|served| {
                served.plugs == city.plugs
                    && (&served.brand, &served.accent) == (&city.brand, &city.accent)
                    && served.slug == city.slug
            })
        };
        let all = Directory::new(cities.to_vec())?;
        all.set_provinces(provinces.to_vec())?;
        let new: Vec<City> = cities.iter().filter(|city| !known(city)).cloned().collect();
        if !self.settings.demo() {
            // As the next start will: a city that it would refuse is not followed now.
            let faults = providers::city_faults(&self.settings, &new).await?;
            anyhow::ensure!(faults.is_empty(), faults.join("; "));
        }
        for city in &new {
            let brand = Brand {
                brand: city.brand.clone(),
                accent: city.accent.clone(),
            };
            theme::css_url(&brand).with_context(|| city.slug.clone())?;
        }
        let new: Arc<dyn application::city::Cities> = Arc::new(Directory::new(new)?);
        let parts = &self.parts;
        wire::check_plugs(
            &new,
            &all,
            &parts.outbound,
            &parts.door,
            &parts.sealer,
            &parts.clock,
        )?;
        Ok(())
    }
}

fn standing(city: &City) -> &'static str {
    match city.standing {
        Standing::Open => "open",
        Standing::Suspended(_) => "suspended",
        Standing::Closed(_) => "closed",
    }
}

/// Host and process id, for whoever called.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}@{}", std::process::id(), host.trim())
}
