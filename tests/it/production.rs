//! 生产环境: what a database must be like before production serves from it (S-51), one case for each reason.

use std::{path::Path, sync::Arc};

use application::ports::clock::Clock as _;
use journeys::{TestDatabase, World};
use postgres_adapter::{pool, provision};
use sqlx::{AssertSqlSafe, Executor as _, PgPool};
use time::Duration;
use yijianrong::{clock::SystemClock, config::Settings, doctor, provinces, shard::Shards};

async fn told(pool: &PgPool) -> Vec<String> {
    doctor::database_faults(pool, SystemClock.now())
        .await
        .expect("it can be looked at")
}

async fn run(world: &World, sql: String) {
    // AssertSqlSafe: fixed texts of this file.
    world
        .owner
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the statement runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_serves_takes_the_full_price_of_a_password() {
    let world = World::new().await;
    let catalog = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"));
    let data = std::env::temp_dir().join(format!("yjr-price-{}", std::process::id()));
    let settings = world.settings(catalog, &[&format!("--data={}", data.display())]);
    let keys = yijianrong::keys(&settings).expect("keys can be made");
    let (cities, pool) = (world.directory.clone(), world.parts.pool.clone());
    let outside = yijianrong::outside(&settings, cities, keys, pool);
    let price = outside.expect("it is put together").hashing;
    assert_eq!(price, vault::HashSettings::default());
    std::fs::remove_dir_all(data).expect("it goes");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_login_is_named_and_a_login_that_owns_nothing_has_none() {
    let world = World::new().await;
    assert_eq!(told(&world.parts.pool).await, Vec::<String>::new());
    // Logins belong to the whole server: this one is nobody else's.
    let login = "yijianrong_faulty";
    provision::app_login(&world.owner, login, None)
        .await
        .expect("it is made");
    let options = (*world.owner.connect_options()).clone().username(login);
    let faulty = pool(options, 1).await.expect("it opens");
    for (given, taken, fault) in [
        (
            "alter role LOGIN superuser",
            "alter role LOGIN nosuperuser",
            "superuser",
        ),
        (
            "alter role LOGIN bypassrls",
            "alter role LOGIN nobypassrls",
            "bypassrls",
        ),
        (
            "grant create on schema public to LOGIN",
            "revoke create on schema public from LOGIN",
            "create",
        ),
        (
            "alter table messages owner to LOGIN",
            "alter table messages owner to current_user",
            "owner",
        ),
    ] {
        run(&world, given.replace("LOGIN", login)).await;
        let named = format!("the database login is or may: {fault}");
        assert!(told(&faulty).await.contains(&named), "{named}");
        run(&world, taken.replace("LOGIN", login)).await;
        assert_eq!(told(&faulty).await, Vec::<String>::new(), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_wall_a_clock_that_is_off_demonstration_data_and_missing_migrations_are_named() {
    let world = World::new().await;
    let app = &world.parts.pool;
    let one = |table: &str| vec![format!("table {table} lacks its wall")];
    for (down, up) in [
        ("no force row level security", "force row level security"),
        ("disable row level security", "enable row level security"),
    ] {
        run(&world, format!("alter table messages {down}")).await;
        assert_eq!(told(app).await, one("messages"), "{down}");
        run(&world, format!("alter table messages {up}")).await;
    }
    // A busy machine takes a while to ask: by then a clock ahead is less so, and one behind is more.
    for (off, faults) in [(0, 0), (4, 0), (11, 1), (-6, 1)] {
        let now = SystemClock.now() + Duration::seconds(off);
        let told = doctor::database_faults(app, now).await.expect("a look");
        assert_eq!(told.len(), faults, "{off} s: {told:?}");
        assert!(
            told.iter()
                .all(|fault| fault.contains("more than 5 seconds"))
        );
    }
    let mark = "insert into installation_marks (name) values ('demonstration')";
    run(&world, mark.to_owned()).await;
    let told_of_demo = told(app).await;
    assert!(
        told_of_demo.len() == 1 && told_of_demo[0].contains("demonstration data"),
        "{told_of_demo:?}"
    );
    let newest =
        "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
    run(&world, newest.to_owned()).await;
    assert_eq!(
        told(app).await,
        ["migrations are missing: run `yijianrong migrate`"]
    );
}

fn catalogue() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"))
}

/// Why a program with these settings serves nobody.
async fn refused(settings: &Settings) -> String {
    let opened = Shards::open(settings, Arc::default()).await;
    format!("{:#}", opened.err().expect("it is refused"))
}

#[tokio::test(flavor = "multi_thread")]
async fn production_serves_neither_with_the_providers_nor_from_the_records_of_a_demonstration() {
    let database = TestDatabase::new().await;
    let settings = database.settings(catalogue(), &["--environment=production"]);
    let told = refused(&settings).await;
    for city in ["cangzhou", "yunlan"] {
        for section in ["sms", "face"] {
            let fault = format!("{city}: [{section}] kind = \"demo\" is a demonstration provider");
            assert!(told.contains(&fault), "{fault}: {told}");
        }
    }
    let owner = pool(database.owner(), 1).await.expect("it opens");
    let mark = "insert into installation_marks (name) values ('demonstration')";
    owner.execute(mark).await.expect("it is marked");
    let told = refused(&settings).await;
    assert!(told.contains("holds demonstration data"), "{told}");
    owner.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_whose_codes_nobody_sends_is_named_too() {
    let world = World::new().await;
    world.province().await;
    let door = &world.parts.door;
    let faults = async |more: &[&str]| {
        let settings = world.settings(catalogue(), more);
        provinces::faults(&settings, door).await
    };
    assert_eq!(faults(&[]).await, Vec::<String>::new());
    assert_eq!(
        faults(&["--environment=production"]).await,
        ["hebei: [sms] is the demonstration's"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_https_every_cookie_is_secure_and_no_inbox_shows_codes() {
    let world = World::behind_https().await;
    let page = world.browser().get("/login").await.expect(200);
    let cookies = page.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.filter_map(|value| value.to_str().ok()).collect();
    assert!(!cookies.is_empty(), "the form is bound to a pre-session");
    for cookie in cookies {
        let kept = cookie.starts_with("__Host-") && cookie.contains("; Secure");
        assert!(kept && cookie.contains("HttpOnly"), "{cookie}");
    }
    assert!(!page.text().contains("演示环境"), "it is none");
    world.browser().get("/demo/inbox").await.expect(404);
    let demo = World::new().await.browser().get("/login").await;
    demo.expect(200).says("演示环境");
}
