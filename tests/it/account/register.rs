//! 用户注册, F-1 and F-2.

use journeys::{Answer, Browser, World};
use time::Duration;

use super::{
    GOOD, PHONE, ask_code, captcha_of, in_words, messages, newest_code, open_agreements,
    registration, with, without,
};

/// A browser that has opened the texts and holds a code; the form page and the code.
async fn ready(world: &World, phone: &str) -> (Browser, Answer, String) {
    let browser = world.browser();
    browser.get("/register").await.expect(200);
    open_agreements(&browser).await;
    let form = ask_code(&browser, "/register", &[("phone", phone)])
        .await
        .expect(200)
        .says("验证码已发送至 139****1234");
    (browser, form, newest_code(world).await)
}

async fn people(world: &World) -> i64 {
    sqlx::query_scalar("select count(*) from users where enterprise_id is not null")
        .fetch_one(&world.owner)
        .await
        .expect("counted")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_registers_and_is_signed_in_at_once() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    let done = browser
        .submit_from(&form, "/register", &registration(PHONE, &code))
        .await
        .expect(303);
    assert_eq!(done.location(), "/register/done");
    browser
        .follow(done)
        .await
        .expect(200)
        .says("注册成功")
        .says("完善信息")
        .says("139****1234");
    let consents: Vec<(String, String, i32, String, String)> = sqlx::query_as(
        "select agreement_code, agreement_version, length(body_hash), channel, ip from consents order by agreement_code",
    )
    .fetch_all(&world.owner)
    .await
    .expect("consents");
    let codes: Vec<&str> = consents.iter().map(|c| c.0.as_str()).collect();
    assert_eq!(codes, ["enterprise_credit", "personal_credit", "register"]);
    for (code, version, hash, channel, ip) in &consents {
        let shown = &world.cangzhou.agreement(code).expect("a text").version;
        assert_eq!(
            (version, *hash, channel.as_str(), ip.as_str()),
            (shown, 32, "web", "127.0.0.1")
        );
    }
    // The account signs in afterwards from another browser (M-216).
    super::sign_in(&world.browser(), "/login", PHONE, GOOD)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn desktop_and_phone_print_their_own_labels() {
    let world = World::new().await;
    let desktop = world.browser().get("/register").await.expect(200);
    for words in [
        "用户注册",
        "企业全称",
        "请输入公司全称",
        "法人姓名",
        "请输入法人姓名",
        "注册地址",
        "请选择省份",
        "请选择城市",
        "请选择县区",
        "请选择乡镇",
        "请输入手机号",
        "获取验证码",
        "请输入短信验证码",
        "密码包含大写字母、小写字母、数字、标点符号中的三种以上，长度8-20",
        "请确认密码",
        "《沧州市中小企业智慧金融服务平台注册服务协议》",
        "《沧州市中小企业智慧金融服务平台企业社会信用信息查询授权书》",
        "《沧州市中小企业智慧金融服务平台个人社会信用信息查询授权书》",
        "手机扫码进入注册页面",
        "立即注册",
    ] {
        assert!(desktop.text().contains(words), "{words}");
    }
    // 获取验证码 belongs to 手机号, before 短信验证码 (M-107 to M-109, M-207, M-208).
    let phone = world.browser().get("/register?from=qr").await.expect(200);
    for page in [desktop.text(), phone.text()] {
        let at = |words: &str| page.find(words).expect("it is there");
        let code = at("for=\"f-sms_code\"");
        assert!(at("for=\"f-captcha\"") < at("for=\"f-phone\""));
        assert!(at("for=\"f-phone\"") < at("获取验证码") && at("获取验证码") < code);
    }
    assert!(phone.text().contains("法定代表人/经营者姓名"));
    assert!(!phone.text().contains("法人姓名"));
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_on_the_phone_is_noted_with_the_consents() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    let mut fields = registration(PHONE, &code);
    fields.push(("from", "qr"));
    browser
        .submit_from(&form, "/register", &fields)
        .await
        .expect(303);
    let channels: Vec<String> = sqlx::query_scalar("select distinct channel from consents")
        .fetch_all(&world.owner)
        .await
        .expect("consents");
    assert_eq!(channels, ["phone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_not_opened_cannot_be_ticked() {
    let world = World::new().await;
    let browser = world.browser();
    browser.get("/register").await.expect(200);
    let form = ask_code(&browser, "/register", &[("phone", PHONE)]).await;
    let code = newest_code(&world).await;
    let refused = browser
        .submit_from(&form, "/register", &registration(PHONE, &code))
        .await
        .expect(422)
        .says("请先打开《注册服务协议》，阅读全文后再勾选");
    assert!(!refused.text().contains("value=\"1\" checked"));
    assert_eq!(people(&world).await, 0);
    // Opened, but the box left alone.
    open_agreements(&browser).await;
    let fields = without(registration(PHONE, &code), "agree_personal_credit");
    browser
        .submit_from(&refused, "/register", &fields)
        .await
        .expect(422)
        .says("请阅读并勾选同意《个人社会信用信息查询授权书》");
    // The code was not used up by what was refused before it.
    browser
        .submit_from(&refused, "/register", &registration(PHONE, &code))
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_named_with_its_cure_and_the_rest_is_kept() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    let long = "长".repeat(101);
    let cases: &[(&str, &str, &str)] = &[
        ("company_name", "", "请输入企业全称"),
        ("company_name", &long, "企业全称不超过 100 个字"),
        ("company_name", "沧州😀公司", "企业全称不能包含表情"),
        (
            "company_name",
            "<script>alert(1)</script>",
            "企业全称不能包含表情、尖括号",
        ),
        ("legal_representative", "", "错误：</span>请输入法人姓名"),
        ("legal_representative", "John", "姓名应为汉字"),
        ("legal_representative", "张😀三", "姓名应为汉字"),
        ("province", "", "请选择省份"),
        ("township", "", "请选择乡镇"),
        ("township", "110101001", "所选地区的上下级不一致"),
        ("township", "999999999", "所选地区不存在"),
        ("phone", "", "请输入手机号"),
        ("phone", "12345", "手机号应为 11 位数字"),
        ("phone", "139😀0001234", "手机号应为 11 位数字"),
        ("sms_code", "", "请输入短信验证码"),
        ("sms_code", "12ab", "短信验证码应为 6 位数字"),
        ("password", "", "请输入密码"),
        ("password", "Ab1", "密码长度应为 8–20 位"),
        ("password", "Abcdefgh1234567890#xyz", "密码长度应为 8–20 位"),
        ("password", "abcdefgh", "三种以上"),
        ("password", "Abc 1234#", "密码不能包含空格"),
        ("password", "Abc1234#密码", "密码只能使用英文字母"),
        ("password", "Ab#00001234", "密码不能包含手机号"),
        ("password", "P@ssw0rd!", "过于常见"),
        ("password_again", "", "错误：</span>请确认密码"),
        ("password_again", "Kuaile#2037y", "两次输入的密码不一致"),
    ];
    for (field, value, words) in cases {
        let mut fields = with(registration(PHONE, &code), field, value);
        if *field == "province" {
            for level in ["city", "county", "township"] {
                fields = with(fields, level, "");
            }
        }
        let page = browser.submit_from(&form, "/register", &fields).await;
        assert_eq!(page.status.as_u16(), 422, "{field} {value}");
        let text = page.text();
        assert!(text.contains(words), "{field} {value}: {words}\n{text}");
        assert!(text.contains("<title>有错误："), "{field}");
        assert!(!text.contains(GOOD), "passwords are never printed back");
        assert!(!text.contains("<script>alert"), "{field} is escaped");
        if *field != "company_name" {
            assert!(
                text.contains("沧州市岚峰机械有限公司"),
                "{field}: the rest is kept"
            );
        }
    }
    // The phone's screen names the field as it prints it.
    let mut fields = with(registration(PHONE, &code), "legal_representative", "");
    fields.push(("from", "qr"));
    browser
        .submit_from(&form, "/register", &fields)
        .await
        .expect(422)
        .says("错误：</span>请输入法定代表人/经营者姓名");
    assert_eq!(people(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_sign_and_a_tampered_hidden_field_do_no_harm() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    let mut fields = with(
        registration(PHONE, &code),
        "company_name",
        "沧州市岚峰\0机械有限公司",
    );
    fields.push(("next", "//evil.example/"));
    fields.push(("tenant_id", "00000000-0000-0000-0000-000000000000"));
    fields.push(("roles", "pa"));
    let done = browser
        .submit_from(&form, "/register", &fields)
        .await
        .expect(303);
    assert_eq!(done.location(), "/register/done");
    let (name, roles): (String, Vec<String>) = sqlx::query_as(
        "select e.name, u.roles from enterprises e join users u on u.enterprise_id = e.id",
    )
    .fetch_one(&world.owner)
    .await
    .expect("one enterprise");
    assert_eq!(
        (name.as_str(), roles),
        ("沧州市岚峰机械有限公司", vec!["eo".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twice_it_registers_once_and_both_answers_are_glad() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    let pre = form.csrf();
    let mut fields = registration(PHONE, &code);
    fields.push(("_csrf", &pre));
    let (one, two) = tokio::join!(
        browser.post("/register", &fields),
        browser.post("/register", &fields)
    );
    let statuses = [one.status.as_u16(), two.status.as_u16()];
    assert_eq!(people(&world).await, 1);
    assert!(statuses.contains(&303), "{statuses:?}");
    assert!(
        statuses.iter().all(|s| [303, 403].contains(s)),
        "{statuses:?}\n{}\n{}",
        one.text(),
        two.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_back_button_after_registering_changes_nothing() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    browser
        .submit_from(&form, "/register", &registration(PHONE, &code))
        .await
        .expect(303);
    browser
        .submit_from(&form, "/register", &registration(PHONE, &code))
        .await
        .expect(403)
        .says("页面已过期");
    let again = browser.get("/register").await.expect(303);
    assert_eq!(again.location(), "/enterprise");
    assert_eq!(people(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_are_wrong_late_used_up_or_foreign_are_refused() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    browser
        .submit_from(&form, "/register", &registration(PHONE, wrong))
        .await
        .expect(422)
        .says("短信验证码不正确");
    // Another browser, the same phone and code: bound to the session.
    let stranger = world.browser();
    stranger.get("/register").await;
    open_agreements(&stranger).await;
    let strange = stranger.get("/register").await;
    stranger
        .submit_from(&strange, "/register", &registration(PHONE, &code))
        .await
        .expect(422)
        .says("请先获取短信验证码");
    // Another phone than the one the code went to.
    browser
        .submit_from(&form, "/register", &registration("13900005678", &code))
        .await
        .expect(422)
        .says("请先获取短信验证码");
    // Another purpose.
    let login = browser.get("/login/sms").await;
    browser
        .submit_from(
            &login,
            "/login/sms",
            &[("phone", PHONE), ("sms_code", &code)],
        )
        .await
        .expect(422);
    world.clock.advance(Duration::minutes(5));
    browser
        .submit_from(&form, "/register", &registration(PHONE, &code))
        .await
        .expect(422)
        .says("短信验证码已失效");
    assert_eq!(people(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_tries_burn_a_code() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        browser
            .submit_from(&form, "/register", &registration(PHONE, wrong))
            .await
            .expect(422);
    }
    browser
        .submit_from(&form, "/register", &registration(PHONE, &code))
        .await
        .expect(422)
        .says("短信验证码已失效");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_phone_is_registered_is_told_only_after_the_code() {
    let world = World::new().await;
    world
        .new_enterprise(world.cangzhou.id, "沧州市渤沃宸化工有限公司", PHONE)
        .await;
    let (browser, form, code) = ready(&world, PHONE).await;
    assert!(!form.text().contains("已注册"));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let guess = browser
        .submit_from(&form, "/register", &registration(PHONE, wrong))
        .await;
    assert!(!guess.text().contains("该手机号已注册"));
    browser
        .submit_from(&form, "/register", &registration(PHONE, &code))
        .await
        .expect(422)
        .says("该手机号已注册。请直接登录，或找回密码。");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_wants_a_captcha_of_its_own_and_one_look_is_all() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get(&in_words("/register")).await;
    let captcha = captcha_of(&page);
    let ask = |answer: &str| {
        vec![
            ("_action".to_owned(), "send_code".to_owned()),
            ("phone".to_owned(), PHONE.to_owned()),
            ("captcha".to_owned(), answer.to_owned()),
        ]
    };
    let send = async |answer: &str| {
        let fields = ask(answer);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        browser.submit_from(&page, "/register", &fields).await
    };
    send("").await.expect(422).says("请输入图形验证码");
    send("wrong").await.expect(422).says("图形验证码不正确");
    send(&captcha).await.expect(422).says("图形验证码已失效");
    assert_eq!(messages(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_is_over_after_three_minutes() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get(&in_words("/register")).await;
    let captcha = captcha_of(&page);
    world.clock.advance(Duration::minutes(3));
    browser
        .submit_from(
            &page,
            "/register",
            &[
                ("_action", "send_code"),
                ("phone", PHONE),
                ("captcha", &captcha),
            ],
        )
        .await
        .expect(422)
        .says("图形验证码已失效");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_comes_late_does_not_void_the_question_asked_after_it() {
    let world = World::new().await;
    let browser = world.browser();
    browser.get("/register").await;
    world.clock.advance(Duration::seconds(1));
    let page = browser.get(&in_words("/register")).await;
    world.clock.advance(Duration::seconds(-1));
    browser
        .get("/captcha.png?form=register&n=1")
        .await
        .expect(200);
    world.clock.advance(Duration::seconds(1));
    let captcha = captcha_of(&page);
    let asked = [
        ("_action", "send_code"),
        ("phone", PHONE),
        ("captcha", &captcha),
    ];
    browser
        .submit_from(&page, "/register", &asked)
        .await
        .says("验证码已发送至");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_phone_gets_one_code_a_minute_five_an_hour_ten_a_day() {
    let world = World::new().await;
    for round in 0..12 {
        let page = ask_code(&world.browser(), "/register", &[("phone", PHONE)]).await;
        match round {
            0..5 => drop(page.expect(200)),
            5 => drop(page.expect(429).says("分钟后再试")),
            6..11 => drop(page.expect(200)),
            _ => drop(page.expect(429).says("小时后再试")),
        }
        if round == 0 {
            let soon = ask_code(&world.browser(), "/register", &[("phone", PHONE)]).await;
            assert!(soon.headers.contains_key("retry-after"));
            soon.expect(429).says("秒后再试");
        }
        let pause = if round == 5 {
            Duration::minutes(60)
        } else {
            Duration::seconds(61)
        };
        world.clock.advance(pause);
    }
    assert_eq!(messages(&world).await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_citys_daily_budget_is_one_for_notices_and_codes_and_stops_newcomers() {
    let world = World::with(|city| city.sms_daily_budget = 2).await;
    let ask = async |phone: &str| {
        let page = ask_code(&world.browser(), "/register", &[("phone", phone)]).await;
        page.status.as_u16()
    };
    assert_eq!(ask("13900000001").await, 200);
    sqlx::query(
        "insert into sms_tries (id, tenant_id, message_id, template, phone_masked, provider, state, at)
         select gen_random_uuid(), $1, gen_random_uuid(), 'accepted', '138****0001', 'aliyun', 'accepted', $2 from generate_series(1, 2)",
    )
    .bind(world.cangzhou.id.0)
    .bind(world.parts.clock.now())
    .execute(&world.owner)
    .await
    .expect("two notices went out");
    assert_eq!(ask("13900000002").await, 429);
    world.clock.advance(Duration::hours(25));
    assert_eq!(ask("13900000003").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_use_up_the_daily_budget_and_asked_for_at_once_never_go_beyond_it() {
    let world = World::with(|city| city.sms_daily_budget = 3).await;
    let ask = async |phone: &str| {
        let page = ask_code(&world.browser(), "/register", &[("phone", phone)]).await;
        page.status.as_u16()
    };
    let phones = (1..=5).map(|n| format!("1390000000{n}"));
    let asked = phones.map(async |phone| ask(&phone).await);
    let mut answers = futures::future::join_all(asked).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 200, 200, 429, 429]);
    assert_eq!(ask("13900000006").await, 429);
    assert_eq!(messages(&world).await, 3);
    world.clock.advance(Duration::hours(25));
    assert_eq!(ask("13900000006").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_asked_for_phones_that_nobody_has_take_nothing_from_the_budget() {
    let world = World::with(|city| city.sms_daily_budget = 2).await;
    for page in ["/login/sms", "/forgot", "/staff/login/sms", "/staff/forgot"] {
        let phone = [("phone", "13955551234")];
        ask_code(&world.browser(), page, &phone)
            .await
            .expect(200)
            .says("验证码已发送至 139****1234");
        world.clock.advance(Duration::seconds(61));
    }
    assert_eq!(messages(&world).await, 0);
    ask_code(&world.browser(), "/register", &[("phone", PHONE)])
        .await
        .expect(200);
    assert_eq!(messages(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_fifth_of_the_budget_is_for_phones_that_the_city_knows() {
    let world = World::with(|city| city.sms_daily_budget = 5).await;
    world
        .new_enterprise(world.cangzhou.id, "沧州市岚峰机械有限公司", PHONE)
        .await;
    let ask =
        async |page: &str, phone: &str| ask_code(&world.browser(), page, &[("phone", phone)]).await;
    let used_up = "今日短信发送量已达上限";
    for n in 1..=4 {
        ask("/register", &format!("1390000000{n}"))
            .await
            .expect(200);
    }
    ask("/register", "13900000005")
        .await
        .expect(429)
        .says(used_up);
    ask("/login/sms", PHONE).await.expect(200);
    let arrived = async {
        while messages(&world).await < 5 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), arrived)
        .await
        .expect("the last message");
    // At the end nobody learns whether a phone is known, also not from the minute that it has to wait.
    for phone in [PHONE, "13955551234"] {
        ask("/login/sms", phone).await.expect(429).says(used_up);
    }
    assert_eq!(messages(&world).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_or_from_elsewhere_a_form_is_refused() {
    let world = World::new().await;
    let (browser, form, code) = ready(&world, PHONE).await;
    browser
        .post("/register", &registration(PHONE, &code))
        .await
        .expect(403)
        .says("页面已过期");
    let csrf = form.csrf();
    let mut fields = registration(PHONE, &code);
    fields.push(("_csrf", &csrf));
    let foreign = browser
        .raw(reqwest::Method::POST, "/register")
        .header("origin", "https://evil.example")
        .form(&fields);
    browser.answer(foreign).await.expect(403);
    world
        .browser_at("stranger.localhost")
        .get("/register")
        .await
        .expect(404);
    assert_eq!(people(&world).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_the_next_level_of_the_address_comes_with_the_form() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get("/register").await;
    let fields = [
        ("_action", "next_level"),
        ("company_name", "沧州市岚峰机械有限公司"),
        ("province", "440000"),
    ];
    let next = browser
        .submit_from(&page, "/register", &fields)
        .await
        .expect(200)
        .says("广州市")
        .says("沧州市岚峰机械有限公司");
    assert!(!next.text().contains("role=\"alert\""), "no errors yet");
    browser
        .get("/options/regions?parent=130900")
        .await
        .expect(200)
        .says("运河区");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_door_sends_codes_with_the_same_rules() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.get(&in_words("/register")).await;
    let csrf = page.csrf();
    let captcha = captcha_of(&page);
    let ask = async |answer: &str| {
        let fields = [
            ("_csrf", csrf.as_str()),
            ("purpose", "register"),
            ("phone", PHONE),
            ("captcha", answer),
            ("captcha_kind", "text"),
        ];
        browser.post("/sms-code", &fields).await
    };
    ask(&captcha)
        .await
        .expect(200)
        .says("\"ok\":true")
        .says("\"wait\":60");
    let refused = ask("1").await.expect(422);
    assert!(refused.text().contains("\"field\":\"captcha\""));
    assert!(
        refused.text().contains("等于几"),
        "a new question comes along"
    );
}
