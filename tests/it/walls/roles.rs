//! What the program's own database roles may read, and what they may not change.

use application::access::Guard;
use journeys::World;
use postgres_adapter::{PgStore, pool, provision};
use sqlx::{AssertSqlSafe, Executor as _};
use std::sync::Arc;

use super::scene;

/// All that the door may read: what sign-in, registration, hand-over and keys need, and nothing about loans.
const DOOR_READS: [&str; 40] = [
    "agreements",
    // That a city has a page 关于我们.
    "articles",
    "bank_api_keys",
    "bank_api_nonces",
    "captchas",
    "city_pauses",
    // That the operators of a city changed a rule, not which.
    "city_rules",
    "credentials",
    "demo_inbox",
    "devices",
    "enterprise_invitations",
    "enterprises",
    "exports",
    // That a verdict is owed, not whose.
    "face_checks",
    "handovers",
    "imports",
    "installation_marks",
    "messages",
    "outbox",
    // That one is to be made, not of whom.
    "own_data_exports",
    "pending_sign_ins",
    "rate_counters",
    "recovery_codes",
    "refresh_tokens",
    "second_factors",
    "sessions",
    "sign_in_records",
    "sms_codes",
    "sms_tries",
    "staff_links",
    // That something is to be counted, not what.
    "statistics_due",
    "tenant_keys",
    "tenants",
    // When they are over, and nothing of what is in them.
    "upload_pieces",
    "uploads",
    "users",
    "idempotency_keys",
    "webhook_deliveries",
    "wechat_accounts",
    "wechat_tokens",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_door_reads_nothing_about_loans() {
    let world = World::new().await;
    let readable: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
           and has_any_column_privilege('door_rw', oid, 'select')",
    )
    .fetch_all(&world.owner)
    .await
    .expect("the catalogue answers");
    assert!(readable.contains(&"sessions".to_owned()));
    for table in readable {
        assert!(
            DOOR_READS.contains(&table.as_str()),
            "the door reads {table}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_only_ever_added_to_even_by_the_owner_of_the_database() {
    let scene = scene().await;
    for table in ["audit_entries", "view_entries", "audit_links"] {
        for sql in [
            format!("update {table} set tenant_id = tenant_id"),
            format!("delete from {table}"),
        ] {
            // AssertSqlSafe: fixed names.
            let refused = scene
                .world
                .owner
                .execute(AssertSqlSafe(sql.clone()))
                .await
                .expect_err(&sql);
            assert!(refused.to_string().contains("only ever added"), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_login_owns_nothing_and_skips_no_policy() {
    let world = World::new().await;
    let faults = provision::login_faults(&world.parts.pool)
        .await
        .expect("the catalogue answers");
    assert!(faults.is_empty(), "{faults:?}");
    let owner = provision::login_faults(&world.owner)
        .await
        .expect("the catalogue answers");
    assert!(owner.contains(&"superuser"), "the check itself sees faults");
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_of_one_server_that_are_made_ready_at_the_same_moment_do_not_refuse_each_other() {
    let world = World::new().await;
    let at_once = (0..12).map(|_| provision::app_login(&world.owner, "yijianrong_pair", None));
    for made in futures::future::join_all(at_once).await {
        made.expect("it is ready");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cancelled_while_it_begins_leaves_its_connection_clean() {
    let world = World::new().await;
    let options = (*world.parts.pool.connect_options()).clone();
    let one = pool(options, 1).await.expect("a pool of one");
    let store = PgStore::new(one.clone());
    let city = world.cangzhou.id;
    let permit = Guard::job(city, Arc::from([city]));
    for round in 0..40_u32 {
        let (store, permit) = (store.clone(), permit.clone());
        let under_way = tokio::spawn(async move { store.open(&permit).await.map(drop) });
        // Cancelled at a different point of `begin` each time.
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        under_way.abort();
        under_way.await.ok();
        let (who, tenant): (String, Option<String>) = sqlx::query_as(
            "select current_user::text, nullif(current_setting('app.tenant_id', true), '')",
        )
        .fetch_one(&one)
        .await
        .expect("the next borrower is served");
        assert_eq!(
            (who.as_str(), tenant),
            (provision::APP_LOGIN, None),
            "round {round}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_whose_build_was_broken_off_is_built_again_by_the_next_migrate() {
    let world = World::new().await;
    world
        .owner
        .execute(
            "update pg_index set indisvalid = false where indexrelid = 'messages_rung'::regclass;
             delete from _sqlx_migrations where description = 'messages rung'",
        )
        .await
        .expect("it was broken off");
    provision::migrate(&world.owner).await.expect("it migrates");
    let valid: bool = sqlx::query_scalar(
        "select indisvalid from pg_index where indexrelid = 'messages_rung'::regclass",
    )
    .fetch_one(&world.owner)
    .await
    .expect("the index is there");
    assert!(valid);
}
