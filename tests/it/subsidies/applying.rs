//! From the loan to the payment: the enterprise applies once, two people agree, one refuses with a reason, and nobody reads what is not
//! theirs.

use domain::ids::FinancingApplicationId;
use uuid::Uuid;

use super::{
    ACCOUNT, CITY, Case, FILLED, OPEN, OWN, case, draw, granted, id_in, press, press_from,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_subsidy_is_applied_for_agreed_on_by_two_and_paid() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let owner = &case.scene.enterprise.browser;
    let form = case.form(loan, policy);
    owner
        .get(&case.loan())
        .await
        .expect(200)
        .says("可享政策")
        .says("首贷贴息办法")
        .says("15,000.00 元")
        .says(&form);
    let page = owner.get(&form).await.expect(200);
    let page = page
        .says("× 1.50% × 365 天")
        .says("沧州市瀚岳澜管道装备有限公司");
    press_from(owner, &page, &form, &[("account_bank", "狮城银行")])
        .await
        .expect(422)
        .says("请输入收款账号")
        .says("请阅读承诺并勾选")
        .says("value=\"狮城银行\"");
    let once = press_from(owner, &page, &form, &FILLED).await.expect(303);
    let twice = press_from(owner, &page, &form, &FILLED).await.expect(303);
    let claim = id_in(&once);
    assert_eq!(claim, id_in(&twice), "a double click is one claim");
    let own = format!("{OWN}/{claim}");
    owner.get(OWN).await.expect(200).says("待审核").says(&own);
    owner.get(&own).await.expect(200).says("尾号 2345");
    let plain = "select count(*) from subsidy_claims where position($1 in encode(account_sealed, 'escape')) > 0";
    let plain: i64 = sqlx::query_scalar(plain)
        .bind(ACCOUNT)
        .fetch_one(&case.scene.world.owner)
        .await
        .expect("it counts");
    assert_eq!(plain, 0, "the account is sealed");

    let (first, second) = (&case.first.browser, &case.second.browser);
    let one = format!("{CITY}/{claim}");
    let (approve, pay, account) = (
        format!("{one}/approve"),
        format!("{one}/pay"),
        format!("{one}/account"),
    );
    first.get(CITY).await.expect(200).says(&one);
    second.get(&approve).await.expect(409).says("待审核");
    case.deed(&case.first, claim, "propose", &[]).await;
    owner.get(&own).await.expect(200).says("待审核");
    first.get(&approve).await.expect(409).says("需要两个人");
    first
        .submit(&one, &account, &[])
        .await
        .expect(409)
        .says("等待拨付时可以查看");
    case.deed(&case.second, claim, "approve", &[]).await;
    first
        .submit(&one, &account, &[])
        .await
        .expect(200)
        .says(ACCOUNT);
    let looks = "select count(*) from view_entries where fields like '%收款账户'";
    assert_eq!(case.scene.count(looks).await, 1, "the enterprise reads it");
    let wrong = [("paid_sum", "15000.01"), ("payout_on", "2026-11-26")];
    press(first, &pay, &wrong)
        .await
        .expect(422)
        .says("拨付金额不能超过审核通过的 15,000.00 元")
        .says("不晚于今天");
    let early = [("paid_sum", "15000"), ("payout_on", "2026-11-24")];
    press(first, &pay, &early)
        .await
        .expect(422)
        .says("不早于复核通过之日");
    let right = [("paid_sum", "15000"), ("payout_on", "2026-11-25")];
    case.deed(&case.first, claim, "pay", &right).await;
    owner
        .get(OWN)
        .await
        .expect(200)
        .says("已拨付")
        .says("2026-11-25 拨付");
    first.get(&pay).await.expect(409).says("已拨付");
    let heard = case.heard(true).await;
    for title in ["贴息申请已提交", "贴息申请已通过", "贴息补贴已拨付"] {
        assert!(heard.contains(&title.to_owned()), "{title}: {heard:?}");
    }
    let city = case.heard(false).await;
    for title in ["收到贴息申请", "贴息申请等待复核"] {
        assert!(city.contains(&title.to_owned()), "{title}: {city:?}");
    }
    let steps = "select count(distinct action) from audit_entries where action like 'subsidy.%' and outcome = 'ok'";
    assert_eq!(case.scene.count(steps).await, 5, "every step is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_agreed_first_agrees_no_second_time_past_the_page_either() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let claim = case.filed(loan, policy).await;
    case.deed(&case.first, claim, "propose", &[]).await;
    let one = format!("{CITY}/{claim}");
    let approve = format!("{one}/approve");
    let form = case.second.browser.get(&approve).await.expect(200);
    let shown = form.input("shown").expect("the sum");
    let version = form.input("version").expect("a version");
    let past = [
        ("shown", shown.as_str()),
        ("version", version.as_str()),
        ("_key", "0123456789abcdef0123"),
    ];
    let first = &case.first.browser;
    first
        .submit(&one, &approve, &past)
        .await
        .expect(409)
        .says("需要两个人");
    assert_eq!(case.status(claim).await, "proposed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_loan_gets_one_subsidy_of_a_policy_and_the_database_says_so_too() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let form = case.form(loan, policy);
    let owner = &case.scene.enterprise.browser;
    let open = owner.get(&form).await.expect(200);
    let claim = case.filed(loan, policy).await;
    owner.get(&form).await.expect(409).says("不能重复申请");
    // From a page that was opened before.
    press_from(owner, &open, &form, &FILLED)
        .await
        .expect(409)
        .says("不能重复申请");
    let again = "insert into subsidy_claims (id, tenant_id, enterprise_id, policy_id, policy_version, policy_title, application_id,
         draw_id, draw_number, origin, status, sum_cents, declared, filed_by, filed_at)
       select gen_random_uuid(), tenant_id, enterprise_id, policy_id, policy_version, policy_title, application_id, draw_id,
         draw_number, origin, 'filed', sum_cents, declared, filed_by, filed_at from subsidy_claims";
    let refused = sqlx::query(again)
        .execute(&case.scene.world.owner)
        .await
        .expect_err("the index stands in the way");
    assert!(
        refused.to_string().contains("subsidy_claims_once"),
        "{refused}"
    );
    // Neither may one person do both looks, nor a step be left out, past the program.
    case.deed(&case.first, claim, "propose", &[]).await;
    for sql in [
        "update subsidy_claims set status = 'approved', approved_by = proposed_by, approved_at = now()",
        "update subsidy_claims set status = 'paid', paid_cents = 1, paid_on = now(), paid_by = filed_by, paid_at = now(),
           approved_by = filed_by, approved_at = now()",
        "update subsidy_claims set sum_cents = sum_cents + 1",
        "update subsidy_claims set policy_title = '另一项办法'",
        "update subsidy_claims set proposed_by = filed_by",
    ] {
        let refused = sqlx::query(sql).execute(&case.scene.world.owner).await;
        assert!(refused.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_a_reason_takes_the_account_away_and_leaves_the_way_open() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "申报", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let claim = case.filed(loan, policy).await;
    let refuse = format!("{CITY}/{claim}/refuse");
    press(&case.first.browser, &refuse, &[("refusal", " ")])
        .await
        .expect(422)
        .says("请输入不予通过的原因");
    let why = [("refusal", "账户不是本企业的，请更正")];
    case.deed(&case.first, claim, "refuse", &why).await;
    let owner = &case.scene.enterprise.browser;
    let list = owner.get(OWN).await.expect(200);
    list.says("未通过").says("账户不是本企业的，请更正");
    let kept = "select count(*) from subsidy_claims where account_sealed is not null";
    assert_eq!(case.scene.count(kept).await, 0);
    let heard = case.heard(true).await;
    assert!(heard.contains(&"贴息申请未通过".to_owned()), "{heard:?}");
    let again = case.approved(loan, policy).await;
    assert_ne!(again, claim);
    assert_eq!(case.status(claim).await, "refused");
    assert_eq!(case.status(again).await, "approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_that_was_corrected_after_the_first_look_is_not_let_through() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let claim = case.filed(loan, policy).await;
    let propose = format!("{CITY}/{claim}/propose");
    let stale = case.first.browser.get(&propose).await.expect(200);
    halve(&case, loan).await;
    // What the page showed is not what it would be any more.
    press_from(&case.first.browser, &stale, &propose, &[])
        .await
        .expect(409)
        .says("7,500.00");
    case.deed(&case.first, claim, "propose", &[]).await;
    halve(&case, loan).await;
    let approve = format!("{CITY}/{claim}/approve");
    press(&case.second.browser, &approve, &[])
        .await
        .expect(409)
        .says("3,750.00");
    assert_eq!(case.status(claim).await, "proposed");
    let sum = "select sum_cents from subsidy_claims";
    assert_eq!(case.scene.count(sum).await, 750_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_decides_sees_what_else_the_loan_is_given_and_what_has_moved_since() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let other = case.policy("设备更新贴息办法", "申报", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let claim = case.approved(loan, policy).await;
    let second = case.filed(loan, other).await;
    let browser = &case.first.browser;
    browser
        .get(&format!("{CITY}/{second}"))
        .await
        .expect(200)
        .says("首贷贴息办法")
        .says(&format!("{CITY}/{claim}"));
    let own = format!("{OWN}/{second}");
    let own = case.scene.enterprise.browser.get(&own).await.expect(200);
    assert!(!own.text().contains("首贷贴息办法"), "it is the city's");
    halve(&case, loan).await;
    for page in ["", "/pay"] {
        let page = format!("{CITY}/{claim}{page}");
        browser.get(&page).await.expect(200).says("7,500.00");
    }
    // The account went with the account of the enterprise: nobody agrees to what cannot be paid.
    case.scene
        .run("update subsidy_claims set account_sealed = null")
        .await;
    let propose = format!("{CITY}/{second}/propose");
    browser
        .get(&propose)
        .await
        .expect(409)
        .says("收款账户已删除");
    let refuse = [("refusal", "企业已注销")];
    case.deed(&case.first, second, "refuse", &refuse).await;
}

/// The sum of a draw, half of it: two people of the bank agreed on that.
async fn halve(case: &Case, draw: Uuid) {
    let owner = &case.scene.world.owner;
    for sql in [
        "alter table disbursements disable trigger draw_is_corrected_by_two",
        "update disbursements set amount_cents = amount_cents / 2 where id = $1",
        "alter table disbursements enable trigger draw_is_corrected_by_two",
    ] {
        let query = sqlx::query(sql);
        let query = if sql.contains("$1") {
            query.bind(draw)
        } else {
            query
        };
        query.execute(owner).await.expect("it is corrected");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_enterprises_does_not_exist_and_a_supervisor_only_looks() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let claim = case.filed(loan, policy).await;
    let world = &case.scene.world;
    let sibling = world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    let theirs: FinancingApplicationId = granted(&case.scene, &sibling).await;
    let their_loan = draw(&case.scene, theirs, 1, "2026-11-25").await;
    let form = case.form(loan, policy);
    let browser = &sibling.browser;
    browser.get(&form).await.expect(404);
    // Neither by the way of an own request.
    let mixed = format!("/enterprise/applications/{theirs}/loan/{loan}/subsidies/{policy}");
    let own = format!("/enterprise/applications/{theirs}/loan/{their_loan}/subsidies/{policy}");
    browser.get(&mixed).await.expect(404);
    let page = browser.get(&own).await.expect(200);
    press_from(browser, &page, &mixed, &FILLED)
        .await
        .expect(404);
    browser.get(&format!("{OWN}/{claim}")).await.expect(404);
    let list = browser.get(OWN).await.expect(200);
    assert!(!list.text().contains(&claim.to_string()));
    for path in [CITY.to_owned(), format!("{CITY}/{claim}")] {
        case.scene.clerk.browser.get(&path).await.expect(404);
    }
    let supervisor = &case.scene.supervisor.browser;
    supervisor
        .get(&format!("{CITY}/{claim}"))
        .await
        .expect(200)
        .says("首贷贴息办法");
    for deed in ["propose", "refuse"] {
        let path = format!("{CITY}/{claim}/{deed}");
        supervisor.get(&path).await.expect(403);
    }
    let viewer = world
        .member(&case.scene.enterprise, "时嘉宁", "19900005511", "ev")
        .await;
    let kind = application::ports::sessions::SessionKind::Enterprise;
    let viewer = world.signed_in(viewer, kind, "cangzhou.localhost").await;
    viewer.get(&format!("{OWN}/{claim}")).await.expect(200);
    viewer.get(&form).await.expect(403);
}
