//! 企业管理: found by name, code and filters, masked, opened in full only for a reason that both logs keep.

use journeys::{Browser, EnterpriseFixture, World};

const LIST: &str = "/operator/enterprises";

struct Scene {
    world: World,
    ready: EnterpriseFixture,
    newcomer: EnterpriseFixture,
    abroad: EnterpriseFixture,
    operator: Browser,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let ready = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    world.clock.advance(time::Duration::minutes(1));
    let newcomer = world
        .new_enterprise(
            world.cangzhou.id,
            "沧州市渤沃宸化工新材料有限公司",
            "19900002074",
        )
        .await;
    let abroad = world
        .new_enterprise(world.other.id, "北山市岚峰机械有限公司", "19900003001")
        .await;
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    Scene {
        operator: operator.browser,
        world,
        ready,
        newcomer,
        abroad,
    }
}

impl Scene {
    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    /// Which of the three names a page shows.
    async fn shown(&self, query: &str) -> Vec<&'static str> {
        let page = self
            .operator
            .get(&format!("{LIST}?{query}"))
            .await
            .expect(200)
            .text();
        ["瀚岳澜", "渤沃宸", "岚峰"]
            .into_iter()
            .filter(|name| page.contains(name))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_narrowed_by_every_filter_and_never_shows_another_city() {
    let scene = scene().await;
    let code: String = sqlx::query_scalar(
        "select unified_social_credit_code from enterprises where unified_social_credit_code is not null",
    )
    .fetch_one(&scene.world.owner)
    .await
    .expect("a code");
    let by_code = format!("q={}", code.to_lowercase());
    for (query, names) in [
        ("", vec!["瀚岳澜", "渤沃宸"]),
        ("q=%E6%B8%A4%E6%B2%83", vec!["渤沃宸"]),
        (by_code.as_str(), vec!["瀚岳澜"]),
        ("q=%25", vec![]),
        ("profile=complete", vec!["瀚岳澜"]),
        ("profile=incomplete", vec!["渤沃宸"]),
        ("verified=verified", vec!["瀚岳澜"]),
        ("verified=unverified", vec!["渤沃宸"]),
        ("verified=in_review", vec![]),
        ("account=frozen", vec![]),
        ("account=active", vec!["瀚岳澜", "渤沃宸"]),
        ("county=130903", vec!["瀚岳澜", "渤沃宸"]),
        ("county=130902", vec![]),
        ("section=C", vec!["瀚岳澜"]),
        ("section=A", vec![]),
        ("from=2026-11-25&to=2026-11-25", vec!["瀚岳澜", "渤沃宸"]),
        ("to=2026-11-24", vec![]),
        ("from=2026-11-26", vec![]),
    ] {
        assert_eq!(scene.shown(query).await, names, "{query}");
    }
    let odd = format!("{LIST}?from=2026-13-01");
    scene
        .operator
        .get(&odd)
        .await
        .expect(200)
        .says("“注册日期起”没有用于查询")
        .says("2026-13-01")
        .says("共 2 家");
    scene
        .operator
        .get(&format!("{LIST}?q=%25"))
        .await
        .expect(200)
        .says("没有符合条件的企业");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_a_gap() {
    let scene = scene().await;
    sqlx::query(
        "insert into enterprises (id, tenant_id, name, legal_representative, region_code, created_at)
         select gen_random_uuid(), $1, '沧州市第' || n || '号公司', '顾屹舟', '130903001', $2 - n * interval '1 minute'
         from generate_series(1, 43) n",
    )
    .bind(scene.world.cangzhou.id.0)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect("they are there");
    let mut path = LIST.to_owned();
    let mut names = Vec::new();
    for _ in 0..3 {
        let page = scene.operator.get(&path).await.expect(200).text();
        assert!(page.contains("共 45 家"));
        let links = page.split("href=\"/operator/enterprises/").skip(1);
        names.extend(links.filter_map(|rest| rest.split('"').next().map(str::to_owned)));
        let next = page.split("rel=\"next\"").next().unwrap_or_default();
        let next = next.rsplit("href=\"").next().unwrap_or_default();
        path = next
            .split('"')
            .next()
            .unwrap_or_default()
            .replace("&amp;", "&");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 45);
}

#[tokio::test(flavor = "multi_thread")]
async fn full_values_open_only_for_a_reason_that_the_enterprise_reads() {
    let scene = scene().await;
    let path = format!("{LIST}/{}", scene.ready.id);
    let page = scene.operator.get(&path).await.expect(200);
    let page = page.says("顾**").says("199****2037").says("已完善").text();
    for hidden in ["顾屹舟", "110105188001010009", "19900002037", "装备大街"] {
        assert!(!page.contains(hidden), "{hidden}");
    }
    let full = format!("{path}/full");
    scene
        .operator
        .submit(&full, &full, &[("reason", "核对")])
        .await
        .expect(422)
        .says("至少 5 个字")
        .says("核对");
    let looks = "select count(*) from view_entries where reason = '电话核对疑似冒用'";
    assert_eq!(scene.count("select count(*) from view_entries").await, 0);
    scene
        .operator
        .submit(&full, &full, &[("reason", "电话核对疑似冒用")])
        .await
        .expect(200)
        .says("110105188001010009")
        .says("19900002037")
        .says("装备大街 108 号");
    assert_eq!(scene.count(looks).await, 1);
    let log =
        "select count(*) from audit_entries where action = 'enterprise.unmask' and outcome = 'ok'";
    assert_eq!(scene.count(log).await, 1);
    scene
        .ready
        .browser
        .get("/enterprise/consents/looks")
        .await
        .expect(200)
        .says("电话核对疑似冒用");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_looks_and_opens_and_holds_nothing_and_others_find_no_such_room() {
    let scene = scene().await;
    let world = &scene.world;
    let path = format!("{LIST}/{}", scene.newcomer.id);
    let supervisor = world.staff(world.cangzhou.id, "季明远", &["os"]).await;
    let page = supervisor.browser.get(&path).await.expect(200).text();
    assert!(!page.contains("/full\"") && !page.contains("/hold\""));
    supervisor
        .browser
        .get(&format!("{path}/full"))
        .await
        .expect(403);
    supervisor
        .browser
        .get(&format!("{path}/hold"))
        .await
        .expect(403);
    let csrf = supervisor.browser.get("/branch/account").await.csrf();
    for (door, field) in [("full", "reason"), ("hold", "hold_reason")] {
        let fields = [
            ("_csrf", csrf.as_str()),
            ("_key", "0123456789abcdef0123"),
            (field, "试试看能不能打开"),
        ];
        let door = format!("{path}/{door}");
        supervisor.browser.post(&door, &fields).await.expect(403);
    }
    // Another city's enterprise is as missing as one that never was.
    let foreign = format!("{LIST}/{}", scene.abroad.id);
    let nobody = format!("{LIST}/{}", uuid::Uuid::new_v4());
    for missing in [foreign, nobody] {
        scene.operator.get(&missing).await.expect(404);
        scene
            .operator
            .get(&format!("{missing}/hold"))
            .await
            .expect(404);
    }
    let bank = world.bank("狮城商业银行").await;
    let chief = world.staff(bank, "梁承宇", &["ha"]).await;
    let regulator = world.staff(world.cangzhou.id, "监管员", &["rg"]).await;
    for person in [&chief, &regulator] {
        person.browser.get(LIST).await.expect(404);
        person.browser.get(&path).await.expect(404);
    }
    assert_eq!(scene.count("select count(*) from view_entries").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_of_an_account_that_was_asked_for_is_taken_back_by_whoever_asked() {
    let scene = scene().await;
    let second = scene
        .world
        .staff(scene.world.cangzhou.id, "卫之行", &["op"]);
    let second = second.await.browser;
    for browser in [&scene.operator, &second] {
        browser.prove().await;
    }
    let path = format!("{LIST}/{}", scene.ready.id);
    let hold = format!("{path}/hold");
    let asked = [("hold_reason", "预留手机号机主来电")];
    let asked = scene.operator.submit(&hold, &hold, &asked).await;
    asked.expect(303);
    let withdraw = format!("{hold}/withdraw");
    let refused = second.get(&withdraw).await;
    refused.expect(409).says("只有提出人可以撤回");
    let form = scene.operator.get(&withdraw).await.expect(200);
    let id = form.input("hold").expect("the page names the request");
    let fields = [("hold", id.as_str()), ("withdraw_reason", "机主已说明")];
    let taken_back = scene.operator.submit_from(&form, &withdraw, &fields);
    taken_back.await.expect(303);
    let seen = second.get(&path).await.expect(200);
    seen.says("宋知远已撤回").says("撤回原因：机主已说明");
    let confirm = second.get(&format!("{hold}/confirm")).await;
    confirm.expect(409).says("没有等待确认的申请");
    let noted = "select count(*) from audit_entries where action = 'enterprise.withdraw_hold' and outcome = 'ok'";
    assert_eq!(scene.count(noted).await, 1);
    let frozen = "select count(*) from enterprises where status = 'frozen'";
    assert_eq!(scene.count(frozen).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enterprise_reads_every_look_page_by_page() {
    let scene = scene().await;
    sqlx::query(
        "insert into view_entries (id, tenant_id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id, viewer_node, fields, reason, at)
         select gen_random_uuid(), $1, $2, $3, '宋知远', $1, '平台', '身份证号', '第' || n || '次核对。', $4 - n * interval '1 minute'
         from generate_series(1, 120) n",
    )
    .bind(scene.world.cangzhou.id.0)
    .bind(scene.ready.id.0)
    .bind(scene.ready.user.0)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect("they are there");
    let mut path = "/enterprise/consents/looks".to_owned();
    let mut seen = 0;
    let mut pages = 0;
    while !path.is_empty() {
        let page = scene.ready.browser.get(&path).await.expect(200).text();
        seen += page.matches("次核对。").count();
        pages += 1;
        let before = page.split("rel=\"next\"").next().unwrap_or_default();
        let next = before.rsplit("href=\"").next().unwrap_or_default();
        path = if page.contains("rel=\"next\"") {
            let href = next.split('"').next().unwrap_or_default();
            href.replace("&amp;", "&")
        } else {
            String::new()
        };
    }
    assert_eq!((seen, pages), (120, 3));
}
