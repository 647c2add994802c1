//! The program: `serve`, `migrate`, `doctor`, `audit`, `statistics`, `providers`, `city`.

use std::sync::Arc;

use anyhow::Context as _;
use application::ports::clock::Clock as _;
use clap::{Parser, Subcommand};
use tenants::catalog::Directory;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};
use vault::Keys;
use yijianrong::workers::Workers;
use yijianrong::{
    audit,
    city::{self, follow::Follower, texts},
    clock::SystemClock,
    config::Settings,
    database::Database,
    doctor, figures, keys, layers, outside, providers, seed,
    serve::{self, Limits},
    statistics,
    wire::{self, Parts},
};

/// Pages are made of many small pieces: an allocator with caches of its own per thread takes a sixth off a page's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    name = "yijianrong",
    version,
    about = "一键融: a city's portal for the financing of small enterprises"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the portal and the consoles.
    Serve(Box<Settings>),
    /// Runs the migrations and applies the city files, then ends.
    Migrate(Box<Settings>),
    /// Tells what keeps production from starting.
    Doctor(Box<Settings>),
    /// Replays every application's log and checks the chain of the audit log; ends with 1 when something differs.
    Audit(Box<Settings>),
    /// The figures of 统计分析.
    Statistics {
        #[command(subcommand)]
        ask: StatisticsAsk,
    },
    /// What is plugged in for a city.
    Providers {
        #[command(subcommand)]
        ask: ProvidersAsk,
    },
    /// The cities of the platform.
    City {
        #[command(subcommand)]
        ask: Box<city::CityAsk>,
    },
    /// Fills an empty database with the data set of the performance goals.
    Seed(Box<SeedAsk>),
}

#[derive(Subcommand)]
enum StatisticsAsk {
    /// Counts what is due and holds every figure against a plain recount; ends with 1 when one differs.
    Check(Box<Settings>),
    /// Counts everything anew.
    Rebuild(Box<Settings>),
}

#[derive(Subcommand)]
enum ProvidersAsk {
    /// Tells whether settings are complete and requests can be signed; ends with 1 when something is not.
    Check {
        /// The city, as its file names it.
        tenant: String,
        /// Asks the providers too; nothing is sent to anybody.
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        settings: Box<Settings>,
    },
}

#[derive(clap::Args)]
struct SeedAsk {
    /// The data set of the performance goals; needs the private cluster.
    #[arg(long, required = true)]
    bench: bool,
    /// Applications in it.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000))]
    applications: u64,
    /// Where the load generator's fixture goes: it holds live sessions.
    #[arg(long)]
    fixture: std::path::PathBuf,
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Serve(settings) => run(*settings).await,
        Command::Migrate(settings) => migrate(*settings).await,
        Command::Doctor(settings) => examine(*settings).await,
        Command::Audit(settings) => check(*settings).await,
        Command::Statistics {
            ask: StatisticsAsk::Check(settings),
        } => figures(*settings, false).await,
        Command::Statistics {
            ask: StatisticsAsk::Rebuild(settings),
        } => figures(*settings, true).await,
        Command::Providers {
            ask:
                ProvidersAsk::Check {
                    tenant,
                    live,
                    settings,
                },
        } => check_providers(&settings, &tenant, live).await,
        Command::City { ask } => city::run(*ask)
            .await
            .map(|lines| println!("{}", lines.join("\n"))),
        Command::Seed(ask) => fill(&ask).await,
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("yijianrong: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn log(settings: &Settings) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        EnvFilter::new("info,sqlx=warn,sqlx::postgres::notice=error,tower_http=warn")
    });
    let registry = tracing_subscriber::registry().with(filter);
    if settings.log_json {
        registry
            .with(fmt::layer().json().with_current_span(true))
            .init();
    } else {
        registry.with(fmt::layer().compact()).init();
    }
}

async fn run(settings: Settings) -> anyhow::Result<()> {
    log(&settings);
    if !settings.demo() {
        refuse_if(&doctor::settings_faults(&settings))?;
    }
    std::fs::create_dir_all(&settings.data)
        .with_context(|| format!("the folder {} cannot be made", settings.data.display()))?;
    let keys = keys(&settings)?;
    let listener = serve::bind(settings.listen).await?;
    let mut database = Database::open(&settings).await?;
    let served = run_with(&settings, keys, listener, &mut database).await;
    database.close().await;
    served
}

