//! Settings: environment first, defaults for a demonstration on this machine.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use outbound::Secret;
use secrecy::ExposeSecret as _;
use tenants::catalog::{self, OwnDatabase};
use web::flood::FloodLimits;

/// How the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Environment {
    /// Invented data, demonstration providers, plain HTTP allowed; says so on every page.
    Demo,
    /// Real providers, real keys, HTTPS in front; refuses to start with anything of the demonstration.
    Production,
}

/// Everything that can be set. Secrets are references (`env:NAME`, `file:/path`).
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// demo or production.
    #[arg(long, env = "APP_ENV", value_enum, default_value = "demo")]
    pub environment: Environment,
    /// Address to listen on.
    #[arg(long, env = "YJR_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Seconds for which strangers are still let in after SIGTERM while `/readyz` answers 503: as long as whoever sends them here
    /// takes to notice.
    #[arg(long, env = "YJR_LEAVE", default_value_t = 0)]
    pub leave: u64,
    /// Folder of the private database cluster, the files and, in a demonstration, the keys.
    #[arg(long, env = "YJR_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Folder of the city files.
    #[arg(long, env = "YJR_CATALOG", default_value = "tenants/catalog")]
    pub catalog: PathBuf,
    /// Folder of the demonstration content.
    #[arg(long, env = "YJR_DEMO", default_value = "tenants/demo")]
    pub demo_content: PathBuf,
    /// A PostgreSQL of your own; without it a private cluster is made under the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The owner's connection for migrations; never used while serving.
    #[arg(long, env = "OWNER_DATABASE_URL", hide_env_values = true)]
    pub owner_database_url: Option<String>,
    /// Database connections at most.
    #[arg(long, env = "YJR_POOL", default_value_t = 16)]
    pub pool: u32,
    /// Proxies of ours in front, whose X-Forwarded-For is believed.
    #[arg(long, env = "YJR_TRUSTED_PROXIES", default_value_t = 0)]
    pub trusted_proxies: usize,
    /// Writing requests a second from one session.
    #[arg(long, env = "YJR_WRITES_PER_SESSION", default_value_t = FloodLimits::default().per_session)]
    pub writes_per_session: u32,
    /// Writing requests a second from one address.
    #[arg(long, env = "YJR_WRITES_PER_ADDRESS", default_value_t = FloodLimits::default().per_address)]
    pub writes_per_address: u32,
    /// Requests a minute from one device of the mini-program.
    #[arg(long, env = "YJR_CALLS_PER_DEVICE", default_value_t = FloodLimits::default().calls_per_device)]
    pub calls_per_device: u32,
    /// Requests a minute from one address to the interface of the mini-program.
    #[arg(long, env = "YJR_CALLS_PER_ADDRESS", default_value_t = FloodLimits::default().calls_per_address)]
    pub calls_per_address: u32,
    /// False only in a demonstration: cookies without Secure.
    #[arg(long, env = "YJR_HTTPS", default_value_t = false, action = clap::ArgAction::Set)]
    pub https: bool,
    /// Reference of the master key.
    #[arg(long, env = "YJR_KEY_MASTER", default_value = "")]
    pub key_master: String,
    /// Reference of the password pepper.
    #[arg(long, env = "YJR_KEY_PEPPER", default_value = "")]
    pub key_pepper: String,
    /// Reference of the token key.
    #[arg(long, env = "YJR_KEY_TOKENS", default_value = "")]
    pub key_tokens: String,
    /// Origins that stand in for a provider's own host, such as an egress proxy: `https://host:port`, separated by commas.
    #[arg(long, env = "YJR_OUTBOUND_ALLOW", value_delimiter = ',')]
    pub outbound_allow: Vec<String>,
    /// Who looks into files for viruses: none, clamd:/path/to/socket or clamd:host:port; production names one of them.
    #[arg(long, env = "YJR_SCANNER", default_value = "")]
    pub scanner: String,
    /// Where sealed files lie: empty for a folder under the data, or `s3://bucket`.
    #[arg(long, env = "YJR_OBJECTS", default_value = "")]
    pub objects: String,
    /// Address of the object store; empty for AWS itself.
    #[arg(long, env = "YJR_S3_ENDPOINT", default_value = "")]
    pub s3_endpoint: String,
    /// Region of the bucket.
    #[arg(long, env = "YJR_S3_REGION", default_value = "")]
    pub s3_region: String,
    /// Reference of the access key's id.
    #[arg(long, env = "YJR_S3_KEY_ID", default_value = "")]
    pub s3_key_id: String,
    /// Reference of the access key's secret.
    #[arg(long, env = "YJR_S3_KEY_SECRET", default_value = "")]
    pub s3_key_secret: String,
    /// True where the bucket stands in the host name (OSS, COS), false where it stands in the path (MinIO, Ceph).
    #[arg(long, env = "YJR_S3_BUCKET_IN_HOST", default_value_t = false, action = clap::ArgAction::Set)]
    pub s3_bucket_in_host: bool,
    /// Address that answers `/metrics` for Prometheus; keep it inside.
    #[arg(long, env = "YJR_METRICS")]
    pub metrics: Option<SocketAddr>,
    /// Log lines as JSON.
    #[arg(long, env = "YJR_LOG_JSON", default_value_t = false, action = clap::ArgAction::Set)]
    pub log_json: bool,
    /// The reference by which cities' files name the database that these settings are for; none: the platform's own.
    #[arg(skip)]
    pub at: Option<String>,
}

