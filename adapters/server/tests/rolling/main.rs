//! A rolling restart: two processes behind a proxy are exchanged one after the other while people come in all the time and one of
//! them submits requests.

mod clicks;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use postgres_adapter::provision::APP_LOGIN;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use clicks::{Kept, Submitter};

/// Both cities of the catalogue: whoever comes asks for one or the other in turn.
const HOSTS: [&str; 2] = ["cangzhou.localhost", "yunlan.localhost"];
/// How often the proxy asks who is ready, and how long a process goes on that is to end: several such questions.
const ASK: Duration = Duration::from_millis(100);
const LEAVE: &str = "2";
const PATIENCE: Duration = Duration::from_mins(2);
const PEOPLE: usize = 6;

/// A database that both processes work on, and their folder.
struct Ground {
    admin: PgConnectOptions,
    name: String,
    folder: PathBuf,
}

impl Ground {
    async fn new() -> Self {
        let url = std::env::var("TEST_ADMIN_URL")
            .expect("TEST_ADMIN_URL: run `cargo run -p cluster --bin throwaway -- cargo test …`");
        let admin = PgConnectOptions::from_str(&url).expect("an address");
        let name = format!("rolling_{}", Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(format!("yjr-{name}"));
        let ground = Self {
            admin,
            name,
            folder,
        };
        ground.sql(format!("create database {}", ground.name)).await;
        ground
    }

    async fn sql(&self, text: String) {
        let mut one = self.admin.connect().await.expect("it answers");
        // AssertSqlSafe: the name is made here.
        sqlx::query(AssertSqlSafe(text))
            .execute(&mut one)
            .await
            .expect("it runs");
    }

    async fn owner(&self) -> PgConnection {
        let options = self.admin.clone().database(&self.name);
        PgConnection::connect_with(&options)
            .await
            .expect("it answers")
    }

    fn program(&self) -> Command {
        let owner = self.admin.clone().database(&self.name);
        let app = owner.clone().username(APP_LOGIN);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut command = Command::new(env!("CARGO_BIN_EXE_yijianrong"));
        command
            .current_dir(root)
            .env("APP_ENV", "demo")
            .env("YJR_DATA", self.folder.join("data"))
            .env("YJR_DEMO", self.folder.join("no-demonstration"))
            .env("YJR_LEAVE", LEAVE)
            .env("YJR_TRUSTED_PROXIES", "1")
            .env("DATABASE_URL", app.to_url_lossy().as_str())
            .env("OWNER_DATABASE_URL", owner.to_url_lossy().as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        command
    }

    fn serve(&self, at: SocketAddr) -> Child {
        let mut command = self.program();
        command.args(["serve", "--listen", &at.to_string()]);
        command.spawn().expect("it starts")
    }
}

/// A port that was free a moment ago.
async fn port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    listener.expect("a port").local_addr().expect("its address")
}

fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder()
        .no_proxy()
        .cookie_store(true)
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client")
}

/// A process as the proxy sees it.
struct Backend {
    at: SocketAddr,
    ready: AtomicBool,
}

impl Backend {
    fn watched(at: SocketAddr) -> Arc<Self> {
        let backend = Arc::new(Self {
            at,
            ready: AtomicBool::new(false),
        });
        let (this, client) = (backend.clone(), client());
        tokio::spawn(async move {
            loop {
                let asked = client
                    .get(format!("http://{at}/readyz"))
                    .header("host", HOSTS[0]);
                let ready = asked.send().await.is_ok_and(|a| a.status() == 200);
                this.ready.store(ready, Ordering::Relaxed);
                sleep(ASK).await;
            }
        });
        backend
    }

