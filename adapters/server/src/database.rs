//! The database of this process: a private cluster, or a server of the operator's.

use std::{path::Path, str::FromStr as _};

use anyhow::Context as _;
use application::city::City;
use cluster::{Cluster, ClusterConfig};
use domain::ids::TenantId;
use postgres_adapter::{
    PgDoor, pool,
    provision::{self, APP_LOGIN},
};
use sqlx::{PgPool, postgres::PgConnectOptions};
use tenants::catalog::{self, OnDisk};
use uuid::Uuid;

use crate::{
    city::served::{self, Newcomers},
    config::Settings,
};

const DATABASE: &str = "yijianrong";

/// Pools, and the cluster when it is ours.
pub struct Database {
    /// The login that owns nothing.
    pub app: PgPool,
    /// For migrations, city files and demonstration data; closed before serving starts.
    pub owner: Option<PgPool>,
    cluster: Option<Cluster>,
}

impl Database {
    /// Connects, migrates where it may, and hands out the login that owns nothing.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.database_url {
            None => Self::private(settings).await,
            Some(url) => Self::given(settings, url).await,
        }
    }

    /// The database of a platform that may be running: nothing is migrated then, and the cluster stays its own.
    pub async fn join(settings: &Settings) -> anyhow::Result<Self> {
        let running = |login: &str| cluster::url_of_running(&settings.data, login, DATABASE);
        match (
            &settings.database_url,
            running(cluster::SUPERUSER),
            running(APP_LOGIN),
        ) {
            (None, Some(owner), Some(app)) => Ok(Self {
                app: pool(PgConnectOptions::from_str(&app)?, 4).await?,
                owner: Some(pool(PgConnectOptions::from_str(&owner)?, 2).await?),
                cluster: None,
            }),
            _ => Self::open(settings).await,
        }
    }

    async fn private(settings: &Settings) -> anyhow::Result<Self> {
        let config = ClusterConfig {
            data_dir: settings.data.clone(),
            durable: true,
            binaries: None,
        };
        let cluster = Cluster::start(config).await?;
        let admin = PgConnectOptions::from_str(&cluster.admin_url("postgres"))?;
        let maintenance = pool(admin.clone(), 1).await?;
        let exists: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(DATABASE)
                .fetch_one(&maintenance)
                .await?;
        if !exists {
            sqlx::query("create database yijianrong")
                .execute(&maintenance)
                .await?;
        }
        maintenance.close().await;
        let owner = pool(admin.database(DATABASE), 2).await?;
        provision::migrate(&owner)
            .await
            .context("the migrations did not run")?;
        provision::app_login(&owner, APP_LOGIN, None).await?;
        let app = pool(
            PgConnectOptions::from_str(&cluster.url_for(APP_LOGIN, DATABASE))?,
            settings.pool,
        )
        .await?;
        Ok(Self {
            app,
            owner: Some(owner),
            cluster: Some(cluster),
        })
    }

    async fn given(settings: &Settings, url: &str) -> anyhow::Result<Self> {
        let named = settings.at.as_deref().unwrap_or("DATABASE_URL");
        let given = PgConnectOptions::from_str(url)
            .with_context(|| format!("{named} is not a PostgreSQL address"))?;
        let silent = || format!("the database that {named} names does not answer");
        if let Some(owner_url) = &settings.owner_database_url {
            let named = match &settings.at {
                None => "OWNER_DATABASE_URL".to_owned(),
                Some(at) => format!("database_owner beside {at}"),
            };
            let owner = PgConnectOptions::from_str(owner_url)
                .with_context(|| format!("{named} is not a PostgreSQL address"))?;
            let owner = pool(owner, 2)
                .await
                .with_context(|| format!("the database that {named} names does not answer"))?;
            provision::migrate(&owner)
                .await
                .context("the migrations did not run")?;
            if let Some(login) = login_of(&given) {
                provision::app_login(&owner, &login, None).await?;
            }
            let app = pool(given, settings.pool).await.with_context(silent)?;
            return Ok(Self {
                app,
                owner: Some(owner),
                cluster: None,
            });
        }
        let first = pool(given.clone(), 2).await.with_context(silent)?;
        if provision::login_faults(&first).await?.is_empty() {
            first.close().await;
            return Ok(Self {
                app: pool(given, settings.pool).await?,
                owner: None,
                cluster: None,
            });
        }
        if !settings.demo() {
            anyhow::bail!(
                "{named} names a login that owns the tables or is superuser: give the program a login of its own \
                 and the owner's connection in OWNER_DATABASE_URL, or in database_owner of a city's file"
            );
        }
        provision::migrate(&first)
            .await
            .context("the migrations did not run")?;
        let password = app_password(&settings.data)?;
        provision::app_login(&first, APP_LOGIN, Some(&password)).await?;
        let app = pool(given.username(APP_LOGIN).password(&password), settings.pool).await?;
        Ok(Self {
            app,
            owner: Some(first),
            cluster: None,
        })
    }

    /// The cities that this database knows, as their files say. The demonstration, and a platform that knows no city yet, take in
    /// every file that is right.
    pub async fn read_cities(&self, settings: &Settings) -> anyhow::Result<Vec<City>> {
        self.choose_cities(settings, catalog::on_disk(&settings.catalog)?)
            .await
    }

    /// The same of files that were read before.
    pub async fn choose_cities(
        &self,
        settings: &Settings,
        files: Vec<OnDisk>,
    ) -> anyhow::Result<Vec<City>> {
        let applied = PgDoor::new(self.app.clone()).applied_cities().await?;
        let first = applied.is_empty() && settings.at.is_none();
        let all = self.owner.is_some() && (settings.demo() || first);
        let newcomers = if all { Newcomers::All } else { Newcomers::None };
        served::choose(settings, files, &applied, &newcomers)
    }

    /// Writes the rows that are missing or say something else than the files; answers the cities with their ids.
    pub async fn take(&self, mut cities: Vec<City>) -> anyhow::Result<Vec<City>> {
        let applied = PgDoor::new(self.app.clone()).applied_cities().await?;
        let same = |city: &City| {
            applied
                .iter()
                .any(|row| (&row.slug, &row.name, &row.short_name) == named(city))
        };
        if let Some(owner) = &self.owner {
            for city in &mut cities {
                if !same(city) {
                    city.id = apply_city(owner, city).await?;
                }
            }
        }
        Ok(cities)
    }

    /// Closes the owner's connections: nothing that serves may use them.
    pub async fn drop_owner(&mut self) {
        if let Some(owner) = self.owner.take() {
            owner.close().await;
        }
    }

    pub async fn close(mut self) {
        self.drop_owner().await;
        self.app.close().await;
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().await;
        }
    }
}

