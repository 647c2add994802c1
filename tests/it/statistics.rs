//! 统计分析, 数据大屏, 监管查看 and 操作日志: figures equal a plain recount whatever happened, and each opens for whom it should.

mod counting;
mod responding;

use application::{access::Guard, statistics::Counter};
use domain::ids::{FinancingApplicationId, ProductId, TenantId};
use journeys::{Browser, EnterpriseFixture, World};
use sqlx::AssertSqlSafe;
use yijianrong::workers::Workers;

const PAGE: &str = "/operator/statistics";

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    product: ProductId,
    enterprises: Vec<EnterpriseFixture>,
    operator: Browser,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let mut enterprises = Vec::new();
    for (name, phone) in [
        ("沧州市瀚岳澜管道装备有限公司", "19900002037"),
        ("沧州市渤沃宸化工新材料有限公司", "19900002074"),
        ("沧州市岚峰机械有限公司", "19900002075"),
    ] {
        enterprises.push(world.ready_enterprise(name, phone).await);
    }
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    Scene {
        operator: operator.browser,
        world,
        bank,
        branch,
        product,
        enterprises,
    }
}

impl Scene {
    async fn submitted(&self, of: usize) -> FinancingApplicationId {
        self.world
            .submitted_application(&self.enterprises[of], self.bank, self.branch, self.product)
            .await
    }

    async fn sql(&self, sql: String) {
        // AssertSqlSafe: the texts of this file, with ids printed by their type.
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&self.world.owner)
            .await
            .expect("it is done");
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("a number")
    }

    async fn count(&self) {
        Workers::new(&self.world.parts)
            .count_once()
            .await
            .expect("it is counted");
    }

    async fn permit(&self) -> application::access::Permit {
        let city = self.world.cangzhou.id;
        let reach = self.world.parts.door.reach(city).await.expect("a reach");
        Guard::job(city, reach.into())
    }

    fn counter(&self) -> Counter {
        Counter {
            store: self.world.parts.store.clone(),
        }
    }

    async fn approved(&self, id: FinancingApplicationId, at: &str) {
        let id = id.0;
        self.sql(format!(
            "update financing_applications set stage = 'disbursing', accepted_at = submitted_at + interval '3 hours',
               decided_at = '{at}', approved_amount_cents = 8000000, approved_rate = 365, draws = 1, drawn_cents = 100
             where id = '{id}'"
        ))
        .await;
    }

    async fn drawn(&self, id: FinancingApplicationId, number: i32, cents: i64, at: &str) {
        let id = id.0;
        self.sql(format!(
            "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source, at,
               confirmed_at)
             select gen_random_uuid(), tenant_id, id, {number}, {cents}, 400, '2026-11-25', 'HT-{number}', 'form', now(), '{at}'
             from financing_applications where id = '{id}'"
        ))
        .await;
    }
}

