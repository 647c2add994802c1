//! 超时通报 (G2): a promise that was missed is noted once, told of by institution and branch, explained by its branch, and opened by
//! whoever may see requests.

use domain::ids::FinancingApplicationId;
use time::macros::datetime;
use uuid::Uuid;

use super::scene::{Scene, scene};

const PAGE: &str = "/operator/breaches";
const OWN: &str = "/branch/breaches";

/// Due on Thursday at 9:30, accepted three hours late; it is Monday after that.
async fn late() -> (Scene, FinancingApplicationId) {
    let scene = scene().await;
    let id = scene.submitted().await;
    scene.world.clock.set(datetime!(2026-11-26 09:31 +8));
    scene.tick().await;
    scene.tick().await;
    scene.world.clock.set(datetime!(2026-11-26 12:30 +8));
    let page = format!("/branch/applications/{id}/accept");
    let clerk = scene.fresh(&scene.clerk).await;
    clerk
        .submit(&page, &page, &[("_action", "confirm")])
        .await
        .expect(303);
    scene.tick().await;
    scene.world.clock.set(datetime!(2026-11-30 09:00 +8));
    (scene, id)
}

async fn breach(scene: &Scene) -> Uuid {
    sqlx::query_scalar("select id from clock_breaches")
        .fetch_one(&scene.world.owner)
        .await
        .expect("there is exactly one")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_noted_once_and_every_number_opens_its_requests() {
    let (scene, id) = late().await;
    assert_eq!(
        scene.count("select count(*) from clock_breaches").await,
        1,
        "however often the worker looked"
    );
    let supervisor = scene.fresh(&scene.supervisor).await;
    let page = supervisor.get(PAGE).await.expect(200);
    page.says("超时通报〔2026〕48 号")
        .says("狮城商业银行运河支行")
        .says("clock=accept");
    let rows = format!(
        "{PAGE}?week=2026-11-23&bank={}&branch={}&clock=accept",
        scene.bank, scene.branch
    );
    let page = supervisor.get(&rows).await.expect(200);
    page.says(&format!("/operator/applications/{id}"))
        .says("3 小时")
        .says("2026-11-26 12:30 完成");
    let none = supervisor
        .get(&format!("{PAGE}?week=2026-11-16"))
        .await
        .expect(200);
    none.says("这一周没有超过承诺时限的事项");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_reads_totals_and_finds_no_request() {
    let (scene, id) = late().await;
    let city = scene.world.cangzhou.id;
    let regulator = scene.world.staff(city, "卫之行", &["rg"]).await;
    let browser = scene.fresh(&regulator).await;
    let named = format!("{PAGE}?week=2026-11-23&bank={}", scene.bank);
    for address in [PAGE, named.as_str()] {
        let page = browser.get(address).await.expect(200).text();
        assert!(page.contains("狮城商业银行运河支行"), "{address}");
        assert!(!page.contains(&id.to_string()), "{address}");
        assert!(!page.contains("/operator/applications"), "{address}");
    }
    let file = browser
        .get(&format!("{PAGE}/workbook?week=2026-11-23"))
        .await
        .expect(200);
    assert!(file.body.starts_with(b"PK"), "it is a workbook");
    let noted =
        "select count(*) from audit_entries where action = 'export.breaches' and outcome = 'ok'";
    assert_eq!(scene.count(noted).await, 1);
    let clerk = scene.fresh(&scene.clerk).await;
    let refused = clerk.get(PAGE).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_says_why_it_was_late_and_the_bulletin_repeats_it() {
    let (scene, _) = late().await;
    let one = format!("{OWN}/{}", breach(&scene).await);
    let clerk = scene.fresh(&scene.clerk).await;
    clerk.get(OWN).await.expect(200).says("待说明").says(&one);
    let nothing = clerk.submit(&one, &one, &[("breach_cause", "")]).await;
    nothing.expect(422).says("请选择超时原因");
    clerk
        .submit(&one, &one, &[("breach_cause", "staffing")])
        .await
        .expect(303);
    let supervisor = scene.fresh(&scene.supervisor).await;
    let named = format!("{PAGE}?week=2026-11-23&bank={}", scene.bank);
    supervisor
        .get(&named)
        .await
        .expect(200)
        .says("经办人员不足或交接")
        .says("钱云诚");
    // Another branch does not know of it.
    let sibling = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let stranger = scene.world.staff(sibling, "时嘉宁", &["bm"]).await;
    let stranger = scene.fresh(&stranger).await;
    stranger.get(&one).await.expect(404);
    stranger
        .get(OWN)
        .await
        .expect(200)
        .says("没有超过承诺时限的事项");
}
