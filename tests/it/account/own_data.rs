//! 导出本企业数据 and 注销账号 (S-34, S-35).

use application::ports::sessions::SessionKind;
use journeys::{Answer, Browser, EnterpriseFixture, PASSWORD, World};
use time::Duration;
use yijianrong::workers::Workers;

use super::{
    GOOD, PHONE, ask_code, newest_code, open_agreements,
    own::{enterprise, prove},
    registration, sign_in,
};

pub(super) const EXPORT: &str = "/enterprise/account/export";
const CLOSE: &str = "/enterprise/account/close";

/// The bytes of one file of a stored archive.
pub(super) fn file_in(archive: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut at = 0;
    while archive.get(at..at + 4) == Some(b"PK\x03\x04") {
        let number = |from: usize, size: usize| {
            archive[at + from..at + from + size]
                .iter()
                .rev()
                .fold(0_usize, |n, byte| n * 256 + usize::from(*byte))
        };
        let (size, length) = (number(22, 4), number(26, 2));
        let start = at + 30 + length;
        if &archive[at + 30..start] == name.as_bytes() {
            return Some(archive[start..start + size].to_vec());
        }
        at = start + size;
    }
    None
}

/// Makes an archive; the page that offers it.
pub(super) async fn exported(world: &World, owner: &EnterpriseFixture) -> Answer {
    prove(world, &owner.browser, EXPORT).await;
    let form = owner.browser.get(EXPORT).await.expect(200);
    owner
        .browser
        .submit_from(&form, EXPORT, &[("current_password", PASSWORD)])
        .await
        .expect(303);
    let waits = owner.browser.get(EXPORT).await.expect(200);
    waits.says("等待生成");
    let workers = Workers::new(&world.parts);
    assert_eq!(workers.own_exports_once().await.expect("it runs"), 1);
    owner.browser.get(EXPORT).await.expect(200)
}

pub(super) fn link_in(page: &Answer) -> String {
    let text = page.text();
    let at = text
        .find(&format!("{EXPORT}/"))
        .expect("something to fetch");
    text[at..].split('"').next().expect("a link").to_owned()
}

async fn count(world: &World, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql)
        .fetch_one(&world.owner)
        .await
        .expect("it counts")
}

/// The owner's enterprise with a completed profile and a request in this stage.
async fn with_request(stage: &'static str) -> (World, EnterpriseFixture) {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市岚峰机械有限公司", PHONE)
        .await;
    let id = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    sqlx::query("update financing_applications set stage = $2 where id = $1")
        .bind(id.0)
        .bind(stage)
        .execute(&world.owner)
        .await
        .expect("the stage is set");
    (world, owner)
}

