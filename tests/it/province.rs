//! 上级报送 (G4): monthly sums to the provincial node, on its good and its bad days.

mod node;

use application::{
    ports::{people_now::PeopleNow as _, sessions::SessionKind, statistics::Dimension},
    province::Figures,
};
use domain::ids::{ProductId, TenantId};
use journeys::{Answer, Browser, CANGZHOU_HOST, StaffFixture, World};
use node::{Mood, Node};
use serde_json::{Value, json};
use time::{
    Duration,
    macros::{date, datetime},
};
use uuid::Uuid;
use wiremock::{MockServer, ResponseTemplate};
use yijianrong::{wire, workers::Workers};

const LIST: &str = "/operator/province";
const NAMES: [&str; 3] = [
    "沧州市瀚岳澜管道装备有限公司",
    "沧州市渤沃宸化工新材料有限公司",
    "沧州市岚峰机械有限公司",
];

struct Scene {
    world: World,
    node: Node,
    bank: TenantId,
    branch: TenantId,
    product: ProductId,
    firms: Vec<journeys::EnterpriseFixture>,
    operator: StaffFixture,
}

/// A city that reports, with a request of each of three firms in November, one of them paid out; it is the sixth of December. The
/// other city reports to nobody.
async fn scene() -> Scene {
    scene_where(|slug| slug == "cangzhou").await
}

async fn scene_where(reports: impl Fn(&str) -> bool) -> Scene {
    let node = Node::open().await;
    let world = World::with(|city| {
        city.plugs.remove("province");
        if reports(&city.slug) {
            let section = node.section(&city.slug);
            city.plugs.insert("province".to_owned(), section);
        }
    })
    .await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let mut firms = Vec::new();
    for (name, phone) in NAMES
        .into_iter()
        .zip(["19900002037", "19900002074", "19900002075"])
    {
        firms.push(world.ready_enterprise(name, phone).await);
    }
    for firm in &firms {
        world
            .submitted_application(firm, bank, branch, product)
            .await;
    }
    paid_out(&world).await;
    world.clock.set(datetime!(2026-12-06 10:00 +8));
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    Scene {
        world,
        node,
        bank,
        branch,
        product,
        firms,
        operator,
    }
}

/// The first request was accepted, granted and paid out within the month.
async fn paid_out(world: &World) {
    sqlx::raw_sql(
        "update financing_applications set stage = 'disbursing', accepted_at = submitted_at + interval '3 hours',
           decided_at = submitted_at + interval '1 day', approved_amount_cents = 8000000, approved_rate = 365, draws = 1,
           drawn_cents = 5000000
         where application_no = (select min(application_no) from financing_applications);
         insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at,
           confirmed_at)
         select gen_random_uuid(), tenant_id, id, 1, 5000000, 400, '2026-11-27', 'HT-1', 'form', now(), submitted_at + interval '2 days'
         from financing_applications where stage = 'disbursing'",
    )
    .execute(&world.owner)
    .await
    .expect("it is paid out");
}

impl Scene {
    async fn round(&self) -> usize {
        let workers = Workers::new(&self.world.parts);
        workers.report_once().await.expect("it runs")
    }

    /// State and tries of every report, the oldest first.
    async fn states(&self) -> Vec<(String, i32)> {
        sqlx::query_as("select state, tries from province_reports order by month, made_at, id")
            .fetch_all(&self.world.owner)
            .await
            .expect("they are there")
    }

