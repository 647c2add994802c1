//! The talk between an enterprise and its branch: who reads it, who writes it, and the call that was asked for (W25).

use journeys::Browser;
use time::Duration;

use super::scene::scene;

async fn say(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> journeys::Answer {
    browser.submit(path, path, fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_asks_its_branch_answers_and_each_hears_of_the_other() {
    let scene = scene().await;
    let id = scene.accepted().await;
    scene.deliver().await;
    let (own, bank) = (
        format!("/enterprise/applications/{id}/thread"),
        format!("/branch/applications/{id}/thread"),
    );
    let owner = &scene.enterprise.browser;
    owner.get(&own).await.expect(200).says("还没有沟通记录");
    say(owner, &own, &[("kind", "text"), ("body", " ")])
        .await
        .expect(422)
        .says("请输入留言内容");
    // A double click sends one letter.
    let form = owner.get(&own).await.expect(200);
    for _ in 0..2 {
        owner
            .submit_from(
                &form,
                &own,
                &[("kind", "text"), ("body", "需要带哪些原件？<b>谢谢</b>")],
            )
            .await
            .expect(303);
    }
    let letters = "select count(*) from application_letters";
    assert_eq!(scene.count(letters).await, 1);
    scene.deliver().await;
    let branch = scene.titles(scene.branch, false).await;
    assert!(branch.contains(&"企业给您留言".to_owned()), "{branch:?}");
    let body = "select count(*) from messages where body like '%原件%'";
    assert_eq!(
        scene.count(body).await,
        0,
        "the message does not carry the letter"
    );

    let clerk = &scene.clerk.browser;
    clerk
        .get(&format!("/branch/applications/{id}"))
        .await
        .expect(200)
        .says("企业有 1 条留言未读");
    let page = clerk
        .get(&bank)
        .await
        .expect(200)
        .says("未读")
        .says("&lt;b&gt;");
    assert!(
        !page.text().contains("顾屹舟"),
        "the bank reads 企业, no person"
    );
    say(clerk, &bank, &[("body", "请带营业执照原件。")])
        .await
        .expect(303);
    clerk
        .get(&format!("/branch/applications/{id}"))
        .await
        .expect(200);
    let unread =
        "select count(*) from application_letters where side = 'enterprise' and read_at is null";
    assert_eq!(scene.count(unread).await, 0, "who answers has read");
    scene.deliver().await;
    let city = scene.world.cangzhou.id;
    assert!(
        scene
            .titles(city, true)
            .await
            .contains(&"受理支行给您留言".to_owned())
    );
    owner
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("沟通记录（1 条未读）");
    let page = owner
        .get(&own)
        .await
        .expect(200)
        .says("狮城商业银行运河支行 钱云诚")
        .says("请带营业执照原件。");
    let read = format!("{own}/read");
    owner.submit_from(&page, &read, &[]).await.expect(303);
    let unread = "select count(*) from application_letters where read_at is null";
    assert_eq!(scene.count(unread).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_call_is_a_task_until_somebody_says_what_came_of_it() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let (own, bank) = (
        format!("/enterprise/applications/{id}/thread"),
        format!("/branch/applications/{id}/thread"),
    );
    let owner = &scene.enterprise.browser;
    // Within a minute: people write whole ones.
    scene.world.clock.advance(Duration::seconds(20));
    let fields = [("kind", "call_request"), ("body", "下午三点以后方便")];
    say(owner, &own, &fields).await.expect(303);
    scene.deliver().await;
    let texts = scene.texts().await;
    // The whole address of the city, for a phone opens nothing less.
    let host = &scene.world.cangzhou.public_url;
    let whole = format!("{host}/branch/applications/{id}");
    assert!(host.starts_with("https://"), "{host}");
    assert!(
        texts
            .iter()
            .any(|t| t.contains("回电") && t.contains(&whole)),
        "the holder's phone rang: {texts:?}"
    );
    let clerk = &scene.clerk.browser;
    clerk
        .get(&format!("/branch/applications/{id}"))
        .await
        .expect(200)
        .says("企业请求回电");
    let desk = clerk.get("/branch").await.expect(200);
    desk.says("待回电").says("下午三点以后方便").says(&bank);
    let page = clerk
        .get(&bank)
        .await
        .expect(200)
        .says("登记联系")
        .says("等待支行回电");
    let text = page.text();
    let tick = text
        .split(&format!("href=\"{bank}/"))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("the way to tick it off");
    let tick = format!("{bank}/{tick}");
    for (at, outcome, words) in [
        ("昨天", "已说明", "联系时间应在"),
        ("2026-11-25 09:31", "已说明", "联系时间应在"),
        ("2026-11-25 09:30", "", "请输入联系结果"),
    ] {
        say(clerk, &tick, &[("at", at), ("outcome", outcome)])
            .await
            .expect(422)
            .says(words);
    }
    let done = [
        ("at", "2026-11-25 09:30"),
        ("outcome", "已说明所需原件，企业周五送来。"),
    ];
    say(clerk, &tick, &done).await.expect(303);
    let again = clerk.get(&bank).await.expect(200).says("企业周五送来");
    assert!(!again.text().contains("登记联系"));
    let desk = clerk.get("/branch").await.expect(200);
    assert!(!desk.text().contains("待回电"), "nobody waits any more");
    let form = clerk.get(&bank).await;
    let twice = clerk.submit_from(&form, &tick, &done).await;
    let told = clerk.follow(twice).await;
    told.says("已由其他人登记");
    scene.deliver().await;
    owner
        .get(&own)
        .await
        .expect(200)
        .says("2026-11-25 09:30 已联系（钱云诚）");
    let titles = scene.titles(scene.world.cangzhou.id, true).await;
    assert!(
        titles.contains(&"受理支行已登记联系".to_owned()),
        "{titles:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_thread_is_opened_by_the_branch_as_its_materials_are() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let own = format!("/enterprise/applications/{id}/thread");
    let owner = &scene.enterprise.browser;
    let page = owner.get(&own).await.expect(200);
    let card = media::sample_card("购销合同", &["样张".into()]).expect("drawn");
    let (csrf, key) = (page.csrf(), page.input("_key").expect("a key"));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("kind", "text"),
        ("body", ""),
    ];
    let files = [("file", "合同.jpg", card.jpeg)];
    owner.upload(&own, &fields, &files).await.expect(303);
    let clerk = &scene.clerk.browser;
    let bank = format!("/branch/applications/{id}/thread");
    let page = clerk.get(&bank).await.expect(200).says("查看文件");
    let text = page.text();
    let href = text
        .split(&format!("href=\"/branch/applications/{id}/materials/"))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("its link");
    clerk
        .get(&format!("/branch/applications/{id}/materials/{href}"))
        .await
        .expect(200)
        .says("沟通文件");
    clerk
        .get(&format!("/branch/applications/{id}"))
        .await
        .expect(200)
        .says("沟通中提交");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_its_two_sides_alone_and_closes_with_the_application() {
    let scene = scene().await;
    let id = scene.accepted().await;
    let (own, bank) = (
        format!("/enterprise/applications/{id}/thread"),
        format!("/branch/applications/{id}/thread"),
    );
    let owner = &scene.enterprise.browser;
    say(owner, &own, &[("kind", "text"), ("body", "您好")])
        .await
        .expect(303);
    // Another enterprise, another branch, the city: nobody.
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    sibling.browser.get(&own).await.expect(404);
    let elsewhere = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let other = scene.world.staff(elsewhere, "时嘉宁", &["bm", "bh"]).await;
    other.browser.get(&bank).await.expect(404);
    scene.supervisor.browser.get(&bank).await.expect(404);
    // Headquarters reads and leaves the talking to its branch; an approver reads.
    let hq = scene.world.staff(scene.bank, "贺兰舟", &["ha", "hp"]).await;
    let page = hq.browser.get(&bank).await.expect(200).says("您好");
    assert!(!page.text().contains(">发送<"));
    // Twenty an hour.
    for n in 1..20 {
        let body = format!("第 {n} 条");
        say(owner, &own, &[("kind", "text"), ("body", &body)])
            .await
            .expect(303);
    }
    let refused = say(owner, &own, &[("kind", "text"), ("body", "太多了")]).await;
    owner.follow(refused).await.says("一小时内已发送 20 条");
    let letters = "select count(*) from application_letters";
    assert_eq!(scene.count(letters).await, 20);
    scene.world.clock.advance(Duration::minutes(61));
    let owner = scene.fresh_owner().await;
    say(&owner, &own, &[("kind", "text"), ("body", "现在可以了")])
        .await
        .expect(303);
    // Withdrawn: the enterprise keeps what it wrote, the bank reads no more, nobody writes.
    let page = format!("/enterprise/applications/{id}/withdraw");
    say(&owner, &page, &[]).await.expect(303);
    let kept = owner.get(&own).await.expect(200).says("现在可以了");
    let closed = owner
        .submit_from(
            &kept,
            &own,
            &[
                ("_key", "0123456789abcdef0123"),
                ("kind", "text"),
                ("body", "喂"),
            ],
        )
        .await;
    owner.follow(closed).await.says("现在只能查看");
    scene.fresh(&scene.clerk).await.get(&bank).await.expect(409);
    let permit = application::access::Guard::job(scene.branch, [scene.branch].into());
    let mut work = scene.world.parts.pg.open(&permit).await.expect("it opens");
    let seen: i64 = sqlx::query_scalar("select count(*) from application_letters")
        .fetch_one(work.connection())
        .await
        .expect("it counts");
    assert_eq!(seen, 0, "the wall says so too");
}
