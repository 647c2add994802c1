//! The market: rules beside the own profile, industries, and the order by fit.

use domain::ids::ProductId;
use journeys::Answer;

use super::{once_heard, scene};

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
