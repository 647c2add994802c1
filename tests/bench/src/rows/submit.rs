//! P6, P7 and P8: the binding click, as fast as it goes, and whether what was accepted is true.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use uuid::Uuid;

use super::{Run, truth};
use crate::{
    fixture::{City, Fixture, Person, Product},
    ground::Ground,
    http::{Answer, Ask, address},
    load::{self, Script},
    pgbench,
    report::{Marks, Row},
};

/// More clicks a second than one machine of ours has reached.
const MOST_PER_SECOND: u64 = 1_200;

/// People of a city who click; pgbench acts as the others, so that neither meets the other's open requests.
const CLICKERS: usize = 140;

/// One draft and its click.
pub struct Click {
    pub draft: Uuid,
    pub ask: ClickAsk,
}

/// What a browser sends; the same again is a replay.
#[derive(Clone)]
pub struct ClickAsk {
    host: String,
    path: String,
    cookie: String,
    csrf: String,
    key: String,
    draft: String,
    from: String,
}

impl ClickAsk {
    pub fn ask(&self) -> Ask {
        let fields = [
            ("_csrf", self.csrf.as_str()),
            ("_key", &self.key),
            ("draft", &self.draft),
            ("version", "1"),
        ];
        Ask::post(&self.host, &self.path, &self.cookie, &self.from, &fields)
    }

    /// What a click that was taken is answered with.
    pub fn taken(&self, answer: &Answer) -> bool {
        answer.status == 303
            && answer
                .location
                .as_deref()
                .is_some_and(|l| l == format!("/enterprise/applications/{}/submitted", self.draft))
    }
}

/// Clicks in a row, each used once, and those that were taken.
pub struct Clicks {
    pub all: Vec<Click>,
    first: u64,
    pub done: Mutex<BTreeSet<usize>>,
}

impl Clicks {
    fn at(&self, n: u64) -> Option<usize> {
        let at = usize::try_from(n.checked_sub(self.first)?).ok()?;
        (at < self.all.len()).then_some(at)
    }

    pub fn taken(&self) -> BTreeSet<usize> {
        self.done
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Script for Clicks {
    fn ask(&self, n: u64) -> Ask {
        match self.at(n) {
            Some(at) => self.all[at].ask.ask(),
            None => Ask::get("localhost", "/no-draft-left", "", ""),
        }
    }

    fn fits(&self, n: u64, answer: &Answer) -> bool {
        let Some(at) = self.at(n) else { return false };
        let taken = self.all[at].ask.taken(answer);
        if taken {
            let mut all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(at);
        }
        taken
    }
}

/// The `n`th pair of product and branch of a city.
fn offer(city: &City, n: usize) -> (&Product, Uuid) {
    let product = &city.products[n % city.products.len()];
    let branch = product.branches[n / city.products.len() % product.branches.len()];
    (product, branch)
}

/// Drafts as the form leaves them, written straight into the table: people of all cities, or of the first alone.
pub async fn drafts(
    ground: &Ground,
    counter: &AtomicU64,
    seconds: f64,
    one_city: bool,
) -> anyhow::Result<Arc<Clicks>> {
    let fixture = &ground.fixture;
    let most = (seconds * MOST_PER_SECOND as f64) as u64 + 200;
    let first = counter.load(Ordering::SeqCst);
    let mut clicks = Vec::new();
    let mut rows = Vec::new();
    for n in first..first + most {
        let city = if one_city {
            &fixture.cities[0]
        } else {
            fixture.city(n)
        };
        let people = CLICKERS as u64;
        let person = &city.enterprises[(n % people) as usize];
        // Another pair for the same person each time round: 143 has no divisor in common with a hundred products of up to ten branches, so
        // that none comes again before all were used (a request for the same would have to be confirmed).
        let (product, branch) = offer(city, (n / people * 3 + n) as usize);
        let click = click(fixture.id(), city, person, product, n);
        rows.push(draft_row(
            fixture,
            city,
            person,
            product,
            branch,
            click.draft,
        ));
        clicks.push(click);
    }
    for part in rows.chunks(2_000) {
        insert(ground, part).await?;
    }
    Ok(Arc::new(Clicks {
        all: clicks,
        first,
        done: Mutex::default(),
    }))
}

fn click(draft: Uuid, city: &City, person: &Person, product: &Product, n: u64) -> Click {
    Click {
        draft,
        ask: ClickAsk {
            host: city.host.clone(),
            path: format!("/enterprise/apply/{}/submit", product.id),
            cookie: format!("sid={}", person.sid),
            csrf: person.csrf.clone(),
            key: Uuid::new_v4().simple().to_string(),
            draft: draft.to_string(),
            from: address(n),
        },
    }
}

fn draft_row(
    fixture: &Fixture,
    city: &City,
    person: &Person,
    product: &Product,
    branch: Uuid,
    draft: Uuid,
) -> serde_json::Value {
    json!({
        "id": draft,
        "city": city.id,
        "enterprise": person.at,
        "person": person.user,
        "product": product.id,
        "branch": branch,
        "amount_cents": product.amount_wan * 1_000_000,
        "rate": product.rate,
        "term": product.term,
        "typed": {
            "amount": product.amount_wan.to_string(),
            "term": product.term.to_string(),
            "rate": format!("{}.{:02}", product.rate / 100, product.rate % 100),
            "branch": branch,
            "agreed": fixture.agreed,
        },
    })
}

async fn insert(ground: &Ground, rows: &[serde_json::Value]) -> anyhow::Result<()> {
    sqlx::query(
        "with d as (select * from jsonb_to_recordset($1) as d(id uuid, city uuid, enterprise uuid, person uuid, product uuid,
           branch uuid, amount_cents bigint, rate int, term int, typed jsonb)),
         made as (insert into financing_applications (id, tenant_id, handler_tenant_id, handler_name, bank_id, enterprise_id,
           enterprise_name, stage, product_id, product_version, product_name, amount_cents, rate, term, term_unit, created_by,
           created_at, updated_at, draft_typed)
         select d.id, d.city, d.branch, b.name, p.tenant_id, d.enterprise, e.name, 'draft', p.id, p.version, p.name,
           d.amount_cents, d.rate, d.term, p.term_unit, d.person, now(), now(), d.typed
         from d join products p on p.id = d.product join tenants b on b.id = d.branch
         join enterprises e on e.tenant_id = d.city and e.id = d.enterprise returning id)
         insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_id, actor_name,
           actor_role, handler_tenant_id, at)
         select gen_random_uuid(), d.city, d.id, 1, 'save_draft', 'draft', 'enterprise', d.person, u.name, 'eo', d.branch, now()
         from d join users u on u.id = d.person",
    )
    .bind(serde_json::Value::Array(rows.to_vec()))
    .execute(&ground.owner)
    .await?;
    Ok(())
}

