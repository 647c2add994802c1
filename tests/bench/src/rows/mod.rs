//! The rows of the performance goals, and how a pair of figures is taken.

mod branch;
pub mod crowd;
pub mod dashboard;
mod reads;
mod sign_in;
pub mod size;
mod submit;
mod truth;

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use crate::{
    cpu,
    ground::{Ground, LOGIN, Nginx, Server},
    http::{Answer, Ask},
    load::{self, Script, Tally},
    pgbench,
    recorder::{self, Recorder},
    report::{Marks, Row, median},
};

/// Every duty of every city has its first round right after the start; what is measured meanwhile would pay for it.
pub const FIRST_ROUND: Duration = Duration::from_secs(15);

/// A run: the ground, the server of the moment, and every request so far.
pub struct Run<'a> {
    pub ground: &'a Ground,
    pub server: Server,
    pub recorded: Recorded,
    /// Counts requests over the whole run, so that no two measurements begin with the same people.
    pub counter: Arc<AtomicU64>,
    pub requests: u64,
    pub failed: u64,
    pub first_failure: Option<String>,
    only: Vec<String>,
}

/// SQL as the program sent it, taken before anything is measured.
#[derive(Default)]
pub struct Recorded {
    pub session: Vec<pgbench::Script>,
    pub queue: branch::Queue,
    pub dashboard: Vec<pgbench::Script>,
}

/// Requests made by a closure, checked by another.
pub struct Pages<M, F> {
    pub make: M,
    pub fits: F,
}

impl<M, F> Script for Pages<M, F>
where
    M: Fn(u64) -> Ask + Send + Sync + 'static,
    F: Fn(u64, &Answer) -> bool + Send + Sync + 'static,
{
    fn ask(&self, n: u64) -> Ask {
        (self.make)(n)
    }
    fn fits(&self, n: u64, answer: &Answer) -> bool {
        (self.fits)(n, answer)
    }
}

/// A page that answers 200 with something in it.
pub fn pages(make: impl Fn(u64) -> Ask + Send + Sync + 'static) -> Arc<dyn Script> {
    Arc::new(Pages {
        make,
        fits: |_, answer: &Answer| answer.status == 200 && !answer.body.is_empty(),
    })
}

/// What the program is measured against.
pub enum Against<'a> {
    Nginx(&'a Nginx),
    /// pgbench with these settings of its connections.
    Sql(&'a [pgbench::Script], String),
}

/// Medians of both sides.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    pub ours_per_second: f64,
    pub ours_cpu_ms: f64,
    pub limit_per_second: f64,
    pub limit_cpu_ms: f64,
    /// Medians of the ratios of the rounds.
    pub speed: f64,
    pub cpu: f64,
}

impl Pair {
    fn of(rounds: &[(f64, f64, f64, f64)]) -> Self {
        let middle =
            |pick: fn(&(f64, f64, f64, f64)) -> f64| median(rounds.iter().map(pick).collect());
        Self {
            ours_per_second: middle(|r| r.0),
            ours_cpu_ms: middle(|r| r.1),
            limit_per_second: middle(|r| r.2),
            limit_cpu_ms: middle(|r| r.3),
            speed: middle(|r| r.0 / r.2),
            cpu: middle(|r| r.3 / r.1),
        }
    }

    pub fn ours(&self) -> String {
        format!("{:.0}/s, {:.3} ms", self.ours_per_second, self.ours_cpu_ms)
    }

    pub fn limit(&self) -> String {
        format!(
            "{:.0}/s, {:.3} ms",
            self.limit_per_second, self.limit_cpu_ms
        )
    }

    /// A row whose figure is requests a second ÷ the limit's.
    pub fn by_speed(&self, name: &'static str, what: &str, marks: Marks) -> Row {
        Row::figure(name, what, self.ours(), self.limit(), self.speed, marks)
            .note(format!("CPU {:.2}", self.cpu))
    }

    /// A row whose figure is the limit's CPU ÷ ours.
    pub fn by_cpu(&self, name: &'static str, what: &str, marks: Marks) -> Row {
        Row::figure(name, what, self.ours(), self.limit(), self.cpu, marks)
            .note(format!("speed {:.2}", self.speed))
    }
}

