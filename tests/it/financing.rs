//! 需求申请 to 融资需求管理 (F-4, F-5, F-8, F-11), and what may go wrong on the way.

use std::sync::Arc;

use application::{
    access::{Actor, Origin},
    financing::{AskInput, SubmitApplication},
};
use domain::{
    ids::{FinancingApplicationId, ProductId, TenantId},
    tenant::{Role, TenantKind},
};
use journeys::{Answer, Browser, EnterpriseFixture, World};
use time::Duration;
use uuid::Uuid;
use yijianrong::{wire, workers::Workers};

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    product: ProductId,
    enterprise: EnterpriseFixture,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let enterprise = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    Scene {
        world,
        bank,
        branch,
        product,
        enterprise,
    }
}

impl Scene {
    fn form(&self) -> String {
        format!("/enterprise/apply/{}", self.product)
    }

    fn check(&self) -> String {
        format!("{}/check", self.form())
    }

    fn submit(&self) -> String {
        format!("{}/submit", self.form())
    }

    async fn read_texts(&self, browser: &Browser) {
        for agreement in self.world.cangzhou.ticked_on("apply") {
            let page = format!("/agreements/{}", agreement.code);
            browser.get(&page).await.expect(200);
        }
    }

    async fn fill(&self, browser: &Browser, changed: &[(&str, &str)]) -> Answer {
        let branch = self.branch.to_string();
        let mut fields = vec![
            ("amount", "300"),
            ("term", "3"),
            ("rate", "3.75"),
            ("branch", branch.as_str()),
            ("agree_register", "1"),
            ("agree_enterprise_credit", "1"),
        ];
        for (name, value) in changed {
            fields.retain(|(field, _)| field != name);
            if *value != "-" {
                fields.push((name, value));
            }
        }
        browser.submit(&self.form(), &self.form(), &fields).await
    }

    /// From the form to the check page; nothing is submitted yet.
    async fn ready_to_confirm(&self, browser: &Browser) -> Answer {
        self.read_texts(browser).await;
        let saved = self.fill(browser, &[]).await.expect(303);
        assert_eq!(saved.location(), self.check());
        browser.get(&self.check()).await.expect(200)
    }

    async fn confirm(&self, browser: &Browser, check: &Answer) -> Answer {
        let draft = check.input("draft").expect("the draft is named");
        let version = check.input("version").expect("its version is named");
        let fields = [("draft", draft.as_str()), ("version", version.as_str())];
        browser.submit_from(check, &self.submit(), &fields).await
    }

