#![doc = include_str!("../README.md")]

mod account;
mod binaries;
mod error;
mod files;
mod orphans;
mod server;
mod site;
mod supervisor;
mod throwaway;
mod url;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

pub use error::ClusterError;
pub use throwaway::{Throwaway, with_throwaway};

use server::Server;
use site::Site;
use supervisor::Supervisor;

/// The cluster's own administrator; never the login of the running program.
pub const SUPERUSER: &str = "postgres";
/// Names the socket file; nothing listens on a network port.
pub const PORT: u16 = 5432;
/// The oldest major version whose views can be `security_invoker`.
pub(crate) const OLDEST: u32 = 15;

/// Where a cluster lives and how careful it is.
#[derive(Debug, Clone)]
pub struct ClusterConfig {
    /// Holds `lock`, `pgdata` and `socket`; made where missing.
    pub data_dir: PathBuf,
    /// True keeps every accepted row through a power cut; false is for tests.
    pub durable: bool,
    /// Where `postgres` and `initdb` are; searched for when not given.
    pub binaries: Option<PathBuf>,
}

/// What the supervisor last saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Ready under this process id.
    Running {
        /// The postmaster.
        pid: u32,
    },
    /// Ended by itself, on its way back.
    Restarting,
    /// Stopped by us for good.
    Stopped,
}

impl State {
    fn running(server: &Server) -> Self {
        server
            .pid()
            .map_or(Self::Restarting, |pid| Self::Running { pid })
    }
}

/// A running private PostgreSQL; dropping it stops the server in the background.
#[derive(Debug)]
pub struct Cluster {
    site: Arc<Site>,
    state: watch::Receiver<State>,
    stop: oneshot::Sender<()>,
    supervisor: JoinHandle<()>,
}

impl Cluster {
    /// Takes the directory, makes the cluster where there is none, starts it and keeps it running.
    pub async fn start(config: ClusterConfig) -> Result<Self, ClusterError> {
        let site = Arc::new(blocking(move || Site::prepare(&config)).await?);
        let server = Server::start(&site).await?;
        let (told, state) = watch::channel(State::running(&server));
        let (stop, stopped) = oneshot::channel();
        let supervisor = Supervisor {
            site: Arc::clone(&site),
            state: told,
            stop: stopped,
        };
        tracing::info!(data = %site.pgdata.display(), "PostgreSQL is ready");
        Ok(Self {
            site,
            state,
            stop,
            supervisor: tokio::spawn(supervisor.run(server)),
        })
    }

    /// URL of the administrator, for migrations and for making roles and databases.
    pub fn admin_url(&self, dbname: &str) -> String {
        self.url_for(SUPERUSER, dbname)
    }

    /// URL of any login; the socket's directory is private, so no password is asked.
    pub fn url_for(&self, login: &str, dbname: &str) -> String {
        url::of(&self.site.socket, login, dbname)
    }

    /// The directory of the unix socket, as `PgConnectOptions::socket` wants it.
    pub fn socket_dir(&self) -> &Path {
        &self.site.socket
    }

    /// The port in the socket's name.
    pub fn port(&self) -> u16 {
        PORT
    }

    /// The directory of the cluster's files: the configured one, or where its link `cluster` leads.
    pub fn data_dir(&self) -> &Path {
        &self.site.data
    }

    /// What the supervisor sees, now and later.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Stops the server in order and lets go of the directory.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the supervisor of PostgreSQL failed");
        }
    }
}

/// URL into the cluster that somebody else keeps running in this directory; none when nobody does.
pub fn url_of_running(data_dir: &Path, login: &str, dbname: &str) -> Option<String> {
    let link = data_dir.join("cluster");
    let home = link.canonicalize().or_else(|_| data_dir.canonicalize());
    // Process id, data, start, port, socket's directory: what the server itself writes down.
    let noted = std::fs::read_to_string(home.ok()?.join("pgdata/postmaster.pid")).ok()?;
    let lines: Vec<&str> = noted.lines().map(str::trim).collect();
    let pid: u32 = lines.first()?.parse().ok()?;
    let socket = Path::new(*lines.get(4)?);
    let lives = Path::new("/proc").join(pid.to_string()).exists();
    let open = socket.join(format!(".s.PGSQL.{PORT}")).exists();
    (lives && open).then(|| url::of(socket, login, dbname))
}

/// Runs what blocks off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|failed| {
            Err(ClusterError::Program {
                program: "preparing the cluster",
                detail: failed.to_string(),
            })
        })
}
