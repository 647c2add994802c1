//! 动态验证码: no session without it, a step once, recovery codes once, failures counted (S-13, S-22).

use application::ports::clock::Clock as _;
use journeys::{Answer, Browser, PASSWORD, StaffFixture, World};
use time::Duration;

use super::app_code;
use crate::account::sign_in;

struct Scene {
    world: World,
    clerk: StaffFixture,
}

async fn scene() -> Scene {
    let world = World::strict().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    Scene { world, clerk }
}

impl Scene {
    /// Gets as far as the password alone gets.
    async fn password(&self, next: &str) -> (Browser, Answer) {
        let browser = self.world.browser();
        let account = self.clerk.user.0.to_string();
        let page = format!("/staff/login?next={next}");
        let done = sign_in(&browser, &page, &account, PASSWORD)
            .await
            .expect(303);
        assert!(done.location().starts_with("/staff/second"));
        let shown = browser.get(done.location()).await;
        let shown = browser.follow(shown).await.expect(200);
        (browser, shown)
    }

    /// Sets the second factor up at the first sign-in; the recovery codes.
    async fn enrol(&self) -> (Browser, Vec<String>) {
        let (browser, shown) = self.password("/branch/queue").await;
        let code = app_code(&self.world, self.clerk.user, 0).await;
        let done = browser
            .submit_from(&shown, "/staff/enrol", &[("code", &code)])
            .await
            .expect(200)
            .says("只显示这一次");
        let text = done.text();
        let list = text.split("recovery-codes\">").nth(1).expect("the codes");
        let codes = list
            .split("</ul>")
            .next()
            .expect("a list ends")
            .split("<li>")
            .skip(1)
            .map(|one| one.split('<').next().expect("a code").to_owned())
            .collect();
        (browser, codes)
    }

    async fn second(&self, typed: &str) -> (Browser, Answer) {
        let (browser, shown) = self.password("").await;
        let done = browser
            .submit_from(&shown, "/staff/second", &[("code", typed)])
            .await;
        (browser, done)
    }

