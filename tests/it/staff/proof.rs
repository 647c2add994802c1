//! 验证身份 before what weighs (S-41): five minutes, a new session id, and nothing typed is lost.

use journeys::{Browser, PASSWORD, World};
use time::Duration;

struct Scene {
    world: World,
    approver: Browser,
    path: String,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let product = world.product(bank, "惠民抵押贷", &[branch]).await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let approver = world.staff(branch, "邬志航", &["ba"]).await;
    let application = world
        .submitted_application(&owner, bank, branch, product)
        .await;
    sqlx::query(
        "insert into application_events (id, tenant_id, application_id, seq, kind, to_stage, actor_kind, actor_role, at)
         select gen_random_uuid(), $1, $2, n, k, s, 'enterprise', 'eo', $3
         from (values (1, 'save_draft', 'draft'), (2, 'submit', 'submitted')) v(n, k, s)",
    )
    .bind(world.cangzhou.id.0)
    .bind(application.0)
    .bind(world.parts.clock.now())
    .execute(&world.owner)
    .await
    .expect("the log is there");
    let accept = format!("/branch/applications/{application}/accept");
    clerk
        .browser
        .submit(&accept, &accept, &[("_action", "confirm")])
        .await
        .expect(303);
    Scene {
        path: format!("/branch/applications/{application}/reject"),
        approver: approver.browser,
        world,
    }
}

const REFUSAL: [(&str, &str); 2] = [
    ("reasons", "collateral"),
    ("opinion", "抵押物价值不足，“请”补足 & 再来。"),
];

impl Scene {
    async fn stage(&self) -> String {
        sqlx::query_scalar("select stage from financing_applications")
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    /// The refusal for good, from a form that was opened before.
    async fn confirm(&self, form: &journeys::Answer) -> journeys::Answer {
        let version = form.input("version").expect("a version");
        let mut fields = vec![("version", version.as_str()), ("_action", "confirm")];
        fields.extend(REFUSAL);
        self.approver.submit_from(form, &self.path, &fields).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_comes_before_the_form_and_leads_back_to_it() {
    let scene = scene().await;
    let sent = scene.approver.get(&scene.path).await.expect(303);
    let door = format!("/staff/prove?next={}", scene.path);
    assert_eq!(sent.location(), door);
    let page = scene.approver.get(&door).await.expect(200).says("登录密码");
    let next = scene.path.as_str();
    for (typed, words) in [("", "请输入"), ("no", "当前密码不正确")] {
        let fields = [("current_password", typed), ("next", next)];
        scene
            .approver
            .submit_from(&page, "/staff/prove", &fields)
            .await
            .expect(422)
            .says(words);
    }
    let before = scene.approver.get("/branch").await.csrf();
    let fields = [("current_password", PASSWORD), ("next", next)];
    let done = scene
        .approver
        .submit_from(&page, "/staff/prove", &fields)
        .await
        .expect(303);
    assert_eq!(done.location(), next);
    let form = scene.approver.get(next).await.expect(200);
    assert_ne!(form.csrf(), before, "the session goes on under a new id");
    scene.confirm(&form).await.expect(303);
    assert_eq!(scene.stage().await, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_took_longer_than_the_proof_travels_through_it_whole() {
    let scene = scene().await;
    scene.approver.prove().await;
    let form = scene.approver.get(&scene.path).await.expect(200);
    scene.world.clock.advance(Duration::seconds(301));
    let sent = scene.confirm(&form).await.expect(307);
    assert_eq!(
        sent.location(),
        format!("/staff/prove?to={}", scene.path),
        "the form goes on to the proof"
    );
    assert_eq!(scene.stage().await, "accepted");
    // What a browser does with a 307: the same form to the other address.
    let version = form.input("version").expect("a version");
    let key = form.input("_key").expect("a key");
    let mut fields = vec![
        ("version", version.as_str()),
        ("_action", "confirm"),
        ("_key", key.as_str()),
    ];
    fields.extend(REFUSAL);
    let asked = scene
        .approver
        .submit_from(&form, sent.location(), &fields)
        .await
        .expect(200)
        .says("登录密码");
    let carried = asked.input("_carried").expect("it came along");
    let mut proof = vec![("_carried", carried.as_str()), ("_to", scene.path.as_str())];
    proof.push(("current_password", "no"));
    let asked = scene
        .approver
        .submit_from(&asked, "/staff/prove", &proof)
        .await
        .expect(422);
    assert_eq!(asked.input("_carried").as_deref(), Some(carried.as_str()));
    proof.pop();
    proof.push(("current_password", PASSWORD));
    let again = scene
        .approver
        .submit_from(&asked, "/staff/prove", &proof)
        .await
        .expect(200)
        .says("您填写的内容都已保留");
    for (name, value) in REFUSAL {
        let value = value.replace('&', "&amp;");
        assert!(again.text().contains(&value), "{name} came back");
    }
    scene.confirm(&again).await.expect(303);
    assert_eq!(scene.stage().await, "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_carried_to_no_foreign_address() {
    let scene = scene().await;
    let page = scene.approver.get("/staff/prove").await.expect(200);
    for to in ["https://evil.example/", "//evil.example", "/enterprise/x"] {
        let fields = [
            ("_carried", "a=b"),
            ("_to", to),
            ("current_password", PASSWORD),
        ];
        let page = scene.approver.get("/staff/prove").await.expect(200);
        let done = scene
            .approver
            .submit_from(&page, "/staff/prove", &fields)
            .await
            .expect(303);
        assert_eq!(done.location(), "/staff");
    }
    drop(page);
}
