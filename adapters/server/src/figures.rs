//! Figures 运行指标 for a monitoring that speaks Prometheus, on an address of their own: they are nobody's business outside.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use application::ports::clock::Clock as _;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use time::OffsetDateTime;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    clock::SystemClock,
    shard::{PLATFORM, Shard, Shards},
};

/// Seconds; the floors of docs/performance.md lie between them.
const BUCKETS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
const UPKEEP: Duration = Duration::from_secs(5);
const REQUEST_SECONDS: &str = "yijianrong_request_seconds";

/// The part of the site that a path belongs to: a label with few values, whatever strangers ask for.
fn part(path: &str) -> &'static str {
    let first = path.split('/').nth(1).unwrap_or_default();
    [
        "enterprise",
        "branch",
        "hq",
        "operator",
        "province",
        "staff",
        "api",
        "bank-api",
        "hooks",
        "assets",
        "files",
    ]
    .into_iter()
    .find(|known| *known == first)
    .unwrap_or("portal")
}

/// A request was answered.
pub fn answered(path: &str, status: StatusCode, took: Duration) {
    let class = match status.as_u16() {
        500.. => "5xx",
        400.. => "4xx",
        300.. => "3xx",
        _ => "2xx",
    };
    histogram!(REQUEST_SECONDS, "part" => part(path), "status" => class).record(took);
}

/// A round of a worker ended.
pub fn round(worker: &'static str, went_well: bool) {
    let outcome = if went_well { "done" } else { "failed" };
    counter!("yijianrong_rounds_total", "worker" => worker, "outcome" => outcome).increment(1);
}

/// When a worker's last good round ended; its start counts as one, so that a worker that never gets through grows old too.
pub fn good_round(worker: &'static str, database: &str) {
    let since = SystemClock.now() - OffsetDateTime::UNIX_EPOCH;
    let database = database.to_owned();
    gauge!("yijianrong_round_good_at_seconds", "worker" => worker, "database" => database)
        .set(since.as_seconds_f64());
}

#[derive(Clone)]
struct Desk {
    handle: PrometheusHandle,
    shards: Arc<Shards>,
}

/// Listens on `address` and answers `/metrics` until the task is aborted.
pub async fn serve(address: SocketAddr, shards: Arc<Shards>) -> anyhow::Result<JoinHandle<()>> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), &BUCKETS)?
        .install_recorder()?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("YJR_METRICS: {address} cannot be listened on"))?;
    let app = Router::new().route("/metrics", get(page)).with_state(Desk {
        handle: handle.clone(),
        shards,
    });
    Ok(tokio::spawn(async move {
        let upkeep = async {
            // Samples are folded into their buckets even when nobody asks for them.
            let mut ticks = tokio::time::interval(UPKEEP);
            loop {
                ticks.tick().await;
                handle.run_upkeep();
            }
        };
        tokio::select! {
            () = upkeep => {}
            ended = axum::serve(listener, app) => tracing::error!(?ended, "the figures are no longer served"),
        }
    }))
}

async fn page(State(desk): State<Desk>) -> Response {
    for shard in desk.shards.all() {
        of_database(&shard).await;
    }
    for at in desk.shards.waiting() {
        gauge!("yijianrong_database_up", "database" => at).set(0.0);
    }
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        desk.handle.render(),
    )
        .into_response()
}

async fn of_database(shard: &Shard) {
    let database = shard.at.clone().unwrap_or_else(|| PLATFORM.to_owned());
    let pool = &shard.parts.pool;
    let put = |name: &'static str, value: f64| {
        gauge!(name, "database" => database.clone()).set(value);
    };
    put("yijianrong_connections", f64::from(pool.size()));
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    put("yijianrong_connections_idle", f64::from(idle));
    let waiting = shard.parts.door.notices_waiting(SystemClock.now());
    let asked = tokio::time::timeout(Duration::from_secs(2), waiting).await;
    if let Ok(Ok(waiting)) = asked {
        put("yijianrong_database_up", 1.0);
        put("yijianrong_notices_due", f64::from(waiting.due));
        put("yijianrong_notices_parked", f64::from(waiting.parked));
        let oldest = waiting.oldest.as_seconds_f64();
        put("yijianrong_notices_oldest_seconds", oldest);
    } else {
        put("yijianrong_database_up", 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_strangers_ask_for_the_labels_stay_few() {
        assert_eq!(part("/branch/applications/1"), "branch");
        assert_eq!(part("/api/v1/me"), "api");
        for odd in ["/", "", "/wp-login.php", "/../x", "//branch"] {
            assert_eq!(part(odd), "portal", "{odd}");
        }
    }
}
