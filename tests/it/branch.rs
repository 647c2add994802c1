//! The branch's half of the main job: queue, acceptance, masked data, and the decision.

use application::ports::{
    dossiers::{DossierFacts, DossierFile},
    files::FileKey,
};
use domain::ids::{FileId, FinancingApplicationId, TenantId};
use journeys::{Answer, Browser, EnterpriseFixture, StaffFixture, World};
use time::Duration;
use uuid::Uuid;

const LEGAL_ID: &str = "130925188703160119";
const PHONE: &str = "19900002037";
const ADDRESS: &str = "盐山县庆云镇装备大街 108 号";
const EMAIL: &str = "finance@hanyuelan.example";

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) bank: TenantId,
    pub(crate) branch: TenantId,
    pub(crate) product: domain::ids::ProductId,
    pub(crate) owner: EnterpriseFixture,
    pub(crate) clerk: StaffFixture,
    pub(crate) second_clerk: StaffFixture,
    pub(crate) approver: StaffFixture,
    pub(crate) application: FinancingApplicationId,
    pub(crate) file: Uuid,
}

pub(crate) async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", PHONE)
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let second_clerk = world.staff(branch, "时嘉宁", &["bm"]).await;
    let approver = world.staff(branch, "邬志航", &["ba"]).await;
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    let mut scene = Scene {
        world,
        bank,
        branch,
        product,
        owner,
        clerk,
        second_clerk,
        approver,
        application,
        file: Uuid::nil(),
    };
    scene.file = scene.papers().await;
    scene
}

impl Scene {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/branch/applications/{}{rest}", self.application)
    }

    /// What a submission hands over: log, dossier, a picture, a consent.
    pub(crate) async fn papers(&self) -> Uuid {
        let city = self.world.cangzhou.id;
        let parts = &self.world.parts;
        let facts = DossierFacts {
            company_name: self.owner.name.clone(),
            unified_social_credit_code: "91130925PDY009110X".into(),
            registered_capital_cents: Some(5_000_000_000),
            legal_representative: "顾屹舟".into(),
            legal_id: LEGAL_ID.into(),
            contact_phone: PHONE.into(),
            region: "河北省沧州市盐山县庆云镇".into(),
            county: "河北省沧州市盐山县".into(),
            industry: "第二产业 / 金属制品业".into(),
            address: ADDRESS.into(),
            email: EMAIL.into(),
            first_loan: true,
        };
        let full = serde_json::to_vec(&facts).expect("plain data");
        let sealed = parts
            .sealer
            .seal(&DossierFacts::place(city, self.application), &full)
            .expect("it seals");
        let file = Uuid::new_v4();
        let card = media::sample_card("营业执照", &["名称：某某公司".into()]).expect("drawn");
        let object = parts
            .sealer
            .seal(&DossierFile::place(city, FileId(file)), &card.jpeg)
            .expect("it seals");
        let key: FileKey = parts.files.put(city.0, object).await.expect("it is kept");
        let owner = &self.world.owner;
        let app = self.application.0;
        for (seq, kind, stage) in [(1, "save_draft", "draft"), (2, "submit", "submitted")] {
            sqlx::query(
                "insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_role, at)
                 values (gen_random_uuid(), $1, $2, $3, $4, $5, 'enterprise', 'eo', $6)",
            )
            .bind(city.0)
            .bind(app)
            .bind(seq)
            .bind(kind)
            .bind(stage)
            .bind(self.world.parts.clock.now())
            .execute(owner)
            .await
            .expect("the log is there");
        }
        sqlx::query("insert into application_dossiers values ($1, $2, $3, $4, $5, now())")
            .bind(app)
            .bind(city.0)
            .bind(self.owner.id.0)
            .bind(serde_json::to_value(facts.shown()).expect("plain data"))
            .bind(sealed)
            .execute(owner)
            .await
            .expect("the dossier is there");
        sqlx::query("insert into application_files values ($1, $2, $3, 'licence', '营业执照照片', $4, 'image/jpeg', 0, now())")
            .bind(city.0)
            .bind(app)
            .bind(file)
            .bind(key.as_str())
            .execute(owner)
            .await
            .expect("the file is there");
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, application_id, channel, granted_at)
             values (gen_random_uuid(), $1, $2, $3, 'enterprise_credit', '1', '授权书', '\\x00', 'apply', $4, 'web', now())",
        )
        .bind(city.0)
        .bind(self.owner.id.0)
        .bind(self.owner.user.0)
        .bind(app)
        .execute(owner)
        .await
        .expect("the consent is there");
        file
    }

    pub(crate) async fn accept(&self) {
        let page = self.path("/accept");
        self.clerk
            .browser
            .submit(&page, &page, &[("_action", "confirm")])
            .await
            .expect(303);
    }

    pub(crate) async fn stage(&self) -> String {
        sqlx::query_scalar("select stage from financing_applications where id = $1")
            .bind(self.application.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("the application is there")
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }
}

