#![doc = include_str!("../README.md")]
// Figures are rounded for people: nothing here is counted to the last bit.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

mod cpu;
mod fixture;
mod ground;
mod http;
mod load;
mod pgbench;
mod recorder;
mod report;
mod rows;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{filter::LevelFilter, layer::Layer as _, prelude::*};

use crate::{
    ground::{Ground, Plan},
    recorder::Recorder,
    report::{Row, Verdict},
};

#[derive(Parser)]
struct Cli {
    /// The server's program.
    #[arg(long, default_value = "target/release/yijianrong")]
    server: PathBuf,
    /// The folder of the run; emptied first.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// The catalogue whose first city is the model of all.
    #[arg(long, default_value = "tenants/catalog")]
    catalog: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8096")]
    listen: SocketAddr,
    #[arg(long, default_value_t = 100_000)]
    applications: u64,
    /// Cities of the data set, from 4 to 44.
    #[arg(long, default_value_t = 20)]
    cities: u16,
    /// Seconds of one measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// The page whose first 200 ends a start.
    #[arg(long, default_value = "/")]
    door: String,
    /// Rows to measure, such as `P1,P9`; all of them without it.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Leaves the folder.
    #[arg(long)]
    keep: bool,
    /// Only says what was missed, and ends well all the same.
    #[arg(long)]
    lenient: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let recorder = Recorder::default();
    tracing_subscriber::registry()
        .with(recorder.clone().with_filter(LevelFilter::DEBUG))
        .init();
    let mut interrupt = match signal(SignalKind::interrupt()) {
        Ok(interrupt) => interrupt,
        Err(error) => {
            eprintln!("bench: {error}");
            return ExitCode::FAILURE;
        }
    };
    // Children are killed when they are dropped, and the cluster's server is told to end.
    let outcome = tokio::select! {
        outcome = measure(&cli, &recorder) => outcome,
        _ = interrupt.recv() => Err(anyhow::anyhow!("interrupted")),
    };
    match outcome {
        Ok(rows) => {
            let table = report::table(&rows);
            println!("\n{table}");
            let below = rows.iter().filter(|r| r.verdict == Verdict::Below).count();
            if below > 0 && !cli.lenient {
                eprintln!("bench: {below} rows are below their floor");
                return ExitCode::FAILURE;
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(cli: &Cli, recorder: &Recorder) -> anyhow::Result<Vec<Row>> {
    let plan = Plan {
        server: cli.server.clone(),
        folder: cli.folder.clone(),
        model_catalog: cli.catalog.clone(),
        listen: cli.listen,
        cities: cli.cities,
        applications: cli.applications,
        slice: Duration::from_secs(cli.seconds),
        rounds: cli.rounds.max(1),
        clients: cli.clients.max(1),
        door: cli.door.clone(),
    };
    let mut small = rows::Small::default();
    if rows::wants(&cli.only, "P10") && plan.applications > rows::size::SMALL {
        let ground = Ground::prepare(Plan {
            applications: rows::size::SMALL,
            ..plan.clone()
        })
        .await?;
        let opening = rows::small(&ground).await;
        ground.end(false).await?;
        small.queue = Some(opening?);
    }
    if rows::wants(&cli.only, "P14") && plan.applications > rows::dashboard::SMALL {
        let ground = Ground::prepare(Plan {
            applications: rows::dashboard::SMALL,
            ..plan.clone()
        })
        .await?;
        let opening = rows::small_figures(&ground).await;
        ground.end(false).await?;
        small.figures = Some(opening?);
    }
    let mut crowd = Vec::new();
    if rows::wants(&cli.only, "P16") {
        let ground = Ground::prepare(Plan {
            applications: rows::crowd::SMALL,
            ..plan.clone()
        })
        .await?;
        let rows = rows::crowd::rows(&ground).await;
        ground.end(false).await?;
        crowd = rows?;
    }
    let ground = Ground::prepare(plan).await?;
    let rows = rows::all(&ground, recorder, &cli.only, small).await;
    ground.end(cli.keep).await?;
    let mut rows = rows?;
    rows.extend(crowd);
    rows.sort_by_key(|row| row.name[1..].parse::<u32>().unwrap_or(0));
    Ok(rows)
}
