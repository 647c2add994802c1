//! 企业管理员 (W26): handed over to somebody who accepts; changed by two operators after a day in which the owner may object.

use application::access::{Action, Actor, Origin, Room};
use domain::tenant::{Role, TenantKind};
use journeys::{Browser, EnterpriseFixture, StaffFixture, World};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use yijianrong::workers::Workers;

const OWN: &str = "/enterprise/handover";
const PHONE: &str = "19900005511";

struct Scene {
    world: World,
    owner: EnterpriseFixture,
    member: Uuid,
    heir: Browser,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let owner = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let member = world.member(&owner, "时嘉宁", PHONE, "eu").await;
    let kind = application::ports::sessions::SessionKind::Enterprise;
    let heir = world.signed_in(member, kind, "cangzhou.localhost").await;
    Scene {
        world,
        owner,
        member: member.0,
        heir,
    }
}

impl Scene {
    /// Everybody has just proved themselves.
    async fn proved(&self) {
        sqlx::query("update sessions set proved_at = $1")
            .bind(self.world.parts.clock.now())
            .execute(&self.world.owner)
            .await
            .expect("they are proved");
        self.world.parts.sessions.forget();
    }

    async fn operators(&self) -> [StaffFixture; 2] {
        let city = self.world.cangzhou.id;
        let first = self.world.staff(city, "宋知远", &["op"]).await;
        let second = self.world.staff(city, "卫之行", &["op"]).await;
        for one in [&first, &second] {
            one.browser.prove().await;
        }
        [first, second]
    }

    /// The roles of the old owner and of the member, or what else became of them.
    async fn standing(&self) -> [String; 2] {
        let mut all = Vec::new();
        for id in [self.owner.user.0, self.member] {
            let row: String = sqlx::query_scalar(
                "select status || ' ' || array_to_string(roles, ',') from users where id = $1",
            )
            .bind(id)
            .fetch_one(&self.world.owner)
            .await
            .expect("the person");
            all.push(row);
        }
        [all.remove(0), all.remove(0)]
    }

    async fn ask(&self) {
        let path = format!("/enterprise/people/{}/handover", self.member);
        let form = self.owner.browser.get(&path).await.expect(200);
        let asked = self.owner.browser.submit_from(&form, &path, &[]).await;
        assert_eq!(asked.expect(303).location(), OWN);
    }

