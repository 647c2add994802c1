//! Clients: as fast as the other side answers, or at a fixed rate.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::http::{Answer, Ask, Connection};

/// What was seen of a run.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub requests: u64,
    pub failed: u64,
    /// The first failure, in words.
    pub first_failure: Option<String>,
    pub seconds: f64,
    pub milliseconds: Vec<f32>,
}

impl Tally {
    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.seconds.max(0.001)
    }

    /// The latency below which this share of the requests lies.
    pub fn percentile(&mut self, share: f64) -> f64 {
        if self.milliseconds.is_empty() {
            return f64::NAN;
        }
        self.milliseconds.sort_by(f32::total_cmp);
        let at = (share * self.milliseconds.len() as f64).ceil() as usize;
        f64::from(self.milliseconds[at.clamp(1, self.milliseconds.len()) - 1])
    }

    fn note(&mut self, took: Duration, outcome: Result<(), String>) {
        self.requests += 1;
        self.milliseconds.push(took.as_secs_f32() * 1_000.0);
        if let Err(what) = outcome {
            self.failed += 1;
            self.first_failure.get_or_insert(what);
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.seconds += other.seconds;
        if self.first_failure.is_none() {
            self.first_failure = other.first_failure;
        }
        self.milliseconds.extend(other.milliseconds);
    }
}

/// What clients ask and which answers they take for good. `n` counts the requests of all clients together.
pub trait Script: Send + Sync + 'static {
    fn ask(&self, n: u64) -> Ask;
    fn fits(&self, n: u64, answer: &Answer) -> bool;
}

async fn one<S: Script + ?Sized>(
    script: &S,
    connection: &mut Connection,
    n: u64,
) -> Result<(), String> {
    match connection.exchange(&script.ask(n)).await {
        Ok(answer) if script.fits(n, &answer) => Ok(()),
        Ok(answer) => Err(format!(
            "status {} {}",
            answer.status,
            answer.location.unwrap_or_default()
        )),
        Err(error) => Err(error.to_string()),
    }
}

/// `clients` that each ask again as soon as they were answered.
pub async fn closed_loop(
    to: SocketAddr,
    clients: usize,
    lasts: Duration,
    script: Arc<dyn Script>,
    counter: Arc<AtomicU64>,
) -> Tally {
    let began = Instant::now();
    let end = began + lasts;
    let workers = (0..clients).map(|_| {
        let (script, counter) = (script.clone(), counter.clone());
        tokio::spawn(async move {
            let mut connection = Connection::new(to);
            let mut tally = Tally::default();
            while Instant::now() < end {
                let n = counter.fetch_add(1, Ordering::Relaxed);
                let asked = Instant::now();
                let outcome = one(&*script, &mut connection, n).await;
                if outcome.is_err() {
                    // Whatever went wrong: not a busy loop of errors.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                tally.note(asked.elapsed(), outcome);
            }
            tally
        })
    });
    let mut whole = Tally::default();
    for part in futures::future::join_all(workers)
        .await
        .into_iter()
        .flatten()
    {
        whole.merge(part);
    }
    whole.seconds = began.elapsed().as_secs_f64();
    whole
}

/// `rate` requests a second whatever the answers do; latency counts from the moment a request was due.
pub async fn fixed_rate(
    to: SocketAddr,
    rate: f64,
    lasts: Duration,
    script: Arc<dyn Script>,
    counter: Arc<AtomicU64>,
) -> Tally {
    let began = Instant::now();
    let all = (lasts.as_secs_f64() * rate) as u32;
    let idle = Arc::new(Mutex::new(Vec::new()));
    let (told, mut heard) = mpsc::unbounded_channel();
    for i in 0..all {
        let due = began + Duration::from_secs_f64(f64::from(i) / rate);
        tokio::time::sleep_until(due.into()).await;
        let (script, idle, told) = (script.clone(), idle.clone(), told.clone());
        let n = counter.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let kept: Option<Connection> = idle.lock().ok().and_then(|mut i| i.pop());
            let mut connection = kept.unwrap_or_else(|| Connection::new(to));
            let outcome = one(&*script, &mut connection, n).await;
            let _ = told.send((due.elapsed(), outcome));
            if let Ok(mut idle) = idle.lock() {
                idle.push(connection);
            }
        });
    }
    drop(told);
    let mut tally = Tally::default();
    while let Some((took, outcome)) = heard.recv().await {
        tally.note(took, outcome);
    }
    tally.seconds = began.elapsed().as_secs_f64();
    tally
}
