//! 额度试算 (W4): a visitor is told and nothing stays, an enterprise keeps its own, and no bank reads it.

use application::ports::sessions::SessionKind;
use domain::ids::{ProductId, TenantId};
use journeys::{Answer, Browser, CANGZHOU_HOST, EnterpriseFixture, World};
use sqlx::AssertSqlSafe;
use yijianrong::workers::Workers;

const LIST: &str = "/enterprise/estimates";
const STORED: &str = "select count(*) from estimates";

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    product: ProductId,
    enterprise: EnterpriseFixture,
}

/// The manual's product, 1–500 万元 and 1–10 年, for first loans of enterprises that are two years old, with two published limits.
async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let enterprise = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let scene = Scene {
        world,
        bank,
        branch,
        product,
        enterprise,
    };
    scene
        .sql(&format!(
            "update products set revenue_percent = 3000, tax_times = 500, documents = '{{营业执照,近一年完税证明}}'
             where id = '{product}';
             insert into product_rules (tenant_id, city_id, product_id, subject, operator, answers)
             select p.tenant_id, p.city_id, p.id, r.subject, r.operator, array[r.answer] from products p,
               (values ('years_founded', 'at_least', '2'), ('first_loan', 'is', '1')) r (subject, operator, answer)
             where p.id = '{product}'"
        ))
        .await;
    scene
}

/// A whole answer to what is asked; the tax is left open.
const TRIED: [(&str, &str); 5] = [
    ("amount", "400"),
    ("term", "3"),
    ("revenue", "1,000"),
    ("years", "1"),
    ("first_loan", "first"),
];

impl Scene {
    fn form(&self) -> String {
        format!("/market/{}/estimate", self.product)
    }

    /// Behind the walls, and told to the portal.
    async fn sql(&self, sql: &str) {
        // AssertSqlSafe: the texts of this file, with ids printed by their type.
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&self.world.owner)
            .await
            .expect("it is done");
        self.world.parts.portal.changed(None);
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }

    async fn tries(&self, browser: &Browser, changed: &[(&str, &str)]) -> Answer {
        let mut fields = TRIED.to_vec();
        for (name, value) in changed {
            fields.retain(|(field, _)| field != name);
            fields.push((name, value));
        }
        browser.submit(&self.form(), &self.form(), &fields).await
    }

    /// One that is kept; its address.
    async fn kept(&self, changed: &[(&str, &str)]) -> String {
        let done = self.tries(&self.enterprise.browser, changed).await;
        let to = done.expect(303).location().to_owned();
        assert!(to.starts_with(LIST), "{to}");
        to
    }

    async fn member(&self, role: &str) -> Browser {
        let name = "贺澜清";
        let user = self
            .world
            .member(&self.enterprise, name, "19900002075", role)
            .await;
        let kind = SessionKind::Enterprise;
        self.world.signed_in(user, kind, CANGZHOU_HOST).await
    }
}

