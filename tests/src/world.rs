//! A whole running system per test: its own database, two cities, a server on a free port, a stopped clock.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, LazyLock},
};

use application::city::{Cities, City};
use application::ports::scanner::FileScanner;
use postgres_adapter::pool;
use sqlx::PgPool;
use tenants::catalog::{self, Directory};
use tokio::sync::OnceCell;
use vault::Keys;
use web::{flood::FloodLimits, kit::Mode};
use yijianrong::{
    config::Settings,
    database::apply_city,
    layers, provinces, seed,
    serve::{self, Limits},
    wire::{self, Outside, Parts},
};

use crate::{Browser, StoppedClock, TestDatabase};

/// Host of the first city, and of the second, invented one.
pub const CANGZHOU_HOST: &str = "cangzhou.localhost";
pub const OTHER_HOST: &str = "beishan.localhost";
/// Host of the second city of the catalogue.
pub const YUNLAN_HOST: &str = "yunlan.localhost";
/// Host of the province of the catalogue, to which the first city belongs.
pub const PROVINCE_HOST: &str = "hebei.localhost";

/// The demonstration, sown once per test run.
static SOWN: OnceCell<Sown> = OnceCell::const_new();

/// What a world of the demonstration is a copy of.
struct Sown {
    database: TestDatabase,
    files: std::path::PathBuf,
}

/// One running system.
pub struct World {
    pub address: SocketAddr,
    pub parts: Parts,
    pub clock: Arc<StoppedClock>,
    /// The owner's pool: what no request ever uses. For arranging and for looking behind the walls.
    pub owner: PgPool,
    pub cangzhou: Arc<City>,
    pub other: Arc<City>,
    /// The cities of this system, to be exchanged as a running process does.
    pub directory: Arc<Directory>,
    serial: std::sync::atomic::AtomicU32,
    hash: OnceCell<String>,
    files: std::path::PathBuf,
    database: TestDatabase,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

fn demo_mode() -> Mode {
    Mode {
        demo: true,
        secure_cookies: false,
        trusted_proxies: 0,
        // Tests knock faster than people; the limiter has a test of its own.
        flood: FloodLimits {
            per_session: 10_000,
            per_address: 10_000,
            calls_per_device: 100_000,
            calls_per_address: 100_000,
        },
    }
}

fn catalogue() -> Vec<City> {
    static READ: LazyLock<Vec<City>> = LazyLock::new(|| {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"));
        catalog::read(folder).expect("the catalogue reads")
    });
    READ.clone()
}

/// The first city, and a second one that differs in its names only.
fn twins(change: impl Fn(&mut City)) -> Vec<City> {
    let mut first = catalogue().swap_remove(0);
    let mut second = first.clone();
    second.slug = "beishan".to_owned();
    second.name = "北山市企业融资服务平台".to_owned();
    second.second_name = "北山融".to_owned();
    second.hosts = vec![OTHER_HOST.to_owned()];
    if let Some(section) = second.plugs.get_mut("wechat") {
        section["app_id"] = serde_json::json!("wx0000000000000002");
    }
    for city in [&mut first, &mut second] {
        change(city);
    }
    vec![first, second]
}

impl World {
    /// A fresh system with both cities and nothing in them.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, with the cities' settings changed beforehand.
    pub async fn with(change: impl Fn(&mut City)) -> Self {
        Self::build(
            twins(change),
            demo_mode(),
            scan::from_setting("none").expect("nobody"),
        )
        .await
    }

    /// A system with the cities of the catalogue as they are.
    pub async fn shipped() -> Self {
        let nobody = scan::from_setting("none").expect("nobody");
        Self::build(catalogue(), demo_mode(), nobody).await
    }

    /// A system that is no demonstration: staff need a second factor.
    pub async fn strict() -> Self {
        let mode = Mode {
            demo: false,
            ..demo_mode()
        };
        let nobody = scan::from_setting("none").expect("nobody");
        Self::build(twins(|_| {}), mode, nobody).await
    }

    /// The same with the cookies of a site that HTTPS leads to, as production is.
    pub async fn behind_https() -> Self {
        let mode = Mode {
            demo: false,
            secure_cookies: true,
            ..demo_mode()
        };
        let nobody = scan::from_setting("none").expect("nobody");
        Self::build(twins(|_| {}), mode, nobody).await
    }

    /// A system whose uploads somebody looks into.
    pub async fn scanned_by(scanner: Arc<dyn FileScanner>) -> Self {
        Self::build(twins(|_| {}), demo_mode(), scanner).await
    }

    /// The cities of the catalogue with everything that the demonstration brings.
    pub async fn demonstrated() -> Self {
        let sown = SOWN.get_or_init(Self::sow).await;
        let database = TestDatabase::like(&sown.database).await;
        copy_folder(&sown.files, &files_of(&database));
        let nobody = scan::from_setting("none").expect("nobody");
        Self::build_on(database, catalogue(), demo_mode(), nobody).await
    }

    async fn sow() -> Sown {
        let world = Self::shipped().await;
        let demo = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/demo"));
        for city in [&world.cangzhou, &world.other] {
            seed::content::basics(&world.parts.pool, city)
                .await
                .expect("its first content");
        }
        seed::run(&world.owner, &world.parts, demo)
            .await
            .expect("the demonstration is sown");
        let files = world.files.with_extension("sown");
        copy_folder(&world.files, &files);
        world.database.close(true).await;
        let database = TestDatabase::like(&world.database).await;
        database.close(true).await;
        Sown { database, files }
    }

