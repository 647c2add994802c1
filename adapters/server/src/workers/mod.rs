//! Workers: what runs beside the requests, one city at a time, until the shutdown signal.

use std::{sync::Arc, time::Duration};

use application::{
    access::{Guard, Permit},
    account::pack::OwnPacker,
    audit::link::Chain,
    bank_api::post::Messenger,
    city::Cities,
    exports::ExportMaker,
    files::rescan::Rescan,
    financing::HeldRequests,
    identity::FaceSweep,
    imports::ImportWorker,
    outbox::{Alarms, Deliverer},
    ports::{clock::Clock, limits::Sweeper as _},
    province::{Reporter, SECTION as PROVINCE},
    retention::Retention,
    statistics::{Counter, ResponseTimes},
    timers::Timers,
};
use domain::ids::TenantId;
use futures::future::BoxFuture;
use postgres_adapter::{Errand, PgDoor};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};
use web::words::LocaleWords;

use crate::{
    figures,
    wire::{self, Parts},
};

/// Between the first rounds of two duties.
const APART: Duration = Duration::from_millis(150);

const DELIVER_EVERY: Duration = Duration::from_secs(1);
const TELL_EVERY: Duration = Duration::from_secs(2);
const TICK_EVERY: Duration = Duration::from_mins(1);
const LINK_EVERY: Duration = Duration::from_secs(30);
const FACES_EVERY: Duration = Duration::from_secs(10);
const SHEETS_EVERY: Duration = Duration::from_secs(1);
const COUNT_EVERY: Duration = Duration::from_secs(2);
const HOURLY: Duration = Duration::from_hours(1);
const REPORT_EVERY: Duration = Duration::from_mins(1);
const SWEEP_EVERY: Duration = Duration::from_mins(10);
const SCAN_EVERY: Duration = Duration::from_mins(1);
const COLLECT_EVERY: Duration = Duration::from_hours(6);

/// Every worker of this process. Each round can be run by hand, as the tests do.
#[derive(Clone)]
pub struct Workers {
    door: Arc<PgDoor>,
    clock: Arc<dyn Clock>,
    cities: Arc<dyn Cities>,
    deliverer: Deliverer,
    messenger: Messenger,
    timers: Timers,
    alarms: Alarms,
    chain: Chain,
    retention: Retention,
    rescan: Rescan,
    held: HeldRequests,
    exports: ExportMaker,
    packer: OwnPacker,
    imports: ImportWorker,
    faces: FaceSweep,
    counter: Counter,
    responses: ResponseTimes,
    reporter: Reporter,
}

impl Workers {
    pub fn new(parts: &Parts) -> Self {
        Self {
            door: parts.door.clone(),
            clock: parts.clock.clone(),
            cities: parts.cities.clone(),
            deliverer: wire::financing::deliverer(parts),
            messenger: wire::bank_api::messenger(parts),
            timers: wire::financing::timers(parts),
            alarms: wire::financing::alarms(parts),
            chain: Chain {
                store: parts.store.clone(),
                tokens: parts.tokens.clone(),
            },
            retention: Retention {
                store: parts.store.clone(),
                clock: parts.clock.clone(),
                cities: parts.cities.clone(),
                vault: parts.files.clone(),
                sealer: parts.sealer.clone(),
            },
            rescan: wire::profile::rescan(parts),
            held: HeldRequests {
                financing: wire::financing::financing(parts),
                people: parts.door.clone(),
                words: Arc::new(LocaleWords),
            },
            exports: wire::sheets::export_maker(parts),
            packer: wire::account::packer(parts),
            imports: wire::sheets::import_worker(parts),
            faces: wire::profile::face_sweep(parts),
            counter: Counter {
                store: parts.store.clone(),
            },
            responses: wire::financing::response_times(parts),
            reporter: wire::province::reporter(parts),
        }
    }

    async fn permit(&self, city: TenantId) -> anyhow::Result<Permit> {
        let reach = self.door.reach(city).await?;
        Ok(Guard::job(city, reach.into()))
    }

    /// Permits for the cities of this process that have such work; one question, however many cities there are.
    async fn permits_for(&self, errand: Errand, round: &mut Round) -> anyhow::Result<Vec<Permit>> {
        let with_work = self.door.cities_with(errand, self.clock.now()).await?;
        let ours = with_work
            .into_iter()
            .filter(|city| self.cities.by_id(*city).is_some());
        Ok(self.permits(ours, round).await)
    }

    /// Permits for every city of this process.
    async fn all_permits(&self, round: &mut Round) -> Vec<Permit> {
        let all: Vec<TenantId> = self.cities.all().iter().map(|city| city.id).collect();
        self.permits(all.into_iter(), round).await
    }

    /// Every city that was ever applied: what a closed one holds ends too, whether its file is still there or not.
    async fn ever_applied(&self) -> anyhow::Result<impl Iterator<Item = TenantId> + Send + use<>> {
        let applied = self.door.applied_cities().await?;
        Ok(applied.into_iter().map(|city| city.id))
    }

