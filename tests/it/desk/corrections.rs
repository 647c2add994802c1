//! 更正放款 and 更正还款: two people, within the approval and what is repaid, and the old stays visible.

use journeys::Browser;

use super::{deed, investigated, notices::work_off};
use crate::branch::Scene;

/// 8 万元 drawn under HT-1, of which 30,000.50 元 came back.
async fn lent() -> Scene {
    let scene = investigated().await;
    scene.propose().await;
    scene.approve().await;
    let draw = [
        ("draw_amount", "8"),
        ("draw_rate", "3.75"),
        ("drawn_on", "2026-11-25"),
        ("due_on", "2028-11-25"),
        ("contract_no", "HT-1"),
    ];
    let browser = &scene.clerk.browser;
    deed(browser, &scene.path("/disburse"), &draw)
        .await
        .expect(303);
    let paid = [("principal", "30000.50"), ("paid_on", "2026-11-25")];
    deed(browser, &scene.path("/repay"), &paid)
        .await
        .expect(303);
    scene
}

async fn id_of(scene: &Scene, sql: &'static str) -> String {
    sqlx::query_scalar(sql)
        .fetch_one(&scene.world.owner)
        .await
        .expect("a record")
}

const DRAW: &str = "select id::text from disbursements";
const REPAYMENT: &str = "select id::text from repayments";
const DRAWN: &str = "select drawn_cents from financing_applications";
const OWED: &str = "select balance_cents from repayments";
const REASON: (&str, &str) = ("correction_reason", "多录了 3 万元。");

