//! 协议管理: versions in force by their date, older consents as they are, and asking again.

use journeys::{Answer, EnterpriseFixture};
use time::macros::datetime;
use uuid::Uuid;

use super::{Scene, fill, press, scene};

impl Scene {
    /// The next version of the registration agreement, published for the 26th.
    async fn revised(&self, again: bool) {
        let page = self
            .writer
            .browser
            .get("/operator/agreements")
            .await
            .expect(200);
        let begun = self
            .writer
            .browser
            .submit_from(&page, "/operator/agreements/register/draft", &[])
            .await
            .expect(303);
        let id = super::id_in(&begun);
        let edit = format!("/operator/content/{id}/edit");
        let mut fields = vec![
            ("title", "沧州市中小企业智慧金融服务平台注册服务协议"),
            ("body", "## 一、服务内容\n\n新的服务条款。"),
            ("summary", "增加了数据导出的说明。"),
            ("show_from", "2026-11-26"),
        ];
        if again {
            fields.push(("reconsent", "1"));
        }
        press(&self.writer.browser, &edit, &fields)
            .await
            .expect(303);
        self.submit(id).await;
        self.publish(id).await;
        self.world.in_force().await;
    }

    /// Notes that somebody accepted a version, as registering does.
    async fn accepted(&self, who: &EnterpriseFixture, version: &str) {
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, channel, granted_at)
             select $1, $2, $3, $4, code, version, title, body_hash, 'register', 'web', now() from agreements
             where tenant_id = $2 and code = 'register' and version = $5",
        )
        .bind(Uuid::new_v4())
        .bind(self.world.cangzhou.id.0)
        .bind(who.id.0)
        .bind(who.user.0)
        .bind(version)
        .execute(&self.world.owner)
        .await
        .expect("it is noted");
    }

    fn shipped(&self) -> String {
        let text = self.world.cangzhou.agreement("register");
        text.expect("it is there").version.clone()
    }
}