    async fn permits(
        &self,
        cities: impl Iterator<Item = TenantId> + Send,
        round: &mut Round,
    ) -> Vec<Permit> {
        let mut permits = Vec::new();
        for city in cities {
            match self.permit(city).await {
                Ok(permit) => permits.push(permit),
                Err(error) => round.failed(city, &error),
            }
        }
        permits
    }

    /// 发件箱: one round over the cities that have something due; answers how many notices were handled.
    pub async fn deliver_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Notices, &mut round).await? {
            round.take(permit.city(), self.deliverer.work_off(&permit).await);
        }
        round.end()
    }

    /// 事件推送: one round over the cities that have something due; answers how many calls were made.
    pub async fn tell_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Calls, &mut round).await? {
            round.take(permit.city(), self.messenger.round(&permit).await);
        }
        round.end()
    }

    /// 时钟 and 短信告警: one round over every city; answers how many requests were moved or told of, and how many alarms given.
    pub async fn tick_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        // While a city is suspended nobody can accept or answer in it: no clock runs against anybody.
        let open = self.cities.all().into_iter().filter(|city| city.is_open());
        let open: Vec<TenantId> = open.map(|city| city.id).collect();
        for permit in self.permits(open.into_iter(), &mut round).await {
            let city = permit.city();
            round.take(city, self.timers.tick(&permit).await);
            round.take(city, self.alarms.look(&permit).await);
            round.take(city, self.held.round(&permit).await);
        }
        round.end()
    }

    /// 日志链: links what is new in every city.
    pub async fn link_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for city in self.ever_applied().await? {
            round.take(city, self.chain.link(city).await);
        }
        round.end()
    }

    /// 保存期限: takes away what is kept only for a while (S-35); answers how many rows went.
    pub async fn sweep_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        let swept = self.door.sweep(self.clock.now()).await;
        let all = self.ever_applied().await?;
        for permit in self.permits(all, &mut round).await {
            let gone = self.retention.forget(&permit).await;
            round.take(permit.city(), gone.map(count));
        }
        Ok(round.end()? + count(swept?))
    }

    /// 数据导出: makes what waits, city by city; answers how many exports were handled.
    pub async fn exports_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Exports, &mut round).await? {
            round.take(permit.city(), self.exports.work_off(&permit).await);
        }
        round.end()
    }

    /// 导出本企业数据: makes what waits, city by city; answers how many were handled.
    pub async fn own_exports_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::OwnExports, &mut round).await? {
            round.take(permit.city(), self.packer.work_off(&permit).await);
        }
        round.end()
    }

    /// 批量导入: works off what waits, city by city; answers how many files were handled.
    pub async fn imports_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Imports, &mut round).await? {
            round.take(permit.city(), self.imports.work_off(&permit).await);
        }
        round.end()
    }

    /// 病毒扫描: asks again about files of which nothing is known; answers how many are known now.
    pub async fn scan_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.all_permits(&mut round).await {
            round.take(permit.city(), self.rescan.round(&permit).await);
            round.take(permit.city(), self.rescan.letters_round(&permit).await);
        }
        round.end()
    }

    /// 人脸核验: asks for the verdicts that are owed, city by city; answers how many came.
    pub async fn faces_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Faces, &mut round).await? {
            round.take(permit.city(), self.faces.round(&permit).await);
        }
        round.end()
    }

    /// 统计分析: counts what changed, city by city; answers how many changes there were.
    pub async fn count_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Statistics, &mut round).await? {
            round.take(permit.city(), self.counter.round(&permit).await);
        }
        round.end()
    }

    /// 接单速度, 到期提醒 and 请您评价: what need not be known by the minute, in every open city; answers how many branches are told
    /// otherwise than before, and of how many loans and requests somebody was told.
    pub async fn hourly_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        let open = self.cities.all().into_iter().filter(|city| city.is_open());
        let open: Vec<TenantId> = open.map(|city| city.id).collect();
        for permit in self.permits(open.into_iter(), &mut round).await {
            let city = permit.city();
            round.take(city, self.responses.round(&permit).await);
            round.take(city, self.timers.remind_of_loans(&permit).await);
            round.take(city, self.timers.ask_for_ratings(&permit).await);
        }
        round.end()
    }

    /// 上级报送: makes and sends what is due, in every open city that reports to somebody; answers how many reports were handled.
    pub async fn report_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        let cities = self.cities.all().into_iter();
        let reporting = cities.filter(|city| city.is_open() && city.plugs.contains_key(PROVINCE));
        let reporting: Vec<TenantId> = reporting.map(|city| city.id).collect();
        for permit in self.permits(reporting.into_iter(), &mut round).await {
            round.take(permit.city(), self.reporter.round(&permit).await);
        }
        round.end()
    }

    /// 无主文件: objects that a crash left without a row; answers how many went.
    pub async fn collect_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        let all = self.ever_applied().await?;
        for permit in self.permits(all, &mut round).await {
            let gone = self.retention.collect_orphans(&permit).await;
            round.take(permit.city(), gone.map(count));
        }
        round.end()
    }

    /// Starts the loops, one after the other so that few connections serve them all; each ends between two rounds once `stop` says so.
    pub fn start(&self, stop: &watch::Receiver<bool>) -> JoinSet<()> {
        let duties: [(&'static str, Duration, Duty); 14] = [
            ("outbox", DELIVER_EVERY, |own| Box::pin(own.deliver_once())),
            ("webhooks", TELL_EVERY, |own| Box::pin(own.tell_once())),
            ("exports", SHEETS_EVERY, |own| Box::pin(own.exports_once())),
            ("own data", SHEETS_EVERY, |own| {
                Box::pin(own.own_exports_once())
            }),
            // A long file does not keep the exports waiting.
            ("imports", SHEETS_EVERY, |own| Box::pin(own.imports_once())),
            ("statistics", COUNT_EVERY, |own| Box::pin(own.count_once())),
            ("hourly", HOURLY, |own| Box::pin(own.hourly_once())),
            ("faces", FACES_EVERY, |own| Box::pin(own.faces_once())),
            ("timers", TICK_EVERY, |own| Box::pin(own.tick_once())),
            ("chain", LINK_EVERY, |own| Box::pin(own.link_once())),
            ("province", REPORT_EVERY, |own| Box::pin(own.report_once())),
            ("scans", SCAN_EVERY, |own| Box::pin(own.scan_once())),
            ("retention", SWEEP_EVERY, |own| Box::pin(own.sweep_once())),
            ("orphans", COLLECT_EVERY, |own| Box::pin(own.collect_once())),
        ];
        let mut running = JoinSet::new();
        let mut first = Instant::now();
        for (name, beat, duty) in duties {
            let own = self.clone();
            running.spawn(every(
                name,
                interval_at(first, beat),
                stop.clone(),
                move || {
                    let own = own.clone();
                    async move { duty(&own).await }
                },
            ));
            first += APART;
        }
        running
    }
}

