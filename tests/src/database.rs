//! A database of its own for a test: a copy of one that was migrated once.

use std::{path::Path, str::FromStr as _};

use clap::Parser as _;
use postgres_adapter::{
    pool,
    provision::{self, APP_LOGIN},
};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};
use tokio::sync::OnceCell;
use yijianrong::config::Settings;

/// The template database, migrated once per test run.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A migrated database without a city, until it is dropped.
pub struct TestDatabase {
    admin: PgConnectOptions,
    pub(crate) name: String,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let admin = admin();
        let template = template(&admin).await;
        Self::copied(admin, template).await
    }

    /// One that holds what another one holds, which is closed: several may be copied from it at the same moment.
    pub(crate) async fn like(other: &Self) -> Self {
        Self::copied(other.admin.clone(), &other.name).await
    }

    async fn copied(admin: PgConnectOptions, template: &str) -> Self {
        let name = format!("w_{}", uuid::Uuid::new_v4().simple());
        run_sql(
            &admin,
            // Its thousand files as they lie there, which costs less than half of every page through the log.
            format!("create database {name} template {template} strategy file_copy"),
        )
        .await;
        Self { admin, name }
    }

    /// As the owner of the tables.
    pub fn owner(&self) -> PgConnectOptions {
        self.admin.clone().database(&self.name)
    }

    /// As the login that owns nothing.
    pub fn app(&self) -> PgConnectOptions {
        self.owner().username(APP_LOGIN)
    }

    /// What a program is told that runs on this database.
    pub fn settings(&self, catalog: &Path, more: &[&str]) -> Settings {
        let given = [
            "yijianrong".to_owned(),
            format!("--catalog={}", catalog.display()),
            format!("--database-url={}", self.app().to_url_lossy()),
            format!("--owner-database-url={}", self.owner().to_url_lossy()),
        ];
        let more = more.iter().map(|one| (*one).to_owned());
        Program::parse_from(given.into_iter().chain(more)).settings
    }

    /// Lets the app login in no more, and puts it out; or lets it in again.
    pub(crate) async fn cut_off(&self, away: bool) {
        let name = &self.name;
        let most = if away { 0 } else { -1 };
        let limit = format!("alter database {name} connection limit {most}");
        run_sql(&self.admin, limit).await;
        if away {
            let out = format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}' and usename = '{APP_LOGIN}'"
            );
            run_sql(&self.admin, out).await;
        }
    }

    /// Lets nobody in any more, and puts out whoever is in; or lets them in again.
    pub async fn close(&self, closed: bool) {
        let name = &self.name;
        let open = !closed;
        run_sql(
            &self.admin,
            format!("alter database {name} allow_connections {open}"),
        )
        .await;
        if closed {
            let out = format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            );
            run_sql(&self.admin, out).await;
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // The runtime of the test ends with it: a thread of its own drops the database.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(run_sql(
                    &admin,
                    format!("drop database if exists {name} with (force)"),
                ));
            }
        })
        .join()
        .ok();
    }
}

#[derive(clap::Parser)]
struct Program {
    #[command(flatten)]
    settings: Settings,
}

fn admin() -> PgConnectOptions {
    let url = std::env::var("TEST_ADMIN_URL")
        .expect("TEST_ADMIN_URL: run `cargo run -p cluster --bin throwaway -- cargo test …`");
    PgConnectOptions::from_str(&url).expect("TEST_ADMIN_URL is a PostgreSQL address")
}

async fn run_sql(options: &PgConnectOptions, sql: String) {
    let mut connection = PgConnection::connect_with(options)
        .await
        .expect("the test cluster answers");
    // AssertSqlSafe: names are made here from letters and digits.
    connection
        .execute(AssertSqlSafe(sql))
        .await
        .expect("the statement runs");
    connection.close().await.ok();
}

async fn template(admin: &PgConnectOptions) -> &'static str {
    TEMPLATE
        .get_or_init(|| async {
            let name = format!("template_{}", std::process::id());
            run_sql(admin, format!("create database {name}")).await;
            let owner = pool(admin.clone().database(&name), 2)
                .await
                .expect("the template opens");
            provision::migrate(&owner)
                .await
                .expect("the migrations run");
            provision::app_login(&owner, APP_LOGIN, None)
                .await
                .expect("the app login is made");
            owner.close().await;
            name
        })
        .await
}