async fn enter(who: &EnterpriseFixture) -> Answer {
    who.browser.get("/enterprise/applications").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_is_in_force_from_its_date_and_the_older_one_stays_readable() {
    let scene = scene().await;
    let visitor = scene.world.browser();
    let old = scene.shipped();
    scene.revised(false).await;
    let page = visitor.get("/agreements/register").await.expect(200);
    page.says(&old).says("2026.3 自 2026-11-26 起施行");
    let coming = visitor
        .get("/agreements/register?version=2026.3")
        .await
        .expect(200);
    coming.says("新的服务条款。").says("将要施行");
    scene.world.clock.set(datetime!(2026-11-26 00:00 +8));
    let page = visitor.get("/agreements/register").await.expect(200);
    page.says("版本 2026.3").says("新的服务条款。");
    let before = visitor
        .get(&format!("/agreements/register?version={old}"))
        .await
        .expect(200);
    before.says("这是以前的版本");
    // Registering names the version of now.
    let read = scene.world.parts.cities.by_id(scene.world.cangzhou.id);
    let read = read.expect("the city is there");
    assert_eq!(
        read.agreement("register").expect("a text").version,
        "2026.3"
    );
    let rewritten = sqlx::query("update agreements set body = '改写' where version = '2026.3'")
        .execute(&scene.world.owner)
        .await;
    assert!(rewritten.is_err(), "a version keeps its words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_leaves_an_agreement_to_whoever_published_it_last() {
    let scene = scene().await;
    scene.revised(false).await;
    let mut city = (*scene.world.cangzhou).clone();
    for text in &mut city.agreements {
        if text.code == "register" {
            // The same label with other words would stop a start; the operator's text is none of the file's business.
            text.version = "2026.3".to_owned();
            text.body = "档案里的另一个文本".into();
        }
    }
    yijianrong::seed::content::basics(&scene.world.parts.pool, &city)
        .await
        .expect("the start goes on");
    fill(&scene.world).await;
    scene.world.clock.set(datetime!(2026-11-26 00:00 +8));
    let page = scene
        .world
        .browser()
        .get("/agreements/register")
        .await
        .expect(200);
    page.says("新的服务条款。");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_accepted_an_older_version_is_asked_again_and_noted_once_read_and_ticked() {
    let scene = scene().await;
    let old = scene.shipped();
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    scene.accepted(&owner, &old).await;
    scene.revised(true).await;
    enter(&owner).await.expect(200);
    scene.world.clock.set(datetime!(2026-11-26 00:00 +8));
    let owner = scene.again(&owner).await;
    let led = enter(&owner).await.expect(303);
    assert!(
        led.location().starts_with("/enterprise/agreements?next="),
        "{}",
        led.location()
    );
    // One's own rights stay open.
    for path in [
        "/enterprise/account",
        "/enterprise/consents",
        "/enterprise/messages",
    ] {
        owner.browser.get(path).await.expect(200);
    }
    let page = owner.browser.get(led.location()).await.expect(200);
    let page = page.says("增加了数据导出的说明。").says("注册服务协议");
    let tick = [
        ("agree_register", "1"),
        ("next", "/enterprise/applications"),
    ];
    owner
        .browser
        .submit_from(&page, "/enterprise/agreements", &tick)
        .await
        .expect(422)
        .says("打开");
    assert_eq!(scene.count(FRESH).await, 0, "unread is not accepted");
    owner.browser.get("/agreements/register").await.expect(200);
    let untouched = owner
        .browser
        .submit_from(&page, "/enterprise/agreements", &[])
        .await;
    untouched.expect(422);
    let done = owner
        .browser
        .submit_from(&page, "/enterprise/agreements", &tick)
        .await
        .expect(303);
    assert_eq!(done.location(), "/enterprise/applications");
    owner
        .browser
        .submit_from(&page, "/enterprise/agreements", &tick)
        .await
        .expect(303);
    assert_eq!(scene.count(FRESH).await, 1, "twice is once");
    let whole = "select count(*) from consents c join agreements a on a.version = c.agreement_version and a.code = c.agreement_code
                 and a.tenant_id = c.tenant_id where c.agreement_version = '2026.3' and c.body_hash = a.body_hash
                 and c.channel = 'web' and c.ip <> '' and c.granted_at = '2026-11-26 00:00+08'";
    assert_eq!(scene.count(whole).await, 1);
    enter(&owner).await.expect(200);
    let kept = "select count(*) from consents where agreement_version <> '2026.3' and withdrawn_at is null";
    assert_eq!(
        scene.count(kept).await,
        1,
        "the older consent stays as it was"
    );
}

const FRESH: &str = "select count(*) from consents where agreement_version = '2026.3'";

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_asks_nobody_leads_nobody_away_and_neither_do_those_who_accepted_nothing() {
    let scene = scene().await;
    let old = scene.shipped();
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    scene.accepted(&owner, &old).await;
    scene.revised(false).await;
    scene.world.clock.set(datetime!(2026-11-26 00:00 +8));
    let owner = scene.again(&owner).await;
    enter(&owner).await.expect(200);
    let fresh = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    enter(&fresh).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_ticked_at_registration_may_ask_again() {
    let scene = scene().await;
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let list = scene
        .writer
        .browser
        .get("/operator/agreements")
        .await
        .expect(200);
    let begun = scene
        .writer
        .browser
        .submit_from(&list, "/operator/agreements/face/draft", &[])
        .await
        .expect(303);
    let id = super::id_in(&begun);
    let edit = format!("/operator/content/{id}/edit");
    let form = scene.writer.browser.get(&edit).await.expect(200).text();
    assert!(!form.contains("须重新同意"), "{form}");
    let fields = [
        ("title", "人脸核验单独同意书"),
        ("body", "## 一、用途\n\n新的条款。"),
        ("summary", "写明了保存期限。"),
        ("show_from", "2026-11-27"),
        ("reconsent", "1"),
    ];
    press(&scene.writer.browser, &edit, &fields)
        .await
        .expect(422)
        .says("只有注册时勾选的协议可以要求重新同意");
    // One that was published so all the same leads nobody away, and writes no consent for a purpose that it has not.
    sqlx::query(
        "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
           body_hash, purpose, channel, granted_at)
         select gen_random_uuid(), $1, $2, $3, code, version, title, body_hash, 'face', 'web', now() from agreements
         where tenant_id = $1 and code = 'face'",
    )
    .bind(scene.world.cangzhou.id.0)
    .bind(owner.id.0)
    .bind(owner.user.0)
    .execute(&scene.world.owner)
    .await
    .expect("it is noted");
    sqlx::query(
        "insert into agreements (tenant_id, city_id, code, version, title, body, body_hash, published_at, reconsent, origin)
         select tenant_id, city_id, code, '2026.9', title, body, body_hash, '2026-11-27 00:00+08', true, 'operator'
         from agreements where tenant_id = $1 and code = 'face' limit 1",
    )
    .bind(scene.world.cangzhou.id.0)
    .execute(&scene.world.owner)
    .await
    .expect("it is published");
    scene.world.in_force().await;
    scene.world.clock.set(datetime!(2026-11-27 00:00 +8));
    let owner = scene.again(&owner).await;
    enter(&owner).await.expect(200);
    let page = owner.browser.get("/enterprise/agreements").await;
    assert_eq!(page.expect(303).location(), "/enterprise");
}

impl Scene {
    /// A draft of the registration agreement that is to be in force from a day.
    async fn dated(&self, day: &str) -> Uuid {
        let browser = &self.writer.browser;
        let list = browser.get("/operator/agreements").await.expect(200);
        let begun = browser
            .submit_from(&list, "/operator/agreements/register/draft", &[])
            .await
            .expect(303);
        let id = super::id_in(&begun);
        let fields = [
            ("title", "沧州市中小企业智慧金融服务平台注册服务协议"),
            ("body", "## 一、服务内容\n\n新的服务条款。"),
            ("summary", "增加了数据导出的说明。"),
            ("show_from", day),
        ];
        press(browser, &format!("/operator/content/{id}/edit"), &fields)
            .await
            .expect(303);
        id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_has_passed_brings_no_version_into_force() {
    let scene = scene().await;
    // It is the 25th.
    let id = scene.dated("2020-01-01").await;
    let submit = format!("/operator/content/{id}/submit");
    let page = scene.writer.browser.get(&submit).await.expect(422);
    let page = page.says("施行日期应为今天或以后的日期");
    let revision = page.input("revision").expect("it says over what");
    let key = [
        ("revision", revision.as_str()),
        ("_key", "0123456789abcdef"),
    ];
    scene
        .writer
        .browser
        .submit_from(&page, &submit, &key)
        .await
        .expect(422)
        .says("施行日期应为今天或以后的日期");
    // Today is early enough, but not once it is over.
    let form = format!("/operator/content/{id}/edit");
    let fields = [
        ("title", "沧州市中小企业智慧金融服务平台注册服务协议"),
        ("body", "## 一、服务内容\n\n新的服务条款。"),
        ("summary", "增加了数据导出的说明。"),
        ("show_from", "2026-11-25"),
    ];
    press(&scene.writer.browser, &form, &fields)
        .await
        .expect(303);
    scene.submit(id).await;
    scene.world.clock.set(datetime!(2026-11-26 00:00 +8));
    let checker = scene
        .world
        .staff(scene.world.cangzhou.id, "卫之行", &["op"])
        .await;
    press(
        &checker.browser,
        &format!("/operator/content/{id}/publish"),
        &[],
    )
    .await
    .expect(409)
    .says("施行日期已过，没有发布");
    let none = "select count(*) from agreements where origin = 'operator'";
    assert_eq!(scene.count(none).await, 0);
}

/// Waits until a request stands before a row that somebody else holds.
async fn held_up(scene: &Scene, asked: &tokio::task::JoinHandle<Answer>) {
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while scene.count(waiting).await == 0 {
        assert!(!asked.is_finished(), "it did not wait");
    }
}

/// A draft that somebody else is just writing down.
const ANOTHER: &str = "insert into content_drafts (tenant_id, id, kind, code, status, title, form, authors, author_names, saved_at)
     values ($1, $2, $3, $4, 'draft', '别人的标题', '{}', array[$5], '{路遥知}', now())";

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_begin_a_draft_at_once_the_second_is_told() {
    let scene = scene().await;
    let (city, other) = (scene.world.cangzhou.id.0, scene.checker.user.0);
    let news: Uuid = sqlx::query_scalar(
        "select id from articles where tenant_id = $1 and kind = 'news' limit 1",
    )
    .bind(city)
    .fetch_one(&scene.world.owner)
    .await
    .expect("a text of the files");
    let edit = format!("/operator/content/{news}/edit");
    let begin = "/operator/agreements/register/draft".to_owned();
    let list = "/operator/agreements".to_owned();
    for (id, kind, code, page, path, fields) in [
        (
            news,
            "news",
            "",
            edit.clone(),
            edit,
            [super::NEWS.to_vec(), vec![("revision", "0")]].concat(),
        ),
        (
            Uuid::new_v4(),
            "agreement",
            "register",
            list,
            begin,
            Vec::new(),
        ),
    ] {
        let browser = scene.writer.browser.clone();
        let form = browser.get(&page).await.expect(200);
        let mut theirs = scene.world.owner.begin().await.expect("it begins");
        sqlx::query(ANOTHER)
            .bind(city)
            .bind(id)
            .bind(kind)
            .bind(code)
            .bind(other)
            .execute(&mut *theirs)
            .await
            .expect("it is written");
        let asked = tokio::spawn(async move { browser.submit_from(&form, &path, &fields).await });
        held_up(&scene, &asked).await;
        theirs.commit().await.expect("the other one is done");
        let told = asked.await.expect("it ends").expect(409);
        told.says("路遥知已修改这份内容");
    }
    let kept = "select count(*) from content_drafts where title = '别人的标题' and revision = 1";
    assert_eq!(scene.count(kept).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_begun_twice_by_one_click_is_the_same_draft() {
    let scene = scene().await;
    let browser = &scene.writer.browser;
    let list = browser.get("/operator/agreements").await.expect(200);
    let path = "/operator/agreements/register/draft";
    let first = browser.submit_from(&list, path, &[]).await.expect(303);
    // Let through meanwhile: a late second click begins no new draft.
    let spent = "update content_drafts set status = 'published' where code = 'register'";
    sqlx::query(spent)
        .execute(&scene.world.owner)
        .await
        .expect("it is spent");
    let second = browser.submit_from(&list, path, &[]).await.expect(303);
    assert_eq!(first.location(), second.location());
    let kept = "select count(*) from content_drafts where code = 'register' and status = 'published' and revision = 1";
    assert_eq!(scene.count(kept).await, 1);
}

impl Scene {
    /// The same person with a session of now: the night ended the one before.
    async fn again(&self, who: &EnterpriseFixture) -> EnterpriseFixture {
        let kind = application::ports::sessions::SessionKind::Enterprise;
        EnterpriseFixture {
            id: who.id,
            user: who.user,
            phone: who.phone.clone(),
            name: who.name.clone(),
            browser: self
                .world
                .signed_in(who.user, kind, journeys::CANGZHOU_HOST)
                .await,
        }
    }
}
