//! The city over its requests: it sees clocks, urges, holds with two people, and never moves one.

use journeys::{StaffFixture, World};

use super::press;

/// A request at a branch, two operators, a supervisor, and the branch's people.
struct Held {
    world: World,
    bank: domain::ids::TenantId,
    application: domain::ids::FinancingApplicationId,
    owner: journeys::EnterpriseFixture,
    clerk: StaffFixture,
    first: StaffFixture,
    second: StaffFixture,
}

async fn held() -> Held {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let first = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    let second = world.staff(world.cangzhou.id, "陶清和", &["op"]).await;
    // To hold a request wants a fresh proof (S-41); the clock stands still, so these stay fresh.
    for person in [&first, &second] {
        person.browser.prove().await;
    }
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    Held {
        world,
        bank,
        application,
        owner,
        clerk,
        first,
        second,
    }
}

impl Held {
    fn city_path(&self, rest: &str) -> String {
        format!("/operator/applications/{}{rest}", self.application)
    }

    fn branch_path(&self, rest: &str) -> String {
        format!("/branch/applications/{}{rest}", self.application)
    }

    /// Days later nobody is signed in any more.
    async fn signed_in_again(mut self) -> Self {
        let kind = application::ports::sessions::SessionKind::Staff;
        for person in [&mut self.clerk, &mut self.first, &mut self.second] {
            let again = self
                .world
                .signed_in(person.user, kind, journeys::CANGZHOU_HOST);
            person.browser = again.await;
        }
        for person in [&self.first, &self.second] {
            person.browser.prove().await;
        }
        self
    }