/// One round of a duty.
type Duty = for<'a> fn(&'a Workers) -> BoxFuture<'a, anyhow::Result<usize>>;

fn count(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// One round over cities: each has its turn, and what failed in some of them is told once all had theirs.
#[derive(Default)]
struct Round {
    done: usize,
    failures: Vec<String>,
}

impl Round {
    fn take<E: Into<anyhow::Error>>(&mut self, city: TenantId, came: Result<usize, E>) {
        match came {
            Ok(done) => self.done += done,
            Err(error) => self.failed(city, &error.into()),
        }
    }

    fn failed(&mut self, city: TenantId, error: &anyhow::Error) {
        self.failures.push(format!("{city}: {error:#}"));
    }

    fn end(self) -> anyhow::Result<usize> {
        anyhow::ensure!(self.failures.is_empty(), self.failures.join("; "));
        Ok(self.done)
    }
}

/// Runs `round` again and again. A round that failed is told once and tried again at the next beat.
async fn every<F, R>(
    name: &'static str,
    mut ticks: Interval,
    mut stop: watch::Receiver<bool>,
    round: F,
) where
    F: Fn() -> R + Send,
    R: Future<Output = anyhow::Result<usize>> + Send,
{
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            ended = stop.wait_for(|stop| *stop) => {
                drop(ended);
                return;
            }
        }
        let done = round().await;
        figures::round(name, done.is_ok());
        match done {
            Ok(done) => {
                failing = false;
                if done > 0 {
                    tracing::debug!(worker = name, done, "a round was worked off");
                }
            }
            Err(error) if !failing => {
                failing = true;
                tracing::error!(
                    worker = name,
                    error = format!("{error:#}"),
                    "a round failed"
                );
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::interval;

    use super::*;

    #[test]
    fn a_round_tells_of_every_failure_and_counts_only_a_whole_one() {
        let [first, second] = [1, 2].map(|n| TenantId(uuid::Uuid::from_u128(n)));
        let mut whole = Round::default();
        whole.take(first, anyhow::Ok(1));
        whole.take(second, anyhow::Ok(2));
        assert_eq!(whole.end().unwrap(), 3);
        let mut broken = Round::default();
        broken.take(first, Err(anyhow::anyhow!("planted")));
        broken.take(second, anyhow::Ok(2));
        assert_eq!(
            broken.end().unwrap_err().to_string(),
            format!("{first}: planted")
        );
    }

    #[tokio::test]
    async fn a_loop_ends_when_it_is_told_and_survives_a_failed_round() {
        let (tell, stop) = watch::channel(false);
        let (count, mut counted) = watch::channel(0_usize);
        let beat = interval(Duration::from_millis(1));
        let running = tokio::spawn(every("test", beat, stop, move || {
            count.send_modify(|rounds| *rounds += 1);
            let failed = *count.borrow() == 1;
            async move {
                anyhow::ensure!(!failed, "planted");
                Ok(1)
            }
        }));
        counted.wait_for(|rounds| *rounds >= 3).await.unwrap();
        tell.send(true).unwrap();
        running.await.unwrap();
    }
}