/// What cannot be asked for, each with the words for it.
async fn refused(clerk: &Browser, path: &str, draw: &str) {
    let chosen = ("draw", draw);
    for (fields, words) in [
        (
            vec![("draw", ""), ("draw_amount", "5"), REASON],
            "请选择要更正的放款记录",
        ),
        (vec![chosen, ("draw_amount", "5")], "请输入更正原因"),
        (vec![chosen, REASON], "更正内容与原登记一致"),
        (
            vec![chosen, ("draw_amount", "8.01"), REASON],
            "各笔合计不能超过批准金额",
        ),
        (
            vec![chosen, ("draw_amount", "3"), REASON],
            "不能少于已归还的本金",
        ),
        (
            vec![chosen, ("draw_amount", "三"), REASON],
            "放款金额应为数字",
        ),
        (
            vec![chosen, ("drawn_on", "2026-11-26"), REASON],
            "不能晚于今天",
        ),
        (
            vec![chosen, ("due_on", "2026-11-25"), REASON],
            "到期日期应晚于放款日期",
        ),
        (
            vec![chosen, ("draw_rate", "24.01"), REASON],
            "执行利率应不超过 24%",
        ),
    ] {
        deed(clerk, path, &fields).await.expect(422).says(words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draw_is_corrected_by_two_people_and_the_enterprise_sees_old_and_new() {
    let scene = lent().await;
    let draw = id_of(&scene, DRAW).await;
    let (path, check) = (scene.path("/correct-draw"), scene.path("/check-correction"));
    let clerk = &scene.clerk.browser;
    scene.approver.browser.get(&path).await.expect(409);
    clerk.get(&check).await.expect(409);
    refused(clerk, &path, &draw).await;
    let chosen = ("draw", draw.as_str());
    let fields = [
        chosen,
        ("draw_amount", "5"),
        ("contract_no", "HT-1A"),
        REASON,
    ];
    deed(clerk, &path, &fields).await.expect(303);
    clerk.get(&path).await.expect(409).says("待复核");
    assert_eq!(
        scene.count(DRAWN).await,
        8_000_000,
        "one person is not enough"
    );
    let loan = scene.own("/loan");
    let owner = &scene.owner.browser;
    let before = owner.get(&loan).await.expect(200);
    assert!(!before.text().contains("更正"), "nothing was corrected yet");
    clerk
        .get(&scene.path("/settle"))
        .await
        .expect(409)
        .says("请先复核再办理结清");
    clerk
        .get(&check)
        .await
        .expect(409)
        .says("须由另一位人员复核");
    scene.second_clerk.browser.get(&check).await.expect(403);
    let accept = [("verdict", "accept")];
    let approver = &scene.approver.browser;
    deed(approver, &check, &[]).await.expect(422);
    deed(approver, &check, &accept).await.expect(303);
    approver.get(&check).await.expect(409);
    assert_eq!(scene.count(DRAWN).await, 5_000_000);
    assert_eq!(scene.count(OWED).await, 1_999_950);
    assert_eq!(scene.stage().await, "disbursing", "more may be drawn again");
    let told = "select count(*) from application_events where kind = 'correct_draw' and actor_name = '钱云诚'
                and detail->>'second' = '邬志航' and (detail->>'total_cents')::bigint = 5000000
                and detail->'was'->>'contract_no' = 'HT-1'";
    assert_eq!(scene.count(told).await, 1);
    for page in [
        clerk.get(&scene.path("")).await,
        owner.get(&loan).await,
        owner.get(&scene.own("")).await,
    ] {
        let page = page
            .expect(200)
            .says("8.00 万元，3.75%/年，放款日 2026-11-25");
        page.says("HT-1A").says("多录了 3 万元。");
    }
    let own = owner.get(&scene.own("")).await.expect(200).text();
    assert!(
        !own.contains("复核人"),
        "the second person is the bank's own"
    );
    work_off(&scene).await;
    let body = "select count(*) from messages where body like '%更正后金额 50,000.00 元，放款日期 2026-11-25；更正前金额 80,000.00 元%'";
    assert_eq!(scene.count(body).await, 1);
    let asked = "select count(*) from messages where title = '放款或还款登记的更正待复核'";
    assert_eq!(
        scene.count(asked).await,
        2,
        "the branch and its headquarters"
    );
    let confirm = format!("{loan}/{draw}/confirm");
    owner.submit(&loan, &confirm, &[]).await.expect(303);
    let rest = [
        ("draw_amount", "3"),
        ("draw_rate", "3.75"),
        ("drawn_on", "2026-11-25"),
        ("due_on", "2028-11-25"),
        ("contract_no", "HT-2"),
    ];
    deed(clerk, &scene.path("/disburse"), &rest)
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "disbursed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_draw_that_is_corrected_is_put_before_the_enterprise_again() {
    let scene = lent().await;
    let draw = id_of(&scene, DRAW).await;
    let loan = scene.own("/loan");
    let owner = &scene.owner.browser;
    let confirm = format!("{loan}/{draw}/confirm");
    owner.submit(&loan, &confirm, &[]).await.expect(303);
    let fields = [
        ("draw", draw.as_str()),
        ("contract_no", "HT-9"),
        ("last", "1"),
        ("correction_reason", "合同编号录错。"),
    ];
    deed(&scene.clerk.browser, &scene.path("/correct-draw"), &fields)
        .await
        .expect(303);
    let accept = [("verdict", "accept")];
    deed(
        &scene.approver.browser,
        &scene.path("/check-correction"),
        &accept,
    )
    .await
    .expect(303);
    owner.get(&loan).await.expect(200).says("待您确认");
    owner.submit(&loan, &confirm, &[]).await.expect(303);
    let confirmed = "select count(*) from disbursements where confirmed_at is not null and contract_no = 'HT-9'";
    assert_eq!(scene.count(confirmed).await, 1);
    assert_eq!(scene.stage().await, "disbursed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repayment_is_corrected_and_what_is_owed_is_counted_anew() {
    let scene = lent().await;
    let clerk = &scene.clerk.browser;
    scene.world.clock.advance(time::Duration::minutes(2));
    let more = [("principal", "40000"), ("paid_on", "2026-11-25")];
    deed(clerk, &scene.path("/repay"), &more).await.expect(303);
    let first = "select id::text from repayments where principal_cents = 3000050";
    let first = id_of(&scene, first).await;
    let path = scene.path("/correct-repayment");
    let chosen = ("repayment", first.as_str());
    for (fields, words) in [
        (vec![("repayment", ""), REASON], "请选择要更正的还款记录"),
        (vec![chosen, REASON], "更正内容与原登记一致"),
        (vec![chosen, ("principal", "0"), REASON], "归还本金应大于 0"),
        (
            vec![chosen, ("principal", "40000.01"), REASON],
            "不能超过待还本金 40,000.00 元",
        ),
        (
            vec![chosen, ("paid_on", "2026-11-24"), REASON],
            "不能早于首笔放款日期",
        ),
    ] {
        deed(clerk, &path, &fields).await.expect(422).says(words);
    }
    let fields = [chosen, ("principal", "20000"), REASON];
    deed(clerk, &path, &fields).await.expect(303);
    let head = scene.world.staff(scene.branch, "林述", &["bh"]).await;
    let check = scene.path("/check-correction");
    deed(&head.browser, &check, &[("verdict", "accept")])
        .await
        .expect(303);
    let owed = "select sum(balance_cents)::bigint from repayments";
    assert_eq!(scene.count(owed).await, 6_000_000 + 2_000_000);
    let page = scene.owner.browser.get(&scene.own("/loan")).await;
    page.expect(200)
        .says("20,000.00")
        .says("归还本金 30,000.50 元")
        .says("多录了 3 万元。");
    assert_eq!(scene.stage().await, "disbursed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_a_loan_that_the_second_person_does_not_share_changes_nothing() {
    let scene = lent().await;
    let draw = id_of(&scene, DRAW).await;
    let fields = [("draw", draw.as_str()), ("draw_amount", "5"), REASON];
    let path = scene.path("/correct-draw");
    deed(&scene.clerk.browser, &path, &fields).await.expect(303);
    let chief = scene.world.staff(scene.bank, "梁承宇", &["ha"]).await;
    let check = scene.path("/check-correction");
    deed(&chief.browser, &check, &[("verdict", "decline")])
        .await
        .expect(303);
    assert_eq!(scene.count(DRAWN).await, 8_000_000);
    let page = scene.owner.browser.get(&scene.own("/loan")).await;
    assert!(!page.expect(200).text().contains("更正"));
    let page = scene.clerk.browser.get(&scene.path("")).await.expect(200);
    page.says("未同意");
    scene.clerk.browser.get(&path).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proposed_a_correction_of_a_loan_takes_it_back_as_long_as_nobody_has_settled_it() {
    let scene = lent().await;
    let draw = id_of(&scene, DRAW).await;
    let fields = [("draw", draw.as_str()), ("draw_amount", "5"), REASON];
    let path = scene.path("/correct-draw");
    let (back, check) = (
        scene.path("/withdraw-correction"),
        scene.path("/check-correction"),
    );
    let clerk = &scene.clerk.browser;
    clerk.get(&back).await.expect(409).says("没有待复核的更正");
    deed(clerk, &path, &fields).await.expect(303);
    clerk
        .get(&scene.path(""))
        .await
        .expect(200)
        .says("撤回更正");
    // Another one settles it or leaves it, but does not take it back.
    let head = scene.world.staff(scene.branch, "林述", &["bh"]).await;
    head.browser
        .get(&back)
        .await
        .expect(409)
        .says("只有提出人可以撤回");
    let long = "长".repeat(201);
    deed(clerk, &back, &[("withdraw_reason", long.as_str())])
        .await
        .expect(422)
        .says("撤回原因最多 200 个字");
    deed(clerk, &back, &[("withdraw_reason", "金额核对无误")])
        .await
        .expect(303);
    head.browser.prove().await;
    head.browser
        .get(&check)
        .await
        .expect(409)
        .says("已由钱云诚撤回");
    assert_eq!(scene.count(DRAWN).await, 8_000_000);
    let page = clerk.get(&scene.path("")).await.expect(200);
    page.says("已撤回").says("撤回原因：金额核对无误");
    let page = scene.owner.browser.get(&scene.own("/loan")).await;
    assert!(!page.expect(200).text().contains("更正"));
    let noted = "select count(*) from audit_entries where action = 'application.withdraw_loan_correction' and outcome = 'ok'";
    assert_eq!(scene.count(noted).await, 1);
    // The loan is free for another correction.
    deed(clerk, &path, &fields).await.expect(303);
    let alone = "update loan_corrections set status = 'withdrawn', settled_by = (select id from users where id <> asked_by limit 1)
                 where status = 'open'";
    let done = sqlx::query(alone).execute(&scene.world.owner).await;
    assert!(done.is_err(), "by another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_too_refuses_what_two_people_did_not_agree_on() {
    let scene = lent().await;
    let repayment = id_of(&scene, REPAYMENT).await;
    let fields = [
        ("repayment", repayment.as_str()),
        ("principal", "20000"),
        REASON,
    ];
    deed(
        &scene.clerk.browser,
        &scene.path("/correct-repayment"),
        &fields,
    )
    .await
    .expect(303);
    for alone in [
        "update loan_corrections set status = 'confirmed', settled_by = asked_by",
        "update loan_corrections set status = 'confirmed'",
        "update repayments set principal_cents = 2000000",
        "update disbursements set amount_cents = 1",
        "update disbursements set contract_no = 'HT-2'",
    ] {
        let done = sqlx::query(alone).execute(&scene.world.owner).await;
        assert!(done.is_err(), "{alone}");
    }
}
