//! 工作台 and 时效看板: the counts open their rows, and nobody sees another bank's.

use super::{row, scene};

#[tokio::test(flavor = "multi_thread")]
async fn headquarters_arrives_at_a_desk_whose_counts_open_their_rows() {
    let scene = scene().await;
    let late = scene.another(scene.xinhua).await;
    sqlx::query("update financing_applications set due_at = $2 - interval '2 hours', submitted_at = $2 - interval '3 days' where id = $1")
        .bind(late.0)
        .bind(scene.world.parts.clock.now())
        .execute(&scene.world.owner)
        .await
        .expect("it is late");
    let browser = &scene.admin.browser;
    let desk = browser.get("/hq").await.expect(200);
    desk.clone()
        .says("待改派")
        .says("复议申请")
        .says("已超时 2 小时")
        .says("沧海惠民银行新华支行");
    let late_rows = browser
        .get("/branch/applications?due=overdue")
        .await
        .expect(200)
        .says("沧海惠民银行新华支行")
        .text();
    assert!(!late_rows.contains(&scene.number().await));
    browser
        .get("/branch/applications?stage=submitted")
        .await
        .expect(200)
        .says("共 2 条");
    // What a branch gave back is the headquarters' own duty, and late when the day is over.
    scene
        .arrange("update financing_applications set stage = 'returned_to_hq', due_at = $2 - interval '1 hour' where id = $1")
        .await;
    browser
        .get("/branch/applications?due=overdue")
        .await
        .expect(200)
        .says("共 2 条");
    // The branch's address leads a headquarters to its own desk; a branch has no such desk, another bank sees its own rows.
    assert_eq!(browser.get("/branch").await.expect(303).location(), "/hq");
    for path in ["/hq", "/hq/board"] {
        scene.clerk.browser.get(path).await.expect(404);
    }
    let foreign = scene.stranger.browser.get("/hq").await.expect(200).text();
    assert!(!foreign.contains("瀚岳澜") && !foreign.contains("沧海惠民"));
}

#[tokio::test(flavor = "multi_thread")]
async fn headquarters_narrows_its_list_to_one_branch() {
    let scene = scene().await;
    scene.another(scene.xinhua).await;
    let browser = &scene.hq_approver.browser;
    let all = browser.get("/branch/applications").await.expect(200);
    all.says("受理支行").says("共 2 条");
    let path = format!("/branch/applications?branch={}", scene.canal);
    let one = browser.get(&path).await.expect(200).says("共 1 条");
    one.says(&scene.number().await);
    let elsewhere = format!("/branch/applications?branch={}", scene.without);
    browser
        .get(&elsewhere)
        .await
        .expect(200)
        .says("没有符合条件的融资需求");
    // A branch that is asked for another branch's rows still sees only its own.
    let sneaked = scene
        .clerk
        .browser
        .get(&format!("/branch/applications?branch={}", scene.xinhua))
        .await
        .expect(200)
        .text();
    assert!(!sneaked.contains("PO20261125"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_counts_each_branch_and_person_and_ranks_only_the_own_institution() {
    let scene = scene().await;
    let now = scene.world.parts.clock.now();
    for (hours, stage) in [(2, "approved"), (4, "rejected"), (9, "accepted")] {
        let id = scene.another(scene.xinhua).await;
        sqlx::query(
            "update financing_applications set stage = $3, ever_accepted = true, holder_user_id = $4, holder_name = '时嘉宁',
               submitted_at = $2 - interval '2 days', intake_since = $2 - interval '2 days',
               accepted_at = $2 - interval '2 days' + make_interval(hours => $5),
               decided_at = case when $3 <> 'accepted' then $2 end, approved_amount_cents = 100, due_at = $2 - interval '1 hour'
             where id = $1",
        )
        .bind(id.0)
        .bind(now)
        .bind(stage)
        .bind(scene.xinhua_clerk.user.0)
        .bind(hours)
        .execute(&scene.world.owner)
        .await
        .expect("it was worked on");
    }
    let page = scene.admin.browser.get("/hq/board").await.expect(200);
    let xinhua = row(&page, "沧海惠民银行新华支行");
    for words in ["4.0 小时", "50%", "1 / 2"] {
        assert!(xinhua.contains(words), "{words}: {xinhua}");
    }
    // Every number opens its rows.
    let of_branch = format!("/branch/applications?branch={}", scene.xinhua);
    let of_person = format!("/branch/applications?holder={}", scene.xinhua_clerk.user.0);
    let person = row(&page, "时嘉宁");
    for (row, of) in [(&xinhua, &of_branch), (&person, &of_person)] {
        for (query, total) in [
            ("stage=working", 1),
            ("due=overdue", 2),
            ("accepted=recent", 3),
            ("stage=decided&decided=recent", 2),
        ] {
            let href = format!("{of}&{query}");
            assert!(row.contains(&href.replace('&', "&amp;")), "{href}: {row}");
            let rows = scene.admin.browser.get(&href).await.expect(200);
            rows.says(&format!("共 {total} 条"));
        }
    }
    assert!(person.contains("4.0 小时") && person.contains("新华支行"));
    // What the enterprise declined itself is in no rate, and not among its rows either.
    sqlx::query("update financing_applications set reason_codes = '{enterprise_declined}' where stage = 'rejected'")
        .execute(&scene.world.owner)
        .await
        .expect("it was declined");
    let declined = scene.admin.browser.get("/hq/board").await.expect(200);
    let rate = row(&declined, "沧海惠民银行新华支行");
    assert!(rate.contains("100%") && rate.contains("1 / 1"), "{rate}");
    let href = format!("{of_branch}&stage=decided&decided=recent");
    let rows = scene.admin.browser.get(&href).await.expect(200);
    rows.says("共 1 条");
    let href = format!("{of_branch}&stage=rejected");
    let rows = scene.admin.browser.get(&href).await.expect(200);
    rows.says("共 1 条");
    let text = page.says("<title id=\"chart-load-title\">").text();
    assert!(text.contains("<desc") && text.contains("width=\"100%\""));
    assert!(!text.contains("狮城"));
    // What is older than thirty days no longer counts.
    sqlx::query("update financing_applications set accepted_at = accepted_at - interval '31 days',
                   intake_since = intake_since - interval '31 days', decided_at = decided_at - interval '31 days'")
        .execute(&scene.world.owner)
        .await
        .expect("it is older");
    let page = scene.admin.browser.get("/hq/board").await.expect(200);
    let xinhua = row(&page, "沧海惠民银行新华支行");
    assert!(
        !xinhua.contains("小时") && !xinhua.contains('%'),
        "{xinhua}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_long_after_the_money_moved_is_counted_as_late() {
    let scene = scene().await;
    let now = scene.world.parts.clock.now();
    let id = scene.another(scene.xinhua).await;
    for (number, days) in [(1, 0), (2, 20)] {
        sqlx::query(
            "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at)
             select gen_random_uuid(), tenant_id, id, $2::int, 100, 375, ($3::timestamptz - make_interval(days => $4::int))::date, 'HT-1',
               'form', $3::timestamptz from financing_applications where id = $1",
        )
        .bind(id.0)
        .bind(number)
        .bind(now)
        .bind(days)
        .execute(&scene.world.owner)
        .await
        .expect("it is told of");
    }
    let page = scene.admin.browser.get("/hq/board").await.expect(200);
    let xinhua = row(&page, "沧海惠民银行新华支行");
    assert!(xinhua.contains("共 2 笔"), "{xinhua}");
    assert!(xinhua.contains(">1<"), "one of them late: {xinhua}");
    page.says("放还款迟报");
}