    /// The page of the report of this state.
    async fn page_of(&self, state: &str) -> String {
        let id: Uuid = sqlx::query_scalar("select id from province_reports where state = $1")
            .bind(state)
            .fetch_one(&self.world.owner)
            .await
            .expect("there is one");
        format!("{LIST}/{id}")
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    /// A browser of the operator whose session began now.
    async fn fresh(&self) -> Browser {
        self.world
            .signed_in(self.operator.user, SessionKind::Staff, CANGZHOU_HOST)
            .await
    }

    /// Everything that waits in the outbox.
    async fn deliver(&self) {
        let workers = Workers::new(&self.world.parts);
        while workers.deliver_once().await.expect("it runs") > 0 {}
    }
}

/// Presses a button of a page.
async fn press(browser: &Browser, page: &Answer, path: &str, deed: &str) -> Answer {
    let path = format!("{path}/{deed}");
    browser.submit_from(page, &path, &[]).await
}

/// The sum of a figure over the lines of a breakdown.
fn sum(lines: &Value, figure: &str) -> i64 {
    let lines = lines.as_array().expect("lines");
    let each = lines.iter().map(|line| line["figures"][figure].as_i64());
    each.map(|n| n.expect("a whole number")).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sums_of_a_month_go_out_once_and_the_receipt_is_kept() {
    let scene = scene().await;
    let browser = &scene.operator.browser;
    let empty = browser.get(LIST).await.expect(200);
    empty.says("还没有报告").says("每月 5 日起");
    assert_eq!(scene.round().await, 2, "made and sent");
    assert_eq!(scene.states().await, [("received".to_owned(), 1)]);
    assert_eq!(scene.round().await, 0, "nothing is left to do");

    let asked = scene.node.asked();
    assert_eq!(asked.len(), 1);
    let (id, text) = &asked[0];
    let body: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(body["format"], "yijianrong-province-report/1");
    assert_eq!(body["id"].as_str(), Some(id.as_str()));
    assert_eq!(body["month"], "2026-11");
    let told = ["狮城", "91130900", "顾屹舟", "PO2026"];
    for word in NAMES.iter().chain(&told) {
        assert!(!text.contains(word), "{word} is nobody's business there");
    }
    let list = browser.get(LIST).await.expect(200);
    list.says("2026 年 11 月").says("回执号 HB-1");
    let path = scene.page_of("received").await;
    let page = browser.get(&path).await.expect(200);
    let page = page.says("已接收").says("HB-1").says("average_rate_bp");
    assert!(!page.text().contains("重新报送"), "it was taken");

    // The next month has its own report, on its day and not before. A district of one request is not told by itself.
    scene.world.clock.set(datetime!(2026-12-08 10:00 +8));
    let of = (scene.bank, scene.branch, scene.product);
    scene
        .world
        .submitted_application(&scene.firms[0], of.0, of.1, of.2)
        .await;
    scene.world.clock.set(datetime!(2027-01-04 10:00 +8));
    assert_eq!(scene.round().await, 0);
    scene.world.clock.set(datetime!(2027-01-05 10:00 +8));
    assert_eq!(scene.round().await, 2);
    let months: Vec<String> =
        sqlx::query_scalar("select month::text from province_reports order by 1")
            .fetch_all(&scene.world.owner)
            .await
            .expect("they are there");
    assert_eq!(months, ["2026-11-01", "2026-12-01"]);
    let second: Value = serde_json::from_str(&scene.node.asked()[1].1).expect("JSON");
    let districts = second["by_district"].as_array().expect("lines");
    assert_eq!(districts.len(), 1, "{districts:?}");
    assert_eq!(districts[0]["code"], "merged");
    assert_eq!(second["total"]["requested"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_those_of_the_statistics_and_the_lines_add_up_to_them() {
    let scene = scene().await;
    // Nobody has counted yet: the report does.
    scene.round().await;
    let body: Value = serde_json::from_str(&scene.node.asked()[0].1).expect("JSON");
    let staff = scene.world.parts.door.staff(scene.operator.user).await;
    let actor = staff.expect("it answers").expect("they are there");
    let (rooms, month) = (
        wire::catalogue::operator(&scene.world.parts),
        Some(date!(2026 - 11 - 01)),
    );
    let sheet = rooms
        .statistics
        .sheet(&actor, month, month, Dimension::Region)
        .await
        .expect("a sheet");
    let figures = serde_json::to_value(Figures::from(&sheet.total)).expect("figures");
    assert_eq!(body["total"], figures);
    assert_eq!(body["total"]["requested"], 3);
    assert_eq!(body["total"]["requested_cents"], 30_000_000);
    assert_eq!(body["total"]["disbursed_cents"], 5_000_000);
    assert_eq!(body["total"]["average_rate_bp"], 400);
    for lines in ["by_district", "by_institution_kind"] {
        for figure in [
            "requested",
            "requested_cents",
            "approved",
            "disbursed_cents",
        ] {
            let sum = sum(&body[lines], figure);
            assert_eq!(
                Some(sum),
                body["total"][figure].as_i64(),
                "{lines} {figure}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_after_sending_is_followed_and_the_node_takes_the_report_once() {
    let scene = scene().await;
    scene.node.delay(std::time::Duration::from_millis(200));
    let parts = scene.world.parts.clone();
    let dying = tokio::spawn(async move { Workers::new(&parts).report_once().await });
    while scene.node.taken().is_empty() {
        tokio::task::yield_now().await;
    }
    dying.abort();
    assert!(dying.await.is_err(), "it heard no answer");
    assert_eq!(scene.states().await, [("waiting".to_owned(), 0)]);
    assert_eq!(
        scene.round().await,
        0,
        "it is still the dead one's business"
    );
    scene.world.clock.advance(Duration::minutes(3));
    scene.node.delay(std::time::Duration::ZERO);
    assert_eq!(scene.round().await, 1);
    assert_eq!(scene.states().await, [("received".to_owned(), 1)]);
    let asked = scene.node.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1], "the same id and the same words");
    assert_eq!(scene.node.taken().len(), 1, "the node has it once");
    let told = "select count(*) from audit_entries where action = 'province.told'";
    assert_eq!(scene.count(told).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_make_and_send_one_report() {
    let scene = scene().await;
    let rounds = tokio::join!(scene.round(), scene.round(), scene.round());
    assert_eq!(rounds.0 + rounds.1 + rounds.2, 2, "one made, one sent");
    assert_eq!(scene.states().await, [("received".to_owned(), 1)]);
    assert_eq!(scene.node.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_read_in_the_nodes_words_and_an_operator_sends_the_same_report_again() {
    let scene = scene().await;
    let browser = &scene.operator.browser;
    scene.node.mood(Mood::Refuses("本期报送通道尚未开放"));
    scene.round().await;
    assert_eq!(scene.states().await, [("refused".to_owned(), 1)]);
    assert_eq!(scene.round().await, 0, "a no is not asked again");
    let path = scene.page_of("refused").await;
    let page = browser.get(&path).await.expect(200);
    let page = page
        .says("被退回")
        .says("本期报送通道尚未开放")
        .says("重新报送");
    scene.deliver().await;
    let letters = browser.get("/branch/messages").await.expect(200);
    letters
        .says("2026 年 11 月上级报送被退回")
        .says("本期报送通道尚未开放");

    // Supervisors look and press nothing.
    let world = &scene.world;
    let supervisor = world.staff(world.cangzhou.id, "林知行", &["os"]).await;
    let seen = supervisor.browser.get(&path).await.expect(200);
    assert!(!seen.text().contains(&format!("{path}/again")));
    let key = [("_key", "0123456789abcdef0123")];
    let again = format!("{path}/again");
    let pressed = supervisor.browser.submit_from(&seen, &again, &key);
    pressed.await.expect(403);

    scene.node.mood(Mood::Takes);
    // Pressed twice: done once.
    for _ in 0..2 {
        press(browser, &page, &path, "again").await.expect(303);
    }
    scene.round().await;
    assert_eq!(scene.states().await, [("received".to_owned(), 2)]);
    let asked = scene.node.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1], "word for word");
    let deeds = "select count(*) from audit_entries where action = 'province.again'";
    assert_eq!(scene.count(deeds).await, 1);
    let log = browser.get("/operator/audit?action=province").await;
    log.expect(200).says("重新报送上级").says("上级报送有结果");
    // What was taken is neither sent once more nor made anew.
    for deed in ["again", "anew"] {
        let path = format!("{path}/{deed}");
        browser.submit_from(&page, &path, &key).await.expect(409);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_report_is_made_anew_from_the_figures_of_now_and_kept_beside_it() {
    let scene = scene().await;
    let browser = &scene.operator.browser;
    scene.node.mood(Mood::Refuses("与上期数据不衔接"));
    scene.round().await;
    // A request of November that came in late.
    let world = &scene.world;
    let of = (scene.bank, scene.branch, scene.product);
    world.clock.set(datetime!(2026-11-28 10:00 +8));
    world
        .submitted_application(&scene.firms[0], of.0, of.1, of.2)
        .await;
    world.clock.set(datetime!(2026-12-06 10:05 +8));
    let path = scene.page_of("refused").await;
    let page = browser.get(&path).await.expect(200).says("重新生成");
    press(browser, &page, &path, "anew").await.expect(303);
    scene.node.mood(Mood::Takes);
    assert_eq!(scene.round().await, 2, "made and sent");
    let states = scene.states().await;
    let expected = ["replaced", "received"].map(|state| (state.to_owned(), 1));
    assert_eq!(states, expected);
    let asked = scene.node.asked();
    assert_ne!(asked[0].0, asked[1].0, "another report");
    let second: Value = serde_json::from_str(&asked[1].1).expect("JSON");
    assert_eq!(second["total"]["requested"], 4);
    assert_eq!(scene.round().await, 0);
    let list = browser.get(LIST).await.expect(200);
    list.says("已重新生成")
        .says("与上期数据不衔接")
        .says("已接收");
    // Neither the old one nor the new one is ever changed.
    for sql in [
        "update province_reports set body = '{}'",
        "update province_reports set state = 'waiting', next_at = now(), settled_at = null, receipt = ''",
    ] {
        let refused = sqlx::query(sql).execute(&world.owner).await;
        assert!(refused.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_does_not_fit_is_believed_by_neither_side() {
    let scene = scene().await;
    // The city has another secret than the node.
    scene.node.city_knows("mistyped");
    scene.round().await;
    assert_eq!(scene.states().await, [("waiting".to_owned(), 1)]);
    assert_eq!(scene.node.taken().len(), 0);
    let page = scene.operator.browser.get(LIST).await.expect(200);
    page.says("待报送").says("省级节点不认可本平台的签名");

    // Somebody answers who has another secret than the city.
    scene.node.city_knows("shared with the node");
    scene.node.mood(Mood::SignsWrongly);
    scene.world.clock.advance(Duration::hours(1));
    scene.round().await;
    assert_eq!(scene.states().await, [("waiting".to_owned(), 2)]);
    let page = scene.fresh().await.get(LIST).await.expect(200);
    let page = page.says("答复的签名不正确");
    assert!(!page.text().contains("HB-1"), "that is no receipt");

    scene.node.mood(Mood::Takes);
    scene.world.clock.advance(Duration::hours(2));
    scene.round().await;
    assert_eq!(scene.states().await, [("received".to_owned(), 3)]);
    assert_eq!(scene.node.taken().len(), 1);
    // 服务商自检 knows the node too.
    let browser = scene.fresh().await;
    let checks = browser.get("/operator/providers").await.expect(200);
    checks.says("上级报送").says("省级节点");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_a_redirect_and_garbage_are_no_answer_and_people_look_after_two_days() {
    let scene = scene().await;
    let elsewhere = MockServer::start().await;
    let other = json!({ "id": Uuid::nil(), "receipt": "X" });
    let answers = [
        ResponseTemplate::new(200).set_delay(std::time::Duration::from_secs(2)),
        ResponseTemplate::new(302).insert_header("location", elsewhere.uri().as_str()),
        ResponseTemplate::new(200).set_body_string("<html>请登录</html>"),
        ResponseTemplate::new(200).set_body_json(other),
        ResponseTemplate::new(503),
    ];
    for (n, answer) in answers.into_iter().cycle().take(24).enumerate() {
        scene.node.mood(Mood::Says(answer));
        scene.round().await;
        let tries = i32::try_from(n).expect("few") + 1;
        assert_eq!(scene.states().await, [("waiting".to_owned(), tries)]);
        assert_eq!(scene.round().await, 0, "not before its time");
        scene.world.clock.advance(Duration::hours(2));
    }
    let nobody = elsewhere.received_requests().await.expect("kept");
    assert!(nobody.is_empty(), "a redirect leads nowhere");
    let page = scene.fresh().await.get(LIST).await.expect(200);
    page.says("待报送").says("系统会自动再送");
    scene.round().await;
    assert_eq!(scene.states().await, [("parked".to_owned(), 25)]);
    assert_eq!(scene.round().await, 0);
    scene.deliver().await;

    let browser = scene.fresh().await;
    let letters = browser.get("/branch/messages").await.expect(200);
    letters.says("上级报送没有送达");
    let path = scene.page_of("parked").await;
    let page = browser.get(&path).await.expect(200).says("报送失败");
    assert!(!page.text().contains("重新生成"), "the node may have it");
    scene.node.mood(Mood::Takes);
    press(&browser, &page, &path, "again").await.expect(303);
    scene.round().await;
    assert_eq!(scene.states().await, [("received".to_owned(), 26)]);
    assert_eq!(scene.node.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_reports_to_nobody_says_so_and_sees_nothing_of_the_others() {
    let scene = scene().await;
    scene.round().await;
    let world = &scene.world;
    let path = scene.page_of("received").await;
    let abroad = world.staff(world.other.id, "安知微", &["op"]).await;
    let page = abroad.browser.get(LIST).await.expect(200);
    let page = page.says("本市没有开通上级报送");
    assert!(!page.text().contains("HB-1"));
    abroad.browser.get(&path).await.expect(404);
    for deed in ["again", "anew"] {
        let key = [("_key", "0123456789abcdef0123")];
        let path = format!("{path}/{deed}");
        abroad
            .browser
            .submit_from(&page, &path, &key)
            .await
            .expect(404);
    }
    // Nor do banks and their branches, the enterprises, or those who see totals only.
    let head = world.staff(scene.bank, "梁承宇", &["ha"]).await;
    let regulator = world.staff(world.cangzhou.id, "虞静姝", &["rg"]).await;
    for browser in [&head.browser, &regulator.browser] {
        browser.get(LIST).await.expect(404);
        browser.get(&path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cities_report_each_its_own() {
    let scene = scene_where(|_| true).await;
    assert_eq!(scene.round().await, 4);
    let asked = scene.node.asked();
    let requested = |name: &str| {
        let bodies = asked.iter().map(|(_, body)| body);
        let mut bodies = bodies.map(|body| serde_json::from_str::<Value>(body).expect("JSON"));
        let own = bodies.find(|body| body["city"]["name"] == name);
        own.expect("it reported")["total"]["requested"].as_i64()
    };
    let world = &scene.world;
    assert_eq!(requested(&world.cangzhou.name), Some(3));
    assert_eq!(requested(&world.other.name), Some(0));
    let abroad = world.staff(world.other.id, "安知微", &["op"]).await;
    for (browser, of) in [
        (&scene.operator.browser, world.cangzhou.id),
        (&abroad.browser, world.other.id),
    ] {
        let page = browser.get(LIST).await.expect(200).text();
        let ids: Vec<(Uuid, Uuid)> = sqlx::query_as("select id, tenant_id from province_reports")
            .fetch_all(&world.owner)
            .await
            .expect("both are there");
        for (id, owner) in ids {
            assert_eq!(page.contains(&id.to_string()), owner == of.0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_has_a_node_that_refuses_once_and_production_refuses_it() {
    let world = World::shipped().await;
    let workers = Workers::new(&world.parts);
    workers.report_once().await.expect("it runs");
    let states: Vec<(String, String, String)> =
        sqlx::query_as("select month::text, state, receipt from province_reports order by month")
            .fetch_all(&world.owner)
            .await
            .expect("they are there");
    let refused: Vec<&str> = states
        .iter()
        .filter(|(_, state, _)| state == "refused")
        .map(|(month, ..)| month.as_str())
        .collect();
    assert_eq!(refused, ["2026-09-01"]);
    assert_eq!(states.len(), 5, "{states:?}");
    assert_eq!(states[4].2, "DEMO-202610");
    let faults = yijianrong::doctor::city_faults(&[(*world.cangzhou).clone()]);
    assert!(
        faults.contains(
            &"cangzhou: [province] kind = \"demo\" is a demonstration provider".to_owned()
        ),
        "{faults:?}"
    );
}
