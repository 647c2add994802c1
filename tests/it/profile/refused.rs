//! What the form refuses, in its own words and at its field, and what is never lost over it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_empty_field_is_named_and_what_was_typed_stays() {
    let (_world, enterprise) = newcomer().await;
    let page = enterprise.browser.get("/enterprise/profile").await;
    let answer = enterprise
        .browser
        .submit_from(
            &page,
            "/enterprise/profile",
            &[
                ("_action", "save"),
                ("address", "留住我"),
                ("password", "Abc1!xyz9"),
            ],
        )
        .await
        .expect(422);
    for words in [
        "请上传营业执照照片",
        "请上传法人身份证正面照片",
        "请上传法人身份证反面照片",
        "请输入企业名称",
        "请输入统一社会信用代码",
        "请输入法定代表人姓名",
        "请输入法定代表人身份证号",
        "请输入法定代表人联系电话",
        "请选择省份",
        "请选择第一产业",
        "请确认密码",
        "请输入手机验证码",
        "有错误：完善信息",
        "留住我",
    ] {
        assert!(answer.text().contains(words), "{words}");
    }
    assert!(
        !answer.text().contains("Abc1!xyz9"),
        "passwords do not stay"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_values_are_refused_with_their_own_words() {
    let (world, enterprise) = newcomer().await;
    put_all(&enterprise.browser).await;
    let long = "长".repeat(300);
    let long = long.as_str();
    for (field, value, words) in [
        ("unified_social_credit_code", "91130900PDY00001XX", "校验码"),
        (
            "unified_social_credit_code",
            "9113090OPDY00001XR",
            "是否应为 91130900PDY00001XR",
        ),
        ("unified_social_credit_code", "123", "应为 18 位"),
        ("legal_id", "110105188001010001", "最后一位与前面不符"),
        ("legal_id", "110105880101000", "15 位身份证号已停用"),
        ("contact_phone", "12345", "11 位手机号"),
        ("unified_social_credit_code", "统一😀", "应为 18 位"),
        ("registered_capital", "-5", "注册资本不能为负数"),
        ("registered_capital", "五百😀", "注册资本应为数字"),
        ("registered_capital", "1.234", "注册资本最多 2 位小数"),
        ("registered_capital", "<b>5</b>", "注册资本应为数字"),
        ("legal_representative", "John", "姓名应为汉字"),
        ("legal_representative", "顾😀舟", "姓名应为汉字"),
        ("legal_representative", long, "姓名不超过 30 个字"),
        ("legal_id", "", "错误：</span>请输入法定代表人身份证号"),
        ("legal_id", "110105😀", "身份证号应为 18 位，目前为 7 位"),
        (
            "legal_id",
            "<script>alert(1)</script>",
            "身份证号应为 18 位，目前为 25 位",
        ),
        ("name", long, "企业名称不超过 100 个字"),
        (
            "name",
            "<script>alert(1)</script>",
            "企业名称不能包含表情、尖括号",
        ),
        ("address", "", "错误：</span>请输入详细地址"),
        ("address", long, "详细地址不超过 200 个字"),
        ("address", "装备大街😀", "详细地址含有不能使用的符号"),
        (
            "address",
            "<script>alert(1)</script>",
            "详细地址含有不能使用的符号",
        ),
        ("township", "110101001", "上下级不一致"),
        ("group", "011", "上下级不一致"),
        (
            "recommender",
            "00000000-0000-7000-8000-000000000000",
            "推荐机构不存在",
        ),
        ("email", "nobody", "邮箱号格式不正确"),
        ("email", long, "邮箱号不超过"),
        ("name", "有限\u{1F600}公司", "企业名称不能包含表情"),
        ("password", "", "错误：</span>请输入密码"),
        ("password", "12345678", "三种以上"),
        ("password_again", "", "错误：</span>请确认密码"),
        ("password_again", "Anders#2037x", "两次输入的密码不一致"),
    ] {
        let answer = save(
            &world,
            &enterprise.browser,
            &[(field, value), ("sms_code", "000000")],
        )
        .await
        .expect(422);
        let text = answer.text();
        assert!(text.contains(words), "{field} {value}: {words}");
        assert!(!text.contains("<script>alert"), "{field} is escaped");
        assert!(!text.contains(GOOD), "{field}: passwords do not stay");
        let (kept, other) = match field {
            "address" => ("name", "沧州市瀚岳澜管道装备有限公司"),
            _ => ("address", "庆云镇装备大街 108 号"),
        };
        assert_eq!(answer.input(kept).as_deref(), Some(other), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_sign_is_left_out_and_a_tampered_field_changes_nothing_else() {
    let (world, owner) = newcomer().await;
    put_all(&owner.browser).await;
    let typed = [
        ("address", "庆云镇装备\0大街 108 号"),
        ("enterprise_id", "00000000-0000-7000-8000-000000000000"),
        ("face_verified", "1"),
        ("phone", "13900009999"),
    ];
    save(&world, &owner.browser, &typed).await.expect(303);
    let stored: (String, bool, i64) = sqlx::query_as(
        "select e.address, u.face_verified_at is not null, (select count(*) from enterprises where profile_completed_at is not null)
         from enterprises e join users u on u.enterprise_id = e.id where e.id = $1",
    )
    .bind(owner.id.0)
    .fetch_one(&world.owner)
    .await
    .expect("the row");
    assert_eq!(stored, ("庆云镇装备大街 108 号".to_owned(), false, 1));
}

const OTHER: &str = "Anders#2037x";

/// Whether this is the password to sign in with.
async fn signs_in(world: &World, owner: &EnterpriseFixture, password: &str) -> bool {
    let hash: String =
        sqlx::query_scalar("select password_hash from credentials where user_id = $1")
            .bind(owner.user.0)
            .fetch_one(&world.owner)
            .await
            .expect("a hash");
    let password = secrecy::SecretString::from(password);
    let verdict = world.parts.hasher.verify(&password, &hash).await;
    verdict.expect("it verifies").is_right()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_twice_at_one_moment_is_saved_once_and_told_twice() {
    let (world, owner) = newcomer().await;
    let browser = &owner.browser;
    put_all(browser).await;
    let code = ask_code(&world, browser).await;
    let page = browser.get("/enterprise/profile?edit=1").await.expect(200);
    let version = page.input("version").expect("a version");
    let mut fields = filled();
    fields.extend([("version", version.as_str()), ("sms_code", code.as_str())]);
    let path = "/enterprise/profile";
    let (one, two) = tokio::join!(
        browser.submit_from(&page, path, &fields),
        browser.submit_from(&page, path, &fields)
    );
    for saved in [one, two] {
        assert_eq!(saved.expect(303).location(), "/enterprise/face");
    }
    let times: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where action = 'profile.save'")
            .fetch_one(&world.owner)
            .await
            .expect("it counts");
    assert_eq!(times, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_twice_is_saved_once_and_a_used_code_saves_nothing_else() {
    let (world, owner) = newcomer().await;
    let browser = &owner.browser;
    put_all(browser).await;
    let code = ask_code(&world, browser).await;
    let page = browser.get("/enterprise/profile?edit=1").await.expect(200);
    let first = page.input("version").expect("a version");
    let used = [("version", first.as_str()), ("sms_code", code.as_str())];
    for _ in 0..2 {
        save(&world, browser, &used).await.expect(303);
    }
    // The password is a part of the form: nobody is told that another one was saved.
    let other = [
        used[0],
        used[1],
        ("password", OTHER),
        ("password_again", OTHER),
    ];
    for _ in 0..5 {
        let told = save(&world, browser, &other).await.expect(422);
        told.says("这次填写的密码与当时的不同，没有生效")
            .says("手机验证码已使用过，请重新获取");
    }
    assert!(signs_in(&world, &owner, GOOD).await);
    // Whoever guesses at it hears no more of it than on 账号安全.
    for guess in [&other[..], &used[..]] {
        let told = save(&world, browser, guess).await.expect(422);
        let told = told.says("手机验证码已使用过，请重新获取").text();
        assert!(!told.contains("没有生效"));
    }
    // By the back button: the form of before with another address; and the newest form with the code of before.
    let other = ("address", "庆云镇装备大街 109 号");
    for changes in [vec![used[0], used[1], other], vec![used[1], other]] {
        let told = save(&world, browser, &changes).await.expect(422);
        let told = told.says("手机验证码已使用过，请重新获取");
        assert_eq!(told.input("address").as_deref(), Some(other.1));
    }
    let stored: String = sqlx::query_scalar("select address from enterprises where id = $1")
        .bind(owner.id.0)
        .fetch_one(&world.owner)
        .await
        .expect("the row");
    assert_eq!(stored, "庆云镇装备大街 108 号");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_nobody_or_a_wrong_one_saves_nothing() {
    let (world, enterprise) = newcomer().await;
    put_all(&enterprise.browser).await;
    save(&world, &enterprise.browser, &[("sms_code", "123456")])
        .await
        .expect(422)
        .says("请先获取手机验证码");
    let code = ask_code(&world, &enterprise.browser).await;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    save(&world, &enterprise.browser, &[("sms_code", wrong)])
        .await
        .expect(422)
        .says("手机验证码不正确");
    let complete: bool = sqlx::query_scalar(
        "select profile_completed_at is not null from enterprises where id = $1",
    )
    .bind(enterprise.id.0)
    .fetch_one(&world.owner)
    .await
    .expect("the row");
    assert!(!complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_another_enterprise_has_is_refused() {
    let world = World::new().await;
    complete(&world, "13900001001").await;
    world.clock.advance(time::Duration::minutes(1));
    let second = world
        .new_enterprise(world.cangzhou.id, "沧州市另一家商贸有限公司", "13900001002")
        .await;
    put_all(&second.browser).await;
    let code = ask_code(&world, &second.browser).await;
    let same = ("sms_code", code.as_str());
    save(&world, &second.browser, &[same])
        .await
        .expect(422)
        .says("已由其他账号登记");
    // Nothing was saved with the code: it is still good for the form put right.
    let own = ("unified_social_credit_code", "91130900PDY000028R");
    save(&world, &second.browser, &[same, own])
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_or_tampered_version_overwrites_nothing() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    world.clock.advance(time::Duration::minutes(2));
    let stale = [("version", "1"), ("address", "庆云镇装备大街 109 号")];
    save(&world, &enterprise.browser, &stale)
        .await
        .expect(409)
        .says("已被他人更新");
    let stored: String = sqlx::query_scalar("select address from enterprises where id = $1")
        .bind(enterprise.id.0)
        .fetch_one(&world.owner)
        .await
        .expect("the row");
    assert_eq!(stored, "庆云镇装备大街 108 号");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_changes_nothing() {
    let (world, enterprise) = newcomer().await;
    enterprise
        .browser
        .post("/enterprise/profile", &[("_csrf", "foreign")])
        .await
        .expect(403);
    world.browser().get("/enterprise/profile").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_after_sign_out_waits_on_the_page_until_its_person_is_back() {
    let (world, owner) = newcomer().await;
    let browser = &owner.browser;
    let page = browser.get("/enterprise/profile").await.expect(200);
    let (old, version) = (page.csrf(), page.input("version").expect("a version"));
    let left = browser.submit_from(&page, "/logout", &[]).await;
    left.expect(303);
    let here = format!(
        "http://{}:{}",
        journeys::CANGZHOU_HOST,
        world.address.port()
    );
    let send = async |browser: &Browser, from: &str, csrf: &str| {
        let mut fields = filled();
        fields.extend([("_csrf", csrf), ("version", version.as_str())]);
        let request = browser.raw(reqwest::Method::POST, "/enterprise/profile");
        let request = request.header("origin", from).form(&fields);
        browser.answer(request).await
    };
    let kept = |page: &Answer| page.input("address");
    let address = Some("庆云镇装备大街 108 号".to_owned());
    let told = send(browser, &here, &old).await.expect(403);
    let told = told.says("内容没有提交成功").says("去登录");
    assert_eq!(kept(&told), address);
    assert!(!told.text().contains(GOOD), "passwords do not stay");
    let back = world
        .signed_in(
            owner.user,
            application::ports::sessions::SessionKind::Enterprise,
            journeys::CANGZHOU_HOST,
        )
        .await;
    // What somebody else's page sends is offered to nobody, whatever it says.
    for strange in ["https://evil.example", "null"] {
        let told = send(&back, strange, &old).await.expect(403);
        assert_eq!(kept(&told), None, "{strange}");
    }
    let told = send(&back, &here, &old).await.expect(403);
    assert_eq!(kept(&told), address);
    let form = send(&back, &here, &told.csrf()).await.expect(422);
    let form = form.says("请输入手机验证码");
    assert_eq!(kept(&form), address);
}
