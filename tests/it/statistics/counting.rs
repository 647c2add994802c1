//! The worker behind the figures: whatever happened, they equal a plain recount, and a check finds where they do not.

use application::ports::statistics::Statistics;
use domain::ids::FinancingApplicationId;

use super::scene;

/// A repeatable source of choices.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// One step of a life, as a bank, an enterprise or a clock may take it, or undo it.
fn step(id: FinancingApplicationId, dice: &mut Dice) -> String {
    let (id, days) = (id.0, dice.roll(200));
    let set = match dice.roll(9) {
        0 => format!("accepted_at = submitted_at + interval '{days} hours', stage = 'accepted'"),
        1 => "overdue = not overdue".to_owned(),
        2 => format!(
            "decided_at = submitted_at + interval '{days} days', stage = 'approved', approved_amount_cents = 100 * (1 + {days}),
             decision_due_at = submitted_at + interval '90 days'"
        ),
        3 => format!("decided_at = submitted_at + interval '{days} days', stage = 'rejected'"),
        4 => "decided_at = null, stage = 'in_approval'".to_owned(),
        5 => "stage = 'withdrawn'".to_owned(),
        6 => format!("submitted_at = submitted_at - interval '{days} days'"),
        7 => format!("amount_cents = 100 * (1 + {days})"),
        _ => {
            return format!(
                "update financing_applications set approved_amount_cents = 100000000, draws = draws + 1, drawn_cents = drawn_cents + 100
                   where id = '{id}';
                 insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at,
                   confirmed_at)
                 select gen_random_uuid(), tenant_id, id, draws, 100 * (1 + {days}), 375, '2026-11-25', 'HT', 'form', now(),
                   case when {days} % 4 > 0 then submitted_at + interval '{days} days' end
                 from financing_applications where id = '{id}'"
            );
        }
    };
    format!("update financing_applications set {set} where id = '{id}'")
}

