//! 机构管理: an institution is taken in with its first administrator, changed, paused by two people and taken up again.

use domain::ids::{ProductId, TenantId};
use journeys::{Answer, Browser, EnterpriseFixture, StaffFixture, World};

const LIST: &str = "/operator/institutions";
const NAME: &str = "渤海融资担保有限公司";

struct Scene {
    world: World,
    first: Browser,
    second: Browser,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let (first, second) = (
        operator(&world, "宋知远").await,
        operator(&world, "卫之行").await,
    );
    Scene {
        world,
        first,
        second,
    }
}

async fn operator(world: &World, name: &str) -> Browser {
    let StaffFixture { browser, .. } = world.staff(world.cangzhou.id, name, &["op"]).await;
    browser.prove().await;
    browser
}

/// Opens a page whose form is sent as it stands, with these fields.
async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = browser.get(path).await.expect(200);
    let open = form.input("suspension").unwrap_or_default();
    let mut all = vec![("suspension", open.as_str())];
    all.extend_from_slice(fields);
    browser.submit_from(&form, path, &all).await
}

const FORM: [(&str, &str); 10] = [
    ("name", NAME),
    ("short_name", "渤海担保"),
    ("kind", "guarantee_company"),
    ("licence_no", "冀130900001"),
    ("hotline", "0317-2200200"),
    ("address", "运河区解放西路 88 号"),
    ("intro", "为中小企业提供融资担保。"),
    ("person", "梁承宇"),
    ("phone", "16600001234"),
    ("account", "bohai-ha1"),
];

fn with<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = FORM.to_vec();
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

