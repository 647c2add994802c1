//! 省级监管 (T6): sums of the cities of one province, and nothing else, for people who belong to no city.

use std::sync::Arc;

use application::{
    access::Guard, city::City, error::Kind, people::FirstOperator, ports::workbooks::ReadCell,
};
use domain::ids::{ProductId, TenantId};
use journeys::{Answer, Browser, OTHER_HOST, PROVINCE_HOST, World};
use serde_json::json;
use time::macros::datetime;
use uuid::Uuid;
use yijianrong::{
    city::stand,
    database::apply_city,
    provinces,
    wire::{self, door_signs},
    workers::Workers,
};

use crate::sheets::imports::read;

const PAGE: &str = "/province";

/// A city's place to ask at.
struct Place {
    city: TenantId,
    bank: TenantId,
    branch: TenantId,
    product: ProductId,
}

/// Two cities of one province, 沧州 and 承德, and one of another; it is November.
struct Scene {
    world: World,
    province: Arc<City>,
    near: Place,
    north: Place,
    far: Place,
}

async fn place(world: &World, city: TenantId) -> Place {
    let bank = world.bank_in(city, "狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    Place {
        city,
        bank,
        branch,
        product,
    }
}

async fn scene() -> Scene {
    let world = World::with(|city| {
        if city.slug == "beishan" {
            city.default_city = "130800".to_owned();
        }
    })
    .await;
    let mut far = (*world.other).clone();
    far.slug = "nanhai".to_owned();
    far.name = "南海市企业融资服务平台".to_owned();
    far.hosts = vec!["nanhai.localhost".to_owned()];
    far.default_province = "330000".to_owned();
    if let Some(section) = far.plugs.get_mut("wechat") {
        section["app_id"] = json!("wx0000000000000009");
    }
    far.id = apply_city(&world.owner, &far).await.expect("it is applied");
    let cities = vec![
        (*world.cangzhou).clone(),
        (*world.other).clone(),
        far.clone(),
    ];
    world.directory.replace(cities).expect("hosts are single");
    Scene {
        province: world.province().await,
        near: place(&world, world.cangzhou.id).await,
        north: place(&world, world.other.id).await,
        far: place(&world, far.id).await,
        world,
    }
}

impl Scene {
    /// So many enterprises of a city ask for ten 万元 each, so many times.
    async fn asked(&self, at: &Place, firms: u32, times: u32) {
        for firm in 0..firms {
            let (name, phone) = (format!("青禾第{firm}有限公司"), format!("1990001{firm:04}"));
            let fixture = self.world.new_enterprise(at.city, &name, &phone).await;
            for time in 0..times {
                sqlx::query(
                    "insert into financing_applications (id, tenant_id, handler_tenant_id, handler_name, bank_id, enterprise_id,
                       enterprise_name, application_no, stage, version, product_id, product_version, product_name, amount_cents, rate,
                       term, term_unit, created_by, created_at, submitted_at, due_at, updated_at)
                     select $1, $2, $3, t.name, $4, $5, $6, $7, 'submitted', 2, $8, 1, p.name, 10000000, 375, 2, 'year', $9, $10,
                       $10, $10 + interval '1 day', $10 from tenants t, products p where t.id = $3 and p.id = $8",
                )
                .bind(Uuid::new_v4())
                .bind(at.city.0)
                .bind(at.branch.0)
                .bind(at.bank.0)
                .bind(fixture.id.0)
                .bind(&name)
                .bind(format!("PO20261125{firm:02}{time}"))
                .bind(at.product.0)
                .bind(fixture.user.0)
                .bind(self.world.parts.clock.now())
                .execute(&self.world.owner)
                .await
                .expect("the request is there");
            }
        }
    }

    /// November is over, and what was asked in it has been counted and told.
    async fn december(&self) -> Browser {
        let workers = Workers::new(&self.world.parts);
        while workers.count_once().await.expect("it is counted") > 0 {}
        self.world.clock.set(datetime!(2026-12-02 10:00 +8));
        self.gather().await;
        let person = self.world.staff(self.province.id, "闻人知远", &["pr"]);
        person.await.browser
    }

    async fn gather(&self) -> usize {
        let parts = &self.world.parts;
        provinces::gather(parts, &[parts]).await.expect("it runs")
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("a number")
    }
}

