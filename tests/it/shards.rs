//! Cities on databases of their own 独立数据库, served by one process beside the platform's.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use journeys::{Browser, CANGZHOU_HOST, TestDatabase, YUNLAN_HOST, copy_folder};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use tokio::{sync::oneshot, task::JoinHandle};
use uuid::Uuid;
use yijianrong::{
    city::{One, apply},
    config::Settings,
    database::city_id_of,
    provinces,
    serve::{self, Limits},
    shard::Shards,
    wire::Parts,
};

/// A platform whose second city may get a database of its own.
struct Platform {
    folder: PathBuf,
    home: TestDatabase,
    own: TestDatabase,
}

impl Platform {
    /// The file of the second city is not in the catalogue yet.
    async fn new() -> Self {
        let (home, own) = (TestDatabase::new().await, TestDatabase::new().await);
        let folder = std::env::temp_dir().join(format!("yjr-shards-{}", Uuid::new_v4()));
        let platform = Self { folder, home, own };
        copy_folder(&shipped(), &platform.catalog());
        fs::remove_file(platform.file()).expect("it was there");
        platform
    }

    fn catalog(&self) -> PathBuf {
        self.folder.join("catalog")
    }

    fn file(&self) -> PathBuf {
        self.catalog().join("yunlan.toml")
    }

    fn settings(&self) -> Settings {
        let place = |name: &str| self.folder.join(name).display().to_string();
        let more = [
            format!("--data={}", place("data")),
            format!("--demo-content={}", place("no-demonstration")),
        ];
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        self.home.settings(&self.catalog(), &more)
    }

    /// Puts the second city's file into the catalogue, with the database that it names.
    fn name_own_database(&self) {
        let reference = |name: &str, to: &PgConnectOptions| {
            let file = self.folder.join(name);
            fs::write(&file, to.to_url_lossy().as_str()).expect("written");
            format!("file:{}", file.display())
        };
        let text = fs::read_to_string(shipped().join("yunlan.toml")).expect("it is there");
        let named = format!(
            "database = \"{}\"\ndatabase_owner = \"{}\"\n{text}",
            reference("login", &self.own.app()),
            reference("owner", &self.own.owner()),
        );
        fs::write(self.file(), named).expect("written");
    }

    /// `city apply yunlan`, as somebody types it beside the running platform.
    async fn apply(&self) -> Result<String, String> {
        self.apply_of("yunlan").await
    }

    async fn apply_of(&self, slug: &str) -> Result<String, String> {
        let one = One {
            slug: slug.to_owned(),
            settings: self.settings(),
        };
        let done = apply::apply(&one).await;
        done.map(|lines| lines.join("\n"))
            .map_err(|error| format!("{error:#}"))
    }

