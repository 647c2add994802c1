//! 企业划型: declared once a year, corrected with its history, handed over with a request, counted by class.

use application::{access::Guard, statistics::Counter};
use domain::ids::FinancingApplicationId;
use journeys::{Answer, Browser};
use sqlx::AssertSqlSafe;
use time::macros::datetime;

use super::{Scene, scene};

const PAGE: &str = "/enterprise/size";
const STATISTICS: &str = "/operator/statistics?from=2021-12&to=2026-11&by=size";

impl Scene {
    async fn declare(&self, fields: &[(&str, &str)]) -> Answer {
        declare(&self.enterprise.browser, fields).await
    }

    async fn sql(&self, sql: String) {
        // AssertSqlSafe: the texts of this file, with ids printed by their type.
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&self.world.owner)
            .await
            .expect("it is done");
    }

    async fn industry(&self, code: &str) {
        let id = self.enterprise.id.0;
        self.sql(format!(
            "update enterprises set industry_code = '{code}' where id = '{id}'"
        ))
        .await;
    }

    async fn counted(&self) -> (String, Browser) {
        self.workers().count_once().await.expect("it is counted");
        let city = self.world.cangzhou.id;
        let operator = self.world.staff(city, "宋知远", &["op"]).await.browser;
        let page = operator.get(STATISTICS).await.expect(200).text();
        (page, operator)
    }
}

async fn declare(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(PAGE).await.expect(200);
    declare_from(browser, &page, fields).await
}

/// With the version that was on the page.
async fn declare_from(browser: &Browser, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    let version = page.input("version").expect("the page has a form");
    let mut all = vec![("version", version.as_str())];
    all.extend(fields);
    browser.submit_from(page, PAGE, &all).await
}

const SMALL: [(&str, &str); 2] = [("employees", "45"), ("revenue", "1,200.50")];

