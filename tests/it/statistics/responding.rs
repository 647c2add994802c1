//! 接单速度: what the pages say of a branch comes from its own acceptances, and ends with them.

use yijianrong::workers::Workers;

use super::{Scene, scene};

impl Scene {
    async fn accepted_after(&self, hours: i32) {
        let id = self.submitted(0).await.0;
        // A Monday morning; nothing of it is a day off.
        self.sql(format!(
            "update financing_applications set stage = 'accepted', ever_accepted = true, submitted_at = '2026-11-23 09:00+08',
               accepted_at = timestamptz '2026-11-23 09:00+08' + interval '{hours} hours' where id = '{id}'"
        ))
        .await;
    }

    async fn reckoned(&self) -> usize {
        let done = Workers::new(&self.world.parts).hourly_once().await;
        done.expect("it is reckoned")
    }

    async fn usual(&self) -> i64 {
        self.number("select coalesce(max(usual_response_hours), 0)::bigint from branches")
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_as_fast_as_its_last_ninety_days_and_nothing_is_said_of_too_few() {
    let scene = scene().await;
    for hours in [2, 3, 4, 5] {
        scene.accepted_after(hours).await;
    }
    scene.reckoned().await;
    assert_eq!(scene.usual().await, 0);
    let page = format!("/institutions/{}", scene.bank);
    let visitor = scene.world.browser();
    visitor.get(&page).await.expect(200).says("暂无数据");
    scene.accepted_after(6).await;
    assert_eq!(scene.reckoned().await, 1);
    assert_eq!(scene.usual().await, 4);
    assert_eq!(scene.reckoned().await, 0, "nothing changed");
    // What the enterprise reads where it chooses is the same figure.
    let form = format!("/enterprise/apply/{}", scene.product);
    let own = &scene.enterprises[1].browser;
    own.get(&form).await.expect(200).says("平均 4 小时响应");
    scene
        .sql(
            "update financing_applications set submitted_at = submitted_at - interval '100 days',
               accepted_at = accepted_at - interval '100 days'"
                .to_owned(),
        )
        .await;
    assert_eq!(scene.reckoned().await, 1);
    assert_eq!(scene.usual().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_the_city_writes_into_a_branch() {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    let mut tx = scene.world.owner.begin().await.expect("it begins");
    sqlx::query(
        "select set_config('role', 'tenant_rw', true), set_config('app.tenant_id', $1, true), set_config('app.city_id', $1, true),
           set_config('app.reach', $1 || ',' || $2, true), set_config('app.user_id', $3, true)",
    )
    .bind(city.0.to_string())
    .bind(scene.branch.0.to_string())
    .bind(uuid::Uuid::new_v4().to_string())
    .execute(&mut *tx)
    .await
    .expect("a hat");
    let done = sqlx::query("update branches set usual_response_hours = 1")
        .execute(&mut *tx)
        .await
        .expect("a statement");
    assert_eq!(done.rows_affected(), 0);
}
