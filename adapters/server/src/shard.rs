//! Shards 数据库分片: the platform's database with its cities, and each further database that a city's file names. One process serves
//! them side by side; what one of them suffers is nothing to the others.

use std::sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicBool};
use std::time::Duration;

use anyhow::Context as _;
use application::{city::Cities as _, ports::clock::Clock as _};
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header, request::Parts as Head};
use axum::response::{IntoResponse as _, Response};
use tenants::catalog::{self, CatalogError, Directory, OnDisk, OwnDatabase};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    city::{follow::Follower, texts},
    clock::SystemClock,
    config::Settings,
    database::Database,
    doctor, keys, layers, outside, providers, provinces, seed,
    serve::Quick,
    wire::{self, Parts},
    workers::Workers,
};

/// How often a database that did not answer is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(15);
/// A round that hangs must not hold up the end: what it began is rolled back and done again after the next start.
const LAST_ROUND: Duration = Duration::from_secs(5);

/// How log and figures name the platform's own database.
pub const PLATFORM: &str = "platform";

/// One database with its cities and their rooms.
pub struct Shard {
    /// As the cities' files name its database; `None`: the platform's own.
    pub at: Option<String>,
    pub parts: Parts,
    router: Router,
    quick: Quick,
    /// Until it is closed.
    running: Mutex<Option<(Duties, Database)>>,
}

/// What a shard does beside answering.
struct Duties {
    hearing: [JoinHandle<()>; 2],
    rounds: JoinSet<()>,
    end: watch::Sender<bool>,
}

impl Duties {
    async fn end(mut self) {
        for task in &self.hearing {
            task.abort();
        }
        self.end.send(true).ok();
        let ended = async { while self.rounds.join_next().await.is_some() {} };
        tokio::time::timeout(LAST_ROUND, ended).await.ok();
    }
}

impl Shard {
    /// Connects, takes in the cities, and starts the duties; `None`: no city was applied to it yet.
    async fn open(settings: &Settings, shards: &Arc<Shards>) -> anyhow::Result<Option<Self>> {
        // Files are read while the database starts, which is mostly waiting, and while the first to open makes what all have in common.
        let folder = settings.catalog.clone();
        let files = tokio::task::spawn_blocking(move || catalog::on_disk(&folder));
        web::templates::shared().ok();
        reference::Reference::warm();
        let mut database = Database::open(settings).await?;
        let furnished = async {
            let Some(parts) = furnish(settings, &mut database, files, shards).await? else {
                return Ok(None);
            };
            let (directory, parts) = parts;
            let duties = begin(settings, directory, &parts, shards);
            anyhow::Ok(Some((parts, duties)))
        };
        match furnished.await {
            Ok(Some((parts, duties))) => Ok(Some(Self {
                at: settings.at.clone(),
                router: wire::router(&parts),
                quick: layers::quick(&parts, shards.leaving.clone()),
                running: Mutex::new(Some((duties, database))),
                parts,
            })),
            none => {
                database.close().await;
                none.map(|_| None)
            }
        }
    }

    async fn close(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((duties, database)) = running {
            duties.end().await;
            database.close().await;
        }
    }
}

/// The adapters of a database and its cities, with everything that must be in it; the owner's connections are closed then.
async fn furnish(
    settings: &Settings,
    database: &mut Database,
    files: JoinHandle<Result<Vec<OnDisk>, CatalogError>>,
    shards: &Shards,
) -> anyhow::Result<Option<(Arc<Directory>, Parts)>> {
    if !settings.demo() {
        let faults = doctor::database_faults(&database.app, SystemClock.now()).await?;
        doctor::refuse_if(&faults)?;
    }
    let cities = database.choose_cities(settings, files.await??).await?;
    if cities.is_empty() {
        return Ok(None);
    }
    if !settings.demo() {
        doctor::refuse_if(&providers::city_faults(settings, &cities).await?)?;
    }
    let directory = Arc::new(Directory::new(database.take(cities).await?)?);
    directory.set_provinces(provinces::of(settings, database).await?)?;
    shards.refuse_foreign_hosts(&directory)?;
    let keys = keys(settings)?;
    let outside = outside(settings, directory.clone(), keys, database.app.clone())?;
    let parts = Parts::assemble(outside).await?;
    texts::write_missing(&parts.pool, &parts.door, &parts.in_force.filed()).await?;
    if settings.demo()
        && let Some(owner) = &database.owner
    {
        seed::run(owner, &parts, &settings.demo_content)
            .await
            .context("the demonstration's data")?;
        for province in parts.cities.provinces() {
            let folder = settings.demo_content.join(&province.slug);
            seed::people::provincial(&parts, &province, &folder).await?;
        }
    }
    wire::read_agreements(&parts, None)
        .await
        .context("the agreements in force")?;
    database.drop_owner().await;
    Ok(Some((directory, parts)))
}

