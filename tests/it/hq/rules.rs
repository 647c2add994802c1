//! 派单规则: their order, their dry run, and who changes them.

use domain::ids::TenantId;
use journeys::{Answer, StaffFixture};

use super::{Scene, row, scene, step};

impl Scene {
    /// The dossier says in which county the enterprise is.
    async fn stands_in(&self, county: &str) {
        sqlx::query(
            "insert into application_dossiers values ($1, $2, $3, jsonb_build_object('company_name', '', 'unified_social_credit_code',
               '', 'registered_capital_cents', null, 'legal_representative', '', 'legal_id', '', 'contact_phone', '', 'county', $4::text,
               'industry', '', 'email', '', 'first_loan', false), '\\x00', now())",
        )
        .bind(self.application.0)
        .bind(self.world.cangzhou.id.0)
        .bind(self.owner.id.0)
        .bind(county)
        .execute(&self.world.owner)
        .await
        .expect("the dossier is there");
    }

    async fn rule(&self, county: &str, most_open: &str, branch: TenantId) -> Answer {
        let branch = branch.0.to_string();
        let fields = [
            ("county", county),
            ("product", ""),
            ("most_open", most_open),
            ("rule_branch", branch.as_str()),
        ];
        self.admin
            .browser
            .submit("/hq/rules", "/hq/rules", &fields)
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_choose_the_branch_in_their_order_and_the_dry_run_says_why() {
    let scene = scene().await;
    scene.stands_in("河北省沧州市盐山县").await;
    scene.give_back().await;
    let browser = &scene.admin.browser;
    browser
        .get("/hq/rules")
        .await
        .expect(200)
        .says("还没有派单规则")
        .says("没有适用的规则，请人工选择支行");
    // 盐山县 goes to 青县支行, which does not carry the product: that rule never fits; then everything to 新华支行.
    scene.rule("130925", "", scene.without).await.expect(303);
    scene.rule("", "5", scene.xinhua).await.expect(303);
    scene.rule("130925", "", scene.canal).await.expect(303);
    scene
        .rule("", "", scene.xinhua)
        .await
        .expect(422)
        .says("已有相同的规则");
    scene
        .rule("999999", "0", scene.xinhua)
        .await
        .expect(422)
        .says("待办上限应为");
    let page = browser.get("/hq/rules").await.expect(200);
    let trial = row(&page, &scene.number().await);
    assert!(
        trial.contains("新华支行") && trial.contains("第 2 条规则"),
        "{trial}"
    );
    // Whoever does not send requests on comes to the request, not before a door that is closed to them.
    let path = scene.path("/dispatch");
    assert!(trial.contains(&format!("href=\"{path}\"")), "{trial}");
    let page = scene.hq_approver.browser.get("/hq/rules").await.expect(200);
    let seen = row(&page, &scene.number().await);
    let detail = scene.path("");
    assert!(seen.contains(&format!("href=\"{detail}\"")), "{seen}");
    let approver = &scene.hq_approver.browser;
    approver.get(&detail).await.expect(200);
    // Nothing has moved; the form is filled, and a person sends it.
    assert_eq!(scene.stage().await, "returned_to_hq");
    let form = browser
        .get(&format!("{path}?by=rule"))
        .await
        .expect(200)
        .says("第 2 条派单规则适用");
    let xinhua = scene.xinhua.0.to_string();
    assert!(form.text().contains("checked"), "the branch is chosen");
    let fields = [("branch", xinhua.as_str()), ("move_reason", "按派单规则。")];
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    assert_eq!(scene.stage().await, "submitted");
    // A full branch is passed over.
    for _ in 0..5 {
        scene.another(scene.xinhua).await;
    }
    let waiting = scene.another(scene.canal).await;
    let number: String =
        sqlx::query_scalar("select application_no from financing_applications where id = $1")
            .bind(waiting.0)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it waits");
    let page = browser.get("/hq/rules").await.expect(200);
    let trial = row(&page, &number);
    assert!(trial.contains("没有适用的规则"), "{trial}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rule_chooses_a_branch_that_gave_the_request_back_before() {
    let scene = scene().await;
    scene.give_back().await;
    scene.rule("", "", scene.canal).await.expect(303);
    let xinhua = scene.xinhua.0.to_string();
    let fields = [("branch", xinhua.as_str()), ("move_reason", "就近办理")];
    let sent = scene.deed(&scene.admin, "/dispatch", &fields).await;
    sent.expect(303);
    scene.came_back("intake_timeout", "", "").await;
    let browser = &scene.admin.browser;
    let page = browser.get("/hq/rules").await.expect(200);
    let trial = row(&page, &scene.number().await);
    assert!(trial.contains("没有适用的规则"), "{trial}");
    let form = browser
        .get(&format!("{}?by=rule", scene.path("/dispatch")))
        .await
        .expect(200);
    assert!(!form.text().contains("条派单规则适用"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_moved_and_removed_by_an_administrator_of_the_own_bank_only() {
    let scene = scene().await;
    scene.rule("", "", scene.canal).await.expect(303);
    scene.rule("", "", scene.xinhua).await.expect(303);
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from dispatch_rules order by position")
            .fetch_all(&scene.world.owner)
            .await
            .expect("they are there");
    let press = |who: &StaffFixture, id: uuid::Uuid, action: &'static str, key: &'static str| {
        let browser = who.browser.clone();
        async move {
            let own = browser.get("/branch/account").await.expect(200);
            let fields = [("_action", action), ("_key", key)];
            browser
                .submit_from(&own, &format!("/hq/rules/{id}"), &fields)
                .await
        }
    };
    let order = || async {
        sqlx::query_scalar::<_, uuid::Uuid>("select id from dispatch_rules order by position")
            .fetch_all(&scene.world.owner)
            .await
            .expect("they are there")
    };
    for (who, status) in [
        (&scene.stranger, 404),
        (&scene.hq_approver, 403),
        (&scene.clerk, 404),
    ] {
        let answer = press(who, ids[1], "up", "0123456789abcdef0000").await;
        assert_eq!(answer.status.as_u16(), status);
    }
    assert_eq!(order().await, ids);
    // Pressed twice with the same key it moves once.
    for _ in 0..2 {
        press(&scene.admin, ids[1], "up", "0123456789abcdef0001")
            .await
            .expect(303);
    }
    assert_eq!(order().await, [ids[1], ids[0]]);
    press(&scene.admin, ids[1], "remove", "0123456789abcdef0002")
        .await
        .expect(303);
    assert_eq!(order().await, [ids[0]]);
    press(&scene.admin, ids[1], "remove", "0123456789abcdef0003")
        .await
        .expect(404);
}
