//! Products by the bank, review by the city: price before data, versions that stay, nobody but the bank writes.

mod holds;
mod taken_back;

use domain::ids::{ProductId, TenantId};
use journeys::{Answer, Browser, StaffFixture, World};

struct Scene {
    world: World,
    bank: TenantId,
    branch: TenantId,
    ha: StaffFixture,
    op: StaffFixture,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let ha = world.staff(bank, "简书越", &["ha"]).await;
    let op = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    Scene {
        world,
        bank,
        branch,
        ha,
        op,
    }
}

/// A complete form; the branches are added by whoever fills it.
const FORM: [(&str, &str); 19] = [
    ("product_name", "园区设备贷"),
    ("financing_type", "working_capital_loan"),
    ("guarantee", "mortgage"),
    ("amount_min", "10"),
    ("amount_max", "300"),
    ("term_min", "1"),
    ("term_max", "3"),
    ("term_unit", "year"),
    ("rate_term", "annual_rate"),
    ("rate_type", "fixed"),
    ("rate_min", "3.60"),
    ("rate_max", "4.20"),
    ("repayment", "equal_installment"),
    ("fee_kind", "listed"),
    ("fees", "评估费：由机构承担"),
    ("conditions", "在沧州市内登记满 1 年\n纳税信用良好"),
    ("industries", "C"),
    ("rule_capital", "100"),
    ("rule_years", "2"),
];

fn changed<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)>
where
    'static: 'a,
{
    FORM.iter()
        .map(|(n, v)| if *n == name { (*n, value) } else { (*n, *v) })
        .collect()
}

impl Scene {
    /// Fills the form at `path` and presses `action`.
    async fn write(&self, path: &str, fields: &[(&str, &str)], action: &str) -> Answer {
        let form = self.ha.browser.get(path).await.expect(200);
        let revision = form.input("revision").unwrap_or_default();
        let branch = self.branch.to_string();
        let mut all = vec![
            ("revision", revision.as_str()),
            ("branches", branch.as_str()),
            ("_action", action),
        ];
        all.extend_from_slice(fields);
        self.ha.browser.submit_from(&form, path, &all).await
    }

    /// A new product that waits for the city.
    async fn submitted(&self) -> ProductId {
        let saved = self.write("/hq/products/new", &FORM, "submit").await;
        let to = saved.expect(303).location().to_owned();
        assert!(to.ends_with("/submit"), "{to}");
        press(&self.ha.browser, &to, &[]).await.expect(303);
        let id = to.split('/').nth(3).and_then(|id| id.parse().ok());
        ProductId(id.expect("the address names the product"))
    }

    async fn published(&self) -> ProductId {
        let id = self.submitted().await;
        let path = format!("/operator/products/{id}/publish");
        press(&self.op.browser, &path, &[]).await.expect(303);
        let public = format!("/market/{id}");
        once_heard(&self.world.browser(), &public, |a| a.status == 200).await;
        id
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }
}

/// Asks until the catalogue has heard of the change, as its listener does between two visits.
async fn once_heard(browser: &Browser, path: &str, is: impl Fn(&Answer) -> bool) -> Answer {
    for _ in 0..2_000 {
        let answer = browser.get(path).await;
        if is(&answer) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} was never told of the change");
}

