//! P9 and P18: the queue of a branch.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;

use super::{Against, Run, pages};
use crate::{
    fixture::Fixture,
    ground::Ground,
    http::{Ask, Connection, address},
    load::{self, Script},
    pgbench,
    recorder::{Recorder, Statement},
    report::{Marks, Row, median},
};

const QUEUE: &str = "/branch/queue";
const RATE: f64 = 40.0;

fn ask(fixture: &Fixture, n: u64) -> Ask {
    let city = fixture.city(n);
    // One of ten at the first branch, as the rows lie.
    let at = if n.is_multiple_of(10) {
        0
    } else {
        n as usize % city.officers.len()
    };
    let cookie = format!("sid={}", city.officers[at].sid);
    Ask::get(&city.host, QUEUE, &cookie, &address(n))
}

/// The queue as clerks of all cities and branches open it.
pub fn script(ground: &Ground) -> Arc<dyn Script> {
    let fixture = ground.fixture.clone();
    pages(move |n| ask(&fixture, n))
}

/// The one question by which the program reads the page.
const FRONT: &str = "branch_queue_front";

/// The page and its total; `$1` to `$6` are the parameters of `branch_queue_front`.
const QUESTIONS: [&str; 2] = [
    "select a.id, a.application_no, a.enterprise_name, a.product_name, a.amount_cents, a.rate, a.term, a.term_unit, a.stage, \
     a.ever_accepted, a.handler_name, a.holder_name, a.submitted_at, a.accepted_at, a.decided_at, a.frozen, \
     a.renews_id is not null as renewal, a.version, a.paused_at, a.due_at, coalesce(a.intake_since, a.submitted_at) as due_since \
     from financing_applications a where a.tenant_id = $2 and a.handler_tenant_id = $1 and a.submitted_at is not null \
     and a.stage = 'submitted' order by a.due_at, a.id limit $5",
    "select count(*) from (select from financing_applications a where a.tenant_id = $2 and a.handler_tenant_id = $1 \
     and a.submitted_at is not null and a.stage = 'submitted' limit $6) few",
];

/// The interactive transaction of a queue's page, for the one statement by which the program asks the same.
fn interactive(asked: &Statement) -> anyhow::Result<Vec<Statement>> {
    let [Some(branch), Some(city), Some(reach), Some(person), ..] = asked.parameters.as_slice()
    else {
        anyhow::bail!("{} has other parameters", asked.sql);
    };
    let plain = |sql: String| Statement {
        sql,
        parameters: Vec::new(),
    };
    let walls = format!(
        "begin; set local role tenant_rw; set local app.tenant_id = '{branch}'; set local app.city_id = '{city}'; \
         set local app.reach = '{reach}'; set local app.enterprise_id = ''; set local app.user_id = '{person}'"
    );
    let questions = QUESTIONS.map(|sql| Statement {
        sql: sql.to_owned(),
        parameters: asked.parameters.clone(),
    });
    let mut whole = vec![plain(walls)];
    whole.extend(questions);
    whole.push(plain("rollback".to_owned()));
    Ok(whole)
}

/// What a queue is read by, of the same clerks; the check of the session is measured by itself.
#[derive(Clone, Default)]
pub struct Queue {
    /// Question by question, in one transaction.
    interactive: Vec<pgbench::Script>,
    /// As the program asks it.
    at_once: Vec<pgbench::Script>,
}

pub async fn record(ground: &Ground, recorder: &Recorder) -> anyhow::Result<Queue> {
    let mut queue = Queue::default();
    // Spread over cities and branches as the load is: one of ten at a city's first branch.
    for n in (0..40).map(|at| at * 37) {
        let opened = async || {
            Connection::new(ground.plan.listen)
                .exchange(&ask(&ground.fixture, n))
                .await
        };
        // What a first opening reads once for many is no part of the limit, for it is none of our side.
        opened().await?;
        let own = recorder.readings_of(FRONT, opened).await.context(QUEUE)?;
        let front = |s: &&Statement| s.sql.contains(FRONT);
        let asked = own.iter().flatten().find(front).context(QUEUE)?;
        let script = |statements: Vec<Statement>| pgbench::Script {
            text: pgbench::script(&[statements]),
            weight: 1,
        };
        queue.interactive.push(script(interactive(asked)?));
        queue.at_once.push(script(vec![asked.clone()]));
    }
    Ok(queue)
}

pub async fn rows(run: &mut Run<'_>) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    run.ground.refresh_sessions().await?;
    let script = script(run.ground);
    if run.wants("P9") {
        let queue = run.recorded.queue.clone();
        let mut against = async |scripts: &[pgbench::Script]| {
            run.pair("P9", script.clone(), Against::Sql(scripts, String::new()))
                .await
        };
        let pair = against(&queue.interactive).await?;
        let at_once = against(&queue.at_once).await?;
        let what = "branch queue page: limit CPU ÷ ours";
        let row = pair.by_cpu("P9", what, Marks::new(0.45, 0.60, 0.65));
        // The stricter reading of the limit is told beside it.
        rows.push(row.note(format!(
            "speed {:.2}; {:.2} beside the one statement, {:.3} ms",
            pair.speed, at_once.cpu, at_once.limit_cpu_ms
        )));
    }
    if run.wants("P18") {
        let (mut middles, mut tails) = (Vec::new(), Vec::new());
        for _ in 0..run.ground.plan.rounds {
            let mut tally = at_rate(run, &script).await;
            run.count(&tally, "P18");
            middles.push(tally.percentile(0.5));
            tails.push(tally.percentile(0.99));
        }
        let (middle, tail) = (median(middles), median(tails));
        println!("P18: p50 {middle:.1} ms, p99 {tail:.1} ms");
        let row = |what: &str, figure: f64, marks| {
            Row::figure(
                "P18",
                what,
                format!("{figure:.1} ms"),
                String::new(),
                figure,
                marks,
            )
        };
        rows.push(row(
            "branch queue at 40/s: p50, ms",
            middle,
            Marks::new(6.0, 4.0, 3.0),
        ));
        rows.push(row(
            "branch queue at 40/s: p99, ms",
            tail,
            Marks::new(40.0, 25.0, 15.0),
        ));
    }
    Ok(rows)
}

/// The queue at 40 requests a second, twice as long as other slices: a tail needs many.
pub async fn at_rate(run: &Run<'_>, script: &Arc<dyn Script>) -> load::Tally {
    let plan = &run.ground.plan;
    let lasts = (plan.slice * 2).max(Duration::from_secs(4));
    load::fixed_rate(
        plan.listen,
        RATE,
        lasts,
        script.clone(),
        run.counter.clone(),
    )
    .await
}
