//! Policies and news: drafts, a second person, schedules, withdrawal, history, and whom a policy fits.

use time::macros::datetime;

use super::{NEWS, fill, once_heard, press, scene, with};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_before_another_operator_lets_it_through() {
    let scene = scene().await;
    let id = scene.drafted("news", &NEWS).await;
    let public = format!("/news/{id}");
    scene.world.browser().get(&public).await.expect(404);
    scene.submit(id).await;
    let own = &scene.writer.browser;
    own.get(&format!("/operator/content/{id}/edit"))
        .await
        .expect(409)
        .says("等待复核");
    // The author may not, by the page or past it.
    own.get(&format!("/operator/content/{id}/publish"))
        .await
        .expect(409)
        .says("您参与了编写");
    let key = [("revision", "1"), ("_key", "0123456789abcdef")];
    own.submit(
        "/operator/content",
        &format!("/operator/content/{id}/publish"),
        &key,
    )
    .await
    .expect(409)
    .says("您参与了编写");
    scene.world.browser().get(&public).await.expect(404);
    scene.publish(id).await;
    once_heard(&scene.world.browser(), &public, |a| a.status == 200)
        .await
        .says("平台新增两家金融机构");
    let log = "select count(*) from audit_entries where action in ('content.save', 'content.submit', 'content.publish') and outcome = 'ok'";
    assert_eq!(scene.count(log).await, 3);
    let notes =
        "select count(*) from outbox where topic in ('content.submitted', 'content.settled')";
    assert_eq!(scene.count(notes).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wrote_a_word_of_it_is_no_second_person_and_the_database_says_so_too() {
    let scene = scene().await;
    let id = scene.drafted("news", &NEWS).await;
    let edit = format!("/operator/content/{id}/edit");
    press(
        &scene.checker.browser,
        &edit,
        &with(&NEWS, &[("source", "运河惠融")]),
    )
    .await
    .expect(303);
    scene.submit(id).await;
    let publish = format!("/operator/content/{id}/publish");
    scene.checker.browser.get(&publish).await.expect(409);
    let third = scene
        .world
        .staff(scene.world.cangzhou.id, "卫之行", &["op"])
        .await;
    let forced = sqlx::query("update content_drafts set reviewed_by = authors[1] where id = $1")
        .bind(id)
        .execute(&scene.world.owner)
        .await;
    assert!(forced.is_err(), "an author as reviewer");
    press(&third.browser, &publish, &[]).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_looks_and_does_nothing_and_others_find_no_such_room() {
    let scene = scene().await;
    let id = scene.drafted("news", &NEWS).await;
    let page = format!("/operator/content/{id}");
    scene
        .supervisor
        .browser
        .get(&page)
        .await
        .expect(200)
        .says("平台新增两家金融机构");
    for path in ["edit", "submit", "files", "withdraw", "publish"] {
        let answer = scene
            .supervisor
            .browser
            .get(&format!("{page}/{path}"))
            .await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let csrf = scene
        .supervisor
        .browser
        .get("/operator/content")
        .await
        .expect(200)
        .csrf();
    let fields = with(
        &NEWS,
        &[
            ("_csrf", &csrf),
            ("_key", "0123456789abcdef"),
            ("revision", "1"),
        ],
    );
    for path in ["edit", "submit", "publish", "return", "withdraw"] {
        let answer = scene
            .supervisor
            .browser
            .post(&format!("{page}/{path}"), &fields)
            .await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let bank = scene.world.bank("狮城商业银行").await;
    let ha = scene.world.staff(bank, "简书越", &["ha"]).await;
    for path in ["/operator/content", "/operator/agreements", &page] {
        ha.browser.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_draft_says_why_and_what_was_published_stays() {
    let scene = scene().await;
    let id = scene.published("news", &NEWS).await;
    let public = format!("/news/{id}");
    once_heard(&scene.world.browser(), &public, |a| a.status == 200).await;
    let page = format!("/operator/content/{id}");
    let changed = with(&NEWS, &[("title", "平台新增三家金融机构")]);
    press(&scene.writer.browser, &format!("{page}/edit"), &changed)
        .await
        .expect(303);
    scene.submit(id).await;
    press(&scene.checker.browser, &format!("{page}/return"), &[])
        .await
        .expect(422)
        .says("请填写退回原因");
    press(
        &scene.checker.browser,
        &format!("{page}/return"),
        &[("review_note", "是两家，不是三家。")],
    )
    .await
    .expect(303);
    scene
        .writer
        .browser
        .get(&page)
        .await
        .expect(200)
        .says("是两家，不是三家。")
        .says("平台新增三家金融机构");
    scene
        .world
        .browser()
        .get(&public)
        .await
        .expect(200)
        .says("平台新增两家金融机构");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_shows_itself_when_its_time_has_come_and_a_new_version_takes_over_then() {
    let scene = scene().await;
    // It is half past nine on the 25th.
    let fields = with(&NEWS, &[("show_from", "2026-11-26 08:00")]);
    let id = scene.published("news", &fields).await;
    let public = format!("/news/{id}");
    scene.world.parts.portal.changed(None);
    let visitor = scene.world.browser();
    visitor.get(&public).await.expect(404);
    visitor.get("/news").await.expect(200);
    scene.world.clock.set(datetime!(2026-11-26 07:59:59 +8));
    visitor.get(&public).await.expect(404);
    scene.world.clock.set(datetime!(2026-11-26 08:00 +8));
    visitor.get(&public).await.expect(200).says("2026-11-26");
    // The next version waits beside the one that is read.
    let (writer, checker) = (
        scene
            .world
            .staff(scene.world.cangzhou.id, "晨起", &["op"])
            .await,
        scene
            .world
            .staff(scene.world.cangzhou.id, "暮归", &["op"])
            .await,
    );
    let next = with(
        &NEWS,
        &[
            ("title", "平台新增四家金融机构"),
            ("show_from", "2026-11-27 08:00"),
        ],
    );
    let page = format!("/operator/content/{id}");
    press(&writer.browser, &format!("{page}/edit"), &next)
        .await
        .expect(303);
    press(&writer.browser, &format!("{page}/submit"), &[])
        .await
        .expect(303);
    press(&checker.browser, &format!("{page}/publish"), &[])
        .await
        .expect(303);
    scene.world.parts.portal.changed(None);
    visitor
        .get(&public)
        .await
        .expect(200)
        .says("平台新增两家金融机构");
    writer
        .browser
        .get("/operator/content?kind=news")
        .await
        .expect(200)
        .says("第 2 版待展示");
    scene.world.clock.set(datetime!(2026-11-27 08:00 +8));
    // The day under which readers know it stays the first one.
    let shown = visitor.get(&public).await.expect(200);
    shown.says("平台新增四家金融机构").says("2026-11-26");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_down_is_gone_at_once_and_its_versions_can_be_taken_up_again() {
    let scene = scene().await;
    let id = scene.published("news", &NEWS).await;
    let (public, page) = (format!("/news/{id}"), format!("/operator/content/{id}"));
    let visitor = scene.world.browser();
    once_heard(&visitor, &public, |a| a.status == 200).await;
    press(&scene.writer.browser, &format!("{page}/withdraw"), &[])
        .await
        .expect(422);
    let reason = [("withdraw_note", "机构尚未开业。")];
    press(&scene.writer.browser, &format!("{page}/withdraw"), &reason)
        .await
        .expect(303);
    once_heard(&visitor, &public, |a| a.status == 404).await;
    scene
        .writer
        .browser
        .get(&page)
        .await
        .expect(200)
        .says("机构尚未开业。");
    // A start brings nothing back.
    fill(&scene.world).await;
    visitor.get(&public).await.expect(404);
    let old = format!("{page}/versions/1");
    let read = scene
        .writer
        .browser
        .get(&old)
        .await
        .expect(200)
        .says("恢复为草稿");
    let revision = read.input("revision").expect("it says over what");
    scene
        .writer
        .browser
        .submit_from(&read, &format!("{old}/restore"), &[("revision", &revision)])
        .await
        .expect(303);
    visitor.get(&public).await.expect(404);
    scene.submit(id).await;
    scene.publish(id).await;
    once_heard(&visitor, &public, |a| a.status == 200).await;
    scene
        .writer
        .browser
        .get(&page)
        .await
        .expect(200)
        .says("第 2 版")
        .says("编写：宋知远；复核：路遥知");
    let rewritten = sqlx::query("update articles set title = '改写' where id = $1")
        .bind(id)
        .execute(&scene.world.owner)
        .await;
    assert!(rewritten.is_err(), "a version keeps its words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_never_undoes_what_an_operator_wrote() {
    let scene = scene().await;
    let about: uuid::Uuid =
        sqlx::query_scalar("select id from articles where kind = 'about' limit 1")
            .fetch_one(&scene.world.owner)
            .await
            .expect("it came with the city");
    let fields = [
        ("title", "关于我们"),
        ("summary", "新的导语"),
        ("body", "## 平台是什么\n\n新的介绍。"),
    ];
    press(
        &scene.writer.browser,
        &format!("/operator/content/{about}/edit"),
        &fields,
    )
    .await
    .expect(303);
    scene.submit(about).await;
    scene.publish(about).await;
    let shown = |a: &journeys::Answer| a.text().contains("新的介绍。");
    once_heard(&scene.world.browser(), "/about", shown).await;
    fill(&scene.world).await;
    scene
        .world
        .browser()
        .get("/about")
        .await
        .expect(200)
        .says("新的介绍。");
    assert_eq!(
        scene
            .count("select count(*) from articles where kind = 'about'")
            .await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_keeps_what_was_typed_and_names_every_field_that_is_missing_or_wrong() {
    let scene = scene().await;
    let path = "/operator/content/new?kind=policy";
    press(&scene.writer.browser, path, &[("title", "")])
        .await
        .expect(422)
        .says("请输入标题");
    let wrong = [
        ("title", "贴息通知"),
        ("deadline", "明年"),
        ("show_from", "2026/1/1"),
        ("body", "正文在此"),
    ];
    press(&scene.writer.browser, path, &wrong)
        .await
        .expect(422)
        .says("请按“2026-12-01”填写日期")
        .says("请按“2026-12-01 09:00”填写时间")
        .says("正文在此");
    let id = scene.drafted("policy", &[("title", "贴息通知")]).await;
    let submit = format!("/operator/content/{id}/submit");
    let page = scene.writer.browser.get(&submit).await.expect(422);
    for words in [
        "请输入正文",
        "请输入发文单位",
        "请输入适用对象",
        "请输入类别或栏目",
    ] {
        page.clone().says(words);
    }
    let waiting = "select count(*) from content_drafts where status = 'in_review'";
    assert_eq!(scene.count(waiting).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_write_at_once_the_second_is_told_and_a_double_click_writes_once() {
    let scene = scene().await;
    let id = scene.drafted("news", &NEWS).await;
    let edit = format!("/operator/content/{id}/edit");
    let (mine, theirs) = (
        scene.writer.browser.get(&edit).await.expect(200),
        scene.checker.browser.get(&edit).await.expect(200),
    );
    let revision = [("revision", "1")];
    let fields = with(&NEWS, &revision);
    scene
        .writer
        .browser
        .submit_from(&mine, &edit, &fields)
        .await
        .expect(303);
    scene
        .writer
        .browser
        .submit_from(&mine, &edit, &fields)
        .await
        .expect(303);
    let told = scene
        .checker
        .browser
        .submit_from(&theirs, &edit, &fields)
        .await;
    told.expect(409)
        .says("宋知远已修改这份内容（2026-11-25 09:30 保存）");
    let revision: i32 = sqlx::query_scalar("select revision from content_drafts where id = $1")
        .bind(id)
        .fetch_one(&scene.world.owner)
        .await
        .expect("it is there");
    assert_eq!(revision, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_saves_second_keeps_what_was_typed_and_may_save_it_over_what_they_have_seen() {
    let scene = scene().await;
    let id = scene.drafted("news", &NEWS).await;
    let page = format!("/operator/content/{id}");
    let edit = format!("{page}/edit");
    let theirs = scene.checker.browser.get(&edit).await.expect(200);
    press(
        &scene.writer.browser,
        &edit,
        &with(&NEWS, &[("source", "运河惠融")]),
    )
    .await
    .expect(303);
    let typed = with(&NEWS, &[("title", "平台新增五家金融机构")]);
    let late = with(&typed, &[("revision", "1")]);
    let told = scene
        .checker
        .browser
        .submit_from(&theirs, &edit, &late)
        .await
        .expect(409)
        .says("宋知远已修改这份内容")
        .says("平台新增五家金融机构")
        .says("查看现在的内容");
    let revision = told.input("revision").expect("it says over what");
    assert_eq!(revision, "2");
    let again = with(&typed, &[("revision", &revision)]);
    scene
        .checker
        .browser
        .submit_from(&told, &edit, &again)
        .await
        .expect(303);
    let kept =
        "select count(*) from content_drafts where title = '平台新增五家金融机构' and revision = 3";
    assert_eq!(scene.count(kept).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_asks_for_nothing_that_a_draft_may_lack_and_a_long_text_is_told_as_what_it_is() {
    let scene = scene().await;
    let id = scene
        .drafted("policy", &[("title", "贴息通知"), ("body", "尚未写完。")])
        .await;
    let page = format!("/operator/content/{id}");
    scene
        .writer
        .browser
        .get(&format!("{page}/preview"))
        .await
        .expect(200)
        .says("尚未写完。")
        .says("草稿还有未填写或需要修改的项目");
    let long = "长".repeat(40_001);
    let fields = with(&NEWS, &[("body", &long)]);
    press(
        &scene.writer.browser,
        "/operator/content/new?kind=news",
        &fields,
    )
    .await
    .expect(422)
    .says("正文最多 40000 个字，目前 40001 个字");
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_markup_is_stored_as_plain_blocks() {
    let scene = scene().await;
    let pasted = "<h2 onclick=\"x()\">一、对象</h2><p>企业<script>alert(1)</script></p><ul><li>制造业</li></ul>";
    let id = scene
        .drafted("news", &with(&NEWS, &[("body", pasted)]))
        .await;
    let body: String =
        sqlx::query_scalar("select form ->> 'body' from content_drafts where id = $1")
            .bind(id)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it is there");
    assert_eq!(body, "## 一、对象\n\n企业\n\n- 制造业");
    scene
        .writer
        .browser
        .get(&format!("/operator/content/{id}/preview"))
        .await
        .expect(200)
        .says("<h2>一、对象</h2>");
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_that_fit_the_own_profile_are_marked_for_the_enterprise_alone() {
    let scene = scene().await;
    let policy = [
        ("title", "制造业设备补贴"),
        ("issuer", "工信部门"),
        ("category", "融资贴息"),
        ("audience", "运河区的制造业企业"),
        ("body", "按设备投入补贴。"),
        ("industries", "C"),
        ("regions", "130903"),
    ];
    scene.published("policy", &policy).await;
    let elsewhere = with(&policy, &[("title", "青县设备补贴"), ("regions", "130922")]);
    scene.published("policy", &elsewhere).await;
    scene.world.parts.portal.changed(None);
    let marked = |page: &journeys::Answer, title: &str| {
        let text = page.text();
        let at = text.find(title).expect("it is in the list");
        text[at..]
            .split("</li>")
            .next()
            .unwrap_or_default()
            .contains("与本企业相符")
    };
    let enterprise = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let list = enterprise
        .browser
        .get("/policies?q=设备补贴")
        .await
        .expect(200);
    assert!(marked(&list, "制造业设备补贴"));
    assert!(!marked(&list, "青县设备补贴"));
    let only = enterprise
        .browser
        .get("/policies?q=设备补贴&fit=1")
        .await
        .expect(200);
    assert!(!only.text().contains("青县设备补贴"));
    let visitor = scene
        .world
        .browser()
        .get("/policies?q=设备补贴&fit=1")
        .await
        .expect(200);
    assert!(!visitor.text().contains("与本企业相符") && visitor.text().contains("青县设备补贴"));
    let fresh = scene
        .world
        .new_enterprise(scene.world.cangzhou.id, "沧州市新企有限公司", "19900002999")
        .await;
    let list = fresh.browser.get("/policies?q=设备补贴").await.expect(200);
    assert!(
        !list.text().contains("与本企业相符"),
        "nothing is known of it yet"
    );
}