impl<'a> Run<'a> {
    fn new(ground: &'a Ground, server: Server, recorded: Recorded, only: &[String]) -> Self {
        Self {
            ground,
            server,
            recorded,
            counter: Arc::default(),
            requests: 0,
            failed: 0,
            first_failure: None,
            only: only.to_vec(),
        }
    }
}

impl Run<'_> {
    pub fn wants(&self, name: &str) -> bool {
        wants(&self.only, name)
    }

    pub fn count(&mut self, tally: &Tally, what: &str) {
        self.requests += tally.requests;
        self.failed += tally.failed;
        if self.first_failure.is_none() {
            self.first_failure = tally
                .first_failure
                .as_ref()
                .map(|failure| format!("{what}: {failure}"));
        }
    }

    /// Our side for one slice: requests a second and CPU of a request.
    pub async fn ours(&mut self, script: &Arc<dyn Script>, what: &str) -> (f64, f64) {
        self.ours_by(self.ground.plan.clients, script, what).await
    }

    /// The same by another number of clients.
    pub async fn ours_by(
        &mut self,
        clients: usize,
        script: &Arc<dyn Script>,
        what: &str,
    ) -> (f64, f64) {
        let plan = &self.ground.plan;
        let before = self.ground.cpu_ms(&self.server);
        let tally = load::closed_loop(
            plan.listen,
            clients,
            plan.slice,
            script.clone(),
            self.counter.clone(),
        )
        .await;
        let used = self.ground.cpu_ms(&self.server) - before;
        self.count(&tally, what);
        let good = (tally.requests - tally.failed) as f64;
        (good / tally.seconds, used / good.max(1.0))
    }

    async fn limit(&self, against: &Against<'_>) -> anyhow::Result<(f64, f64)> {
        let plan = &self.ground.plan;
        match against {
            Against::Nginx(nginx) => {
                let file = pages(|_| Ask::get("localhost", "/page.html", "", ""));
                let before = cpu::tree_ms(nginx.pid());
                let tally = load::closed_loop(
                    nginx.address,
                    plan.clients,
                    plan.slice,
                    file,
                    Arc::default(),
                )
                .await;
                let used = cpu::tree_ms(nginx.pid()) - before;
                anyhow::ensure!(tally.failed == 0, "nginx: {:?}", tally.first_failure);
                Ok((tally.per_second(), used / tally.requests.max(1) as f64))
            }
            Against::Sql(scripts, session) => {
                let bench = &self.ground.bench;
                let limit = bench
                    .run(scripts, session, plan.clients, plan.slice)
                    .await?;
                Ok((limit.per_second, limit.cpu_ms))
            }
        }
    }

    /// Both sides in turn, the first one changing, for all rounds.
    pub async fn pair(
        &mut self,
        what: &str,
        script: Arc<dyn Script>,
        against: Against<'_>,
    ) -> anyhow::Result<Pair> {
        // A breath beforehand: connections, plans and caches.
        let plan = &self.ground.plan;
        let warm = load::closed_loop(
            plan.listen,
            plan.clients,
            Duration::from_millis(500),
            script.clone(),
            self.counter.clone(),
        )
        .await;
        self.count(&warm, what);
        let mut rounds = Vec::new();
        for round in 0..self.ground.plan.rounds {
            let (ours, limit);
            if round % 2 == 0 {
                limit = self.limit(&against).await?;
                ours = self.ours(&script, what).await;
            } else {
                ours = self.ours(&script, what).await;
                limit = self.limit(&against).await?;
            }
            rounds.push((ours.0, ours.1, limit.0, limit.1));
        }
        let pair = Pair::of(&rounds);
        println!("{what}: ours {}, limit {}", pair.ours(), pair.limit());
        Ok(pair)
    }
}

/// Whether a row is to be measured.
pub fn wants(only: &[String], name: &str) -> bool {
    only.is_empty() || only.iter().any(|o| o.eq_ignore_ascii_case(name))
}

/// The queue on a small data set, for P10.
pub async fn small(ground: &Ground) -> anyhow::Result<size::Opening> {
    let server = ground.serve(16).await?;
    let mut run = Run::new(ground, server, Recorded::default(), &[]);
    tokio::time::sleep(FIRST_ROUND).await;
    let opening = size::opening(&mut run).await;
    run.server.stop().await?;
    opening
}

