//! The fixture that `seed --bench` writes: who can act, and how.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
pub struct Fixture {
    pub password: String,
    /// Seconds since 1970.
    pub made_at: u64,
    pub catalog: PathBuf,
    /// `code@version` of the texts of the apply form.
    pub agreed: Vec<String>,
    pub cities: Vec<City>,
    pub doors: Vec<Door>,
    #[serde(skip)]
    next_door: AtomicUsize,
    #[serde(skip)]
    next_id: AtomicU64,
}

#[derive(Deserialize)]
pub struct City {
    pub host: String,
    pub id: Uuid,
    pub weight: f64,
    pub enterprises: Vec<Person>,
    pub officers: Vec<Person>,
    pub operator: Person,
    pub products: Vec<Product>,
    pub signers: Vec<String>,
}

#[derive(Deserialize)]
pub struct Person {
    pub user: Uuid,
    pub at: Uuid,
    pub sid: String,
    pub csrf: String,
}

#[derive(Deserialize)]
pub struct Product {
    pub id: Uuid,
    pub branches: Vec<Uuid>,
    pub amount_wan: i64,
    pub rate: i32,
    pub term: i32,
}

#[derive(Deserialize)]
pub struct Door {
    pub pre: String,
    pub csrf: String,
    pub answer: String,
}

impl Fixture {
    pub fn read(path: &std::path::Path) -> anyhow::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// A city, as often as its share of the rows says; `n` runs through them evenly.
    pub fn city(&self, n: u64) -> &City {
        // 61 has no factor in common with 100: neighbours fall on different cities.
        let mut point = ((n * 61) % 1_000) as f64 / 10.0;
        for city in &self.cities {
            if point < city.weight {
                return city;
            }
            point -= city.weight;
        }
        &self.cities[0]
    }

    /// A new id of version 7 in the data set's own time.
    pub fn id(&self) -> Uuid {
        let count = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut tail = [0; 10];
        tail[2..].copy_from_slice(&count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.made_at * 1_000 + count, &tail).into_uuid()
    }

    /// A pre-session with a known captcha, never used before; `None` when they are used up.
    pub fn door(&self) -> Option<&Door> {
        self.doors
            .get(self.next_door.fetch_add(1, Ordering::Relaxed))
    }
}