impl Settings {
    pub fn flood(&self) -> FloodLimits {
        FloodLimits {
            per_session: self.writes_per_session,
            per_address: self.writes_per_address,
            calls_per_device: self.calls_per_device,
            calls_per_address: self.calls_per_address,
        }
    }

    /// Where sealed files lie.
    pub fn object_place(&self) -> vault::ObjectPlace {
        vault::ObjectPlace {
            at: self.objects.clone(),
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            key_id: self.s3_key_id.clone(),
            key_secret: self.s3_key_secret.clone(),
            bucket_in_host: self.s3_bucket_in_host,
        }
    }

    /// What may be called beside the documented hosts of providers; a demonstration reaches this machine too.
    pub fn reach(&self) -> Result<outbound::Reach, outbound::EndpointError> {
        let reach = outbound::Reach::public(&self.outbound_allow)?;
        Ok(if self.demo() {
            reach.and_loopback()
        } else {
            reach
        })
    }

    /// The same for the database that a city lives in.
    pub fn of_city(&self, slug: &str) -> anyhow::Result<Self> {
        match catalog::own_database(&self.catalog.join(format!("{slug}.toml"))) {
            None => Ok(self.clone()),
            Some(own) => self.of(&own),
        }
    }

    /// The same for a database of a city's own.
    pub fn of(&self, own: &OwnDatabase) -> anyhow::Result<Self> {
        let address = |reference: &str| {
            let secret = Secret::parse(reference).and_then(|secret| secret.read())?;
            anyhow::Ok(secret.expose_secret().to_owned())
        };
        let login = address(&own.login).context("database of a city's file")?;
        Ok(Self {
            database_url: Some(login),
            // A service is not given the owner's: only commands that need it miss it.
            owner_database_url: own.owner.as_deref().and_then(|owner| address(owner).ok()),
            at: Some(own.login.clone()),
            ..self.clone()
        })
    }

    /// The databases that cities' files name beside the platform's own, each once.
    pub fn own_databases(&self) -> anyhow::Result<Vec<OwnDatabase>> {
        let mut found: Vec<OwnDatabase> = Vec::new();
        for file in catalog::files(&self.catalog)? {
            let own = catalog::own_database(&file);
            let is_new = |own: &OwnDatabase| found.iter().all(|known| known.login != own.login);
            found.extend(own.filter(is_new));
        }
        Ok(found)
    }

    /// These, and the same for every database that a city's file names.
    pub fn everywhere(&self) -> anyhow::Result<Vec<Self>> {
        let mut all = vec![self.clone()];
        for own in self.own_databases()? {
            all.push(self.of(&own)?);
        }
        Ok(all)
    }

    /// What is behind these settings, for the terminal and the log.
    pub fn place(&self) -> &str {
        self.at.as_deref().unwrap_or("the platform's database")
    }

    pub fn demo(&self) -> bool {
        self.environment == Environment::Demo
    }
}
