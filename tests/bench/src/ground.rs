//! What a run stands on: a cluster of its own, the data set, the server, an nginx. All of it ends with the run.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    str::FromStr as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use cluster::{Cluster, ClusterConfig, State};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{
    ConnectOptions as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::process::{Child, Command};

use crate::{
    cpu,
    fixture::Fixture,
    http::{Ask, Connection},
    pgbench,
};

const DATABASE: &str = "yijianrong";
pub const LOGIN: &str = "yijianrong_app";

/// What the run was asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    pub server: PathBuf,
    pub folder: PathBuf,
    pub model_catalog: PathBuf,
    pub listen: SocketAddr,
    pub cities: u16,
    pub applications: u64,
    pub slice: Duration,
    pub rounds: usize,
    pub clients: usize,
    /// The page that tells whether the server is there.
    pub door: String,
}

/// The ground under a run.
pub struct Ground {
    pub plan: Plan,
    pub cluster: Cluster,
    pub owner: PgPool,
    pub fixture: Arc<Fixture>,
    pub bench: pgbench::Bench,
}

/// A running server.
pub struct Server {
    child: Child,
    pub pid: u32,
    /// From the start of the process to its first answer.
    pub first_answer: Duration,
}

impl Ground {
    pub async fn prepare(plan: Plan) -> anyhow::Result<Self> {
        if plan.folder.exists() {
            fs::remove_dir_all(&plan.folder).with_context(|| plan.folder.display().to_string())?;
        }
        fs::create_dir_all(&plan.folder)?;
        let cluster = Cluster::start(ClusterConfig {
            data_dir: plan.folder.join("cluster"),
            durable: true,
            binaries: None,
        })
        .await?;
        let admin =
            PgConnectOptions::from_str(&cluster.admin_url("postgres"))?.disable_statement_logging();
        let maintenance = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(admin.clone())
            .await?;
        sqlx::query("create database yijianrong")
            .execute(&maintenance)
            .await?;
        maintenance.close().await;
        let owner = PgPoolOptions::new()
            .max_connections(2)
            .connect_with(admin.database(DATABASE))
            .await?;
        let fixture_path = plan.folder.join("fixture.json");
        seed(&plan, &cluster, &fixture_path).await?;
        let State::Running { pid } = *cluster.watch().borrow() else {
            anyhow::bail!("PostgreSQL is not running");
        };
        let bench = pgbench::Bench {
            binary: pgbench::binary()?,
            socket: cluster.socket_dir().to_owned(),
            port: cluster.port(),
            login: LOGIN.to_owned(),
            database: DATABASE.to_owned(),
            folder: pgbench::folder(&plan.folder)?,
            postmaster: pid,
        };
        Ok(Self {
            fixture: Arc::new(Fixture::read(&fixture_path)?),
            plan,
            cluster,
            owner,
            bench,
        })
    }

    /// Starts the server and waits for its first good answer to a visitor.
    pub async fn serve(&self, connections: u32) -> anyhow::Result<Server> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.plan.folder.join("server.log"))?;
        let mut command = program(&self.plan, &self.cluster);
        command
            .arg("serve")
            .args(["--listen", &self.plan.listen.to_string()])
            .arg("--catalog")
            .arg(&self.fixture.catalog)
            .args(["--pool", &connections.to_string()])
            .args(["--trusted-proxies", "1"])
            .stdout(log.try_clone()?)
            .stderr(log);
        let began = Instant::now();
        let mut child = command.spawn().context("the server")?;
        let pid = child.id().context("the server ended at once")?;
        let ask = Ask::get(&self.fixture.cities[0].host, &self.plan.door, "", "");
        loop {
            let answer = Connection::new(self.plan.listen).exchange(&ask).await;
            if answer.is_ok_and(|a| a.status == 200) {
                break;
            }
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("the server ended: {status}; see server.log");
            }
            anyhow::ensure!(
                began.elapsed() < Duration::from_mins(1),
                "the server does not answer with 200; see server.log"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(Server {
            child,
            pid,
            first_answer: began.elapsed(),
        })
    }

    /// Sessions of the data set do not grow old while something else is measured.
    pub async fn refresh_sessions(&self) -> anyhow::Result<()> {
        sqlx::query(
            "update sessions set seen_at = now() where ended_at is null and agent = 'bench'",
        )
        .execute(&self.owner)
        .await?;
        Ok(())
    }

    /// `kill -9`, and a new server at the same address.
    pub async fn restart(&self, server: &mut Server) -> anyhow::Result<()> {
        server.child.kill().await?;
        *server = self.serve(16).await?;
        Ok(())
    }

    /// `kill -9` of PostgreSQL; its keeper starts it again, which replays its log.
    pub async fn kill_database(&self) -> anyhow::Result<()> {
        let State::Running { pid } = *self.cluster.watch().borrow() else {
            anyhow::bail!("PostgreSQL is not running");
        };
        kill(Pid::from_raw(i32::try_from(pid)?), Signal::SIGKILL)?;
        let began = Instant::now();
        let ask = Ask::get(&self.fixture.cities[0].host, "/readyz", "", "");
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let other =
                matches!(*self.cluster.watch().borrow(), State::Running { pid: now } if now != pid);
            let answer = Connection::new(self.plan.listen).exchange(&ask).await;
            if other && answer.is_ok_and(|a| a.status == 200) {
                return Ok(());
            }
            anyhow::ensure!(
                began.elapsed() < Duration::from_mins(1),
                "PostgreSQL did not come back"
            );
        }
    }

    /// CPU of the server's processes and of PostgreSQL so far.
    pub fn cpu_ms(&self, server: &Server) -> f64 {
        let database = match *self.cluster.watch().borrow() {
            State::Running { pid } => cpu::tree_ms(pid),
            _ => 0.0,
        };
        cpu::tree_ms(server.pid) + database
    }

    pub async fn end(self, keep: bool) -> anyhow::Result<()> {
        self.owner.close().await;
        self.cluster.stop().await;
        if !keep {
            fs::remove_dir_all(&self.plan.folder)?;
        }
        Ok(())
    }
}

