//! P8: every accepted click is one row, one event and one outbox row; numbers have no gaps; a replay says the same.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Run, submit};
use crate::{
    ground::Ground,
    http::Connection,
    load::{self, Script},
    report::Row,
};

/// How long clicks go on beside the kill, and when it comes.
const UNDER_FIRE: Duration = Duration::from_secs(6);
const KILL_AFTER: Duration = Duration::from_secs(2);
const REPLAYS: usize = 200;

/// What should be in the database.
pub struct Ledger {
    before: Totals,
    since: OffsetDateTime,
    /// Transactions that pgbench committed.
    pub beside: u64,
    drafts: BTreeSet<Uuid>,
    clicks: Vec<Arc<submit::Clicks>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Totals {
    rows: i64,
    events: i64,
    notices: i64,
}

impl Ledger {
    pub async fn open(ground: &Ground) -> anyhow::Result<Self> {
        let since = sqlx::query_scalar("select clock_timestamp()")
            .fetch_one(&ground.owner)
            .await?;
        Ok(Self {
            before: totals(&ground.owner, since).await?,
            since,
            beside: 0,
            drafts: BTreeSet::new(),
            clicks: Vec::new(),
        })
    }

    /// Notes the clicks that were answered as taken.
    pub fn accepted(&mut self, clicks: &Arc<submit::Clicks>) {
        let taken = clicks.taken();
        self.drafts
            .extend(taken.iter().map(|at| clicks.all[*at].draft));
        self.clicks.push(clicks.clone());
    }
}

/// Notices since the load began: retention takes old ones away while it runs.
async fn totals(owner: &PgPool, since: OffsetDateTime) -> anyhow::Result<Totals> {
    let (rows, events, notices) = sqlx::query_as(
        "select (select count(*) from financing_applications where application_no is not null),
                (select count(*) from application_events where kind = 'submit'),
                (select count(*) from outbox
                 where topic = 'application.event' and payload ->> 'verb' = 'submit' and created_at >= $1)",
    )
    .bind(since)
    .fetch_one(owner)
    .await?;
    Ok(Totals {
        rows,
        events,
        notices,
    })
}

/// Days of a tenant on which the numbers have a gap, come twice, or differ from the counter.
async fn wrong_days(owner: &PgPool) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(
        "select count(*) from (
           select tenant_id, substr(application_no, 3, 8) as day, count(*) as n, count(distinct application_no) as u,
                  max(substr(application_no, 11)::int) as most
           from financing_applications where application_no is not null group by 1, 2) d
         full join daily_numbers c on c.tenant_id = d.tenant_id and to_char(c.day, 'YYYYMMDD') = d.day
         where d.n is distinct from d.u or d.most is distinct from d.n or c.last is distinct from d.n",
    )
    .fetch_one(owner)
    .await?)
}

/// Accepted drafts that are not exactly one submitted row with one event and one outbox row.
async fn wrong_clicks(owner: &PgPool, drafts: &BTreeSet<Uuid>) -> anyhow::Result<i64> {
    let drafts: Vec<Uuid> = drafts.iter().copied().collect();
    Ok(sqlx::query_scalar(
        "with wanted as (select unnest($1::uuid[]) as id),
         told as (select (payload ->> 'application')::uuid as id, count(*) as n from outbox
                  where topic = 'application.event' and payload ->> 'verb' = 'submit' group by 1),
         noted as (select application_id as id, count(*) as n from application_events where kind = 'submit' group by 1)
         select count(*) from wanted w left join financing_applications a on a.id = w.id left join told on told.id = w.id
         left join noted on noted.id = w.id
         where a.application_no is null or a.stage = 'draft' or told.n is distinct from 1 or noted.n is distinct from 1",
    )
    .bind(drafts)
    .fetch_one(owner)
    .await?)
}

async fn number_of(owner: &PgPool, draft: Uuid) -> anyhow::Result<Option<String>> {
    Ok(
        sqlx::query_scalar("select application_no from financing_applications where id = $1")
            .bind(draft)
            .fetch_optional(owner)
            .await?
            .flatten(),
    )
}

