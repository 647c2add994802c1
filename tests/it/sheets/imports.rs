//! 批量导入: good rows are kept by the use cases of the pages, bad ones are told; nothing counts twice.

use application::ports::workbooks::{
    ReadAsk, ReadCell, ReadSheet, SheetCell, SheetColumn, SheetPlan,
};
use journeys::{Answer, Browser, StaffFixture, World};
use sqlx::{AssertSqlSafe, Executor as _};
use time::{Duration, macros::date};
use yijianrong::workers::Workers;

use crate::{
    branch::Scene,
    desk::{deed, investigated},
};

/// The administrator of a bank, and the approved application of one of its branches.
pub struct Office {
    pub scene: Scene,
    pub admin: StaffFixture,
    number: String,
}

/// An application with 8 万元 approved, and the administrator of its bank.
pub async fn office() -> Office {
    let scene = investigated().await;
    scene.propose().await;
    scene.approve().await;
    let admin = scene.world.staff(scene.bank, "梁承宇", &["ha"]).await;
    let number = sqlx::query_scalar("select application_no from financing_applications")
        .fetch_one(&scene.world.owner)
        .await
        .expect("a number");
    Office {
        scene,
        admin,
        number,
    }
}

pub const DRAW_HEAD: [&str; 5] = [
    "申请编号",
    "合同编号",
    "放款日期",
    "放款金额（元）",
    "执行年利率（%）",
];

/// A workbook of text cells, numbers and days.
pub async fn workbook(world: &World, head: &[&'static str], rows: &[Vec<SheetCell>]) -> Vec<u8> {
    let plan = SheetPlan {
        name: "数据".into(),
        lead: vec!["请从表头下一行开始填写".into()],
        mark: String::new(),
        columns: head.iter().map(|h| SheetColumn::new(h, 12)).collect(),
    };
    let mut writer = world.parts.workbooks.begin(&plan).expect("it begins");
    for row in rows {
        writer.row(row).expect("a row");
    }
    writer.finish().await.expect("a file")
}

/// Posts a file from the page of that path.
pub async fn send(browser: &Browser, path: &str, kind: &str, file: Vec<u8>) -> Answer {
    let form = browser.get(path).await.expect(200);
    send_from(browser, &form, path, kind, file).await
}

pub async fn send_from(
    browser: &Browser,
    form: &Answer,
    path: &str,
    kind: &str,
    file: Vec<u8>,
) -> Answer {
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let fields = [("_csrf", csrf.as_str()), ("_key", &key), ("kind", kind)];
    browser
        .upload(path, &fields, &[("file", "a.xlsx", file)])
        .await
}

pub async fn work(world: &World) -> usize {
    Workers::new(&world.parts)
        .imports_once()
        .await
        .expect("it runs")
}

/// The first sheet of a workbook that was downloaded.
pub async fn read(world: &World, answer: Answer, head: &'static [&'static str]) -> ReadSheet {
    let ask = ReadAsk {
        head,
        most_rows: 1_000,
    };
    world
        .parts
        .workbooks
        .read(answer.body, ask)
        .await
        .expect("a workbook")
}

pub fn text(text: &str) -> SheetCell {
    SheetCell::text(text)
}

impl Office {
    fn draw(&self, contract: &str, yuan: i64) -> Vec<SheetCell> {
        vec![
            text(&self.number),
            text(contract),
            SheetCell::Day(date!(2026 - 11 - 25)),
            SheetCell::Yuan(yuan * 100),
            SheetCell::Rate(375),
        ]
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.scene.count(sql).await
    }

    pub async fn run(&self, sql: &str) {
        // AssertSqlSafe: texts of these tests.
        self.scene
            .world
            .owner
            .execute(AssertSqlSafe(sql.to_owned()))
            .await
            .expect("it runs");
    }
}

