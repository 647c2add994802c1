//! 走访清单 and 整改任务: taken in once per enterprise, given to institutions that see their own rows alone, followed by them and seen by the
//! city, and what departments do about refusals.

use std::sync::Arc;

use application::{
    access::Guard,
    ports::{
        people_now::PeopleNow as _,
        sessions::SessionKind,
        workbooks::{ReadCell, SheetCell},
    },
    visits::Coverage,
};
use domain::{ids::TenantId, values::UnifiedSocialCreditCode, visit::VisitStage};
use journeys::{Answer, Browser, StaffFixture, World};
use sqlx::{AssertSqlSafe, Executor as _};
use time::Duration;
use uuid::Uuid;

use super::imports::{read, send, work, workbook};

const HEAD: [&str; 7] = [
    "统一社会信用代码",
    "企业名称",
    "所属区县",
    "联系人",
    "联系电话",
    "推荐机构",
    "备注",
];
const LISTS: &str = "/operator/visits";
const NEW: &str = "/operator/visits/new";
const PIPES: &str = "沧州市瀚岳澜管道装备有限公司";
const CHEMICALS: &str = "沧州市渤沃宸化工新材料有限公司";
const FIRST_BANK: &str = "狮城商业银行";
const SECOND_BANK: &str = "沧海惠民银行";

/// A code whose checks are right, in 盐山县.
fn code(number: u32) -> String {
    const SIGNS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let signs = || SIGNS.iter().map(|sign| char::from(*sign));
    let body = format!("91130925PDY9{number:04}");
    signs()
        .flat_map(|a| signs().map(move |b| (a, b)))
        .map(|(a, b)| format!("{body}{a}{b}"))
        .find(|code| UnifiedSocialCreditCode::parse(code).is_ok())
        .expect("one of them is right")
}

fn row(code: &str, name: &str, district: &str, bank: &str) -> Vec<SheetCell> {
    [code, name, district, "顾屹舟", "19900002037", bank, ""]
        .map(SheetCell::text)
        .to_vec()
}

struct City {
    world: World,
    operator: StaffFixture,
    first: TenantId,
    first_hq: StaffFixture,
    second: TenantId,
    second_hq: StaffFixture,
}

async fn city() -> City {
    let world = World::new().await;
    let first = world.bank(FIRST_BANK).await;
    let second = world.bank(SECOND_BANK).await;
    City {
        operator: world.staff(world.cangzhou.id, "宋知远", &["op"]).await,
        first_hq: world.staff(first, "梁承宇", &["ha"]).await,
        second_hq: world.staff(second, "简书越", &["ha"]).await,
        first,
        second,
        world,
    }
}

async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.submit(path, path, fields).await
}

impl City {
    /// A new list; its page.
    async fn list(&self, name: &str) -> String {
        let fields = [
            ("visit_name", name),
            ("visit_source", "市工信局"),
            ("visit_due", "2026-12-31"),
        ];
        let made = press(&self.operator.browser, NEW, &fields)
            .await
            .expect(303);
        let there = made.location();
        there.strip_suffix("/import").expect("its form").to_owned()
    }

    /// Sends a file for a list and works it off; the page of the import.
    async fn import(&self, list: &str, rows: &[Vec<SheetCell>]) -> String {
        let file = workbook(&self.world, &HEAD, rows).await;
        let path = format!("{list}/import");
        let sent = send(&self.operator.browser, &path, "", file)
            .await
            .expect(303);
        assert_eq!(work(&self.world).await, 1);
        sent.location().to_owned()
    }

    /// One enterprise for each institution, sent.
    async fn sent(&self) -> String {
        let list = self.list("四季度走访清单").await;
        let rows = [
            row(&code(1), PIPES, "", FIRST_BANK),
            row(&code(2), CHEMICALS, "运河区", SECOND_BANK),
        ];
        self.import(&list, &rows).await;
        press(&self.operator.browser, &format!("{list}/send"), &[])
            .await
            .expect(303);
        list
    }