    async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql)
            .fetch_all(&self.world.owner)
            .await
            .expect("it answers")
    }

    /// 注销 that the owner asked for a week before this moment.
    async fn closing_due(&self, at: OffsetDateTime) {
        sqlx::query(
            "insert into account_closings (id, tenant_id, enterprise_id, asked_by, asked_at, effective_at)
             values (gen_random_uuid(), $1, $2, $3, $4, $5)",
        )
        .bind(self.world.cangzhou.id.0)
        .bind(self.owner.id.0)
        .bind(self.owner.user.0)
        .bind(at - Duration::days(7))
        .bind(at)
        .execute(&self.world.owner)
        .await
        .expect("it is asked for");
    }

    /// Whether 注销 was called off, and how the enterprise stands.
    async fn closing(&self) -> Vec<String> {
        self.texts(
            "select case when c.kept_at is null then 'waits' else 'kept' end || ' ' || e.status from account_closings c
             join enterprises e on e.id = c.enterprise_id",
        )
        .await
    }

    async fn change(&self) -> Uuid {
        sqlx::query_scalar("select id from ownership_changes where status = 'open'")
            .fetch_one(&self.world.owner)
            .await
            .expect("one waits")
    }

    async fn answer(&self, who: &Browser, word: &str) -> journeys::Answer {
        let path = format!("{OWN}/{}", self.change().await);
        let key = Uuid::new_v4().simple().to_string();
        let fields = [("_action", word), ("_key", key.as_str())];
        who.submit(OWN, &path, &fields).await
    }

    /// The first operator asks for this person.
    async fn ask_city(&self, operator: &Browser, to: &[(&str, &str)]) {
        let path = format!("{}/replace", self.page());
        let mut fields = vec![
            ("evidence", "柜面核验 GM20261127001"),
            ("owner_reason", "原管理员离职，手机号已停用"),
        ];
        fields.extend_from_slice(to);
        let asked = operator.submit(&path, &path, &fields).await;
        asked.expect(303);
    }

    async fn confirm(&self, operator: &Browser) -> journeys::Answer {
        let path = format!("{}/replace/confirm", self.page());
        let form = operator.get(&path).await;
        if form.status != 200 {
            return form;
        }
        let change = form.input("change").expect("the page names the change");
        let fields = [("change", change.as_str())];
        operator.submit_from(&form, &path, &fields).await
    }

    /// How often the enterprise was told that the owner stays.
    async fn told_of_the_end(&self) -> i64 {
        yijianrong::workers::Workers::new(&self.world.parts)
            .deliver_once()
            .await
            .expect("it runs");
        sqlx::query_scalar(
            "select count(*) from messages where enterprise_id = $1 and title = '更换企业管理员的申请已终止'",
        )
        .bind(self.owner.id.0)
        .fetch_one(&self.world.owner)
        .await
        .expect("they are counted")
    }

    fn page(&self) -> String {
        format!("/operator/enterprises/{}/owner", self.owner.id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enterprise_is_handed_over_to_somebody_who_accepts_and_is_verified_anew() {
    let scene = scene().await;
    let path = format!("/enterprise/people/{}/handover", scene.member);
    let first = scene.owner.browser.get(&path).await.expect(303);
    assert!(first.location().contains("/verify?next="), "a proof first");
    scene.proved().await;
    scene.ask().await;
    assert_eq!(scene.standing().await, ["active eo", "active eu"]);
    // Nobody but the one who was asked takes it over.
    let refused = scene.answer(&scene.owner.browser, "accept").await;
    refused.expect(404);
    scene.heir.get(OWN).await.expect(200).says("接任企业管理员");
    scene.answer(&scene.heir, "accept").await.expect(303);
    assert_eq!(scene.standing().await, ["active eu", "active eo"]);
    let old = scene.owner.browser.get("/enterprise").await;
    assert_eq!(old.status, 303, "the old owner signs in anew");
    scene.heir.get("/enterprise/people").await.expect(200);
    let faces: i64 = sqlx::query_scalar(
        "select count(*) from users where enterprise_id = $1 and face_verified_at is not null",
    )
    .bind(scene.owner.id.0)
    .fetch_one(&scene.world.owner)
    .await
    .expect("they are counted");
    assert_eq!(faces, 0, "the face has to be checked anew");
    let texts: Vec<String> = sqlx::query_scalar(
        "select payload->>'template' from outbox where topic = 'account.sms' order by 1",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("the messages");
    assert_eq!(texts, ["owner_changed", "owner_changed", "owner_handover"]);
    let log: Vec<String> = sqlx::query_scalar(
        "select action from audit_entries where action like 'team.%' and outcome = 'ok' order by at, id",
    )
    .fetch_all(&scene.world.owner)
    .await
    .expect("the log");
    assert_eq!(log, ["team.hand_over", "team.accept_handover"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_is_declined_or_taken_back_and_is_over_after_a_week() {
    let scene = scene().await;
    scene.proved().await;
    scene.ask().await;
    scene.answer(&scene.heir, "decline").await.expect(303);
    scene.ask().await;
    let again = scene.answer(&scene.owner.browser, "withdraw").await;
    again.expect(303);
    scene.ask().await;
    sqlx::query("alter table ownership_changes disable trigger change_is_settled_once")
        .execute(&scene.world.owner)
        .await
        .expect("time passes");
    sqlx::query("update ownership_changes set open_until = $1 where status = 'open'")
        .bind(scene.world.parts.clock.now() - Duration::seconds(1))
        .execute(&scene.world.owner)
        .await
        .expect("time passes");
    // Whoever was asked may still say no; the owner reads why nothing happens.
    let asked = scene.heir.get(OWN).await.expect(200).says("不接任");
    let asked = asked.says("已超过确认时间").text();
    assert!(!asked.contains("value=\"accept\""), "{asked}");
    let waits = scene.owner.browser.get(OWN).await.expect(200);
    waits.says("移交没有生效").says("撤回移交");
    let late = scene.answer(&scene.heir, "accept").await;
    late.expect(409).says("已超过确认时间");
    assert_eq!(scene.standing().await, ["active eo", "active eu"]);
    // What lapsed is in nobody's way: another one is asked for, and accepted.
    scene.ask().await;
    scene.answer(&scene.heir, "accept").await.expect(303);
    assert_eq!(scene.standing().await, ["active eu", "active eo"]);
    let all = "select status from ownership_changes order by status";
    assert_eq!(
        scene.texts(all).await,
        ["confirmed", "declined", "withdrawn", "withdrawn"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_change_an_owner_only_after_the_day_for_objecting() {
    let scene = scene().await;
    let [first, second] = scene.operators().await;
    let member = scene.member.to_string();
    scene
        .ask_city(&first.browser, &[("owner_to", member.as_str())])
        .await;
    let early = scene.confirm(&second.browser).await;
    early.expect(409).says("提出异议");
    scene.world.clock.advance(Duration::hours(25));
    let kind = application::ports::sessions::SessionKind::Staff;
    let world = &scene.world;
    let browser = world.signed_in(second.user, kind, "cangzhou.localhost");
    let second = StaffFixture {
        browser: browser.await,
        ..second
    };
    second.browser.prove().await;
    scene.confirm(&second.browser).await.expect(303);
    assert_eq!(scene.standing().await, ["dismissed eo", "active eo"]);
    let seen = second.browser.get(&scene.page()).await.expect(200);
    seen.says("卫之行已确认");
    let alive: i64 = sqlx::query_scalar(
        "select count(*) from sessions s join users u on u.id = s.user_id where u.enterprise_id = $1 and s.ended_at is null",
    )
    .bind(scene.owner.id.0)
    .fetch_one(&scene.world.owner)
    .await
    .expect("they are counted");
    assert_eq!(alive, 0, "everybody signs in anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_does_not_confirm_and_the_owner_objects() {
    let scene = scene().await;
    let [first, second] = scene.operators().await;
    let new = [
        ("owner_to", "new"),
        ("member_name", "和宏屹"),
        ("phone", "19900005599"),
    ];
    scene.ask_city(&first.browser, &new).await;
    let own = scene.confirm(&first.browser).await;
    own.expect(409).says("两个人");
    // While the city is at it, nothing is handed over.
    scene.proved().await;
    let path = format!("/enterprise/people/{}/handover", scene.member);
    let form = scene.owner.browser.get(&path).await.expect(200);
    let refused = scene.owner.browser.submit_from(&form, &path, &[]).await;
    let refused = refused
        .expect(409)
        .says("平台正在办理更换企业管理员")
        .says("返回企业管理")
        .says(&format!("href=\"{OWN}\""))
        .text();
    assert!(!refused.contains("返回工作台"), "{refused}");
    let home = scene.owner.browser.get("/enterprise").await.expect(200);
    home.says("平台收到更换企业管理员的申请").says(OWN);
    let people = scene.owner.browser.get("/enterprise/people").await;
    people.expect(200).says(OWN);
    let stranger = scene.answer(&scene.heir, "object").await;
    assert!(stranger.status.is_client_error(), "{}", stranger.status);
    scene
        .answer(&scene.owner.browser, "object")
        .await
        .expect(303);
    assert_eq!(scene.standing().await, ["active eo", "active eu"]);
    let awaited: i64 = sqlx::query_scalar("select count(*) from users where status = 'invited'")
        .fetch_one(&scene.world.owner)
        .await
        .expect("they are counted");
    assert_eq!(awaited, 0, "whoever was to come is not awaited any more");
    assert_eq!(scene.told_of_the_end().await, 1);
    let nothing = scene.confirm(&second.browser).await;
    nothing.expect(409).says("没有等待确认的申请");
    // Taken back by whoever asked, the enterprise hears of it as well.
    let member = scene.member.to_string();
    scene
        .ask_city(&first.browser, &[("owner_to", member.as_str())])
        .await;
    let path = format!("{}/replace/withdraw", scene.page());
    let form = first.browser.get(&path).await.expect(200);
    let change = form.input("change").expect("the page names the change");
    let fields = [("change", change.as_str())];
    let back = first.browser.submit_from(&form, &path, &fields).await;
    back.expect(303);
    assert_eq!(scene.told_of_the_end().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_owner_comes_by_a_link_to_the_new_phone() {
    let scene = scene().await;
    let [first, _] = scene.operators().await;
    let taken = [
        ("owner_to", "new"),
        ("member_name", "和宏屹"),
        ("phone", PHONE),
        ("evidence", "函件 2026-11"),
        ("owner_reason", "原管理员离职"),
    ];
    let path = format!("{}/replace", scene.page());
    let refused = first.browser.submit(&path, &path, &taken).await;
    refused.expect(422).says("该手机号在本平台已有账号");
    let new = [
        ("owner_to", "new"),
        ("member_name", "和宏屹"),
        ("phone", "19900005599"),
    ];
    scene.ask_city(&first.browser, &new).await;
    scene.world.clock.advance(Duration::hours(25));
    let [second, _] = scene.operators().await;
    scene.confirm(&second.browser).await.expect(303);
    assert_eq!(scene.standing().await, ["dismissed eo", "active eu"]);
    let links: i64 =
        sqlx::query_scalar("select count(*) from demo_inbox where text like '%/join/%'")
            .fetch_one(&scene.world.owner)
            .await
            .expect("they are counted");
    assert_eq!(links, 1);
    let page = second.browser.get(&scene.page()).await.expect(200);
    page.says("重新发送链接");
    let again = format!("{}/again", scene.page());
    let again = second.browser.submit(&scene.page(), &again, &[]).await;
    again.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_sql_confirms_an_owner_before_the_time_for_objecting_is_over() {
    let scene = scene().await;
    let [first, second] = scene.operators().await;
    let member = scene.member.to_string();
    scene
        .ask_city(&first.browser, &[("owner_to", member.as_str())])
        .await;
    let refused = sqlx::query(
        "update ownership_changes set status = 'confirmed', settled_by = $1, settled_name = '卫之行', settled_at = $2",
    )
    .bind(second.user.0)
    .bind(scene.world.parts.clock.now())
    .execute(&scene.world.owner)
    .await
    .expect_err("a trigger says no");
    assert!(
        refused.to_string().contains("time for objecting"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_never_came_is_changed_again_and_their_link_is_over() {
    let scene = scene().await;
    // The first phone was mistyped.
    for phone in ["19900005598", "19900005599"] {
        let [first, _] = scene.operators().await;
        let new = [
            ("owner_to", "new"),
            ("member_name", "和宏屹"),
            ("phone", phone),
        ];
        scene.ask_city(&first.browser, &new).await;
        scene.world.clock.advance(Duration::hours(25));
        let [second, _] = scene.operators().await;
        scene.confirm(&second.browser).await.expect(303);
    }
    let owners = "select status from users where 'eo' = any(roles) order by status";
    assert_eq!(
        scene.texts(owners).await,
        ["dismissed", "dismissed", "invited"]
    );
    let good = "select u.status from enterprise_invitations i join users u on u.id = i.user_id
                where i.used_at is null and i.cancelled_at is null";
    assert_eq!(scene.texts(good).await, ["invited"], "one link is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_the_owner_whose_phone_was_taken_since() {
    let scene = scene().await;
    let [first, _] = scene.operators().await;
    let new = [
        ("owner_to", "new"),
        ("member_name", "和宏屹"),
        ("phone", "19900005599"),
    ];
    scene.ask_city(&first.browser, &new).await;
    let city = scene.world.cangzhou.id;
    let other = "沧州市泊沅铸造有限公司";
    scene.world.new_enterprise(city, other, "19900005599").await;
    scene.world.clock.advance(Duration::hours(25));
    let [second, _] = scene.operators().await;
    let refused = scene.confirm(&second.browser).await;
    refused.expect(409).says("该手机号在本平台已有账号");
    assert_eq!(scene.standing().await, ["active eo", "active eu"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_waits_for_a_recovery_and_goes_with_the_owner_who_asked_for_it() {
    let scene = scene().await;
    let now = scene.world.parts.clock.now();
    scene.closing_due(now + Duration::hours(1)).await;
    let [first, _] = scene.operators().await;
    let member = scene.member.to_string();
    scene
        .ask_city(&first.browser, &[("owner_to", member.as_str())])
        .await;
    scene.world.clock.advance(Duration::hours(25));
    let workers = Workers::new(&scene.world.parts);
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.closing().await, ["waits active"]);
    let [second, _] = scene.operators().await;
    scene.confirm(&second.browser).await.expect(303);
    workers.sweep_once().await.expect("it runs");
    assert_eq!(scene.closing().await, ["kept active"]);
    let told = "select topic from outbox where topic like 'account.%' and topic <> 'account.sms'";
    assert_eq!(scene.texts(told).await, ["account.kept"]);
    let log = "select action from audit_entries where action like 'account.close%'";
    assert_eq!(scene.texts(log).await, ["account.close.keep"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_goes_with_a_handover_as_well() {
    let scene = scene().await;
    let now = scene.world.parts.clock.now();
    scene.closing_due(now + Duration::days(3)).await;
    scene.proved().await;
    scene.ask().await;
    assert_eq!(scene.closing().await, ["waits active"]);
    scene.answer(&scene.heir, "accept").await.expect(303);
    assert_eq!(scene.closing().await, ["kept active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_does_not_remove_whom_the_city_is_about_to_put_in_their_place() {
    let scene = scene().await;
    let [first, _] = scene.operators().await;
    let member = scene.member.to_string();
    scene
        .ask_city(&first.browser, &[("owner_to", member.as_str())])
        .await;
    let path = format!("/enterprise/people/{member}");
    let key = Uuid::new_v4().simple().to_string();
    let remove = [("_action", "remove"), ("_key", key.as_str())];
    let browser = &scene.owner.browser;
    let refused = browser.submit("/enterprise/people", &path, &remove).await;
    refused.expect(409).says("平台正在办理更换企业管理员");
    assert_eq!(scene.standing().await, ["active eo", "active eu"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_that_was_used_up_makes_no_owner_again() {
    let scene = scene().await;
    scene.proved().await;
    scene.ask().await;
    scene.answer(&scene.heir, "accept").await.expect(303);
    // And back again.
    let kind = application::ports::sessions::SessionKind::Enterprise;
    let first = scene.owner.user;
    let old = scene.world.signed_in(first, kind, "cangzhou.localhost");
    let old = old.await;
    scene.proved().await;
    scene.world.clock.advance(Duration::seconds(1));
    let path = format!("/enterprise/people/{first}/handover");
    let form = scene.heir.get(&path).await.expect(200);
    let asked = scene.heir.submit_from(&form, &path, &[]).await;
    asked.expect(303);
    scene.answer(&old, "accept").await.expect(303);
    assert_eq!(scene.standing().await, ["active eo", "active eu"]);
    let city = scene.world.cangzhou.id;
    let actor = Actor {
        user: first,
        name: "顾屹舟".to_owned(),
        tenant: city,
        tenant_kind: TenantKind::City,
        tenant_name: scene.world.cangzhou.name.clone(),
        city,
        reach: [city].into(),
        enterprise: Some(scene.owner.id),
        roles: vec![Role::EnterpriseOwner],
        session: Uuid::nil(),
        from: Origin::default(),
    };
    let guard = &scene.world.parts.guard;
    let permit = guard.permit(&actor, Room::People, Action::Save).await;
    let permit = permit.expect("an owner may");
    let mut work = scene.world.parts.pg.open(&permit).await.expect("it opens");
    let made = sqlx::query("update users set roles = array['eo'] where id = $1")
        .bind(scene.member)
        .execute(work.connection())
        .await
        .expect_err("a trigger says no");
    assert!(made.to_string().contains("does not make owners"), "{made}");
}
