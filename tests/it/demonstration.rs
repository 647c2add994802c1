//! The demonstration's data: complete, true to their own log, and added once.

use std::path::Path;

use application::ports::dossiers::{DossierFacts, ShownFacts};
use domain::{
    calendar::local_date,
    financing::{Stage, columns},
    ids::FinancingApplicationId,
    values::UnifiedSocialCreditCode,
};
use journeys::World;
use sqlx::AssertSqlSafe;
use time::Duration;
use uuid::Uuid;
use yijianrong::seed;

const TABLES: [&str; 25] = [
    "estimates",
    "subsidy_claims",
    "loan_deferrals",
    "visit_rows",
    "visit_repairs",
    "callbacks",
    "callback_calls",
    "ratings",
    "complaints",
    "complaint_steps",
    "size_declarations",
    "tenants",
    "users",
    "enterprises",
    "enterprise_files",
    "consents",
    "financing_applications",
    "application_events",
    "application_dossiers",
    "messages",
    "articles",
    "account_holds",
    "institution_suspensions",
    "code_proposals",
    "city_rule_changes",
];

async fn seeded() -> World {
    let world = World::new().await;
    sow(&world).await;
    world
}

async fn sow(world: &World) {
    let demo = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/demo"));
    seed::run(&world.owner, &world.parts, demo)
        .await
        .expect("the demonstration is sown");
}

async fn counts(world: &World) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        // AssertSqlSafe: names of this list.
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        let count: i64 = sqlx::query_scalar(sql)
            .fetch_one(&world.owner)
            .await
            .expect("it counts");
        counts.push(count);
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_is_complete_true_to_its_log_and_sown_once() {
    let world = seeded().await;
    let first = counts(&world).await;
    sow(&world).await;
    assert_eq!(
        counts(&world).await,
        first,
        "a second start adds nothing: {TABLES:?}"
    );
    it_is_as_large_as_promised(&world).await;
    every_stage_is_there(&world).await;
    logs_tell_what_lists_show(&world).await;
    numbers_have_no_gaps(&world).await;
    dossiers_open_and_are_masked(&world).await;
    loans_come_due_and_one_of_each_kind_waits(&world).await;
    subsidies_are_at_every_step(&world).await;
}

/// Applied for and waiting, on the list of a 免申即享 policy, waiting for the payment, and paid.
async fn subsidies_are_at_every_step(world: &World) {
    let found: Vec<(String, String)> = sqlx::query_as(
        "select origin, status from subsidy_claims where tenant_id = $1 order by 1, 2",
    )
    .bind(world.cangzhou.id.0)
    .fetch_all(&world.owner)
    .await
    .expect("they are read");
    let found: Vec<String> = found.into_iter().map(|(o, s)| format!("{o} {s}")).collect();
    assert_eq!(
        found,
        [
            "applied approved",
            "applied filed",
            "applied paid",
            "listed proposed"
        ]
    );
}

/// One that only comes due in 25 days, a 续贷 under way, and a 延期 that waits for its branch.
async fn loans_come_due_and_one_of_each_kind_waits(world: &World) {
    let today = local_date(world.parts.clock.now());
    let (near, renewals, deferrals): (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from disbursements d where d.tenant_id = $1 and d.due_on = $2),
           (select count(*) from financing_applications where tenant_id = $1 and renews_id is not null and stage = 'submitted'),
           (select count(*) from loan_deferrals where tenant_id = $1 and status = 'open')",
    )
    .bind(world.cangzhou.id.0)
    .bind(today + Duration::days(25))
    .fetch_one(&world.owner)
    .await
    .expect("they are counted");
    assert!(
        near >= 1 && renewals == 1 && deferrals == 1,
        "{near} {renewals} {deferrals}"
    );
}

/// Institutions with three to eight branches, products of every kind, enterprises whose codes check, ninety days, policies and news.
async fn it_is_as_large_as_promised(world: &World) {
    let city = world.cangzhou.id.0;
    let branches: Vec<i64> = sqlx::query_scalar(
        "select (select count(*) from branches b where b.bank_id = i.tenant_id) from institutions i where i.city_id = $1",
    )
    .bind(city)
    .fetch_all(&world.owner)
    .await
    .expect("they are counted");
    assert!(branches.len() >= 6, "{branches:?}");
    assert!(
        branches.iter().all(|count| (3..=8).contains(count)),
        "{branches:?}"
    );
    let codes: Vec<Option<String>> = sqlx::query_scalar(
        "select unified_social_credit_code from enterprises where tenant_id = $1",
    )
    .bind(city)
    .fetch_all(&world.owner)
    .await
    .expect("they are read");
    assert!(codes.len() >= 12, "{codes:?}");
    for code in codes.iter().flatten() {
        UnifiedSocialCreditCode::parse(code).unwrap_or_else(|fault| panic!("{code}: {fault:?}"));
    }
    let (products, financing, guarantees, policies, news, days): (i64, i64, i64, i64, i64, i64) =
        sqlx::query_as(
            "select (select count(*) from products where city_id = $1 and status = 'published'),
               (select count(distinct financing_type) from products where city_id = $1),
               (select count(distinct guarantee_type) from products where city_id = $1),
               (select count(*) from articles where city_id = $1 and kind = 'policy' and status = 'published'),
               (select count(*) from articles where city_id = $1 and kind = 'news' and status = 'published'),
               (select max(submitted_at)::date - min(submitted_at)::date from financing_applications where tenant_id = $1)::bigint",
        )
        .bind(city)
        .fetch_one(&world.owner)
        .await
        .expect("they are counted");
    assert!(products >= 40 && financing >= 5 && guarantees >= 4);
    assert!(policies >= 12 && news >= 12, "{policies} {news}");
    assert!(days >= 80, "{days}");
}

