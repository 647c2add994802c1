//! What a running process does when the cities change: it reads their files again and exchanges all settings at once, or none.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use application::city::{Cities as _, City, Standing};
use postgres_adapter::Followed;
use tenants::catalog::{self, Directory};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;
use web::theme::{self, Brand};

use crate::{
    doctor,
    wire::{self, Parts},
};

/// Keeps the cities of this process as the catalogue and the database say.
pub struct Follower {
    pub parts: Parts,
    pub directory: Arc<Directory>,
    pub catalog: PathBuf,
}

impl Follower {
    /// Works off calls until the sender is gone; answers each that has a number.
    pub async fn run(self, mut calls: UnboundedReceiver<Option<Uuid>>) {
        while let Some(call) = calls.recv().await {
            let refused = match self.read_again().await {
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
            if let Err(error) = postgres_adapter::answer(&self.parts.pool, call, &answer).await {
                tracing::warn!(%error, "a call was not answered");
            }
        }
    }

    /// Reads every city's files again. Whatever is wrong in any of them leaves all as they were.
    pub async fn read_again(&self) -> anyhow::Result<()> {
        let folder = self.catalog.clone();
        let written = tokio::task::spawn_blocking(move || catalog::read(&folder)).await??;
        let mut cities = Vec::with_capacity(written.len());
        for mut city in written {
            // A file that nobody has applied yet is nobody's city.
            if let Some((id, standing)) = self.parts.door.city(&city.slug).await? {
                (city.id, city.standing) = (id, standing);
                cities.push(city);
            }
        }
        self.keep_the_living(&cities).await?;
        if !self.parts.kit.mode().demo {
            let faults = doctor::city_faults(&cities);
            anyhow::ensure!(faults.is_empty(), faults.join("; "));
        }
        self.try_out(&cities)?;
        for city in self.directory.replace(cities)? {
            tracing::info!(city = city.slug, edition = city.edition, standing = ?standing(&city), "settings are in force");
            self.parts.portal.changed(Some(city.id));
        }
        Ok(())
    }

    /// A file that is gone ends no city: people may be working in it.
    async fn keep_the_living(&self, cities: &[City]) -> anyhow::Result<()> {
        let living = self.parts.door.living_cities().await?;
        for served in self.directory.all() {
            let gone = cities.iter().all(|city| city.id != served.id);
            anyhow::ensure!(
                !gone || !living.contains(&served.slug),
                "the file of {0} is gone, but {0} was not removed: `yijianrong city remove {0}`",
                served.slug
            );
        }
        Ok(())
    }

    /// Everything that is made of settings is made once of the new ones, before anybody meets them.
    fn try_out(&self, cities: &[City]) -> anyhow::Result<()> {
        let known = |city: &City| {
            self.directory.by_id(city.id).is_some_and(|served| {
                served.plugs == city.plugs
                    && (&served.brand, &served.accent) == (&city.brand, &city.accent)
                    && served.slug == city.slug
            })
        };
        let all = Directory::new(cities.to_vec())?;
        let new: Vec<City> = cities.iter().filter(|city| !known(city)).cloned().collect();
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
