//! After a refusal: what else may be asked for, and that the new bank is given nothing that was not agreed to anew (W17).

use application::ports::sessions::SessionKind;
use domain::ids::{FinancingApplicationId, ProductId};

use super::{Scene, id_of, scene};

impl Scene {
    /// A submitted request that its bank refused for a reason that asks to wait.
    async fn refused(&self) -> FinancingApplicationId {
        let id = self.submitted().await;
        self.refuse(id).await;
        id
    }

    async fn refuse(&self, id: FinancingApplicationId) {
        let mut reasons = self.world.cangzhou.rejection_reasons.iter();
        let reason = reasons.find(|r| r.reapply_days > 0).expect("one waits");
        sqlx::query(
            "update financing_applications set stage = 'rejected', ever_accepted = true, due_at = null, reason_codes = $3,
               review_opinion = '流水不足。', decided_at = $2, version = version + 1 where id = $1",
        )
        .bind(id.0)
        .bind(self.world.parts.clock.now())
        .bind(vec![reason.code.clone()])
        .execute(&self.world.owner)
        .await
        .expect("it is refused");
    }

    /// A rule that the enterprise, a maker, does or does not meet.
    async fn only_for(&self, product: ProductId, section: &str) {
        sqlx::query(
            "insert into product_rules (tenant_id, city_id, product_id, subject, operator, answers)
             select tenant_id, city_id, id, 'industry', 'any_of', array[$2::text] from products where id = $1",
        )
        .bind(product.0)
        .bind(section)
        .execute(&self.world.owner)
        .await
        .expect("the rule is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_what_fits_and_nothing_that_does_not_or_that_cools_down() {
    let scene = scene().await;
    let other_bank = scene.world.bank("沧海银行").await;
    let other = scene.world.branch(other_bank, "沧海银行新华支行").await;
    let carriers = [other];
    let fits = scene.world.product(other_bank, "园区信用贷", &carriers);
    let fits = fits.await;
    let not = scene.world.product(other_bank, "农户贷", &carriers).await;
    let nowhere = scene.world.product(other_bank, "无支行办理贷", &[]).await;
    scene.only_for(fits, "C").await;
    scene.only_for(not, "A").await;
    let cooling = scene.world.product(other_bank, "仓单贷", &carriers).await;
    let world = &scene.world;
    let before = world.submitted_application(&scene.enterprise, other_bank, other, cooling);
    let before = before.await;
    scene.refuse(before).await;
    let refused = scene.refused().await;
    scene.world.parts.portal.changed(None);
    let page = format!("/enterprise/applications/{refused}");
    let browser = &scene.enterprise.browser;
    let text = browser.get(&page).await.expect(200).text();
    let offered = |product: ProductId| text.contains(&format!("{product}?again={refused}"));
    assert!(offered(fits) && text.contains("再次申请这款产品"));
    assert!(!offered(not), "a rule speaks against it");
    assert!(!offered(nowhere), "nobody carries it");
    assert!(!offered(cooling), "it cools down");
    assert!(!offered(scene.product), "it is the refused one");
    let viewer = world.member(&scene.enterprise, "和宏屹", "19900002039", "ev");
    let viewer = viewer.await;
    let host = "cangzhou.localhost";
    let looks = world.signed_in(viewer, SessionKind::Enterprise, host).await;
    let text = looks.get(&page).await.expect(200).text();
    assert!(
        !text.contains("再次申请这款产品"),
        "who only looks is offered nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_takes_the_figures_over_and_neither_the_consents_nor_the_opinion() {
    let scene = scene().await;
    let other_bank = scene.world.bank("沧海银行").await;
    let other = scene.world.branch(other_bank, "沧海银行新华支行").await;
    let carriers = [other];
    let second = scene.world.product(other_bank, "园区信用贷", &carriers);
    let second = second.await;
    let refused = scene.refused().await;
    let number: String =
        sqlx::query_scalar("select application_no from financing_applications where id = $1")
            .bind(refused.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it has a number");
    let browser = &scene.enterprise.browser;
    let form = format!("/enterprise/apply/{second}");
    let page = browser.get(&format!("{form}?again={refused}")).await;
    let page = page.expect(200).says(&format!("接在申请 {number} 之后"));
    assert_eq!(page.input("amount").as_deref(), Some("300"));
    assert_eq!(page.input("term").as_deref(), Some("3"));
    assert_eq!(page.input("again"), Some(refused.to_string()));
    // Without a fresh tick nothing is agreed to.
    let branch = other.to_string();
    let again = refused.to_string();
    let mut typed = vec![
        ("amount", "300"),
        ("term", "3"),
        ("rate", "3.75"),
        ("branch", branch.as_str()),
        ("again", again.as_str()),
    ];
    browser.submit_from(&page, &form, &typed).await.expect(422);
    scene.read_texts(browser).await;
    typed.extend([("agree_register", "1"), ("agree_enterprise_credit", "1")]);
    let saved = browser.submit_from(&page, &form, &typed).await.expect(303);
    let check = browser.get(saved.location()).await.expect(200);
    let draft = check.input("draft").expect("the draft is named");
    let version = check.input("version").expect("its version is named");
    let fields = [("draft", draft.as_str()), ("version", version.as_str())];
    let submit = format!("{form}/submit");
    let done = browser.submit_from(&check, &submit, &fields).await;
    let id = id_of(done.expect(303).location());
    let own = format!("/enterprise/applications/{id}");
    let page = browser.get(&own).await.expect(200);
    page.says("上一笔申请").says(&number);
    let consents: i64 = sqlx::query_scalar(
        "select count(*) from consents where application_id = $1 and recipient like '沧海银行%'",
    )
    .bind(id.0)
    .fetch_one(&scene.world.owner)
    .await
    .expect("it counts");
    let texts = scene.world.cangzhou.ticked_on("apply").len();
    let texts = i64::try_from(texts).expect("a few");
    assert_eq!(consents, texts, "each was given anew, to the new bank");
    let clerk = scene.world.staff(other, "钱云诚", &["bm"]).await;
    let page = format!("/branch/applications/{id}");
    let text = clerk.browser.get(&page).await.expect(200).text();
    assert!(!text.contains("流水不足。") && !text.contains(&number));
}