/// What stands in a column of the row that begins with these words.
fn cell(page: &Answer, first: &str, words: &str, column: &str) -> String {
    let text = page.text();
    let begins = format!("data-label=\"{first}\">{words}");
    let row = text.split("<tr>").find(|row| row.contains(&begins));
    let row = row.unwrap_or_else(|| panic!("{words} has no row:\n{text}"));
    let begins = format!("data-label=\"{column}\" class=\"num\">");
    let cell = row.split(begins.as_str()).nth(1).unwrap_or_default();
    cell.split('<').next().unwrap_or_default().to_owned()
}

fn total_of(page: &Answer) -> String {
    let text = page.text();
    let rest = text.split("stat-value\">").nth(1).unwrap_or_default();
    rest.split('<').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_sees_the_sums_of_its_own_cities_and_of_no_other() {
    let scene = scene().await;
    scene.asked(&scene.near, 4, 1).await;
    scene.asked(&scene.north, 5, 1).await;
    scene.asked(&scene.far, 6, 1).await;
    let browser = scene.december().await;
    let home = browser.get("/").await.expect(303);
    let home = browser.follow(home).await.expect(200);
    home.says("全省统计");
    let page = browser.get(PAGE).await.expect(200);
    let page = page
        .says("2026 年 11 月")
        .says("指标口径")
        .says("12-02 10:00");
    assert_eq!(total_of(&page), "9");
    assert_eq!(cell(&page, "城市", "沧州市", "需求笔数"), "4");
    assert_eq!(cell(&page, "城市", "承德市", "需求笔数"), "5");
    assert_eq!(cell(&page, "城市", "承德市", "申请金额"), "50.00");
    assert!(!page.text().contains("南海"), "a city of another province");
    assert!(!page.text().contains("青禾"), "an enterprise's name");
    // By the dimensions that there are, of the province and of one city.
    let by_term = browser.get("/province?by=term&of=beishan").await;
    let by_term = by_term.expect(200).says("承德市按期限");
    let band = "1 年以上至 3 年";
    assert_eq!(cell(&by_term, "期限", band, "需求笔数"), "5");
    // Neither districts nor institutions are told of, and another province's city is nobody's.
    let other = browser.get("/province?by=bank").await.expect(200);
    assert!(!other.text().contains("狮城"));
    browser.get("/province?of=nanhai").await.expect(404);
    // The month under way is not told of yet.
    let ahead = browser.get("/province?month=2026-12").await.expect(200);
    ahead.says("2026 年 11 月");
    assert_eq!(scene.gather().await, 0, "nothing is told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_fewer_than_three_enterprises_are_kept_and_cannot_be_reckoned_from_the_total() {
    let scene = scene().await;
    scene.asked(&scene.near, 6, 1).await;
    // Eight requests, but of two enterprises.
    scene.asked(&scene.north, 2, 4).await;
    // Of the six two were granted theirs.
    sqlx::query(
        "update financing_applications set stage = 'disbursing', accepted_at = submitted_at + interval '3 hours',
           decided_at = submitted_at + interval '4 hours', approved_amount_cents = 8000000, approved_rate = 365, draws = 1,
           drawn_cents = 100
         where tenant_id = $1 and enterprise_name in ('青禾第0有限公司', '青禾第1有限公司')",
    )
    .bind(scene.near.city.0)
    .execute(&scene.world.owner)
    .await
    .expect("they are granted");
    let browser = scene.december().await;
    let page = browser
        .get(PAGE)
        .await
        .expect(200)
        .says("标有 * 的数不显示");
    assert_eq!(total_of(&page), "14");
    for city in ["沧州市", "承德市"] {
        for column in ["需求笔数", "申请金额"] {
            assert_eq!(cell(&page, "城市", city, column), "*", "{city}");
        }
        // Nobody was rejected: that tells of nobody.
        assert_eq!(cell(&page, "城市", city, "不通过"), "0", "{city}");
    }
    for column in ["接单", "通过", "批准金额"] {
        assert_eq!(cell(&page, "城市", "沧州市", column), "*", "{column}");
    }
    for of in ["beishan", "cangzhou"] {
        let page = browser.get(&format!("/province?by=term&of={of}")).await;
        let page = page.expect(200);
        let told = cell(&page, "期限", "1 年以上至 3 年", "需求笔数");
        assert_eq!(told, "*", "{of}");
    }
    let file = browser.get("/province/workbook?by=term").await.expect(200);
    let book = read(&scene.world, file, &["分组", "项目", "需求笔数"]).await;
    let asked = |group: &str, item: &str| {
        let named = [group, item].map(|words| ReadCell::Text(words.to_owned()));
        let row = book.rows.iter().find(|row| row.cells[..2] == named);
        let row = row.unwrap_or_else(|| panic!("{group} {item} has no row: {:?}", book.rows));
        row.cells[2].clone()
    };
    assert_eq!(asked("全省", "合计"), ReadCell::Number(14.0));
    for city in ["沧州市", "承德市"] {
        let kept = ReadCell::Text("*".to_owned());
        assert_eq!(asked("各城市", city), kept, "{city}");
    }
    let noted = "select count(*) from audit_entries a join tenants t on t.id = a.tenant_id
                 where t.kind = 'province' and a.action = 'export.provincial' and a.actor_name = '闻人知远'";
    assert_eq!(scene.number(noted).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_door_of_a_city_a_bank_or_an_enterprise_is_there_for_a_province() {
    let scene = scene().await;
    let browser = scene.december().await;
    let own = [
        "/province",
        "/staff",
        "/branch/account",
        "/assets",
        "/captcha.png",
        "/demo/inbox",
        "/large-type",
        "/logout",
        "/session/keep",
        "/sms-code",
    ];
    let below = |path: &str, base: &str| {
        let rest = path.strip_prefix(base);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let csrf = browser.get("/branch/account").await.expect(200).csrf();
    let mut shut = 0;
    for sign in door_signs() {
        let here = own.iter().any(|base| below(sign.path, base));
        if sign.path == "/" || (here && !below(sign.path, "/staff/posters")) {
            continue;
        }
        let id = Uuid::new_v4().to_string();
        let path: Vec<&str> = sign
            .path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    id.as_str()
                } else {
                    part
                }
            })
            .collect();
        let path = path.join("/");
        let answer = if sign.method == axum::http::Method::GET {
            browser.get(&path).await
        } else {
            let request = browser.raw(sign.method.clone(), &path);
            browser.answer(request.form(&[("_csrf", &csrf)])).await
        };
        assert_eq!(answer.status, 404, "{} {path}", sign.method);
        shut += 1;
    }
    assert!(shut > 300, "the doors were read: {shut}");
    // And the province's room is there for nobody of a city.
    let city = scene.world.cangzhou.id;
    for role in ["op", "os", "rg", "pa"] {
        let who = scene.world.staff(city, "宋知远", &[role]).await.browser;
        who.get(PAGE).await.expect(404);
        who.get("/province/workbook").await.expect(404);
    }
    scene.world.browser().get(PAGE).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_province_opens_nothing_at_a_citys_host_and_none_of_a_city_opens_it() {
    let scene = scene().await;
    scene.december().await;
    let staff = application::ports::sessions::SessionKind::Staff;
    let person = scene.world.staff(scene.province.id, "闻人知远", &["pr"]);
    let astray = scene.world.signed_in(person.await.user, staff, OTHER_HOST);
    let astray = astray.await;
    for path in [PAGE, "/operator", "/operator/statistics"] {
        let answer = astray.get(path).await.expect(303);
        assert!(answer.location().starts_with("/staff/login"), "{path}");
    }
    let operator = scene
        .world
        .staff(scene.world.cangzhou.id, "宋知远", &["op"]);
    let operator = scene
        .world
        .signed_in(operator.await.user, staff, PROVINCE_HOST);
    operator.await.get(PAGE).await.expect(303);
    // Whoever leaves after their session is over finds the door of this site, which has no other.
    let late = scene.world.browser_at(PROVINCE_HOST);
    let request = late.raw(axum::http::Method::POST, "/logout");
    let left = late.answer(request.form(&[("_csrf", "x")])).await;
    assert_eq!(left.expect(303).location(), "/staff/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendor_invites_somebody_who_sets_password_and_second_factor_and_ends_them_at_once() {
    let world = World::strict().await;
    let province = world.province().await;
    let room = wire::people::uses(&world.parts);
    let permit = Guard::job(province.id, Arc::from([province.id]));
    let ask = |phone: &str, account: &str| FirstOperator {
        name: "闻人知远".to_owned(),
        phone: phone.to_owned(),
        account: account.to_owned(),
        address: format!("http://{PROVINCE_HOST}/staff/link/"),
    };
    let issued = room.province_supervisor(&permit, ask("19800000001", "pr10"));
    let issued = issued.await.expect("invited");
    let same = room.province_supervisor(&permit, ask("19800000001", "pr20"));
    let error = same.await.expect_err("two people have two phones");
    assert_eq!(error.fields[0].code, "people.province_phone");
    let link = issued
        .link
        .trim_start_matches(&format!("http://{PROVINCE_HOST}"));
    // The link of a province opens nothing in a city.
    world.browser().get(link).await.expect(404);
    let door = world.browser_at(PROVINCE_HOST);
    door.get(link).await.expect(200).says("闻人知远");
    let first = [
        ("password", "Zhiyuan-5173"),
        ("password_again", "Zhiyuan-5173"),
    ];
    let answer = door.submit(link, link, &first).await.expect(303);
    assert!(
        answer.location().starts_with("/staff/second"),
        "{}",
        answer.location()
    );
    door.get(PAGE).await.expect(303);
    let enrol = door.follow(answer).await.expect(200);
    enrol.says("动态验证码");

    let kind = application::ports::sessions::SessionKind::Staff;
    let inside = world.signed_in(issued.user, kind, PROVINCE_HOST).await;
    inside.get(PAGE).await.expect(200);
    let name = room.end_supervisor(&permit, "pr10").await.expect("ended");
    assert_eq!(name, "闻人知远");
    inside.get(PAGE).await.expect(303);
    let again = room.end_supervisor(&permit, "pr10").await;
    assert_eq!(again.expect_err("nobody is left").kind, Kind::NotFound);
    // An operator of a city is no business of a province's command.
    let city = Guard::job(world.cangzhou.id, Arc::from([world.cangzhou.id]));
    let wrong = room.province_supervisor(&city, ask("19800000009", "pr90"));
    let wrong = wrong.await.expect_err("it is no province");
    assert_eq!(wrong.kind, Kind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_stops_keeps_what_it_told_and_one_that_is_erased_leaves_nothing() {
    let scene = scene().await;
    scene.asked(&scene.near, 4, 1).await;
    scene.asked(&scene.north, 5, 1).await;
    scene.december().await;
    let world = &scene.world;
    stand::suspend(
        &world.owner,
        "beishan",
        "closed",
        "",
        world.parts.clock.now(),
    )
    .await
    .expect("it is removed");
    let mut cities = vec![(*world.cangzhou).clone(), (*world.other).clone()];
    cities[1].standing = application::city::Standing::Closed(String::new());
    world.directory.replace(cities).expect("hosts are single");
    world.clock.set(datetime!(2026-12-03 10:00 +8));
    scene.gather().await;
    let person = world.staff(scene.province.id, "闻人知远", &["pr"]).await;
    let page = person.browser.get(PAGE).await.expect(200);
    assert_eq!(total_of(&page), "9");
    let page = page.says("2026-12-02 10:00").says("2026-12-03 10:00");
    assert_eq!(cell(&page, "城市", "承德市", "需求笔数"), "5");

    let parts = &world.parts;
    let gone = provinces::forget(&*parts.store, &parts.door, world.other.id).await;
    assert!(gone.expect("it is forgotten") > 0);
    scene.gather().await;
    let page = person.browser.get(PAGE).await.expect(200);
    assert_eq!(total_of(&page), "4");
    assert!(!page.text().contains("承德市"), "it left nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_read_model_takes_no_text_of_anybody() {
    let scene = scene().await;
    scene.asked(&scene.near, 3, 1).await;
    scene.december().await;
    let told = scene
        .number("select count(*) from provincial_figures")
        .await;
    assert!(told >= 6, "{told}");
    for sql in [
        "update provincial_figures set value = '青禾第0有限公司'",
        "update provincial_figures set value = 'a b'",
        "update provincial_figures set dimension = 'bank'",
        "update provincial_figures set dimension = 'region'",
    ] {
        let refused = sqlx::query(sql).execute(&scene.world.owner).await;
        let refused = refused.expect_err(sql).to_string();
        assert!(refused.contains("check constraint"), "{refused}");
    }
}