/// The first month of 300 万元 over three years at 3.75 %, by the annuity formula.
const FIRST_MONTH: &str = "88,238.71";

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_told_what_a_product_comes_to_and_nothing_is_kept() {
    let scene = scene().await;
    let visitor = scene.world.browser();
    let market = visitor.get("/market").await.expect(200);
    market.says(&format!("href=\"{}\"", scene.form()));
    let product = format!("/market/{}", scene.product);
    let product = visitor.get(&product).await.expect(200);
    product
        .says(&format!("href=\"{}\"", scene.form()))
        .says("不超过上一年度营业收入的 30%，且不超过上一年度纳税额的 5 倍");
    let form = visitor.get(&scene.form()).await.expect(200);
    let form = form.says("平台不保存");
    for asked in ["revenue", "tax", "years", "first_loan"] {
        assert!(
            form.text().contains(&format!("name=\"{asked}\"")),
            "{asked}"
        );
    }
    for idle in ["capital", "section", "region"] {
        let named = form.text().contains(&format!("name=\"{idle}\""));
        assert!(!named, "no rule of the product uses {idle}");
    }
    let told = scene.tries(&visitor, &[]).await.expect(200);
    let told = told
        .says("试算结果仅供参考，不构成授信承诺")
        .says("由受理银行审核决定")
        .says("1–300 万元")
        .says("额度不超过上一年度营业收入的 30%，试算为 300 万元")
        .says("额度不超过上一年度纳税额的 5 倍。您没有填写相应数据")
        .says("企业成立满 2 年")
        .says("填写的成立年限为 1 年")
        .says("不符合")
        .says("仅限尚无贷款记录的首贷户")
        .says("3.75%/年")
        .says(FIRST_MONTH)
        .says("近一年完税证明");
    let text = told.text();
    assert!(
        text.find("不构成授信承诺") < text.find("1–300 万元"),
        "that it is no promise comes first"
    );
    assert!(!text.contains("已在平台提供"), "nobody knows of whom");
    assert_eq!(told.input("amount").as_deref(), Some("400"));
    let apply = format!("/enterprise/apply/{}?term=3&amount=300", scene.product);
    let told = told.says(&apply.replace('&', "&amp;"));
    assert_eq!(told.headers["cache-control"], "no-store");
    let to = visitor.get(&apply).await.expect(303).location().to_owned();
    assert!(
        to.starts_with("/login?next=") && to.contains("amount"),
        "{to}"
    );
    assert_eq!(scene.count(STORED).await, 0);
    // Nor does an answer become a page for the next visitor.
    let fresh = scene.world.browser().get(&scene.form()).await.expect(200);
    assert!(!fresh.text().contains("1–300 万元"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_finds_its_information_in_the_form_keeps_the_answer_and_deletes_it() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    scene.world.file_of(&scene.enterprise).await;
    let form = browser.get(&scene.form()).await.expect(200);
    form.says("value=\"first\" selected")
        .says("已带入平台上的企业信息")
        .says("银行看不到您的试算");
    let first = scene.kept(&[]).await;
    scene.world.clock.advance(time::Duration::minutes(5));
    let second = scene.kept(&[("amount", "50"), ("tax", "20")]).await;
    let page = browser.get(&first).await.expect(200);
    page.says("不构成授信承诺")
        .says("1–300 万元")
        .says("1,000 万元")
        .says("填写的成立年限为 1 年")
        .says(">已在平台提供<")
        .says(">需另外提供<")
        .says("由顾屹舟试算，按产品第 1 版")
        .says("银行看不到您的试算");
    let list = browser.get(LIST).await.expect(200).text();
    let at = |path: &str| list.find(&format!("href=\"{path}\""));
    assert!(at(&second).is_some() && at(&second) < at(&first), "{list}");
    assert!(list.contains("1–50 万元") && list.contains("有 1 项不符"));
    // What it was made of can be tried again and changed.
    let id = first.rsplit('/').next().unwrap_or_default();
    let again = browser.get(&format!("{}?again={id}", scene.form())).await;
    let again = again.expect(200);
    for (name, typed) in [("amount", "400"), ("revenue", "1000"), ("years", "1")] {
        assert_eq!(again.input(name).as_deref(), Some(typed), "{name}");
    }
    // The same click counts once.
    for _ in 0..2 {
        let twice = browser.submit_from(&again, &scene.form(), &TRIED).await;
        twice.expect(303);
    }
    assert_eq!(scene.count(STORED).await, 3);
    let delete = format!("{first}/delete");
    let sure = browser.get(&delete).await.expect(200);
    let sure = sure.says("要删除这次试算吗");
    let gone = browser.submit_from(&sure, &delete, &[]).await.expect(303);
    assert_eq!(gone.location(), LIST);
    browser.get(&first).await.expect(404);
    browser.get(&second).await.expect(200);
    assert_eq!(scene.count(STORED).await, 2);
    let noted = "select count(*) from audit_entries where outcome = 'ok' and action in ('estimate.save', 'estimate.delete')
       and detail = '{}'";
    assert_eq!(scene.count(noted).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_enterprise_tried_is_nobody_elses_to_see_or_delete() {
    let scene = scene().await;
    let own = scene.kept(&[]).await;
    let delete = format!("{own}/delete");
    let sibling = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let branch = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let bank = scene.world.staff(scene.bank, "梁承宇", &["ha"]).await;
    let city = scene.world.cangzhou.id;
    let operator = scene.world.staff(city, "宋知远", &["op"]).await;
    let strangers = [
        sibling.browser,
        branch.browser,
        bank.browser,
        operator.browser,
    ];
    for stranger in &strangers {
        let csrf = stranger.get(&scene.form()).await.expect(200).csrf();
        for path in [&own, &delete] {
            stranger.get(path).await.expect(404);
        }
        let fields = [("_csrf", csrf.as_str()), ("_key", "0123456789abcdef0123")];
        stranger.post(&delete, &fields).await.expect(404);
    }
    let list = strangers[0].get(LIST).await.expect(200).text();
    assert!(list.contains("还没有额度试算"));
    assert_eq!(scene.count(STORED).await, 1);
    // Nobody of the city reads the row either; its job does, to take it away in time.
    let city = city.0;
    for (person, seen) in [(uuid::Uuid::new_v4().to_string(), 0), (String::new(), 1)] {
        let mut tx = scene.world.owner.begin().await.expect("it begins");
        // AssertSqlSafe: UUIDs printed by their type.
        let hat = format!(
            "set local role tenant_rw; select set_config('app.tenant_id', '{city}', true), set_config('app.city_id', '{city}', true),
               set_config('app.reach', '{city}', true), set_config('app.user_id', '{person}', true)"
        );
        sqlx::raw_sql(AssertSqlSafe(hat))
            .execute(&mut *tx)
            .await
            .expect("the hat fits");
        let rows: i64 = sqlx::query_scalar(STORED)
            .fetch_one(&mut *tx)
            .await
            .expect("it counts");
        assert_eq!(rows, seen, "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_works_with_the_estimates_and_whoever_only_looks_keeps_none() {
    let scene = scene().await;
    let own = scene.kept(&[]).await;
    let viewer = scene.member("ev").await;
    let told = scene.tries(&viewer, &[]).await.expect(200);
    told.says("1–300 万元").says("不会保存");
    let page = viewer.get(&own).await.expect(200).says("1–300 万元");
    assert!(!page.text().contains("删除试算"));
    let csrf = page.csrf();
    let fields = [("_csrf", csrf.as_str()), ("_key", "0123456789abcdef0123")];
    let delete = format!("{own}/delete");
    viewer.post(&delete, &fields).await.expect(403);
    assert_eq!(scene.count(STORED).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_slip_is_told_at_its_field_what_was_typed_stays_and_nothing_is_kept() {
    let scene = scene().await;
    let visitor = scene.world.browser();
    for (field, typed, said) in [
        ("amount", "", "请输入期望融资金额"),
        ("amount", "0", "期望融资金额应大于 0"),
        ("amount", "很多", "期望融资金额应为数字"),
        ("term", "", "请输入期望融资期限"),
        ("term", "1.5", "期望融资期限应为整数"),
        ("term", "11", "期望融资期限应在 1–10 年之间"),
        ("revenue", "-1", "上一年度营业收入不能为负数"),
        ("tax", "1.234", "上一年度纳税额最多保留 2 位小数"),
        ("years", "201", "成立年限应为 0–200 的整数"),
        ("years", "两年", "成立年限应为 0–200 的整数"),
        ("first_loan", "maybe", "所选贷款记录已不在可选范围内"),
    ] {
        for browser in [&visitor, &scene.enterprise.browser] {
            let told = scene.tries(browser, &[(field, typed)]).await.expect(422);
            let told = told.says(said).says("有错误：");
            let kept = told.input("amount").unwrap_or_default();
            assert_eq!(kept, if field == "amount" { typed } else { "400" });
            assert!(!told.text().contains("参考额度</dt>"), "{field}");
        }
    }
    assert_eq!(scene.count(STORED).await, 0);
    // More than the product lends is no slip: it is told and cut.
    let more = scene.tries(&visitor, &[("amount", "900"), ("revenue", "")]);
    let more = more.await.expect(200);
    more.says("1–500 万元").says("超过产品最高额度 500 万元");
    let none = scene.tries(&visitor, &[("revenue", "0")]).await.expect(200);
    none.says("暂无参考额度").says("低于产品最低额度 1 万元");
}

#[tokio::test(flavor = "multi_thread")]
async fn amount_and_term_go_along_into_the_application_and_an_older_draft_is_kept_until_it_is_sent()
{
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let own = scene.kept(&[]).await;
    let apply = format!("/enterprise/apply/{}", scene.product);
    let carried = format!("{apply}?term=3&amount=300");
    browser.get(&own).await.says(&carried.replace('&', "&amp;"));
    let form = browser.get(&carried).await.expect(200);
    let form = form.says("已按额度试算带入");
    assert_eq!(form.input("amount").as_deref(), Some("300"));
    assert_eq!(form.input("term").as_deref(), Some("3"));
    let drafts = "select count(*) from financing_applications";
    assert_eq!(scene.count(drafts).await, 0, "looking keeps nothing");
    let draft = [("amount", "100"), ("term", "2"), ("rate", "3.75")];
    browser.submit(&apply, &apply, &draft).await.expect(422);
    let form = browser.get(&carried).await.expect(200);
    assert_eq!(form.input("amount").as_deref(), Some("300"));
    assert_eq!(form.input("rate").as_deref(), Some("3.75"));
    for odd in ["amount=501&term=11", "amount=x&term=x", "amount=&term="] {
        let form = browser.get(&format!("{apply}?{odd}")).await.expect(200);
        assert_eq!(form.input("amount").as_deref(), Some("100"), "{odd}");
        assert_eq!(form.input("term").as_deref(), Some("2"), "{odd}");
        assert!(!form.text().contains("已按额度试算带入"), "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_estimate_stays_as_it_was_told_when_the_product_changes_or_goes() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let own = scene.kept(&[]).await;
    let product = scene.product;
    scene
        .sql(&format!(
            "update products set version = 2, revenue_percent = 1000 where id = '{product}';
             insert into product_versions (product_id, version, tenant_id, city_id, terms, published_at)
             select id, 2, tenant_id, city_id, jsonb_build_object('name', name), now() from products where id = '{product}'"
        ))
        .await;
    let page = browser.get(&own).await.expect(200);
    let page = page.says("机构更新了这款产品").says("1–300 万元");
    assert!(
        !page.text().contains("/enterprise/apply/"),
        "tried again first"
    );
    scene
        .sql(&format!(
            "update products set status = 'off_shelf' where id = '{product}'"
        ))
        .await;
    let page = browser.get(&own).await.expect(200);
    let page = page.says("已下架或暂停受理").says("1–300 万元");
    assert!(!page.text().contains("/enterprise/apply/"));
    let form = browser.get(&scene.form()).await.expect(303);
    assert_eq!(form.location(), format!("/market/{product}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_fifty_are_kept_and_after_a_year_none() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    scene.kept(&[]).await;
    scene
        .sql(
            "insert into estimates select (jsonb_populate_record(null::estimates, to_jsonb(e)
               || jsonb_build_object('id', gen_random_uuid(), 'made_at', e.made_at - make_interval(days => n)))).*
             from estimates e, generate_series(1, 55) n",
        )
        .await;
    let last = scene.kept(&[("amount", "50")]).await;
    assert_eq!(scene.count(STORED).await, 50);
    browser.get(&last).await.expect(200);
    let oldest = "select (max(made_at)::date - min(made_at)::date)::bigint from estimates";
    assert_eq!(scene.count(oldest).await, 48, "the oldest made room");
    let workers = Workers::new(&scene.world.parts);
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(STORED).await, 50);
    scene
        .sql("update estimates set made_at = made_at - interval '340 days'")
        .await;
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.count(STORED).await, 27, "those of the last year");
}