/// Every link to the rows behind a number, with that number; 0 where the link is on an amount.
fn counts(page: &str) -> Vec<(String, usize)> {
    let links = page.split("<a href=\"").skip(1).filter_map(|rest| {
        let (href, rest) = rest.split_once('"')?;
        let inner = rest.split("</a>").next()?;
        // A tile of shares says in its note how many rows it opens.
        let shown = inner.split("按时 ").nth(1);
        let shown = shown.or_else(|| inner.split("stat-value\">").nth(1));
        let shown = shown.or_else(|| inner.split_once('>').map(|(_, text)| text))?;
        let number = shown.split(['<', ' ']).next()?.trim().parse().unwrap_or(0);
        Some((href.replace("&amp;", "&"), number))
    });
    links.filter(|(href, _)| href.contains("count=")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_opens_the_rows_that_it_counts() {
    let scene = scene().await;
    let first = scene.submitted(0).await;
    let second = scene.submitted(0).await;
    let third = scene.submitted(1).await;
    let at = "2026-03-05 10:00+08";
    scene.approved(first, at).await;
    scene.approved(second, at).await;
    scene
        .drawn(first, 1, 5_000_000, "2026-03-06 10:00+08")
        .await;
    scene
        .drawn(second, 1, 3_000_000, "2026-03-05 12:00+08")
        .await;
    scene
        .sql(format!(
            "update financing_applications set stage = 'rejected', decided_at = '{at}', submitted_at = '{at}' where id = '{}'",
            third.0
        ))
        .await;
    scene.count().await;
    // The fixture's clock decides the months; ask for all of them.
    let page = scene
        .operator
        .get(&format!("{PAGE}?from=2021-12&to=2026-11&by=region"))
        .await
        .expect(200)
        .says("指标口径")
        .text();
    let mut opened = 0;
    for (href, number) in counts(&page) {
        let list = scene.operator.get(&href).await.expect(200).text();
        let rows = list.matches("href=\"/operator/applications/").count();
        if href.contains("count=draws") {
            // Disbursements are counted, their requests are opened.
            assert!(rows >= 1, "{href}");
        } else {
            assert_eq!(rows, number, "{href}");
        }
        let wanted: usize = if href.contains("count=asked") {
            3
        } else if href.contains("count=rejected") || href.contains("homes") {
            1
        } else if href.contains("count=decided_in_time") {
            3
        } else {
            2
        };
        if href.contains("from=2021-12") && !href.contains("&by=") {
            assert_eq!(rows, wanted, "{href}");
        }
        if href.contains("&count=homes") && rows == 1 {
            // The earlier disbursement made the household, not the earlier request.
            assert!(
                list.contains(&format!("/operator/applications/{}", second.0)),
                "{list}"
            );
        }
        assert!(list.contains("清空条件"), "{href}");
        opened += 1;
    }
    assert!(opened > 10, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_shows_numbers_and_movements_but_nobodys_name() {
    let scene = scene().await;
    let id = scene.submitted(0).await.0;
    scene
        .sql(format!(
            "insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_name, at)
             select gen_random_uuid(), tenant_id, id, 1, 'submit', 'submitted', 'enterprise', '顾屹舟', submitted_at
             from financing_applications where id = '{id}'"
        ))
        .await;
    scene.count().await;
    for path in ["/screen", "/screen/data"] {
        let answer = scene.operator.get(path).await.expect(200).text();
        for words in ["今日提交", "提交需求", "各区县融资需求"] {
            assert!(answer.contains(words), "{path}: {words}\n{answer}");
        }
        let number: String =
            sqlx::query_scalar("select application_no from financing_applications limit 1")
                .fetch_one(&scene.world.owner)
                .await
                .expect("a number");
        for name in ["瀚岳澜", "顾屹舟", number.as_str()] {
            assert!(!answer.contains(name), "{path} names {name}");
        }
    }
    // A change is there as soon as it is counted, without a new page.
    scene.submitted(1).await;
    scene.count().await;
    let answer = scene.operator.get("/screen/data").await.expect(200).text();
    assert!(answer.contains("wall-value\\\">2<"), "{answer}");
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    clerk.browser.get("/screen").await.expect(404);
    scene.world.browser().get("/screen").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_sees_totals_and_one_enterprise_only_for_a_written_reason() {
    let scene = scene().await;
    let id = scene.submitted(0).await;
    scene.count().await;
    let city = scene.world.cangzhou.id;
    let regulator = scene.world.staff(city, "虞静姝", &["rg"]).await.browser;
    let home = regulator.get("/operator").await.expect(303);
    assert_eq!(home.location(), PAGE);
    let page = regulator
        .get(PAGE)
        .await
        .expect(200)
        .says("需求笔数")
        .text();
    assert!(!page.contains("/operator/applications"), "{page}");
    regulator.get("/screen").await.expect(200);
    for path in [
        "/operator/applications".to_owned(),
        format!("/operator/applications/{}", id.0),
        "/operator/audit".to_owned(),
        "/operator/deliveries".to_owned(),
        "/operator/products".to_owned(),
        "/operator/people".to_owned(),
        "/branch/applications".to_owned(),
    ] {
        regulator.get(&path).await.expect(404);
    }
    let code: String =
        sqlx::query_scalar("select unified_social_credit_code from enterprises where id = $1")
            .bind(scene.enterprises[0].id.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("a code");
    let form = "/operator/oversight";
    let logged = "select count(*) from view_entries where reason = '信访件核查第 12 号'";
    let noted =
        "select count(*) from audit_entries where action = 'oversight.open' and outcome = 'ok'";
    for (code, reason, said) in [
        (code.as_str(), "", "请写明查看原因，至少 5 个字"),
        (code.as_str(), "看看", "请写明查看原因，至少 5 个字"),
        (
            "91130925PDY009110X",
            "信访件核查第 12 号",
            "没有找到这家企业",
        ),
    ] {
        let fields = [("credit_code", code), ("reason", reason)];
        let told = regulator.submit(form, form, &fields).await.expect(422);
        told.says(said);
    }
    assert_eq!(
        (scene.number(logged).await, scene.number(noted).await),
        (0, 0)
    );
    // A miss is no look at anybody, but it is noted with its reason.
    let missed = "select count(*) from audit_entries where action = 'oversight.open' and outcome = 'oversight.unknown'
                  and object = '91130925PDY009110X' and detail->>'reason' = '信访件核查第 12 号' and actor_name = '虞静姝'";
    assert_eq!(scene.number(missed).await, 1);
    let fields = [
        ("credit_code", code.as_str()),
        ("reason", "信访件核查第 12 号"),
    ];
    let seen = regulator
        .submit(form, form, &fields)
        .await
        .expect(200)
        .says("瀚岳澜")
        .text();
    assert_eq!(
        (scene.number(logged).await, scene.number(noted).await),
        (1, 1)
    );
    assert!(
        !seen.contains("渤沃宸") && !seen.contains("100,000"),
        "{seen}"
    );
    // The enterprise reads who looked and why.
    let looks = scene.enterprises[0]
        .browser
        .get("/enterprise/consents/looks")
        .await
        .expect(200)
        .text();
    assert!(looks.contains("信访件核查第 12 号"), "{looks}");
    // Nobody else finds the form, and the vendor finds nothing at all.
    scene.operator.get(form).await.expect(404);
    let vendor = scene.world.staff(city, "卫之行", &["pa"]).await.browser;
    for path in [
        PAGE,
        "/screen",
        "/screen/data",
        form,
        "/operator",
        "/operator/applications",
        "/operator/audit",
    ] {
        vendor.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tries_many_codes_is_stopped_and_what_was_refused_is_noted() {
    let scene = scene().await;
    let city = scene.world.cangzhou.id;
    let regulator = scene.world.staff(city, "虞静姝", &["rg"]).await.browser;
    let form = "/operator/oversight";
    let page = regulator.get(form).await.expect(200);
    let fields = [
        ("credit_code", "91130925PDY009110X"),
        ("reason", "信访件核查第 12 号"),
    ];
    for _ in 0..60 {
        regulator
            .submit_from(&page, form, &fields)
            .await
            .expect(422);
    }
    let stopped = regulator.submit_from(&page, form, &fields).await;
    stopped.expect(429).says("您 24 小时内已查看 60 次");
    let noted = "select count(*) from audit_entries where action = 'oversight.open'";
    let refused = "select count(*) from audit_entries where action = 'refused' and outcome = 'oversight.too_many'";
    assert_eq!(
        (scene.number(noted).await, scene.number(refused).await),
        (60, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_found_by_person_action_object_and_day_and_shows_a_broken_chain() {
    let scene = scene().await;
    let id = scene.submitted(0).await;
    let number: String =
        sqlx::query_scalar("select application_no from financing_applications where id = $1")
            .bind(id.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("a number");
    let city = scene.world.cangzhou.id.0;
    for n in 0..120 {
        let (who, action, object) = match n % 3 {
            0 => ("闻人清", "application.accept", id.0.to_string()),
            1 => ("路遥知", "people.grant", "x".to_owned()),
            _ => ("路遥知", "application.reject", "y".to_owned()),
        };
        scene
            .sql(format!(
                "insert into audit_entries (id, tenant_id, actor_name, action, object, detail, at)
                 values (gen_random_uuid(), '{city}', '{who}', '{action}', '{object}', '{{\"reason\": \"原因{n}。\", \"phone\": \"19900002037\"}}',
                   '2026-03-05 10:00+08'::timestamptz + {n} / 2 * interval '1 minute')"
            ))
            .await;
    }
    let workers = Workers::new(&scene.world.parts);
    workers.link_once().await.expect("linked");
    let page = |query: String| {
        let operator = &scene.operator;
        async move {
            operator
                .get(&format!("/operator/audit{query}"))
                .await
                .expect(200)
                .text()
        }
    };
    let rows = |text: &str| text.matches("<tr>").count().saturating_sub(1);
    let by_number = page(format!("?object={}", number.to_lowercase())).await;
    assert_eq!(rows(&by_number), 40, "{by_number}");
    assert!(
        by_number.contains(&number) && !by_number.contains("19900002037"),
        "{by_number}"
    );
    assert_eq!(
        rows(&page("?person=路遥&action=people".to_owned()).await),
        40
    );
    // What was done to an enterprise's request is found by its name.
    for (name, found) in [("瀚岳澜", 40), ("渤沃宸", 0)] {
        let query = format!("?enterprise={name}&action=application");
        assert_eq!(rows(&page(query).await), found, "{name}");
    }
    assert_eq!(
        rows(&page("?action=people&from=2026-03-06".to_owned()).await),
        0
    );
    // Every line on exactly one page.
    let mut path = "?from=2026-03-05&to=2026-03-05".to_owned();
    let mut seen = Vec::new();
    loop {
        let text = page(path).await;
        seen.extend((0..120).filter(|n| text.contains(&format!("原因：原因{n}。"))));
        let Some((before, _)) = text.split_once("\" rel=\"next\"") else {
            break;
        };
        let href = before
            .rsplit("href=\"")
            .next()
            .unwrap_or_default()
            .replace("&amp;", "&");
        path = href.trim_start_matches("/operator/audit").to_owned();
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..120).collect::<Vec<_>>());
    assert!(page(String::new()).await.contains("没有发现修改"));
    scene
        .sql("alter table audit_entries disable trigger row_is_final; update audit_entries set actor_name = '别人' where object = 'y'".to_owned())
        .await;
    assert!(page(String::new()).await.contains("与日志内容不符"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_totals_are_taken_along_as_a_workbook_and_that_is_noted() {
    let scene = scene().await;
    let taken = format!("{PAGE}/workbook?by=region");
    let page = scene.operator.get(PAGE).await.expect(200);
    page.says("下载表格").says("/operator/statistics/workbook");
    let file = scene.operator.get(&taken).await.expect(200);
    assert!(file.body.starts_with(b"PK"), "it is a workbook");
    let offered = file.headers["content-disposition"].to_str().expect("text");
    assert!(offered.contains("statistics-") && offered.contains(".xlsx"));
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from audit_entries where action = 'export.statistics' and outcome = 'ok'",
    )
    .fetch_one(&scene.world.owner)
    .await
    .expect("it counts");
    assert_eq!(noted, 1);
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let refused = clerk.browser.get(&taken).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}