    /// The first city of the list is the first city of the world, the second its other one.
    async fn build(cities: Vec<City>, mode: Mode, scanner: Arc<dyn FileScanner>) -> Self {
        Self::build_on(TestDatabase::new().await, cities, mode, scanner).await
    }

    async fn build_on(
        database: TestDatabase,
        mut cities: Vec<City>,
        mode: Mode,
        scanner: Arc<dyn FileScanner>,
    ) -> Self {
        let owner = pool(database.owner(), 4).await.expect("the database opens");
        // As many at once as make a race on two cores; each more costs every test a backend that starts.
        let app = pool(database.app(), 6).await.expect("the app login opens");
        let clock = Arc::new(StoppedClock::new());
        for city in &mut cities {
            city.id = apply_city(&owner, city).await.expect("the city is applied");
        }
        let directory =
            Arc::new(Directory::new(cities).expect("two cities with hosts of their own"));
        let all = directory.all();
        let (cangzhou, other) = (all[0].clone(), all[1].clone());
        let files = files_of(&database);
        let keys = vault::load_or_create_demo_keys(&files.join("keys")).expect("keys can be made");
        let cities = directory.clone();
        let parts = Self::assemble(app, cities, clock.clone(), keys, &files, mode, scanner).await;
        let (address, stop) = Self::start(&parts).await;
        Self {
            address,
            parts,
            clock,
            owner,
            cangzhou,
            other,
            directory,
            serial: 1.into(),
            hash: OnceCell::new(),
            files,
            database,
            stop: Some(stop),
        }
    }

    async fn assemble(
        pool: PgPool,
        cities: Arc<Directory>,
        clock: Arc<StoppedClock>,
        keys: Keys,
        files: &Path,
        mode: Mode,
        scanner: Arc<dyn FileScanner>,
    ) -> Parts {
        let outside = Outside {
            pool,
            cities,
            clock: clock.clone(),
            keys,
            hashing: vault::HashSettings {
                memory_kib: 64,
                passes: 1,
                ..Default::default()
            },
            files: Arc::new(vault::ObjectFiles::local(&files.join("objects")).expect("a folder")),
            scanner,
            apart: None,
            outbound: outbound::testing::hurried_with(clock.clone()),
            mode,
        };
        Parts::assemble(outside).await.expect("the parts fit")
    }

    async fn start(parts: &Parts) -> (SocketAddr, tokio::sync::oneshot::Sender<()>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (router, quick) = (wire::router(parts), layers::quick(parts, Arc::default()));
        // The cities of a world change when a test says so: it follows every call.
        let pool = parts.pool.clone();
        let watching = tokio::spawn(wire::watch(parts, move |call| {
            let (Some(call), pool) = (call, pool.clone()) else {
                return;
            };
            tokio::spawn(async move {
                let follows = postgres_adapter::Followed {
                    process: "world".to_owned(),
                    refused: String::new(),
                };
                postgres_adapter::answer(&pool, call.number, &follows)
                    .await
                    .ok();
            });
        }));
        tokio::spawn(async move {
            let until = async {
                stopped.await.ok();
            };
            let rooms: serve::Rooms = Arc::new(move |_| router.clone());
            serve::serve(listener, (rooms, quick), Limits::default(), until)
                .await
                .ok();
            watching.abort();
        });
        (address, stop)
    }

    pub(crate) fn next_serial(&self) -> u32 {
        self.serial
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }

    /// The hash of everybody's password, made once per world.
    pub(crate) async fn password_hash(&self) -> String {
        self.hash
            .get_or_init(|| async {
                let password = secrecy::SecretString::from(crate::PASSWORD);
                self.parts.hasher.hash(&password).await.expect("it hashes")
            })
            .await
            .clone()
    }

    /// 省级监管 of the catalogue, taken in as `province apply` does.
    pub async fn province(&self) -> Arc<City> {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"));
        let mut province = catalog::province(folder, "hebei").expect("it reads");
        province.id = provinces::apply_province(&self.owner, &province)
            .await
            .expect("it is applied");
        self.directory
            .set_provinces(vec![province])
            .expect("hosts of its own");
        self.directory.provinces().remove(0)
    }

    /// What a program of its own is told that runs on this system's database, with another catalogue.
    pub fn settings(&self, catalog: &Path, more: &[&str]) -> Settings {
        self.database.settings(catalog, more)
    }

    /// What was just written beside the cities' files is in force, whether or not its notice has come yet.
    pub async fn in_force(&self) {
        self.parts.portal.changed(None);
        wire::read_agreements(&self.parts, None)
            .await
            .expect("they are read");
    }

    /// The database goes away from the running system, whatever it is doing at this moment, and comes back; the owner still looks in.
    pub async fn cut_off(&self, away: bool) {
        self.database.cut_off(away).await;
    }

    /// A browser at the first city's door.
    pub fn browser(&self) -> Browser {
        Browser::new(self.address, CANGZHOU_HOST)
    }

    /// A browser at the second city's door.
    pub fn browser_elsewhere(&self) -> Browser {
        Browser::new(self.address, OTHER_HOST)
    }

    /// A browser at any host name.
    pub fn browser_at(&self, host: &str) -> Browser {
        Browser::new(self.address, host)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        std::fs::remove_dir_all(&self.files).ok();
    }
}

/// Where the files of a world lie.
fn files_of(database: &TestDatabase) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("yjr-test-{}", database.name))
}

/// A folder with everything in it, for a test that spoils it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
