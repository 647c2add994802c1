//! 暂停服务: the time in which nobody could work in a city is nobody's lost time.

use std::path::Path;

use domain::ids::FinancingApplicationId;
use journeys::World;
use time::{Duration, OffsetDateTime, macros::datetime};
use yijianrong::{
    audit,
    city::{follow::Follower, stand},
};

use super::scene::{Scene, scene_in};

impl Scene {
    /// The process reads its cities again.
    async fn follow(&self) {
        let catalog = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/catalog"));
        let follower = Follower {
            parts: self.world.parts.clone(),
            directory: self.world.directory.clone(),
            settings: self.world.settings(catalog, &[]),
            shards: std::sync::Weak::new(),
        };
        follower.read_again().await.expect("it follows");
    }

    async fn suspend(&self) {
        let now = self.world.parts.clock.now();
        stand::suspend(&self.world.owner, "cangzhou", "suspended", "", now)
            .await
            .expect("it is suspended");
        self.follow().await;
    }

    async fn resume(&self) -> usize {
        let parts = &self.world.parts;
        let city = (*self.world.cangzhou).clone();
        let moved = stand::resume(&self.world.owner, &parts.pool, city, parts.clock.clone());
        let moved = moved.await.expect("it goes on");
        self.follow().await;
        moved
    }

    async fn due(&self, id: FinancingApplicationId) -> [Option<OffsetDateTime>; 3] {
        let due: (_, _, _) = sqlx::query_as(
            "select due_at, contact_due_at, decision_due_at from financing_applications where id = $1",
        )
        .bind(id.0)
        .fetch_one(&self.world.owner)
        .await
        .expect("it is there");
        [due.0, due.1, due.2]
    }

    async fn is_true(&self) {
        let report = audit::run(&self.world.parts).await.expect("it looks");
        assert!(report.clean, "{}", report.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_days_of_a_closed_city_let_nothing_expire_and_ring_no_phone() {
    let scene = scene_in(World::shipped().await).await;
    // A Wednesday; the branch has until Thursday, half past nine.
    let id = scene.submitted_at(datetime!(2026-10-14 09:30 +8)).await;
    scene.world.clock.set(datetime!(2026-10-14 21:30 +8));
    scene.tick().await;
    scene.deliver().await;
    let told = (scene.texts().await, scene.titles(scene.branch, false).await);
    scene.suspend().await;
    scene.world.clock.advance(Duration::days(40));
    scene.tick().await;
    scene.is_true().await;

    // A Monday evening: twelve hours are left, as they were.
    assert_eq!(scene.resume().await, 1);
    let due = [
        datetime!(2026-11-24 09:30 +8),
        datetime!(2026-11-26 09:30 +8),
        datetime!(2026-12-07 09:30 +8),
    ];
    assert_eq!(scene.due(id).await, due.map(Some));
    scene.is_true().await;
    scene.tick().await;
    scene.deliver().await;
    assert_eq!(scene.stage(id).await, "submitted");
    let now_told = (scene.texts().await, scene.titles(scene.branch, false).await);
    assert_eq!(now_told, told, "nobody is told that it is late");
    // A second time changes nothing.
    assert_eq!(scene.resume().await, 0);

    // From here on the clock runs: thirty days of people's time, of which half a day is gone.
    scene.world.clock.set(datetime!(2026-11-24 09:31 +8));
    scene.tick().await;
    scene.deliver().await;
    assert_ne!(scene.texts().await, told.0, "now it is late");
    scene.is_true().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_that_was_cut_short_is_done_again_and_a_second_pause_counts_too() {
    let scene = scene_in(World::shipped().await).await;
    let id = scene.submitted_at(datetime!(2026-10-14 09:30 +8)).await;
    scene.suspend().await;
    scene.world.clock.advance(Duration::days(5));
    // It ended the pause and got no further.
    scene
        .run("update city_pauses set until = '2026-10-17 09:30:00+08'")
        .await;
    scene.world.clock.advance(Duration::days(2));
    assert_eq!(scene.resume().await, 1);
    let [due, ..] = scene.due(id).await;
    assert_eq!(
        due,
        Some(datetime!(2026-10-22 09:30 +8)),
        "seven days later"
    );
    scene.suspend().await;
    scene.world.clock.advance(Duration::days(1));
    scene.resume().await;
    let [due, ..] = scene.due(id).await;
    assert_eq!(due, Some(datetime!(2026-10-23 09:30 +8)));
    scene.is_true().await;
}