fn program(plan: &Plan, cluster: &Cluster) -> Command {
    let mut command = Command::new(&plan.server);
    command
        .env("YJR_DATA", plan.folder.join("data"))
        .env("DATABASE_URL", cluster.url_for(LOGIN, DATABASE))
        .env("OWNER_DATABASE_URL", cluster.admin_url(DATABASE))
        .env("YJR_DEMO", plan.folder.join("no-demo"))
        .env("APP_ENV", "demo")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn seed(plan: &Plan, cluster: &Cluster, fixture: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let status = program(plan, cluster)
        .args(["seed", "--bench"])
        .args(["--applications", &plan.applications.to_string()])
        .args(["--cities", &plan.cities.to_string()])
        .arg("--fixture")
        .arg(fixture)
        .arg("--catalog")
        .arg(&plan.model_catalog)
        .status()
        .await
        .context("the seed")?;
    anyhow::ensure!(status.success(), "the seed failed");
    println!("seeded in {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

impl Server {
    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        Ok(kill(Pid::from_raw(i32::try_from(self.pid)?), signal)?)
    }

    /// Stops the clock of the server while a limit is measured: it must not work off what the limit writes.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    pub fn go_on(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGCONT)
    }

    /// SIGTERM; it has ten seconds.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.signal(Signal::SIGTERM)?;
        if tokio::time::timeout(Duration::from_secs(12), self.child.wait())
            .await
            .is_err()
        {
            self.child.kill().await?;
            anyhow::bail!("the server did not end by itself");
        }
        Ok(())
    }
}

/// An nginx that serves one file.
pub struct Nginx {
    child: Child,
    pub address: SocketAddr,
}

impl Nginx {
    pub async fn serve(folder: &Path, address: SocketAddr, bytes: &[u8]) -> anyhow::Result<Self> {
        let folder = folder.join("nginx");
        fs::create_dir_all(folder.join("www"))?;
        let folder = folder.canonicalize()?;
        fs::write(folder.join("www/page.html"), bytes)?;
        let user = if nix::unistd::geteuid().is_root() {
            "user root;"
        } else {
            ""
        };
        let at = folder.display();
        let config = format!(
            "{user} daemon off; worker_processes auto; pid {at}/pid; error_log {at}/error.log warn;
             events {{ worker_connections 512; }}
             http {{
               access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type text/html;
               open_file_cache max=10; client_body_temp_path {at}/a; proxy_temp_path {at}/b; fastcgi_temp_path {at}/c;
               uwsgi_temp_path {at}/d; scgi_temp_path {at}/e;
               server {{ listen {address}; root {at}/www; }}
             }}"
        );
        let path = folder.join("nginx.conf");
        fs::write(&path, config)?;
        let mut child = Command::new(nginx_binary()?)
            .arg("-c")
            .arg(&path)
            .arg("-e")
            .arg(folder.join("error.log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("stderr.log"))?)
            .kill_on_drop(true)
            .spawn()
            .context("nginx")?;
        let ask = Ask::get("localhost", "/page.html", "", "");
        let began = Instant::now();
        while Connection::new(address).exchange(&ask).await.is_err() {
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("nginx ended: {status}; see nginx/error.log");
            }
            anyhow::ensure!(began.elapsed() < Duration::from_secs(10), "nginx is silent");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { child, address })
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    pub async fn stop(mut self) {
        if let Some(pid) = self.child.id().and_then(|p| i32::try_from(p).ok()) {
            // SIGTERM lets the master take its workers along.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await;
    }
}

fn nginx_binary() -> anyhow::Result<PathBuf> {
    let beside = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|p| p.join("nginx"))
        .chain(beside)
        .find(|p| p.exists())
        .context("nginx is missing")
}
