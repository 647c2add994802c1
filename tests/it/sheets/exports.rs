//! 导出: masked by default, marked, made in the background, kept a week; unmasked only with a second person.

use application::ports::workbooks::{ReadAsk, ReadCell, ReadSheet};
use journeys::{Answer, Browser, StaffFixture};
use sqlx::{AssertSqlSafe, Executor as _};
use time::Duration;
use yijianrong::workers::Workers;

use crate::branch::{Scene, scene};

const LEGAL_ID: &str = "130925188703160119";
const PHONE: &str = "19900002037";

/// Columns that a sheet is found by.
type Head = &'static [&'static str];

/// The scene of the branch, with the people who export and check.
struct Office {
    scene: Scene,
    head: StaffFixture,
    admin: StaffFixture,
    checker: StaffFixture,
}

async fn office() -> Office {
    let scene = scene().await;
    let head = scene.world.staff(scene.branch, "林述", &["bh"]).await;
    let admin = scene.world.staff(scene.bank, "梁承宇", &["ha"]).await;
    let checker = scene.world.staff(scene.bank, "温如岚", &["hp"]).await;
    for person in [&head, &admin, &checker] {
        person.browser.prove().await;
    }
    Office {
        scene,
        head,
        admin,
        checker,
    }
}

impl Office {
    async fn work(&self) -> usize {
        Workers::new(&self.scene.world.parts)
            .exports_once()
            .await
            .expect("it runs")
    }

    /// Works the outbox off, and opens the messages as this person reads them.
    async fn messages(&self, reader: &Browser) -> Answer {
        let workers = Workers::new(&self.scene.world.parts);
        while workers.deliver_once().await.expect("it runs") > 0 {}
        reader.get("/branch/messages").await.expect(200)
    }

    async fn run(&self, sql: &str) -> Result<u64, sqlx::Error> {
        // AssertSqlSafe: texts of these tests.
        let done = self
            .scene
            .world
            .owner
            .execute(AssertSqlSafe(sql.to_owned()))
            .await?;
        Ok(done.rows_affected())
    }

    async fn one(&self, sql: &str) -> String {
        // AssertSqlSafe: texts of these tests.
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&self.scene.world.owner)
            .await
            .expect("it is there")
    }

    async fn read(&self, file: &Answer, head: Head) -> ReadSheet {
        let ask = ReadAsk {
            head,
            most_rows: 1_000,
        };
        self.scene
            .world
            .parts
            .workbooks
            .read(file.body.clone(), ask)
            .await
            .expect("a workbook")
    }

    /// The file of an export that is ready.
    async fn file(&self, who: &StaffFixture, export: &str, head: Head) -> ReadSheet {
        let answer = who.browser.get(&format!("{export}/file")).await.expect(200);
        self.read(&answer, head).await
    }
}

/// A second person says `agree` or `decline`.
async fn settle(who: &StaffFixture, export: &str, answer: &str) {
    who.browser
        .submit(export, export, &[("_action", answer)])
        .await
        .expect(303);
}

/// Asks, and answers where the export is.
async fn ask(browser: &Browser, base: &str, fields: &[(&str, &str)]) -> String {
    let new = format!("{base}/new");
    let mut all = vec![("kind", "applications")];
    all.extend_from_slice(fields);
    let answer = browser.submit(&new, &new, &all).await.expect(303);
    assert!(answer.location().starts_with(base), "{}", answer.location());
    answer.location().to_owned()
}

const FULL: [(&str, &str); 2] = [("full", "1"), ("reason", "监管现场检查报送")];