#[tokio::test(flavor = "multi_thread")]
async fn the_class_is_shown_at_once_with_the_thresholds_that_led_to_it() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let page = browser.get(PAGE).await.expect(200);
    // A pipe works is industry: people and turnover, no assets.
    assert!(page.input("employees").is_some() && page.input("revenue").is_some());
    assert_eq!(page.input("assets"), None);
    let done = scene.declare(&SMALL).await.expect(303);
    assert_eq!(done.location(), PAGE);
    browser
        .get(PAGE)
        .await
        .expect(200)
        .says("2026 年度企业划型已填报：小型企业。")
        .says("2026 年度：小型企业")
        .says("按工业标准：从业人员 20–300 人且营业收入 300–2,000 万元为小型企业")
        .says("从业人员 45 人，达到小型下限 20 人")
        .says("更正 2026 年度的填报");
    // One metric that falls behind decides, and the page says so.
    scene
        .declare(&[("employees", "500"), ("revenue", "299")])
        .await
        .expect(303);
    browser
        .get(PAGE)
        .await
        .expect(200)
        .says("2026 年度：微型企业")
        .says("营业收入 299 万元，未达到小型下限 300 万元")
        .says("有一项达不到的划入下一档");
    for page in ["/enterprise/profile", "/enterprise/account/export"] {
        browser.get(page).await;
    }
    let profile = browser.get("/enterprise/profile").await.expect(200);
    profile.says("微型企业（2026 年度填报）");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_keeps_what_was_said_before_and_by_whom() {
    let scene = scene().await;
    scene.declare(&SMALL).await.expect(303);
    let wrong = [("employees", "450"), ("revenue", "12000")];
    scene.declare(&wrong).await.expect(303);
    let page = scene.enterprise.browser.get(PAGE).await.expect(200);
    page.says("首次填报").says("第 1 次更正").says("顾屹舟");
    let rows: Vec<(i32, i32, String, i32, i64, String)> = sqlx::query_as(
        "select year, number, size_class, employees, revenue_cents, declared_name from size_declarations order by number",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("they are there");
    let by = || "顾屹舟".to_owned();
    assert_eq!(
        rows,
        [
            (2026, 1, "small".to_owned(), 45, 1_200_500_000, by()),
            (2026, 2, "medium".to_owned(), 450, 12_000_000_000, by())
        ]
    );
    let noted =
        "select count(*) from audit_entries where action = 'size.declare' and outcome = 'ok'";
    assert_eq!(scene.count(noted).await, 2);
    // Nobody changes or removes what was said, the owner of the row included.
    let changed = sqlx::query("update size_declarations set employees = 1")
        .execute(&scene.world.parts.pool)
        .await;
    assert!(changed.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_slip_is_told_at_its_field_and_nothing_is_kept() {
    let scene = scene().await;
    for (employees, revenue, said) in [
        ("", "", "请输入从业人员"),
        ("45", "", "请输入上一年度营业收入"),
        ("-1", "300", "从业人员不能为负数"),
        ("4.5", "300", "从业人员应为整数，不能有小数"),
        ("很多", "300", "从业人员应为数字，例如 45"),
        ("😀", "300", "从业人员应为数字，例如 45"),
        ("<b>45</b>", "300", "从业人员应为数字，例如 45"),
        ("99999999999", "300", "从业人员不能超过 9,999,999 人"),
        ("45", "-0.01", "上一年度营业收入不能为负数"),
        ("45", "1.234", "上一年度营业收入最多保留 2 位小数"),
        (
            "45",
            "三百",
            "上一年度营业收入应为数字，例如 1200 或 1200.50，单位为万元",
        ),
        (
            "45",
            "999999999999999999999",
            "上一年度营业收入不能超过 9,999,999.99 万元",
        ),
    ] {
        let fields = [("employees", employees), ("revenue", revenue)];
        let told = scene.declare(&fields).await.expect(422).says(said);
        assert!(!told.text().contains("<b>45"), "markup comes back");
        // What was typed stays in its field.
        if employees == "4.5" {
            assert_eq!(told.input("employees").as_deref(), Some("4.5"));
        }
    }
    let stored = "select count(*) from size_declarations";
    assert_eq!(scene.count(stored).await, 0);
    // A sign that nobody sees is no figure either: it goes before anything is read.
    let fields = [("employees", "4\u{0}5"), ("revenue", "300")];
    scene.declare(&fields).await.expect(303);
    let read = "select employees::bigint from size_declarations";
    assert_eq!(scene.count(read).await, 45);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_click_counts_once_and_an_old_page_overwrites_nothing() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let page = browser.get(PAGE).await.expect(200);
    let other = browser.get(PAGE).await.expect(200);
    for _ in 0..2 {
        declare_from(browser, &page, &SMALL).await.expect(303);
    }
    let stored = "select count(*) from size_declarations";
    assert_eq!(scene.count(stored).await, 1);
    let late = [("employees", "450"), ("revenue", "12000")];
    let told = declare_from(browser, &other, &late).await.expect(409);
    let told = told
        .says("本年度的企业划型在您填写期间已有新的填报")
        .says("2026 年度：小型企业");
    assert_eq!(told.input("employees").as_deref(), Some("450"));
    assert_eq!(scene.count(stored).await, 1);
    // Having seen it, the same figures may be sent again from there.
    declare_from(browser, &told, &late).await.expect(303);
    assert_eq!(scene.count(stored).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_without_an_industry_is_led_to_its_profile_and_one_without_a_standard_declares_nothing()
 {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let page = browser.get(PAGE).await.expect(200);
    // Railways: the standard has no rule for them.
    scene.industry("531").await;
    browser.get(PAGE).await.expect(200).says("无需填报");
    declare_from(browser, &page, &SMALL).await.expect(303);
    let newcomer = scene
        .world
        .new_enterprise(
            scene.world.cangzhou.id,
            "沧州市渤沃宸化工新材料有限公司",
            "19900002074",
        )
        .await;
    let told = newcomer.browser.get(PAGE).await.expect(200);
    told.says("请先在完善信息中填写所属行业")
        .says("href=\"/enterprise/profile\"");
    assert_eq!(
        scene.count("select count(*) from size_declarations").await,
        0
    );
    let home = browser.get("/enterprise").await.expect(200).text();
    assert!(!home.contains("企业划型还没有填报"), "nothing is due");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_reads_and_only_the_owner_declares() {
    let scene = scene().await;
    scene.declare(&SMALL).await.expect(303);
    let member = scene
        .world
        .member(&scene.enterprise, "贺澜清", "19900002075", "eu")
        .await;
    let kind = application::ports::sessions::SessionKind::Enterprise;
    let member = scene
        .world
        .signed_in(member, kind, "cangzhou.localhost")
        .await;
    let page = member
        .get(PAGE)
        .await
        .expect(200)
        .says("2026 年度：小型企业")
        .says("企业划型由企业管理员填报和更正");
    let csrf = page.csrf();
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", "0123456789abcdef"),
        ("version", "1"),
        ("employees", "1"),
        ("revenue", "1"),
    ];
    let refused = member.post(PAGE, &fields).await;
    assert!(
        matches!(refused.status.as_u16(), 403 | 404),
        "{}",
        refused.status
    );
    assert_eq!(
        scene.count("select count(*) from size_declarations").await,
        1
    );
    // Another enterprise sees nothing of it.
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let other = sibling.browser.get(PAGE).await.expect(200).text();
    assert!(!other.contains("小型企业</h2>") && !other.contains("填报记录"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_declared_is_reminded_and_never_stopped() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let home = browser.get("/enterprise").await.expect(200);
    home.says("2026 年度的企业划型还没有填报").says(PAGE);
    let id = scene.submitted().await;
    let done = format!("/enterprise/applications/{id}/submitted");
    browser.get(&done).await.expect(200).says("填报企业划型");
    scene.declare(&SMALL).await.expect(303);
    for page in ["/enterprise", done.as_str()] {
        let text = browser.get(page).await.expect(200).text();
        assert!(!text.contains("还没有填报"), "{page}");
    }
    // A new year asks anew; the class of the last one still stands.
    scene.world.clock.set(datetime!(2027-01-04 09:30 +8));
    let browser = scene.fresh_owner().await;
    browser
        .get(PAGE)
        .await
        .expect(200)
        .says("2026 年度的结果，在 2027 年度填报以前继续有效");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_counted_by_the_class_that_stood_when_it_was_submitted() {
    let scene = scene().await;
    let before = scene.submitted().await;
    scene.declare(&SMALL).await.expect(303);
    let small = scene.again().await;
    scene
        .declare(&[("employees", "450"), ("revenue", "12000")])
        .await
        .expect(303);
    let (page, operator) = scene.counted().await;
    for words in ["未填报", "小型", "指标口径", "《中小企业划型标准规定》"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(!page.contains(">中型<"), "a later correction moves nothing");
    for (value, id) in [("", before), ("small", small)] {
        let link =
            format!("count=asked&amp;from=2021-12&amp;to=2026-11&amp;by=size&amp;value={value}\"");
        assert!(page.contains(&link), "{link}\n{page}");
        let list = operator
            .get(&format!(
                "/operator/applications?list=all&count=asked&from=2021-12&to=2026-11&by=size&value={value}"
            ))
            .await
            .expect(200)
            .text();
        assert_eq!(list.matches("href=\"/operator/applications/").count(), 1);
        assert!(
            list.contains(&format!("/operator/applications/{id}")),
            "{list}"
        );
    }
    // Rollups, not scans, and equal to a plain recount.
    let city = scene.world.cangzhou.id;
    let reach = scene.world.parts.door.reach(city).await.expect("a reach");
    let permit = Guard::job(city, reach.into());
    let counter = Counter {
        store: scene.world.parts.store.clone(),
    };
    assert_eq!(counter.check(&permit).await.expect("checked"), 0);
    // The branch reads what stood at the submission, the city what stands now.
    let clerk = scene
        .world
        .staff(scene.branch, "钱云诚", &["bm"])
        .await
        .browser;
    scene
        .sql("update financing_applications set stage = 'submitted'".to_owned())
        .await;
    for (id, said) in [(before, "未填报"), (small, "小型企业（2026 年度填报）")] {
        let case = clerk.get(&format!("/branch/applications/{id}")).await;
        let case = case.expect(200).says("企业规模").says(said);
        assert!(
            !case.text().contains("1,200.50"),
            "figures stay with the enterprise"
        );
    }
    operator
        .get(&format!("/operator/enterprises/{}", scene.enterprise.id.0))
        .await
        .expect(200)
        .says("中型企业（2026 年度填报）");
}

impl Scene {
    /// A second request, for the same product.
    async fn again(&self) -> FinancingApplicationId {
        self.sql("update financing_applications set stage = 'withdrawn'".to_owned())
            .await;
        self.submitted().await
    }

    async fn fresh_owner(&self) -> Browser {
        let kind = application::ports::sessions::SessionKind::Enterprise;
        let user = self.enterprise.user;
        self.world.signed_in(user, kind, "cangzhou.localhost").await
    }
}
