//! What a load generator needs to act as the people of the data set.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Serialize)]
pub struct Fixture {
    pub password: String,
    pub applications: u64,
    pub made_at: i64,
    /// The folder to serve the cities from.
    pub catalog: PathBuf,
    /// `code@version` of the texts of the apply form, as a draft holds them.
    pub agreed: Vec<String>,
    pub rows: BTreeMap<String, i64>,
    pub cities: Vec<CityPart>,
    /// Pre-sessions with a captcha whose answer is known, each good for one sign-in.
    pub doors: Vec<DoorPart>,
}

impl Fixture {
    pub fn new(password: &str, applications: u64, now: OffsetDateTime) -> Self {
        Self {
            password: password.to_owned(),
            applications,
            made_at: now.unix_timestamp(),
            catalog: PathBuf::new(),
            agreed: Vec::new(),
            rows: BTreeMap::new(),
            cities: Vec::new(),
            doors: Vec::new(),
        }
    }

    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string(self)?;
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
        println!(
            "{} applications in {} cities",
            self.applications,
            self.cities.len()
        );
        for (table, rows) in &self.rows {
            println!("  {table}: {rows}");
        }
        println!("the fixture is {}", path.display());
        Ok(())
    }
}

#[derive(Serialize)]
pub struct CityPart {
    pub slug: String,
    pub host: String,
    pub id: Uuid,
    /// Percent of the rows.
    pub weight: f64,
    pub enterprises: Vec<Signed>,
    pub officers: Vec<Signed>,
    pub operator: Signed,
    pub products: Vec<ProductPart>,
    /// Phones of people without a session: for signing in.
    pub signers: Vec<String>,
}

/// A person with a session.
#[derive(Serialize)]
pub struct Signed {
    pub user: Uuid,
    /// The enterprise, or the node of staff.
    pub at: Uuid,
    /// Phone, or the account of staff.
    pub account: String,
    pub sid: String,
    pub csrf: String,
}

#[derive(Serialize)]
pub struct ProductPart {
    pub id: Uuid,
    pub branches: Vec<Uuid>,
    /// A request that fits the product: 万元, hundredths of a per cent, count of the unit.
    pub amount_wan: i64,
    pub rate: i32,
    pub term: i32,
    pub term_unit: String,
}

#[derive(Serialize)]
pub struct DoorPart {
    pub pre: String,
    pub csrf: String,
    pub answer: String,
}
