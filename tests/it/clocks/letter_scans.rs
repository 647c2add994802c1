//! Files of a thread as they are judged: what the scanner says of a PDF, and what a repeat or a refused letter leaves behind
//! (W25, S-25, S-26, S-36).

use application::ports::scanner::Scan;
use journeys::{Answer, World};
use time::Duration;

use super::{
    letter_files::{bank, card, direct, link, objects, own, send},
    scene::{Scene, scene, scene_in},
};
use crate::profile::{Told, pdf};

const OWN_FILES: &str = "select count(*) from enterprise_files where kind = 'thread'";

fn is_a_sealed_off_download(got: &Answer) {
    assert_eq!(got.headers["content-type"], "application/pdf");
    assert_eq!(got.headers["x-content-type-options"], "nosniff");
    let told = |name: &str| got.headers[name].to_str().expect("text");
    assert!(told("content-disposition").starts_with("attachment"));
    let policies = got.headers.get_all("content-security-policy");
    assert!(
        policies
            .iter()
            .any(|p| p.to_str().is_ok_and(|p| p.contains("sandbox"))),
        "its page cannot script"
    );
}

async fn scanned(first: Scan) -> (Scene, std::sync::Arc<Told>) {
    let told = Told::first(first);
    let scene = scene_in(World::scanned_by(told.clone()).await).await;
    (scene, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_of_the_branch_is_a_sealed_off_download_on_both_sides_and_says_that_nobody_looked() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let (own, bank) = (own(id), bank(id));
    let clerk = &scene.clerk.browser;
    let form = clerk.get(&bank).await.expect(200);
    send(clerk, &form, &bank, "清单.pdf", pdf())
        .await
        .expect(303);
    let owner = &scene.enterprise.browser;
    let page = owner.get(&own).await.expect(200).says("未经病毒扫描");
    let got = owner.get(&link(&page, &own)).await.expect(200);
    is_a_sealed_off_download(&got);
    assert!(got.body.starts_with(b"%PDF"));
    let thread = clerk.get(&bank).await.expect(200);
    let around = clerk.get(&link(&thread, &bank)).await.expect(200);
    let around = around.says("未经病毒扫描").says("链接 1 分钟内有效");
    is_a_sealed_off_download(&clerk.get(&direct(&around)).await.expect(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_infected_pdf_of_the_branch_is_refused_and_leaves_nothing() {
    let (scene, _) = scanned(Scan::Infected).await;
    let id = scene.accepted().await;
    let bank = bank(id);
    let clerk = &scene.clerk.browser;
    let before = objects(&scene).await;
    let form = clerk.get(&bank).await.expect(200);
    send(clerk, &form, &bank, "清单.pdf", pdf())
        .await
        .expect(422)
        .says("文件含有病毒，没有保存");
    let kept =
        "select (select count(*) from letter_files) + (select count(*) from application_letters)";
    assert_eq!(scene.count(kept).await, 0);
    assert_eq!(objects(&scene).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_branch_is_withheld_until_the_scanner_knows_it_and_taken_away_when_it_is_bad()
{
    let (scene, told) = scanned(Scan::Unknown).await;
    let id = scene.accepted().await;
    let (own, bank) = (own(id), bank(id));
    let (clerk, owner) = (&scene.clerk.browser, &scene.enterprise.browser);
    let before = objects(&scene).await;
    let form = clerk.get(&bank).await.expect(200);
    send(clerk, &form, &bank, "清单.pdf", pdf())
        .await
        .expect(303);
    let file: uuid::Uuid = sqlx::query_scalar("select id from letter_files")
        .fetch_one(&scene.world.owner)
        .await
        .expect("its row");
    let (theirs, ours) = (
        format!("{own}/files/{file}"),
        format!("{bank}/files/{file}"),
    );
    let page = owner.get(&own).await.expect(200).says("正在进行安全检查");
    assert!(!page.text().contains(&theirs), "nothing to press");
    owner.get(&theirs).await.expect(409);
    clerk.get(&ours).await.expect(409);
    told.say(Scan::Clean);
    scene.world.clock.advance(Duration::minutes(2));
    assert_eq!(scene.workers().scan_once().await.expect("it runs"), 1);
    owner.get(&theirs).await.expect(200);
    clerk.get(&ours).await.expect(200);
    // Another one turns out to be bad.
    scene.run("update letter_files set scan = 'unknown'").await;
    told.say(Scan::Infected);
    scene.world.clock.advance(Duration::minutes(2));
    scene.workers().scan_once().await.expect("it runs");
    owner
        .get(&theirs)
        .await
        .expect(409)
        .says("该文件含有病毒，已经移除");
    clerk
        .get(&ours)
        .await
        .expect(409)
        .says("该文件含有病毒，已经移除");
    owner.get(&own).await.expect(200).says("该文件含有病毒");
    assert_eq!(objects(&scene).await, before, "the object is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_form_stands_for_its_file_too() {
    let scene = scene().await;
    let id = scene.accepted().await;
    for (browser, path) in [
        (&scene.clerk.browser, bank(id)),
        (&scene.enterprise.browser, own(id)),
    ] {
        let form = browser.get(&path).await.expect(200);
        let before = objects(&scene).await;
        for _ in 0..2 {
            send(browser, &form, &path, "a.jpg", card())
                .await
                .expect(303);
        }
        assert_eq!(objects(&scene).await, before + 1, "a repeat keeps nothing");
        send(browser, &form, &path, "a.pdf", pdf())
            .await
            .expect(422)
            .says("页面内容已经改变");
        assert_eq!(objects(&scene).await, before + 1);
    }
    assert_eq!(scene.count(OWN_FILES).await, 1);
    let letters = "select count(*) from application_letters where kind = 'file'";
    assert_eq!(scene.count(letters).await, 2, "one from each side");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_call_with_a_file_is_told_at_the_field_and_nothing_of_it_is_kept() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let own = own(id);
    let owner = &scene.enterprise.browser;
    let before = objects(&scene).await;
    let form = owner.get(&own).await.expect(200);
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("kind", "call_request"),
        ("body", "下午三点以后方便"),
    ];
    owner
        .upload(&own, &fields, &[("file", "a.jpg", card())])
        .await
        .expect(422)
        .says("请求回电不能同时发送文件")
        .says("下午三点以后方便");
    let kept = "select (select count(*) from application_letters) + (select count(*) from enterprise_files where kind = 'thread')";
    assert_eq!(scene.count(kept).await, 0);
    assert_eq!(objects(&scene).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_too_many_keeps_no_file_and_does_not_lose_what_was_typed() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let own = own(id);
    scene
        .run(
            "insert into application_letters (id, tenant_id, application_id, side, author_id, author_name, kind, body, at)
             select gen_random_uuid(), a.tenant_id, a.id, 'enterprise', a.created_by, '', 'text', '早', c.at
             from financing_applications a, generate_series(1, 20),
               (select max(submitted_at) as at from financing_applications) c",
        )
        .await;
    let owner = &scene.enterprise.browser;
    let before = objects(&scene).await;
    let form = owner.get(&own).await.expect(200);
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("kind", "text"),
        ("body", "写了很久的话"),
    ];
    for files in [vec![("file", "a.jpg", card())], Vec::new()] {
        owner
            .upload(&own, &fields, &files)
            .await
            .expect(429)
            .says("您一小时内已发送 20 条")
            .says("写了很久的话");
    }
    assert_eq!(scene.count(OWN_FILES).await, 0);
    assert_eq!(objects(&scene).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_unclear_commit_the_object_stays_for_the_collector_of_orphans() {
    let scene = scene().await;
    let id = scene.accepted().await;
    scene
        .run(
            "create function cut() returns trigger language plpgsql as $$ begin raise 'the line is cut'; end $$",
        )
        .await;
    scene
        .run(
            "create constraint trigger cut after insert on application_letters deferrable initially deferred
             for each row execute function cut()",
        )
        .await;
    for (browser, path) in [
        (&scene.clerk.browser, bank(id)),
        (&scene.enterprise.browser, own(id)),
    ] {
        let before = objects(&scene).await;
        let form = browser.get(&path).await.expect(200);
        let answer = send(browser, &form, &path, "a.jpg", card()).await;
        assert!(answer.status.is_server_error(), "{}", answer.status);
        assert_eq!(objects(&scene).await, before + 1);
    }
}
