//! Headquarters: the whole institution at a glance, dispatch, appeals and corrections, and how the bank decides.

use domain::ids::{FinancingApplicationId, ProductId, TenantId};
use journeys::{Answer, EnterpriseFixture, StaffFixture, World};

/// Two branches that carry the product, one that does not, people in all of them, and another bank.
struct Scene {
    world: World,
    bank: TenantId,
    canal: TenantId,
    xinhua: TenantId,
    without: TenantId,
    product: ProductId,
    owner: EnterpriseFixture,
    admin: StaffFixture,
    second_admin: StaffFixture,
    hq_approver: StaffFixture,
    clerk: StaffFixture,
    xinhua_clerk: StaffFixture,
    stranger: StaffFixture,
    application: FinancingApplicationId,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("沧海惠民银行").await;
    let canal = world.branch(bank, "沧海惠民银行运河支行").await;
    let xinhua = world.branch(bank, "沧海惠民银行新华支行").await;
    let without = world.branch(bank, "沧海惠民银行青县支行").await;
    let product = world.product(bank, "惠民抵押贷", &[canal, xinhua]).await;
    let other_bank = world.bank("狮城商业银行").await;
    world.branch(other_bank, "狮城商业银行运河支行").await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let admin = world.staff(bank, "梁承宇", &["ha"]).await;
    let second_admin = world.staff(bank, "苏启明", &["ha"]).await;
    let hq_approver = world.staff(bank, "温如岚", &["hp"]).await;
    let clerk = world.staff(canal, "钱云诚", &["bm"]).await;
    let xinhua_clerk = world.staff(xinhua, "时嘉宁", &["bm"]).await;
    let stranger = world.staff(other_bank, "简书越", &["ha", "hp"]).await;
    // What weighs wants a fresh proof (S-41); the clock stands still, so these stay fresh.
    for person in [&admin, &second_admin, &hq_approver] {
        person.browser.prove().await;
    }
    let application = world
        .submitted_application(&owner, bank, canal, product)
        .await;
    Scene {
        world,
        bank,
        canal,
        xinhua,
        without,
        product,
        owner,
        admin,
        second_admin,
        hq_approver,
        clerk,
        xinhua_clerk,
        stranger,
        application,
    }
}

impl Scene {
    fn path(&self, rest: &str) -> String {
        format!("/branch/applications/{}{rest}", self.application)
    }

    async fn number(&self) -> String {
        self.one("select application_no from financing_applications where id = $1")
            .await
    }

    async fn stage(&self) -> String {
        self.one("select stage from financing_applications where id = $1")
            .await
    }