    async fn sessions(&self) -> i64 {
        sqlx::query_scalar("select count(*) from sessions where ended_at is null")
            .fetch_one(&self.world.owner)
            .await
            .expect("they are counted")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sign_in_sets_the_second_factor_up_and_only_then_opens_a_session() {
    let scene = scene().await;
    let before = scene.sessions().await;
    let (browser, shown) = scene.password("/branch/queue").await;
    shown.clone().says("绑定动态验证码").says("密钥");
    assert_eq!(scene.sessions().await, before, "no session before it");
    browser.get("/branch").await.expect(303);
    let qr = browser.get("/staff/enrol/qr.svg").await.expect(200);
    assert_eq!(qr.headers["content-type"], "image/svg+xml");
    assert_eq!(qr.headers["cache-control"], "no-store");
    browser
        .submit_from(&shown, "/staff/enrol", &[("code", "000000")])
        .await
        .expect(422)
        .says("动态验证码不正确");
    assert_eq!(scene.sessions().await, before);
    let code = app_code(&scene.world, scene.clerk.user, 0).await;
    let done = browser
        .submit_from(&shown, "/staff/enrol", &[("code", &code)])
        .await
        .expect(200);
    done.says("恢复码");
    browser.get("/branch").await.expect(200);
    // The page is not shown again: the enrolment is over.
    a_stranger_is_sent_away(&scene, &shown).await;
}

/// The letters of the secret that a page shows.
fn letters(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split("密钥：").nth(1).expect("a secret");
    let shown = rest.split("</p>").next().unwrap_or_default();
    shown.chars().filter(char::is_ascii_uppercase).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_being_set_up_is_shown_to_its_own_sign_in_only() {
    let scene = scene().await;
    // Somebody knows the password and has a look before the person comes.
    let (thief, before) = scene.password("").await;
    scene.world.clock.advance(Duration::seconds(1));
    let (browser, shown) = scene.password("").await;
    assert_ne!(letters(&before), letters(&shown));
    let again = browser.get("/staff/enrol").await.expect(200);
    assert_eq!(letters(&again), letters(&shown), "the same page once more");
    let code = app_code(&scene.world, scene.clerk.user, 0).await;
    browser
        .submit_from(&again, "/staff/enrol", &[("code", &code)])
        .await
        .expect(200);
    let late = thief
        .submit_from(&before, "/staff/enrol", &[("code", &code)])
        .await;
    assert!(late.status.is_client_error(), "{}", late.status);
    thief.get("/branch").await.expect(303);
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from pending_sign_ins where user_id = $1 and expires_at > $2 and new_secret is not null",
    )
    .bind(scene.clerk.user.0)
    .bind(scene.world.clock.now())
    .fetch_one(&scene.world.owner)
    .await
    .expect("they are counted");
    assert_eq!(kept, 1, "that of the sign-in that ended is gone");
}

async fn a_stranger_is_sent_away(scene: &Scene, shown: &Answer) {
    let stranger = scene.world.browser();
    stranger.get("/staff/enrol").await.expect(303);
    stranger.get("/staff/enrol/qr.svg").await.expect(303);
    let posted = stranger
        .submit_from(shown, "/staff/enrol", &[("code", "123456")])
        .await;
    assert!(posted.status.is_client_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_accepted_once_and_only_one_step_off() {
    let scene = scene().await;
    scene.enrol().await;
    // The code that set it up is used up.
    let used = app_code(&scene.world, scene.clerk.user, 0).await;
    let (_, refused) = scene.second(&used).await;
    refused.expect(422).says("已使用过");
    scene.world.clock.advance(Duration::seconds(90));
    for off in [-2, 2] {
        let code = app_code(&scene.world, scene.clerk.user, off).await;
        let (_, refused) = scene.second(&code).await;
        refused.expect(422).says("动态验证码不正确");
    }
    let late = app_code(&scene.world, scene.clerk.user, -1).await;
    let (browser, done) = scene.second(&late).await;
    assert_eq!(done.expect(303).location(), "/staff");
    browser.get("/branch").await.expect(200);
    let (_, refused) = scene.second(&late).await;
    refused.expect(422).says("已使用过");
    let early = app_code(&scene.world, scene.clerk.user, 1).await;
    scene.second(&early).await.1.expect(303);
    // A later step was used: the one before it is over too.
    let now = app_code(&scene.world, scene.clerk.user, 0).await;
    scene.second(&now).await.1.expect(422).says("已使用过");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_recovery_code_opens_once_and_proves_nothing() {
    let scene = scene().await;
    let (_, codes) = scene.enrol().await;
    assert_eq!(codes.len(), 10);
    let (browser, done) = scene.second(&codes[3].to_uppercase()).await;
    done.expect(303);
    browser
        .get("/branch/account")
        .await
        .expect(200)
        .says("剩余 9 个恢复码");
    scene.second(&codes[3]).await.1.expect(422);
    // With another one nobody gets past the fresh proof, and so not to another phone either.
    let page = "/staff/prove?next=/branch/account/second";
    browser.get("/branch/account/second").await.expect(303);
    browser
        .submit(page, "/staff/prove", &[("code", &codes[4])])
        .await
        .expect(422);
    browser.get("/branch/account/second").await.expect(303);
    let logged = "select count(*) from audit_entries where action = 'second_factor.recovery'";
    let count: i64 = sqlx::query_scalar(logged)
        .fetch_one(&scene.world.owner)
        .await
        .expect("it counts");
    assert_eq!(count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_phone_needs_the_one_before_and_ends_the_other_sessions() {
    let scene = scene().await;
    let (browser, codes) = scene.enrol().await;
    scene.world.clock.advance(Duration::seconds(60));
    let code = app_code(&scene.world, scene.clerk.user, 0).await;
    let (elsewhere, done) = scene.second(&code).await;
    done.expect(303);
    elsewhere.get("/branch").await.expect(200);
    scene.world.clock.advance(Duration::seconds(60));
    let code = app_code(&scene.world, scene.clerk.user, 0).await;
    let page = "/staff/prove?next=/branch/account/second";
    let proved = browser
        .submit(
            page,
            "/staff/prove",
            &[("code", &code), ("next", "/branch/account/second")],
        )
        .await
        .expect(303);
    let form = browser.get(proved.location()).await.expect(200);
    let code = app_code(&scene.world, scene.clerk.user, 0).await;
    browser
        .submit_from(&form, "/branch/account/second", &[("code", &code)])
        .await
        .expect(200)
        .says("只显示这一次");
    browser.get("/branch").await.expect(200);
    elsewhere.get("/branch").await.expect(303);
    scene.second(&codes[0]).await.1.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_make_it_wait_and_the_right_password_does_not_wipe_them() {
    let scene = scene().await;
    scene.enrol().await;
    scene.world.clock.advance(Duration::seconds(60));
    for _ in 0..5 {
        // Each time with the right password first.
        scene.second("000000").await.1.expect(422);
    }
    let right = app_code(&scene.world, scene.clerk.user, 0).await;
    let (_, refused) = scene.second(&right).await;
    refused.expect(429).says("分钟后再试");
    scene.world.clock.advance(Duration::minutes(16));
    let right = app_code(&scene.world, scene.clerk.user, 0).await;
    scene.second(&right).await.1.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn halfway_ends_after_ten_minutes_and_with_a_dismissal() {
    let scene = scene().await;
    scene.enrol().await;
    let (browser, shown) = scene.password("").await;
    scene.world.clock.advance(Duration::minutes(11));
    let code = app_code(&scene.world, scene.clerk.user, 0).await;
    browser
        .submit_from(&shown, "/staff/second", &[("code", &code)])
        .await
        .expect(401);
    let (browser, shown) = scene.password("").await;
    sqlx::query("update users set status = 'dismissed' where id = $1")
        .bind(scene.clerk.user.0)
        .execute(&scene.world.owner)
        .await
        .expect("dismissed");
    browser
        .submit_from(&shown, "/staff/second", &[("code", &code)])
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_demonstration_it_is_offered_and_once_bound_it_is_asked_for() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let account = clerk.user.0.to_string();
    let browser = world.browser();
    let done = sign_in(&browser, "/staff/login", &account, PASSWORD)
        .await
        .expect(303);
    assert_eq!(done.location(), "/staff");
    browser
        .get("/branch/account")
        .await
        .expect(200)
        .says("未绑定");
    browser.prove().await;
    let form = browser.get("/branch/account/second").await.expect(200);
    let code = app_code(&world, clerk.user, 0).await;
    browser
        .submit_from(&form, "/branch/account/second", &[("code", &code)])
        .await
        .expect(200);
    let done = sign_in(&world.browser(), "/staff/login", &account, PASSWORD)
        .await
        .expect(303);
    assert_eq!(done.location(), "/staff/second");
}