#[tokio::test(flavor = "multi_thread")]
async fn after_random_lives_every_figure_equals_a_plain_recount() {
    let scene = scene().await;
    let mut dice = Dice(7);
    let mut ids = Vec::new();
    for n in 0..12 {
        ids.push(scene.submitted(n % 3).await);
    }
    for round in 0..8 {
        for _ in 0..15 {
            let id = ids[usize::try_from(dice.roll(12)).unwrap_or(0)];
            scene.sql(step(id, &mut dice)).await;
        }
        if round == 4 {
            // Confirmed late, and the enterprise changes: what was counted stays where it was.
            scene
                .sql(
                    "update disbursements set confirmed_at = at where confirmed_at is null;
                     update enterprises set region_code = '130925', first_loan = not first_loan"
                        .to_owned(),
                )
                .await;
        }
        scene.count().await;
        assert_eq!(scene.number("select count(*) from statistics_due").await, 0);
        let permit = scene.permit().await;
        let wrong = scene.counter().check(&permit).await.expect("it is checked");
        assert_eq!(wrong, 0, "round {round}");
    }
    // The same sums without any of the program's own statements.
    assert_eq!(
        scene
            .number("select sum(asked)::bigint from statistics_months where dimension = 'all'")
            .await,
        12
    );
    assert_eq!(
        scene
            .number("select sum(drawn_cents)::bigint from statistics_months where dimension = 'region'")
            .await,
        scene
            .number("select coalesce(sum(amount_cents), 0)::bigint from disbursements where confirmed_at is not null")
            .await
    );
    assert_eq!(
        scene
            .number("select sum(homes)::bigint from statistics_months where dimension = 'term'")
            .await,
        scene
            .number(
                "select count(distinct a.enterprise_id) from disbursements d join financing_applications a on a.id = d.application_id
                 where d.confirmed_at is not null",
            )
            .await
    );
    assert_eq!(
        scene
            .number("select sum(approved)::bigint from statistics_months where dimension = 'bank'")
            .await,
        scene
            .number(
                "select count(*) from financing_applications where decided_at is not null
                   and stage in ('approved', 'disbursing', 'disbursed', 'settled', 'not_drawn')",
            )
            .await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_figure_is_found_and_counted_anew_and_a_crash_loses_nothing() {
    let scene = scene().await;
    scene.submitted(0).await;
    scene.submitted(1).await;
    // A worker that dies before its commit leaves everything as it was.
    let permit = scene.permit().await;
    let store = scene.world.parts.store.clone();
    let mut work = store.begin(&permit).await.expect("it begins");
    assert_eq!(work.statistics().count_due(10).await.expect("counted"), 2);
    drop(work);
    // Its connection rolls back in its own time; until then nobody else counts.
    let counted = "select count(*) from statistics_months";
    for _ in 0..1_000 {
        scene.count().await;
        if scene.number(counted).await > 0 {
            break;
        }
    }
    let asked = "select sum(asked)::bigint from statistics_months where dimension = 'all'";
    assert_eq!(scene.number(asked).await, 2);
    scene
        .sql("update statistics_months set asked = 5 where dimension = 'region'".to_owned())
        .await;
    let counter = scene.counter();
    assert!(counter.check(&permit).await.expect("checked") > 0);
    assert!(counter.rebuild(&permit).await.expect("rebuilt") > 0);
    assert_eq!(counter.check(&permit).await.expect("checked"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_mark_was_lost_is_found_and_counted() {
    let scene = scene().await;
    scene.submitted(0).await;
    scene.count().await;
    scene.submitted(1).await;
    scene.sql("delete from statistics_due".to_owned()).await;
    let (counter, permit) = (scene.counter(), scene.permit().await);
    assert!(counter.check(&permit).await.expect("checked") > 0);
    assert!(counter.rebuild(&permit).await.expect("rebuilt") > 0);
    assert_eq!(counter.check(&permit).await.expect("checked"), 0);
    let asked = "select sum(asked)::bigint from statistics_months where dimension = 'all'";
    assert_eq!(scene.number(asked).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_waits_for_the_worker_that_counts_and_takes_its_time() {
    let scene = scene().await;
    scene.submitted(0).await;
    scene.submitted(1).await;
    let permit = scene.permit().await;
    let store = scene.world.parts.store.clone();
    let mut worker = store.begin(&permit).await.expect("it begins");
    assert_eq!(worker.statistics().count_due(1).await.expect("counted"), 1);
    let (counter, asked) = (scene.counter(), permit.clone());
    let check = tokio::spawn(async move { counter.check(&asked).await });
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted
                   and database = (select oid from pg_database where datname = current_database())";
    while scene.number(waiting).await == 0 {
        assert!(!check.is_finished(), "it did not wait");
    }
    worker.commit().await.expect("the worker is done");
    let wrong = check.await.expect("it ends").expect("it is checked");
    assert_eq!(wrong, 0);
    assert_eq!(scene.number("select count(*) from statistics_due").await, 0);
    // The login of the program has a time limit for each statement; these go over everything.
    let mut work = scene.world.parts.pg.open(&permit).await.expect("it begins");
    let limit = "select current_setting('statement_timeout')";
    let mut limits = Vec::new();
    for _ in 0..2 {
        let now: String = sqlx::query_scalar(limit)
            .fetch_one(work.connection())
            .await
            .expect("a setting");
        limits.push(now);
        Statistics::alone(&mut work).await.expect("nobody counts");
    }
    assert_eq!(limits, ["5s", "0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_before_are_counted_when_the_owner_is_no_superuser() {
    let scene = scene().await;
    scene.submitted(0).await;
    scene.submitted(1).await;
    let owner = format!("plain_{}", uuid::Uuid::new_v4().simple());
    let walled = "financing_applications, statistics_facts, statistics_due";
    let mut own = String::new();
    for table in walled.split(", ").chain(["_sqlx_migrations"]) {
        own.push_str(&format!("alter table {table} owner to {owner};"));
    }
    scene
        .sql(format!(
            "create role {owner} login nosuperuser nobypassrls; grant usage, create on schema public to {owner}; {own}
             delete from statistics_due;
             delete from _sqlx_migrations where description = 'statistics of before'"
        ))
        .await;
    let plain = scene.world.owner.connect_options().as_ref().clone();
    let plain = postgres_adapter::pool(plain.username(&owner), 1)
        .await
        .expect("the owner comes in");
    postgres_adapter::provision::migrate(&plain)
        .await
        .expect("it migrates");
    plain.close().await;
    assert_eq!(scene.number("select count(*) from statistics_due").await, 2);
    let walls = "select count(*) from pg_class where relrowsecurity and relforcerowsecurity
                 and relname in ('financing_applications', 'statistics_facts', 'statistics_due')";
    assert_eq!(scene.number(walls).await, 3, "the walls stand again");
    scene
        .sql(format!(
            "reassign owned by {owner} to current_user; drop owned by {owner}; drop role {owner}"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_of_industry_is_the_one_of_the_national_standard() {
    let scene = scene().await;
    let csv = include_str!("../../../adapters/reference/data/industries.csv");
    let mut seen = 0;
    for line in csv.lines().skip(1) {
        let mut cells = line.split(',');
        let (Some(code), Some(parent), Some("2")) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let section: String = sqlx::query_scalar("select industry_section($1)")
            .bind(format!("{code}9"))
            .fetch_one(&scene.world.owner)
            .await
            .expect("a section");
        assert_eq!(section, parent, "{code}");
        seen += 1;
    }
    assert!(seen > 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_loan_is_counted_as_it_stood_at_its_request_or_as_the_bank_found_it() {
    let scene = scene().await;
    let first = scene.submitted(0).await;
    let second = scene.submitted(1).await;
    scene.count().await;
    let yes = "select sum(asked)::bigint from statistics_months where dimension = 'first_loan' and value = 'yes'";
    let no = "select sum(asked)::bigint from statistics_months where dimension = 'first_loan' and value = 'no'";
    assert_eq!(scene.number(yes).await, 2);
    // A bank finds an earlier loan of the second enterprise; the first one draws here for the first time.
    scene
        .sql(format!(
            "update financing_applications set first_loan = false where id = '{}'",
            second.0
        ))
        .await;
    scene.approved(first, "2026-11-25 10:00:00+08").await;
    scene.drawn(first, 1, 100, "2026-11-25 11:00:00+08").await;
    scene.count().await;
    assert_eq!((scene.number(yes).await, scene.number(no).await), (1, 1));
    let homes = "select sum(first_homes)::bigint from statistics_months where dimension = 'all'";
    assert_eq!(
        scene.number(homes).await,
        1,
        "the request that it was drawn on counts"
    );
    let known = "select count(*) from enterprises where not first_loan";
    assert_eq!(scene.number(known).await, 2);
    // From then on neither asks for a first loan.
    scene.submitted(0).await;
    scene.submitted(1).await;
    scene.count().await;
    assert_eq!((scene.number(yes).await, scene.number(no).await), (1, 3));
    // The bank looked again, and it was somebody else's loan.
    scene
        .sql(format!(
            "update financing_applications set first_loan = true where id = '{}'",
            second.0
        ))
        .await;
    scene.count().await;
    assert_eq!((scene.number(yes).await, scene.number(no).await), (2, 2));
    assert_eq!(scene.number(known).await, 1);
    let permit = scene.permit().await;
    let counter = scene.counter();
    assert_eq!(counter.check(&permit).await.expect("it is checked"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_is_summed_up_from_its_confirmed_draws_and_opens_them() {
    let scene = scene().await;
    let loan = scene.submitted(0).await;
    let renewal = scene.submitted(0).await;
    let given_up = scene.submitted(1).await;
    // One that came to nothing leaves the place to the next one.
    scene
        .sql(format!(
            "update financing_applications set stage = 'withdrawn', renews_id = '{loan}' where id = '{given_up}';
             update financing_applications set renews_id = '{loan}' where id = '{renewal}'"
        ))
        .await;
    scene.approved(loan, "2026-11-25 10:00:00+08").await;
    scene.approved(renewal, "2026-11-25 10:00:00+08").await;
    scene.drawn(loan, 1, 700, "2026-11-25 11:00:00+08").await;
    scene.drawn(renewal, 1, 500, "2026-11-25 12:00:00+08").await;
    scene
        .sql(
            "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at)
             select gen_random_uuid(), tenant_id, id, 2, 900, 400, '2026-11-25', 'HT-2', 'form', now()
             from financing_applications where renews_id is not null and stage = 'disbursing'"
                .to_owned(),
        )
        .await;
    scene.count().await;
    let sums = "select coalesce(sum(drawn_cents * 100 + draws), 0)::bigint from statistics_months where dimension = 'renewal'";
    assert_eq!(scene.number(sums).await, 50_001, "one draw of 5 yuan");
    let asked = "select sum(asked)::bigint from statistics_months where dimension = 'renewal'";
    assert_eq!(scene.number(asked).await, 2);
    let others =
        "select count(*) from statistics_months where dimension = 'renewal' and value <> 'yes'";
    assert_eq!(scene.number(others).await, 0, "the rest is the rest");
    let permit = scene.permit().await;
    let counter = scene.counter();
    assert_eq!(counter.check(&permit).await.expect("it is checked"), 0);
    let page = scene.operator.get("/operator/statistics?by=renewal").await;
    page.expect(200).says("续贷放款").says("按续贷");
    let rows =
        "/operator/applications?list=all&count=draws&from=2026-11&to=2026-11&by=renewal&value=yes";
    let rows = scene.operator.get(rows).await.expect(200).text();
    assert_eq!(rows.matches("href=\"/operator/applications/").count(), 1);
    assert!(rows.contains(&renewal.0.to_string()));
    // Everything counted anew says the same.
    let wrong = counter.rebuild(&permit).await;
    assert_eq!(wrong.expect("it is counted anew"), 0);
    assert_eq!(scene.number(sums).await, 50_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_enterprise_gave_up_itself_counts_as_no_refusal_of_the_bank() {
    let scene = scene().await;
    for (of, reasons) in [(0, "{enterprise_declined}"), (1, "{collateral}")] {
        let id = scene.submitted(of).await;
        scene
            .sql(format!(
                "update financing_applications set stage = 'rejected', decided_at = '2026-11-25 10:00:00+08', reason_codes = '{reasons}'
                 where id = '{}'",
                id.0
            ))
            .await;
    }
    let withdrawn = scene.submitted(2).await;
    scene
        .sql(format!(
            "update financing_applications set stage = 'withdrawn' where id = '{}'",
            withdrawn.0
        ))
        .await;
    scene.count().await;
    for (of, many) in [("rejected", 1), ("decided_in_time", 1), ("asked", 3)] {
        let sum = match of {
            "rejected" => {
                "select sum(rejected)::bigint from statistics_months where dimension = 'bank'"
            }
            "asked" => "select sum(asked)::bigint from statistics_months where dimension = 'bank'",
            _ => {
                "select sum(decided_in_time)::bigint from statistics_months where dimension = 'bank'"
            }
        };
        assert_eq!(scene.number(sum).await, many, "{of}");
    }
    let permit = scene.permit().await;
    let counter = scene.counter();
    assert_eq!(counter.check(&permit).await.expect("it is checked"), 0);
}
