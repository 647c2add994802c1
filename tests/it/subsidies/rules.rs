//! Which loans a policy is for: every rule keeps a loan out by itself, on the enterprise's side and in the lists of the city alike.

use super::{EFFECTS, OPEN, case};

/// The rules of [`OPEN`] with one of them changed.
fn with(field: &str, value: &str) -> String {
    let mut terms: serde_json::Value = serde_json::from_str(OPEN).expect("it is JSON");
    terms[field] = serde_json::from_str(value).expect("it is JSON");
    terms.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_keeps_a_loan_out_by_itself_on_both_sides() {
    let case = case().await;
    let loan = case.draw(1, "2026-11-25").await;
    let owner = &case.scene.enterprise.browser;
    let city = &case.first.browser;
    let fits = case.policy("没有条件的办法", "申报", OPEN).await;
    let all = format!("{EFFECTS}/{fits}/loans");
    city.get(&all).await.expect(200).says("第 1 笔放款");
    owner.get(&case.form(loan, fits)).await.expect(200);
    for (field, value, why) in [
        ("until", "\"2026-11-24\"", "放款日期不在政策规定的时段内"),
        ("from", "\"2026-11-26\"", "放款日期不在政策规定的时段内"),
        ("guarantees", "[\"unsecured\"]", "担保方式不在政策范围内"),
        ("months_min", "13", "贷款期限短于政策要求"),
        ("months_max", "11", "贷款期限长于政策要求"),
        ("amount_max_cents", "99999999", "放款金额超过政策上限"),
    ] {
        let policy = case.policy(why, "申报", &with(field, value)).await;
        refused(&case, loan, policy, why).await;
    }
    // The bounds belong to it.
    for (field, value) in [
        ("until", "\"2026-11-25\""),
        ("from", "\"2026-11-25\""),
        ("guarantees", "[\"mortgage\"]"),
        ("months_min", "12"),
        ("months_max", "12"),
        ("amount_max_cents", "100000000"),
    ] {
        let policy = case.policy(field, "申报", &with(field, value)).await;
        let loans = format!("{EFFECTS}/{policy}/loans");
        city.get(&loans).await.expect(200).says("第 1 笔放款");
        owner.get(&case.form(loan, policy)).await.expect(200);
    }
    for (column, value, why) in [
        ("first_loan", "true", "不是银行核实的首贷"),
        ("industries", "array['A']", "企业所属行业不在政策范围内"),
        ("regions", "array['130921']", "企业所在区域不在政策范围内"),
    ] {
        let policy = case.policy(why, "申报", OPEN).await;
        set(&case, policy, column, value).await;
        refused(&case, loan, policy, why).await;
    }
    let policy = case.policy("相符的办法", "申报", OPEN).await;
    for (column, value) in [
        ("first_loan", "true"),
        ("industries", "array['C']"),
        ("regions", "array['130903']"),
    ] {
        set(&case, policy, column, value).await;
    }
    case.scene
        .run("update financing_applications set first_loan = true")
        .await;
    owner.get(&case.form(loan, policy)).await.expect(200);
    let loans = format!("{EFFECTS}/{policy}/loans");
    city.get(&loans).await.expect(200).says("第 1 笔放款");
    // A loan that its enterprise has not confirmed, and one that has no end, are nobody's to pay for.
    case.scene
        .run("update disbursements set confirmed_at = null")
        .await;
    refused(&case, loan, fits, "企业尚未确认这笔放款").await;
    case.scene
        .run("update disbursements set confirmed_at = at")
        .await;
    case.scene
        .run("alter table disbursements disable trigger draw_is_corrected_by_two")
        .await;
    case.scene
        .run("update disbursements set due_on = null")
        .await;
    refused(&case, loan, fits, "放款记录没有到期日期").await;
}

/// Neither may it be applied for, nor does the city count it.
async fn refused(case: &super::Case, loan: uuid::Uuid, policy: uuid::Uuid, why: &str) {
    let owner = &case.scene.enterprise.browser;
    let form = case.form(loan, policy);
    owner.get(&form).await.expect(409).says(why);
    let page = owner.get(&case.loan()).await.expect(200);
    assert!(!page.text().contains(&form), "{why}");
    let loans = format!("{EFFECTS}/{policy}/loans");
    let page = case.first.browser.get(&loans).await.expect(200);
    assert!(!page.text().contains("第 1 笔放款"), "{why}");
}

/// Changes whom a policy is for: its words stay for everybody but the owner of the database.
async fn set(case: &super::Case, policy: uuid::Uuid, column: &str, value: &str) {
    let owner = &case.scene.world.owner;
    for sql in [
        "alter table articles disable trigger words_stay".to_owned(),
        format!("update articles set {column} = {value} where id = '{policy}'"),
        "alter table articles enable trigger words_stay".to_owned(),
    ] {
        // AssertSqlSafe: names and values of this file, and a UUID printed by its type.
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(owner)
            .await
            .expect("it is changed");
    }
}

/// All that was drawn came back on this day.
async fn repaid(case: &super::Case, on: &str) {
    case.scene.run("delete from repayments").await;
    sqlx::query(
        "insert into repayments (id, tenant_id, application_id, principal_cents, paid_on, balance_cents, source, at)
         select $1, tenant_id, id, drawn_cents, $3::date, 0, 'form', $4 from financing_applications where id = $2",
    )
    .bind(uuid::Uuid::new_v4())
    .bind(case.application.0)
    .bind(on)
    .bind(case.scene.world.parts.clock.now())
    .execute(&case.scene.world.owner)
    .await
    .expect("it came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_that_came_back_early_is_given_for_the_days_that_it_ran_on_both_sides() {
    let case = case().await;
    let loan = case.draw(1, "2026-11-05").await;
    let policy = case.policy("贴息办法", "申报", OPEN).await;
    repaid(&case, "2026-11-15").await;
    let owner = &case.scene.enterprise.browser;
    owner
        .get(&case.form(loan, policy))
        .await
        .expect(200)
        .says("× 10 天")
        .says("还清日期")
        .says("410.96 元");
    let loans = format!("{EFFECTS}/{policy}/loans");
    case.first
        .browser
        .get(&loans)
        .await
        .expect(200)
        .says("410.96");
    repaid(&case, "2026-11-05").await;
    refused(&case, loan, policy, "按政策计算没有可补贴的金额").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_its_last_day_a_policy_is_not_applied_for() {
    let case = case().await;
    let loan = case.draw(1, "2026-11-24").await;
    let owner = &case.scene.enterprise.browser;
    let policy = case.policy("有截止日期的办法", "快申快享", OPEN).await;
    set(&case, policy, "deadline", "'2026-11-25'").await;
    let form = case.form(loan, policy);
    owner.get(&form).await.expect(200).says("2026-11-25");
    set(&case, policy, "deadline", "'2026-11-24'").await;
    owner.get(&form).await.expect(409).says("截止");
    let page = owner.get(&case.loan()).await.expect(200);
    assert!(!page.text().contains("有截止日期的办法"));
}