async fn every_stage_is_there(world: &World) {
    let stages: Vec<(String, i64)> =
        sqlx::query_as("select stage, count(*) from financing_applications group by 1")
            .fetch_all(&world.owner)
            .await
            .expect("they are counted");
    for stage in [
        Stage::Draft,
        Stage::Submitted,
        Stage::Accepted,
        Stage::DueDiligence,
        Stage::InApproval,
        Stage::Disbursing,
        Stage::Disbursed,
        Stage::Settled,
        Stage::NotDrawn,
        Stage::NeedSupplement,
        Stage::Approved,
        Stage::Rejected,
        Stage::Withdrawn,
        Stage::Expired,
    ] {
        assert!(
            stages.iter().any(|(code, _)| code == stage.code()),
            "{stage:?} is missing: {stages:?}"
        );
    }
    assert!(stages.iter().map(|(_, count)| count).sum::<i64>() >= 150);
    let overdue: i64 = sqlx::query_scalar(
        "select count(*) from financing_applications where stage = 'submitted' and due_at < $1",
    )
    .bind(world.parts.clock.now())
    .fetch_one(&world.owner)
    .await
    .expect("it counts");
    assert!(overdue > 0, "something is overdue");
    let not_drawn: i64 = sqlx::query_scalar(
        "select count(*) from financing_applications where stage = 'approved' and due_at < $1",
    )
    .bind(world.parts.clock.now())
    .fetch_one(&world.owner)
    .await
    .expect("it counts");
    assert!((1..=8).contains(&not_drawn), "{not_drawn}");
}

async fn logs_tell_what_lists_show(world: &World) {
    type Row = (Uuid, String, bool, i32);
    let rows: Vec<Row> =
        sqlx::query_as("select id, stage, ever_accepted, version from financing_applications")
            .fetch_all(&world.owner)
            .await
            .expect("they are there");
    for (id, stage, ever_accepted, version) in rows {
        let events: Vec<(i32, Option<String>, String, time::OffsetDateTime)> = sqlx::query_as(
            "select seq, from_stage, to_stage, at from application_events where application_id = $1 order by seq",
        )
        .bind(id)
        .fetch_all(&world.owner)
        .await
        .expect("a log");
        assert_eq!(events.last().map(|e| e.2.as_str()), Some(stage.as_str()));
        let seqs: Vec<i32> = events.iter().map(|e| e.0).collect();
        assert_eq!(seqs, (1..=version).collect::<Vec<_>>(), "{id}");
        assert!(events.is_sorted_by_key(|e| e.3), "{id}: time runs forward");
        assert!(
            events.iter().all(|e| e.3 <= world.parts.clock.now()),
            "{id}"
        );
        for pair in events.windows(2) {
            assert_eq!(pair[1].1.as_deref(), Some(pair[0].2.as_str()), "{id}");
        }
        let accepted = events.iter().any(|e| e.2 == "accepted");
        assert_eq!(accepted, ever_accepted, "{id}");
        let stage = Stage::from_code(&stage).expect("a known stage");
        assert_eq!(
            columns(stage, ever_accepted).is_none(),
            stage == Stage::Draft
        );
    }
}

async fn numbers_have_no_gaps(world: &World) {
    let gaps: i64 = sqlx::query_scalar(
        "select count(*) from daily_numbers d where d.last <> (
           select count(*) from financing_applications a where a.tenant_id = d.tenant_id
             and a.application_no like 'PO' || to_char(d.day, 'YYYYMMDD') || '%')",
    )
    .fetch_one(&world.owner)
    .await
    .expect("it counts");
    assert_eq!(gaps, 0);
}

async fn dossiers_open_and_are_masked(world: &World) {
    let rows: Vec<(Uuid, serde_json::Value, Vec<u8>)> =
        sqlx::query_as("select application_id, shown, sealed from application_dossiers")
            .fetch_all(&world.owner)
            .await
            .expect("they are there");
    assert!(rows.len() >= 150);
    for (id, shown, sealed) in rows {
        let place = DossierFacts::place(world.cangzhou.id, FinancingApplicationId(id));
        let plain = world
            .parts
            .sealer
            .open(&place, &sealed)
            .expect("it opens at its own place");
        let facts: DossierFacts = serde_json::from_slice(&plain).expect("facts");
        assert!(!facts.legal_id.is_empty() && !facts.county.is_empty());
        assert!(!shown.to_string().contains(&facts.legal_id));
        let shown: ShownFacts = serde_json::from_value(shown).expect("facts");
        assert_eq!(shown, facts.shown());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_names_somebody_of_every_role_and_of_a_second_institution() {
    let world = World::new().await;
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tenants/demo/cangzhou"
    ));
    let lines = seed::sign_ins::of(&world.cangzhou, folder).expect("they are read");
    for account in [
        "canghai-yunhe-bm1",
        "canghai-yunhe-ba1",
        "canghai-yunhe-bh1",
        "canghai-ha1",
        "canghai-hp1",
        "city-op1",
        "city-op2",
        "city-os1",
        "city-rg1",
    ] {
        let named = lines.iter().filter(|line| line.contains(account)).count();
        assert_eq!(named, 1, "{account}: {lines:?}");
    }
    let second = lines.iter().filter(|line| line.contains("另一家机构的"));
    assert_eq!(second.count(), 2, "a clerk and headquarters: {lines:?}");
}
