//! The program: `serve`, `migrate`, `doctor`, `audit`, `statistics`, `providers`, `city`, `province`.

use std::sync::Arc;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tenants::catalog::Directory;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};
use yijianrong::{
    apart, audit, city,
    config::Settings,
    database::Database,
    doctor, figures, keys, outside, providers, provinces, seed,
    serve::{self, Limits},
    shard::Shards,
    statistics,
    wire::Parts,
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
    Audit {
        /// The last link of a city's chain as an earlier `audit` printed it, <city>:<number>:<hash>: a cut-off end is found.
        #[arg(long, value_delimiter = ',')]
        head: Vec<audit::KeptHead>,
        #[command(flatten)]
        settings: Box<Settings>,
    },
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
    /// The provinces that see sums of their cities.
    Province {
        #[command(subcommand)]
        ask: Box<provinces::command::ProvinceAsk>,
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
    /// Cities in it.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(4..=44))]
    cities: u16,
    /// Where the load generator's fixture goes: it holds live sessions.
    #[arg(long)]
    fixture: std::path::PathBuf,
    #[command(flatten)]
    settings: Settings,
}

fn main() -> std::process::ExitCode {
    // A child that reads a stranger's file: nothing else of the program awakes.
    if let Some(kind) = apart::Kind::asked(std::env::args_os().skip(1)) {
        return apart::work(kind);
    }
    apart::by_this_program();
    told()
}

/// What people and units tell the program to do.
#[tokio::main]
async fn told() -> std::process::ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Serve(settings) => run(*settings).await,
        Command::Migrate(settings) => migrate(*settings).await,
        Command::Doctor(settings) => examine(*settings).await,
        Command::Audit { head, settings } => check(*settings, &head).await,
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
        Command::Province { ask } => provinces::command::run(*ask)
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
        let mut faults = doctor::build_faults(cfg!(debug_assertions));
        faults.extend(doctor::settings_faults(&settings));
        doctor::refuse_if(&faults)?;
    }
    std::fs::create_dir_all(&settings.data)
        .with_context(|| format!("the folder {} cannot be made", settings.data.display()))?;
    let listener = serve::bind(settings.listen).await?;
    let limits = Limits {
        leave: std::time::Duration::from_secs(settings.leave),
        ..Limits::default()
    };
    let shards = Shards::open(&settings, limits.leaving.clone()).await?;
    let served = run_with(&settings, listener, limits, &shards).await;
    shards.close().await;
    served
}

async fn run_with(
    settings: &Settings,
    listener: tokio::net::TcpListener,
    limits: Limits,
    shards: &Arc<Shards>,
) -> anyhow::Result<()> {
    let figures = match settings.metrics {
        Some(address) => Some(figures::serve(address, shards.clone()).await?),
        None => None,
    };
    println!("一键融 is open at {}", address_for_people(settings));
    if settings.demo() {
        for city in shards.all().iter().flat_map(|one| one.parts.cities.all()) {
            let folder = settings.demo_content.join(&city.slug);
            if folder.is_dir() {
                println!("{}", seed::sign_ins::of(&city, &folder)?.join("\n"));
            }
        }
        for province in shards
            .all()
            .iter()
            .flat_map(|one| one.parts.cities.provinces())
        {
            let folder = settings.demo_content.join(&province.slug);
            if folder.is_dir() {
                println!(
                    "{}",
                    seed::sign_ins::of_province(&province, &folder)?.join("\n")
                );
            }
        }
    }
    let trying = tokio::spawn(shards.clone().keep_trying());
    let telling = tokio::spawn(provinces::keep_gathering(shards.clone()));
    let site = (shards.rooms(), shards.quick());
    let served = serve::serve(listener, site, limits, shutdown()).await;
    trying.abort();
    telling.abort();
    if let Some(figures) = figures {
        figures.abort();
    }
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

async fn migrate(settings: Settings) -> anyhow::Result<()> {
    log(&settings);
    for settings in settings.everywhere()? {
        let database = Database::open(&settings).await?;
        let applied = async { database.take(database.read_cities(&settings).await?).await }.await;
        database.close().await;
        println!(
            "{}: migrated, {} cities applied",
            settings.place(),
            applied?.len()
        );
    }
    Ok(())
}

async fn examine(settings: Settings) -> anyhow::Result<()> {
    let faults = doctor::examine(&settings).await;
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

async fn check_providers(settings: &Settings, tenant: &str, live: bool) -> anyhow::Result<()> {
    let report = providers::check(settings, tenant, live).await?;
    print!("{}", report.text);
    anyhow::ensure!(report.clean, "not every provider could be called");
    Ok(())
}

async fn check(settings: Settings, kept: &[audit::KeptHead]) -> anyhow::Result<()> {
    let mut clean = true;
    let (mut cities, mut heads) = (Vec::new(), Vec::new());
    for settings in settings.everywhere()? {
        // Beside a platform that runs: nothing is applied and nothing changes.
        let mut database = Database::join(&settings).await?;
        database.drop_owner().await;
        let report = async {
            match parts_of(&settings, &database).await? {
                Some(parts) => audit::run_against(&parts, kept).await.map(Some),
                None => Ok(None),
            }
        };
        let report = report.await;
        database.close().await;
        let Some(report) = report? else { continue };
        print!("{}", report.text);
        clean &= report.clean;
        cities.extend(report.cities);
        heads.extend(report.heads);
    }
    for fault in audit::unknown(kept, &cities) {
        println!("  - {fault}");
        clean = false;
    }
    print!("{}", audit::ending(&heads, clean));
    anyhow::ensure!(clean, "the database does not say what its logs say");
    Ok(())
}

/// The adapters of this process without its doors; `None`: no city was applied to this database.
async fn parts_of(settings: &Settings, database: &Database) -> anyhow::Result<Option<Parts>> {
    let cities = database.take(database.read_cities(settings).await?).await?;
    if cities.is_empty() {
        return Ok(None);
    }
    let cities = Arc::new(Directory::new(cities)?);
    let outside = outside(settings, cities, keys(settings)?, database.app.clone())?;
    Parts::assemble(outside).await.map(Some)
}

async fn figures(settings: Settings, rebuild: bool) -> anyhow::Result<()> {
    let mut clean = true;
    for settings in settings.everywhere()? {
        let database = Database::open(&settings).await?;
        let report = async {
            match parts_of(&settings, &database).await? {
                Some(parts) => statistics::run(&parts, rebuild).await.map(Some),
                None => Ok(None),
            }
        };
        let report = report.await;
        database.close().await;
        let Some(report) = report? else { continue };
        print!("{}", report.text);
        clean &= report.clean;
    }
    anyhow::ensure!(
        clean || rebuild,
        "figures differ from a plain recount; `statistics rebuild` counts them anew"
    );
    Ok(())
}

async fn fill(ask: &SeedAsk) -> anyhow::Result<()> {
    log(&ask.settings);
    anyhow::ensure!(
        ask.bench && ask.settings.demo(),
        "only a demonstration is filled"
    );
    std::fs::create_dir_all(&ask.settings.data)?;
    let keys = keys(&ask.settings)?;
    let size = seed::bench::Size {
        cities: ask.cities.into(),
        applications: ask.applications,
    };
    seed::bench::run(&ask.settings, keys, size, &ask.fixture).await
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
