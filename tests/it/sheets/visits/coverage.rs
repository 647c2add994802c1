//! 走访进展: numbers follow what institutions note and what enterprises ask for, and stay as they are once a list is closed.

use application::visits::Coverage;
use domain::visit::VisitStage;

use super::{CHEMICALS, FIRST_BANK, NEW, PIPES, city, code, press, row};
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
    assert!(book.rows.len() >= 5, "all, two institutions, two districts");
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
    let page = operator
        .get(&format!("{list}/rows?stage=applied"))
        .await
        .expect(200);
    page.says(CHEMICALS);
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
    let branch = city.world.branch(city.first, "狮城商业银行运河支行").await;
    let product = city.world.product(city.first, "信用贷", &[branch]).await;
    city.world
        .submitted_application(&firm, city.first, branch, product)
        .await;
    assert_eq!(counts(&city.sums(&list).await), [2, 1, 1, 2, 1, 0, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_list_keeps_its_result_and_who_is_sent_again_begins_anew() {
    let city = city().await;
    let list = city.sent().await;
    let operator = &city.operator.browser;
    let refused = [("contacted", "", ""), ("declined", "no_demand", "")];
    city.follow(1, &refused).await;
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