fn begin(
    settings: &Settings,
    directory: Arc<Directory>,
    parts: &Parts,
    shards: &Arc<Shards>,
) -> Duties {
    let (tell, calls) = tokio::sync::mpsc::unbounded_channel();
    let listening = tokio::spawn(wire::watch(parts, move |call| {
        tell.send(call).ok();
    }));
    let follower = Follower {
        parts: parts.clone(),
        directory,
        settings: settings.clone(),
        shards: Arc::downgrade(shards),
    };
    let (end, ended) = watch::channel(false);
    let database = settings.at.as_deref().unwrap_or(PLATFORM);
    Duties {
        hearing: [listening, tokio::spawn(follower.run(calls))],
        rounds: Workers::new(parts).start(database, &ended),
        end,
    }
}

/// A database that does not answer, or that this program refuses.
#[derive(Clone)]
struct Waiting {
    at: String,
    hosts: Vec<String>,
    why: String,
}

#[derive(Clone, Default)]
struct Now {
    /// The platform's own first.
    open: Vec<Arc<Shard>>,
    waiting: Vec<Waiting>,
}

/// All databases of this process.
pub struct Shards {
    settings: Settings,
    leaving: Arc<AtomicBool>,
    now: RwLock<Now>,
    /// One opening at a time: a call and the clock may want the same.
    opening: tokio::sync::Mutex<()>,
}

impl Shards {
    /// Opens the platform's database, which must be there, and those of cities, which may come later.
    pub async fn open(settings: &Settings, leaving: Arc<AtomicBool>) -> anyhow::Result<Arc<Self>> {
        let shards = Arc::new(Self {
            settings: settings.clone(),
            leaving,
            now: RwLock::default(),
            opening: tokio::sync::Mutex::default(),
        });
        {
            // A follower that is called at once waits until the platform's own is in its place.
            let _one = shards.opening.lock().await;
            let home = Shard::open(settings, &shards).await?;
            let home = home.context("no city was applied to the platform's database")?;
            shards.change(|now| now.open.push(Arc::new(home)));
        }
        // Each is told in the log, and asked again later.
        shards.open_missing().await.ok();
        Ok(shards)
    }

