//! Workers: what runs beside the requests, one city at a time, until the shutdown signal.

use std::{any::Any, fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use application::{
    access::{Guard, Permit},
    account::pack::OwnPacker,
    audit::link::Chain,
    bank_api::post::{Messenger, Streams},
    city::Cities,
    error::UseResult,
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
use futures::{FutureExt as _, TryFutureExt as _, future::BoxFuture};
use postgres_adapter::{Errand, PgDoor};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
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

/// While a bank does not answer, what came for the others meanwhile is looked for as often as this.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// No bank is called anew in a round of this age: it ends soon, and the next one begins.
const TELL_FOR: Duration = Duration::from_mins(1);

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

    /// Every city that was ever applied, and every province: what a closed one holds ends too, whether its file is still there or not.
    async fn ever_applied(&self) -> anyhow::Result<impl Iterator<Item = TenantId> + Send + use<>> {
        let cities = self.door.applied_cities().await?;
        let provinces = self.door.applied_provinces().await?;
        let provinces = provinces.into_iter().map(|province| province.id);
        Ok(cities.into_iter().map(|city| city.id).chain(provinces))
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
            round
                .go(permit.city(), Box::pin(self.deliverer.work_off(&permit)))
                .await;
        }
        round.end()
    }

    /// 事件推送: one round over the cities that have something due; answers how many calls were made. Banks are called beside each
    /// other: one that does not answer keeps no other waiting, of whatever city.
    pub async fn tell_once(&self) -> anyhow::Result<usize> {
        let (mut round, mut streams) = (Round::default(), Streams::default());
        let until = Instant::now() + TELL_FOR;
        loop {
            if Instant::now() < until {
                self.tell_some(&mut round, &mut streams, until).await;
            }
            if streams.are_over() {
                return round.end();
            }
            if let Ok(Some((city, told))) = timeout(LOOK_AGAIN, streams.ended()).await {
                round.take(city, told);
            }
        }
    }

    /// Begins with every bank that has something due, as far as there are places.
    async fn tell_some(&self, round: &mut Round, streams: &mut Streams, until: Instant) {
        let permits = match self.permits_for(Errand::Calls, round).await {
            Ok(permits) => permits,
            // What is under way is waited for all the same.
            Err(error) => {
                round.failures.push(format!("{error:#}"));
                return;
            }
        };
        let mut due = Vec::new();
        for permit in permits {
            match self.messenger.due(&permit).await {
                Ok(hooks) => due.extend(hooks.into_iter().map(|hook| (permit.clone(), hook))),
                Err(error) => round.failed(permit.city(), &error.into()),
            }
        }
        streams.begin(&self.messenger, due, until.into_std());
    }

    /// 时钟 and 短信告警: one round over every city; answers how many requests were moved or told of, and how many alarms given.
    pub async fn tick_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        // While a city is suspended nobody can accept or answer in it: no clock runs against anybody.
        let open = self.cities.all().into_iter().filter(|city| city.is_open());
        let open: Vec<TenantId> = open.map(|city| city.id).collect();
        for permit in self.permits(open.into_iter(), &mut round).await {
            let city = permit.city();
            round.go(city, Box::pin(self.timers.tick(&permit))).await;
            round.go(city, Box::pin(self.alarms.look(&permit))).await;
            round.go(city, Box::pin(self.held.round(&permit))).await;
        }
        round.end()
    }

    /// 日志链: links what is new in every city.
    pub async fn link_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for city in self.ever_applied().await? {
            let permit = Guard::job(city, [city].into());
            round.go(city, Box::pin(self.chain.link(&permit))).await;
        }
        round.end()
    }

    /// 保存期限: takes away what is kept only for a while (S-35); answers how many rows went.
    pub async fn sweep_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        let swept = self.door.sweep(self.clock.now()).await;
        let all = self.ever_applied().await?;
        for permit in self.permits(all, &mut round).await {
            let gone = self.retention.forget(&permit);
            round.go(permit.city(), gone.map_ok(count).boxed()).await;
        }
        Ok(round.end()? + count(swept?))
    }

    /// 数据导出: makes what waits, city by city; answers how many exports were handled.
    pub async fn exports_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Exports, &mut round).await? {
            round
                .go(permit.city(), Box::pin(self.exports.work_off(&permit)))
                .await;
        }
        round.end()
    }

    /// 导出本企业数据: makes what waits, city by city; answers how many were handled.
    pub async fn own_exports_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::OwnExports, &mut round).await? {
            round
                .go(permit.city(), Box::pin(self.packer.work_off(&permit)))
                .await;
        }
        round.end()
    }

    /// 批量导入: works off what waits, city by city; answers how many files were handled.
    pub async fn imports_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Imports, &mut round).await? {
            round
                .go(permit.city(), Box::pin(self.imports.work_off(&permit)))
                .await;
        }
        round.end()
    }

    /// 病毒扫描: asks again about files of which nothing is known; answers how many are known now.
    pub async fn scan_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.all_permits(&mut round).await {
            round
                .go(permit.city(), Box::pin(self.rescan.round(&permit)))
                .await;
            round
                .go(permit.city(), Box::pin(self.rescan.letters_round(&permit)))
                .await;
        }
        round.end()
    }

    /// 人脸核验: asks for the verdicts that are owed, city by city; answers how many came.
    pub async fn faces_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Faces, &mut round).await? {
            round
                .go(permit.city(), Box::pin(self.faces.round(&permit)))
                .await;
        }
        round.end()
    }

    /// 统计分析: counts what changed, city by city; answers how many changes there were.
    pub async fn count_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        for permit in self.permits_for(Errand::Statistics, &mut round).await? {
            round
                .go(permit.city(), Box::pin(self.counter.round(&permit)))
                .await;
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
            round
                .go(city, Box::pin(self.responses.round(&permit)))
                .await;
            round
                .go(city, Box::pin(self.timers.remind_of_loans(&permit)))
                .await;
            round
                .go(city, Box::pin(self.timers.ask_for_ratings(&permit)))
                .await;
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
            round
                .go(permit.city(), Box::pin(self.reporter.round(&permit)))
                .await;
        }
        round.end()
    }

    /// 无主文件: objects that a crash left without a row; answers how many went.
    pub async fn collect_once(&self) -> anyhow::Result<usize> {
        let mut round = Round::default();
        let all = self.ever_applied().await?;
        for permit in self.permits(all, &mut round).await {
            let gone = self.retention.collect_orphans(&permit);
            round.go(permit.city(), gone.map_ok(count).boxed()).await;
        }
        round.end()
    }

    /// Starts the loops, one after the other so that few connections serve them all; each ends between two rounds once `stop` says so.
    /// `database` is how the figures name whose duties these are.
    pub fn start(&self, database: &str, stop: &watch::Receiver<bool>) -> JoinSet<()> {
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
        // Whoever waits for the first page comes first.
        let mut first = Instant::now() + APART;
        for (name, beat, duty) in duties {
            let own = self.clone();
            let whose = Whose {
                name,
                database: database.to_owned(),
            };
            running.spawn(every(
                whose,
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

/// A duty, as log and figures name it.
struct Whose {
    name: &'static str,
    database: String,
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

    /// A city's turn. One that panics is a fault of ours in that city, and no reason to leave out the others.
    async fn go(&mut self, city: TenantId, turn: BoxFuture<'_, UseResult<usize>>) {
        match AssertUnwindSafe(turn).catch_unwind().await {
            Ok(came) => self.take(city, came),
            Err(panic) => {
                let panicked = Panicked::of(&*panic);
                tracing::error!(%city, %panicked, "the turn of a city was cut short");
                self.failed(city, &panicked.into());
            }
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

/// A round that did not come to its end.
#[derive(Debug)]
struct Panicked(String);

impl Panicked {
    fn of(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Self(text.unwrap_or("without a word").to_owned())
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "panicked: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

/// Runs `round` again and again. A round that failed is told once and tried again at the next beat; one that panicked too.
async fn every<F, R>(whose: Whose, mut ticks: Interval, mut stop: watch::Receiver<bool>, round: F)
where
    F: Fn() -> R + Send,
    R: Future<Output = anyhow::Result<usize>> + Send,
{
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let name = whose.name;
    figures::good_round(name, &whose.database);
    // A panic is told although a plain failure was told before it.
    let mut told = None;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            ended = stop.wait_for(|stop| *stop) => {
                drop(ended);
                return;
            }
        }
        let done = AssertUnwindSafe(round()).catch_unwind().await;
        let done = done.unwrap_or_else(|panic| Err(Panicked::of(&*panic).into()));
        figures::round(name, done.is_ok());
        match done {
            Ok(done) => {
                told = None;
                figures::good_round(name, &whose.database);
                if done > 0 {
                    tracing::debug!(worker = name, done, "a round was worked off");
                }
            }
            Err(error) => {
                let panicked = error.is::<Panicked>();
                if told != Some(panicked) {
                    told = Some(panicked);
                    let error = format!("{error:#}");
                    tracing::error!(worker = name, error, "a round failed");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::interval;

    use super::*;

    fn nobody() -> Whose {
        Whose {
            name: "test",
            database: "none".to_owned(),
        }
    }

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
        let running = tokio::spawn(every(nobody(), beat, stop, move || {
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

    #[tokio::test]
    async fn a_duty_that_panics_once_goes_on() {
        let (tell, stop) = watch::channel(false);
        let (count, mut counted) = watch::channel(0_usize);
        let beat = interval(Duration::from_millis(1));
        let running = tokio::spawn(every(nobody(), beat, stop, move || {
            count.send_modify(|rounds| *rounds += 1);
            let broken = *count.borrow() == 1;
            async move {
                assert!(!broken, "planted");
                Ok(1)
            }
        }));
        counted.wait_for(|rounds| *rounds >= 3).await.unwrap();
        tell.send(true).unwrap();
        running.await.unwrap();
    }

    #[tokio::test]
    async fn a_city_that_panics_keeps_no_other_from_its_turn() {
        let [first, second] = [1, 2].map(|n| TenantId(uuid::Uuid::from_u128(n)));
        let mut round = Round::default();
        let broken = futures::future::lazy(|_| -> UseResult<usize> { panic!("planted") });
        round.go(first, broken.boxed()).await;
        round.go(second, async { Ok(2) }.boxed()).await;
        assert_eq!(round.done, 2);
        assert_eq!(
            round.end().unwrap_err().to_string(),
            format!("{first}: panicked: planted")
        );
    }
}