    /// What an institution has in its 推荐清单.
    async fn referral(&self, bank: TenantId) -> String {
        let id: Uuid = sqlx::query_scalar("select id from referrals where tenant_id = $1")
            .bind(bank.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("exactly one");
        format!("/hq/referrals/{id}")
    }

    /// Steps that the headquarters of the first institution notes: to, 未授信原因, 融资需求.
    async fn follow(&self, from: i32, steps: &[(&str, &str, &str)]) {
        let path = self.referral(self.first).await;
        for (version, (to, refusal, demand)) in (from..).zip(steps) {
            let version = version.to_string();
            let fields = [
                ("_action", "follow"),
                ("to", *to),
                ("refusal", *refusal),
                ("demand", *demand),
                ("referral_note", ""),
                ("version", version.as_str()),
            ];
            press(&self.first_hq.browser, &path, &fields)
                .await
                .expect(303);
        }
    }

    async fn sums(&self, list: &str) -> Coverage {
        let actor = self.world.parts.door.staff(self.operator.user).await;
        let actor = actor.expect("it answers").expect("an operator");
        let id = list.rsplit('/').next().expect("an id");
        let id = Uuid::parse_str(id).expect("an id");
        let room = yijianrong::wire::sheets::visits(&self.world.parts);
        room.list(&actor, id).await.expect("the numbers").sums
    }

    /// The page of the enterprise of that name.
    async fn row(&self, list: &str, name: &str) -> String {
        let id: Uuid = sqlx::query_scalar(
            "select v.id from visit_rows v join visit_lists l on l.tenant_id = v.tenant_id and l.id = v.list_id
             where v.company_name = $1 and l.id::text = $2",
        )
        .bind(name)
        .bind(list.rsplit('/').next().expect("an id"))
        .fetch_one(&self.world.owner)
        .await
        .expect("it is there");
        format!("{list}/rows/{id}")
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
            .signed_in(
                self.operator.user,
                SessionKind::Staff,
                journeys::CANGZHOU_HOST,
            )
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_takes_every_enterprise_once_and_says_of_each_bad_row_why() {
    let city = city().await;
    let operator = &city.operator.browser;
    let wrong = [
        ("visit_name", "四"),
        ("visit_source", ""),
        ("visit_due", "2026-11-24"),
    ];
    press(operator, NEW, &wrong)
        .await
        .expect(422)
        .says("至少输入 2 个字")
        .says("请输入提供单位")
        .says("请输入不早于今天的日期")
        .says("2026-11-24");
    let list = city.list("四季度走访清单").await;
    let rows = [
        row(&code(1), PIPES, "盐山县", FIRST_BANK),
        row(&code(1), PIPES, "", ""),
        row("91130925PDY0091101", "沧州市某某有限公司", "", ""),
        row(&code(2), CHEMICALS, "北京市", "某某银行"),
        row(&code(3), CHEMICALS, "130903", ""),
    ];
    let import = city.import(&list, &rows).await;
    operator
        .get(&import)
        .await
        .expect(200)
        .says("已在本清单中")
        .says("校验码与前 17 位不符")
        .says("不是本市的区县")
        .says("没有找到可以受理的机构");
    let file = operator.get(&format!("{import}/bad")).await.expect(200);
    let bad = read(&city.world, file, &["统一社会信用代码", "未导入原因"]).await;
    assert_eq!(bad.rows.len(), 3, "the good rows were kept");
    assert_eq!(city.count("select count(*) from visit_rows").await, 2);
    let page = operator.get(&format!("{list}/rows")).await.expect(200);
    let page = page.says(PIPES).says("顾**，199****2037");
    assert!(!page.text().contains("19900002037"), "the phone is masked");
    let sealed: String = sqlx::query_scalar(
        "select encode(contact_sealed, 'escape') from visit_rows where company_name = $1",
    )
    .bind(PIPES)
    .fetch_one(&city.world.owner)
    .await
    .expect("it is sealed");
    assert!(!sealed.contains("19900002037"));
    let one = city.row(&list, PIPES).await;
    let form = operator.get(&one).await.expect(200);
    operator
        .submit_from(&form, &one, &[("_action", "contact")])
        .await
        .expect(200)
        .says("顾屹舟，19900002037");
    let looked = "select count(*) from audit_entries where action = 'visit.unmask'";
    assert_eq!(city.count(looked).await, 1);
    // An enterprise of an open list stands in no other; once that is closed, it may.
    let other = city.list("专精特新走访清单").await;
    let again = [row(&code(1), PIPES, "", "")];
    let import = city.import(&other, &again).await;
    operator
        .get(&import)
        .await
        .expect(200)
        .says("尚未关闭的走访清单“四季度走访清单”");
    press(operator, &format!("{list}/close"), &[])
        .await
        .expect(303);
    let again = [row(&code(1), PIPES, "", ""), row("1", PIPES, "", "")];
    city.import(&other, &again).await;
    let kept = "select count(*) from visit_rows where not frozen";
    assert_eq!(city.count(kept).await, 1);
    let contacts = "select count(*) from visit_rows where frozen and contact_sealed is not null";
    assert_eq!(city.count(contacts).await, 0, "nobody is called any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_institutions_receive_their_own_rows_and_nobody_else_any() {
    let city = city().await;
    let operator = &city.operator.browser;
    let list = city.list("四季度走访清单").await;
    let rows = [
        row(&code(1), PIPES, "", FIRST_BANK),
        row(&code(2), CHEMICALS, "", ""),
    ];
    city.import(&list, &rows).await;
    let assign = format!("{list}/assign");
    let open = [("district", ""), ("visit_scope", "open")];
    press(operator, &assign, &open)
        .await
        .expect(422)
        .says("请选择机构");
    let second = city.second.to_string();
    let given = [
        ("district", ""),
        ("visit_scope", "open"),
        ("banks", second.as_str()),
    ];
    press(operator, &assign, &given).await.expect(303);
    let there = "select count(*) from referrals";
    assert_eq!(
        city.count(there).await,
        0,
        "nobody sees it before it is sent"
    );
    let path = format!("{list}/send");
    let form = operator.get(&path).await.expect(200);
    for _ in 0..2 {
        operator.submit_from(&form, &path, &[]).await.expect(303);
    }
    assert_eq!(city.count(there).await, 2, "a double click sends once");
    press(operator, &path, &[])
        .await
        .expect(409)
        .says("没有可以下发的企业");
    let told = "select count(*) from messages where title = '平台下发走访清单'";
    assert_eq!(city.count(told).await, 2);
    for (hq, own, other) in [
        (&city.first_hq, PIPES, CHEMICALS),
        (&city.second_hq, CHEMICALS, PIPES),
    ] {
        let page = hq.browser.get("/hq/referrals").await.expect(200);
        let page = page.says(own).says("市工信局");
        assert!(!page.text().contains(other), "{other}");
        hq.browser.get(LISTS).await.expect(404);
        hq.browser.get(&list).await.expect(404);
    }
    // What was sealed for the list opens in the institution's own place.
    let referral = city.referral(city.first).await;
    let form = city.first_hq.browser.get(&referral).await.expect(200);
    let contact = [("_action", "contact")];
    let full = city
        .first_hq
        .browser
        .submit_from(&form, &referral, &contact);
    full.await.expect(200).says("顾屹舟，19900002037");
    let third = city.world.bank("渤海民生银行").await;
    let stranger = city.world.staff(third, "沈若谷", &["ha"]).await;
    let page = stranger.browser.get("/hq/referrals").await.expect(200);
    assert!(!page.text().contains(PIPES) && !page.text().contains(CHEMICALS));
    stranger.browser.get(&referral).await.expect(404);
    let abroad = city
        .world
        .staff(city.world.other.id, "米嘉禾", &["op"])
        .await;
    abroad.browser.get(&list).await.expect(404);
    abroad
        .browser
        .get(&format!("{list}/rows"))
        .await
        .expect(404);
    let page = abroad.browser.get(LISTS).await.expect(200);
    assert!(!page.text().contains("四季度走访清单"));
}

#[tokio::test(flavor = "multi_thread")]
async fn supervisors_look_and_the_regulator_reads_numbers_without_an_enterprise() {
    let city = city().await;
    let list = city.sent().await;
    let of_city = city.world.cangzhou.id;
    let supervisor = city.world.staff(of_city, "米嘉禾", &["os"]).await.browser;
    let rows = format!("{list}/rows");
    supervisor.get(&rows).await.expect(200).says(PIPES);
    for path in ["send", "close", "assign", "import"] {
        supervisor.get(&format!("{list}/{path}")).await.expect(403);
    }
    supervisor.get(NEW).await.expect(403);
    let regulator = city.world.staff(of_city, "卫之行", &["rg"]).await.browser;
    let page = regulator.get(&list).await.expect(200).says(FIRST_BANK);
    assert!(!page.text().contains("/rows"), "no number leads further");
    let file = regulator.get(&format!("{list}/workbook")).await.expect(200);
    let book = read(&city.world, file, &["分组", "项目", "已下发"]).await;
    assert_eq!(book.rows.len(), 5, "all, two institutions, two districts");
    assert_eq!(
        book.rows[0].cells[5],
        ReadCell::Number(2.0),
        "both are sent"
    );
    let told = format!("{:?}", book.rows);
    for hidden in [PIPES, CHEMICALS, code(1).as_str(), "顾"] {
        assert!(!told.contains(hidden), "{hidden}");
    }
    regulator.get(&rows).await.expect(404);
    regulator
        .get(&city.row(&list, PIPES).await)
        .await
        .expect(404);
    regulator.get("/operator/visits/repairs").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_goes_to_the_branch_of_its_district_where_there_is_one() {
    let city = city().await;
    let near = city.world.branch(city.second, "沧海惠民银行运河支行").await;
    city.sent().await;
    let given = async |bank: TenantId| -> (Option<Uuid>, String) {
        sqlx::query_as("select branch_id, branch_name from referrals where tenant_id = $1")
            .bind(bank.0)
            .fetch_one(&city.world.owner)
            .await
            .expect("exactly one")
    };
    let there = (Some(near.0), "沧海惠民银行运河支行".to_owned());
    assert_eq!(given(city.second).await, there);
    // The other institution has no branch in that district: its headquarters decides.
    assert_eq!(given(city.first).await, (None, String::new()));
    let manager = city.world.staff(near, "程沐阳", &["bm"]).await;
    let page = manager.browser.get("/branch/referrals").await.expect(200);
    page.says(CHEMICALS);
    // Nobody's enterprise comes to the branch of another institution.
    let parts = &city.world.parts;
    let of_city = city.world.cangzhou.id;
    let reach = parts.door.reach(of_city).await.expect("it answers");
    let permit = Guard::job(of_city, Arc::from(reach));
    let mut work = parts.pg.open(&permit).await.expect("it opens");
    let strange = sqlx::query(
        "insert into referrals (id, tenant_id, city_id, branch_id, credit_code, company_name, status, created_at, changed_at)
         values (gen_random_uuid(), $1, $2, $3, '91130925PDY9999999', '某某公司', 'waiting', now(), now())",
    )
    .bind(city.first.0)
    .bind(of_city.0)
    .bind(near.0)
    .execute(work.connection())
    .await;
    assert!(strange.is_err(), "a branch of its own institution or none");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walls_hold_without_the_program() {
    let city = city().await;
    city.sent().await;
    let parts = &city.world.parts;
    let of_city = city.world.cangzhou.id;
    let reach = parts.door.reach(of_city).await.expect("it answers");
    let permit = Guard::job(of_city, Arc::from(reach));
    // What an institution is following is its own to move, and the city adds to it nothing but what it sends.
    for sql in [
        "update referrals set status = 'granted'".to_owned(),
        "update referrals set branch_name = 'x'".to_owned(),
    ] {
        let mut work = parts.pg.open(&permit).await.expect("it opens");
        let done = work.connection().execute(AssertSqlSafe(sql.clone())).await;
        assert_eq!(done.expect("nothing to change").rows_affected(), 0, "{sql}");
    }
    let mut work = parts.pg.open(&permit).await.expect("it opens");
    let refused = work
        .connection()
        .execute(
            "insert into referrals (id, tenant_id, city_id, credit_code, company_name, status, created_at, changed_at)
             select gen_random_uuid(), tenant_id, city_id, '91130925PDY9999999', '某某公司', 'granted', now(), now() from referrals limit 1",
        )
        .await;
    assert!(refused.is_err(), "nobody is granted by the city");
    drop(work);
    let bank = Guard::job(city.first, Arc::from([city.first]));
    let mut work = parts.pg.open(&bank).await.expect("it opens");
    for table in ["visit_lists", "visit_rows", "visit_files", "visit_repairs"] {
        // AssertSqlSafe: names of this list.
        let sql = AssertSqlSafe(format!("select count(*) from {table}"));
        let seen: i64 = sqlx::query_scalar(sql)
            .fetch_one(work.connection())
            .await
            .expect("it counts");
        assert_eq!(seen, 0, "{table}");
    }
    drop(work);
    let moved = sqlx::query("update visit_rows set bank_id = $1 where bank_id = $2")
        .bind(city.second.0)
        .bind(city.first.0)
        .execute(&city.world.owner)
        .await;
    assert!(moved.is_err(), "what was sent stays with its institution");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_follow_what_institutions_note_and_what_enterprises_ask_for() {
    let city = city().await;
    let list = city.sent().await;
    let operator = &city.operator.browser;
    let counts = |sums: &Coverage| VisitStage::REACHED.map(|stage| sums.of(stage));
    assert_eq!(counts(&city.sums(&list).await), [2, 0, 0, 0, 0, 0, 0]);
    let steps = [
        ("contacted", "", "wanted"),
        ("visited", "", ""),
        ("declined", "papers", ""),
    ];
    city.follow(1, &steps).await;
    assert_eq!(counts(&city.sums(&list).await), [2, 1, 1, 1, 0, 0, 1]);
    let declined = format!("{list}/rows?stage=declined");
    let page = operator.get(&declined).await.expect(200);
    let page = page.says(PIPES).says("证照或手续不全");
    assert!(!page.text().contains(CHEMICALS));
    // The other one registers and asks its institution by itself; what it asked another one for does not count.
    let branch = city.world.branch(city.second, "沧海惠民银行运河支行").await;
    let product = city
        .world
        .product(city.second, "惠民抵押贷", &[branch])
        .await;
    let firm = city.world.ready_enterprise(CHEMICALS, "19900002074").await;
    sqlx::query("update enterprises set unified_social_credit_code = $1 where id = $2")
        .bind(code(2))
        .bind(firm.id.0)
        .execute(&city.world.owner)
        .await
        .expect("it registered");
    assert_eq!(city.sums(&list).await.registered, 1);
    let asked = city
        .world
        .submitted_application(&firm, city.second, branch, product)
        .await;
    assert_eq!(counts(&city.sums(&list).await), [2, 1, 1, 2, 1, 0, 1]);
    narrowed(&city, &list).await;
    // What was asked for before the institution was sent the enterprise is not what came of that.
    let moved = async |by: &'static str| {
        let sql = format!("update financing_applications set submitted_at = submitted_at {by}");
        // AssertSqlSafe: the two texts below.
        let done = city.world.owner.execute(AssertSqlSafe(sql)).await;
        done.expect("it is moved");
    };
    moved("- interval '1 day'").await;
    assert_eq!(counts(&city.sums(&list).await), [2, 1, 1, 1, 0, 0, 1]);
    moved("+ interval '1 day'").await;
    let at = city.world.parts.clock.now();
    sqlx::query(
        "update financing_applications set stage = 'rejected', decided_at = $1 where id = $2",
    )
    .bind(at)
    .bind(asked.0)
    .execute(&city.world.owner)
    .await
    .expect("it was refused");
    assert_eq!(counts(&city.sums(&list).await), [2, 1, 1, 2, 1, 0, 2]);
    let page = operator.get(&declined).await.expect(200);
    page.says(CHEMICALS).says("融资需求未通过");
    // A grant outweighs it.
    sqlx::query(
        "update financing_applications set stage = 'approved', ever_accepted = true, due_at = null,
           approved_amount_cents = amount_cents, approved_rate = rate, approved_term = term, approval_valid_until = '2099-12-31'
         where id = $1",
    )
    .bind(asked.0)
    .execute(&city.world.owner)
    .await
    .expect("it is granted");
    assert_eq!(counts(&city.sums(&list).await), [2, 1, 1, 2, 1, 1, 1]);
    let branch = city.world.branch(city.first, "狮城商业银行运河支行").await;
    let product = city.world.product(city.first, "信用贷", &[branch]).await;
    city.world
        .submitted_application(&firm, city.first, branch, product)
        .await;
    assert_eq!(counts(&city.sums(&list).await), [2, 1, 1, 2, 1, 1, 1]);
}

/// Each condition of the rows leaves one of the two enterprises: the first was declined, the second registered and applied.
async fn narrowed(city: &City, list: &str) {
    let (first, second) = (city.first, city.second);
    for (query, own, other) in [
        (format!("bank={first}"), PIPES, CHEMICALS),
        (format!("bank={second}"), CHEMICALS, PIPES),
        ("district=130925".to_owned(), PIPES, CHEMICALS),
        ("district=130903".to_owned(), CHEMICALS, PIPES),
        ("registered=1".to_owned(), CHEMICALS, PIPES),
        (format!("q={}", code(1)), PIPES, CHEMICALS),
        ("q=新材料".to_owned(), CHEMICALS, PIPES),
        ("stage=visited".to_owned(), PIPES, CHEMICALS),
        ("stage=applied".to_owned(), CHEMICALS, PIPES),
    ] {
        let path = format!("{list}/rows?{query}");
        let page = city.operator.browser.get(&path).await;
        let page = page.expect(200).says(own);
        assert!(!page.text().contains(other), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_list_keeps_its_result_and_who_is_sent_again_begins_anew() {
    let city = city().await;
    let list = city.sent().await;
    let operator = &city.operator.browser;
    let refused = [("contacted", "", ""), ("declined", "no_demand", "")];
    city.follow(1, &refused).await;
    // No department does anything about that.
    let repair = format!("{}/repair", city.row(&list, PIPES).await);
    operator
        .get(&repair)
        .await
        .expect(409)
        .says("没有可以整改的未授信原因");
    press(operator, &format!("{list}/close"), &[])
        .await
        .expect(303);
    let next = city.list("来年走访清单").await;
    city.import(&next, &[row(&code(1), PIPES, "", FIRST_BANK)])
        .await;
    press(operator, &format!("{next}/send"), &[])
        .await
        .expect(303);
    let there = city.referral(city.first).await;
    let page = city.first_hq.browser.get(&there).await.expect(200);
    page.says("未联系").says("平台再次下发走访清单");
    let sums = city.sums(&next).await;
    assert_eq!(sums.of(VisitStage::Declined), 0);
    let before = city.sums(&list).await;
    assert_eq!(
        before.of(VisitStage::Declined),
        1,
        "as it was when it was closed"
    );
    operator
        .get(&city.row(&list, PIPES).await)
        .await
        .expect(200)
        .says("企业无融资需求");
    operator
        .get(&format!("{list}/send"))
        .await
        .expect(409)
        .says("该走访清单已关闭");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_set_for_what_can_be_repaired_comes_first_when_overdue_and_is_done_once() {
    let city = city().await;
    let list = city.sent().await;
    let operator = &city.operator.browser;
    let one = city.row(&list, PIPES).await;
    let repair = format!("{one}/repair");
    operator
        .get(&repair)
        .await
        .expect(409)
        .says("没有可以整改的未授信原因");
    let refused = [("contacted", "", ""), ("declined", "papers", "")];
    city.follow(1, &refused).await;
    let wrong = [
        ("repair_department", ""),
        ("repair_what", "补"),
        ("repair_due", "2026-11-24"),
    ];
    press(operator, &repair, &wrong)
        .await
        .expect(422)
        .says("请输入责任部门")
        .says("至少输入 2 个字")
        .says("请输入今天到一年以内的日期");
    let task = |department: &'static str, due: &'static str| {
        [
            ("repair_department", department),
            ("repair_what", "补办不动产登记"),
            ("repair_due", due),
        ]
    };
    for (department, due) in [("市税务局", "2026-12-20"), ("市自然资源局", "2026-11-27")]
    {
        press(operator, &repair, &task(department, due))
            .await
            .expect(303);
    }
    city.world.clock.advance(Duration::days(3));
    let operator = city.fresh().await;
    let page = operator.get("/operator/visits/repairs").await.expect(200);
    let text = page.says("已逾期").text();
    let tasks = text.split("<tbody>").last().expect("the tasks");
    let late = tasks.find("市自然资源局").expect("the overdue one");
    let later = tasks.find("市税务局").expect("the other one");
    assert!(late < later, "what is overdue comes first");
    let narrowed = "/operator/visits/repairs?state=overdue";
    let page = operator.get(narrowed).await.expect(200).text();
    let tasks = page.split("<tbody>").last().expect("the tasks");
    assert!(tasks.contains("市自然资源局") && !tasks.contains("市税务局"));
    let id: Uuid = sqlx::query_scalar("select id from visit_repairs order by due_on limit 1")
        .fetch_one(&city.world.owner)
        .await
        .expect("the overdue one");
    let done = format!("/operator/visits/repairs/{id}");
    // Whoever is granted meanwhile keeps the tasks that are not done.
    sqlx::query("update referrals set status = 'granted' where tenant_id = $1")
        .bind(city.first.0)
        .execute(&city.world.owner)
        .await
        .expect("it is granted after all");
    let page = operator.get(&one).await.expect(200).text();
    assert!(page.contains(&id.to_string()), "it is ended from here too");
    press(&operator, &done, &[("repair_note", "")])
        .await
        .expect(422)
        .says("请输入完成情况");
    press(&operator, &done, &[("repair_note", "已办妥登记。")])
        .await
        .expect(303);
    operator.get(&done).await.expect(409).says("已登记完成");
    operator
        .get(&one)
        .await
        .expect(200)
        .says("已完成")
        .says("已办妥登记。");
    let page = operator.get(narrowed).await.expect(200);
    page.says("没有符合条件的整改任务");
}