impl Scene {
    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_institution_is_taken_in_with_its_first_administrator_whom_a_second_operator_confirms() {
    let scene = scene().await;
    let path = format!("{LIST}/new");
    for (field, value, words) in [
        ("name", "渤海", "4–60 个字"),
        ("name", "沧州<b>渤海</b>担保", "不能包含表情、尖括号"),
        ("name", "沧州渤海担保🏦有限公司", "不能包含表情、尖括号"),
        ("short_name", "渤海<i>", "不能包含表情、尖括号"),
        ("kind", "circus", "请选择机构类型"),
        ("licence_no", "", "请填写许可证编号"),
        ("hotline", "客服", "客服电话应为"),
        ("phone", "123", "手机号"),
        ("account", "渤海", "登录账号"),
    ] {
        press(&scene.first, &path, &with(&[(field, value)]))
            .await
            .expect(422)
            .says(words)
            .says("为中小企业提供融资担保。");
    }
    let form = scene.first.get(&path).await.expect(200);
    let shown = scene
        .first
        .submit_from(&form, &path, &FORM)
        .await
        .expect(200);
    let shown = shown.says("/staff/link/").says("另一位管理员确认");
    let link = shown.text();
    let token = link.split("/staff/link/").nth(1).unwrap_or_default();
    let token: String = token
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    // The same click once more makes nothing new and shows no link again.
    let again = scene.first.submit_from(&form, &path, &FORM).await;
    again.expect(303);
    assert_eq!(
        scene
            .count("select count(*) from institutions where licence_no = '冀130900001'")
            .await,
        1
    );
    press(&scene.first, &path, &with(&[("account", "bohai-ha2")]))
        .await
        .expect(422)
        .says("该机构已经入驻");
    let list = scene.second.get(LIST).await.expect(200);
    list.says(NAME).says("融资担保公司").says("正常受理");
    // The role waits for the second operator; the link does not.
    assert_eq!(
        scene
            .count("select count(*) from role_grants where status = 'open' and roles = '{ha}'")
            .await,
        1
    );
    scene
        .world
        .browser()
        .get(&format!("/staff/link/{token}"))
        .await
        .expect(200)
        .says("梁承宇");
    let log =
        "select count(*) from audit_entries where action = 'institution.open' and outcome = 'ok'";
    assert_eq!(scene.count(log).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_before_the_role_is_confirmed_is_told_so() {
    let scene = scene().await;
    let bank = scene.world.bank("狮城商业银行").await;
    let early = scene.world.staff(bank, "梁承宇", &[]).await;
    let page = early.browser.get("/hq").await.expect(200);
    let page = page.says("角色等待另一位管理员确认");
    assert!(!page.text().contains("/hq/dispatch"), "no room is open yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_public_facts_are_changed_and_shown_at_once() {
    let scene = scene().await;
    let bank = scene.world.bank("狮城商业银行").await;
    scene.world.bank("沧海惠民银行").await;
    let path = format!("{LIST}/{bank}/edit");
    let facts = [
        ("name", "狮城商业银行股份有限公司"),
        ("short_name", "狮城银行"),
        ("kind", "city_bank"),
        ("licence_no", "B0134H213090001"),
        ("hotline", "95577"),
        ("address", "运河区迎宾大道 1 号"),
        ("intro", "服务本地企业。"),
    ];
    let mut taken = facts;
    taken[0].1 = "沧海惠民银行";
    press(&scene.first, &path, &taken)
        .await
        .expect(422)
        .says("该机构已经入驻")
        .says("95577");
    press(&scene.first, &path, &facts).await.expect(303);
    scene
        .first
        .get(&format!("{LIST}/{bank}"))
        .await
        .expect(200)
        .says("狮城商业银行股份有限公司")
        .says("B0134H213090001");
    let portal = format!("/institutions/{bank}");
    let anybody = scene.world.browser();
    for _ in 0..2_000 {
        if anybody.get(&portal).await.text().contains("95577") {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the portal never told of the change");
}

async fn applying(scene: &Scene) -> (TenantId, ProductId, EnterpriseFixture, String, Browser) {
    let world = &scene.world;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await.browser;
    let accept = format!("/branch/applications/{application}/accept");
    (bank, product, owner, accept, clerk)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_institution_takes_nothing_new_and_goes_on_with_what_it_has() {
    let scene = scene().await;
    let (bank, product, owner, accept, clerk) = applying(&scene).await;
    let chief = scene.world.staff(bank, "梁承宇", &["ha"]).await.browser;
    let page = format!("{LIST}/{bank}/suspend");
    press(&scene.first, &page, &[("hold_reason", "")])
        .await
        .expect(422)
        .says("请填写原因");
    press(&scene.first, &page, &[("hold_reason", "许可证正在换发")])
        .await
        .expect(303);
    let paused = "select count(*) from institutions where status = 'suspended'";
    assert_eq!(scene.count(paused).await, 0, "one person pauses nothing");
    let confirm = format!("{page}/confirm");
    scene.first.get(&confirm).await.expect(409).says("两个人");
    scene
        .second
        .get(LIST)
        .await
        .expect(200)
        .says("许可证正在换发");
    press(&scene.second, &confirm, &[]).await.expect(303);
    assert_eq!(scene.count(paused).await, 1);
    // Off the market, and whoever kept the address reads why.
    let market = format!("/market/{product}");
    let anybody = scene.world.browser();
    let mut told = anybody.get(&market).await;
    for _ in 0..2_000 {
        if told.status != 200 {
            break;
        }
        tokio::task::yield_now().await;
        told = anybody.get(&market).await;
    }
    told.expect(404)
        .says("该机构暂停受理")
        .says("狮城商业银行已暂停受理新的融资需求");
    let apply = format!("/enterprise/apply/{product}");
    let form = owner.browser.get(&apply).await;
    assert!(!form.text().contains("name=\"amount\""), "{}", form.text());
    // What was submitted goes on; the bank's people are told and work as before.
    clerk
        .submit(&accept, &accept, &[("_action", "confirm")])
        .await
        .expect(303);
    yijianrong::workers::Workers::new(&scene.world.parts)
        .deliver_once()
        .await
        .expect("it is told");
    chief
        .get("/branch/messages")
        .await
        .expect(200)
        .says("平台已暂停本机构受理新的融资需求")
        .says("许可证正在换发");
    let again = press(&scene.second, &page, &[("hold_reason", "换发完成")]).await;
    again.expect(303);
    press(&scene.first, &confirm, &[]).await.expect(303);
    assert_eq!(scene.count(paused).await, 0);
    for _ in 0..2_000 {
        if anybody.get(&market).await.status == 200 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the market never told of the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_looks_and_others_find_no_such_room() {
    let scene = scene().await;
    let world = &scene.world;
    let bank = world.bank("狮城商业银行").await;
    let abroad = world.bank_in(world.other.id, "北山银行").await;
    let supervisor = world
        .staff(world.cangzhou.id, "季明远", &["os"])
        .await
        .browser;
    let path = format!("{LIST}/{bank}");
    let page = supervisor.get(&path).await.expect(200).text();
    assert!(!page.contains("/edit\"") && !page.contains("/suspend\""));
    supervisor.get(&format!("{LIST}/new")).await.expect(403);
    supervisor.get(&format!("{path}/suspend")).await.expect(403);
    for missing in [abroad.to_string(), uuid::Uuid::new_v4().to_string()] {
        for door in ["", "/edit", "/suspend"] {
            let path = format!("{LIST}/{missing}{door}");
            scene.first.get(&path).await.expect(404);
        }
    }
    let chief = world.staff(bank, "梁承宇", &["ha"]).await.browser;
    chief.get(LIST).await.expect(404);
    chief.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_was_asked_for_is_taken_back_by_whoever_asked() {
    let scene = scene().await;
    let bank = scene.world.bank("狮城商业银行").await;
    let page = format!("{LIST}/{bank}/suspend");
    press(&scene.first, &page, &[("hold_reason", "许可证正在换发")])
        .await
        .expect(303);
    let withdraw = format!("{page}/withdraw");
    let refused = scene.second.get(&withdraw).await;
    refused.expect(409).says("只有提出人可以撤回");
    let why = [("withdraw_reason", "许可证已换发")];
    press(&scene.first, &withdraw, &why).await.expect(303);
    let seen = scene.second.get(&format!("{LIST}/{bank}")).await;
    seen.expect(200)
        .says("宋知远已撤回")
        .says("撤回原因：许可证已换发");
    let confirm = scene.second.get(&format!("{page}/confirm")).await;
    confirm.expect(409).says("没有等待确认的申请");
    let noted = "select count(*) from audit_entries where action = 'institution.withdraw_suspension' and outcome = 'ok'";
    assert_eq!(scene.count(noted).await, 1);
    let paused = "select count(*) from institutions where status = 'suspended'";
    assert_eq!(scene.count(paused).await, 0);
}
