//! P16: what a hundred more cities cost that nobody uses.

use std::{fs, path::Path, time::Duration};

use anyhow::Context as _;

use super::{Recorded, Run, reads};
use crate::{
    cpu,
    ground::Ground,
    report::{Marks, Row, median},
};

/// Applications under it: the cities are the question, not the rows.
pub const SMALL: u64 = 10_000;
const MORE: usize = 100;

/// Medians of one state of the catalogue.
struct State {
    start: f64,
    idle_mb: f64,
    kept: f64,
}

/// Memory, start and P1 with the hundred beside the same without them.
pub async fn rows(ground: &Ground) -> anyhow::Result<Vec<Row>> {
    let before = state(ground).await?;
    add(&ground.fixture.catalog)?;
    // They are taken in by the first start; the figures are of those after it.
    ground.serve(16).await?.stop().await?;
    let after = state(ground).await?;
    let more = |value: f64, base: f64| (value / base - 1.0) * 100.0;
    let row = |what: &str, before: String, after: String, figure, marks| {
        Row::figure("P16", what, after, before, figure, marks)
    };
    Ok(vec![
        row(
            "memory for 100 more empty cities, MB",
            format!("{:.1} MB", before.idle_mb),
            format!("{:.1} MB", after.idle_mb),
            after.idle_mb - before.idle_mb,
            Marks::new(5.0, 1.0, 0.5),
        ),
        row(
            "start with 100 more empty cities, % longer",
            format!("{:.3} s", before.start),
            format!("{:.3} s", after.start),
            more(after.start, before.start),
            Marks::new(20.0, 5.0, 1.0),
        ),
        row(
            "P1 with 100 more empty cities, % slower",
            format!("{:.2}", before.kept),
            format!("{:.2}", after.kept),
            -more(after.kept, before.kept),
            Marks::new(5.0, 2.0, 1.0),
        ),
    ])
}

async fn state(ground: &Ground) -> anyhow::Result<State> {
    let rounds = ground.plan.rounds.max(5);
    let (mut starts, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let server = ground.serve(16).await?;
        starts.push(server.first_answer.as_secs_f64());
        tokio::time::sleep(Duration::from_secs(2)).await;
        idle.extend(cpu::pss_mb(server.pid));
        server.stop().await?;
    }
    let server = ground.serve(16).await?;
    tokio::time::sleep(super::FIRST_ROUND).await;
    let mut run = Run::new(ground, server, Recorded::default(), &[]);
    let kept = reads::kept(&mut run).await;
    run.server.stop().await?;
    Ok(State {
        start: median(starts),
        idle_mb: median(idle),
        kept: kept?.0.speed,
    })
}

/// The second city's file under a hundred more names and hosts.
fn add(catalog: &Path) -> anyhow::Result<()> {
    let model = catalog.join("t02.toml");
    let text = fs::read_to_string(&model).with_context(|| model.display().to_string())?;
    for number in 0..MORE {
        let slug = format!("e{number:03}");
        let other = text
            .replace("\"t02\"", &format!("\"{slug}\""))
            .replace("t02.localhost", &format!("{slug}.localhost"))
            .replace("第02市", &format!("第{slug}市"))
            .replace("融资平台02", &format!("融资平台{slug}"));
        fs::write(catalog.join(format!("{slug}.toml")), other)?;
    }
    Ok(())
}
