//! Rows 25 to 28: draws within the approval, the enterprise's word on them, repayments, and the end.

use super::{deed, investigated};
use crate::branch::{Scene, step};

async fn approved() -> Scene {
    let scene = investigated().await;
    scene.propose().await;
    scene.approve().await;
    scene
}

/// A draw of so many 万元, as typed.
fn draw<'a>(wan: &'a str, contract: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("draw_amount", wan),
        ("draw_rate", "3.75"),
        ("drawn_on", "2026-11-25"),
        ("due_on", "2028-11-25"),
        ("contract_no", contract),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn draws_stay_within_the_approval_and_the_last_one_ends_it() {
    let scene = approved().await;
    let path = scene.path("/disburse");
    let browser = &scene.clerk.browser;
    scene.second_clerk.browser.get(&path).await.expect(409);
    scene.approver.browser.get(&path).await.expect(409);
    let form = browser
        .get(&path)
        .await
        .expect(200)
        .says("还可放款 8.00 万元");
    for (field, value, status, words) in [
        ("draw_amount", "", 422, "请输入放款金额"),
        ("draw_amount", "8.01", 422, "各笔合计不能超过批准金额"),
        ("draw_amount", "0", 422, "放款金额应大于 0"),
        ("draw_rate", "三", 422, "执行利率应为数字"),
        ("drawn_on", "2026-11-26", 422, "不能晚于今天"),
        ("drawn_on", "今天", 422, "日期格式不正确"),
        ("due_on", "2026-11-25", 422, "到期日期应晚于放款日期"),
        ("due_on", "2028-12-26", 422, "到期日期应不晚于 2028-12-25"),
        ("due_on", "2100-01-01", 422, "到期日期应不晚于"),
        ("draw_rate", "0", 422, "利率应大于 0"),
        ("draw_rate", "24.01", 422, "执行利率应不超过 24%"),
        ("draw_rate", "100", 422, "执行利率应不超过 24%"),
        ("contract_no", " ", 422, "请输入合同编号"),
    ] {
        let mut fields = draw("3", "HT-1");
        for one in &mut fields {
            if one.0 == field {
                one.1 = value;
            }
        }
        step(browser, &form, &path, &fields, "confirm")
            .await
            .expect(status)
            .says(words);
    }
    assert_eq!(scene.stage().await, "approved");
    step(browser, &form, &path, &draw("3", "HT-1"), "")
        .await
        .expect(200);
    assert_eq!(scene.count("select count(*) from disbursements").await, 0);
    for _ in 0..2 {
        step(browser, &form, &path, &draw("3", "HT-1"), "confirm")
            .await
            .expect(303);
    }
    assert_eq!(scene.stage().await, "disbursing");
    assert_eq!(scene.count("select count(*) from disbursements").await, 1);
    deed(browser, &path, &draw("5.01", "HT-2"))
        .await
        .expect(422);
    let head = scene.world.staff(scene.branch, "林述", &["bh"]).await;
    let mut last = draw("4", "HT-2");
    last.push(("last", "1"));
    deed(&head.browser, &path, &last).await.expect(303);
    assert_eq!(scene.stage().await, "disbursed");
    browser.get(&path).await.expect(409);
    let total = "select drawn_cents from financing_applications";
    assert_eq!(scene.count(total).await, 7_000_000);
    let page = scene
        .owner
        .browser
        .get(&scene.own("/loan"))
        .await
        .expect(200);
    page.says("HT-1").says("HT-2").says("7.00 万元");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enterprise_confirms_or_doubts_each_draw_once_and_the_branch_answers() {
    let scene = approved().await;
    let browser = &scene.clerk.browser;
    deed(browser, &scene.path("/disburse"), &draw("3", "HT-1"))
        .await
        .expect(303);
    deed(browser, &scene.path("/disburse"), &draw("5", "HT-2"))
        .await
        .expect(303);
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("select id from disbursements order by number")
        .fetch_all(&scene.world.owner)
        .await
        .expect("two draws");
    let owner = &scene.owner.browser;
    let loan = scene.own("/loan");
    let home = owner.get("/enterprise").await.expect(200);
    let home = home.says("请先办理").says("有放款待您确认").text();
    assert!(home.contains(&loan), "and where");
    let confirm = format!("{loan}/{}/confirm", ids[0]);
    for _ in 0..2 {
        owner.submit(&loan, &confirm, &[]).await.expect(303);
    }
    owner.get(&loan).await.expect(200).says("已确认无误");
    let doubt = format!("{loan}/{}/dispute", ids[1]);
    owner
        .submit(&doubt, &doubt, &[("dispute", " ")])
        .await
        .expect(422)
        .says("请输入异议内容");
    owner
        .submit(&doubt, &doubt, &[("dispute", "到账 4 万元。")])
        .await
        .expect(303);
    let again = owner.get(&doubt).await.expect(303);
    let told = owner.follow(again).await;
    told.says("无需重复操作");
    browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("请核实后答复")
        .says("到账 4 万元。");
    let path = scene.path("/dispute");
    let draw = ids[1].to_string();
    deed(browser, &path, &[("draw", &draw), ("settled_note", "")])
        .await
        .expect(422)
        .says("请输入核实情况");
    let found = [
        ("draw", draw.as_str()),
        ("settled_note", "另 1 万元次日到账。"),
    ];
    deed(browser, &path, &found).await.expect(303);
    browser.get(&path).await.expect(409);
    owner
        .get(&loan)
        .await
        .expect(200)
        .says("另 1 万元次日到账。");
    let confirm = format!("{loan}/{}/confirm", ids[1]);
    owner.submit(&loan, &confirm, &[]).await.expect(303);
    let confirmed = "select count(*) from disbursements where confirmed_at is not null";
    assert_eq!(scene.count(confirmed).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_is_counted_and_only_nothing_owed_is_settled() {
    let scene = approved().await;
    let browser = &scene.clerk.browser;
    browser.get(&scene.path("/repay")).await.expect(409);
    deed(browser, &scene.path("/disburse"), &draw("8", "HT-1"))
        .await
        .expect(303);
    assert_eq!(
        scene.stage().await,
        "disbursed",
        "the whole approval is drawn"
    );
    browser
        .get(&scene.path("/settle"))
        .await
        .expect(409)
        .says("还有未归还的本金");
    let path = scene.path("/repay");
    for (principal, on, words) in [
        ("", "2026-11-25", "请输入归还本金"),
        ("0", "2026-11-25", "归还本金应大于 0"),
        ("80000.01", "2026-11-25", "不能超过待还本金 80,000.00 元"),
        ("100", "2026-11-26", "也不能晚于今天"),
        ("100", "2026-11-24", "不能早于首笔放款日期"),
    ] {
        deed(browser, &path, &[("principal", principal), ("paid_on", on)])
            .await
            .expect(422)
            .says(words);
    }
    let part = [("principal", "30000.50"), ("paid_on", "2026-11-25")];
    let form = browser.get(&path).await.expect(200);
    for _ in 0..2 {
        step(browser, &form, &path, &part, "confirm")
            .await
            .expect(303);
    }
    assert_eq!(
        scene.count("select balance_cents from repayments").await,
        4_999_950
    );
    scene
        .owner
        .browser
        .get(&scene.own("/loan"))
        .await
        .expect(200)
        .says("49,999.50");
    let rest = [("principal", "49999.50"), ("paid_on", "2026-11-25")];
    deed(browser, &path, &rest).await.expect(303);
    deed(browser, &scene.path("/settle"), &[]).await.expect(303);
    assert_eq!(scene.stage().await, "settled");
    for rest in ["/repay", "/disburse", "/settle"] {
        browser.get(&scene.path(rest)).await.expect(409);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_that_differs_from_the_approved_one_is_said_before_it_is_recorded() {
    let scene = approved().await;
    let path = scene.path("/disburse");
    let browser = &scene.clerk.browser;
    let form = browser.get(&path).await.expect(200);
    let warned = "执行利率 4.35%/年 与批准利率 3.75%/年 不一致";
    let same = step(browser, &form, &path, &draw("3", "HT-1"), "").await;
    let same = same.expect(200).says("3.00 万元（30,000.00 元）");
    assert!(!same.text().contains("不一致"));
    let mut other = draw("3", "HT-1");
    other[1].1 = "4.35";
    step(browser, &form, &path, &other, "")
        .await
        .expect(200)
        .says(warned);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_repayments_of_one_page_count_once_and_the_second_is_told_who_was_faster() {
    let scene = approved().await;
    let browser = &scene.clerk.browser;
    deed(browser, &scene.path("/disburse"), &draw("8", "HT-1"))
        .await
        .expect(303);
    let path = scene.path("/repay");
    let first = browser.get(&path).await.expect(200);
    let second = browser.get(&path).await.expect(200);
    let paid = [("principal", "10000"), ("paid_on", "2026-11-25")];
    step(browser, &first, &path, &paid, "confirm")
        .await
        .expect(303);
    step(browser, &second, &path, &paid, "confirm")
        .await
        .expect(409)
        .says("已在您打开页面之后办理了“还款登记”");
    assert_eq!(scene.count("select count(*) from repayments").await, 1);
    deed(browser, &path, &paid).await.expect(303);
    assert_eq!(scene.count("select count(*) from repayments").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_doubt_keeps_a_loan_from_being_settled_and_nothing_changes_after_the_end() {
    let scene = approved().await;
    let browser = &scene.clerk.browser;
    deed(browser, &scene.path("/disburse"), &draw("3", "HT-1"))
        .await
        .expect(303);
    deed(browser, &scene.path("/disburse"), &draw("5", "HT-2"))
        .await
        .expect(303);
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("select id from disbursements order by number")
        .fetch_all(&scene.world.owner)
        .await
        .expect("two draws");
    let owner = &scene.owner.browser;
    let loan = scene.own("/loan");
    let before = owner.get(&loan).await.expect(200);
    let confirm = format!("{loan}/{}/confirm", ids[0]);
    let doubt = format!("{loan}/{}/dispute", ids[1]);
    owner
        .submit(&doubt, &doubt, &[("dispute", "到账 4 万元。")])
        .await
        .expect(303);
    let paid = [("principal", "80000"), ("paid_on", "2026-11-25")];
    deed(browser, &scene.path("/repay"), &paid)
        .await
        .expect(303);
    browser
        .get(&scene.path("/settle"))
        .await
        .expect(409)
        .says("企业对第 2 笔放款提出的异议还没有答复");
    let draw = ids[1].to_string();
    let found = [("draw", draw.as_str()), ("settled_note", "次日到账。")];
    deed(browser, &scene.path("/dispute"), &found)
        .await
        .expect(303);
    let settle = scene.path("/settle");
    let form = browser.get(&settle).await.expect(200);
    step(browser, &form, &settle, &[], "")
        .await
        .expect(200)
        .says("企业还没有确认这些放款：第 1 笔");
    step(browser, &form, &settle, &[], "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "settled");
    // An old page of the enterprise confirms nothing any more.
    let late = owner.submit_from(&before, &confirm, &[]).await.expect(303);
    owner.follow(late).await.says("已结清");
    let confirmed = "select count(*) from disbursements where confirmed_at is not null";
    assert_eq!(scene.count(confirmed).await, 0);
    let page = owner.get(&loan).await.expect(200);
    assert!(!page.text().contains("待您确认"));
    browser.get(&scene.path("/dispute")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_given_up_by_the_owner_and_stays_approved() {
    let scene = approved().await;
    let path = scene.own("/give-up");
    let owner = &scene.owner.browser;
    let form = owner
        .get(&path)
        .await
        .expect(200)
        .says("要放弃已批准的额度吗");
    owner
        .submit_from(&form, &path, &[("give_up_reason", "已另行筹资。")])
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "not_drawn");
    scene
        .clerk
        .browser
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("已另行筹资。")
        .says("通过");
    scene
        .clerk
        .browser
        .get(&scene.path("/disburse"))
        .await
        .expect(409);
    let late = owner
        .submit_from(&form, &path, &[("give_up_reason", "再来")])
        .await;
    late.expect(303);
    let events = "select count(*) from application_events where kind = 'give_up'";
    assert_eq!(scene.count(events).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_a_loan_before_there_is_one() {
    let scene = investigated().await;
    let owner = &scene.owner.browser;
    let away = owner.get(&scene.own("/loan")).await.expect(303);
    owner.follow(away).await.says("尽调中");
    let other = scene
        .world
        .ready_enterprise("沧州市渤沃宸化工新材料有限公司", "19900002074")
        .await;
    other.browser.get(&scene.own("/loan")).await.expect(404);
}
