//! P13: what a sign-in costs beside one bare hash, and what it does to others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::{Pages, Run, branch};
use crate::{
    cpu,
    http::{Answer, Ask, address},
    load::{self, Script},
    report::{Marks, Row, median},
};

const HAMMERS: usize = 8;

pub async fn rows(run: &mut Run<'_>) -> anyhow::Result<Vec<Row>> {
    if !run.wants("P13") {
        return Ok(Vec::new());
    }
    run.ground.refresh_sessions().await?;
    let script = script(run);
    let (mut costs, mut ours, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..run.ground.plan.rounds {
        let hash = bare_hash_ms().await?;
        // One after the other, as the bare hashes are taken: on two virtual processors of one core each costs the other time.
        let (_, cost) = run.ours_by(1, &script, "P13").await;
        bare.push(hash);
        ours.push(cost);
        costs.push(cost / hash);
    }
    let cost = Row::figure(
        "P13",
        "sign-in: CPU ÷ one bare argon2id hash",
        format!("{:.1} ms", median(ours)),
        format!("{:.1} ms", median(bare)),
        median(costs),
        Marks::new(1.5, 1.3, 1.1),
    );
    Ok(vec![cost, beside_others(run, &script).await])
}

/// The queue's tail while eight clients sign in as fast as they can ÷ the quiet one.
async fn beside_others(run: &mut Run<'_>, script: &Arc<dyn Script>) -> Row {
    let queue = branch::script(run.ground);
    let (mut quiet, mut loud, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..run.ground.plan.rounds {
        let mut alone = branch::at_rate(run, &queue).await;
        let plan = &run.ground.plan;
        let hammering = load::closed_loop(
            plan.listen,
            HAMMERS,
            (plan.slice * 2).max(Duration::from_secs(4)),
            script.clone(),
            run.counter.clone(),
        );
        let (mut beside, hammered) = tokio::join!(branch::at_rate(run, &queue), hammering);
        for (tally, what) in [(&alone, "P13"), (&beside, "P13"), (&hammered, "P13")] {
            run.count(tally, what);
        }
        let (before, during) = (alone.percentile(0.99), beside.percentile(0.99));
        quiet.push(before);
        loud.push(during);
        ratios.push(during / before);
    }
    Row::figure(
        "P13",
        "branch queue p99 beside 8 clients signing in ÷ quiet",
        format!("{:.1} ms", median(loud)),
        format!("{:.1} ms", median(quiet)),
        median(ratios),
        Marks::new(5.0, 3.0, 2.0),
    )
}

fn script(run: &Run<'_>) -> Arc<dyn Script> {
    let fixture = run.ground.fixture.clone();
    let next = AtomicUsize::new(0);
    Arc::new(Pages {
        make: move |n| {
            let city = fixture.city(n);
            let phone = &city.signers[next.fetch_add(1, Ordering::Relaxed) % city.signers.len()];
            let Some(door) = fixture.door() else {
                // Used up: the answer is counted as failed and says so.
                return Ask::get(&city.host, "/no-captcha-left", "", "");
            };
            let cookie = format!("pre={}", door.pre);
            let fields = [
                ("_csrf", door.csrf.as_str()),
                ("account", phone),
                ("password", &fixture.password),
                ("captcha", &door.answer),
            ];
            Ask::post(&city.host, "/login", &cookie, &address(n), &fields)
        },
        fits: |_, answer: &Answer| {
            answer.status == 303
                && answer
                    .location
                    .as_deref()
                    .is_some_and(|l| l.starts_with("/enterprise"))
        },
    })
}

/// CPU of one hash with the program's parameters and nothing around it, in ms.
async fn bare_hash_ms() -> anyhow::Result<f64> {
    const HASHES: u32 = 40;
    tokio::task::spawn_blocking(|| {
        let params = Params::new(19_456, 2, 1, Some(32)).map_err(|e| anyhow::anyhow!("{e}"))?;
        let mut memory = vec![Block::default(); params.block_count()];
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut out = [0; 32];
        let before = cpu::own_thread_ms();
        for n in 0..HASHES {
            argon
                .hash_password_into_with_memory(
                    b"Bench#2026ok",
                    &[n as u8; 16],
                    &mut out,
                    &mut memory,
                )
                .map_err(|e| anyhow::anyhow!("{e}"))?;
        }
        Ok((cpu::own_thread_ms() - before) / f64::from(HASHES))
    })
    .await?
}
