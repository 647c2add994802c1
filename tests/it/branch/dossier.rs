//! The enterprise's data before its branch: masked, opened with a reason, closed with the consent.

use journeys::Answer;
use time::Duration;
use uuid::Uuid;

use super::{ADDRESS, EMAIL, LEGAL_ID, PHONE, scene};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_application_holds_no_full_value() {
    let scene = scene().await;
    let text = scene
        .clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("顾**")
        .says("199****2037")
        .text();
    for full in [LEGAL_ID, PHONE, ADDRESS, EMAIL, "顾屹舟", "庆云镇"] {
        assert!(!text.contains(full), "{full} is on the masked page");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_values_need_a_reason_and_leave_an_entry_before_they_are_shown() {
    let scene = scene().await;
    let path = scene.path("/full");
    let browser = &scene.clerk.browser;
    for (reason, words) in [("", "请输入查看原因"), ("核", "不少于 2 个字")] {
        let refused = browser
            .submit(&path, &path, &[("reason", reason)])
            .await
            .expect(422)
            .says(words);
        assert!(!refused.text().contains(LEGAL_ID));
    }
    assert_eq!(scene.count("select count(*) from view_entries").await, 0);
    let shown = browser
        .submit(&path, &path, &[("reason", "电话核对身份")])
        .await
        .expect(200)
        .says(LEGAL_ID)
        .says(ADDRESS);
    assert_eq!(shown.headers["cache-control"], "no-store");
    let logged = "select count(*) from view_entries where reason = '电话核对身份' and viewer_name = '钱云诚'";
    assert_eq!(scene.count(logged).await, 1);
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("电话核对身份");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_full_views_an_hour_are_enough() {
    let scene = scene().await;
    sqlx::query(
        "insert into view_entries (id, tenant_id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node, fields, reason, at)
         select gen_random_uuid(), $1, $2, $3, '钱云诚', $4, '运河支行', '身份证号', '核对', $5 from generate_series(1, 100)",
    )
    .bind(scene.world.cangzhou.id.0)
    .bind(scene.owner.id.0)
    .bind(scene.clerk.user.0)
    .bind(scene.branch.0)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect("they were looked at");
    let path = scene.path("/full");
    scene
        .clerk
        .browser
        .submit(&path, &path, &[("reason", "电话核对")])
        .await
        .expect(429);
    // Whoever answers for the clerk is told: the branch and its headquarters, once a day.
    scene
        .clerk
        .browser
        .submit(&path, &path, &[("reason", "电话核对")])
        .await
        .expect(429);
    yijianrong::workers::Workers::new(&scene.world.parts)
        .deliver_once()
        .await
        .expect("it runs");
    let told: Vec<Uuid> = sqlx::query_scalar(
        "select tenant_id from messages where body like '%钱云诚一小时内查看企业完整信息达到 100 次%' order by created_at",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("the boxes open");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&scene.branch.0) && told.contains(&scene.bank.0));
}

/// The signed address of the picture on a material's page.
fn picture(page: &Answer) -> String {
    let text = page.text();
    let rest = text
        .split("class=\"material-picture\" src=\"")
        .nth(1)
        .expect("there is a picture");
    rest.split('"')
        .next()
        .expect("an address ends")
        .replace("&amp;", "&")
        .replace("&#x3D;", "=")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_material_leaves_with_a_mark_and_an_entry_and_only_for_its_viewer() {
    let scene = scene().await;
    let page = scene.path(&format!("/materials/{}", scene.file));
    let browser = &scene.clerk.browser;
    let link = picture(&browser.get(&page).await.expect(200));
    assert_eq!(scene.count("select count(*) from view_entries").await, 0);
    let answer = browser.get(&link).await.expect(200);
    assert_eq!(answer.headers["content-type"], "image/jpeg");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let policy = answer.headers["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(policy.contains("sandbox"), "{policy}");
    assert!(answer.headers.contains_key("content-disposition"));
    assert_ne!(answer.body, *super::LICENCE, "the mark is drawn over it");
    let logged = "select count(*) from view_entries where fields = '材料：营业执照照片'";
    assert_eq!(scene.count(logged).await, 1);
    scene.second_clerk.browser.get(&link).await.expect(404);
    let unsigned = link.split('?').next().expect("a path");
    browser.get(unsigned).await.expect(404);
    scene.world.clock.advance(Duration::seconds(61));
    browser.get(&link).await.expect(404);
    assert_eq!(scene.count(logged).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_closes_the_dossier_at_once() {
    let scene = scene().await;
    sqlx::query("update consents set withdrawn_at = now()")
        .execute(&scene.world.owner)
        .await
        .expect("it is withdrawn");
    let browser = &scene.clerk.browser;
    let page = browser.get(&scene.path("")).await.expect(200);
    page.says("企业已撤回授权");
    browser.get(&scene.path("/full")).await.expect(409);
    let material = scene.path(&format!("/materials/{}", scene.file));
    browser.get(&material).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_withdrawn_application_only_the_minimal_record_is_left() {
    let scene = scene().await;
    sqlx::query("update financing_applications set stage = 'withdrawn', due_at = null")
        .execute(&scene.world.owner)
        .await
        .expect("it is withdrawn");
    let browser = &scene.clerk.browser;
    let text = browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("只保留基本记录")
        .text();
    assert!(!text.contains("顾**") && !text.contains("营业执照照片"));
    browser.get(&scene.path("/full")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_branch_does_not_even_learn_that_it_exists() {
    let scene = scene().await;
    let sibling = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let stranger = scene.world.staff(sibling, "和宏屹", &["bm", "ba"]).await;
    let there = stranger.browser.get(&scene.path("")).await.expect(404);
    let nowhere = stranger
        .browser
        .get(&format!("/branch/applications/{}", Uuid::new_v4()))
        .await
        .expect(404);
    assert_eq!(there.text().len(), nowhere.text().len());
    let found = stranger
        .browser
        .get("/branch/applications?q=%E7%80%9A")
        .await
        .expect(200);
    assert!(!found.text().contains("瀚岳澜"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_material_of_which_nothing_is_known_yet_is_shown_to_no_officer() {
    let scene = scene().await;
    let page = scene.path(&format!("/materials/{}", scene.file));
    let browser = &scene.clerk.browser;
    let link = picture(&browser.get(&page).await.expect(200));
    for (scan, words) in [
        ("unknown", "正在进行安全检查"),
        ("infected", "含有病毒，已经移除"),
    ] {
        sqlx::query("update application_files set scan = $1")
            .bind(scan)
            .execute(&scene.world.owner)
            .await
            .expect("it is set");
        browser.get(&page).await.expect(409).says(words);
        browser.get(&link).await.expect(409);
    }
    sqlx::query("update application_files set scan = 'unscanned', media_type = 'application/pdf'")
        .execute(&scene.world.owner)
        .await
        .expect("it is set");
    browser
        .get(&page)
        .await
        .expect(200)
        .says("该文件未经病毒扫描");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_for_good_shows_masked_facts_and_opens_nothing() {
    let scene = scene().await;
    let browser = &scene.clerk.browser;
    let material = scene.path(&format!("/materials/{}", scene.file));
    for stage in ["settled", "not_drawn"] {
        sqlx::query(
            "update financing_applications set stage = $1, ever_accepted = true, due_at = null, decided_at = submitted_at,
               approved_amount_cents = amount_cents, review_opinion = '同意授信。', updated_at = '2026-11-25 09:00:00+08'",
        )
        .bind(stage)
        .execute(&scene.world.owner)
        .await
        .expect("it is over");
        let page = browser.get(&scene.path("")).await.expect(200);
        let text = page
            .says("资料授权已于 2026-11-25 09:00 结束")
            .says("同意授信。")
            .text();
        assert!(text.contains("顾**") && !text.contains(LEGAL_ID), "{stage}");
        browser.get(&scene.path("/full")).await.expect(409);
        browser.get(&material).await.expect(409);
    }
    assert_eq!(scene.count("select count(*) from view_entries").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stays_open_as_long_as_it_may_be_asked_about_and_no_longer() {
    let scene = scene().await;
    let browser = &scene.clerk.browser;
    let refused = async |stage: &'static str, decided: &'static str| {
        sqlx::query(
            "update financing_applications set stage = $1, due_at = null, decided_at = $2::timestamptz, reason_codes = '{policy}'",
        )
        .bind(stage)
        .bind(decided)
        .execute(&scene.world.owner)
        .await
        .expect("it is refused");
    };
    // It is Wednesday 9:30: five working days began on Wednesday a week ago, two on Monday.
    for (stage, decided, status) in [
        ("rejected", "2026-11-18 09:31:00+08", 200),
        ("rejected", "2026-11-18 09:29:00+08", 409),
        ("refused_intake", "2026-11-23 09:31:00+08", 200),
        ("refused_intake", "2026-11-23 09:29:00+08", 409),
    ] {
        refused(stage, decided).await;
        browser.get(&scene.path("/full")).await.expect(status);
        let page = browser.get(&scene.path("")).await.expect(200).text();
        assert_eq!(
            page.contains("资料授权已于"),
            status == 409,
            "{stage} {decided}"
        );
    }
    // 复议 that waits for its answer keeps it open.
    refused("rejected", "2026-11-17 09:29:00+08").await;
    sqlx::query(
        "insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
         values ($1, $2, '新增订单。', $3, '顾屹舟', '2026-11-24 09:00:00+08')",
    )
    .bind(scene.world.cangzhou.id.0)
    .bind(scene.application.0)
    .bind(scene.owner.user.0)
    .execute(&scene.world.owner)
    .await
    .expect("it is asked");
    browser.get(&scene.path("/full")).await.expect(200);
    sqlx::query(
        "update reconsiderations set status = 'declined', settled_at = '2026-11-25 09:10:00+08'",
    )
    .execute(&scene.world.owner)
    .await
    .expect("it is answered");
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("资料授权已于 2026-11-25 09:10 结束");
    browser.get(&scene.path("/full")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_running_requests_are_told_as_a_number_while_the_consent_stands() {
    let scene = scene().await;
    let world = &scene.world;
    let count = async || {
        let workers = yijianrong::workers::Workers::new(&world.parts);
        workers.count_once().await.expect("it is counted");
    };
    let other = world.bank("沧海惠民银行").await;
    let far = world.branch(other, "沧海惠民银行新华支行").await;
    let product = world.product(other, "税融通", &[far]).await;
    // One of the own bank is no other bank's.
    world
        .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
        .await;
    let browser = &scene.clerk.browser;
    count().await;
    let alone = browser.get(&scene.path("")).await.expect(200).text();
    assert!(!alone.contains("笔在办"));
    let first = world
        .submitted_application(&scene.owner, other, far, product)
        .await;
    world
        .submitted_application(&scene.owner, other, far, product)
        .await;
    count().await;
    let two = browser.get(&scene.path("")).await.expect(200);
    let text = two.says("该企业另有 2 笔在办").text();
    assert!(!text.contains("沧海") && !text.contains("税融通"));
    let close = "update financing_applications set stage = 'withdrawn' where id = $1";
    sqlx::query(close)
        .bind(first.0)
        .execute(&world.owner)
        .await
        .expect("it is withdrawn");
    count().await;
    let one = browser.get(&scene.path("")).await.expect(200);
    one.says("该企业另有 1 笔在办");
    sqlx::query("update consents set withdrawn_at = now() where application_id = $1")
        .bind(scene.application.0)
        .execute(&world.owner)
        .await
        .expect("it is withdrawn");
    let none = browser.get(&scene.path("")).await.expect(200).text();
    assert!(!none.contains("笔在办"));
}