/// Opens a page with one form and posts it, with the revision that it shows.
async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = browser.get(path).await.expect(200);
    let revision = form.input("revision").unwrap_or_default();
    let mut all = vec![("revision", revision.as_str())];
    all.extend_from_slice(fields);
    browser.submit_from(&form, path, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_price_nothing_is_put_before_the_city_and_the_missing_field_is_named() {
    let scene = scene().await;
    for (field, words) in [
        ("rate_min", "请输入最低年利率"),
        ("rate_max", "请输入最高年利率"),
        ("rate_type", "请选择利率类型"),
        ("fee_kind", "请选择是否另外收费"),
        ("conditions", "请填写申请条件"),
        ("repayment", "请至少选择一种还款方式"),
    ] {
        let mut fields = changed(field, "");
        let name = format!("缺 {field} 的产品");
        fields[0].1 = &name;
        fields.retain(|(n, v)| *n != field || !v.is_empty());
        let saved = scene.write("/hq/products/new", &fields, "submit").await;
        let to = saved.expect(303).location().to_owned();
        let page = scene.ha.browser.get(&to).await.expect(422);
        page.says(words).says(&name);
    }
    let waiting = "select count(*) from product_drafts where status = 'in_review'";
    assert_eq!(scene.count(waiting).await, 0);
    scene
        .write("/hq/products/new", &changed("rate_max", "3.00"), "save")
        .await
        .expect(422)
        .says("最高年利率应不小于最低年利率");
    scene
        .write("/hq/products/new", &changed("product_name", ""), "save")
        .await
        .expect(422)
        .says("请输入产品名称");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_that_was_never_offered_is_named_with_its_field_and_what_was_typed_is_kept() {
    let scene = scene().await;
    for (field, words) in [
        ("financing_type", "所选融资类型已不在可选范围内"),
        ("guarantee", "所选担保方式已不在可选范围内"),
        ("term_unit", "所选期限单位已不在可选范围内"),
        ("rate_term", "所选利率口径已不在可选范围内"),
        ("rate_type", "所选利率类型已不在可选范围内"),
        ("repayment", "勾选的还款方式中有已不在可选范围内的"),
        ("collateral", "勾选的可用担保物中有已不在可选范围内的"),
        ("purposes", "勾选的资金用途中有已不在可选范围内的"),
        ("industries", "勾选的适用行业中有已不在可选范围内的"),
        ("rule_regions", "勾选的企业所在区域中有已不在可选范围内的"),
        ("branches", "勾选的受理支行中有已停用或不属于本机构的"),
        ("rule_first_loan", "所选首贷要求已不在可选范围内"),
    ] {
        let mut fields = changed(field, "never-offered");
        if FORM.iter().all(|(name, _)| *name != field) {
            fields.push((field, "never-offered"));
        }
        scene
            .write("/hq/products/new", &fields, "save")
            .await
            .expect(422)
            .says(words)
            .says("园区设备贷")
            .says("在沧州市内登记满 1 年");
    }
    assert_eq!(scene.count("select count(*) from product_drafts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_shown_once_the_city_lets_it_through_and_both_sides_are_told() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let public = format!("/market/{id}");
    scene.world.browser().get(&public).await.expect(404);
    let review = format!("/operator/products/{id}");
    let page = scene.op.browser.get(&review).await.expect(200);
    page.says("园区设备贷").says("评估费：由机构承担");
    press(&scene.op.browser, &format!("{review}/return"), &[])
        .await
        .expect(422)
        .says("请填写退回原因");
    press(
        &scene.op.browser,
        &format!("{review}/return"),
        &[("review_note", "请写明评估费由谁承担。")],
    )
    .await
    .expect(303);
    let own = format!("/hq/products/{id}");
    let page = scene.ha.browser.get(&own).await.expect(200);
    page.says("请写明评估费由谁承担。").says("已退回");
    let to = format!("{own}/submit");
    press(&scene.ha.browser, &to, &[]).await.expect(303);
    press(&scene.op.browser, &format!("{review}/publish"), &[])
        .await
        .expect(303);
    let page = once_heard(&scene.world.browser(), &public, |a| a.status == 200).await;
    let kept = scene.op.browser.get(&review).await.expect(200);
    kept.says("宋知远于").says("已发布");
    let again = format!("{review}/publish");
    scene.op.browser.get(&again).await.expect(409);
    page.says("园区设备贷")
        .says("注册资本不少于 100 万元")
        .says("企业成立满 2 年")
        .says("评估费");
    let told =
        "select count(*) from outbox where topic in ('product.submitted', 'product.settled')";
    assert_eq!(scene.count(told).await, 4);
    let logged = "select count(*) from audit_entries where action in ('product.submit', 'product.return', 'product.publish')";
    assert_eq!(scene.count(logged).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn published_limits_of_the_amount_are_reviewed_and_kept_with_the_version() {
    let scene = scene().await;
    let write = async |revenue: &'static str, tax: &'static str, action| {
        let mut fields = FORM.to_vec();
        fields.extend([("bound_revenue", revenue), ("bound_tax", tax)]);
        scene.write("/hq/products/new", &fields, action).await
    };
    let told = write("0", "五倍", "save").await.expect(422);
    told.says("营业收入的比例应大于 0")
        .says("纳税额的倍数应为数字")
        .says("value=\"五倍\"");
    let saved = write("30", "5.5", "submit").await.expect(303);
    let to = saved.location().to_owned();
    press(&scene.ha.browser, &to, &[]).await.expect(303);
    let id: uuid::Uuid = to
        .split('/')
        .nth(3)
        .and_then(|id| id.parse().ok())
        .expect("the address names the product");
    let review = format!("/operator/products/{id}");
    let page = scene.op.browser.get(&review).await.expect(200);
    page.says("不超过上一年度营业收入的 30%")
        .says("不超过上一年度纳税额的 5.5 倍");
    let publish = format!("{review}/publish");
    press(&scene.op.browser, &publish, &[]).await.expect(303);
    let public = format!("/market/{id}");
    let page = once_heard(&scene.world.browser(), &public, |a| a.status == 200).await;
    page.says("不超过上一年度营业收入的 30%，且不超过上一年度纳税额的 5.5 倍");
    let kept: (i32, i32) = sqlx::query_as(
        "select (terms ->> 'revenue_percent')::int, (terms ->> 'tax_times')::int from product_versions where product_id = $1",
    )
    .bind(id)
    .fetch_one(&scene.world.owner)
    .await
    .expect("the version is kept");
    assert_eq!(kept, (3_000, 550));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_operators_the_second_is_told_that_the_draft_is_settled() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let city = scene.world.cangzhou.id;
    let second = scene.world.staff(city, "卫之行", &["op"]).await;
    let path = format!("/operator/products/{id}");
    let publish = format!("{path}/publish");
    let form = second.browser.get(&publish).await.expect(200);
    let revision = form.input("revision").unwrap_or_default();
    let note = [("review_note", "请补充申请条件。")];
    press(&scene.op.browser, &format!("{path}/return"), &note)
        .await
        .expect(303);
    second
        .browser
        .submit_from(&form, &publish, &[("revision", &revision)])
        .await
        .expect(409)
        .says("这份修改稿已经审核");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_stands_beside_the_published_version_and_an_application_keeps_its_own() {
    let scene = scene().await;
    let id = scene.published().await;
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let application = scene
        .world
        .submitted_application(&owner, scene.bank, scene.branch, id)
        .await;
    let edit = format!("/hq/products/{id}/edit");
    let to = scene
        .write(&edit, &changed("amount_max", "80"), "submit")
        .await;
    let to = to.expect(303).location().to_owned();
    let public = format!("/market/{id}");
    let visitor = scene.world.browser();
    visitor
        .get(&public)
        .await
        .expect(200)
        .says("10.00 - 300.00");
    press(&scene.ha.browser, &to, &[]).await.expect(303);
    let review = format!("/operator/products/{id}");
    let page = scene.op.browser.get(&review).await.expect(200);
    page.says("与已发布内容的差别")
        .says("10–300 万元")
        .says("10–80 万元");
    press(&scene.op.browser, &format!("{review}/publish"), &[])
        .await
        .expect(303);
    once_heard(&visitor, &public, |a| a.text().contains("10.00 - 80.00")).await;
    let kept: Vec<(i32, i64)> = sqlx::query_as(
        "select version, (terms->>'amount_max_cents')::bigint from product_versions where product_id = $1 order by 1",
    )
    .bind(id.0)
    .fetch_all(&scene.world.owner)
    .await
    .expect("the versions are kept");
    assert_eq!(kept, [(1, 300_000_000), (2, 80_000_000)]);
    // The approver is held to the version that was applied for, not to the one of today.
    let clerk = scene.world.staff(scene.branch, "钱云诚", &["bm"]).await;
    let approver = scene.world.staff(scene.branch, "邬志航", &["ba"]).await;
    let path = format!("/branch/applications/{application}");
    let accept = format!("{path}/accept");
    let accepted = clerk
        .browser
        .submit(&accept, &accept, &[("_action", "confirm")]);
    accepted.await.expect(303);
    approver.browser.prove().await;
    let form = approver.browser.get(&format!("{path}/approve")).await;
    form.expect(200).says("产品额度 10–300 万元");
    let rewritten = sqlx::query("update product_versions set terms = '{}' where product_id = $1")
        .bind(id.0)
        .execute(&scene.world.owner)
        .await;
    assert!(rewritten.is_err(), "a published version is never rewritten");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_bank_does_not_even_see_the_product_in_its_console() {
    let scene = scene().await;
    let id = scene.published().await;
    let other = scene.world.bank("沧海惠民银行").await;
    let stranger = scene.world.staff(other, "梁承宇", &["ha"]).await;
    let csrf = stranger.browser.get("/branch/account").await.csrf();
    for path in ["", "/edit", "/preview", "/submit", "/off"] {
        let path = format!("/hq/products/{id}{path}");
        stranger.browser.get(&path).await.expect(404);
    }
    for path in ["/edit", "/submit", "/off"] {
        let path = format!("/hq/products/{id}{path}");
        let key = ("_key", "0123456789abcdef0123");
        let fields = [
            ("_csrf", csrf.as_str()),
            key,
            ("product_name", "改名"),
            ("revision", "1"),
            ("off_reason", "试试"),
        ];
        stranger.browser.post(&path, &fields).await.expect(404);
    }
    stranger.browser.get("/hq/products").await.expect(200);
    assert_eq!(
        scene
            .count("select count(*) from products where status = 'published' and version = 1")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_lets_through_or_sends_back_but_never_writes() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let csrf = scene
        .op
        .browser
        .get(&format!("/operator/products/{id}/publish"))
        .await
        .csrf();
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", "0123456789abcdef0123"),
        ("revision", "1"),
        ("product_name", "运营改的名字"),
        ("off_reason", "运营下架"),
    ];
    for path in ["/edit", "/submit", "/off"] {
        let path = format!("/hq/products/{id}{path}");
        let answer = scene.op.browser.post(&path, &fields).await;
        assert!(
            [403, 404].contains(&answer.status.as_u16()),
            "{path}: {}",
            answer.status
        );
    }
    // Not by hand either: the database keeps the words of a draft for its bank.
    let operator = application::access::Guard::job(
        scene.world.cangzhou.id,
        std::sync::Arc::from([scene.world.cangzhou.id, scene.bank, scene.branch]),
    );
    let mut work = scene
        .world
        .parts
        .pg
        .open(&operator)
        .await
        .expect("it opens");
    let edited = sqlx::query("update product_drafts set name = '运营改的名字', status = 'returned' where product_id = $1")
        .bind(id.0)
        .execute(work.connection())
        .await;
    assert!(edited.is_err(), "a draft is written by its bank alone");
    let supervisor = scene
        .world
        .staff(scene.world.cangzhou.id, "季明远", &["os"])
        .await;
    let path = format!("/operator/products/{id}/publish");
    supervisor.browser.get(&path).await.expect(404);
    // And the bank does not let its own product through.
    scene.ha.browser.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pages_of_one_draft_do_not_overwrite_each_other() {
    let scene = scene().await;
    let id = scene.submitted().await;
    let path = format!("/operator/products/{id}/return");
    press(
        &scene.op.browser,
        &path,
        &[("review_note", "请补充申请条件。")],
    )
    .await
    .expect(303);
    let edit = format!("/hq/products/{id}/edit");
    let stale = scene.ha.browser.get(&edit).await.expect(200);
    scene
        .write(&edit, &changed("rate_max", "4.50"), "save")
        .await
        .expect(303);
    let revision = stale.input("revision").unwrap_or_default();
    let mut fields = vec![("revision", revision.as_str()), ("_action", "save")];
    fields.extend_from_slice(&FORM);
    scene
        .ha
        .browser
        .submit_from(&stale, &edit, &fields)
        .await
        .expect(409)
        .says("简书越已经修改了这份草稿");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_taken_off_the_shelf_while_an_enterprise_applies_cannot_be_applied_for() {
    let scene = scene().await;
    let id = scene.published().await;
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let apply = format!("/enterprise/apply/{id}");
    let form = owner.browser.get(&apply).await.expect(200);
    let off = format!("/hq/products/{id}/off");
    press(&scene.ha.browser, &off, &[])
        .await
        .expect(422)
        .says("请填写下架原因");
    press(&scene.ha.browser, &off, &[("off_reason", "额度已用完")])
        .await
        .expect(303);
    let branch = scene.branch.to_string();
    let typed = [
        ("branch", branch.as_str()),
        ("amount", "50"),
        ("term", "2"),
        ("rate", "3.8"),
    ];
    let answer = owner.browser.submit_from(&form, &apply, &typed).await;
    assert!(answer.status.is_client_error(), "{}", answer.text());
    assert_eq!(
        scene
            .count("select count(*) from financing_applications where stage = 'submitted'")
            .await,
        0
    );
    let public = format!("/market/{id}");
    // Whoever kept the address is told, and shown what is like it.
    let carriers = [scene.branch];
    let like = scene.world.product(scene.bank, "狮城经营贷", &carriers);
    let like = like.await;
    let is_told = |a: &Answer| a.status == 410 && a.text().contains("狮城经营贷");
    let gone = once_heard(&scene.world.browser(), &public, is_told).await;
    gone.says("该产品已下架")
        .says(&format!("href=\"/market/{like}\""))
        .says("狮城商业银行");
    let never = format!("/market/{}", uuid::Uuid::new_v4());
    scene.world.browser().get(&never).await.expect(404);
    let page = scene.ha.browser.get(&format!("/hq/products/{id}")).await;
    page.expect(200).says("额度已用完").says("已下架");
    scene
        .ha
        .browser
        .get(&off)
        .await
        .expect(409)
        .says("产品不在展示中");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_reads_how_it_stands_to_every_rule_and_a_visitor_reads_the_rules() {
    let scene = scene().await;
    let id = scene.published().await;
    let page = format!("/market/{id}");
    let visitor = scene.world.browser().get(&page).await.expect(200);
    let text = visitor.says("所属行业为制造业").text();
    assert!(
        !text.contains("准入条件核对"),
        "a visitor is compared with nothing"
    );
    // 制造业 fits, no capital and no day of founding are known.
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let text = owner
        .browser
        .get(&page)
        .await
        .expect(200)
        .says("准入条件核对")
        .text();
    let verdict = |rule: &str| {
        let rest = text.split(rule).nth(1).expect("the rule is there");
        let rest = rest.split("</li>").next().expect("its line ends");
        ["不符合", "符合", "待核实", "由支行核对"]
            .into_iter()
            .find(|w| rest.contains(w))
    };
    assert_eq!(verdict("所属行业为制造业"), Some("符合"));
    assert_eq!(verdict("注册资本不少于 100 万元"), Some("待核实"));
    assert_eq!(verdict("企业成立满 2 年"), Some("由支行核对"));
    assert!(text.contains("仅供参考，以受理支行审核为准"));
    sqlx::query("update enterprises set registered_capital_cents = 5000000, industry_code = '011' where id = $1")
        .bind(owner.id.0)
        .execute(&scene.world.owner)
        .await
        .expect("the profile changes");
    let text = owner.browser.get(&page).await.expect(200).text();
    assert_eq!(text.matches("不符合").count(), 2, "industry and capital");
    let newcomer = scene
        .world
        .new_enterprise(
            scene.world.cangzhou.id,
            "沧州市新创设备有限公司",
            "19900002099",
        )
        .await;
    let text = newcomer
        .browser
        .get(&page)
        .await
        .expect(200)
        .says("完善信息")
        .text();
    assert!(!text.contains("准入条件核对"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_market_counts_and_filters_products_by_the_industry_they_are_for() {
    let scene = scene().await;
    scene.published().await;
    scene
        .world
        .product(scene.bank, "惠民抵押贷", &[scene.branch])
        .await;
    let visitor = scene.world.browser();
    let both = |a: &Answer| a.text().contains("惠民抵押贷");
    let page = once_heard(&visitor, "/market", both).await;
    page.says("适用行业").says("制造业（2）").says("industry=C");
    let makers = visitor.get("/market?industry=C").await.expect(200);
    makers
        .says("园区设备贷")
        .says("惠民抵押贷")
        .says("适用行业：制造业");
    let farmers = visitor.get("/market?industry=A").await.expect(200);
    let text = farmers.says("惠民抵押贷").text();
    assert!(!text.contains("园区设备贷"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_orders_the_market_by_fit_and_a_visitor_is_compared_with_nothing() {
    let scene = scene().await;
    let ruled = scene.published().await;
    let carriers = [scene.branch];
    let free = scene.world.product(scene.bank, "惠民抵押贷", &carriers);
    let free = free.await;
    let both = |a: &Answer| a.text().contains("惠民抵押贷") && a.text().contains("园区设备贷");
    let asked = "/market?fit=1&sort=fit";
    let visitor = once_heard(&scene.world.browser(), asked, both).await;
    let text = visitor.text();
    for word in ["按匹配度", "只看符合条件", "待核实", "准入条件核对"] {
        assert!(!text.contains(word), "{word} is nothing for a visitor");
    }
    let owner = scene
        .world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    // 制造业 is met, capital and founding are unknown: what is unknown is no refusal.
    let page = owner.browser.get(asked).await.expect(200);
    let text = page
        .says("按匹配度")
        .says("只看符合条件（2）")
        .says("有 2 项待核实")
        .says("未设可核对的条件")
        .text();
    let at = |id: ProductId| text.find(&format!("/market/{id}"));
    assert!(at(free) < at(ruled), "what is unknown comes later");
    sqlx::query("update enterprises set registered_capital_cents = 5000000 where id = $1")
        .bind(owner.id.0)
        .execute(&scene.world.owner)
        .await
        .expect("the profile changes");
    let text = owner.browser.get("/market").await.expect(200).text();
    assert!(text.contains("有 1 项不符"), "every order says it");
    let only = owner.browser.get("/market?fit=1").await.expect(200);
    let text = only.says("惠民抵押贷").says("只看符合条件（1）").text();
    assert!(!text.contains("园区设备贷"));
    let newcomer = scene
        .world
        .new_enterprise(
            scene.world.cangzhou.id,
            "沧州市新创设备有限公司",
            "19900002099",
        )
        .await;
    let page = newcomer.browser.get(asked).await.expect(200);
    let text = page.says("园区设备贷").says("可在此按匹配度排序").text();
    assert!(!text.contains("只看符合条件（"));
}