/// The figures on a data set of a tenth, for P14.
pub async fn small_figures(ground: &Ground) -> anyhow::Result<f64> {
    let server = ground.serve(16).await?;
    let mut run = Run::new(ground, server, Recorded::default(), &[]);
    tokio::time::sleep(FIRST_ROUND).await;
    let opening = dashboard::opening(&mut run).await;
    run.server.stop().await?;
    opening
}

/// What was measured on smaller data sets beforehand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Small {
    pub queue: Option<size::Opening>,
    pub figures: Option<f64>,
}

/// Every wanted row.
pub async fn all(
    ground: &Ground,
    recorder: &Recorder,
    only: &[String],
    small: Small,
) -> anyhow::Result<Vec<Row>> {
    let recorded = record(ground, recorder).await?;
    let mut starts = Vec::new();
    for _ in 1..ground.plan.rounds.max(3) {
        let server = ground.serve(16).await?;
        starts.push(server.first_answer.as_secs_f64());
        server.stop().await?;
    }
    let server = ground.serve(16).await?;
    starts.push(server.first_answer.as_secs_f64());
    let mut run = Run::new(ground, server, recorded, only);
    let rows = measure(&mut run, median(starts), small).await;
    let stopped = run.server.stop().await;
    let rows = rows?;
    stopped?;
    Ok(rows)
}

async fn measure(run: &mut Run<'_>, start: f64, small: Small) -> anyhow::Result<Vec<Row>> {
    tokio::time::sleep(FIRST_ROUND).await;
    let idle = cpu::pss_mb(run.server.pid).unwrap_or(f64::NAN);
    let mut rows = reads::rows(run).await?;
    rows.extend(branch::rows(run).await?);
    if let Some(small) = small.queue {
        rows.extend(size::grown(run, small).await?);
    }
    if run.wants("P14") {
        rows.extend(dashboard::rows(run, small.figures).await?);
    }
    if run.wants("P11") {
        rows.push(size::far(run).await?);
    }
    rows.extend(submit::rows(run).await?);
    rows.extend(sign_in::rows(run).await?);
    let after = cpu::pss_mb(run.server.pid).unwrap_or(f64::NAN);
    let memory = |name, what: &str, mb: f64, marks| {
        Row::figure(name, what, format!("{mb:.0} MB"), String::new(), mb, marks)
    };
    rows.push(memory(
        "P15",
        "memory, idle",
        idle,
        Marks::new(60.0, 35.0, 25.0),
    ));
    rows.push(memory(
        "P15",
        "memory after the whole campaign",
        after,
        Marks::new(150.0, 100.0, 80.0),
    ));
    rows.push(Row::figure(
        "P17",
        "start to first 200",
        format!("{start:.2} s"),
        String::new(),
        start,
        Marks::new(2.0, 1.0, 0.3),
    ));
    let seen = format!("{} of {}", run.failed, run.requests);
    let note = run.first_failure.clone().unwrap_or_default();
    rows.push(Row::exact("P20", "failed requests", seen, run.failed == 0).note(note));
    Ok(rows)
}

/// The SQL of requests, from a server whose statements are logged.
async fn record(ground: &Ground, recorder: &Recorder) -> anyhow::Result<Recorded> {
    recorder::switch(&ground.owner, LOGIN, true).await?;
    // One connection listens for changes of the catalogue, one works.
    let server = ground.serve(2).await?;
    // Transactions of two connections mix in the log.
    tokio::time::sleep(FIRST_ROUND).await;
    ground.refresh_sessions().await?;
    let recorded: anyhow::Result<Recorded> = async {
        Ok(Recorded {
            session: reads::record_session(ground, recorder).await?,
            queue: branch::record(ground, recorder).await?,
            dashboard: dashboard::record(ground, recorder).await?,
        })
    }
    .await;
    let stopped = server.stop().await;
    recorder::switch(&ground.owner, LOGIN, false).await?;
    let recorded = recorded?;
    stopped?;
    Ok(recorded)
}