    async fn due(&self) -> time::OffsetDateTime {
        sqlx::query_scalar("select due_at from financing_applications where id = $1")
            .bind(self.application.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("a clock runs")
    }

    async fn row(&self) -> (String, bool, i32) {
        sqlx::query_as("select stage, frozen, version from financing_applications where id = $1")
            .bind(self.application.0)
            .fetch_one(&self.world.owner)
            .await
            .expect("the application is there")
    }

    /// How many holds were asked for.
    async fn asked(&self) -> i64 {
        sqlx::query_scalar("select count(*) from hold_requests")
            .fetch_one(&self.world.owner)
            .await
            .expect("they are counted")
    }

    /// 申请冻结 or 解除 by the first operator, settled by the second.
    async fn hold(&self, reason: &str) {
        let page = self.city_path("/hold");
        let asked = press(&self.first.browser, &page, &[("hold_reason", reason)]).await;
        asked.expect(303);
        let page = self.city_path("/hold/confirm");
        let form = self
            .second
            .browser
            .get(&page)
            .await
            .expect(200)
            .says(reason);
        let hold = form.input("hold").expect("the page names the request");
        let fields = [("hold", hold.as_str())];
        let done = self.second.browser.submit_from(&form, &page, &fields).await;
        done.expect(303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_needs_two_people_and_then_every_action_of_the_bank_is_refused() {
    let held = held().await;
    let hold = held.city_path("/hold");
    press(&held.first.browser, &hold, &[])
        .await
        .expect(422)
        .says("请填写原因");
    press(
        &held.first.browser,
        &hold,
        &[("hold_reason", "疑似冒用他人身份")],
    )
    .await
    .expect(303);
    assert_eq!(
        held.row().await,
        ("submitted".into(), false, 2),
        "one person holds nothing"
    );
    // The one who asked cannot confirm, neither by page nor by hand.
    let page = held
        .first
        .browser
        .get(&held.city_path(""))
        .await
        .expect(200);
    page.says("需由另一位平台运营人员确认");
    let confirm = held.city_path("/hold/confirm");
    held.first.browser.get(&confirm).await.expect(409);
    let form = held.second.browser.get(&confirm).await.expect(200);
    let id = form.input("hold").expect("the page names the request");
    let csrf = held.first.browser.get("/branch/account").await.csrf();
    let by_hand = [
        ("_csrf", csrf.as_str()),
        ("_key", "0123456789abcdef0123"),
        ("hold", id.as_str()),
    ];
    held.first
        .browser
        .post(&confirm, &by_hand)
        .await
        .expect(409);
    assert!(!held.row().await.1);
    for _ in 0..2 {
        held.second
            .browser
            .submit_from(&form, &confirm, &[("hold", &id)])
            .await
            .expect(303);
    }
    assert_eq!(held.row().await, ("submitted".into(), true, 3));
    // Frozen: the branch reads why nothing goes on, and can do nothing.
    let accept = held.branch_path("/accept");
    let csrf = held.clerk.browser.get("/branch/account").await.csrf();
    let key = ("_key", "fedcba98765432100123");
    let pressed = [("_csrf", csrf.as_str()), key, ("_action", "confirm")];
    held.clerk
        .browser
        .post(&accept, &pressed)
        .await
        .expect(409)
        .says("冻结");
    held.clerk
        .browser
        .get(&held.branch_path(""))
        .await
        .expect(200)
        .says("冻结");
    // The enterprise reads that it is frozen and whom to ask, but not the reason; and may withdraw.
    let own = format!("/enterprise/applications/{}", held.application);
    let page = held
        .owner
        .browser
        .get(&own)
        .await
        .expect(200)
        .says("请联系平台");
    assert!(!page.text().contains("疑似冒用"), "{}", page.text());
    let withdraw = format!("{own}/withdraw");
    held.owner
        .browser
        .submit(&withdraw, &withdraw, &[])
        .await
        .expect(303);
    assert_eq!(held.row().await.0, "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_to_hold_a_request_takes_it_back_until_the_other_one_has_answered() {
    let held = held().await;
    let hold = held.city_path("/hold");
    let reason = [("hold_reason", "疑似冒用他人身份")];
    press(&held.first.browser, &hold, &reason).await.expect(303);
    let (withdraw, confirm) = (
        held.city_path("/hold/withdraw"),
        held.city_path("/hold/confirm"),
    );
    let second = &held.second.browser;
    second.get(&withdraw).await.expect(409).says("只有提出人");
    let answer = second.get(&confirm).await.expect(200);
    let id = answer.input("hold").expect("the page names the request");
    let named = ("hold", id.as_str());
    let by_hand = second.submit_from(&answer, &withdraw, &[named]).await;
    by_hand.expect(409).says("只有提出人可以撤回");
    let page = held.first.browser.get(&held.city_path("")).await;
    page.expect(200).says("/hold/withdraw").says("撤回申请");
    let form = held.first.browser.get(&withdraw).await.expect(200);
    let why = ("withdraw_reason", "已核实为本人申请");
    let long = "长".repeat(201);
    let first = &held.first.browser;
    first
        .submit_from(&form, &withdraw, &[named, ("withdraw_reason", &long)])
        .await
        .expect(422)
        .says("撤回原因最多 200 个字");
    let taken_back = first.submit_from(&form, &withdraw, &[named, why]).await;
    taken_back.expect(303);
    // Whoever had the page open is told, and nothing stands still.
    let late = second.submit_from(&answer, &confirm, &[named]).await;
    late.expect(409).says("已由宋知远撤回");
    assert_eq!(held.row().await, ("submitted".into(), false, 2));
    let page = second.get(&held.city_path("")).await.expect(200);
    page.says("宋知远已撤回").says("撤回原因：已核实为本人申请");
    // It may be asked for again, and what was declined is not taken back.
    press(first, &hold, &reason).await.expect(303);
    let form = first.get(&withdraw).await.expect(200);
    let id = form.input("hold").expect("the page names the request");
    let decline = held.city_path("/hold/decline");
    let answer = second.get(&decline).await.expect(200);
    let named = [("hold", id.as_str())];
    let declined = second.submit_from(&answer, &decline, &named).await;
    declined.expect(303);
    let late = first.submit_from(&form, &withdraw, &named).await;
    late.expect(409).says("已由陶清和处理");
    let rewritten = sqlx::query("update hold_requests set withdrawal = '改过'")
        .execute(&held.world.owner)
        .await;
    assert!(rewritten.is_err(), "what was settled stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_request_proves_first_and_loses_nothing_by_it() {
    let held = held().await;
    let kind = application::ports::sessions::SessionKind::Staff;
    let late = held
        .world
        .signed_in(held.first.user, kind, journeys::CANGZHOU_HOST)
        .await;
    let hold = held.city_path("/hold");
    let to_proof = late.get(&hold).await.expect(303);
    assert!(to_proof.location().starts_with("/staff/prove?next="));
    // A form that was open longer than the proof is fresh travels through another one.
    let form = held.first.browser.get(&hold).await.expect(200);
    held.world.clock.advance(time::Duration::minutes(6));
    let reason = [("hold_reason", "疑似冒用他人身份")];
    let sent = held
        .first
        .browser
        .submit_from(&form, &hold, &reason)
        .await
        .expect(307);
    assert!(sent.location().starts_with("/staff/prove?to="));
    assert_eq!(held.asked().await, 0);
    held.first.browser.prove().await;
    press(&held.first.browser, &hold, &reason).await.expect(303);
    assert_eq!(held.asked().await, 1);
    // The second person proves, too, to agree as well as to disagree.
    for step in ["/hold/confirm", "/hold/decline"] {
        let page = held.city_path(step);
        let to_proof = held.second.browser.get(&page).await.expect(303);
        assert!(to_proof.location().starts_with("/staff/prove?next="));
    }
    // Whoever cannot settle it proves nothing in vain.
    let confirm = held.city_path("/hold/confirm");
    late.get(&confirm).await.expect(409);
    // 督办 moves nothing and wants none.
    late.get(&held.city_path("/supervise")).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_of_the_time_is_left_when_the_hold_ends() {
    let held = held().await;
    let before = held.due().await;
    held.hold("疑似冒用他人身份").await;
    held.world.clock.advance(time::Duration::days(7));
    let held = held.signed_in_again().await;
    let page = held
        .first
        .browser
        .get(&held.city_path(""))
        .await
        .expect(200);
    page.says("时限暂停");
    held.hold("已核实为本人申请").await;
    assert!(!held.row().await.1);
    assert!(
        held.due().await > before + time::Duration::days(5),
        "a week of standing still is given back"
    );
    let accept = held.branch_path("/accept");
    held.clerk
        .browser
        .submit(&accept, &accept, &[("_action", "confirm")])
        .await
        .expect(303);
    let kinds: Vec<String> = sqlx::query_scalar(
        "select kind from application_events where application_id = $1 order by seq",
    )
    .bind(held.application.0)
    .fetch_all(&held.world.owner)
    .await
    .expect("the log is there");
    assert_eq!(kinds, ["freeze", "unfreeze", "accept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_and_supervisors_never_change_what_the_two_columns_say() {
    let held = held().await;
    let supervisor = held
        .world
        .staff(held.world.cangzhou.id, "季明远", &["os"])
        .await;
    for person in [&held.first, &supervisor] {
        let csrf = person.browser.get("/branch/account").await.csrf();
        for path in ["/accept", "/supplement", "/approve", "/reject"] {
            let fields = [
                ("_csrf", csrf.as_str()),
                ("_key", "0123456789abcdef0123"),
                ("_action", "confirm"),
                ("version", "2"),
                ("reasons", "other"),
                ("opinion", "平台代为处理"),
            ];
            let path = held.branch_path(path);
            let answer = person.browser.post(&path, &fields).await;
            assert!(
                [403, 404].contains(&answer.status.as_u16()),
                "{path}: {}",
                answer.status
            );
        }
    }
    // A supervisor sees and urges, but does not hold.
    supervisor
        .browser
        .get(&held.city_path(""))
        .await
        .expect(200);
    let hold = held.city_path("/hold");
    let csrf = supervisor.browser.get("/branch/account").await.csrf();
    let fields = [
        ("_csrf", csrf.as_str()),
        ("_key", "0123456789abcdef0123"),
        ("hold_reason", "试试"),
    ];
    supervisor.browser.post(&hold, &fields).await.expect(403);
    held.hold("疑似冒用他人身份").await;
    let (stage, frozen, _) = held.row().await;
    assert_eq!(
        (stage.as_str(), frozen),
        ("submitted", true),
        "待接单, 待审核 as before"
    );
    let page = held
        .first
        .browser
        .get(&held.city_path(""))
        .await
        .expect(200);
    page.says("待接单").says("待审核").says("已冻结");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_city_sees_no_dossier_no_amount_and_no_word_of_the_banks_own() {
    let held = held().await;
    let sql = "insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_role, actor_name, note, at)
               values (gen_random_uuid(), $1, $2, 2, 'decline_intake', 'returned_to_hq', 'staff', 'bm', '钱云诚', '银行内部的话', now())";
    sqlx::query(sql)
        .bind(held.world.cangzhou.id.0)
        .bind(held.application.0)
        .execute(&held.world.owner)
        .await
        .expect("the log is there");
    let page = held
        .first
        .browser
        .get(&held.city_path(""))
        .await
        .expect(200);
    let page = page.says("拒单").says("钱云诚").text();
    for secret in ["银行内部的话", "10.00 万元", "91130900", "身份证"] {
        assert!(!page.contains(secret), "{secret}");
    }
    let list = held
        .first
        .browser
        .get("/operator/applications")
        .await
        .expect(200);
    list.says("狮城商业银行运河支行")
        .says("沧州市瀚岳澜管道装备有限公司");
    let abroad = held.world.other.id;
    let stranger = held.world.staff(abroad, "北山运营", &["op"]).await;
    stranger.browser.get(&held.city_path("")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_request_is_urged_and_the_branch_leaves_a_receipt() {
    let held = held().await;
    let supervisor = held
        .world
        .staff(held.world.cangzhou.id, "季明远", &["os"])
        .await;
    let urge = held.city_path("/supervise");
    supervisor
        .browser
        .get(&urge)
        .await
        .expect(409)
        .says("尚未超过办理时限");
    held.world.clock.advance(time::Duration::days(4));
    // Four days later nobody is signed in any more.
    let kind = application::ports::sessions::SessionKind::Staff;
    let again = |user| held.world.signed_in(user, kind, journeys::CANGZHOU_HOST);
    let (supervisor, clerk) = (again(supervisor.user).await, again(held.clerk.user).await);
    supervisor
        .get("/operator")
        .await
        .expect(200)
        .says("已超时")
        .says("沧州市瀚岳澜管道装备有限公司");
    press(&supervisor, &urge, &[])
        .await
        .expect(422)
        .says("请填写督办内容");
    press(&supervisor, &urge, &[("notice_words", "请于今日内接单。")])
        .await
        .expect(303);
    supervisor
        .get(&held.city_path(""))
        .await
        .expect(200)
        .says("请于今日内接单。")
        .says("未阅");
    clerk
        .get("/branch")
        .await
        .expect(200)
        .says("请于今日内接单。");
    // Headquarters reads it on its own desk, with the way there.
    let hq = held.world.staff(held.bank, "梁承宇", &["ha"]).await;
    let hq = again(hq.user).await;
    let desk = hq.get("/hq").await.expect(200);
    desk.says("请于今日内接单。")
        .says(&held.branch_path(""))
        .says("未阅");
    let page = hq.get(&held.branch_path("")).await.expect(200);
    let read = held.branch_path("/supervision");
    hq.submit_from(&page, &read, &[]).await.expect(303);
    let desk = hq.get("/hq").await.expect(200).text();
    assert!(!desk.contains("请于今日内接单。"));
    let page = clerk
        .get(&held.branch_path(""))
        .await
        .expect(200)
        .says("平台督办");
    let read = held.branch_path("/supervision");
    clerk.submit_from(&page, &read, &[]).await.expect(303);
    let desk = clerk.get("/branch").await.expect(200).text();
    assert!(!desk.contains("请于今日内接单。"));
    supervisor
        .get(&held.city_path(""))
        .await
        .expect(200)
        .says("钱云诚已阅");
    assert_eq!(
        held.row().await,
        ("submitted".into(), false, 2),
        "the request itself did not move"
    );
    let rewritten = sqlx::query("update supervision_notices set words = '改过'")
        .execute(&held.world.owner)
        .await;
    assert!(
        rewritten.is_err(),
        "a notice that was sent is not rewritten"
    );
}
