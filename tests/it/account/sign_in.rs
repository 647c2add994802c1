//! 登录 (M-214, M-215): account, password and captcha; limits with the clock in hand.

use journeys::{Answer, PASSWORD, World};
use time::Duration;

use super::{GOOD, PHONE, ask_code, newest_code, sign_in};

async fn enterprise(world: &World) {
    world
        .new_enterprise(world.cangzhou.id, "沧州市岚峰机械有限公司", PHONE)
        .await;
}

async fn records(world: &World) -> Vec<String> {
    sqlx::query_scalar("select outcome from sign_in_records order by at, id")
        .fetch_all(&world.owner)
        .await
        .expect("records")
}

/// What a stranger can see of an answer.
fn seen(answer: &Answer) -> (u16, String) {
    let text = answer.text();
    let words = text.split("role=\"alert\"").nth(1).unwrap_or(&text);
    let words = words.split("</ul>").next().unwrap_or_default();
    (answer.status.as_u16(), words.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn right_account_password_and_captcha_lead_to_the_enterprise_centre() {
    let world = World::new().await;
    enterprise(&world).await;
    let browser = world.browser();
    let before = browser.get("/login").await;
    let done = sign_in(&browser, "/login", PHONE, PASSWORD)
        .await
        .expect(303);
    assert_eq!(done.location(), "/enterprise");
    let cookies: Vec<&str> = done
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .collect();
    assert!(
        cookies
            .iter()
            .any(|c| c.starts_with("sid=") && c.contains("HttpOnly") && c.contains("SameSite=Lax"))
    );
    assert!(cookies.iter().any(|c| c.starts_with("pre=;")));
    // What was bound to the pre-session opens nothing any more.
    browser
        .submit_from(&before, "/login", &[("account", PHONE)])
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_comes_back_to_where_one_was_but_never_elsewhere() {
    let world = World::new().await;
    enterprise(&world).await;
    let back = sign_in(&world.browser(), "/login?next=/market/7", PHONE, PASSWORD).await;
    assert_eq!(back.location(), "/market/7");
    for evil in [
        "https://evil.example",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "/%00/evil.example",
        "javascript:alert(1)",
        "/.//evil.example",
        "/%2E//evil.example",
        "/market/..//evil.example",
        "/market/%252e%252e/x",
        "/logout",
        "/logout?x=1",
        "/enterprise/messages/read",
    ] {
        let page = format!("/login?next={evil}");
        let answer = sign_in(&world.browser(), &page, PHONE, PASSWORD).await;
        assert_eq!(answer.location(), "/enterprise", "{evil}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_or_not_the_answer_is_the_same() {
    let world = World::new().await;
    enterprise(&world).await;
    let known = sign_in(&world.browser(), "/login", PHONE, "Wrong#12345").await;
    let unknown = sign_in(&world.browser(), "/login", "13900009999", "Wrong#12345").await;
    let nonsense = sign_in(&world.browser(), "/login", "<b>\"'", "Wrong#12345").await;
    assert_eq!(seen(&known), seen(&unknown));
    assert_eq!(seen(&known), seen(&nonsense));
    known.expect(422).says("账号或密码不正确，请重新输入。");
    assert_eq!(records(&world).await, ["wrong_password"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_fields_are_named_and_the_captcha_is_not_looked_at() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get("/login").await;
    let told = browser
        .submit_from(&page, "/login", &[])
        .await
        .expect(422)
        .says("请输入账号")
        .says("请输入密码")
        .says("请输入图形验证码")
        .says("为必填项")
        .text();
    assert!(told.find("id=\"error-summary\"") < told.find("<h1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_captcha_costs_no_failure() {
    let world = World::new().await;
    enterprise(&world).await;
    let browser = world.browser();
    let page = browser.get(&super::in_words("/login")).await;
    let fields = [("account", PHONE), ("password", "x"), ("captcha", "nein")];
    browser
        .submit_from(&page, "/login", &fields)
        .await
        .expect(422)
        .says("图形验证码不正确");
    assert!(records(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_look_at_a_captcha_is_all_at_sign_in_too() {
    let world = World::new().await;
    enterprise(&world).await;
    let browser = world.browser();
    let page = browser.get(&super::in_words("/login")).await;
    let answer = super::captcha_of(&page);
    let tries = [
        ("nein", 422, "图形验证码不正确"),
        (&answer, 422, "图形验证码已失效"),
    ];
    for (captcha, status, told) in tries {
        let fields = [
            ("account", PHONE),
            ("password", PASSWORD),
            ("captcha", captcha),
        ];
        let answered = browser.submit_from(&page, "/login", &fields).await;
        answered.expect(status).says(told);
    }
    assert!(records(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_is_bound_to_this_browser_and_form() {
    let world = World::new().await;
    let browser = world.browser();
    world
        .browser()
        .get("/captcha.png?form=password")
        .await
        .expect(404);
    browser.get("/login").await.expect(200);
    let picture = browser.get("/captcha.png?form=password").await.expect(200);
    assert_eq!(&picture.body[1..4], b"PNG");
    assert_eq!(picture.headers["cache-control"], "no-store");
    browser.get("/captcha.png?form=nonsense").await.expect(404);
    for _ in 0..29 {
        browser.get("/captcha.png?form=password").await.expect(200);
    }
    let over = browser.get("/captcha.png?form=password").await.expect(429);
    assert!(over.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_from_one_place_make_it_wait_a_quarter_of_an_hour() {
    let world = World::new().await;
    enterprise(&world).await;
    for account in [PHONE, "13900009999"] {
        for _ in 0..5 {
            sign_in(&world.browser(), "/login", account, "Wrong#12345")
                .await
                .expect(422);
        }
        // Even the right password is not looked at, and an unknown account says the same.
        let blocked = sign_in(&world.browser(), "/login", account, PASSWORD)
            .await
            .expect(429)
            .says("请 15 分钟后再试");
        assert!(blocked.headers.contains_key("retry-after"));
        world.clock.advance(Duration::minutes(1));
    }
    world.clock.advance(Duration::minutes(15));
    sign_in(&world.browser(), "/login", PHONE, PASSWORD)
        .await
        .expect(303);
    assert!(records(&world).await.contains(&"blocked".to_owned()));
}

/// How often each bucket of attempts was hit, the accounts' ids and the addresses left out.
async fn counted(world: &World) -> Vec<(String, i64)> {
    sqlx::query_as(
        "select coalesce(substring(bucket from '(ip|day|row)'), 'near'), sum(hits)::bigint from rate_counters
         where bucket like 'in:%' group by 1 order by 1",
    )
    .fetch_all(&world.owner)
    .await
    .expect("counters")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_gives_its_own_attempt_back_and_ends_the_row_of_failures() {
    let world = World::new().await;
    enterprise(&world).await;
    for _ in 0..2 {
        for _ in 0..4 {
            sign_in(&world.browser(), "/login", PHONE, "Wrong#12345")
                .await
                .expect(422);
        }
        world.clock.advance(Duration::minutes(1));
        sign_in(&world.browser(), "/login", PHONE, PASSWORD)
            .await
            .expect(303);
    }
    let left = [("day".to_owned(), 8), ("ip".to_owned(), 8)];
    assert_eq!(counted(&world).await, left, "the failures alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_is_not_looked_at_is_not_counted() {
    let world = World::new().await;
    enterprise(&world).await;
    let mut before = Vec::new();
    for n in 0..8 {
        let told = sign_in(&world.browser(), "/login", PHONE, "Wrong#12345").await;
        told.expect(if n < 5 { 422 } else { 429 });
        if n == 5 {
            before = counted(&world).await;
        }
    }
    assert_eq!(counted(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_are_no_more_than_one_after_the_other() {
    let world = World::new().await;
    enterprise(&world).await;
    let tries = (0..12).map(|_| async {
        sign_in(&world.browser(), "/login", PHONE, "Wrong#12345")
            .await
            .status
            .as_u16()
    });
    let statuses = futures::future::join_all(tries).await;
    let looked_at = statuses.iter().filter(|s| **s == 422).count();
    assert!(looked_at <= 5, "{statuses:?}");
    assert!(
        records(&world)
            .await
            .iter()
            .filter(|r| *r == "wrong_password")
            .count()
            <= 5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_failures_a_day_leave_the_way_by_sms_open() {
    let world = World::new().await;
    enterprise(&world).await;
    for _ in 0..4 {
        for _ in 0..5 {
            sign_in(&world.browser(), "/login", PHONE, "Wrong#12345")
                .await
                .expect(422);
        }
        world.clock.advance(Duration::minutes(20));
    }
    sign_in(&world.browser(), "/login", PHONE, PASSWORD)
        .await
        .expect(422)
        .says("请使用短信登录");
    let browser = world.browser();
    let page = ask_code(&browser, "/login/sms", &[("phone", PHONE)])
        .await
        .expect(200);
    let code = newest_code(&world).await;
    let done = browser
        .submit_from(
            &page,
            "/login/sms",
            &[("phone", PHONE), ("sms_code", &code)],
        )
        .await
        .expect(303);
    assert_eq!(done.location(), "/enterprise");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_failures_an_hour_from_one_address_are_enough() {
    let world = World::new().await;
    for n in 0..50 {
        // Captchas are thirty a minute.
        if n % 12 == 11 {
            world.clock.advance(Duration::minutes(2));
        }
        let account = format!("139000{n:05}");
        sign_in(&world.browser(), "/login", &account, "Wrong#12345")
            .await
            .expect(422);
    }
    world.clock.advance(Duration::minutes(2));
    sign_in(&world.browser(), "/login", "13911112222", "Wrong#12345")
        .await
        .expect(429)
        .says("您所在网络的登录尝试过多");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sms_sign_in_answers_alike_for_a_phone_nobody_has() {
    let world = World::new().await;
    enterprise(&world).await;
    let known = ask_code(&world.browser(), "/login/sms", &[("phone", PHONE)]).await;
    let sent = super::messages(&world).await;
    let browser = world.browser();
    let unknown = ask_code(&browser, "/login/sms", &[("phone", "13955551234")])
        .await
        .expect(200)
        .says("验证码已发送至 139****1234");
    assert_eq!(known.status, unknown.status);
    assert!(
        super::messages(&world).await <= sent.max(1),
        "nothing was sent to it"
    );
    browser
        .submit_from(
            &unknown,
            "/login/sms",
            &[("phone", "13955551234"), ("sms_code", "123456")],
        )
        .await
        .expect(422)
        .says("短信验证码不正确");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_have_a_door_of_their_own() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let account = clerk.user.0.to_string();
    let done = sign_in(&world.browser(), "/staff/login", &account, PASSWORD)
        .await
        .expect(303);
    assert_eq!(done.location(), "/staff");
    let home = clerk.browser.get("/staff").await.expect(303);
    assert_eq!(home.location(), "/branch");
    // Halfway pages are for those who are halfway; whoever is in goes on.
    for page in ["/staff/second", "/staff/enrol"] {
        let on = clerk.browser.get(page).await.expect(303);
        assert_eq!(on.location(), "/staff");
    }
    // The enterprises' door does not know them.
    sign_in(&world.browser(), "/login", &account, PASSWORD)
        .await
        .expect(422)
        .says("账号或密码不正确");
    enterprise(&world).await;
    sign_in(&world.browser(), "/staff/login", PHONE, PASSWORD)
        .await
        .expect(422)
        .says("账号或密码不正确");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_one_city_is_unknown_in_the_other() {
    let world = World::new().await;
    enterprise(&world).await;
    sign_in(&world.browser_elsewhere(), "/login", PHONE, PASSWORD)
        .await
        .expect(422)
        .says("账号或密码不正确");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_with_a_session_that_is_over_reads_why_they_sign_in_again() {
    let world = World::new().await;
    enterprise(&world).await;
    let browser = world.browser();
    browser.get("/enterprise/account").await.expect(303);
    let page = browser.get("/login").await.expect(200);
    assert!(!page.text().contains("登录已超时"), "nobody was signed in");
    sign_in(&browser, "/login", PHONE, PASSWORD)
        .await
        .expect(303);
    world.clock.advance(Duration::minutes(31));
    browser.get("/enterprise/account").await.expect(303);
    browser
        .get("/login?next=/enterprise/account")
        .await
        .expect(200)
        .says("登录已超时，请重新登录");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_twice_is_once() {
    let world = World::new().await;
    enterprise(&world).await;
    let browser = world.browser();
    sign_in(&browser, "/login", PHONE, PASSWORD)
        .await
        .expect(303);
    let page = browser.get("/enterprise/account").await.expect(200);
    browser
        .post("/logout", &[])
        .await
        .expect(403)
        .says("页面已过期");
    let out = browser.submit_from(&page, "/logout", &[]).await.expect(303);
    assert_eq!(out.location(), "/login");
    browser.get("/login").await.expect(200).says("您已退出登录");
    browser.submit_from(&page, "/logout", &[]).await.expect(303);
    let away = browser.get("/enterprise/account").await.expect(303);
    assert_eq!(away.location(), "/login?next=/enterprise/account");
    // A form that was open is not lost on a dead session: it says so.
    browser
        .submit_from(&page, "/enterprise/account/password", &[("password", GOOD)])
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_inbox_is_a_page_of_its_city() {
    let world = World::new().await;
    ask_code(&world.browser(), "/register", &[("phone", PHONE)]).await;
    world
        .browser()
        .get("/demo/inbox")
        .await
        .expect(200)
        .says("139****1234")
        .says("用于用户注册");
    let other = world
        .browser_elsewhere()
        .get("/demo/inbox")
        .await
        .expect(200);
    assert!(!other.text().contains("139****1234"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_swept_away_and_what_counts_stays() {
    use application::ports::{clock::Clock as _, limits::Sweeper as _};
    let world = World::new().await;
    enterprise(&world).await;
    sign_in(&world.browser(), "/login", PHONE, "Wrong#12345").await;
    ask_code(&world.browser(), "/register", &[("phone", "13900007777")]).await;
    world.clock.advance(Duration::days(31));
    world
        .parts
        .door
        .sweep(world.clock.now())
        .await
        .expect("it sweeps");
    let left: Vec<String> = sqlx::query_scalar("select bucket from rate_counters")
        .fetch_all(&world.owner)
        .await
        .expect("counters");
    assert!(left.len() == 1 && left[0].ends_with(":row"), "{left:?}");
    for table in ["captchas", "sms_codes", "sessions"] {
        let rows: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
                .fetch_one(&world.owner)
                .await
                .expect("counted");
        assert_eq!(rows, 0, "{table}");
    }
}