fn texts(sheet: &ReadSheet) -> String {
    format!("{:?}", sheet.rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_masked_marked_and_made_in_the_background() {
    let office = office().await;
    let browser = &office.head.browser;
    let base = "/branch/exports";
    browser.get(base).await.expect(200).says("还没有导出记录");
    // From the list, with what it is narrowed to; who may not export finds no such way.
    let list = "/branch/applications?stage=waiting";
    let way = "/branch/exports/new?stage=waiting";
    browser.get(list).await.expect(200).says(way);
    let form = browser.get(way).await.expect(200);
    assert!(
        form.text().contains("value=\"waiting\" selected"),
        "the form begins with it"
    );
    // What a file cannot be narrowed to is told before it is asked for.
    assert!(!form.text().contains("不能用于导出"));
    let narrow = "/branch/exports/new?stage=submitted&mine=1&due=overdue";
    let narrow = browser.get(narrow).await.expect(200).says("经办人、时限。");
    assert!(narrow.text().contains("value=\"waiting\" selected"));
    let clerks = office.scene.clerk.browser.get(list).await.expect(200);
    assert!(!clerks.text().contains("exports/new"));
    let export = ask(browser, base, &[]).await;
    let waiting = browser.get(&export).await.expect(200).says("排队中");
    assert_eq!(
        waiting
            .headers
            .get("refresh")
            .map(reqwest::header::HeaderValue::as_bytes),
        Some(b"5".as_slice()),
        "the page asks again by itself"
    );
    let file = format!("{export}/file");
    browser.get(&file).await.expect(409).says("尚未生成");
    assert_eq!(office.work().await, 1);
    assert_eq!(office.work().await, 0, "it is made once");
    let ready = browser
        .get(&export)
        .await
        .expect(200)
        .says("可下载")
        .says("共 1 行");
    assert!(ready.headers.get("refresh").is_none());
    let answer = browser.get(&file).await.expect(200);
    let disposition = answer.headers["content-disposition"]
        .to_str()
        .expect("text");
    assert!(
        disposition.starts_with("attachment; filename=\"DC20261125-"),
        "{disposition}"
    );
    assert_eq!(answer.headers["cache-control"], "no-store");
    let lead = office.read(&answer, &[]).await;
    let number = office.one("select number from exports").await;
    for word in [
        "狮城商业银行运河支行",
        "林述",
        "2026-11-25",
        &number,
        "仅限内部使用",
    ] {
        assert!(lead.head[0].contains(word), "{word}: {:?}", lead.head);
    }
    let sheet = office
        .read(&answer, &["申请编号", "融资金额（万元）"])
        .await;
    assert_eq!((sheet.head.len(), sheet.rows.len()), (22, 1));
    let all = texts(&sheet);
    for masked in ["顾**", "130***********0119", "199****2037"] {
        assert!(all.contains(masked), "{masked}: {all}");
    }
    for full in [LEGAL_ID, PHONE, "顾屹舟"] {
        assert!(!all.contains(full), "{full} is in a masked export");
    }
    assert_eq!(
        sheet.rows[0].cells[8],
        ReadCell::Number(10.0),
        "money is a number"
    );
    assert!(
        matches!(sheet.rows[0].cells[16], ReadCell::Day(_)),
        "a day is a day"
    );
    let log = "select string_agg(action, ' ' order by at, action) from audit_entries where action like 'export.%'";
    assert_eq!(
        office.one(log).await,
        "export.ask export.download export.made"
    );
    assert_eq!(
        office.one("select count(*)::text from view_entries").await,
        "0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unmasked_export_needs_a_reason_and_a_second_person() {
    let office = office().await;
    let browser = &office.admin.browser;
    let new = "/hq/exports/new";
    let mut fields = vec![("kind", "applications"), ("full", "1"), ("reason", " ")];
    browser
        .submit(new, new, &fields)
        .await
        .expect(422)
        .says("请输入用途");
    fields[0].1 = "draws";
    fields[2].1 = "监管检查";
    browser
        .submit(new, new, &fields)
        .await
        .expect(422)
        .says("不含需要脱敏");
    let export = ask(browser, "/hq/exports", &FULL).await;
    let mine = browser
        .get(&export)
        .await
        .expect(200)
        .says("待复核")
        .says("另一位人员同意");
    assert_eq!(
        office.work().await,
        0,
        "nothing is made before somebody agreed"
    );
    // Whoever may be the second person is told, with the way there.
    let box_ = office.messages(&office.checker.browser).await;
    box_.says("有导出等待复核")
        .says("梁承宇申请导出未脱敏的数据");
    let told = "select link from messages where title = '有导出等待复核'";
    assert_eq!(office.one(told).await, export);
    let agree = [("_action", "agree"), ("_key", "0123456789abcdef0123")];
    browser
        .submit_from(&mine, &export, &agree)
        .await
        .expect(409)
        .says("申请人不能复核自己的导出");
    // The database holds it too.
    for sql in [
        "update exports set status = 'queued'",
        "update exports set status = 'queued', checked_by = asked_by",
        "update exports set masked = true, status = 'queued'",
        "update exports set reason = '另一个用途'",
        "insert into exports select (jsonb_populate_record(null::exports, to_jsonb(e)
           || jsonb_build_object('id', gen_random_uuid(), 'status', 'queued'))).* from exports e",
    ] {
        assert!(office.run(sql).await.is_err(), "{sql}");
    }
    settle(&office.checker, &export, "agree").await;
    assert_eq!(office.work().await, 1);
    office
        .checker
        .browser
        .get(&export)
        .await
        .expect(200)
        .says("只供申请人下载");
    office
        .checker
        .browser
        .get(&format!("{export}/file"))
        .await
        .expect(403);
    let all = texts(&office.file(&office.admin, &export, &["申请编号"]).await);
    for full in [LEGAL_ID, PHONE, "顾屹舟"] {
        assert!(all.contains(full), "{full}: {all}");
    }
    let seen = "select fields || ' ' || reason || ' ' || viewer_name from view_entries";
    assert_eq!(
        office.one(seen).await,
        "导出：法定代表人姓名、身份证号、联系电话 监管现场检查报送 梁承宇"
    );
    let read = office.messages(browser).await;
    read.says("导出已复核同意").says("温如岚已同意梁承宇");
    // A look in bulk does not use up the single looks of the hour.
    let declined = ask(browser, "/hq/exports", &FULL).await;
    settle(&office.checker, &declined, "decline").await;
    assert_eq!(office.work().await, 0);
    browser
        .get(&declined)
        .await
        .expect(200)
        .says("没有同意这次导出");
    office.messages(browser).await.says("导出未获同意");
    let asked = "select count(*)::text from messages where title = '有导出等待复核'";
    assert_eq!(
        office.one(asked).await,
        "1",
        "one that is settled asks nobody any more"
    );
    browser.get(&format!("{declined}/file")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_for_an_unmasked_export_takes_it_back_as_long_as_nobody_has_checked_it() {
    let office = office().await;
    let browser = &office.admin.browser;
    let export = ask(browser, "/hq/exports", &FULL).await;
    let own = browser.get(&export).await.expect(200).says("撤回申请");
    // The other one checks it or leaves it, but does not take it back.
    let checker = &office.checker.browser;
    let opened = checker.get(&export).await.expect(200);
    assert!(!opened.text().contains("撤回申请"));
    let withdraw = ("_action", "withdraw");
    checker
        .submit_from(&opened, &export, &[withdraw])
        .await
        .expect(403);
    let second = office
        .scene
        .world
        .staff(office.scene.bank, "苏明远", &["ha"])
        .await;
    second.browser.prove().await;
    second
        .browser
        .submit(&export, &export, &[withdraw])
        .await
        .expect(409)
        .says("只有提出人可以撤回");
    let long = "长".repeat(201);
    browser
        .submit(&export, &export, &[withdraw, ("withdraw_reason", &long)])
        .await
        .expect(422)
        .says("撤回原因最多 200 个字");
    // A double click takes it back once.
    let why = ("withdraw_reason", "报送已取消");
    for _ in 0..2 {
        browser
            .submit_from(&own, &export, &[withdraw, why])
            .await
            .expect(303);
    }
    checker
        .submit_from(&opened, &export, &[("_action", "agree")])
        .await
        .expect(409)
        .says("已由梁承宇撤回");
    assert_eq!(office.work().await, 0, "no file is made");
    let page = checker.get(&export).await.expect(200);
    page.says("已撤回").says("报送已取消").says("不会生成文件");
    let read = office.messages(checker).await;
    assert!(!read.text().contains("有导出等待复核"));
    let noted = "select detail ->> 'reason' from audit_entries where action = 'export.withdraw' and outcome = 'ok'";
    assert_eq!(office.one(noted).await, "报送已取消");
    let forced = "update exports set status = 'queued' where status = 'withdrawn'";
    assert!(office.run(forced).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_consent_no_longer_covers_stays_masked() {
    let office = office().await;
    office
        .run("update consents set withdrawn_at = now()")
        .await
        .expect("withdrawn");
    let export = ask(&office.admin.browser, "/hq/exports", &FULL).await;
    settle(&office.checker, &export, "agree").await;
    office.work().await;
    let all = texts(&office.file(&office.admin, &export, &["申请编号"]).await);
    assert!(
        !all.contains(LEGAL_ID) && all.contains("130***********0119"),
        "{all}"
    );
    assert_eq!(
        office.one("select count(*)::text from view_entries").await,
        "0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_stays_masked_from_the_moment_at_which_its_dossier_does() {
    let office = office().await;
    let told = async || {
        let export = ask(&office.admin.browser, "/hq/exports", &FULL).await;
        settle(&office.checker, &export, "agree").await;
        office.work().await;
        let all = texts(&office.file(&office.admin, &export, &["申请编号"]).await);
        all.contains(LEGAL_ID)
    };
    // It is Wednesday 9:30: two working days began on Monday, five on Wednesday a week ago.
    for (stage, decided, full) in [
        ("refused_intake", "2026-11-23 11:00:00+08", true),
        ("refused_intake", "2026-11-23 09:00:00+08", false),
        ("rejected", "2026-11-18 09:00:00+08", false),
    ] {
        let refused = format!(
            "update financing_applications set stage = '{stage}', due_at = null, decided_at = '{decided}',
               reason_codes = '{{policy}}'"
        );
        office.run(&refused).await.expect("it is refused");
        assert_eq!(told().await, full, "{stage} {decided}");
    }
    // 复议 that waits for its answer keeps it open.
    office
        .run(
            "insert into reconsiderations (tenant_id, application_id, facts, asked_by, asked_name, asked_at)
             select tenant_id, id, '新增订单。', created_by, '顾屹舟', '2026-11-24 09:00:00+08' from financing_applications",
        )
        .await
        .expect("it is asked");
    assert!(told().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_exports_its_own_a_bank_its_own_and_strangers_find_nothing() {
    let office = office().await;
    let world = &office.scene.world;
    let sibling = world
        .branch(office.scene.bank, "狮城商业银行新华支行")
        .await;
    let other = world.bank("沧海惠民银行").await;
    let neighbour = world.staff(sibling, "时嘉宁", &["bh"]).await;
    let stranger = world.staff(other, "简书越", &["ha", "hp"]).await;
    let export = ask(&office.head.browser, "/branch/exports", &FULL).await;
    let id = export.rsplit('/').next().expect("an id").to_owned();
    for (who, base) in [(&neighbour, "/branch/exports"), (&stranger, "/hq/exports")] {
        who.browser.prove().await;
        let list = who.browser.get(base).await.expect(200);
        assert!(!list.text().contains(&id));
        let path = format!("{base}/{id}");
        who.browser.get(&path).await.expect(404);
        who.browser.get(&format!("{path}/file")).await.expect(404);
        let own = ask(&who.browser, base, &[]).await;
        office.work().await;
        let answer = who.browser.get(&format!("{own}/file")).await.expect(200);
        let read = world.parts.workbooks.read(
            answer.body,
            ReadAsk {
                head: &["申请编号"],
                most_rows: 10,
            },
        );
        assert!(read.await.is_err(), "their file has no row");
    }
    let form = stranger.browser.get("/hq/exports").await.expect(200);
    let forced = [("_action", "agree"), ("_key", "0123456789abcdef0123")];
    stranger
        .browser
        .submit_from(&form, &format!("/hq/exports/{id}"), &forced)
        .await
        .expect(404);
    // Other roles of the branch, the enterprise and the city have no such room.
    office
        .scene
        .clerk
        .browser
        .get("/branch/exports")
        .await
        .expect(404);
    office.head.browser.get("/hq/exports").await.expect(404);
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    operator.browser.get("/hq/exports").await.expect(404);
    // The branch's unmasked export is checked by its institution.
    office
        .admin
        .browser
        .get("/hq/exports")
        .await
        .expect(200)
        .says("待复核")
        .says("林述");
    let there = format!("/hq/exports/{id}");
    settle(&office.admin, &there, "agree").await;
    assert_eq!(office.work().await, 1);
    office
        .head
        .browser
        .get(&format!("{export}/file"))
        .await
        .expect(200);
    office
        .admin
        .browser
        .get(&format!("{there}/file"))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_in_the_middle_is_followed_by_another() {
    let office = office().await;
    let export = ask(&office.head.browser, "/branch/exports", &[]).await;
    let half = "update exports set status = 'making', tries = 1, rows_total = 900, rows_done = 500, lease_until = ";
    let soon = format!(
        "{half}'{}'",
        office.scene.world.parts.clock.now() + Duration::minutes(1)
    );
    office.run(&soon).await.expect("it is being made");
    assert_eq!(office.work().await, 0, "another worker has it");
    office
        .head
        .browser
        .get(&export)
        .await
        .expect(200)
        .says("已写入 500 行，共 900 行（55%）");
    office.scene.world.clock.advance(Duration::minutes(2));
    assert_eq!(office.work().await, 1);
    let page = office.head.browser.get(&export).await.expect(200);
    page.says("可下载").says("共 1 行");
    // After three tries it is told, with what to do.
    let hopeless = ask(&office.head.browser, "/branch/exports", &[]).await;
    office
        .run("update exports set tries = 3, status = 'making' where status = 'queued'")
        .await
        .expect("it was tried");
    office.work().await;
    office
        .head
        .browser
        .get(&hopeless)
        .await
        .expect(200)
        .says("请缩小范围后重新申请");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_left_gets_no_file() {
    let office = office().await;
    ask(&office.head.browser, "/branch/exports", &[]).await;
    office
        .run("update users set status = 'dismissed' where name = '林述'")
        .await
        .expect("dismissed");
    assert_eq!(office.work().await, 1);
    let status = office
        .one("select status || ' ' || cause from exports")
        .await;
    assert_eq!(status, "failed exports.asker_left");
    assert_eq!(office.work().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_gone_after_a_week_and_five_exports_a_day_are_enough() {
    let office = office().await;
    let browser = &office.head.browser;
    let mut first = String::new();
    for round in 0..5 {
        let export = ask(browser, "/branch/exports", &[]).await;
        if round == 0 {
            first = export;
        }
    }
    let new = "/branch/exports/new";
    browser
        .submit(new, new, &[("kind", "draws")])
        .await
        .expect(422)
        .says("您 24 小时内已申请 5 次导出");
    office.work().await;
    let file = format!("{first}/file");
    browser.get(&file).await.expect(200);
    let id = first.rsplit('/').next().expect("an id");
    let key = office
        .one(&format!("select object_key from exports where id = '{id}'"))
        .await;
    let objects = office.scene.world.parts.files.clone();
    let city = office.scene.world.cangzhou.id.0;
    let key = application::ports::files::FileKey::parse(&key).expect("a key");
    let sealed = objects
        .get(city, &key)
        .await
        .expect("it answers")
        .expect("it is there");
    assert!(!sealed.starts_with(b"PK"), "it lies there sealed");
    office.scene.world.clock.advance(Duration::days(7));
    let again = office
        .scene
        .world
        .signed_in(
            office.head.user,
            application::ports::sessions::SessionKind::Staff,
            journeys::CANGZHOU_HOST,
        )
        .await;
    again.get(&file).await.expect(409).says("已过期");
    Workers::new(&office.scene.world.parts)
        .sweep_once()
        .await
        .expect("it runs");
    assert!(objects.get(city, &key).await.expect("it answers").is_none());
    again
        .get(&first)
        .await
        .expect(200)
        .says("已过期")
        .says("请重新申请");
}

#[tokio::test(flavor = "multi_thread")]
async fn loans_are_exported_with_their_filters() {
    let office = office().await;
    let (city, app) = (office.scene.world.cangzhou.id.0, office.scene.application.0);
    for (day, contract) in [("2026-10-01", "=HT-1"), ("2026-11-01", "HT-2")] {
        let sql = format!(
            "insert into disbursements (id, tenant_id, application_id, number, amount_cents, rate, drawn_on, contract_no, source,
               recorded_name, at)
             values (gen_random_uuid(), '{city}', '{app}', {}, 123456, 375, '{day}', '{contract}', 'form', '钱云诚', now())",
            if contract == "HT-2" { 2 } else { 1 }
        );
        office.run(&sql).await.expect("a draw");
    }
    let browser = &office.head.browser;
    let new = "/branch/exports/new";
    let wrong = [
        ("kind", "draws"),
        ("from", "2026-11-02"),
        ("until", "2026-11-01"),
    ];
    browser
        .submit(new, new, &wrong)
        .await
        .expect(422)
        .says("结束日期不能早于开始日期");
    let narrow = [("kind", "draws"), ("until", "2026-10-31")];
    let one = browser.submit(new, new, &narrow).await.expect(303);
    let all = browser
        .submit(new, new, &[("kind", "draws")])
        .await
        .expect(303);
    office.work().await;
    let head = &["合同编号"];
    let one = office.file(&office.head, one.location(), head).await.rows;
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].cells[4], ReadCell::Text("'=HT-1".into()));
    assert_eq!(one[0].cells[6], ReadCell::Number(1234.56));
    let all = office.file(&office.head, all.location(), head).await.rows;
    assert_eq!(all.len(), 2);
}
