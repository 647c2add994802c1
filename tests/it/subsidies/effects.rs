//! 政策成效 (G5): loans, applications and payments of a policy month by month, each number with its rows for those who may see them.

use application::ports::workbooks::ReadCell;
use time::macros::datetime;

use super::{EFFECTS, OPEN, case};
use crate::sheets::imports::read;

/// The cells of the row that begins with this text, without markup.
fn row(page: &str, first: &str) -> Vec<String> {
    let rows = page.split("<tr").skip(1);
    let cells = |row: &str| -> Vec<String> {
        let cells = row.split("<td").skip(1);
        cells
            .map(|cell| {
                let cell = cell.split("</td>").next().unwrap_or_default();
                let cell = cell.split_once('>').map_or("", |(_, rest)| rest);
                let mut plain = String::new();
                for part in cell.split('<') {
                    plain.push_str(part.split_once('>').map_or(part, |(_, text)| text));
                }
                plain.trim().to_owned()
            })
            .collect()
    };
    let found = rows
        .map(cells)
        .find(|row| row.first().is_some_and(|cell| cell == first));
    found.unwrap_or_else(|| panic!("no row of {first}:\n{page}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_of_a_policy_is_counted_by_month_and_every_number_opens_its_rows() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let idle = case.policy("无人申请的办法", "申报", OPEN).await;
    let loan = case.draw(1, "2026-11-20").await;
    let other = case.draw(2, "2026-11-25").await;
    let third = case.draw(3, "2026-10-08").await;
    let paid = case.approved(loan, policy).await;
    case.filed(other, policy).await;
    let late = case.filed(third, policy).await;
    case.deed(&case.first, late, "propose", &[]).await;
    // Paid, and another one agreed on, in the month after, by people whose sessions began then.
    case.scene.world.clock.set(datetime!(2026-12-02 10:00 +8));
    let operator = case.scene.fresh(&case.first).await;
    operator.prove().await;
    let second = case.scene.fresh(&case.second).await;
    second.prove().await;
    let approve = format!("/operator/subsidies/{late}/approve");
    super::press(&second, &approve, &[]).await.expect(303);
    let pay = format!("/operator/subsidies/{paid}/pay");
    let sum = [("paid_sum", "14000.50"), ("payout_on", "2026-12-01")];
    super::press(&operator, &pay, &sum).await.expect(303);

    let page = operator.get(EFFECTS).await.expect(200).text();
    let year = ["首贷贴息办法", "3", "2", "30,000.00", "1", "14,000.50", "1"];
    assert_eq!(row(&page, "首贷贴息办法"), year);
    assert_eq!(row(&page, "无人申请的办法")[1..3], ["0", "0"]);
    let months = format!("{EFFECTS}?year=2026&policy={policy}");
    let page = operator.get(&months).await.expect(200).text();
    let october = ["1", "100.00", "0", "0", "0.00", "0", "0.00", "0"];
    assert_eq!(row(&page, "2026 年 10 月")[1..], october);
    let november = ["2", "200.00", "3", "1", "15,000.00", "0", "0.00", "1"];
    assert_eq!(row(&page, "2026 年 11 月")[1..], november);
    let december = ["0", "0.00", "0", "1", "15,000.00", "1", "14,000.50", "1"];
    assert_eq!(row(&page, "2026 年 12 月")[1..], december);
    // The enterprise of both months is one.
    let all = ["3", "300.00", "3", "2", "30,000.00", "1", "14,000.50", "1"];
    assert_eq!(row(&page, "合计")[1..], all);
    let rows =
        format!("/operator/subsidies?list=all&policy={policy}&count=paid&from=2026-12&to=2026-12");
    assert!(page.contains(&rows.replace('&', "&amp;")), "{page}");
    operator
        .get(&rows)
        .await
        .expect(200)
        .says(&paid.to_string());
    let none = rows.replace("count=paid", "count=filed");
    let none = operator.get(&none).await.expect(200).text();
    assert!(
        !none.contains(&paid.to_string()),
        "it was filed in November"
    );
    let loans = format!("{EFFECTS}/{policy}/loans?from=2026-10&to=2026-10");
    operator.get(&loans).await.expect(200).says("第 3 笔放款");
    let idle = format!("{EFFECTS}?year=2025&policy={idle}");
    operator
        .get(&idle)
        .await
        .expect(200)
        .says("没有符合条件的贷款");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_and_cannot_be_paid_is_refused_counts_no_more_and_is_applied_for_anew() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let claim = case.approved(loan, policy).await;
    let browser = &case.first.browser;
    let counted = format!(
        "/operator/subsidies?list=all&policy={policy}&count=approved&from=2026-11&to=2026-11"
    );
    let rows = browser.get(&counted).await.expect(200);
    rows.says(&claim.to_string());
    let why = [("refusal", "收款账户已经撤销，请更正")];
    case.deed(&case.second, claim, "refuse", &why).await;
    assert_eq!(case.status(claim).await, "refused");
    let kept = "select count(*) from subsidy_claims where account_sealed is not null";
    assert_eq!(case.scene.count(kept).await, 0);
    let page = browser.get(EFFECTS).await.expect(200).text();
    let year = ["首贷贴息办法", "1", "0", "0.00", "0", "0.00", "0"];
    assert_eq!(row(&page, "首贷贴息办法"), year);
    let rows = browser.get(&counted).await.expect(200).text();
    assert!(!rows.contains(&claim.to_string()), "{rows}");
    let again = case.approved(loan, policy).await;
    let rows = browser.get(&counted).await.expect(200);
    rows.says(&again.to_string());
    // What was paid stays paid.
    let today = [("paid_sum", "15000"), ("payout_on", "2026-11-25")];
    case.deed(&case.first, again, "pay", &today).await;
    let refuse = format!("/operator/subsidies/{again}/refuse");
    browser.get(&refuse).await.expect(409).says("已拨付");
    let less = "update subsidy_claims set paid_cents = paid_cents - 1 where status = 'paid'";
    let moved = sqlx::query(less).execute(&case.scene.world.owner).await;
    let moved = moved.expect_err("it stays").to_string();
    assert!(moved.contains("a claim that is over stays"), "{moved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regulator_reads_totals_takes_them_along_and_finds_no_row() {
    let case = case().await;
    let policy = case.policy("首贷贴息办法", "快申快享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let claim = case.approved(loan, policy).await;
    let city = case.scene.world.cangzhou.id;
    let regulator = case.scene.world.staff(city, "闻人清", &["rg"]).await;
    let browser = &regulator.browser;
    for address in [EFFECTS.to_owned(), format!("{EFFECTS}?policy={policy}")] {
        let page = browser.get(&address).await.expect(200).text();
        assert!(page.contains("15,000.00"), "{address}");
        for hidden in ["/operator/subsidies?", "/loans", "沧州市瀚岳澜"] {
            assert!(!page.contains(hidden), "{hidden} in {address}");
        }
    }
    for shut in [
        "/operator/subsidies".to_owned(),
        format!("/operator/subsidies/{claim}"),
        format!("{EFFECTS}/{policy}/loans"),
    ] {
        browser.get(&shut).await.expect(404);
    }
    let file = format!("{EFFECTS}/workbook?policy={policy}");
    let file = browser.get(&file).await.expect(200);
    let book = read(&case.scene.world, file, &["政策", "月份"]).await;
    let [november, all] = &book.rows[..] else {
        panic!("one month and all: {:?}", book.rows);
    };
    for (row, month) in [(november, "2026-11"), (all, "合计")] {
        assert_eq!(row.cells[1], ReadCell::Text(month.to_owned()));
        assert_eq!(row.cells[6], ReadCell::Number(15_000.0), "{month}");
    }
    let told = format!("{:?}", book.rows);
    assert!(!told.contains("沧州市瀚岳澜"), "{told}");
    let noted = "select count(*) from audit_entries where action = 'export.policy_effects' and outcome = 'ok'";
    assert_eq!(case.scene.count(noted).await, 1);
    case.scene.clerk.browser.get(EFFECTS).await.expect(404);
}
