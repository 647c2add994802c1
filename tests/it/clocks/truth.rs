//! Rows say what their logs say, and whoever changes either behind the other's back is found.

use std::path::Path;

use journeys::World;
use sqlx::Executor as _;
use yijianrong::{audit, seed, workers::Workers};

async fn report(world: &World) -> audit::Report {
    audit::run(&world.parts).await.expect("it looks")
}

async fn run(world: &World, sql: &'static str) {
    world.owner.execute(sql).await.expect("it is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_replays_and_what_was_changed_behind_its_back_is_named() {
    let world = World::new().await;
    let demo = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/demo"));
    seed::run(&world.owner, &world.parts, demo)
        .await
        .expect("the demonstration is sown");
    let workers = Workers::new(&world.parts);
    workers.tick_once().await.expect("the timers run");
    while workers.deliver_once().await.expect("it runs") > 0 {}
    workers.link_once().await.expect("the log is linked");
    let clean = report(&world).await;
    assert!(clean.clean, "{}", clean.text);
    assert!(!clean.text.contains("cangzhou: 0 "), "{}", clean.text);

    // Every kind of lie, one after another, each named with the number of its application.
    for (sql, words) in [
        (
            "update financing_applications set stage = 'rejected', due_at = null where id = (select id from financing_applications where stage = 'accepted' order by id limit 1)",
            "stage is Rejected in the row and Accepted in the log",
        ),
        (
            "update financing_applications set decision_due_at = decision_due_at + interval '1 hour' where id = (select id from financing_applications where stage = 'need_supplement' order by id limit 1)",
            "decision due is",
        ),
        (
            "update financing_applications set supplement_rounds = 0 where id = (select id from financing_applications where stage = 'need_supplement' order by id limit 1)",
            "supplement rounds is 0 in the row and 1 in the log",
        ),
        (
            "update financing_applications set moves = 1 where id = (select id from financing_applications where stage = 'submitted' order by id limit 1)",
            "moves is 1 in the row and 0 in the log",
        ),
        (
            "update financing_applications set drawn_cents = 100 where id = (select id from financing_applications where stage = 'approved' order by id limit 1)",
            "drawn is",
        ),
        (
            "update financing_applications set approved_amount_cents = approved_amount_cents + 100 where id = (select id from financing_applications where stage = 'approved' order by id limit 1)",
            "approved_amount_cents is Some(",
        ),
        (
            "update financing_applications set review_opinion = '同意。' where id = (select id from financing_applications where stage = 'rejected' and decided_at is not null order by id desc limit 1)",
            "review_opinion is \"同意。\" in the row and ",
        ),
        (
            "update financing_applications set decided_at = decided_at - interval '1 day' where id = (select id from financing_applications where stage = 'approved' order by id limit 1)",
            "decided_at is Some(",
        ),
        (
            "update financing_applications set submitted_at = submitted_at - interval '1 day' where id = (select id from financing_applications where stage = 'submitted' order by id limit 1)",
            "submitted_at is Some(",
        ),
        (
            "update financing_applications set accepted_at = accepted_at + interval '1 hour' where id = (select id from financing_applications where stage = 'approved' order by id limit 1)",
            "accepted_at is Some(",
        ),
    ] {
        run(&world, sql).await;
        let report = report(&world).await;
        assert!(!report.clean);
        assert!(report.text.contains(words), "{words}: {}", report.text);
        assert!(report.text.contains("PO20"), "{}", report.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_time_was_changed_no_longer_fits_its_row() {
    let scene = super::scene::scene().await;
    scene.accepted().await;
    assert!(report(&scene.world).await.clean);
    // Only somebody who owns the database and lifts its guards could do this.
    run(
        &scene.world,
        "begin; set local session_replication_role = replica;
         update application_events set at = at - interval '2 hours' where kind = 'accept'; commit",
    )
    .await;
    let found = report(&scene.world).await;
    assert!(!found.clean);
    assert!(found.text.contains("accepted_at is "), "{}", found.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_entry_of_the_log_is_named() {
    let scene = super::scene::scene().await;
    scene.accepted().await;
    let workers = scene.workers();
    assert!(workers.link_once().await.expect("it links") > 0);
    assert!(report(&scene.world).await.clean);
    // Only somebody who owns the database and lifts its guard could do this.
    run(
        &scene.world,
        "begin; alter table audit_entries disable trigger row_is_final;
         update audit_entries set actor_name = '时嘉宁' where action = 'application.accept';
         alter table audit_entries enable trigger row_is_final; commit",
    )
    .await;
    let found = report(&scene.world).await;
    assert!(!found.clean);
    assert!(found.text.contains("was changed"), "{}", found.text);
}