/// 延期 that one person of the bank would agree to.
async fn leave_a_deferral(world: &World, owner: &EnterpriseFixture) {
    sqlx::query(
        "insert into loan_deferrals (id, tenant_id, application_id, draw_id, number, old_due_on, wanted_on, reason, asked_by, asked_name,
           asked_at, status, new_due_on, answer, answered_by, answered_name, answered_at)
         select gen_random_uuid(), tenant_id, id, gen_random_uuid(), 1, '2026-12-01', '2026-12-20', '货款推迟支付', created_by, '顾屹舟',
           now(), 'proposed', '2026-12-15', '行内拟同意', created_by, '钱云诚', now()
         from financing_applications where enterprise_id = $1",
    )
    .bind(owner.id.0)
    .execute(&world.owner)
    .await
    .expect("it was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_everything_of_the_own_enterprise_and_nothing_of_another() {
    let (world, owner) = with_request("withdrawn").await;
    world
        .new_enterprise(world.cangzhou.id, "沧州市渤沃宸化工有限公司", "13700005678")
        .await;
    leave_an_estimate(&world, &owner).await;
    leave_a_deferral(&world, &owner).await;
    let page = exported(&world, &owner).await.says("下载");
    let archive = owner.browser.get(&link_in(&page)).await.expect(200);
    assert_eq!(archive.headers["content-type"], "application/zip");
    assert_eq!(archive.headers["cache-control"], "no-store");
    let data = file_in(&archive.body, "data.json").expect("the data");
    let data: serde_json::Value = serde_json::from_slice(&data).expect("it is JSON");
    let facts = &data["chapters"]["enterprise"][0];
    assert_eq!(facts["legal_id"], "110105188001010009");
    assert_eq!(facts["account_phone"], PHONE);
    assert_eq!(
        data["chapters"]["applications"][0]["product_name"],
        "惠民抵押贷"
    );
    let tried = &data["chapters"]["estimates"][0];
    assert_eq!(tried["product_name"], "惠民抵押贷");
    assert_eq!(tried["amount_cents"], 100_000_000);
    assert_eq!(tried["high_cents"], 100_000_000);
    // What its bank only proposes stays among its people.
    let asked = &data["chapters"]["deferrals"][0];
    assert_eq!(asked["wanted_on"], "2026-12-20");
    assert_eq!(asked["deferral_status"], "open");
    assert!(!data.to_string().contains("2026-12-15") && !data.to_string().contains("行内拟同意"));
    let readable = file_in(&archive.body, "readable.html").expect("the page");
    let readable = String::from_utf8(readable).expect("text");
    for words in [
        "本企业数据",
        "沧州市岚峰机械有限公司",
        "已撤回",
        "额度试算",
        "货款推迟支付",
        "待支行答复",
        "style.css",
    ] {
        assert!(readable.contains(words), "{words}");
    }
    assert!(!readable.contains("渤沃宸") && !data.to_string().contains("渤沃宸"));
    assert!(file_in(&archive.body, "style.css").is_some());
    let pdf = file_in(&archive.body, "readable.pdf").expect("the PDF");
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 10_000);
    Workers::new(&world.parts)
        .deliver_once()
        .await
        .expect("it runs");
    owner
        .browser
        .get("/enterprise/messages")
        .await
        .expect(200)
        .says("本企业数据可以下载了");
    // Both the making and the fetching are in the log that the enterprise reads.
    owner
        .browser
        .get("/enterprise/consents/looks")
        .await
        .expect(200)
        .says("导出本企业数据")
        .says("下载导出的数据");
    assert_eq!(
        count(
            &world,
            "select count(*) from audit_entries where action like 'account.export%'"
        )
        .await,
        3
    );
}

