//! 走访进展: numbers follow what institutions note and what enterprises ask for, and stay as they are once a list is closed.

use application::{ports::workbooks::ReadCell, visits::Coverage};
use domain::visit::VisitStage;
use sqlx::{AssertSqlSafe, Executor as _};

use super::{CHEMICALS, City, FIRST_BANK, NEW, PIPES, city, code, press, row};
use crate::sheets::imports::read;

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
