//! Rows 11 and 27: what the system ends when nobody acts, once, whoever looks.

use time::{Duration, macros::datetime};

use super::scene::scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_had_it_for_twice_the_limit_loses_it_to_headquarters_and_everybody_is_told_once()
 {
    let scene = scene().await;
    let id = scene.submitted().await;
    scene.world.clock.advance(Duration::hours(47));
    scene.tick().await;
    assert_eq!(scene.stage(id).await, "submitted", "not yet");
    scene.world.clock.advance(Duration::hours(1));
    // Two nodes at the same moment.
    let (one, two) = (scene.workers(), scene.workers());
    let (one, two) = tokio::join!(one.tick_once(), two.tick_once());
    one.and(two).expect("they run");
    scene.tick().await;
    assert_eq!(scene.stage(id).await, "returned_to_hq");
    let events = "select count(*) from application_events where kind = 'intake_timeout'";
    assert_eq!(scene.count(events).await, 1);
    let flag = "select count(*) from financing_applications where overdue and due_at = '2026-11-30 09:30:00+08'";
    assert_eq!(
        scene.count(flag).await,
        1,
        "one working day for headquarters"
    );
    scene.deliver().await;
    let city = scene.world.cangzhou.id;
    for (node, enterprise, title) in [
        (scene.bank, false, "支行超时未接单，请改派"),
        (scene.branch, false, "融资需求超时未接单，已退回机构"),
        (city, false, "支行超时未接单"),
        (city, true, "受理支行未在时限内接单"),
    ] {
        let titles = scene.titles(node, enterprise).await;
        let told = titles.iter().filter(|t| *t == title).count();
        assert_eq!(told, 1, "{title}: {titles:?}");
    }
    scene
        .fresh_owner()
        .await
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("金融机构总部，自 2026-11-27 09:30 起")
        .says("改派时限")
        .says("2026-11-30 09:30 前");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weekend_and_a_hold_do_not_count_against_the_branch() {
    let scene = scene().await;
    // A Friday afternoon: due on Monday, lost on Tuesday.
    scene.world.clock.set(datetime!(2026-11-27 16:00 +8));
    let id = scene.submitted().await;
    scene.world.clock.set(datetime!(2026-11-30 23:00 +8));
    scene.tick().await;
    assert_eq!(scene.stage(id).await, "submitted");
    scene
        .run("update financing_applications set frozen = true")
        .await;
    scene.world.clock.set(datetime!(2026-12-01 16:00 +8));
    scene.tick().await;
    assert_eq!(scene.stage(id).await, "submitted", "a hold stops the clock");
    scene
        .run("update financing_applications set frozen = false")
        .await;
    scene.tick().await;
    assert_eq!(scene.stage(id).await, "returned_to_hq");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_nobody_drew_on_ends_with_its_validity() {
    let scene = scene().await;
    let id = scene.accepted().await;
    scene
        .run("update financing_applications set stage = 'approved', approved_amount_cents = amount_cents, decided_at = submitted_at, approval_valid_until = '2026-11-30'")
        .await;
    scene.world.clock.set(datetime!(2026-11-30 23:59 +8));
    scene.tick().await;
    assert_eq!(
        scene.stage(id).await,
        "approved",
        "it is valid to the end of its day"
    );
    scene.world.clock.set(datetime!(2026-12-01 00:00 +8));
    scene.tick().await;
    scene.tick().await;
    assert_eq!(scene.stage(id).await, "not_drawn");
    let events =
        "select count(*) from application_events where kind = 'give_up' and actor_kind = 'system'";
    assert_eq!(scene.count(events).await, 1);
    scene.deliver().await;
    let city = scene.world.cangzhou.id;
    assert!(
        scene
            .titles(city, true)
            .await
            .contains(&"授信有效期已过".to_owned())
    );
    let branch = scene.titles(scene.branch, false).await;
    assert!(
        branch.contains(&"授信有效期已过，未用信".to_owned()),
        "{branch:?}"
    );
    scene
        .fresh_owner()
        .await
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("授信有效期已过，未用信。")
        .says("未用信");
}
