//! 免申即享: nobody applies; one operator puts the loan on the list, another one agrees.

use super::{CITY, EFFECTS, OPEN, OWN, case, press};

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_put_on_the_list_by_one_and_agreed_on_by_another() {
    let case = case().await;
    let policy = case.policy("首贷奖补办法", "免申即享", OPEN).await;
    let loan = case.draw(1, "2026-11-25").await;
    let owner = &case.scene.enterprise.browser;
    owner
        .get(&case.loan())
        .await
        .expect(200)
        .says("首贷奖补办法")
        .says("免申即享，无需申请");
    let form = case.form(loan, policy);
    owner.get(&form).await.expect(409).says("无需申请");
    let list = format!("{EFFECTS}/{policy}/loans?show=open");
    let one = format!("{EFFECTS}/{policy}/loans/{loan}");
    let first = &case.first.browser;
    first.get(&list).await.expect(200).says(&one);
    case.scene.supervisor.browser.get(&one).await.expect(403);
    press(first, &one, &[]).await.expect(303);
    let page = first.get(&list).await.expect(200);
    assert!(!page.text().contains(&one), "it is on the list");
    first.get(&one).await.expect(409).says("不能重复申请");
    let claim: uuid::Uuid = sqlx::query_scalar("select id from subsidy_claims")
        .fetch_one(&case.scene.world.owner)
        .await
        .expect("there is exactly one");
    let approve = format!("{CITY}/{claim}/approve");
    first.get(&approve).await.expect(409).says("需要两个人");
    case.deed(&case.second, claim, "approve", &[]).await;
    owner
        .get(OWN)
        .await
        .expect(200)
        .says("免申即享名单")
        .says("已通过");
    let heard = case.heard(true).await;
    for title in ["贷款已列入免申即享名单", "贴息申请已通过"] {
        assert!(heard.contains(&title.to_owned()), "{title}: {heard:?}");
    }
    // A policy that is applied for has no list.
    let other = case.policy("快申办法", "快申快享", OPEN).await;
    let wrong = format!("{EFFECTS}/{other}/loans/{loan}");
    first.get(&wrong).await.expect(409).says("由企业申请");
}
