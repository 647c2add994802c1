//! What is told of a request: once, in time order, and late letters with the date of their event.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use application::ports::clock::Clock;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use yijianrong::workers::Workers;

use super::scene;

#[tokio::test(flavor = "multi_thread")]
async fn every_event_leaves_exactly_one_message_even_when_the_worker_dies_halfway() {
    let scene = scene().await;
    scene.submitted().await;
    // A worker that took the notice, wrote the message and died before its commit.
    {
        let permit = application::access::Guard::job(
            scene.world.cangzhou.id,
            [scene.world.cangzhou.id].into(),
        );
        let mut work = scene
            .world
            .parts
            .store
            .begin(&permit)
            .await
            .expect("it opens");
        let taken = work
            .outbox()
            .take_due(scene.world.parts.clock.now(), 1)
            .await
            .expect("it reads");
        assert_eq!(taken.len(), 1);
        // While it is held, nobody else gets it.
        assert_eq!(scene.workers().deliver_once().await.expect("it runs"), 0);
    }
    let workers = scene.workers();
    let (one, two) = tokio::join!(workers.deliver_once(), workers.deliver_once());
    assert_eq!(one.expect("it runs") + two.expect("it runs"), 1);
    // Delivered before, but the note of it was lost: the key stops the second one.
    scene.run("update outbox set done_at = null").await;
    workers.deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from messages where enterprise_id is not null")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from messages where enterprise_id is null")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is null")
            .await,
        0
    );
    let page = scene
        .enterprise
        .browser
        .get("/enterprise/messages")
        .await
        .expect(200);
    page.says("融资需求已提交");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_nobody_understands_is_parked_and_holds_up_no_other() {
    let scene = scene().await;
    scene.submitted().await;
    sqlx::query("insert into outbox (id, tenant_id, topic, payload, created_at, next_at) select $1, tenant_id, 'application.event', '{\"application\": \"x\"}', created_at, created_at - interval '1 hour' from outbox")
        .bind(Uuid::new_v4())
        .execute(&scene.world.owner)
        .await
        .expect("it is planted");
    scene.workers().deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from outbox where parked_at is not null")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is not null")
            .await,
        1
    );
}

/// A clock that breaks the next one who asks it for an id.
struct Startling {
    clock: Arc<dyn Clock>,
    armed: AtomicBool,
}

impl Clock for Startling {
    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    fn new_id(&self) -> Uuid {
        assert!(!self.armed.swap(false, Ordering::Relaxed), "planted");
        self.clock.new_id()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_whose_turn_panics_counts_a_try_and_holds_up_no_other() {
    let scene = scene().await;
    scene.submitted().await;
    sqlx::query("insert into outbox (id, tenant_id, topic, payload, created_at, next_at) select $1, tenant_id, topic, payload, created_at, next_at - interval '1 hour' from outbox")
        .bind(Uuid::new_v4())
        .execute(&scene.world.owner)
        .await
        .expect("it is planted");
    let mut parts = scene.world.parts.clone();
    parts.clock = Arc::new(Startling {
        clock: parts.clock.clone(),
        armed: AtomicBool::new(true),
    });
    let workers = Workers::new(&parts);
    assert_eq!(workers.deliver_once().await.expect("it runs"), 2);
    let waiting =
        "select count(*) from outbox where done_at is null and tries = 1 and parked_at is null
         and last_error like 'panicked: planted%'";
    assert_eq!(scene.count(waiting).await, 1);
    let done = "select count(*) from outbox where done_at is not null";
    assert_eq!(scene.count(done).await, 1);
    scene.world.clock.advance(Duration::seconds(2));
    assert_eq!(workers.deliver_once().await.expect("it runs"), 1);
    assert_eq!(scene.count(done).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_is_told_in_the_site_and_by_sms_once() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let page = format!("/branch/applications/{id}/accept");
    clerk.browser.submit(&page, &page, &[]).await.expect(303);
    let workers = scene.workers();
    workers.deliver_once().await.expect("it runs");
    workers.deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from demo_inbox where text like '%PO20261125001%接单%'")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from messages where title = '融资需求已接单'")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is null")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_goes_out_late_names_the_date_of_its_event() {
    let scene = scene().await;
    let id = scene.submitted().await;
    scene.workers().deliver_once().await.expect("it runs");
    // Asked for, and answered before the worker came: the row has another date by now, or none.
    sqlx::query("update financing_applications set stage = 'accepted', ever_accepted = true, due_at = null where id = $1")
        .bind(id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it was answered");
    let due = time::macros::datetime!(2026-12-10 17:00 +8).unix_timestamp();
    sqlx::query("insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ($1, $2, 'application.event', $3, now(), '2026-11-01')")
        .bind(Uuid::new_v4())
        .bind(scene.world.cangzhou.id.0)
        .bind(serde_json::json!({ "application": id.0, "seq": 9, "verb": "ask_supplement", "stage": "need_supplement", "due": due }))
        .execute(&scene.world.owner)
        .await
        .expect("the event was told");
    scene.workers().deliver_once().await.expect("it runs");
    let body: String =
        sqlx::query_scalar("select body from messages where dedupe_key like 'event:%:9'")
            .fetch_one(&scene.world.owner)
            .await
            .expect("a letter");
    assert!(body.contains("请在 2026-12-10 17:00 前提交"), "{body}");
}