pub const PATH: &str = "/hq/imports";

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one file is one story")]
async fn good_rows_are_kept_and_bad_ones_named_with_row_column_and_cause() {
    let office = office().await;
    let browser = &office.admin.browser;
    let world = &office.scene.world;
    let number = office.number.clone();
    let rows = vec![
        office.draw("HT-1", 10_000),
        // Written as people write: full width, commas, another form of the day.
        vec![
            text(&number.to_lowercase()),
            text("ＨＴ－２"),
            text("2026年11月25日"),
            text("１，０００．５０"),
            text("3.75%"),
        ],
        vec![
            text(&number),
            text("HT-3"),
            text("今天"),
            text("一万"),
            text("3.75"),
        ],
        vec![
            text("PO20990101999"),
            text("HT-4"),
            text("2026-11-25"),
            text("1"),
            text("3"),
        ],
        office.draw("HT-5", 900_000),
        vec![
            text(&number),
            text("HT-6"),
            text("2026-11-26"),
            text("1"),
            text("3"),
        ],
        office.draw("HT-1", 10_000),
        vec![
            SheetCell::Empty,
            text("HT-7"),
            text("2026-11-25"),
            text("1"),
            text("3"),
        ],
    ];
    let file = workbook(world, &DRAW_HEAD, &rows).await;
    let sent = send(browser, PATH, "draws", file).await.expect(303);
    let import = sent.location().to_owned();
    let waiting = browser.get(&import).await.expect(200).says("排队中");
    assert!(waiting.headers.contains_key("refresh"));
    assert_eq!(work(world).await, 1);
    assert_eq!(work(world).await, 0);
    let page = browser
        .get(&import)
        .await
        .expect(200)
        .says("已完成")
        .says("放款日期")
        .says("日期格式不正确")
        .says("放款日期、放款金额（元）")
        .says("没有找到本机构的这个申请编号")
        .says("各笔合计不能超过批准金额")
        .says("不能晚于今天")
        .says("没有重复登记")
        .says("请填写申请编号");
    assert!(!page.headers.contains_key("refresh"));
    assert_eq!(office.count("select count(*) from disbursements").await, 2);
    let drawn = "select drawn_cents from financing_applications";
    assert_eq!(office.count(drawn).await, 1_100_050);
    let told =
        "select count(*) from disbursements where source = 'import' and recorded_name = '梁承宇'";
    assert_eq!(office.count(told).await, 2);
    let rows: Vec<(i32, String)> =
        sqlx::query_as("select row_number, field from import_rows order by row_number")
            .fetch_all(&world.owner)
            .await
            .expect("bad rows");
    let expected = [
        (5, "drawn_on"),
        (6, "number"),
        (7, "loan_amount"),
        (8, "drawn_on"),
        (9, "number"),
        (10, "number"),
    ];
    assert_eq!(rows, expected.map(|(n, field)| (n, field.to_owned())));
    // The file of bad rows, corrected where it was wrong and sent again as it is.
    let bad = browser.get(&format!("{import}/bad")).await.expect(200);
    let again = bad.body.clone();
    let sheet = read(world, bad, &["申请编号", "未导入原因"]).await;
    assert_eq!(sheet.rows.len(), 6);
    let ReadCell::Text(cause) = &sheet.rows[0].cells[8] else {
        panic!("{:?}", sheet.rows[0]);
    };
    assert!(cause.contains("日期格式不正确"), "{cause}");
    assert!(cause.contains("；"), "every fault of the row: {cause}");
    let sent = send(browser, PATH, "draws", again).await.expect(303);
    work(world).await;
    browser
        .get(sent.location())
        .await
        .expect(200)
        .says("已完成");
    assert_eq!(office.count("select count(*) from disbursements").await, 2);
    // What the enterprise reads came by the usual way.
    office
        .scene
        .owner
        .browser
        .get(&office.scene.own("/loan"))
        .await
        .expect(200)
        .says("HT-1")
        .says("HT-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_and_the_same_row_never_count_twice() {
    let office = office().await;
    let browser = &office.admin.browser;
    let world = &office.scene.world;
    let file = workbook(world, &DRAW_HEAD, &[office.draw("HT-1", 10_000)]).await;
    let form = browser.get(PATH).await.expect(200);
    let first = send_from(browser, &form, PATH, "draws", file.clone())
        .await
        .expect(303);
    // A double click leads to the same import; another form with the same file is told.
    let twice = send_from(browser, &form, PATH, "draws", file.clone())
        .await
        .expect(303);
    assert_eq!(first.location(), twice.location());
    send(browser, PATH, "draws", file)
        .await
        .expect(422)
        .says("已导入过这个文件");
    work(world).await;
    assert_eq!(office.count("select count(*) from disbursements").await, 1);
    // Another file with the same row, and a row that the branch recorded by hand.
    let hand = [
        ("draw_amount", "2"),
        ("draw_rate", "3.75"),
        ("drawn_on", "2026-11-25"),
        ("due_on", "2028-11-25"),
        ("contract_no", "HT-2"),
    ];
    deed(
        &office.scene.clerk.browser,
        &office.scene.path("/disburse"),
        &hand,
    )
    .await
    .expect(303);
    let rows = [
        office.draw("HT-1", 10_000),
        office.draw("HT-2", 20_000),
        office.draw("HT-3", 5_000),
    ];
    let file = workbook(world, &DRAW_HEAD, &rows).await;
    let sent = send(browser, PATH, "draws", file).await.expect(303);
    work(world).await;
    browser
        .get(sent.location())
        .await
        .expect(200)
        .says("当天已登记相同金额的放款");
    assert_eq!(office.count("select count(*) from disbursements").await, 3);
    let drawn = "select drawn_cents from financing_applications";
    assert_eq!(office.count(drawn).await, 3_500_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_corrected_since_does_not_count_again() {
    let office = office().await;
    let browser = &office.admin.browser;
    let (scene, world) = (&office.scene, &office.scene.world);
    let file = workbook(world, &DRAW_HEAD, &[office.draw("HT-1", 10_000)]).await;
    send(browser, PATH, "draws", file).await.expect(303);
    work(world).await;
    let id: String = sqlx::query_scalar("select id::text from disbursements")
        .fetch_one(&world.owner)
        .await
        .expect("a draw");
    let fields = [
        ("draw", id.as_str()),
        ("draw_amount", "2"),
        ("correction_reason", "金额录错。"),
    ];
    let clerk = &scene.clerk.browser;
    deed(clerk, &scene.path("/correct-draw"), &fields)
        .await
        .expect(303);
    let check = scene.path("/check-correction");
    deed(browser, &check, &[("verdict", "accept")])
        .await
        .expect(303);
    // As it was, and as it is.
    let rows = [office.draw("HT-1", 10_000), office.draw("HT-1", 20_000)];
    let file = workbook(world, &DRAW_HEAD, &rows).await;
    let sent = send(browser, PATH, "draws", file).await.expect(303);
    work(world).await;
    browser
        .get(sent.location())
        .await
        .expect(200)
        .says("当天已登记相同金额的放款");
    assert_eq!(office.count("select count(*) from disbursements").await, 1);
    let drawn = "select drawn_cents from financing_applications";
    assert_eq!(office.count(drawn).await, 2_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn repayments_are_counted_by_the_rules_of_the_form() {
    let office = office().await;
    let browser = &office.admin.browser;
    let world = &office.scene.world;
    let mut last = office.draw("HT-1", 50_000);
    last.extend([SheetCell::Empty, text("是")]);
    let mut head = DRAW_HEAD.to_vec();
    head.extend(["到期日期", "是否末笔"]);
    let file = workbook(world, &head, &[last]).await;
    send(browser, PATH, "draws", file).await.expect(303);
    work(world).await;
    assert_eq!(office.scene.stage().await, "disbursed");
    let row = |yuan: &str, day: &str| vec![text(&office.number), text(day), text(yuan)];
    let rows = [
        row("20,000", "2026-11-25"),
        row("20000.00", "2026/11/25"),
        row("30000.01", "2026-11-25"),
        row("0", "2026-11-25"),
        row("1", "2026-11-24"),
        row("30000", "20261125"),
    ];
    let head = ["申请编号", "还款日期", "归还本金(元)"];
    let file = workbook(world, &head, &rows).await;
    let sent = send(browser, PATH, "repayments", file).await.expect(303);
    work(world).await;
    browser
        .get(sent.location())
        .await
        .expect(200)
        .says("当天已登记相同金额的还款")
        .says("不能超过待还本金 30,000.00 元")
        .says("归还本金应大于 0")
        .says("不能早于首笔放款日期");
    assert_eq!(
        office
            .count("select count(*) from repayments where source = 'import'")
            .await,
        2
    );
    let owed = "select balance_cents from repayments order by at desc, balance_cents limit 1";
    assert_eq!(office.count(owed).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_of_ours_is_refused_before_anything_is_kept() {
    let office = office().await;
    let browser = &office.admin.browser;
    let world = &office.scene.world;
    let short = ["申请编号", "合同编号", "放款日期", "放款金额（元）"];
    let row = office.draw("HT-1", 1);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"not a workbook".to_vec(), "不是 .xlsx 表格"),
        (Vec::new(), "请选择表格文件"),
        (
            workbook(world, &short, &[row[..4].to_vec()]).await,
            "表头缺少“执行年利率（%）”列",
        ),
        (workbook(world, &DRAW_HEAD, &[]).await, "表头下没有数据"),
        (vec![0; 5 * 1024 * 1024 + 1], "不能超过 5 MB"),
    ];
    for (file, words) in cases {
        send(browser, PATH, "draws", file)
            .await
            .expect(422)
            .says(words);
    }
    let good = workbook(world, &DRAW_HEAD, &[row]).await;
    for kind in ["", "referrals", "users"] {
        let answer = send(browser, PATH, kind, good.clone()).await;
        answer.expect(422).says("请选择导入内容");
    }
    assert_eq!(office.count("select count(*) from imports").await, 0);
    let template = browser.get("/hq/imports/template/draws").await.expect(200);
    let ask = ReadAsk {
        head: &["申请编号", "放款金额（元）"],
        most_rows: 1,
    };
    let empty = world.parts.workbooks.read(template.body, ask).await;
    assert_eq!(empty, Err(application::ports::workbooks::ReadError::NoRows));
    browser.get("/hq/imports/template/users").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_belongs_to_its_bank_and_to_its_administrators() {
    let office = office().await;
    let world = &office.scene.world;
    let file = workbook(world, &DRAW_HEAD, &[office.draw("HT-1", 1)]).await;
    let sent = send(&office.admin.browser, PATH, "draws", file.clone())
        .await
        .expect(303);
    let import = sent.location().to_owned();
    let other = world.bank("沧海惠民银行").await;
    let stranger = world.staff(other, "简书越", &["ha"]).await;
    stranger.browser.get(&import).await.expect(404);
    stranger
        .browser
        .get(&format!("{import}/bad"))
        .await
        .expect(404);
    // Another bank's people cannot record loans of this one: the number is unknown to them.
    let sent = send(&stranger.browser, PATH, "draws", file)
        .await
        .expect(303);
    work(world).await;
    stranger
        .browser
        .get(sent.location())
        .await
        .expect(200)
        .says("没有找到本机构的这个申请编号");
    assert_eq!(office.count("select count(*) from disbursements").await, 1);
    let approver = world.staff(office.scene.bank, "温如岚", &["hp"]).await;
    let head = world.staff(office.scene.branch, "林述", &["bh"]).await;
    for person in [&approver, &head, &office.scene.clerk] {
        person.browser.get(PATH).await.expect(404);
        person.browser.get(&import).await.expect(404);
        person
            .browser
            .get("/hq/imports/template/draws")
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_in_the_middle_is_followed_and_no_row_is_done_twice() {
    let office = office().await;
    let browser = &office.admin.browser;
    let world = &office.scene.world;
    let rows: Vec<Vec<SheetCell>> = (0..30)
        .map(|n| office.draw(&format!("HT-{n}"), 100))
        .collect();
    let file = workbook(world, &DRAW_HEAD, &rows).await;
    let sent = send(browser, PATH, "draws", file).await.expect(303);
    work(world).await;
    assert_eq!(office.count("select count(*) from disbursements").await, 30);
    // As if it had died after its rows, before it could note them: only the first twenty were noted.
    let at = world.parts.clock.now() + Duration::minutes(1);
    let key: String =
        sqlx::query_scalar("select object_key from imports where object_key is not null")
            .fetch_optional(&world.owner)
            .await
            .expect("it answers")
            .unwrap_or_default();
    assert_eq!(key, "", "the upload is gone once it is worked off");
    let file = workbook(world, &DRAW_HEAD, &rows).await;
    let id = sent
        .location()
        .rsplit('/')
        .next()
        .expect("an id")
        .to_owned();
    let place = application::ports::sealing::Place {
        tenant: world.cangzhou.id.0,
        table: "imports",
        row: uuid::Uuid::parse_str(&id).expect("an id"),
        column: "object_key",
    };
    let sealed = world.parts.sealer.seal(&place, &file).expect("sealed");
    let key = world
        .parts
        .files
        .put(world.cangzhou.id.0, sealed)
        .await
        .expect("stored");
    office
        .run(&format!(
            "update imports set status = 'working', rows_done = 20, rows_kept = 20, tries = 1, ended_at = null,
               object_key = '{key}', lease_until = '{at}'"
        ))
        .await;
    assert_eq!(work(world).await, 0, "another worker has it");
    world.clock.advance(Duration::minutes(2));
    assert_eq!(work(world).await, 1);
    let state: (String, i32, i32) =
        sqlx::query_as("select status, rows_kept, rows_done from imports")
            .fetch_one(&world.owner)
            .await
            .expect("it is there");
    assert_eq!(state, ("done".to_owned(), 30, 30));
    assert_eq!(office.count("select count(*) from disbursements").await, 30);
    assert_eq!(office.count("select count(*) from import_rows").await, 0);
}
