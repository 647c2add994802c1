//! P10 and P11: what a queue costs must not grow with the number of rows, nor with the page.

use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{Run, branch::at_rate, pages};
use crate::{
    fixture::Fixture,
    ground::Ground,
    http::{Ask, address},
    load::Script,
    report::{Marks, Row, median},
};

/// The small data set that the large one is compared with.
pub const SMALL: u64 = 10_000;

const PER_PAGE: i64 = 10;
const FAR: i64 = 500;

/// What one opening of the queue, its total included, costs and how long it takes.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    pub cpu_ms: f64,
    pub p99_ms: f64,
}

/// The fullest branch of the largest city: the only one whose first page is full in the small data set too.
fn fullest(fixture: &Fixture, n: u64) -> Ask {
    let city = &fixture.cities[0];
    let cookie = format!("sid={}", city.officers[0].sid);
    Ask::get(&city.host, "/branch/queue", &cookie, &address(n))
}

/// The queue of the fullest branch: medians of the rounds.
pub async fn opening(run: &mut Run<'_>) -> anyhow::Result<Opening> {
    run.ground.refresh_sessions().await?;
    let fixture = run.ground.fixture.clone();
    let script: Arc<dyn Script> = pages(move |n| fullest(&fixture, n));
    run.ours(&script, "P10").await;
    let (mut costs, mut tails) = (Vec::new(), Vec::new());
    for _ in 0..run.ground.plan.rounds {
        costs.push(run.ours(&script, "P10").await.1);
        let mut tally = at_rate(run, &script).await;
        run.count(&tally, "P10");
        tails.push(tally.percentile(0.99));
    }
    Ok(Opening {
        cpu_ms: median(costs),
        p99_ms: median(tails),
    })
}

/// P10, beside what the small data set cost.
pub async fn grown(run: &mut Run<'_>, small: Opening) -> anyhow::Result<Vec<Row>> {
    let large = opening(run).await?;
    let row = |what: &str, ours: f64, then: f64| {
        let what = format!(
            "branch queue at {} rows ÷ {SMALL} rows: {what}",
            run.ground.plan.applications
        );
        Row::figure(
            "P10",
            &what,
            format!("{ours:.2} ms"),
            format!("{then:.2} ms"),
            ours / then,
            Marks::new(1.5, 1.2, 1.1),
        )
    };
    Ok(vec![
        row("CPU", large.cpu_ms, small.cpu_ms),
        row("p99 at 40/s", large.p99_ms, small.p99_ms),
    ])
}

/// P11: page 500 of all requests of the fullest branch, or the last one that is full, beside page 1.
pub async fn far(run: &mut Run<'_>) -> anyhow::Result<Row> {
    run.ground.refresh_sessions().await?;
    let fixture = run.ground.fixture.clone();
    let (page, cursor) = cursor(run.ground).await?;
    let at = move |query: String| {
        let fixture = fixture.clone();
        pages(move |n| {
            let city = &fixture.cities[0];
            let cookie = format!("sid={}", city.officers[0].sid);
            let path = format!("/branch/applications{query}");
            Ask::get(&city.host, &path, &cookie, &address(n))
        })
    };
    let (first, last) = (at(String::new()), at(format!("?after={cursor}")));
    for script in [&first, &last] {
        run.ours(script, "P11").await;
    }
    let (mut costs, mut firsts, mut lasts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..run.ground.plan.rounds {
        let one = run.ours(&first, "P11").await.1;
        let other = run.ours(&last, "P11").await.1;
        costs.push(other / one);
        firsts.push(one);
        lasts.push(other);
    }
    Ok(Row::figure(
        "P11",
        &format!("branch list, page {page} ÷ page 1, CPU"),
        format!("{:.2} ms", median(lasts)),
        format!("{:.2} ms", median(firsts)),
        median(costs),
        Marks::new(2.0, 1.2, 1.1),
    ))
}

/// The last row before page 500, as the links of the list name it.
async fn cursor(ground: &Ground) -> anyhow::Result<(i64, String)> {
    let city = &ground.fixture.cities[0];
    let (tenant, branch) = (city.id, city.officers[0].at);
    let rows: i64 = sqlx::query_scalar(
        "select count(*) from financing_applications where tenant_id = $1 and handler_tenant_id = $2 and submitted_at is not null",
    )
    .bind(tenant)
    .bind(branch)
    .fetch_one(&ground.owner)
    .await?;
    let page = FAR.min(rows / PER_PAGE).max(2);
    let (at, id): (OffsetDateTime, Uuid) = sqlx::query_as(
        "select submitted_at, id from financing_applications where tenant_id = $1 and handler_tenant_id = $2
           and submitted_at is not null order by submitted_at desc, id desc offset $3 limit 1",
    )
    .bind(tenant)
    .bind(branch)
    .bind((page - 1) * PER_PAGE - 1)
    .fetch_one(&ground.owner)
    .await?;
    Ok((page, format!("{}_{id}", at.unix_timestamp_nanos() / 1_000)))
}
