//! The form: what it takes, what it refuses, what else changes when it is saved.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_prints_the_labels_of_the_manual_in_their_order() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    let page = enterprise
        .browser
        .get("/enterprise/profile")
        .await
        .expect(200)
        .says("沧州市示例商贸有限公司");
    let text = page.text();
    let start = text.find("带 <span").expect("the hint 带 * 为必填项");
    let mut at = start;
    // As printed: the star before the label, the colon after it.
    for label in [
        "*</span>营业执照照片:",
        "*</span>法人身份证正面照片:",
        "*</span>法人身份证反面照片:",
        "*</span>企业名称:",
        "*</span>统一社会信用代码:",
        ">注册资本:",
        "*</span>法定代表人姓名:",
        "*</span>法定代表人身份证号:",
        "*</span>法定代表人联系电话:",
        "*</span>注册区县:",
        ">请选择省份",
        ">请选择城市",
        ">请选择县区",
        ">请选择乡镇",
        "*</span>所属行业:",
        ">请选择第一产业",
        ">请选择第二产业",
        ">请选择第三产业",
        "*</span>详细地址:",
        ">推荐机构:",
        ">请选择推荐机构",
        ">邮箱号:",
        "*</span>密码:",
        "*</span>确认密码:",
        "*</span>手机验证码:",
        ">获取验证码",
    ] {
        at += text[at..]
            .find(label)
            .unwrap_or_else(|| panic!("{label} is missing or out of order"));
    }
    assert!(
        text.contains("识别照片并填写"),
        "photos may be read into the form"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_form_is_saved_and_leads_to_the_face_check() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    let second = world
        .signed_in(
            enterprise.user,
            application::ports::sessions::SessionKind::Enterprise,
            "cangzhou.localhost",
        )
        .await;
    put_all(&enterprise.browser).await;
    let saved = save(
        &world,
        &enterprise.browser,
        &[("next", "/enterprise/apply/1")],
    )
    .await
    .expect(303);
    assert_eq!(
        saved.location(),
        "/enterprise/face?next=/enterprise/apply/1"
    );
    // The other session ended with the old password; this one lives.
    second.get("/enterprise/profile").await.expect(303);
    enterprise
        .browser
        .get("/enterprise/profile")
        .await
        .expect(200)
        .says("110***********0009")
        .says("138****2037")
        .says("还需完成人脸核验");
    let (id, phone): (Vec<u8>, Vec<u8>) = sqlx::query_as(
        "select legal_id_sealed, contact_phone_sealed from enterprises where id = $1",
    )
    .bind(enterprise.id.0)
    .fetch_one(&world.owner)
    .await
    .expect("the row is there");
    for sealed in [id, phone] {
        let text = String::from_utf8_lossy(&sealed).into_owned();
        assert!(!text.contains(LEGAL_ID) && !text.contains("13800002037"));
    }
    let hash: String =
        sqlx::query_scalar("select password_hash from credentials where user_id = $1")
            .bind(enterprise.user.0)
            .fetch_one(&world.owner)
            .await
            .expect("a hash");
    let right = world
        .parts
        .hasher
        .verify(&secrecy::SecretString::from(GOOD), &hash)
        .await
        .expect("it verifies");
    assert!(
        right.is_right(),
        "the password became the one to sign in with"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_empty_field_is_named_and_what_was_typed_stays() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
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
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
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
    let world = World::new().await;
    let owner = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
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

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_twice_is_saved_once_and_a_used_code_saves_nothing_else() {
    let world = World::new().await;
    let owner = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    let browser = &owner.browser;
    put_all(browser).await;
    let code = ask_code(&world, browser).await;
    let page = browser.get("/enterprise/profile?edit=1").await.expect(200);
    let first = page.input("version").expect("a version");
    let used = [("version", first.as_str()), ("sms_code", code.as_str())];
    for _ in 0..2 {
        save(&world, browser, &used).await.expect(303);
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
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
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
    save(&world, &second.browser, &[])
        .await
        .expect(422)
        .says("已由其他账号登记");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_or_tampered_version_overwrites_nothing() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    world.clock.advance(time::Duration::minutes(2));
    save(&world, &enterprise.browser, &[("version", "1")])
        .await
        .expect(409)
        .says("已被他人更新");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_legal_representative_makes_the_face_check_start_anew() {
    let world = World::new().await;
    let enterprise = complete(&world, "13900001001").await;
    sqlx::query("update users set face_verified_at = now(), face_method = 'face' where id = $1")
        .bind(enterprise.user.0)
        .execute(&world.owner)
        .await
        .expect("verified");
    world.clock.advance(time::Duration::minutes(2));
    let kept = save(
        &world,
        &enterprise.browser,
        &[("legal_id", ""), ("contact_phone", "")],
    )
    .await
    .expect(303);
    assert_eq!(kept.location(), "/enterprise/profile", "nothing changed");
    world.clock.advance(time::Duration::minutes(2));
    let changed = save(
        &world,
        &enterprise.browser,
        &[("legal_representative", "贺澜清")],
    )
    .await
    .expect(303);
    assert_eq!(changed.location(), "/enterprise/face");
    let verified: bool =
        sqlx::query_scalar("select face_verified_at is not null from users where id = $1")
            .bind(enterprise.user.0)
            .fetch_one(&world.owner)
            .await
            .expect("the row");
    assert!(!verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_level_is_filled_without_script_and_nothing_is_lost() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    let page = enterprise.browser.get("/enterprise/profile").await;
    enterprise
        .browser
        .submit_from(
            &page,
            "/enterprise/profile",
            &[
                ("_action", "next_level"),
                ("province", "130000"),
                ("city", "130900"),
                ("sector", "2"),
                ("address", "留住我"),
            ],
        )
        .await
        .expect(200)
        .says("运河区")
        .says("留住我")
        .says("金属制品业");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_its_token_changes_nothing() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    enterprise
        .browser
        .post("/enterprise/profile", &[("_csrf", "foreign")])
        .await
        .expect(403);
    world.browser().get("/enterprise/profile").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_after_sign_out_waits_on_the_page_until_its_person_is_back() {
    let world = World::new().await;
    let owner = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
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

/// A proposal is taken back by the one who put it forward and by nobody else; then nobody settles it.
async fn taken_back(operator: &Browser, second: &Browser, case: &str) {
    let withdraw = [("_action", "withdraw"), ("withdraw_reason", "名称有误")];
    let refused = second.submit(case, case, &withdraw).await;
    refused.expect(409).says("只有提出人可以撤回");
    operator.prove().await;
    let taken_back = operator.submit(case, case, &withdraw).await;
    taken_back.expect(303);
    let settled = second.get(case).await.expect(200);
    settled.says("已撤回").says("名称有误");
    let yes = [("_action", "confirm"), ("_key", "0123456789abcdef0123")];
    second
        .submit("/operator/codes", case, &yes)
        .await
        .expect(409)
        .says("已由宋知远撤回");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_code_that_the_city_has_seen_on_the_licence_is_taken() {
    // Right in form, wrong in its last sign.
    const DOUBTFUL: &str = "911309253085920671";
    let world = World::new().await;
    let owner = world
        .new_enterprise(
            world.cangzhou.id,
            "沧州市瀚岳澜管道装备有限公司",
            "13900001001",
        )
        .await;
    put_all(&owner.browser).await;
    let typed = [("unified_social_credit_code", DOUBTFUL)];
    save(&world, &owner.browser, &typed)
        .await
        .expect(422)
        .says("由工作人员核实后登记");
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    let page = "/operator/codes";
    let form = [
        ("code", DOUBTFUL),
        ("company_name", "沧州市瀚岳澜管道装备有限公司"),
        ("evidence", "licence"),
        ("code_reason", "已核对营业执照原件"),
    ];
    let unseen = [form[0], form[1], ("evidence", ""), form[3]];
    operator
        .browser
        .submit(page, page, &unseen)
        .await
        .expect(422)
        .says("请选择核对依据")
        .says(DOUBTFUL);
    operator.browser.submit(page, page, &form).await.expect(303);
    operator
        .browser
        .submit(page, page, &form)
        .await
        .expect(422)
        .says("正在等待复核");
    // One person alone admits nothing, by the page or past it.
    world.clock.advance(time::Duration::minutes(2));
    save(&world, &owner.browser, &typed).await.expect(422);
    let proposal: uuid::Uuid = sqlx::query_scalar("select id from code_proposals")
        .fetch_one(&world.owner)
        .await
        .expect("a proposal");
    let case = format!("{page}/{proposal}");
    let own = operator.browser.get(&case).await.expect(200);
    let own = own.says("由提出人以外的平台运营人员复核").text();
    assert!(!own.contains("同意登记</button>"));
    let yes = [("_action", "confirm"), ("_key", "0123456789abcdef0123")];
    operator
        .browser
        .submit(page, &case, &yes)
        .await
        .expect(409)
        .says("两个人");
    let second = world.staff(world.cangzhou.id, "卫之行", &["op"]).await;
    let forced = sqlx::query(
        "update code_proposals set status = 'confirmed', settled_by = asked_by, settled_at = now()",
    )
    .execute(&world.owner)
    .await;
    assert!(forced.is_err(), "the one who asked as the one who admits");
    second.browser.prove().await;
    taken_back(&operator.browser, &second.browser, &case).await;
    operator.browser.submit(page, page, &form).await.expect(303);
    let open: uuid::Uuid =
        sqlx::query_scalar("select id from code_proposals where status = 'open'")
            .fetch_one(&world.owner)
            .await
            .expect("a proposal");
    let case = format!("{page}/{open}");
    second
        .browser
        .submit(&case, &case, &[("_action", "confirm")])
        .await
        .expect(303);
    second
        .browser
        .get(page)
        .await
        .expect(200)
        .says(DOUBTFUL)
        .says("卫之行");
    operator
        .browser
        .submit(page, page, &form)
        .await
        .expect(422)
        .says("无需重复登记");
    world.clock.advance(time::Duration::minutes(2));
    save(&world, &owner.browser, &typed).await.expect(303);
    let sound = [("code", CREDIT_CODE), form[1], form[2], form[3]];
    operator
        .browser
        .submit(page, page, &sound)
        .await
        .expect(422)
        .says("无需登记");
}

/// Leaves the form half filled: 保存草稿 instead of 保存并继续.
async fn leave_a_draft(browser: &Browser) {
    let page = browser
        .get("/enterprise/profile?edit=1")
        .await
        .expect(200)
        .says("保存草稿");
    let mut fields = filled();
    fields.retain(|(name, _)| !matches!(*name, "_action" | "unified_social_credit_code"));
    fields.push(("_action", "save_draft"));
    // Not a whole code yet: a draft may be wrong.
    fields.push(("unified_social_credit_code", "9113 0900"));
    let kept = browser
        .submit_from(&page, "/enterprise/profile", &fields)
        .await
        .expect(303);
    assert_eq!(kept.location(), "/enterprise/profile?edit=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_and_left_waits_sealed_for_whoever_typed_it_alone() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    let browser = &enterprise.browser;
    leave_a_draft(browser).await;
    let again = browser
        .get("/enterprise/profile")
        .await
        .expect(200)
        .says("已保存草稿 2026-11-25 09:30")
        .says("value=\"130925102\" selected");
    for (name, typed) in [
        ("name", "沧州市瀚岳澜管道装备有限公司"),
        ("unified_social_credit_code", "9113 0900"),
        ("legal_id", LEGAL_ID),
        ("contact_phone", "13800002037"),
        ("email", "finance@hanyuelan.example"),
    ] {
        assert_eq!(again.input(name).as_deref(), Some(typed), "{name}");
    }
    assert!(!again.text().contains(GOOD), "a password is never kept");
    let (sealed, stored): (Vec<u8>, bool) = sqlx::query_as(
        "select d.typed_sealed, e.legal_id_sealed is not null from profile_drafts d join enterprises e on e.id = d.enterprise_id",
    )
    .fetch_one(&world.owner)
    .await
    .expect("one draft");
    let text = String::from_utf8_lossy(&sealed);
    assert!(!text.contains(LEGAL_ID) && !text.contains("瀚岳澜"));
    assert!(!stored, "a draft changes nothing of the enterprise");
    // Another administrator of the enterprise reads what is stored.
    let other = world
        .member(&enterprise, "和宏屹", "13900001002", "eo")
        .await;
    let other = world
        .signed_in(
            other,
            application::ports::sessions::SessionKind::Enterprise,
            journeys::CANGZHOU_HOST,
        )
        .await;
    let page = other.get("/enterprise/profile").await.expect(200);
    assert_eq!(
        page.input("name").as_deref(),
        Some("沧州市示例商贸有限公司")
    );
    assert!(!page.text().contains("已保存草稿") && !page.text().contains(LEGAL_ID));
}

async fn drafts(world: &World) -> i64 {
    sqlx::query_scalar("select count(*) from profile_drafts")
        .fetch_one(&world.owner)
        .await
        .expect("it counts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_the_profile_goes_when_it_is_dropped_saved_or_ninety_days_old() {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    let browser = &enterprise.browser;
    let discard = "/enterprise/profile/draft";
    leave_a_draft(browser).await;
    leave_a_draft(browser).await;
    assert_eq!(drafts(&world).await, 1, "the last one counts");
    browser.submit(discard, discard, &[]).await.expect(303);
    assert_eq!(drafts(&world).await, 0);
    let page = browser.get("/enterprise/profile").await.expect(200);
    assert_eq!(
        page.input("name").as_deref(),
        Some("沧州市示例商贸有限公司")
    );
    browser.get(discard).await.expect(303);

    leave_a_draft(browser).await;
    put_all(browser).await;
    save(&world, browser, &[]).await.expect(303);
    assert_eq!(
        drafts(&world).await,
        0,
        "what was saved is no draft any more"
    );

    leave_a_draft(browser).await;
    let workers = yijianrong::workers::Workers::new(&world.parts);
    workers.sweep_once().await.expect("it runs");
    assert_eq!(drafts(&world).await, 1);
    sqlx::query("update profile_drafts set saved_at = '2026-01-01'")
        .execute(&world.owner)
        .await
        .expect("it is old");
    workers.sweep_once().await.expect("it runs");
    assert_eq!(drafts(&world).await, 0);
}
