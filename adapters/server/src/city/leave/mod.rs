//! 迁出 of a city: everything it owns in open formats, and erasure with a certificate. Both go on where they were stopped.

mod about;
pub mod certificate;
pub mod erase;
pub mod export;
pub mod folder;
pub mod manifest;
pub mod objects;
pub mod sealed;
pub mod words;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use application::ports::{
    clock::Clock, files::FileVault, sealing::Sealer, store::Store, tokens::Tokens,
};
use domain::ids::TenantId;
use postgres_adapter::{
    PgDoor, PgStore,
    leaving::{self, CityLock, CityRow},
};
use sqlx::PgPool;
use vault::{SealSettings, SystemTokens, VaultSealer};

use super::{
    One,
    apply::{called, owner},
};
use crate::{
    clock::SystemClock,
    config::Settings,
    database::{Database, city_id_of},
    provinces,
    wire::Parts,
};

/// What is asked of an export.
#[derive(Debug, clap::Args)]
pub struct ExportAsk {
    /// A folder that is not there, is empty, or holds an export of this city that was not finished or is to be renewed.
    #[arg(long)]
    pub to: PathBuf,
    /// Opens what is sealed: ID numbers, phones, e-mail addresses, dossiers, pictures and papers. Without it they are left out.
    #[arg(long)]
    pub with_personal_data: bool,
    /// Who does it; without it the account of this machine.
    #[arg(long)]
    pub by: Option<String>,
}

/// What is asked of an erasure.
#[derive(Debug, clap::Args)]
pub struct EraseAsk {
    /// The city's export, with personal data; the certificate is written beside it.
    #[arg(long)]
    pub export: PathBuf,
    /// The city once more: nothing brings it back.
    #[arg(long)]
    pub yes_really: String,
    /// How many values and files the export could not read: they are lost with the city.
    #[arg(long, default_value_t = 0)]
    pub accept_lost: u64,
    /// Who does it; without it the account of this machine.
    #[arg(long)]
    pub by: Option<String>,
}

/// What both need of this installation.
pub struct Leaving {
    pub owner: PgPool,
    pub door: Arc<PgDoor>,
    pub store: Arc<dyn Store>,
    pub sealer: Arc<dyn Sealer>,
    pub files: Arc<dyn FileVault>,
    pub tokens: Arc<dyn Tokens>,
    pub clock: Arc<dyn Clock>,
}

/// Says how far it is.
pub type Tell<'a> = &'a dyn Fn(&str);

impl Leaving {
    /// With the adapters of a system that runs.
    pub fn of(parts: &Parts, owner: PgPool) -> Self {
        Self {
            owner,
            door: parts.door.clone(),
            store: parts.store.clone(),
            sealer: parts.sealer.clone(),
            files: parts.files.clone(),
            tokens: parts.tokens.clone(),
            clock: parts.clock.clone(),
        }
    }

    /// Needs no city file: a city that leaves may have none any more.
    fn inside(settings: &Settings, database: &Database) -> anyhow::Result<Self> {
        let keys = crate::keys(settings)?;
        let door = Arc::new(PgDoor::new(database.app.clone()));
        Ok(Self {
            owner: owner(database)?.clone(),
            sealer: Arc::new(VaultSealer::new(
                &keys,
                door.clone(),
                SealSettings::default(),
            )),
            door,
            store: Arc::new(PgStore::new(database.app.clone())),
            files: settings
                .object_place()
                .open(&settings.data.join("files"), settings.demo())?,
            tokens: Arc::new(SystemTokens::new(&keys.tokens)),
            clock: Arc::new(SystemClock),
        })
    }

    async fn city(&self, slug: &str) -> anyhow::Result<CityRow> {
        leaving::city_row(&self.owner, slug)
            .await?
            .with_context(|| format!("there is no city {slug} in the database"))
    }

    async fn lock(&self, city: &CityRow) -> anyhow::Result<CityLock> {
        CityLock::take(&self.owner, TenantId(city.id))
            .await?
            .with_context(|| {
                format!(
                    "{} is being exported or erased by another command",
                    city.slug
                )
            })
    }
}

/// The name under which a command is noted.
fn by_name(given: Option<&str>) -> anyhow::Result<String> {
    let account = || {
        ["SUDO_USER", "USER", "LOGNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok())
    };
    let name = given.map(str::to_owned).or_else(account);
    let name = name.map(|name| name.trim().to_owned()).unwrap_or_default();
    anyhow::ensure!(
        (1..=100).contains(&name.chars().count()),
        "who does this? --by takes a name of at most 100 characters"
    );
    Ok(name)
}

fn on_the_terminal(line: &str) {
    eprintln!("{line}");
}

/// `city export`.
pub async fn run_export(one: &One, ask: &ExportAsk) -> anyhow::Result<Vec<String>> {
    let database = Database::join(&one.placed()?).await?;
    let done = async {
        let leaving = Leaving::inside(&one.settings, &database)?;
        export::export(&leaving, &one.slug, ask, &on_the_terminal).await
    }
    .await;
    database.close().await;
    Ok(done?.lines)
}

/// `city verify-export`: asks no database.
pub fn run_verify(folder: &std::path::Path) -> anyhow::Result<Vec<String>> {
    let verified = manifest::verify(folder)?;
    let m = &verified.manifest;
    let whole = format!(
        "{}: export of {} ({}) as of {}; {} rows of {} tables and {} files are whole{}",
        folder.display(),
        m.city.name,
        m.city.slug,
        m.snapshot_at,
        m.rows(),
        m.tables.len(),
        m.files.count,
        m.lost_words(),
    );
    let signed = "the signature in manifest.sig was not checked: only the installation that made the export can, with its token key, \
                  as `yijianrong city erase` does; what was held is every file against manifest.json";
    Ok(vec![
        whole,
        format!("{signed}, whose SHA-256 is {}", verified.sha256),
    ])
}

/// `city erase`.
pub async fn run_erase(one: &One, ask: &EraseAsk) -> anyhow::Result<Vec<String>> {
    let placed = one.placed()?;
    if placed.at.is_some() {
        // A province hears of this city in the platform's database, which the erasure itself does not touch.
        forget_at_home(one, ask).await?;
    }
    let database = Database::join(&placed).await?;
    let done = async {
        let leaving = Leaving::inside(&one.settings, &database)?;
        let mut lines = erase::erase(&leaving, &one.slug, ask, &on_the_terminal).await?;
        // The city is gone, whatever a process says about its own catalogue.
        match called(&database.app).await {
            Ok(said) => lines.extend(said),
            Err(error) => lines.push(format!("note: {error:#}")),
        }
        anyhow::Ok(lines)
    }
    .await;
    database.close().await;
    done
}

async fn forget_at_home(one: &One, ask: &EraseAsk) -> anyhow::Result<()> {
    anyhow::ensure!(
        ask.yes_really == one.slug,
        "--yes-really must name the city: {} is not {}",
        one.slug,
        ask.yes_really
    );
    let home = Database::join(&one.settings).await?;
    let store = PgStore::new(home.app.clone());
    let door = PgDoor::new(home.app.clone());
    let gone = provinces::forget(&store, &door, city_id_of(&one.slug)).await;
    home.close().await;
    gone.map(|_| ())
}

/// `city certificate`.
pub async fn run_certificate(one: &One) -> anyhow::Result<Vec<String>> {
    let database = Database::join(&one.placed()?).await?;
    let done = async {
        let leaving = Leaving::inside(&one.settings, &database)?;
        certificate::show(&leaving, &one.slug).await
    }
    .await;
    database.close().await;
    done
}