    async fn start(&self) -> Process {
        let limits = Limits::default();
        let shards = Shards::open(&self.settings(), limits.leaving.clone()).await;
        let shards = shards.expect("the platform opens");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let site = (shards.rooms(), shards.quick());
        let serving = tokio::spawn(async move {
            let until = async {
                stopped.await.ok();
            };
            let served = serve::serve(listener, site, limits, until);
            served.await.expect("it serves");
        });
        Process {
            shards,
            cangzhou: Browser::new(address, CANGZHOU_HOST),
            yunlan: Browser::new(address, YUNLAN_HOST),
            stop,
            serving,
        }
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn shipped() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog")).to_owned()
}

/// A process that serves.
struct Process {
    shards: Arc<Shards>,
    cangzhou: Browser,
    yunlan: Browser,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Process {
    async fn end(self) {
        self.stop.send(()).ok();
        self.serving.await.expect("it ends");
        self.shards.close().await;
    }
}

/// What a database holds of the figures of a province.
async fn asked_in(database: &TestDatabase) -> Vec<(Uuid, i64)> {
    let mut one = database.owner().connect().await.expect("it answers");
    let asked =
        sqlx::query_as("select city, asked from provincial_figures where dimension = 'all'");
    asked.fetch_all(&mut one).await.expect("they are told")
}

/// Which cities a database holds.
async fn cities_in(database: &TestDatabase) -> Vec<String> {
    let mut one = database.owner().connect().await.expect("it answers");
    let asked = sqlx::query_scalar("select slug from tenants where kind = 'city' order by slug");
    asked.fetch_all(&mut one).await.expect("they are told")
}

async fn captchas_in(database: &TestDatabase) -> i64 {
    let mut one = database.owner().connect().await.expect("it answers");
    let counted = sqlx::query_scalar("select count(*) from captchas");
    counted.fetch_one(&mut one).await.expect("they are counted")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_on_a_database_of_its_own_joins_the_running_platform() {
    let platform = Platform::new().await;
    let process = platform.start().await;
    process.cangzhou.get("/").await.expect(200);
    process.yunlan.get("/").await.expect(404);

    platform.name_own_database();
    let said = platform.apply().await.expect("it is applied");
    assert!(said.contains("yunlan is in the database"), "{said}");
    assert!(said.contains("follows"), "{said}");

    process
        .yunlan
        .get("/")
        .await
        .expect(200)
        .says("云澜市企业融资服务平台");
    process.cangzhou.get("/").await.expect(200).says("沧州市");
    assert_eq!(cities_in(&platform.home).await, ["cangzhou"]);
    assert_eq!(cities_in(&platform.own).await, ["yunlan"]);

    // Whatever is written for a city stands in its own database.
    process.yunlan.get("/login").await.expect(200);
    let picture = process.yunlan.get("/captcha.png?form=password").await;
    picture.expect(200);
    assert_eq!(captchas_in(&platform.home).await, 0);
    assert_eq!(captchas_in(&platform.own).await, 1);
    process.end().await;

    // The next start finds it by itself.
    let again = platform.start().await;
    again.yunlan.get("/market").await.expect(200);
    again.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_takes_no_other_city_down() {
    let platform = Platform::new().await;
    platform.name_own_database();
    platform.own.close(true).await;
    let process = platform.start().await;
    process.cangzhou.get("/").await.expect(200);
    process
        .yunlan
        .get("/")
        .await
        .expect(503)
        .says("平台正在维护");
    assert_eq!(process.shards.waiting().len(), 1);
    let said = platform.apply_of("cangzhou").await.expect("it is applied");
    assert!(said.contains("follows"), "{said}");

    platform.own.close(false).await;
    process.shards.open_missing().await.expect("it answers now");
    process.yunlan.get("/").await.expect(200);

    // Lost while it serves: the other city does not notice.
    platform.own.close(true).await;
    process.yunlan.get("/readyz").await.expect(503);
    process.cangzhou.get("/readyz").await.expect(200);
    platform.own.close(false).await;
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_leads_nowhere_is_told_before_anything_is_written() {
    let platform = Platform::new().await;
    platform.name_own_database();
    fs::remove_file(platform.folder.join("login")).expect("it was there");
    let process = platform.start().await;
    let refused = platform.apply().await.expect_err("it leads nowhere");
    assert!(refused.contains("cannot be read"), "{refused}");
    process.yunlan.get("/").await.expect(503);
    process.cangzhou.get("/").await.expect(200);
    assert!(cities_in(&platform.own).await.is_empty());
    process.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_hears_of_a_city_that_lives_in_another_database() {
    let platform = Platform::new().await;
    // The province of the second city, beside the shipped one.
    let folder = platform.catalog().join("provinces");
    let text = fs::read_to_string(folder.join("hebei.toml")).expect("it is there");
    let text = text
        .replace("130000", "330000")
        .replace("hebei", "zhejiang");
    fs::write(folder.join("zhejiang.toml"), text).expect("written");
    let process = platform.start().await;
    platform.name_own_database();
    platform.apply().await.expect("it is applied");
    let city = city_id_of("yunlan").0;
    let mut own = platform.own.owner().connect().await.expect("it answers");
    sqlx::query(
        "insert into statistics_months (tenant_id, dimension, month, value, asked, asked_cents)
         select $1, 'all', (date_trunc('month', now() at time zone 'Asia/Shanghai') - make_interval(months => back))::date, '', 7 + back, 700
         from generate_series(0, 1) back",
    )
    .bind(city)
    .execute(&mut own)
    .await
    .expect("they are counted");

    let all = process.shards.all();
    let parts: Vec<&Parts> = all.iter().map(|shard| &shard.parts).collect();
    assert_eq!(parts.len(), 2, "both databases are open");
    let told = provinces::gather(parts[0], &parts).await.expect("it runs");
    assert_eq!(told, 1, "the month that is over, and not the one under way");
    assert_eq!(asked_in(&platform.home).await, [(city, 8)]);
    assert!(asked_in(&platform.own).await.is_empty());
    let again = provinces::gather(parts[0], &parts).await.expect("it runs");
    assert_eq!(again, 0);
    process.end().await;
}