/// Checks the quiet runs, then one in which the server is killed.
pub async fn rows(run: &mut Run<'_>, mut ledger: Ledger) -> anyhow::Result<Vec<Row>> {
    let replays = replay(run, &ledger).await?;
    let quiet = check(run.ground, &ledger).await?;
    let right = quiet.right && replays.1 == 0;
    let seen = format!(
        "{}; {} replays, {} of them wrong",
        quiet.said, replays.0, replays.1
    );
    let mut rows = vec![Row::exact("P8", "truth after the load", seen, right)];
    for (victim, what) in [
        (
            Victim::Server,
            "truth with the server killed (-9) in the middle",
        ),
        (
            Victim::Database,
            "truth with PostgreSQL killed (-9) in the middle",
        ),
    ] {
        let unanswered = under_fire(run, &mut ledger, victim).await?;
        let killed = check(run.ground, &ledger).await?;
        let seen = format!(
            "{}; {unanswered} clicks were unanswered and asked again",
            killed.said
        );
        rows.push(Row::exact("P8", what, seen, killed.right));
        submit::work_off(run.ground).await?;
    }
    Ok(rows)
}

/// Who is killed while people click.
#[derive(Clone, Copy)]
enum Victim {
    Server,
    Database,
}

struct Checked {
    right: bool,
    said: String,
}

async fn check(ground: &Ground, ledger: &Ledger) -> anyhow::Result<Checked> {
    let now = totals(&ground.owner, ledger.since).await?;
    let wrong_days = wrong_days(&ground.owner).await?;
    let wrong_clicks = wrong_clicks(&ground.owner, &ledger.drafts).await?;
    let accepted = i64::try_from(ledger.drafts.len())?;
    let expected = accepted + i64::try_from(ledger.beside)?;
    let grown = [
        now.rows - ledger.before.rows,
        now.events - ledger.before.events,
        now.notices - ledger.before.notices,
    ];
    let beside = i64::try_from(ledger.beside)?;
    Ok(Checked {
        right: grown.iter().all(|n| *n == expected) && wrong_days == 0 && wrong_clicks == 0,
        said: format!(
            "{accepted} accepted = {} rows = {} events = {} outbox; {wrong_days} days with gaps",
            grown[0] - beside,
            grown[1] - beside,
            grown[2] - beside
        ),
    })
}

/// Some of the accepted clicks once more; how many, and how many of them said something else.
async fn replay(run: &mut Run<'_>, ledger: &Ledger) -> anyhow::Result<(usize, usize)> {
    let (mut asked, mut wrong) = (0, 0);
    let mut connection = Connection::new(run.ground.plan.listen);
    for clicks in &ledger.clicks {
        for at in clicks.taken().into_iter().step_by(7).take(REPLAYS) {
            let click = &clicks.all[at];
            let before = number_of(&run.ground.owner, click.draft).await?;
            let answer = connection.exchange(&click.ask.ask()).await?;
            let after = number_of(&run.ground.owner, click.draft).await?;
            asked += 1;
            if !click.ask.taken(&answer) || before.is_none() || before != after {
                wrong += 1;
            }
        }
    }
    Ok((asked, wrong))
}

/// Clicks go on while one of the two is killed and started again; whoever got no answer asks again with the same key.
async fn under_fire(
    run: &mut Run<'_>,
    ledger: &mut Ledger,
    victim: Victim,
) -> anyhow::Result<usize> {
    run.ground.refresh_sessions().await?;
    let ground = run.ground;
    let seconds = UNDER_FIRE.as_secs_f64();
    let clicks = submit::drafts(ground, &run.counter, seconds, false).await?;
    let first = run.counter.load(std::sync::atomic::Ordering::SeqCst);
    let script: Arc<dyn Script> = clicks.clone();
    let load = tokio::spawn(load::closed_loop(
        ground.plan.listen,
        ground.plan.clients,
        UNDER_FIRE,
        script,
        run.counter.clone(),
    ));
    tokio::time::sleep(KILL_AFTER).await;
    let fresh = match victim {
        Victim::Server => ground.restart(&mut run.server).await,
        Victim::Database => ground.kill_database().await,
    };
    let tally = load.await?;
    fresh?;
    // Failures of this run are the point of it: they are asked again and do not count.
    run.requests += tally.requests - tally.failed;
    let last = run.counter.load(std::sync::atomic::Ordering::SeqCst);
    let sent = usize::try_from(last - first)?.min(clicks.all.len());
    let taken = clicks.taken();
    let mut connection = Connection::new(ground.plan.listen);
    let mut again = 0;
    for at in (0..sent).filter(|at| !taken.contains(at)) {
        let click = &clicks.all[at];
        let answer = connection.exchange(&click.ask.ask()).await?;
        again += 1;
        if click.ask.taken(&answer) {
            clicks
                .done
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .insert(at);
        } else {
            run.failed += 1;
            run.first_failure.get_or_insert_with(|| {
                let told = answer.told();
                format!("P8: status {} after the kill: {told}", answer.status)
            });
        }
    }
    ledger.accepted(&clicks);
    Ok(again)
}
