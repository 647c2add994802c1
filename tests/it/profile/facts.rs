//! The form: its labels, what it saves, and what else changes when it is saved.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_prints_the_labels_of_the_manual_in_their_order() {
    let (_world, enterprise) = newcomer().await;
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
    let (world, enterprise) = newcomer().await;
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
    let (_world, enterprise) = newcomer().await;
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
    let (world, enterprise) = newcomer().await;
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
    let (world, enterprise) = newcomer().await;
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