async fn run_with(
    settings: &Settings,
    keys: Keys,
    listener: tokio::net::TcpListener,
    database: &mut Database,
) -> anyhow::Result<()> {
    if !settings.demo() {
        refuse_if(&doctor::database_faults(&database.app, SystemClock.now()).await?)?;
    }
    let cities = database.read_cities(settings).await?;
    if !settings.demo() {
        refuse_if(&providers::city_faults(settings, &cities).await?)?;
    }
    let cities = Arc::new(Directory::new(database.take(cities).await?)?);
    let directory = cities.clone();
    let parts = Parts::assemble(outside(settings, cities, keys, database.app.clone())?).await?;
    texts::write_missing(&parts.pool, &parts.door, &parts.in_force.filed()).await?;
    if settings.demo()
        && let Some(owner) = &database.owner
    {
        seed::run(owner, &parts, &settings.demo_content)
            .await
            .context("the demonstration's data")?;
    }
    wire::read_agreements(&parts, None)
        .await
        .context("the agreements in force")?;
    database.drop_owner().await;
    let router = wire::router(&parts);
    let figures = match settings.metrics {
        Some(address) => Some(figures::serve(address, parts.pool.clone()).await?),
        None => None,
    };
    let (tell_cities, calls) = tokio::sync::mpsc::unbounded_channel();
    let listening = tokio::spawn(wire::watch(&parts, move |call| {
        tell_cities.send(call).ok();
    }));
    let follower = Follower {
        parts: parts.clone(),
        directory,
        settings: settings.clone(),
    };
    let following = tokio::spawn(follower.run(calls));
    println!("一键融 is open at {}", address_for_people(settings));
    if settings.demo() {
        for city in parts.cities.all() {
            let folder = settings.demo_content.join(&city.slug);
            if folder.is_dir() {
                println!("{}", seed::sign_ins::of(&city, &folder)?.join("\n"));
            }
        }
    }
    let (tell, stop) = tokio::sync::watch::channel(false);
    let mut running = Workers::new(&parts).start(&stop);
    let limits = Limits {
        leave: std::time::Duration::from_secs(settings.leave),
        ..Limits::default()
    };
    let quick = layers::quick(&parts, limits.leaving.clone());
    let served = serve::serve(listener, router, quick, limits, shutdown()).await;
    listening.abort();
    following.abort();
    if let Some(figures) = figures {
        figures.abort();
    }
    tell.send(true).ok();
    // A round that hangs must not hold up the end: what it began is rolled back and done again after the next start.
    let ended = async { while running.join_next().await.is_some() {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), ended)
        .await
        .ok();
    served
}

/// What to type into a browser on this machine: the demonstration's host is `localhost`.
fn address_for_people(settings: &Settings) -> String {
    if settings.listen.ip().is_loopback() || settings.listen.ip().is_unspecified() {
        format!("http://localhost:{}", settings.listen.port())
    } else {
        format!("http://{}", settings.listen)
    }
}

fn refuse_if(faults: &[String]) -> anyhow::Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    anyhow::bail!("production does not start:\n  - {}", faults.join("\n  - "))
}

async fn migrate(settings: Settings) -> anyhow::Result<()> {
    log(&settings);
    let database = Database::open(&settings).await?;
    let applied = async { database.take(database.read_cities(&settings).await?).await }.await;
    database.close().await;
    println!("migrated, {} cities applied", applied?.len());
    Ok(())
}

async fn examine(settings: Settings) -> anyhow::Result<()> {
    let mut faults = doctor::settings_faults(&settings);
    let database = Database::open(&settings).await?;
    let asked = examine_in(&settings, &database).await;
    database.close().await;
    faults.extend(asked?);
    if faults.is_empty() {
        println!("ready for production");
        return Ok(());
    }
    println!("production would not start:");
    for fault in &faults {
        println!("  - {fault}");
    }
    anyhow::bail!("{} faults", faults.len())
}

async fn examine_in(settings: &Settings, database: &Database) -> anyhow::Result<Vec<String>> {
    let faults = doctor::database_faults(&database.app, SystemClock.now()).await?;
    // A database that was not migrated knows nothing of its cities.
    if !faults.is_empty() {
        return Ok(faults);
    }
    let cities = database.read_cities(settings).await?;
    providers::city_faults(settings, &cities).await
}

async fn check_providers(settings: &Settings, tenant: &str, live: bool) -> anyhow::Result<()> {
    let report = providers::check(settings, tenant, live).await?;
    print!("{}", report.text);
    anyhow::ensure!(report.clean, "not every provider could be called");
    Ok(())
}

async fn check(settings: Settings) -> anyhow::Result<()> {
    let keys = keys(&settings)?;
    let database = Database::open(&settings).await?;
    let report = check_with(&settings, keys, &database).await;
    database.close().await;
    let report = report?;
    print!("{}", report.text);
    anyhow::ensure!(report.clean, "the database does not say what its logs say");
    Ok(())
}

async fn check_with(
    settings: &Settings,
    keys: Keys,
    database: &Database,
) -> anyhow::Result<audit::Report> {
    let parts = parts_of(settings, keys, database).await?;
    audit::run(&parts).await
}

/// The adapters of this process without its doors.
async fn parts_of(settings: &Settings, keys: Keys, database: &Database) -> anyhow::Result<Parts> {
    let cities = database.take(database.read_cities(settings).await?).await?;
    let cities = Arc::new(Directory::new(cities)?);
    Parts::assemble(outside(settings, cities, keys, database.app.clone())?).await
}

async fn figures(settings: Settings, rebuild: bool) -> anyhow::Result<()> {
    let keys = keys(&settings)?;
    let database = Database::open(&settings).await?;
    let report = figures_with(&settings, keys, &database, rebuild).await;
    database.close().await;
    let report = report?;
    print!("{}", report.text);
    anyhow::ensure!(
        report.clean || rebuild,
        "figures differ from a plain recount; `statistics rebuild` counts them anew"
    );
    Ok(())
}

async fn figures_with(
    settings: &Settings,
    keys: Keys,
    database: &Database,
    rebuild: bool,
) -> anyhow::Result<statistics::Report> {
    let parts = parts_of(settings, keys, database).await?;
    statistics::run(&parts, rebuild).await
}

async fn fill(ask: &SeedAsk) -> anyhow::Result<()> {
    log(&ask.settings);
    anyhow::ensure!(
        ask.bench && ask.settings.demo(),
        "only a demonstration is filled"
    );
    std::fs::create_dir_all(&ask.settings.data)?;
    let keys = keys(&ask.settings)?;
    seed::bench::run(&ask.settings, keys, ask.applications, &ask.fixture).await
}

/// Ctrl-C or SIGTERM.
async fn shutdown() {
    let mut terminate = signal(SignalKind::terminate()).expect("a signal handler can be set");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("ending: requests under way are finished first");
}
