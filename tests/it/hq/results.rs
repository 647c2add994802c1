//! 办理成效: a branch and a person of it beside the middle of the institution, and nothing of the other branches.

use yijianrong::workers::Workers;

use super::{row, scene};

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_sees_itself_and_its_person_beside_the_middle_and_no_other_branch() {
    let scene = scene().await;
    for (branch, hours) in [(scene.canal, 2), (scene.xinhua, 4), (scene.without, 9)] {
        let id = scene.another(branch).await;
        sqlx::query(
            "update financing_applications set stage = 'approved', ever_accepted = true, submitted_at = $2 - interval '2 days',
               accepted_at = $2 - interval '2 days' + make_interval(hours => $3), decided_at = $2, approved_amount_cents = 100,
               holder_user_id = case when handler_tenant_id = $5 then $4 end
             where id = $1",
        )
        .bind(id.0)
        .bind(scene.world.parts.clock.now())
        .bind(hours)
        .bind(scene.xinhua_clerk.user.0)
        .bind(scene.xinhua.0)
        .execute(&scene.world.owner)
        .await
        .expect("it was worked on");
    }
    let workers = Workers::new(&scene.world.parts);
    workers.hourly_once().await.expect("it is reckoned");
    let browser = &scene.xinhua_clerk.browser;
    let menu = browser.get("/branch").await.expect(200);
    menu.says("href=\"/branch/results\"");
    let page = browser.get("/branch/results").await.expect(200);
    for (name, rows) in [
        (
            "沧海惠民银行新华支行",
            "/branch/applications?accepted=recent",
        ),
        (
            "本人（时嘉宁）",
            "/branch/applications?mine=1&accepted=recent",
        ),
    ] {
        let line = row(&page, name);
        assert!(line.contains("4.0 小时") && line.contains("100%"), "{line}");
        assert!(line.contains(&rows.replace('&', "&amp;")), "{line}");
        browser.get(rows).await.expect(200).says("共 1 条");
    }
    let middle = row(&page, "本行各支行中位数");
    assert!(middle.contains("4.0 小时") && middle.contains("100%"));
    assert!(!page.text().contains("运河支行"));
    // Its headquarters has the board; another bank has nothing to stand beside.
    scene.admin.browser.get("/branch/results").await.expect(404);
    let alone = scene.world.branch(scene.bank, "沧海惠民银行献县支行").await;
    let head = scene.world.staff(alone, "孟惟清", &["bh"]).await;
    let empty = head.browser.get("/branch/results").await.expect(200);
    assert!(row(&empty, "沧海惠民银行献县支行").contains("<td"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_branches_have_no_middle_that_would_tell_of_the_other_one() {
    let scene = scene().await;
    for branch in [scene.canal, scene.xinhua] {
        let id = scene.another(branch).await;
        sqlx::query(
            "update financing_applications set stage = 'accepted', ever_accepted = true, submitted_at = $2 - interval '5 hours',
               accepted_at = $2 where id = $1",
        )
        .bind(id.0)
        .bind(scene.world.parts.clock.now())
        .execute(&scene.world.owner)
        .await
        .expect("it was accepted");
    }
    let workers = Workers::new(&scene.world.parts);
    workers.hourly_once().await.expect("it is reckoned");
    let page = scene.clerk.browser.get("/branch/results").await;
    let page = page.expect(200).says("5.0 小时");
    assert!(!row(&page, "本行各支行中位数").contains("小时"));
}