    async fn one(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql)
            .bind(self.application.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    async fn arrange(&self, sql: &'static str) {
        sqlx::query(sql)
            .bind(self.application.0)
            .bind(self.world.parts.clock.now())
            .execute(&self.world.owner)
            .await
            .expect("it is arranged");
    }

    async fn another(&self, branch: TenantId) -> FinancingApplicationId {
        self.world
            .submitted_application(&self.owner, self.bank, branch, self.product)
            .await
    }
}

/// The words of the row of a table that names something.
fn row(page: &Answer, name: &str) -> String {
    let text = page.text();
    text.split("<tr")
        .skip(1)
        .find(|row| row.contains(name))
        .unwrap_or_else(|| panic!("{name} has no row:\n{text}"))
        .to_owned()
}

// --- 工作台 and 时效看板 ---

#[tokio::test(flavor = "multi_thread")]
async fn headquarters_arrives_at_a_desk_whose_counts_open_their_rows() {
    let scene = scene().await;
    let late = scene.another(scene.xinhua).await;
    sqlx::query("update financing_applications set due_at = $2 - interval '2 hours', submitted_at = $2 - interval '3 days' where id = $1")
        .bind(late.0)
        .bind(scene.world.parts.clock.now())
        .execute(&scene.world.owner)
        .await
        .expect("it is late");
    let browser = &scene.admin.browser;
    let desk = browser.get("/hq").await.expect(200);
    desk.clone()
        .says("待改派")
        .says("复议申请")
        .says("已超时 2 小时")
        .says("沧海惠民银行新华支行");
    let late_rows = browser
        .get("/branch/applications?due=overdue")
        .await
        .expect(200)
        .says("沧海惠民银行新华支行")
        .text();
    assert!(!late_rows.contains(&scene.number().await));
    browser
        .get("/branch/applications?stage=submitted")
        .await
        .expect(200)
        .says("共 2 条");
    // What a branch gave back is the headquarters' own duty, and late when the day is over.
    scene
        .arrange("update financing_applications set stage = 'returned_to_hq', due_at = $2 - interval '1 hour' where id = $1")
        .await;
    browser
        .get("/branch/applications?due=overdue")
        .await
        .expect(200)
        .says("共 2 条");
    // The branch's address leads a headquarters to its own desk; a branch has no such desk, another bank sees its own rows.
    assert_eq!(browser.get("/branch").await.expect(303).location(), "/hq");
    for path in ["/hq", "/hq/board"] {
        scene.clerk.browser.get(path).await.expect(404);
    }
    let foreign = scene.stranger.browser.get("/hq").await.expect(200).text();
    assert!(!foreign.contains("瀚岳澜") && !foreign.contains("沧海惠民"));
}

#[tokio::test(flavor = "multi_thread")]
async fn headquarters_narrows_its_list_to_one_branch() {
    let scene = scene().await;
    scene.another(scene.xinhua).await;
    let browser = &scene.hq_approver.browser;
    let all = browser.get("/branch/applications").await.expect(200);
    all.says("受理支行").says("共 2 条");
    let path = format!("/branch/applications?branch={}", scene.canal);
    let one = browser.get(&path).await.expect(200).says("共 1 条");
    one.says(&scene.number().await);
    let elsewhere = format!("/branch/applications?branch={}", scene.without);
    browser
        .get(&elsewhere)
        .await
        .expect(200)
        .says("没有符合条件的融资需求");
    // A branch that is asked for another branch's rows still sees only its own.
    let sneaked = scene
        .clerk
        .browser
        .get(&format!("/branch/applications?branch={}", scene.xinhua))
        .await
        .expect(200)
        .text();
    assert!(!sneaked.contains("PO20261125"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_counts_each_branch_and_person_and_ranks_only_the_own_institution() {
    let scene = scene().await;
    let now = scene.world.parts.clock.now();
    for (hours, stage) in [(2, "approved"), (4, "rejected"), (9, "accepted")] {
        let id = scene.another(scene.xinhua).await;
        sqlx::query(
            "update financing_applications set stage = $3, ever_accepted = true, holder_user_id = $4, holder_name = '时嘉宁',
               submitted_at = $2 - interval '2 days', intake_since = $2 - interval '2 days',
               accepted_at = $2 - interval '2 days' + make_interval(hours => $5),
               decided_at = case when $3 <> 'accepted' then $2 end, approved_amount_cents = 100, due_at = $2 - interval '1 hour'
             where id = $1",
        )
        .bind(id.0)
        .bind(now)
        .bind(stage)
        .bind(scene.xinhua_clerk.user.0)
        .bind(hours)
        .execute(&scene.world.owner)
        .await
        .expect("it was worked on");
    }
    let page = scene.admin.browser.get("/hq/board").await.expect(200);
    let xinhua = row(&page, "沧海惠民银行新华支行");
    for words in ["4.0 小时", "50%", "1 / 2"] {
        assert!(xinhua.contains(words), "{words}: {xinhua}");
    }
    let person = row(&page, "时嘉宁");
    assert!(person.contains("4.0 小时") && person.contains("新华支行"));
    let text = page.says("<title id=\"chart-load-title\">").text();
    assert!(text.contains("<desc") && text.contains("width=\"100%\""));
    assert!(!text.contains("狮城"));
    // What is older than thirty days no longer counts.
    sqlx::query("update financing_applications set accepted_at = accepted_at - interval '31 days',
                   intake_since = intake_since - interval '31 days', decided_at = decided_at - interval '31 days'")
        .execute(&scene.world.owner)
        .await
        .expect("it is older");
    let page = scene.admin.browser.get("/hq/board").await.expect(200);
    let xinhua = row(&page, "沧海惠民银行新华支行");
    assert!(
        !xinhua.contains("小时") && !xinhua.contains('%'),
        "{xinhua}"
    );
}

// --- 派单: rows 7, 9, 10 and 17 ---

/// Posts a deed from its opened form.
async fn step(
    browser: &journeys::Browser,
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

impl Scene {
    /// Opens the form of a deed, checks it, and does it.
    async fn deed(&self, who: &StaffFixture, deed: &str, fields: &[(&str, &str)]) -> Answer {
        let path = self.path(deed);
        let form = who.browser.get(&path).await.expect(200);
        step(&who.browser, &form, &path, fields, "")
            .await
            .expect(200);
        step(&who.browser, &form, &path, fields, "confirm").await
    }

    async fn deliver(&self) {
        yijianrong::workers::Workers::new(&self.world.parts)
            .deliver_once()
            .await
            .expect("it runs");
    }

    /// Titles in the box of a node, or of the enterprise.
    async fn titles(&self, tenant: TenantId, enterprise: bool) -> Vec<String> {
        sqlx::query_scalar(
            "select title from messages where tenant_id = $1 and (enterprise_id is not null) = $2",
        )
        .bind(tenant.0)
        .bind(enterprise)
        .fetch_all(&self.world.owner)
        .await
        .expect("the box is there")
    }

    async fn give_back(&self) {
        self.arrange(
            "with back as (update financing_applications set stage = 'returned_to_hq', version = version + 1 where id = $1
               returning tenant_id, id, version)
             insert into application_events (id, tenant_id, application_id, seq, kind, from_stage, to_stage, actor_kind, actor_role,
               actor_name, note, at)
             select gen_random_uuid(), tenant_id, id, version, 'decline_intake', 'submitted', 'returned_to_hq', 'staff', 'bm',
               '钱云诚', '企业不在本支行服务区域。', $2 from back",
        )
        .await;
    }

    async fn accept(&self) {
        let page = self.path("/accept");
        self.clerk
            .browser
            .submit(&page, &page, &[("_action", "confirm")])
            .await
            .expect(303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headquarters_sends_a_waiting_request_elsewhere_and_the_old_branch_loses_it_in_that_moment()
{
    let scene = scene().await;
    let xinhua = scene.xinhua.0.to_string();
    // The old branch has its acceptance form open.
    let accept = scene.path("/accept");
    let left_open = scene.clerk.browser.get(&accept).await.expect(200);
    let form = scene
        .admin
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(200)
        .says("沧海惠民银行新华支行")
        .says("待接单 0 笔");
    assert!(!form.text().contains("青县支行"), "it does not carry it");
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "企业在新华区，就近办理。"),
    ];
    let path = scene.path("/dispatch");
    step(&scene.admin.browser, &form, &path, &fields, "")
        .await
        .expect(200)
        .says("要将这笔融资需求转派给所选支行吗");
    assert_eq!(scene.stage().await, "submitted");
    for _ in 0..2 {
        step(&scene.admin.browser, &form, &path, &fields, "confirm")
            .await
            .expect(303);
    }
    let moves = "select (moves || ' ' || (handler_tenant_id is not null))::text from financing_applications where id = $1";
    assert_eq!(
        scene.one(moves).await,
        "1 true",
        "pressed twice, moved once"
    );
    // 404 at once, list empty, and the form that was open is told.
    scene.clerk.browser.get(&scene.path("")).await.expect(404);
    scene
        .clerk
        .browser
        .submit_from(&left_open, &accept, &[("_action", "confirm")])
        .await
        .expect(404)
        .says("可能已转派给其他支行");
    let list = scene.clerk.browser.get("/branch/queue").await.expect(200);
    assert!(!list.text().contains("瀚岳澜"));
    scene
        .xinhua_clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("就近办理");
    scene.deliver().await;
    assert_eq!(scene.titles(scene.canal, false).await, ["融资需求已转派"]);
    assert_eq!(
        scene.titles(scene.xinhua, false).await,
        ["新的融资需求待接单"]
    );
    scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("就近办理")
        .says("新华支行");
    assert!(
        scene
            .titles(scene.world.cangzhou.id, true)
            .await
            .contains(&"受理支行已变更".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_refused_without_reason_to_a_branch_that_does_not_carry_it_and_the_third_time() {
    let scene = scene().await;
    let (path, browser) = (scene.path("/dispatch"), &scene.admin.browser);
    let form = browser.get(&path).await.expect(200);
    let (xinhua, without) = (scene.xinhua.0.to_string(), scene.without.0.to_string());
    let nowhere = uuid::Uuid::new_v4().to_string();
    for (branch, reason, words) in [
        ("", "就近办理", "请选择支行"),
        (xinhua.as_str(), "  ", "请输入转派原因"),
        (without.as_str(), "就近办理", "该支行不办理此金融产品"),
        (nowhere.as_str(), "就近办理", "没有找到该支行"),
    ] {
        for action in ["", "confirm"] {
            let fields = [("branch", branch), ("move_reason", reason)];
            step(browser, &form, &path, &fields, action)
                .await
                .expect(422)
                .says(words);
        }
    }
    // Where it is already is no place to send it.
    let canal = scene.canal.0.to_string();
    let fields = [("branch", canal.as_str()), ("move_reason", "就近办理")];
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(409)
        .says("该融资需求已由您选择的支行");
    for branch in [&xinhua, &canal] {
        let fields = [("branch", branch.as_str()), ("move_reason", "就近办理")];
        scene
            .deed(&scene.admin, "/dispatch", &fields)
            .await
            .expect(303);
    }
    browser
        .get(&path)
        .await
        .expect(409)
        .says("已改派两次，不能再次改派");
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(409);
    assert_eq!(
        scene
            .one("select moves::text from financing_applications where id = $1")
            .await,
        "2"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_dispatch_at_once_and_the_second_reads_what_the_first_did() {
    let scene = scene().await;
    let path = scene.path("/dispatch");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    let first = scene.admin.browser.get(&path).await.expect(200);
    let second = scene.second_admin.browser.get(&path).await.expect(200);
    step(&scene.admin.browser, &first, &path, &fields, "confirm")
        .await
        .expect(303);
    step(
        &scene.second_admin.browser,
        &second,
        &path,
        &fields,
        "confirm",
    )
    .await
    .expect(409)
    .says("梁承宇")
    .says("转派");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_of_the_own_headquarters_dispatch() {
    let scene = scene().await;
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    let form = scene
        .admin
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(200);
    let version = form.input("version").expect("a version");
    // The same bank's approver looks but does not dispatch; another bank's headquarters knows nothing of it.
    for (who, status) in [
        (&scene.hq_approver, 403),
        (&scene.clerk, 404),
        (&scene.stranger, 404),
    ] {
        let own = who.browser.get("/branch/account").await.expect(200);
        for deed in ["/dispatch", "/move", "/confirm-decline"] {
            let all = [
                ("version", version.as_str()),
                ("_action", "confirm"),
                ("_key", "0123456789abcdef0123"),
                fields[0],
                fields[1],
            ];
            let answer = who.browser.submit_from(&own, &scene.path(deed), &all).await;
            assert_eq!(answer.status.as_u16(), status, "{deed}");
        }
    }
    scene
        .stranger
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(404);
    scene
        .stranger
        .browser
        .get(&scene.path(""))
        .await
        .expect(404);
    assert_eq!(
        scene
            .one("select moves::text from financing_applications where id = $1")
            .await,
        "0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_a_branch_dispatches_within_its_own_sub_branches_and_no_further() {
    let scene = scene().await;
    let world = &scene.world;
    let outlet = world
        .branch(scene.bank, "沧海惠民银行运河支行小王庄营业部")
        .await;
    sqlx::query("update tenants set parent_id = $2 where id = $1")
        .bind(outlet.0)
        .bind(scene.canal.0)
        .execute(&world.owner)
        .await
        .expect("it lies below");
    sqlx::query("insert into product_branches (product_id, branch_id, tenant_id, city_id) select id, $2, tenant_id, city_id from products where id = $1")
        .bind(scene.product.0)
        .bind(outlet.0)
        .execute(&world.owner)
        .await
        .expect("it carries it");
    let head = world.staff(scene.canal, "曹明远", &["bh"]).await;
    let form = head
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(200)
        .says("小王庄营业部");
    assert!(!form.text().contains("新华支行"), "not its own");
    let path = scene.path("/dispatch");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    step(&head.browser, &form, &path, &fields, "confirm")
        .await
        .expect(422)
        .says("没有找到该支行");
    let outlet_id = outlet.0.to_string();
    let fields = [("branch", outlet_id.as_str()), ("move_reason", "就近办理")];
    scene.deed(&head, "/dispatch", &fields).await.expect(303);
    // The clerk of the parent branch keeps seeing it, as reach goes down; the neighbour never does.
    scene
        .xinhua_clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(404);
    head.browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("小王庄营业部");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_branch_gave_back_is_sent_on_or_refused_by_headquarters() {
    let scene = scene().await;
    scene.give_back().await;
    scene
        .hq_approver
        .browser
        .get("/hq/dispatch")
        .await
        .expect(200)
        .says("企业不在本支行服务区域");
    let foreign = scene
        .stranger
        .browser
        .get("/hq/dispatch")
        .await
        .expect(200)
        .says("现在没有等待改派的融资需求");
    assert!(!foreign.text().contains("瀚岳澜"));
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    scene
        .deed(&scene.admin, "/dispatch", &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "submitted");
    scene.clerk.browser.get(&scene.path("")).await.expect(404);
    // The second branch gives it back as well, and now nobody takes it.
    scene.give_back().await;
    let path = scene.path("/confirm-decline");
    let form = scene.admin.browser.get(&path).await.expect(200);
    step(&scene.admin.browser, &form, &path, &[], "confirm")
        .await
        .expect(422)
        .says("请至少选择一项拒单原因")
        .says("请输入拒单说明");
    let code = scene.world.cangzhou.rejection_reasons[0].code.clone();
    let fields = [
        ("reasons", code.as_str()),
        ("refusal_note", "本机构暂不受理该行业，建议改选其他机构。"),
    ];
    scene
        .deed(&scene.admin, "/confirm-decline", &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "refused_intake");
    scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("未接单")
        .says("建议改选其他机构");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_branch_accepted_moves_only_after_the_enterprise_agreed() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/move");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "客户经理调离。"),
    ];
    scene
        .admin
        .browser
        .get(&scene.path("/dispatch"))
        .await
        .expect(409);
    scene.deed(&scene.admin, "/move", &fields).await.expect(303);
    // Asked once only; nothing has moved, and it is not completed before the answer.
    let page = scene
        .second_admin
        .browser
        .get(&path)
        .await
        .expect(200)
        .says("等待企业答复");
    let browser = &scene.second_admin.browser;
    step(browser, &page, &path, &fields, "confirm")
        .await
        .expect(409)
        .says("已向企业征询转派");
    let again = browser.get(&path).await.expect(200);
    step(browser, &again, &path, &[], "complete")
        .await
        .expect(409)
        .says("企业尚未同意转派");
    assert_eq!(scene.stage().await, "accepted");
    scene.clerk.browser.get(&scene.path("")).await.expect(200);
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.world.cangzhou.id, true)
            .await
            .contains(&"请确认是否更换受理支行".to_owned())
    );
    scene
        .arrange("update move_requests set status = 'agreed', answered_at = $2 where application_id = $1")
        .await;
    scene
        .admin
        .browser
        .get("/hq/dispatch")
        .await
        .expect(200)
        .says("企业已同意");
    let page = browser.get(&path).await.expect(200).says("完成转派");
    for _ in 0..2 {
        step(browser, &page, &path, &[], "complete")
            .await
            .expect(303);
    }
    assert_eq!(scene.stage().await, "submitted");
    scene.clerk.browser.get(&scene.path("")).await.expect(404);
    scene
        .xinhua_clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("尚未接单");
    let done = "select status from move_requests where application_id = $1";
    assert_eq!(scene.one(done).await, "done");
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.canal, false)
            .await
            .contains(&"融资需求已转派".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_by_sql_does_the_bank_say_yes_for_the_enterprise() {
    let scene = scene().await;
    scene.accept().await;
    let xinhua = scene.xinhua.0.to_string();
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "客户经理调离。"),
    ];
    scene.deed(&scene.admin, "/move", &fields).await.expect(303);
    let settings = format!(
        "begin; set local role tenant_rw; select set_config('app.tenant_id', '{0}', true), set_config('app.city_id', '{1}', true),
         set_config('app.reach', '{0},{2}', true);",
        scene.bank, scene.world.cangzhou.id, scene.canal
    );
    for (status, goes) in [("agreed", false), ("declined", false), ("cancelled", true)] {
        let mut connection = scene.world.owner.acquire().await.expect("a connection");
        // AssertSqlSafe: ids of this test and fixed words.
        let sql = format!("{settings} update move_requests set status = '{status}'; rollback;");
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await;
        assert_eq!(done.is_ok(), goes, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_called_off_and_a_branch_cannot_ask_one() {
    let scene = scene().await;
    scene.accept().await;
    let path = scene.path("/move");
    let xinhua = scene.xinhua.0.to_string();
    let fields = [
        ("branch", xinhua.as_str()),
        ("move_reason", "客户经理调离。"),
    ];
    scene.deed(&scene.admin, "/move", &fields).await.expect(303);
    let browser = &scene.admin.browser;
    let page = browser.get(&path).await.expect(200);
    step(browser, &page, &path, &[], "cancel").await.expect(303);
    assert_eq!(scene.stage().await, "accepted");
    // It may be asked anew, and the form says what became of the first question.
    browser
        .get(&path)
        .await
        .expect(200)
        .says("已取消")
        .says("转至支行");
    let head = scene.world.staff(scene.canal, "曹明远", &["bh"]).await;
    let own = head.browser.get("/branch/account").await.expect(200);
    let all = [
        ("version", "3"),
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
        fields[0],
        fields[1],
    ];
    head.browser
        .submit_from(&own, &path, &all)
        .await
        .expect(404);
}

// --- 复议与更正: rows 23 and 24 ---

impl Scene {
    /// Refused yesterday by the branch, in one step.
    async fn refuse(&self) {
        self.arrange(
            "update financing_applications set stage = 'rejected', ever_accepted = true, version = version + 1,
               decided_at = $2 - interval '1 day', due_at = null, reason_codes = '{}', review_opinion = '流水不足。',
               approved_amount_cents = null where id = $1",
        )
        .await;
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version, agreement_title,
               body_hash, purpose, application_id, channel, granted_at)
             select gen_random_uuid(), tenant_id, enterprise_id, created_by, 'enterprise_credit', '1', '授权书', '\\x00', 'apply', id,
               'web', now() from financing_applications where id = $1",
        )
        .bind(self.application.0)
        .execute(&self.world.owner)
        .await
        .expect("the consent is there");
    }

    /// The enterprise asked for 复议.
    async fn appeal(&self) {
        sqlx::query(
            "insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
             select tenant_id, id, '上月新签订单 800 万元，流水已补。', created_by, '顾屹舟', $2
             from financing_applications where id = $1",
        )
        .bind(self.application.0)
        .bind(self.world.parts.clock.now())
        .execute(&self.world.owner)
        .await
        .expect("it was asked");
    }

    /// The bank decides in these steps.
    async fn steps(&self, steps: &[&str]) {
        let steps: Vec<String> = steps.iter().map(|s| (*s).to_owned()).collect();
        sqlx::query("insert into bank_settings (tenant_id, approval_steps, updated_by, updated_at) values ($1, $2, $3, now())")
            .bind(self.bank.0)
            .bind(steps)
            .bind(self.admin.user.0)
            .execute(&self.world.owner)
            .await
            .expect("it is set");
    }

    /// Opens the form of a matter at its own address, checks it, and does it.
    async fn matter(&self, who: &StaffFixture, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = who.browser.get(path).await.expect(200);
        step(&who.browser, &form, path, fields, "")
            .await
            .expect(200);
        step(&who.browser, &form, path, fields, "confirm").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_approver_of_headquarters_takes_up_an_appeal_and_the_approval_starts_anew() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    scene.steps(&["ba", "hp"]).await;
    scene
        .hq_approver
        .browser
        .get("/hq")
        .await
        .expect(200)
        .says("复议申请");
    scene
        .hq_approver
        .browser
        .get("/hq/appeals")
        .await
        .expect(200)
        .says("新签订单");
    let path = format!("/hq/appeals/{}", scene.application);
    // The administrator reads it but does not settle it; another bank does not know of it; nor does the branch settle it.
    scene.admin.browser.get(&path).await.expect(409);
    scene.stranger.browser.get(&path).await.expect(404);
    scene.clerk.browser.get(&path).await.expect(404);
    let form = scene
        .hq_approver
        .browser
        .get(&path)
        .await
        .expect(200)
        .says("流水不足")
        .says("支行审批人，再由总行审批人");
    let browser = &scene.hq_approver.browser;
    step(browser, &form, &path, &[], "confirm")
        .await
        .expect(422)
        .says("请选择处理意见");
    step(browser, &form, &path, &[("verdict", "decline")], "confirm")
        .await
        .expect(422)
        .says("不受理时请填写答复");
    scene
        .matter(&scene.hq_approver, &path, &[("verdict", "accept")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "in_approval");
    let steps = "select (approval -> 'steps')::text || reconsidered::text from financing_applications where id = $1";
    assert_eq!(scene.one(steps).await, "[\"ba\", \"hp\"]true");
    let facts =
        "select note from application_events where application_id = $1 and kind = 'reconsider'";
    assert!(scene.one(facts).await.contains("新签订单"));
    let settled =
        "select status || ' ' || settled_name from reconsiderations where application_id = $1";
    assert_eq!(scene.one(settled).await, "accepted 温如岚");
    // Once settled, a form left open is told by whom.
    step(browser, &form, &path, &[("verdict", "accept")], "confirm")
        .await
        .expect(409);
    // The enterprise reads that it goes on, and not what is proposed among the bank's people.
    let page = scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("复议");
    assert!(!page.text().contains("拟批准"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_that_is_not_taken_up_is_answered_and_nothing_moves() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    let path = format!("/hq/appeals/{}", scene.application);
    let fields = [
        ("verdict", "decline"),
        ("appeal_note", "新订单尚未履约，请履约后再申请。"),
    ];
    scene
        .matter(&scene.hq_approver, &path, &fields)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.world.cangzhou.id, true)
            .await
            .contains(&"复议申请未被受理".to_owned())
    );
    let note = "select note from reconsiderations where application_id = $1";
    assert!(scene.one(note).await.contains("尚未履约"));
    scene.hq_approver.browser.get(&path).await.expect(409);
    scene
        .hq_approver
        .browser
        .get("/hq/appeals")
        .await
        .expect(200)
        .says("现在没有待处理的复议申请");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_standing_consent_no_appeal_is_taken_up() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    sqlx::query("update consents set withdrawn_at = now()")
        .execute(&scene.world.owner)
        .await
        .expect("it is withdrawn");
    let path = format!("/hq/appeals/{}", scene.application);
    let form = scene.hq_approver.browser.get(&path).await.expect(200);
    step(
        &scene.hq_approver.browser,
        &form,
        &path,
        &[("verdict", "accept")],
        "confirm",
    )
    .await
    .expect(409)
    .says("企业已撤回为本次申请作出的授权");
    assert_eq!(scene.stage().await, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_corrected_by_two_people_of_headquarters_and_both_stand_in_the_log() {
    let scene = scene().await;
    scene.refuse().await;
    let ask = scene.path("/correct");
    let fields = [("correction_reason", "经办人点错按钮，应为退回补充。")];
    // Only an administrator asks.
    scene
        .admin
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("更正误操作");
    let own = scene.hq_approver.browser.get("/hq").await.expect(200);
    let all = [
        ("version", "3"),
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
        fields[0],
    ];
    scene
        .hq_approver
        .browser
        .submit_from(&own, &ask, &all)
        .await
        .expect(403);
    scene.matter(&scene.admin, &ask, &fields).await.expect(303);
    assert_eq!(scene.stage().await, "rejected", "one person is not enough");
    scene.deliver().await;
    assert!(
        scene
            .titles(scene.bank, false)
            .await
            .contains(&"更正申请待复核".to_owned())
    );
    scene.second_admin.browser.get(&ask).await.expect(409);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    scene
        .admin
        .browser
        .get(&path)
        .await
        .expect(409)
        .says("须由本机构另一位人员复核");
    scene.stranger.browser.get(&path).await.expect(404);
    scene.clerk.browser.get(&path).await.expect(404);
    // Whoever asked cannot confirm by hand either.
    let form = scene.hq_approver.browser.get(&path).await.expect(200);
    let version = form.input("version").expect("a version");
    let own = scene.admin.browser.get("/hq/appeals").await.expect(200);
    let all = [
        ("version", version.as_str()),
        ("verdict", "accept"),
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
    ];
    scene
        .admin
        .browser
        .submit_from(&own, &path, &all)
        .await
        .expect(409);
    assert_eq!(scene.stage().await, "rejected");
    scene
        .matter(&scene.hq_approver, &path, &[("verdict", "accept")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "in_approval");
    let log = "select actor_name || note from application_events where application_id = $1 and kind = 'correct_mistake'";
    let log = scene.one(log).await;
    assert!(log.contains("梁承宇") && log.contains("温如岚"), "{log}");
    let page = scene
        .owner
        .browser
        .get(&format!("/enterprise/applications/{}", scene.application))
        .await
        .expect(200)
        .says("更正误操作");
    let text = page.text();
    assert!(!text.contains("点错按钮") && !text.contains("温如岚"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_too_refuses_a_correction_by_one_person() {
    let scene = scene().await;
    scene.refuse().await;
    let fields = [("correction_reason", "点错按钮。")];
    scene
        .matter(&scene.admin, &scene.path("/correct"), &fields)
        .await
        .expect(303);
    let alone = sqlx::query("update correction_requests set status = 'confirmed', settled_by = asked_by where application_id = $1")
        .bind(scene.application.0)
        .execute(&scene.world.owner)
        .await;
    assert!(alone.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_two_working_days_a_mistake_stays_and_a_refused_intake_goes_back_to_its_branch() {
    let scene = scene().await;
    scene.refuse().await;
    scene
        .arrange(
            "update financing_applications set decided_at = $2 - interval '9 days' where id = $1",
        )
        .await;
    let ask = scene.path("/correct");
    let form = scene.admin.browser.get(&ask).await.expect(200);
    let fields = [("correction_reason", "点错按钮。")];
    step(&scene.admin.browser, &form, &ask, &fields, "confirm")
        .await
        .expect(409)
        .says("已超过 2 个工作日");
    assert!(
        !scene
            .admin
            .browser
            .get(&scene.path(""))
            .await
            .expect(200)
            .text()
            .contains("更正误操作")
    );
    // The other mistake: refused intake.
    scene
        .arrange(
            "update financing_applications set stage = 'refused_intake', ever_accepted = false, decided_at = $2 where id = $1",
        )
        .await;
    scene.matter(&scene.admin, &ask, &fields).await.expect(303);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    let second = &scene.second_admin;
    scene
        .matter(second, &path, &[("verdict", "accept")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "submitted");
    let holder = "select handler_tenant_id::text from financing_applications where id = $1";
    assert_eq!(scene.one(holder).await, scene.canal.0.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_the_second_person_does_not_share_changes_nothing() {
    let scene = scene().await;
    scene.refuse().await;
    let fields = [("correction_reason", "点错按钮。")];
    scene
        .matter(&scene.admin, &scene.path("/correct"), &fields)
        .await
        .expect(303);
    let id = scene
        .one("select id::text from correction_requests where application_id = $1")
        .await;
    let path = format!("/hq/corrections/{id}");
    scene
        .matter(&scene.second_admin, &path, &[("verdict", "decline")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "rejected");
    scene
        .hq_approver
        .browser
        .get(&path)
        .await
        .expect(409)
        .says("苏启明");
}

// --- 审批设置 ---

#[tokio::test(flavor = "multi_thread")]
async fn approval_settings_are_proposed_by_one_and_stand_once_another_confirmed() {
    let scene = scene().await;
    let path = "/hq/settings";
    let fields = [("step1", "ba"), ("step2", "hp"), ("single_step", "30")];
    let admin = &scene.admin.browser;
    admin
        .get(path)
        .await
        .expect(200)
        .says("现按平台的默认设置办理");
    // HP confirms but does not propose; a branch and another bank have nothing to do with it.
    let page = scene.hq_approver.browser.get(path).await.expect(200);
    assert!(!page.text().contains("step1"));
    let own = scene.hq_approver.browser.get("/hq").await.expect(200);
    let forced = [("_key", "0123456789abcdef0123"), fields[0]];
    scene
        .hq_approver
        .browser
        .submit_from(&own, path, &forced)
        .await
        .expect(403);
    scene.clerk.browser.get(path).await.expect(404);
    admin
        .submit(path, path, &[("step1", "hp"), ("step2", "ba")])
        .await
        .expect(422)
        .says("总行审批人之后不能再由支行审批人审批");
    admin.submit(path, path, &fields).await.expect(303);
    let workers = yijianrong::workers::Workers::new(&scene.world.parts);
    while workers.deliver_once().await.expect("it runs") > 0 {}
    let others = scene.second_admin.browser.get("/branch/messages").await;
    others
        .expect(200)
        .says("审批设置修改待复核")
        .says("请由提出人以外的人员复核");
    let set = "select count(*)::text from bank_settings where tenant_id = (select bank_id from financing_applications where id = $1)";
    assert_eq!(scene.one(set).await, "0", "it waits for a second person");
    // Nobody confirms what they proposed; nobody proposes a second change meanwhile.
    let change = scene
        .one("select c.id::text from bank_settings_changes c, financing_applications a where a.id = $1")
        .await;
    let mine = admin
        .get(path)
        .await
        .expect(200)
        .says("须由提出人以外的人员复核");
    let confirm = [
        ("_action", "confirm"),
        ("_key", "0123456789abcdef0123"),
        ("change", change.as_str()),
    ];
    admin
        .submit_from(&mine, path, &confirm)
        .await
        .expect(409)
        .says("须由本机构另一位人员复核");
    let other = scene.second_admin.browser.get(path).await.expect(200);
    assert!(!other.text().contains("step1"));
    for _ in 0..2 {
        scene
            .second_admin
            .browser
            .submit_from(
                &other,
                path,
                &[("_action", "confirm"), ("change", change.as_str())],
            )
            .await
            .expect(303);
    }
    let now = "select approval_steps::text || ' ' || single_step_up_to_cents || ' ' || version from bank_settings
               where tenant_id = (select bank_id from financing_applications where id = $1)";
    assert_eq!(scene.one(now).await, "{ba,hp} 30000000 1");
    while workers.deliver_once().await.expect("it runs") > 0 {}
    let told = admin.get("/branch/messages").await.expect(200);
    told.says("审批设置修改已生效").says("苏启明");
    let foreign = scene.stranger.browser.get("/branch/messages").await;
    assert!(!foreign.expect(200).text().contains("审批设置"));
    scene
        .hq_approver
        .browser
        .get(path)
        .await
        .expect(200)
        .says("支行审批人，再由总行审批人")
        .says("苏启明")
        .says("已生效");
    let foreign = scene.stranger.browser.get(path).await.expect(200);
    assert!(!foreign.text().contains("苏启明"));
    // What was settled is never rewritten, and one person alone is refused by the database as well.
    for sql in [
        "update bank_settings_changes set approval_steps = '{hp}'",
        "update bank_settings_changes set status = 'open'",
        "insert into bank_settings_changes (id, tenant_id, approval_steps, asked_by, asked_name, asked_at, status, settled_by)
         select gen_random_uuid(), tenant_id, approval_steps, asked_by, asked_name, asked_at, 'confirmed', asked_by from bank_settings_changes",
    ] {
        assert!(sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&scene.world.owner).await.is_err(), "{sql}");
    }
}

// --- 派单规则 ---

impl Scene {
    /// The dossier says in which county the enterprise is.
    async fn stands_in(&self, county: &str) {
        sqlx::query(
            "insert into application_dossiers values ($1, $2, $3, jsonb_build_object('company_name', '', 'unified_social_credit_code',
               '', 'registered_capital_cents', null, 'legal_representative', '', 'legal_id', '', 'contact_phone', '', 'county', $4::text,
               'industry', '', 'email', '', 'first_loan', false), '\\x00', now())",
        )
        .bind(self.application.0)
        .bind(self.world.cangzhou.id.0)
        .bind(self.owner.id.0)
        .bind(county)
        .execute(&self.world.owner)
        .await
        .expect("the dossier is there");
    }

    async fn rule(&self, county: &str, most_open: &str, branch: TenantId) -> Answer {
        let branch = branch.0.to_string();
        let fields = [
            ("county", county),
            ("product", ""),
            ("most_open", most_open),
            ("rule_branch", branch.as_str()),
        ];
        self.admin
            .browser
            .submit("/hq/rules", "/hq/rules", &fields)
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_choose_the_branch_in_their_order_and_the_dry_run_says_why() {
    let scene = scene().await;
    scene.stands_in("河北省沧州市盐山县").await;
    scene.give_back().await;
    let browser = &scene.admin.browser;
    browser
        .get("/hq/rules")
        .await
        .expect(200)
        .says("还没有派单规则")
        .says("没有适用的规则，请人工选择支行");
    // 盐山县 goes to 青县支行, which does not carry the product: that rule never fits; then everything to 新华支行.
    scene.rule("130925", "", scene.without).await.expect(303);
    scene.rule("", "5", scene.xinhua).await.expect(303);
    scene.rule("130925", "", scene.canal).await.expect(303);
    scene
        .rule("", "", scene.xinhua)
        .await
        .expect(422)
        .says("已有相同的规则");
    scene
        .rule("999999", "0", scene.xinhua)
        .await
        .expect(422)
        .says("待办上限应为");
    let page = browser.get("/hq/rules").await.expect(200);
    let trial = row(&page, &scene.number().await);
    assert!(
        trial.contains("新华支行") && trial.contains("第 2 条规则"),
        "{trial}"
    );
    // Nothing has moved; the form is filled, and a person sends it.
    assert_eq!(scene.stage().await, "returned_to_hq");
    let path = scene.path("/dispatch");
    let form = browser
        .get(&format!("{path}?by=rule"))
        .await
        .expect(200)
        .says("第 2 条派单规则适用");
    let xinhua = scene.xinhua.0.to_string();
    assert!(form.text().contains("checked"), "the branch is chosen");
    let fields = [("branch", xinhua.as_str()), ("move_reason", "按派单规则。")];
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "submitted");
    // A full branch is passed over.
    for _ in 0..5 {
        scene.another(scene.xinhua).await;
    }
    let waiting = scene.another(scene.canal).await;
    let number: String =
        sqlx::query_scalar("select application_no from financing_applications where id = $1")
            .bind(waiting.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it waits");
    let page = browser.get("/hq/rules").await.expect(200);
    let trial = row(&page, &number);
    assert!(trial.contains("没有适用的规则"), "{trial}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_moved_and_removed_by_an_administrator_of_the_own_bank_only() {
    let scene = scene().await;
    scene.rule("", "", scene.canal).await.expect(303);
    scene.rule("", "", scene.xinhua).await.expect(303);
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from dispatch_rules order by position")
            .fetch_all(&scene.world.owner)
            .await
            .expect("they are there");
    let press = |who: &StaffFixture, id: uuid::Uuid, action: &'static str, key: &'static str| {
        let browser = who.browser.clone();
        async move {
            let own = browser.get("/branch/account").await.expect(200);
            let fields = [("_action", action), ("_key", key)];
            browser
                .submit_from(&own, &format!("/hq/rules/{id}"), &fields)
                .await
        }
    };
    let order = || async {
        sqlx::query_scalar::<_, uuid::Uuid>("select id from dispatch_rules order by position")
            .fetch_all(&scene.world.owner)
            .await
            .expect("they are there")
    };
    for (who, status) in [
        (&scene.stranger, 404),
        (&scene.hq_approver, 403),
        (&scene.clerk, 404),
    ] {
        let answer = press(who, ids[1], "up", "0123456789abcdef0000").await;
        assert_eq!(answer.status.as_u16(), status);
    }
    assert_eq!(order().await, ids);
    // Pressed twice with the same key it moves once.
    for _ in 0..2 {
        press(&scene.admin, ids[1], "up", "0123456789abcdef0001")
            .await
            .expect(303);
    }
    assert_eq!(order().await, [ids[1], ids[0]]);
    press(&scene.admin, ids[1], "remove", "0123456789abcdef0002")
        .await
        .expect(303);
    assert_eq!(order().await, [ids[0]]);
    press(&scene.admin, ids[1], "remove", "0123456789abcdef0003")
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fresh_proof_nothing_that_weighs_is_settled() {
    let scene = scene().await;
    scene.refuse().await;
    scene.appeal().await;
    scene.world.clock.advance(time::Duration::minutes(6));
    let path = format!("/hq/appeals/{}", scene.application);
    let asked = scene.hq_approver.browser.get(&path).await.expect(303);
    assert!(
        asked.location().starts_with("/staff/prove"),
        "{}",
        asked.location()
    );
    let own = scene.admin.browser.get("/hq/settings").await.expect(200);
    let fields = [("step1", "ba"), ("step2", "hp")];
    let asked = scene
        .admin
        .browser
        .submit_from(&own, "/hq/settings", &fields)
        .await
        .expect(307);
    assert!(asked.location().starts_with("/staff/prove"));
    let waiting = "select count(*)::text from bank_settings_changes where $1::uuid is not null";
    assert_eq!(scene.one(waiting).await, "0");
}