/// Posts a decision from its opened form: first to the check page, then for good.
pub(crate) async fn step(
    browser: &Browser,
    form: &Answer,
    path: &str,
    fields: &[(&str, &str)],
    action: &str,
) -> Answer {
    let version = form.input("version").unwrap_or_default();
    let mut all = vec![("version", version.as_str()), ("_action", action)];
    all.extend_from_slice(fields);
    browser.submit_from(form, path, &all).await
}

const APPROVAL: [(&str, &str); 5] = [
    ("approved_amount", "8"),
    ("approved_rate", "3.75"),
    ("approved_term", "2"),
    ("valid_until", "2027-03-31"),
    ("opinion", "经营正常，同意办理。"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields
        .iter()
        .map(|(n, v)| if *n == name { (*n, value) } else { (*n, *v) })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_press_accept_at_the_same_moment_and_the_loser_reads_who_won() {
    let scene = scene().await;
    let path = scene.path("/accept");
    let first = scene.clerk.browser.get(&path).await.expect(200);
    let second = scene.second_clerk.browser.get(&path).await.expect(200);
    let confirm = [("_action", "confirm")];
    let (a, b) = futures::join!(
        scene.clerk.browser.submit_from(&first, &path, &confirm),
        scene
            .second_clerk
            .browser
            .submit_from(&second, &path, &confirm),
    );
    let (winner, loser) = if a.status == 303 {
        ("钱云诚", b)
    } else {
        b.expect(303);
        ("时嘉宁", a)
    };
    loser.expect(409).says(&format!("已由{winner}接单"));
    assert_eq!(scene.stage().await, "accepted");
    let events = "select count(*) from application_events where kind = 'accept'";
    assert_eq!(scene.count(events).await, 1);
    let notices = "select count(*) from outbox where payload->>'verb' = 'accept'";
    assert_eq!(scene.count(notices).await, 1);
    let logged =
        "select count(*) from audit_entries where action = 'application.accept' and outcome = 'ok'";
    assert_eq!(scene.count(logged).await, 1);
    let refused = "select count(*) from audit_entries where action = 'refused' and outcome = 'financing.already_accepted'";
    assert_eq!(scene.count(refused).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_pressed_twice_on_one_page_is_one_acceptance() {
    let scene = scene().await;
    let path = scene.path("/accept");
    let form = scene.clerk.browser.get(&path).await.expect(200);
    for _ in 0..2 {
        scene
            .clerk
            .browser
            .submit_from(&form, &path, &[("_action", "confirm")])
            .await
            .expect(303);
    }
    let events = "select count(*) from application_events where kind = 'accept'";
    assert_eq!(scene.count(events).await, 1);
    // From a second page it is a clean word instead.
    let again = scene.clerk.browser.get(&path).await;
    again.expect(409).says("钱云诚");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_checked_then_stands_beside_what_was_asked() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/approve");
    let browser = &scene.approver.browser;
    browser.prove().await;
    let form = browser.get(&path).await.expect(200);
    step(browser, &form, &path, &APPROVAL, "")
        .await
        .expect(200)
        .says("要通过这笔融资需求吗")
        .says("经营正常，同意办理。");
    assert_eq!(scene.stage().await, "accepted", "nothing is done yet");
    let back = step(browser, &form, &path, &APPROVAL, "edit")
        .await
        .expect(200);
    assert_eq!(back.input("approved_amount").as_deref(), Some("8"));
    for _ in 0..2 {
        step(browser, &form, &path, &APPROVAL, "confirm")
            .await
            .expect(303);
    }
    assert_eq!(scene.stage().await, "approved");
    let events = "select count(*) from application_events where kind = 'approve'";
    assert_eq!(scene.count(events).await, 1);
    let page = browser.get(&scene.path("")).await.expect(200);
    page.says("8.00 万元")
        .says("2027-03-31")
        .says("经营正常，同意办理。")
        .says("审核通过");
    scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("经营正常，同意办理。");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_an_approval_is_refused_in_its_own_words_and_what_was_typed_stays() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/approve");
    let browser = &scene.approver.browser;
    browser.prove().await;
    let form = browser.get(&path).await.expect(200);
    let long = "长".repeat(501);
    let cases = [
        ("approved_amount", "", "请输入批准金额"),
        ("approved_amount", "abc", "批准金额应为数字"),
        ("approved_amount", "1.234", "批准金额最多 2 位小数"),
        ("approved_amount", "0.5", "批准金额应在 1–500 万元之间"),
        ("approved_amount", "501", "批准金额应在 1–500 万元之间"),
        ("approved_amount", "-3", "批准金额不能为负数"),
        ("approved_rate", "", "请输入批准利率"),
        ("approved_rate", "三", "批准利率应为数字"),
        ("approved_rate", "3.755", "批准利率最多 2 位小数"),
        ("approved_rate", "24.01", "批准利率应不超过 24%"),
        ("approved_term", "", "请输入批准期限"),
        ("approved_term", "1.5", "批准期限应为整数"),
        ("approved_term", "11", "批准期限应在 1–10 年之间"),
        ("valid_until", "", "请输入额度有效期"),
        ("valid_until", "2027/03/31", "额度有效期格式不正确"),
        ("valid_until", "2027-02-30", "额度有效期格式不正确"),
        ("valid_until", "2026-11-25", "额度有效期应晚于今天"),
        ("valid_until", "2099-01-01", "额度有效期最长 3 年"),
        ("opinion", " ", "请输入审核意见"),
        ("opinion", long.as_str(), "审核意见最多 500 个字"),
        ("opinion", "好\u{202e}的", "审核意见包含无法识别的字符"),
    ];
    for (field, value, words) in cases {
        for action in ["", "confirm"] {
            let answer = step(
                browser,
                &form,
                &path,
                &with(&APPROVAL, field, value),
                action,
            )
            .await;
            let text = answer.text();
            let shown = answer.expect(422).says(words);
            assert!(text.contains("role=\"alert\""), "{field}: a summary");
            if field != "opinion" {
                assert_eq!(
                    shown.input(field).as_deref(),
                    Some(value),
                    "{field} is kept"
                );
            }
        }
    }
    assert_eq!(scene.stage().await, "accepted");
    let hostile = "<script>alert(1)</script>\"'\\ 😀";
    let check = step(
        browser,
        &form,
        &path,
        &with(&APPROVAL, "opinion", hostile),
        "",
    )
    .await
    .expect(200);
    assert!(!check.text().contains("<script>alert"), "it is escaped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_needs_a_reason_of_the_city_and_a_text() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/reject");
    let browser = &scene.approver.browser;
    browser.prove().await;
    let form = browser.get(&path).await.expect(200);
    for (fields, words) in [
        (vec![("opinion", "不足")], "请至少选择一项不通过原因"),
        (
            vec![("reasons", "invented"), ("opinion", "不足")],
            "请至少选择一项不通过原因",
        ),
        (
            vec![("reasons", "collateral"), ("opinion", "")],
            "请输入审核意见",
        ),
    ] {
        step(browser, &form, &path, &fields, "confirm")
            .await
            .expect(422)
            .says(words);
    }
    let fields = [
        ("reasons", "collateral"),
        ("reasons", "over_indebted"),
        ("opinion", "抵押物价值不足。"),
    ];
    step(browser, &form, &path, &fields, "")
        .await
        .expect(200)
        .says("担保不足、负债过高");
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("担保不足、负债过高")
        .says("抵押物价值不足。");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_sends_back_a_list_and_nobody_else_does() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/supplement");
    let other = scene.second_clerk.browser.get(&path).await;
    other.expect(409).says("钱云诚");
    let browser = &scene.clerk.browser;
    let form = browser.get(&path).await.expect(200);
    for (fields, words) in [
        (vec![("note", "请补充")], "请至少选择或填写一项"),
        (
            vec![("templates", "bank_statement"), ("note", "")],
            "请输入补充说明",
        ),
        (
            vec![("own", "字"), ("note", "请补充")],
            "每项补充内容应为 2–60 个字",
        ),
    ] {
        step(browser, &form, &path, &fields, "")
            .await
            .expect(422)
            .says(words);
    }
    let fields = [
        ("templates", "bank_statement"),
        ("own", "最近一次审计报告\r\n\r\n厂房租赁合同"),
        ("note", "请按清单补充。"),
    ];
    step(browser, &form, &path, &fields, "")
        .await
        .expect(200)
        .says("厂房租赁合同");
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "need_supplement");
    assert_eq!(
        scene.count("select count(*) from supplement_items").await,
        3
    );
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("第 1 次退回补充")
        .says("等待企业补充");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fourth_round_of_supplements_is_refused() {
    let scene = scene().await;
    scene.accept().await;
    sqlx::query("update financing_applications set supplement_rounds = 3")
        .execute(&scene.world.owner)
        .await
        .expect("three rounds are over");
    scene
        .clerk
        .browser
        .get(&scene.path("/supplement"))
        .await
        .expect(409)
        .says("补充材料已满三次");
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_do_not_decide_and_approvers_do_not_accept() {
    let scene = scene().await;
    let key = [("_key", "0123456789abcdef0123"), ("_action", "confirm")];
    let page = scene.path("");
    let refused = scene
        .approver
        .browser
        .submit(&page, &scene.path("/accept"), &key)
        .await;
    refused.expect(403);
    scene.accept().await;
    for verb in ["/approve", "/reject"] {
        let refused = scene
            .clerk
            .browser
            .submit(&page, &scene.path(verb), &key)
            .await;
        refused.expect(403);
    }
    assert_eq!(scene.stage().await, "accepted");
    let logged =
        "select count(*) from audit_entries where action = 'refused' and outcome = 'denied'";
    assert_eq!(scene.count(logged).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn above_the_citys_limit_nobody_decides_in_one_step() {
    let scene = scene().await;
    scene.accept().await;
    sqlx::query("update financing_applications set amount_cents = 600100000000")
        .execute(&scene.world.owner)
        .await
        .expect("it is a big one");
    let browser = &scene.approver.browser;
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("需经审批流程审核");
    browser.get(&scene.path("/reject")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_opened_before_somebody_else_acted_tells_what_was_done_and_by_whom() {
    let scene = scene().await;
    scene.accept().await;
    scene.approver.browser.prove().await;
    let approve = scene.path("/approve");
    let form = scene.approver.browser.get(&approve).await.expect(200);
    let supplement = scene.path("/supplement");
    let other = scene.clerk.browser.get(&supplement).await.expect(200);
    let fields = [("templates", "bank_statement"), ("note", "请补充。")];
    step(
        &scene.clerk.browser,
        &other,
        &supplement,
        &fields,
        "confirm",
    )
    .await
    .expect(303);
    for action in ["", "confirm"] {
        step(&scene.approver.browser, &form, &approve, &APPROVAL, action)
            .await
            .expect(409)
            .says("钱云诚")
            .says("退回补充");
    }
    assert_eq!(scene.stage().await, "need_supplement");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_application_holds_no_full_value() {
    let scene = scene().await;
    let text = scene
        .clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("顾**")
        .says("199****2037")
        .text();
    for full in [LEGAL_ID, PHONE, ADDRESS, EMAIL, "顾屹舟", "庆云镇"] {
        assert!(!text.contains(full), "{full} is on the masked page");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_values_need_a_reason_and_leave_an_entry_before_they_are_shown() {
    let scene = scene().await;
    let path = scene.path("/full");
    let browser = &scene.clerk.browser;
    for (reason, words) in [("", "请输入查看原因"), ("核", "不少于 2 个字")] {
        let refused = browser
            .submit(&path, &path, &[("reason", reason)])
            .await
            .expect(422)
            .says(words);
        assert!(!refused.text().contains(LEGAL_ID));
    }
    assert_eq!(scene.count("select count(*) from view_entries").await, 0);
    let shown = browser
        .submit(&path, &path, &[("reason", "电话核对身份")])
        .await
        .expect(200)
        .says(LEGAL_ID)
        .says(ADDRESS);
    assert_eq!(shown.headers["cache-control"], "no-store");
    let logged = "select count(*) from view_entries where reason = '电话核对身份' and viewer_name = '钱云诚'";
    assert_eq!(scene.count(logged).await, 1);
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("电话核对身份");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_full_views_an_hour_are_enough() {
    let scene = scene().await;
    sqlx::query(
        "insert into view_entries (id, tenant_id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node, fields, reason, at)
         select gen_random_uuid(), $1, $2, $3, '钱云诚', $4, '运河支行', '身份证号', '核对', $5 from generate_series(1, 100)",
    )
    .bind(scene.world.cangzhou.id.0)
    .bind(scene.owner.id.0)
    .bind(scene.clerk.user.0)
    .bind(scene.branch.0)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect("they were looked at");
    let path = scene.path("/full");
    scene
        .clerk
        .browser
        .submit(&path, &path, &[("reason", "电话核对")])
        .await
        .expect(429);
    // Whoever answers for the clerk is told: the branch and its headquarters, once a day.
    scene
        .clerk
        .browser
        .submit(&path, &path, &[("reason", "电话核对")])
        .await
        .expect(429);
    yijianrong::workers::Workers::new(&scene.world.parts)
        .deliver_once()
        .await
        .expect("it runs");
    let told: Vec<Uuid> = sqlx::query_scalar(
        "select tenant_id from messages where body like '%钱云诚一小时内查看企业完整信息达到 100 次%' order by created_at",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("the boxes open");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&scene.branch.0) && told.contains(&scene.bank.0));
}

/// The signed address of the picture on a material's page.
fn picture(page: &Answer) -> String {
    let text = page.text();
    let rest = text
        .split("class=\"material-picture\" src=\"")
        .nth(1)
        .expect("there is a picture");
    rest.split('"')
        .next()
        .expect("an address ends")
        .replace("&amp;", "&")
        .replace("&#x3D;", "=")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_material_leaves_with_a_mark_and_an_entry_and_only_for_its_viewer() {
    let scene = scene().await;
    let page = scene.path(&format!("/materials/{}", scene.file));
    let browser = &scene.clerk.browser;
    let link = picture(&browser.get(&page).await.expect(200));
    assert_eq!(scene.count("select count(*) from view_entries").await, 0);
    let answer = browser.get(&link).await.expect(200);
    assert_eq!(answer.headers["content-type"], "image/jpeg");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let policy = answer.headers["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(policy.contains("sandbox"), "{policy}");
    assert!(answer.headers.contains_key("content-disposition"));
    let plain = media::sample_card("营业执照", &["名称：某某公司".into()]).expect("drawn");
    assert_ne!(answer.body, plain.jpeg, "the mark is drawn over it");
    let logged = "select count(*) from view_entries where fields = '材料：营业执照照片'";
    assert_eq!(scene.count(logged).await, 1);
    scene.second_clerk.browser.get(&link).await.expect(404);
    let unsigned = link.split('?').next().expect("a path");
    browser.get(unsigned).await.expect(404);
    scene.world.clock.advance(Duration::seconds(61));
    browser.get(&link).await.expect(404);
    assert_eq!(scene.count(logged).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_closes_the_dossier_at_once() {
    let scene = scene().await;
    sqlx::query("update consents set withdrawn_at = now()")
        .execute(&scene.world.owner)
        .await
        .expect("it is withdrawn");
    let browser = &scene.clerk.browser;
    let page = browser.get(&scene.path("")).await.expect(200);
    page.says("企业已撤回授权");
    browser.get(&scene.path("/full")).await.expect(409);
    let material = scene.path(&format!("/materials/{}", scene.file));
    browser.get(&material).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_withdrawn_application_only_the_minimal_record_is_left() {
    let scene = scene().await;
    sqlx::query("update financing_applications set stage = 'withdrawn', due_at = null")
        .execute(&scene.world.owner)
        .await
        .expect("it is withdrawn");
    let browser = &scene.clerk.browser;
    let text = browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("只保留基本记录")
        .text();
    assert!(!text.contains("顾**") && !text.contains("营业执照照片"));
    browser.get(&scene.path("/full")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_branch_does_not_even_learn_that_it_exists() {
    let scene = scene().await;
    let sibling = scene.world.branch(scene.bank, "狮城商业银行新华支行").await;
    let stranger = scene.world.staff(sibling, "和宏屹", &["bm", "ba"]).await;
    let there = stranger.browser.get(&scene.path("")).await.expect(404);
    let nowhere = stranger
        .browser
        .get(&format!("/branch/applications/{}", Uuid::new_v4()))
        .await
        .expect(404);
    assert_eq!(there.text().len(), nowhere.text().len());
    let found = stranger
        .browser
        .get("/branch/applications?q=%E7%80%9A")
        .await
        .expect(200);
    assert!(!found.text().contains("瀚岳澜"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_sorted_by_due_time_and_says_how_much_is_left() {
    let scene = scene().await;
    let mut numbers = Vec::new();
    for hours in [30_i32, 4, 18, -2] {
        let id = scene
            .world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
        let number: String = sqlx::query_scalar(
            "update financing_applications set due_at = $2 + make_interval(hours => $3), submitted_at = $2 - interval '20 hours'
             where id = $1 returning application_no",
        )
        .bind(id.0)
        .bind(scene.world.parts.clock.now())
        .bind(hours)
        .fetch_one(&scene.world.owner)
        .await
        .expect("it waits");
        numbers.push((hours, number));
    }
    numbers.sort();
    let text = scene
        .clerk
        .browser
        .get("/branch/queue")
        .await
        .expect(200)
        .says("已超时 2 小时")
        .says("即将到期，剩余 4 小时")
        .text();
    let places: Vec<usize> = numbers
        .iter()
        .map(|(_, number)| text.find(number.as_str()).expect("it is listed"))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    scene
        .clerk
        .browser
        .get("/branch")
        .await
        .expect(200)
        .says("已超时");
}

/// The address of a pager's link.
fn pager(page: &Answer, rel: &str) -> Option<String> {
    let text = page.text();
    let at = text.find(&format!("rel=\"{rel}\""))?;
    let start = text[..at].rfind("href=\"")? + 6;
    let rest = &text[start..];
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_forth_and_back_shows_every_row_once() {
    let scene = scene().await;
    for number in 0..23 {
        let id = scene
            .world
            .submitted_application(&scene.owner, scene.bank, scene.branch, scene.product)
            .await;
        // Some without a clock, some at the same moment.
        sqlx::query("update financing_applications set due_at = case when $2 % 5 = 0 then null else $3 + make_interval(hours => $2 / 3) end where id = $1")
            .bind(id.0)
            .bind(number)
            .bind(scene.world.parts.clock.now())
            .execute(&scene.world.owner)
            .await
            .expect("it waits");
    }
    let browser = &scene.clerk.browser;
    let all: Vec<String> =
        sqlx::query_scalar("select application_no from financing_applications order by 1")
            .fetch_all(&scene.world.owner)
            .await
            .expect("they are there");
    for list in ["/branch/queue", "/branch/applications"] {
        let mut page = browser.get(list).await.expect(200).says("共 24 条");
        let mut seen = Vec::new();
        let mut pages = vec![list.to_owned()];
        loop {
            let text = page.text();
            seen.extend(all.iter().filter(|n| text.contains(n.as_str())).cloned());
            let Some(next) = pager(&page, "next") else {
                break;
            };
            pages.push(next.clone());
            page = browser.get(&next).await.expect(200);
        }
        assert_eq!(pages.len(), 3, "{list}");
        seen.sort();
        assert_eq!(seen, all, "{list}");
        let back = pager(&page, "prev").expect("there is a page before");
        let middle = browser.get(&back).await.expect(200);
        let again = browser.get(&pages[1]).await.expect(200);
        for number in &all {
            assert_eq!(
                middle.text().contains(number.as_str()),
                again.text().contains(number.as_str()),
                "{list}: {number}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list_and_hostile_keywords_find_nothing() {
    let scene = scene().await;
    let browser = &scene.clerk.browser;
    for (query, found) in [
        ("?stage=waiting", true),
        ("?stage=approved", false),
        ("?q=%E7%80%9A%E5%B2%B3", true),
        ("?q=%25", false),
        ("?q=%27%3B%20drop%20table%20users%3B--", false),
        ("?due=overdue", false),
        ("?stage=nonsense&product=nonsense&after=nonsense", true),
    ] {
        let text = browser
            .get(&format!("/branch/applications{query}"))
            .await
            .expect(200)
            .text();
        assert_eq!(text.contains("PO20261125"), found, "{query}");
    }
}