/// The interactive transaction that the page names, for one person: session check, key, number, application, event,
/// outbox row, answer, commit. The program does more: dossier, pictures, consents, audit.
fn limit_script(session: &str, time: &str, city: &City, person: &Person, n: usize) -> String {
    let (product, branch) = offer(city, n);
    let (tenant, enterprise, user, product) = (city.id, person.at, person.user, product.id);
    let id = |group: &str| format!("('{time}-{group}-7000-8000-' || :r::text)::uuid");
    let (application, notice) = (id("0001"), id("0002"));
    let number = "'PO' || to_char(now() at time zone 'Asia/Shanghai', 'YYYYMMDD') || lpad(:last::text, greatest(3, length(:last::text)), '0')";
    format!(
        "\\set r random(100000000000, 999999999999)\n{session}\
         \\startpipeline\nbegin;\nset local role enterprise_rw;\n\
         set local app.tenant_id = '{tenant}';\nset local app.city_id = '{tenant}';\nset local app.reach = '{tenant}';\n\
         set local app.enterprise_id = '{enterprise}';\nset local app.user_id = '{user}';\n\\endpipeline\n\
         insert into idempotency_keys (tenant_id, user_id, action, key, body_hash, created_at) values ('{tenant}', '{user}', \
         'financing.submit', 'limit-' || :r::text, '\\x00', now()) on conflict do nothing;\n\
         insert into daily_numbers (tenant_id, day, last) values ('{tenant}', (now() at time zone 'Asia/Shanghai')::date, 1) \
         on conflict (tenant_id, day) do update set last = daily_numbers.last + 1 returning last \\gset\n\
         insert into financing_applications (id, tenant_id, handler_tenant_id, handler_name, bank_id, enterprise_id, \
         enterprise_name, application_no, stage, version, product_id, product_version, product_name, amount_cents, rate, term, \
         term_unit, created_by, created_at, submitted_at, due_at, updated_at) values ({application}, '{tenant}', '{branch}', \
         '第01银行第00支行', '{bank}', '{enterprise}', '沧州市恒信商贸有限公司', {number}, 'submitted', 2, '{product}', 1, '产品', \
         1000000, 300, 2, 'month', '{user}', now(), now(), now() + interval '1 day', now());\n\
         insert into application_events (id, tenant_id, application_id, seq, kind, from_stage, to_stage, actor_kind, actor_id, \
         actor_name, actor_role, handler_tenant_id, at) values (gen_random_uuid(), '{tenant}', {application}, 1, 'submit', \
         'draft', 'submitted', 'enterprise', '{user}', '王建国', 'eo', '{branch}', now());\n\
         insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ({notice}, '{tenant}', \
         'application.event', jsonb_build_object('application', {application}, 'seq', 1, 'verb', 'submit', 'stage', 'submitted', \
         'handler', '{branch}'), now(), now());\n\
         update idempotency_keys set answer = jsonb_build_object('application', {application}) where tenant_id = '{tenant}' \
         and user_id = '{user}' and action = 'financing.submit' and key = 'limit-' || :r::text;\n\
         commit;\n",
        bank = city.officers[0].at,
    )
}