fn named(city: &City) -> (&String, &String, &String) {
    (&city.slug, &city.name, &city.second_name)
}

/// The city's row; its id never changes, its names follow the file.
pub async fn apply_city(owner: &PgPool, city: &City) -> anyhow::Result<TenantId> {
    let id = city_id_of(&city.slug);
    let done = sqlx::query(
        "insert into tenants (id, city_id, kind, slug, name, short_name) values ($1, $1, 'city', $2, $3, $4)
         on conflict (slug) do update set name = excluded.name, short_name = excluded.short_name where tenants.kind = 'city'",
    )
    .bind(id.0)
    .bind(&city.slug)
    .bind(&city.name)
    .bind(&city.second_name)
    .execute(owner)
    .await?;
    anyhow::ensure!(
        done.rows_affected() == 1,
        "{} is the name of a province",
        city.slug
    );
    Ok(id)
}

/// A stable id made from names: the same on every machine, so that applying twice changes nothing.
pub fn stable_id(parts: &[&str]) -> Uuid {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The id that a city has in every database.
pub fn city_id_of(slug: &str) -> TenantId {
    TenantId(stable_id(&["city", slug]))
}

fn login_of(options: &PgConnectOptions) -> Option<String> {
    let name = options.get_username();
    (!name.is_empty()).then(|| name.to_owned())
}

fn app_password(data: &Path) -> anyhow::Result<String> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::create_dir_all(data)?;
    let path = data.join("app-login.secret");
    if let Ok(known) = std::fs::read_to_string(&path) {
        return Ok(known.trim().to_owned());
    }
    let password = hex::encode(rand::random::<[u8; 24]>());
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::io::Write::write_all(&mut file, password.as_bytes())?;
    Ok(password)
}