    fn now(&self) -> Now {
        self.now
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change(&self, how: impl FnOnce(&mut Now)) {
        how(&mut self.now.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Every database that is open, the platform's first.
    pub fn all(&self) -> Vec<Arc<Shard>> {
        self.now().open
    }

    /// The databases that do not answer or are refused, as the cities' files name them.
    pub fn waiting(&self) -> Vec<String> {
        self.now().waiting.into_iter().map(|one| one.at).collect()
    }

    /// Opens the databases that cities' files name and that are not open yet. Each has its try; what is newly wrong is told together:
    /// a database that was down before is nobody's fault who changes another city.
    pub async fn open_missing(self: &Arc<Self>) -> anyhow::Result<()> {
        let _one = self.opening.lock().await;
        let known = self.now();
        let (mut waiting, mut faults) = (Vec::new(), Vec::new());
        for own in self.settings.own_databases()? {
            let is_open = |shard: &Arc<Shard>| shard.at.as_deref() == Some(own.login.as_str());
            if known.open.iter().any(is_open) {
                continue;
            }
            match self.opened(own.clone()).await {
                Ok(Some(shard)) => {
                    tracing::info!(database = own.login, "a database of its own is served");
                    self.change(|now| now.open.push(Arc::new(shard)));
                }
                Ok(None) => {}
                Err(error) => {
                    let why = format!("{error:#}");
                    let told = |one: &Waiting| (&one.at, &one.why) == (&own.login, &why);
                    if !known.waiting.iter().any(told) {
                        tracing::error!(database = own.login, error = why, "cannot be served");
                        faults.push(format!("{}: {why}", own.login));
                    }
                    let hosts = self.hosts_of(&own);
                    let at = own.login;
                    waiting.push(Waiting { at, hosts, why });
                }
            }
        }
        self.change(|now| now.waiting = waiting);
        anyhow::ensure!(faults.is_empty(), faults.join("; "));
        Ok(())
    }

    /// On a thread of its own: sowing a demonstration is no work for one that answers people.
    async fn opened(self: &Arc<Self>, own: OwnDatabase) -> anyhow::Result<Option<Shard>> {
        let (shards, runtime) = (Arc::clone(self), tokio::runtime::Handle::current());
        let open = move || {
            let settings = shards.settings.of(&own)?;
            runtime.block_on(Shard::open(&settings, &shards))
        };
        tokio::task::spawn_blocking(open).await?
    }

    /// Would the database that this city's file names be found by this process?
    pub fn try_reference(&self, slug: &str) -> anyhow::Result<()> {
        self.settings.of_city(slug).map(|_| ())
    }

    /// Asks again for the databases that did not answer, for as long as it is polled.
    pub async fn keep_trying(self: Arc<Self>) {
        loop {
            tokio::time::sleep(ASK_AGAIN).await;
            if !self.now().waiting.is_empty() {
                self.open_missing().await.ok();
            }
        }
    }

    fn hosts_of(&self, own: &OwnDatabase) -> Vec<String> {
        let files = catalog::files(&self.settings.catalog).unwrap_or_default();
        files
            .iter()
            .filter(|file| catalog::own_database(file).is_some_and(|of| of.login == own.login))
            .filter_map(|file| catalog::read_one(&self.settings.catalog, file).ok())
            .flat_map(|city| city.hosts)
            .collect()
    }

    /// Two databases never serve one host.
    fn refuse_foreign_hosts(&self, cities: &Directory) -> anyhow::Result<()> {
        for shard in self.now().open {
            for city in cities.all() {
                let claimed = |host: &&String| shard.parts.cities.by_host(host).is_some();
                if let Some(host) = city.hosts.iter().find(claimed) {
                    anyhow::bail!("two cities claim the host {host}");
                }
            }
        }
        Ok(())
    }

    /// The rooms for whoever asks; those of the platform's own database for a host that nobody has.
    pub fn rooms(self: &Arc<Self>) -> crate::serve::Rooms {
        let shards = Arc::clone(self);
        Arc::new(move |head| match shards.find(head) {
            Found::Open(shard) => shard.router.clone(),
            Found::Waiting => Router::new().fallback(|| async { not_now() }),
        })
    }

    /// What is at hand, from the database that is asked.
    pub fn quick(self: &Arc<Self>) -> Quick {
        let shards = Arc::clone(self);
        Arc::new(move |head| match shards.find(head) {
            Found::Open(shard) => (shard.quick)(head),
            Found::Waiting => Some(not_now()),
        })
    }

    fn find(&self, head: &Head) -> Found {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        let (first, more) = now.open.split_first().expect("the platform's own is open");
        if more.is_empty() && now.waiting.is_empty() {
            return Found::Open(first.clone());
        }
        let host = web::visit::host_of(&head.headers).unwrap_or_default();
        let is_here = |shard: &&Arc<Shard>| shard.parts.cities.by_host(host).is_some();
        if let Some(shard) = now.open.iter().find(is_here) {
            return Found::Open(shard.clone());
        }
        let waits = |one: &Waiting| one.hosts.iter().any(|h| h.eq_ignore_ascii_case(host));
        if now.waiting.iter().any(waits) {
            Found::Waiting
        } else {
            Found::Open(first.clone())
        }
    }

    /// Ends every duty and closes every database.
    pub async fn close(&self) {
        let mut open = Vec::new();
        self.change(|now| open = std::mem::take(&mut now.open));
        let mut closing = JoinSet::new();
        for shard in open {
            closing.spawn(async move { shard.close().await });
        }
        closing.join_all().await;
    }
}

/// Which rooms a request belongs to.
enum Found {
    Open(Arc<Shard>),
    Waiting,
}

fn not_now() -> Response {
    let words = "平台正在维护，请稍后再试。";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, words).into_response();
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