/// 保存草稿 of 完善信息, with another phone to call.
async fn leave_a_draft(browser: &Browser, phone: &str) {
    let page = browser
        .get("/enterprise/profile?edit=1")
        .await
        .expect(200)
        .says("保存草稿");
    let typed = [
        ("_action", "save_draft"),
        ("legal_representative", "卫之行"),
        ("legal_id", "110105188001010009"),
        ("contact_phone", phone),
        ("province", "130000"),
        ("city", "130900"),
        ("county", "130925"),
        ("sector", "2"),
    ];
    browser
        .submit_from(&page, "/enterprise/profile", &typed)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_the_draft_that_its_asker_left_and_nobody_elses() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    let other = world.member(&owner, "和宏屹", "13900001002", "eo").await;
    let other = world
        .signed_in(other, SessionKind::Enterprise, journeys::CANGZHOU_HOST)
        .await;
    leave_a_draft(&owner.browser, "13800002037").await;
    leave_a_draft(&other, "13800002038").await;
    let page = exported(&world, &owner).await.says("下载");
    let archive = owner.browser.get(&link_in(&page)).await.expect(200);
    let data = file_in(&archive.body, "data.json").expect("the data");
    let data: serde_json::Value = serde_json::from_slice(&data).expect("it is JSON");
    let drafts = &data["chapters"]["profile_draft"];
    assert_eq!(drafts.as_array().map(Vec::len), Some(1));
    for (name, typed) in [
        ("saved_at", "2026-11-25 09:30:00"),
        ("legal_representative", "卫之行"),
        ("legal_id", "110105188001010009"),
        ("contact_phone", "13800002037"),
        ("industry_code", "2"),
    ] {
        assert_eq!(drafts[0][name], typed, "{name}");
    }
    let region = drafts[0]["region"].as_str().expect("a place in words");
    assert!(region.starts_with("河北省沧州市"), "{region}");
    assert!(!data.to_string().contains("13800002038"));
    let readable = file_in(&archive.body, "readable.html").expect("the page");
    let readable = String::from_utf8(readable).expect("text");
    for words in ["完善信息草稿", "卫之行", "13800002037"] {
        assert!(readable.contains(words), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_wants_code_and_password_and_only_its_owner_fetches_it_for_a_week() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    let first = owner.browser.get(EXPORT).await.expect(303);
    assert!(first.location().contains("/verify?next="));
    prove(&world, &owner.browser, EXPORT).await;
    let form = owner.browser.get(EXPORT).await.expect(200);
    owner
        .browser
        .submit_from(&form, EXPORT, &[("current_password", "no")])
        .await
        .expect(422)
        .says("当前密码不正确");
    owner
        .browser
        .submit_from(&form, EXPORT, &[("current_password", PASSWORD)])
        .await
        .expect(303);
    let workers = Workers::new(&world.parts);
    workers.own_exports_once().await.expect("it runs");
    let link = link_in(&owner.browser.get(EXPORT).await.expect(200));
    let sibling = world
        .new_enterprise(world.cangzhou.id, "沧州市渤沃宸化工有限公司", "13700005678")
        .await;
    sibling.browser.get(&link).await.expect(404);
    owner.browser.get(&link).await.expect(200);
    // The proof is over: the archive waits for another one.
    world.clock.advance(Duration::minutes(6));
    let asked = owner.browser.get(&link).await.expect(303);
    assert!(asked.location().contains("/verify?next="));
    world.clock.advance(Duration::days(7));
    workers.sweep_once().await.expect("it runs");
    assert_eq!(
        count(&world, "select count(*) from own_data_exports").await,
        0
    );
    let again = world.browser();
    sign_in(&again, "/login", PHONE, PASSWORD).await.expect(303);
    again.get(&link).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_request_or_a_loan_under_way_is_not_closed() {
    for stage in ["accepted", "disbursed"] {
        let (world, owner) = with_request(stage).await;
        owner
            .browser
            .get(CLOSE)
            .await
            .expect(200)
            .says("暂时不能注销账号")
            .says("PO20261125");
        prove(&world, &owner.browser, CLOSE).await;
        let form = owner.browser.get(EXPORT).await.expect(200);
        let fields = [("current_password", PASSWORD), ("understood", "1")];
        owner
            .browser
            .submit_from(&form, CLOSE, &fields)
            .await
            .expect(409)
            .says("注销没有生效");
        assert_eq!(
            count(&world, "select count(*) from account_closings").await,
            0
        );
    }
}

/// What the demonstration's phones were told.
async fn texts_of(world: &World) -> Vec<String> {
    sqlx::query_scalar("select text from demo_inbox")
        .fetch_all(&world.owner)
        .await
        .expect("the texts")
}

/// Asks for the closing with everything it wants.
async fn ask_closing(world: &World, browser: &Browser) {
    prove(world, browser, CLOSE).await;
    let form = browser.get(CLOSE).await.expect(200).says("依法保留 5 年");
    browser
        .submit_from(&form, CLOSE, &[("current_password", PASSWORD)])
        .await
        .expect(422)
        .says("再勾选此项");
    let fields = [("current_password", PASSWORD), ("understood", "1")];
    browser.submit_from(&form, CLOSE, &fields).await.expect(303);
    browser
        .get("/enterprise/account")
        .await
        .expect(200)
        .says("本账号将于 2026-12-02 09:30 注销");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_their_mind_within_a_week_keeps_the_account() {
    let world = World::new().await;
    let owner = enterprise(&world).await;
    ask_closing(&world, &owner.browser).await;
    let page = owner.browser.get(CLOSE).await.expect(200).says("撤销注销");
    owner
        .browser
        .submit_from(&page, "/enterprise/account/keep", &[])
        .await
        .expect(303);
    Workers::new(&world.parts)
        .deliver_once()
        .await
        .expect("it runs");
    let told = texts_of(&world).await;
    assert!(
        told.iter().any(|text| text.contains("注销申请已撤销")),
        "{told:?}"
    );
    world.clock.advance(Duration::days(8));
    Workers::new(&world.parts)
        .sweep_once()
        .await
        .expect("it runs");
    sign_in(&world.browser(), "/login", PHONE, PASSWORD)
        .await
        .expect(303);
}

/// The owner's WeChat account, with grants of messages to come.
async fn bind_wechat(world: &World) {
    for sql in [
        "insert into wechat_accounts select tenant_id, id, 'wx0', '\\x01', '\\x02', now() from users where enterprise_id is not null",
        "insert into wechat_grants select tenant_id, id, 't-1', 3, now() from users where enterprise_id is not null",
    ] {
        sqlx::query(sql).execute(&world.owner).await.expect("bound");
    }
}

/// 额度试算 of the one product that there is.
async fn leave_an_estimate(world: &World, owner: &EnterpriseFixture) {
    let product: uuid::Uuid = sqlx::query_scalar("select id from products")
        .fetch_one(&world.owner)
        .await
        .expect("a product");
    world.parts.portal.changed(None);
    let page = format!("/market/{product}/estimate");
    let fields = [("amount", "100"), ("term", "2")];
    owner
        .browser
        .submit(&page, &page, &fields)
        .await
        .expect(303);
}

/// 贴息申请 for a draw of the one request that there is, with the account that it is to be paid to.
async fn leave_a_claim(world: &World) {
    for sql in [
        "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at, confirmed_at)
         select gen_random_uuid(), tenant_id, id, 1, 100, 375, '2026-11-25', 'HT-1', 'form', now(), now() from financing_applications",
        "insert into articles (id, tenant_id, city_id, kind, title, delivery, body, published_at)
         select gen_random_uuid(), tenant_id, tenant_id, 'policy', '贴息办法', '申报', '正文', now() from financing_applications",
        "insert into subsidy_claims (id, tenant_id, enterprise_id, policy_id, policy_version, policy_title, application_id, draw_id,
           draw_number, origin, status, sum_cents, account_sealed, declared, filed_by, filed_at)
         select gen_random_uuid(), a.tenant_id, a.enterprise_id, p.id, p.version, p.title, a.id, d.id, d.number, 'applied', 'filed', 1,
           '\\x00', '属实', a.created_by, now()
         from financing_applications a join disbursements d on d.application_id = a.id join articles p on p.title = '贴息办法'",
    ] {
        sqlx::query(sql).execute(&world.owner).await.expect("it is there");
    }
}

/// What else an account has that goes with it.
async fn leave_more(world: &World, owner: &EnterpriseFixture) {
    bind_wechat(world).await;
    leave_a_claim(world).await;
    leave_an_estimate(world, owner).await;
    leave_a_draft(&owner.browser, "13800002037").await;
    let drafts = count(world, "select count(*) from profile_drafts").await;
    assert_eq!(drafts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_week_the_account_is_gone_what_law_keeps_is_frozen_and_the_phone_is_free() {
    let (world, owner) = with_request("rejected").await;
    let dossier = "insert into application_dossiers select id, tenant_id, enterprise_id, '{}', '\\x00', now() from financing_applications";
    sqlx::query(dossier)
        .execute(&world.owner)
        .await
        .expect("a dossier");
    leave_more(&world, &owner).await;
    ask_closing(&world, &owner.browser).await;
    let workers = Workers::new(&world.parts);
    workers.deliver_once().await.expect("it runs");
    world
        .clock
        .advance(Duration::days(7) - Duration::minutes(1));
    workers.sweep_once().await.expect("it runs");
    assert_eq!(
        count(&world, "select count(*) from users where status = 'closed'").await,
        0
    );
    world.clock.advance(Duration::minutes(1));
    workers.sweep_once().await.expect("it runs");
    // Told by SMS at the request and at the end; then the notice forgets the phone too.
    workers.deliver_once().await.expect("it runs");
    let told = texts_of(&world).await;
    for words in ["已申请注销本平台账号", "已按申请注销"] {
        assert!(told.iter().any(|text| text.contains(words)), "{told:?}");
    }
    assert_eq!(
        count(
            &world,
            "select count(*) from outbox where payload ? 'phone_sealed'"
        )
        .await,
        0
    );
    // Nothing names the person any more, and nobody signs in.
    for (sql, left) in [
        (
            "select count(*) from users where status = 'closed' and phone_sealed = '' and name = '已注销用户'",
            1,
        ),
        (
            "select count(*) from enterprises where legal_id_sealed is null and address is null and name = '已注销企业'",
            1,
        ),
        (
            "select count(*) from credentials c join users u on u.id = c.user_id where u.enterprise_id is not null",
            0,
        ),
        (
            "select count(*) from sessions s join users u on u.id = s.user_id where u.enterprise_id is not null",
            0,
        ),
        ("select count(*) from wechat_accounts", 0),
        ("select count(*) from wechat_grants", 0),
        ("select count(*) from profile_drafts", 0),
        ("select count(*) from estimates", 0),
        (
            "select count(*) from subsidy_claims where account_sealed is null",
            1,
        ),
        ("select count(*) from application_dossiers", 1),
        (
            "select count(*) from audit_entries where action = 'account.closed'",
            1,
        ),
    ] {
        assert_eq!(count(&world, sql).await, left, "{sql}");
    }
    owner.browser.get("/enterprise/account").await.expect(303);
    sign_in(&world.browser(), "/login", PHONE, PASSWORD)
        .await
        .expect(422);
    // The dossier is kept, and no person of the bank opens it.
    let branch: uuid::Uuid =
        sqlx::query_scalar("select handler_tenant_id from financing_applications")
            .fetch_one(&world.owner)
            .await
            .expect("a branch");
    let clerk = world
        .staff(domain::ids::TenantId(branch), "钱云诚", &["bm"])
        .await;
    assert_eq!(dossiers_seen(&world, clerk.user.0, branch).await, 0);
    sqlx::query("update financing_applications set archived_at = null")
        .execute(&world.owner)
        .await
        .expect("for the comparison");
    assert_eq!(dossiers_seen(&world, clerk.user.0, branch).await, 1);
    // The same phone registers again.
    let browser = world.browser();
    open_agreements(&browser).await;
    let sent = ask_code(&browser, "/register", &[("phone", PHONE)])
        .await
        .expect(200);
    let code = newest_code(&world).await;
    browser
        .submit_from(&sent, "/register", &registration(PHONE, &code))
        .await
        .expect(303);
    sign_in(&world.browser(), "/login", PHONE, GOOD)
        .await
        .expect(303);
}

/// What a person of this branch sees behind the walls.
async fn dossiers_seen(world: &World, person: uuid::Uuid, branch: uuid::Uuid) -> i64 {
    let mut tx = world.parts.pool.begin().await.expect("it begins");
    for (name, value) in [
        ("role", "tenant_rw".to_owned()),
        ("app.tenant_id", branch.to_string()),
        ("app.city_id", world.cangzhou.id.to_string()),
        ("app.reach", branch.to_string()),
        ("app.user_id", person.to_string()),
    ] {
        sqlx::query("select set_config($1, $2, true)")
            .bind(name)
            .bind(value)
            .execute(&mut *tx)
            .await
            .expect("it is set");
    }
    sqlx::query_scalar("select count(*) from application_dossiers")
        .fetch_one(&mut *tx)
        .await
        .expect("it counts")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_goes_after_five_years_and_not_before() {
    let (world, owner) = with_request("settled").await;
    sqlx::query(
        "insert into application_dossiers select id, tenant_id, enterprise_id, '{}', '\\x00', now() from financing_applications",
    )
    .execute(&world.owner)
    .await
    .expect("a dossier");
    let _ = owner;
    let workers = Workers::new(&world.parts);
    for (age, left) in [("4 years", 1), ("6 years", 0)] {
        sqlx::query("update financing_applications set archived_at = now() - $1::interval")
            .bind(
                sqlx::postgres::types::PgInterval::try_from(std::time::Duration::from_secs(
                    if age == "4 years" { 4 } else { 6 } * 366 * 86_400,
                ))
                .expect("an interval"),
            )
            .execute(&world.owner)
            .await
            .expect("it is that old");
        workers.sweep_once().await.expect("it runs");
        assert_eq!(
            count(&world, "select count(*) from application_dossiers").await,
            left,
            "{age}"
        );
    }
}