fn limit_scripts(run: &Run<'_>, one_city: bool) -> Vec<pgbench::Script> {
    let fixture = &run.ground.fixture;
    // The part of an id that tells the time, to a minute.
    let time = fixture.id().to_string()[..8].to_owned();
    (0..60)
        .map(|n: usize| {
            let city = if one_city {
                &fixture.cities[0]
            } else {
                fixture.city(n as u64)
            };
            let others = &city.enterprises[CLICKERS..];
            let person = &others[n % others.len()];
            let session = &run.recorded.session[n % run.recorded.session.len()].text;
            pgbench::Script {
                text: limit_script(session, &time, city, person, n),
                weight: 1,
            }
        })
        .collect()
}

pub async fn rows(run: &mut Run<'_>) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    if !["P6", "P7", "P8"].iter().any(|name| run.wants(name)) {
        return Ok(rows);
    }
    let mut ledger = truth::Ledger::open(run.ground).await?;
    let what = "submission ÷ pgbench of the interactive transaction";
    let all = pair(run, &mut ledger, "P6", false).await?;
    rows.push(row("P6", what, &all, Marks::new(0.60, 0.85, 1.2)));
    let what = "the same, all on one tenant";
    let one = pair(run, &mut ledger, "P7", true).await?;
    rows.push(row("P7", what, &one, Marks::new(0.8, 1.5, 2.2)));
    rows.extend(truth::rows(run, ledger).await?);
    Ok(rows)
}

fn row(name: &'static str, what: &str, pair: &super::Pair, marks: Marks) -> Row {
    pair.by_speed(name, what, marks)
}

/// Program and pgbench in turn. The server is paused while pgbench runs, and does not work off what that wrote.
async fn pair(
    run: &mut Run<'_>,
    ledger: &mut truth::Ledger,
    what: &'static str,
    one_city: bool,
) -> anyhow::Result<super::Pair> {
    run.ground.refresh_sessions().await?;
    let plan = run.ground.plan.clone();
    let seconds = plan.slice.as_secs_f64() * plan.rounds as f64 + 1.0;
    let clicks = drafts(run.ground, &run.counter, seconds, one_city).await?;
    let scripts = limit_scripts(run, one_city);
    let script: Arc<dyn Script> = clicks.clone();
    let warm = load::closed_loop(
        plan.listen,
        plan.clients,
        Duration::from_millis(500),
        script.clone(),
        run.counter.clone(),
    )
    .await;
    run.count(&warm, what);
    let mut rounds = Vec::new();
    for round in 0..plan.rounds {
        let (mut ours, mut limit) = (None, None);
        for turn in 0..2 {
            if (round + turn) % 2 == 0 {
                run.server.pause()?;
                let ran = run
                    .ground
                    .bench
                    .run(&scripts, "", plan.clients, plan.slice)
                    .await;
                work_off(run.ground).await?;
                run.server.go_on()?;
                let ran = ran?;
                ledger.beside += ran.transactions;
                limit = Some((ran.per_second, ran.cpu_ms));
            } else {
                ours = Some(run.ours(&script, what).await);
                work_off(run.ground).await?;
            }
        }
        if let (Some(ours), Some(limit)) = (ours, limit) {
            rounds.push((ours.0, ours.1, limit.0, limit.1));
        }
    }
    ledger.accepted(&clicks);
    let pair = super::Pair::of(&rounds);
    println!("{what}: ours {}, limit {}", pair.ours(), pair.limit());
    Ok(pair)
}

/// Notices count as delivered: the next measurement is not to pay for this one's.
pub async fn work_off(ground: &Ground) -> anyhow::Result<()> {
    sqlx::query("update outbox set done_at = now() where done_at is null")
        .execute(&ground.owner)
        .await?;
    Ok(())
}
