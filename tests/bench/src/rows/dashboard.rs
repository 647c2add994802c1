//! P14: the city's figures, read from rollups; what they cost must not grow with the number of requests.

use std::sync::Arc;

use anyhow::Context as _;

use super::{Against, Run, pages};
use crate::{
    fixture::Fixture,
    ground::Ground,
    http::{Ask, Connection, address},
    load::Script,
    pgbench,
    recorder::Recorder,
    report::{Marks, Row, median},
};

/// The data set that a million requests are compared with.
pub const SMALL: u64 = 100_000;

/// Breakdowns in turn, over the three years of the data set.
const PATHS: [&str; 3] = [
    "/operator/statistics?from=2022-01&by=region",
    "/operator/statistics?from=2022-01&by=industry",
    "/operator/statistics?from=2022-01&by=bank",
];

fn ask(fixture: &Fixture, n: u64) -> Ask {
    let city = fixture.city(n);
    let cookie = format!("sid={}", city.operator.sid);
    let path = PATHS[n as usize % PATHS.len()];
    Ask::get(&city.host, path, &cookie, &address(n))
}

fn script(ground: &Ground) -> Arc<dyn Script> {
    let fixture = ground.fixture.clone();
    pages(move |n| ask(&fixture, n))
}

/// What the program asks to draw the figures; the check of the session is measured by itself.
pub async fn record(ground: &Ground, recorder: &Recorder) -> anyhow::Result<Vec<pgbench::Script>> {
    let mut scripts = Vec::new();
    for n in 0..24 {
        let opened = async || {
            Connection::new(ground.plan.listen)
                .exchange(&ask(&ground.fixture, n))
                .await
        };
        let own = recorder
            .readings_of("statistics_months", opened)
            .await
            .context("the figures")?;
        let scanned = own
            .iter()
            .flatten()
            .any(|s| s.sql.contains("financing_applications"));
        anyhow::ensure!(
            !scanned,
            "the figures are read from the requests themselves"
        );
        scripts.push(pgbench::Script {
            text: pgbench::script(&own),
            weight: 1,
        });
    }
    Ok(scripts)
}

/// CPU of one opening in milliseconds: the median of the rounds.
pub async fn opening(run: &mut Run<'_>) -> anyhow::Result<f64> {
    run.ground.refresh_sessions().await?;
    let script = script(run.ground);
    run.ours(&script, "P14").await;
    let mut costs = Vec::new();
    for _ in 0..run.ground.plan.rounds {
        costs.push(run.ours(&script, "P14").await.1);
    }
    Ok(median(costs))
}

pub async fn rows(run: &mut Run<'_>, small: Option<f64>) -> anyhow::Result<Vec<Row>> {
    run.ground.refresh_sessions().await?;
    let scripts = run.recorded.dashboard.clone();
    let script = script(run.ground);
    let pair = run
        .pair("P14", script, Against::Sql(&scripts, String::new()))
        .await?;
    let mut rows = vec![
        Row::figure(
            "P14",
            "operator's figures: CPU ÷ pgbench on the rollups",
            pair.ours(),
            pair.limit(),
            1.0 / pair.cpu,
            Marks::new(2.0, 1.4, 1.2),
        )
        .note(format!("speed {:.2}", pair.speed)),
    ];
    if let Some(small) = small {
        let large = opening(run).await?;
        rows.push(Row::figure(
            "P14",
            &format!(
                "operator's figures at {} rows ÷ {SMALL} rows: CPU",
                run.ground.plan.applications
            ),
            format!("{large:.2} ms"),
            format!("{small:.2} ms"),
            large / small,
            Marks::new(2.0, 1.5, 1.4),
        ));
    }
    Ok(rows)
}