    /// A submitted request; answers its id.
    async fn submitted(&self) -> FinancingApplicationId {
        let browser = &self.enterprise.browser;
        let check = self.ready_to_confirm(browser).await;
        let done = self.confirm(browser, &check).await.expect(303);
        id_of(done.location())
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    async fn stage(&self, id: FinancingApplicationId) -> String {
        sqlx::query_scalar("select stage from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    async fn run(&self, sql: &'static str) {
        sqlx::query(sql)
            .execute(&self.world.owner)
            .await
            .expect("the statement runs");
    }

    fn workers(&self) -> Workers {
        Workers::new(&self.world.parts)
    }

    fn actor(&self) -> Actor {
        Actor {
            user: self.enterprise.user,
            name: "顾屹舟".to_owned(),
            tenant: self.world.cangzhou.id,
            tenant_kind: TenantKind::City,
            tenant_name: self.world.cangzhou.name.clone(),
            city: self.world.cangzhou.id,
            reach: [self.world.cangzhou.id].into(),
            enterprise: Some(self.enterprise.id),
            roles: vec![Role::EnterpriseOwner],
            session: Uuid::nil(),
            from: Origin {
                channel: "web",
                ..Origin::default()
            },
        }
    }
}

fn id_of(location: &str) -> FinancingApplicationId {
    let id = location.split('/').nth(3).unwrap_or_default();
    FinancingApplicationId(id.parse().expect("the address names the request"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_enterprise_applies_and_finds_its_request_in_the_list() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let form = browser.get(&scene.form()).await.expect(200);
    for printed in [
        "3.75%/年",
        "1.00 - 500.00",
        "1-10年",
        "抵押",
        "期望融资金额:",
        "请输入期望的融资金额",
        "(万元)",
        "期望融资期限:",
        "期望融资利率:",
        "选择受理支行:",
        "请选择支行",
        "本人已阅读,并同意协议 ",
        "注册服务协议",
        "企业社会信用信息查询授权书",
        "返回",
        "提交申请",
    ] {
        assert!(form.text().contains(printed), "{printed}");
    }
    let check = scene.ready_to_confirm(browser).await;
    let check = check.says("核对信息").says("300.00 万元");
    let done = scene.confirm(browser, &check).await.expect(303);
    browser
        .get(done.location())
        .await
        .expect(200)
        .says("PO20261125001")
        .says("2026-11-26 09:30");
    let list = browser.get("/enterprise/applications").await.expect(200);
    let text = list.text();
    let mut at = 0;
    for column in [
        "申请编号",
        "机构",
        "金融产品名称",
        "企业名称",
        "融资金额 (万)",
        "利率 (%)",
        "期限",
        "期限单位",
        "申请时间",
        "接单状态",
        "审核状态",
        "审核意见",
    ] {
        let head = format!(">{column}</th>");
        at += text[at..]
            .find(&head)
            .unwrap_or_else(|| panic!("{column} in its place"));
    }
    for cell in [
        "PO20261125001",
        "狮城商业银行运河支行",
        ">300<",
        "2026-11-25 09:30:00",
        "待接单",
        "待审核",
    ] {
        assert!(text.contains(cell), "{cell}");
    }
    let detail = format!("/enterprise/applications/{}", id_of(done.location()));
    browser
        .get(&detail)
        .await
        .expect(200)
        .says("下一步")
        .says("撤回申请");
    assert_eq!(
        scene
            .count(
                "select count(*) from consents where application_id is not null and recipient <> ''"
            )
            .await,
        2
    );
    assert_eq!(
        scene
            .count("select count(*) from application_dossiers")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_detour_over_profile_and_face_keeps_what_was_typed() {
    let scene = scene().await;
    let newcomer = scene
        .world
        .new_enterprise(
            scene.world.cangzhou.id,
            "沧州市渤沃宸化工新材料有限公司",
            "19900002074",
        )
        .await;
    let browser = &newcomer.browser;
    scene.read_texts(browser).await;
    let away = scene
        .fill(browser, &[("amount", "250.5")])
        .await
        .expect(303);
    assert!(
        away.location().starts_with("/enterprise/profile?next="),
        "{}",
        away.location()
    );
    let back = browser.get(&scene.form()).await.expect(200);
    assert_eq!(back.input("amount").as_deref(), Some("250.5"));
    sqlx::query("update enterprises set profile_completed_at = now() where id = $1")
        .bind(newcomer.id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it is complete");
    let away = scene
        .fill(browser, &[("amount", "250.5")])
        .await
        .expect(303);
    assert!(
        away.location().starts_with("/enterprise/face?next="),
        "{}",
        away.location()
    );
    assert_eq!(
        scene
            .count("select count(*) from financing_applications where application_no is not null")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_signs_in_and_comes_back_to_the_product() {
    let scene = scene().await;
    let answer = scene.world.browser().get(&scene.form()).await.expect(303);
    assert_eq!(answer.location(), format!("/login?next={}", scene.form()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_is_named_kept_and_saved() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    scene.read_texts(browser).await;
    for (field, value, words) in [
        ("amount", "", "请输入期望融资金额"),
        ("amount", "500.01", "期望融资金额应在 1–500 万元之间"),
        ("amount", "0.99", "期望融资金额应在 1–500 万元之间"),
        ("amount", "1.001", "期望融资金额最多保留 2 位小数"),
        ("amount", "三百😀", "期望融资金额应为数字"),
        (
            "amount",
            "<script>alert(1)</script>",
            "期望融资金额应为数字",
        ),
        ("amount", "-5", "期望融资金额应大于 0"),
        ("term", "", "请输入期望融资期限"),
        ("term", "11", "期望融资期限应在 1–10 年之间"),
        ("term", "1.5", "期望融资期限应为整数"),
        ("rate", "", "请输入期望融资利率"),
        ("rate", "3.755", "期望融资利率最多保留 2 位小数"),
        ("rate", "99", "期望融资利率不能超过 24%/年"),
        ("branch", "", "请选择受理支行"),
        (
            "branch",
            "00000000-0000-0000-0000-000000000001",
            "请重新选择受理支行",
        ),
        ("branch", "x'; drop table users", "请重新选择受理支行"),
        ("agree_register", "-", "注册服务协议"),
    ] {
        let page = scene
            .fill(browser, &[(field, value)])
            .await
            .expect(422)
            .says(words);
        assert!(!page.text().contains("<script>alert"), "{value}");
        assert!(page.text().contains("处需要修改"), "{value}");
    }
    assert_eq!(
        scene
            .count("select count(*) from financing_applications where stage = 'draft'")
            .await,
        1
    );
    browser
        .get("/enterprise/applications/drafts")
        .await
        .expect(200)
        .says("惠民抵押贷");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_counts_only_where_its_text_was_opened() {
    let scene = scene().await;
    let page = scene.fill(&scene.enterprise.browser, &[]).await.expect(422);
    page.says("请先打开《注册服务协议》");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_click_twice_is_one_request_and_another_body_is_refused() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let check = scene.ready_to_confirm(browser).await;
    let (one, two) = tokio::join!(
        scene.confirm(browser, &check),
        scene.confirm(browser, &check)
    );
    let (one, two) = (one.expect(303), two.expect(303));
    assert_eq!(one.location(), two.location());
    let again = scene.confirm(browser, &check).await.expect(303);
    assert_eq!(again.location(), one.location());
    let draft = check.input("draft").expect("the draft is named");
    let other = [("draft", draft.as_str()), ("version", "77")];
    browser
        .submit_from(&check, &scene.submit(), &other)
        .await
        .expect(422);
    for table in [
        "select count(*) from financing_applications",
        "select count(*) from outbox",
        "select count(*) from application_dossiers",
    ] {
        assert_eq!(scene.count(table).await, 1, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_open_request_needs_an_explicit_yes() {
    let scene = scene().await;
    scene.submitted().await;
    let browser = &scene.enterprise.browser;
    let check = scene.ready_to_confirm(browser).await.says("PO20261125001");
    let draft = check.input("draft").expect("the draft is named");
    let version = check.input("version").expect("its version is named");
    let plain = [("draft", draft.as_str()), ("version", version.as_str())];
    browser
        .submit_from(&check, &scene.submit(), &plain)
        .await
        .expect(422)
        .says("请先勾选确认");
    let check = browser.get(&scene.check()).await.expect(200);
    let sure = [plain[0], plain[1], ("confirm_duplicate", "1")];
    browser
        .submit_from(&check, &scene.submit(), &sure)
        .await
        .expect(303);
    assert_eq!(
        scene
            .count("select count(distinct application_no) from financing_applications")
            .await,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_off_the_shelf_and_a_branch_that_stopped_keep_the_draft() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let check = scene.ready_to_confirm(browser).await;
    scene.run("delete from product_branches").await;
    let back = scene.confirm(browser, &check).await.expect(303);
    browser
        .get(back.location())
        .await
        .expect(200)
        .says("请重新选择受理支行");
    scene.run("update products set status = 'off_shelf'").await;
    let check = scene.confirm(browser, &check).await.expect(303);
    browser
        .get(check.location())
        .await
        .expect(409)
        .says("已下架")
        .says("草稿");
    assert_eq!(
        scene
            .count("select count(*) from financing_applications where stage = 'draft'")
            .await,
        1
    );
    assert_eq!(
        scene.count("select count(*) from idempotency_keys").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_in_between_keeps_the_draft() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let check = scene.ready_to_confirm(browser).await;
    scene
        .world
        .parts
        .sessions
        .end_all(scene.enterprise.user, None)
        .await
        .expect("they end");
    let lost = scene.confirm(browser, &check).await;
    assert!(lost.status.is_client_error());
    let again = scene
        .world
        .signed_in(
            scene.enterprise.user,
            application::ports::sessions::SessionKind::Enterprise,
            "cangzhou.localhost",
        )
        .await;
    let form = again.get(&scene.form()).await.expect(200);
    assert_eq!(form.input("amount").as_deref(), Some("300"));
    // The ticks were made for these versions before; they stand.
    let saved = scene.fill(&again, &[]).await.expect(303);
    assert_eq!(saved.location(), scene.check());
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_and_accepting_at_once_have_one_winner() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let browser = &scene.enterprise.browser;
    let own = format!("/enterprise/applications/{id}/withdraw");
    let theirs = format!("/branch/applications/{id}/accept");
    let (ours, accept) = (
        browser.get(&own).await.expect(200),
        clerk.browser.get(&theirs).await.expect(200),
    );
    let (withdrawn, accepted) = tokio::join!(
        browser.submit_from(&ours, &own, &[("withdraw_reason", "资金计划调整")]),
        clerk.browser.submit_from(&accept, &theirs, &[]),
    );
    // Withdrawing is allowed after an acceptance too, so both may happen, but never an acceptance after a withdrawal.
    assert!(!withdrawn.status.is_server_error() && !accepted.status.is_server_error());
    let events: Vec<String> = sqlx::query_scalar("select kind from application_events where application_id = $1 and kind in ('accept', 'withdraw') order by seq")
        .bind(id.0)
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are there");
    assert!(
        matches!(
            events.iter().map(String::as_str).collect::<Vec<_>>()[..],
            ["withdraw" | "accept"] | ["accept", "withdraw"]
        ),
        "{events:?}"
    );
    let last = scene.stage(id).await;
    assert_eq!(
        last == "withdrawn",
        events.last().is_some_and(|e| e == "withdraw")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_request_ends_its_consents_and_tells_the_branch() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let own = format!("/enterprise/applications/{id}/withdraw");
    let browser = &scene.enterprise.browser;
    browser
        .submit(&own, &own, &[("withdraw_reason", &"长".repeat(201))])
        .await
        .expect(422)
        .says("撤回原因最多 200 个字，目前 201 个字");
    browser
        .submit(&own, &own, &[("withdraw_reason", "")])
        .await
        .expect(303);
    assert_eq!(scene.stage(id).await, "withdrawn");
    assert_eq!(scene.count("select count(*) from consents where application_id is not null and withdrawn_at is null").await, 0);
    scene.workers().deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count(
                "select count(*) from messages where enterprise_id is null and title like '%撤回%'"
            )
            .await,
        1
    );
    browser
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("未接单")
        .says("已撤回")
        .says("再次申请");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sibling_sees_the_same_bytes_as_for_what_never_was() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    for tail in ["", "/withdraw", "/supplement", "/submitted", "/print"] {
        let theirs = sibling
            .browser
            .get(&format!("/enterprise/applications/{id}{tail}"))
            .await
            .expect(404);
        let nobodys = sibling
            .browser
            .get(&format!(
                "/enterprise/applications/{}{tail}",
                Uuid::new_v4()
            ))
            .await
            .expect(404);
        let bare = |answer: &Answer| {
            let id = answer
                .headers
                .get("x-request-id")
                .and_then(|v| v.to_str().ok())
                .unwrap_or("?")
                .to_owned();
            let path = answer.text();
            path.replace(&id, "")
                .split("back=")
                .map(|part| part.split('"').skip(1).collect::<String>())
                .collect::<String>()
        };
        assert_eq!(bare(&theirs), bare(&nobodys), "{tail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_leaves_exactly_one_message_even_when_the_worker_dies_halfway() {
    let scene = scene().await;
    scene.submitted().await;
    // A worker that took the notice, wrote the message and died before its commit.
    {
        let permit = application::access::Guard::job(
            scene.world.cangzhou.id,
            [scene.world.cangzhou.id].into(),
        );
        let mut work = scene
            .world
            .parts
            .store
            .begin(&permit)
            .await
            .expect("it opens");
        let taken = work
            .outbox()
            .take_due(scene.world.parts.clock.now(), 1)
            .await
            .expect("it reads");
        assert_eq!(taken.len(), 1);
        // While it is held, nobody else gets it.
        assert_eq!(scene.workers().deliver_once().await.expect("it runs"), 0);
    }
    let workers = scene.workers();
    let (one, two) = tokio::join!(workers.deliver_once(), workers.deliver_once());
    assert_eq!(one.expect("it runs") + two.expect("it runs"), 1);
    // Delivered before, but the note of it was lost: the key stops the second one.
    scene.run("update outbox set done_at = null").await;
    workers.deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from messages where enterprise_id is not null")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from messages where enterprise_id is null")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is null")
            .await,
        0
    );
    let page = scene
        .enterprise
        .browser
        .get("/enterprise/messages")
        .await
        .expect(200);
    page.says("融资需求已提交");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_nobody_understands_is_parked_and_holds_up_no_other() {
    let scene = scene().await;
    scene.submitted().await;
    sqlx::query("insert into outbox (id, tenant_id, topic, payload, created_at, next_at) select $1, tenant_id, 'application.event', '{\"application\": \"x\"}', created_at, created_at - interval '1 hour' from outbox")
        .bind(Uuid::new_v4())
        .execute(&scene.world.owner)
        .await
        .expect("it is planted");
    scene.workers().deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from outbox where parked_at is not null")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is not null")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_accepts_is_told_of_and_expires() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let workers = scene.workers();
    scene.world.clock.advance(Duration::days(20));
    assert!(
        workers.tick_once().await.expect("it runs") > 1,
        "told, and taken from the branch"
    );
    assert_eq!(scene.stage(id).await, "returned_to_hq");
    assert_eq!(workers.tick_once().await.expect("it runs"), 0, "told once");
    assert_eq!(
        scene
            .count("select count(*) from messages where title like '%接单'")
            .await,
        3
    );
    scene.world.clock.advance(Duration::days(10));
    assert_eq!(workers.tick_once().await.expect("it runs"), 1);
    assert_eq!(scene.stage(id).await, "expired");
    workers.deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is null")
            .await,
        0
    );
}

/// One after another for one product; seven products do this side by side.
async fn apply_often(scene: Arc<Scene>, product: ProductId, times: u32) {
    let rooms = wire::financing::financing(&scene.world.parts);
    let agreements = scene.world.cangzhou.ticked_on("apply");
    let agreed: Vec<String> = agreements.iter().map(|a| a.code.clone()).collect();
    let actor = scene.actor();
    for _ in 0..times {
        let ask = AskInput {
            product,
            amount: "300".to_owned(),
            term: "3".to_owned(),
            rate: "3.75".to_owned(),
            branch: scene.branch.to_string(),
            agreed: agreed.clone(),
            opened: agreed.clone(),
            again: None,
        };
        let saved = rooms.save(&actor, ask).await.expect("it is saved");
        let click = SubmitApplication {
            draft: saved.application,
            version: 1,
            confirm_duplicate: true,
            key: Uuid::new_v4().to_string(),
            body_hash: [0; 32],
        };
        rooms.submit(&actor, click).await.expect("it is submitted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_and_one_requests_of_a_day_have_numbers_without_gaps() {
    let scene = Arc::new(scene().await);
    let mut running = tokio::task::JoinSet::new();
    for n in 0..7 {
        let (bank, name) = (scene.bank, format!("惠民抵押贷 {n} 号"));
        let product = scene.world.product(bank, &name, &[scene.branch]).await;
        running.spawn(apply_often(scene.clone(), product, 143));
    }
    running.join_all().await;
    let numbers: Vec<String> = sqlx::query_scalar(
        "select application_no from financing_applications order by length(application_no), application_no",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("they are there");
    let expected: Vec<String> = (1..=1_001).map(|n| format!("PO20261125{n:03}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(scene.count("select count(*) from outbox").await, 1_001);
    let events = "select count(*) from application_events where kind = 'submit'";
    assert_eq!(scene.count(events).await, 1_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_is_told_in_the_site_and_by_sms_once() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let page = format!("/branch/applications/{id}/accept");
    clerk.browser.submit(&page, &page, &[]).await.expect(303);
    let workers = scene.workers();
    workers.deliver_once().await.expect("it runs");
    workers.deliver_once().await.expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from demo_inbox where text like '%PO20261125001%接单%'")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from messages where title = '融资需求已接单'")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from outbox where done_at is null")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cities_may_use_the_same_number() {
    let scene = scene().await;
    scene.submitted().await;
    sqlx::query("insert into daily_numbers (tenant_id, day, last) values ($1, '2026-11-25', 0)")
        .bind(scene.world.other.id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it is there");
    let permit =
        application::access::Guard::job(scene.world.other.id, [scene.world.other.id].into());
    let mut work = scene
        .world
        .parts
        .store
        .begin(&permit)
        .await
        .expect("it opens");
    let day = time::macros::date!(2026 - 11 - 25);
    let number = work
        .financing_applications()
        .next_number(day)
        .await
        .expect("a number");
    assert_eq!(number.as_str(), "PO20261125001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_cancelled_in_mid_transaction_loses_nothing_and_poisons_nothing() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let check = scene.ready_to_confirm(browser).await;
    let draft = check.input("draft").expect("the draft is named");
    let version = check.input("version").expect("its version is named");
    let (csrf, key) = (check.csrf(), check.input("_key").expect("a key"));
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", key.as_str()),
        ("draft", draft.as_str()),
        ("version", version.as_str()),
    ];
    // The browser is gone after a moment of every length.
    for micros in (0..40).map(|n| n * 500) {
        let request = browser
            .raw(reqwest::Method::POST, &scene.submit())
            .form(&fields);
        let patience = std::time::Duration::from_micros(micros);
        tokio::time::timeout(patience, request.send()).await.ok();
    }
    let done = browser.post(&scene.submit(), &fields).await.expect(303);
    let number = browser.get(done.location()).await.expect(200);
    number.says("PO20261125001");
    for table in [
        "select count(*) from financing_applications where stage = 'submitted'",
        "select count(*) from outbox",
        "select count(*) from application_events where kind = 'submit'",
        "select last::bigint from daily_numbers",
    ] {
        assert_eq!(scene.count(table).await, 1, "{table}");
    }
    scene.workers().deliver_once().await.expect("it runs");
    browser
        .get("/enterprise/messages")
        .await
        .expect(200)
        .says("PO20261125001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supplement_is_answered_in_place_and_the_bank_goes_on() {
    let scene = scene().await;
    let id = scene.submitted().await;
    sqlx::query("update financing_applications set stage = 'need_supplement', returned_from = 'accepted', ever_accepted = true, supplement_rounds = 1, paused_at = submitted_at, due_at = submitted_at + interval '15 days' where id = $1")
        .bind(id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it was sent back");
    let (needed, optional) = (Uuid::new_v4(), Uuid::new_v4());
    for (item, label, required) in [
        (needed, "近 12 个月银行流水", true),
        (optional, "购销合同", false),
    ] {
        sqlx::query("insert into supplement_items (id, tenant_id, application_id, round, position, label, required) values ($1, $2, $3, 1, 1, $4, $5)")
            .bind(item)
            .bind(scene.world.cangzhou.id.0)
            .bind(id.0)
            .bind(label)
            .bind(required)
            .execute(&scene.world.owner)
            .await
            .expect("it is asked for");
    }
    scene.world.clock.advance(Duration::days(12));
    let fresh = scene
        .world
        .signed_in(
            scene.enterprise.user,
            application::ports::sessions::SessionKind::Enterprise,
            "cangzhou.localhost",
        )
        .await;
    assert_eq!(
        scene.workers().tick_once().await.expect("it runs"),
        1,
        "warned on the twelfth day"
    );
    let page = format!("/enterprise/applications/{id}/supplement");
    let form = fresh
        .get(&page)
        .await
        .expect(200)
        .says("近 12 个月银行流水");
    fresh
        .submit_from(&form, &page, &[("_action", "send")])
        .await
        .expect(422)
        .says("请上传“近 12 个月银行流水”，或填写文字说明");
    let text = format!("text_{needed}");
    // A file that is refused and a note that is too long are told together, and 暂存 keeps the note.
    let form = fresh.get(&page).await.expect(200);
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let (wrong, long) = (format!("file_{optional}"), "长".repeat(501));
    let told = fresh
        .upload(
            &page,
            &[
                ("_csrf", csrf.as_str()),
                ("_key", key.as_str()),
                ("_action", "send"),
                ("note", long.as_str()),
            ],
            &[(wrong.as_str(), "a.pdf", b"no file of ours".to_vec())],
        )
        .await
        .expect(422);
    told.says("不是 JPG、PNG 图片或 PDF")
        .says("请上传“近 12 个月银行流水”，或填写文字说明")
        .says("有 3 处需要修改");
    let form = fresh.get(&page).await.expect(200);
    fresh
        .submit_from(
            &form,
            &page,
            &[("_action", "keep"), ("note", "周五前补齐合同")],
        )
        .await
        .expect(200);
    let form = fresh.get(&page).await.expect(200).says("周五前补齐合同");
    fresh
        .submit_from(
            &form,
            &page,
            &[
                ("_action", "send"),
                (&text, "流水原件现场查看"),
                ("note", "已补充"),
            ],
        )
        .await
        .expect(303);
    assert_eq!(scene.stage(id).await, "accepted");
    fresh
        .get(&format!("/enterprise/applications/{id}"))
        .await
        .expect(200)
        .says("流水原件现场查看");
    let _ = scene.bank;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_goes_out_late_names_the_date_of_its_event() {
    let scene = scene().await;
    let id = scene.submitted().await;
    scene.workers().deliver_once().await.expect("it runs");
    // Asked for, and answered before the worker came: the row has another date by now, or none.
    sqlx::query("update financing_applications set stage = 'accepted', ever_accepted = true, due_at = null where id = $1")
        .bind(id.0)
        .execute(&scene.world.owner)
        .await
        .expect("it was answered");
    let due = time::macros::datetime!(2026-12-10 17:00 +8).unix_timestamp();
    sqlx::query("insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ($1, $2, 'application.event', $3, now(), '2026-11-01')")
        .bind(Uuid::new_v4())
        .bind(scene.world.cangzhou.id.0)
        .bind(serde_json::json!({ "application": id.0, "seq": 9, "verb": "ask_supplement", "stage": "need_supplement", "due": due }))
        .execute(&scene.world.owner)
        .await
        .expect("the event was told");
    scene.workers().deliver_once().await.expect("it runs");
    let body: String =
        sqlx::query_scalar("select body from messages where dedupe_key like 'event:%:9'")
            .fetch_one(&scene.world.owner)
            .await
            .expect("a letter");
    assert!(body.contains("请在 2026-12-10 17:00 前提交"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_tells_the_branch_and_only_the_owner_may() {
    let scene = scene().await;
    scene.submitted().await;
    let browser = &scene.enterprise.browser;
    browser
        .get("/enterprise/consents")
        .await
        .expect(200)
        .says("狮城商业银行运河支行")
        .says("版本 2026.2");
    let consent: Uuid =
        sqlx::query_scalar("select id from consents where application_id is not null limit 1")
            .fetch_one(&scene.world.owner)
            .await
            .expect("it is there");
    let page = format!("/enterprise/consents/{consent}/withdraw");
    browser.submit(&page, &page, &[]).await.expect(303);
    scene.workers().deliver_once().await.expect("it runs");
    assert_eq!(scene.count("select count(*) from messages where enterprise_id is null and title = '企业已撤回授权'").await, 1);
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    sibling.browser.get(&page).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_nobody_touched_for_ninety_days_goes_and_nothing_else_does() {
    let scene = scene().await;
    let sent = scene.submitted().await;
    scene.ready_to_confirm(&scene.enterprise.browser).await;
    let drafts = "select count(*) from financing_applications where stage = 'draft'";
    let workers = scene.workers();
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(drafts).await, 1);
    scene
        .run("update financing_applications set updated_at = '2026-01-01', created_at = '2026-01-01'")
        .await;
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(drafts).await, 0);
    assert_eq!(scene.stage(sent).await, "submitted");
    let kept = "select count(*) from sms_codes";
    scene.world.clock.advance(Duration::days(2));
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(kept).await, 0);
}
