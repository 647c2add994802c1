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
    assert!(text.contains("<desc") && text.contains("width=\"640\""));
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
        .says("就是现在的受理支行");
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
        .says("已转派 2 次，不能再转派");
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
        for deed in ["/dispatch", "/move", "/refuse"] {
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
    let path = scene.path("/refuse");
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
        .deed(&scene.admin, "/refuse", &fields)
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
