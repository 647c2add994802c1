#![doc = include_str!("../README.md")]

pub mod apart;
pub mod audit;
pub mod city;
pub mod clock;
pub mod config;
pub mod database;
pub mod doctor;
pub mod figures;
pub mod layers;
pub mod providers;
pub mod provinces;
pub mod seed;
pub mod serve;
pub mod shard;
pub mod statistics;
pub mod wire;
pub mod workers;

use std::sync::Arc;

use anyhow::Context as _;
use sqlx::PgPool;
use tenants::catalog::Directory;
use vault::{HashSettings, KeyReferences, Keys};
use web::kit::Mode;

use crate::{clock::SystemClock, config::Settings, wire::Outside};

/// What the adapters of this process are made of.
pub fn outside(
    settings: &Settings,
    cities: Arc<Directory>,
    keys: Keys,
    pool: PgPool,
) -> anyhow::Result<Outside> {
    let apart = apart::of_this_process();
    anyhow::ensure!(
        settings.demo() || apart.is_some(),
        "this process has no reader of strangers' files apart from itself"
    );
    Ok(Outside {
        pool,
        cities,
        clock: Arc::new(SystemClock),
        keys,
        hashing: HashSettings::default(),
        files: settings
            .object_place()
            .open(&settings.data.join("files"), settings.demo())?,
        scanner: scan::from_setting(&settings.scanner)?,
        apart,
        outbound: outbound::Switchboard::new(Arc::new(SystemClock), settings.reach()?)?,
        mode: Mode {
            demo: settings.demo(),
            secure_cookies: settings.https,
            trusted_proxies: settings.trusted_proxies,
            flood: settings.flood(),
        },
    })
}

/// The keys of this installation.
pub fn keys(settings: &Settings) -> anyhow::Result<Keys> {
    if settings.demo() && settings.key_master.is_empty() {
        return vault::load_or_create_demo_keys(&settings.data.join("keys"))
            .context("the demonstration's keys");
    }
    let references = KeyReferences {
        master: settings.key_master.clone(),
        previous_masters: Vec::new(),
        pepper: settings.key_pepper.clone(),
        tokens: settings.key_tokens.clone(),
    };
    Keys::from_references(&references).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the keys cannot be used:\n  - {}", list.join("\n  - "))
    })
}
