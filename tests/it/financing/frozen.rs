//! 企业账户冻结: two operators hold an account; it submits nothing new, and everything else goes on.

use journeys::{Answer, Browser};

use super::{Scene, scene};

/// Opens a page whose form is sent as it stands, with these fields.
async fn press(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = browser.get(path).await.expect(200);
    let hold = form.input("hold").unwrap_or_default();
    let mut all = vec![("hold", hold.as_str())];
    all.extend_from_slice(fields);
    browser.submit_from(&form, path, &all).await
}

impl Scene {
    fn desk(&self, rest: &str) -> String {
        format!("/operator/enterprises/{}{rest}", self.enterprise.id)
    }

    async fn operator(&self, name: &str) -> Browser {
        let operator = self
            .world
            .staff(self.world.cangzhou.id, name, &["op"])
            .await;
        operator.browser.prove().await;
        operator.browser
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_account_submits_nothing_new_and_keeps_what_it_has() {
    let scene = scene().await;
    let (first, second) = (
        scene.operator("宋知远").await,
        scene.operator("卫之行").await,
    );
    let browser = &scene.enterprise.browser;
    let running = scene.submitted().await;
    let hold = scene.desk("/hold");
    press(&first, &hold, &[("hold_reason", " ")])
        .await
        .expect(422)
        .says("请填写原因");
    press(&first, &hold, &[("hold_reason", "疑似冒用他人身份注册")])
        .await
        .expect(303);
    let standing = "select count(*) from enterprises where status = 'frozen'";
    assert_eq!(scene.count(standing).await, 0, "one person holds nothing");
    first.get(&scene.desk("/hold/confirm")).await.expect(409);
    first.get(&hold).await.expect(409).says("已经有人提出申请");
    second
        .get("/operator/enterprises")
        .await
        .expect(200)
        .says("等待第二人确认")
        .says("疑似冒用他人身份注册");
    press(&second, &scene.desk("/hold/confirm"), &[])
        .await
        .expect(303);
    assert_eq!(scene.count(standing).await, 1);
    // The enterprise reads that it is held and whom to ask, but not why.
    let home = browser.get("/enterprise").await.expect(200);
    let home = home.says("企业账户已冻结").says("0317");
    assert!(!home.text().contains("疑似冒用"));
    // What was submitted is still its own to take back.
    let withdraw = format!("/enterprise/applications/{running}/withdraw");
    browser.submit(&withdraw, &withdraw, &[]).await.expect(303);
    assert_eq!(scene.stage(running).await, "withdrawn");
    let check = scene.ready_to_confirm(browser).await;
    let refused = scene.confirm(browser, &check).await.expect(303);
    assert_eq!(refused.location(), scene.form());
    browser
        .get(&scene.form())
        .await
        .expect(200)
        .says("企业账户已被冻结，暂不能提交新的融资需求")
        .says("解除冻结后可以继续");
    assert_eq!(
        scene
            .count("select count(*) from financing_applications where stage = 'submitted'")
            .await,
        0
    );
    scene.workers().deliver_once().await.expect("it is told");
    let told = "select count(*) from messages where title = '企业账户已冻结' and enterprise_id is not null";
    assert_eq!(scene.count(told).await, 1);
    // And set free again by two.
    press(&second, &hold, &[("hold_reason", "已核实为本人注册")])
        .await
        .expect(303);
    press(&first, &scene.desk("/hold/confirm"), &[])
        .await
        .expect(303);
    assert_eq!(scene.count(standing).await, 0);
    let check = scene.ready_to_confirm(browser).await;
    scene.confirm(browser, &check).await.expect(303);
    assert_eq!(
        scene
            .count("select count(*) from financing_applications where stage = 'submitted'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_does_not_set_itself_free_even_by_the_database() {
    let scene = scene().await;
    scene.run("update enterprises set status = 'frozen'").await;
    let permit = scene
        .world
        .parts
        .guard
        .permit(
            &scene.actor(),
            application::access::Room::Financing,
            application::access::Action::Save,
        )
        .await
        .expect("its own room");
    let mut work = scene.world.parts.pg.open(&permit).await.expect("it opens");
    let told = sqlx::query("update enterprises set status = 'active'")
        .execute(work.connection())
        .await
        .expect_err("it is the city's");
    assert!(told.to_string().contains("its own standing"), "{told}");
}