    async fn until(&self, ready: bool) {
        let began = Instant::now();
        while self.ready.load(Ordering::Relaxed) != ready {
            assert!(
                began.elapsed() < PATIENCE,
                "{} is not ready: {ready}",
                self.at
            );
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Sends every connection to one that is ready, in turn, and to the next when that one refuses: as any proxy does.
async fn proxy(backends: [Arc<Backend>; 2]) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("its address");
    let turn = AtomicUsize::new(0);
    tokio::spawn(async move {
        while let Ok((mut person, _)) = listener.accept().await {
            let first = turn.fetch_add(1, Ordering::Relaxed);
            let order = [0, 1].map(|next| backends[(first + next) % 2].clone());
            tokio::spawn(async move {
                for backend in order.iter().filter(|b| b.ready.load(Ordering::Relaxed)) {
                    if let Ok(mut process) = TcpStream::connect(backend.at).await {
                        copy_bidirectional(&mut person, &mut process).await.ok();
                        return;
                    }
                }
            });
        }
    });
    address
}

/// What people met so far.
#[derive(Default)]
struct Met {
    came: AtomicU32,
    /// By city.
    answered: [AtomicUsize; HOSTS.len()],
    failed: AtomicUsize,
    enough: AtomicBool,
}

/// One person after the other opens the sign-in page and asks for its picture, which is a row of the database.
async fn come(to: SocketAddr, met: Arc<Met>) {
    while !met.enough.load(Ordering::Relaxed) {
        let person = client();
        // Everybody has an address of their own: nobody asks for too many pictures.
        let number = met.came.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::from_bits(0x0a00_0000 + number);
        let city = number as usize % HOSTS.len();
        let host = HOSTS[city];
        let get = async |path: &str| {
            let asked = person.get(format!("http://{to}{path}"));
            let asked = asked.header("host", host);
            let asked = asked.header("x-forwarded-for", address.to_string());
            let answer = asked.send().await?;
            answer.error_for_status()?.bytes().await
        };
        let seen = async {
            get("/login").await?;
            get("/captcha.png?form=password").await
        };
        match seen.await {
            Ok(picture) if picture.starts_with(b"\x89PNG") => &met.answered[city],
            _ => &met.failed,
        }
        .fetch_add(1, Ordering::Relaxed);
    }
}

async fn exchange(ground: &Ground, process: &mut Child, backend: &Backend) {
    let pid = process.id().expect("it runs");
    let pid = Pid::from_raw(i32::try_from(pid).expect("a process id"));
    kill(pid, Signal::SIGTERM).expect("it is told");
    backend.until(false).await;
    let ended = timeout(PATIENCE, process.wait()).await.expect("in time");
    assert!(ended.expect("it ended").success());
    *process = ground.serve(backend.at);
    backend.until(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_while_two_processes_are_exchanged_is_answered_and_submits_once() {
    let ground = Ground::new().await;
    let migrated = ground.program().arg("migrate").status().await;
    assert!(migrated.expect("it runs").success());
    let (first_at, second_at) = (port().await, port().await);
    let mut first = ground.serve(first_at);
    let first_seen = Backend::watched(first_at);
    // One after the other: both would take in the cities at once.
    first_seen.until(true).await;
    let mut second = ground.serve(second_at);
    let second_seen = Backend::watched(second_at);
    second_seen.until(true).await;

    let submitter = Submitter::arrived(&ground).await;
    let door = proxy([first_seen.clone(), second_seen.clone()]).await;
    let met = Arc::new(Met::default());
    let submitting = tokio::spawn(submitter.submit(door, met.clone()));
    let mut people = JoinSet::new();
    for _ in 0..PEOPLE {
        people.spawn(come(door, met.clone()));
    }
    exchange(&ground, &mut first, &first_seen).await;
    exchange(&ground, &mut second, &second_seen).await;
    met.enough.store(true, Ordering::Relaxed);
    people.join_all().await;
    let accepted = submitting.await.expect("they went on to the end");

    let by_city: Vec<usize> = (met.answered.iter())
        .map(|answered| answered.load(Ordering::Relaxed))
        .collect();
    let answered = by_city.iter().sum::<usize>();
    assert_eq!(met.failed.load(Ordering::Relaxed), 0, "of {answered}");
    let kept: i64 = sqlx::query_scalar("select count(*) from captchas")
        .fetch_one(&mut ground.owner().await)
        .await
        .expect("they are counted");
    assert_eq!(usize::try_from(kept).expect("a count"), answered);
    assert!(by_city.iter().all(|city| *city > 10), "{by_city:?}");
    // Accepted = rows = numbers without a gap = events = outbox rows, as the measured row P8 counts them.
    assert!(accepted > 10, "{accepted}");
    assert_eq!(Kept::now(&ground).await, Kept::once_each(accepted));
    for process in [&mut first, &mut second] {
        process.kill().await.expect("it ends");
    }
    ground
        .sql(format!("drop database {} with (force)", ground.name))
        .await;
    std::fs::remove_dir_all(&ground.folder).ok();
}
