use std::time::Duration;

use application::{outbox::QuietHours, ports::demo_inbox::DemoInbox as _};
use domain::ids::FinancingApplicationId;
use journeys::{EnterpriseFixture, World};
use serde_json::json;
use time::macros::datetime;
use uuid::Uuid;
use wiremock::{Mock, ResponseTemplate, matchers::path};
use yijianrong::workers::Workers;

use super::{Platform, bind, once, owner, room};

const SEND: &str = "/cgi-bin/message/subscribe/send";

/// A person with an application, and notices of it that are due.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) who: EnterpriseFixture,
    pub(super) application: FinancingApplicationId,
}

impl Scene {
    async fn on(world: World) -> Self {
        let bank = world.bank("狮城商业银行").await;
        let branch = world.branch(bank, "狮城商业银行运河支行").await;
        let product = world.product(bank, "惠民抵押贷", &[branch]).await;
        let who = world.ready_enterprise("甲公司", "19900002037").await;
        let application = world
            .submitted_application(&who, bank, branch, product)
            .await;
        Self {
            world,
            who,
            application,
        }
    }

    async fn notice(&self, template: &str) -> Uuid {
        let id = self.world.parts.clock.new_id();
        sqlx::query(
            "insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ($1, $2, 'application.sms', $3, $4, $4)",
        )
        .bind(id)
        .bind(self.world.cangzhou.id.0)
        .bind(json!({ "application": self.application.0, "template": template, "to": self.who.user.0 }))
        .bind(self.world.parts.clock.now())
        .execute(&self.world.owner)
        .await
        .expect("it is due");
        id
    }

    async fn grant(&self, template_id: &str, times: usize) {
        let (room, actor) = (room(&self.world), owner(&self.world, &self.who));
        for time in 0..times {
            let ids = [template_id.to_owned()];
            room.granted(&actor, &ids, &once(&format!("{template_id}{time}")))
                .await
                .expect("granted");
        }
    }

    async fn left(&self) -> i64 {
        sqlx::query_scalar("select coalesce(sum(remaining), 0) from wechat_grants")
            .fetch_one(&self.world.owner)
            .await
            .expect("counted")
    }

    async fn deliver(&self) {
        Workers::new(&self.world.parts)
            .deliver_once()
            .await
            .expect("it runs");
    }

    /// What the demonstration's SMS and mini-program sent, newest first.
    async fn inbox(&self) -> Vec<String> {
        let city = self.world.cangzhou.id;
        let shown = self.world.parts.door.latest(city, 50).await;
        let shown = shown.expect("it is read");
        shown.into_iter().map(|sms| sms.text).collect()
    }

    async fn next_at(&self, notice: Uuid) -> time::OffsetDateTime {
        sqlx::query_scalar("select next_at from outbox where id = $1")
            .bind(notice)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }

    /// As if an SMS of this notice had been tried just now.
    async fn tried_by_sms(&self, notice: Uuid, state: &str) {
        sqlx::query(
            "insert into sms_tries (id, tenant_id, message_id, template, phone_masked, provider, state, at)
             values ($1, $2, $3, 'approved', '199****2037', 'aliyun', $4, $5)",
        )
        .bind(self.world.parts.clock.new_id())
        .bind(self.world.cangzhou.id.0)
        .bind(notice)
        .bind(state)
        .bind(self.world.parts.clock.now())
        .execute(&self.world.owner)
        .await
        .expect("noted");
    }

    async fn is_done(&self, notice: Uuid) -> bool {
        sqlx::query_scalar("select done_at is not null from outbox where id = $1")
            .bind(notice)
            .fetch_one(&self.world.owner)
            .await
            .expect("it is there")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_message_goes_by_wechat_and_the_next_by_sms() {
    let scene = Scene::on(World::new().await).await;
    let actor = owner(&scene.world, &scene.who);
    bind(&scene.world, &actor, "demo-anna").await;
    scene.grant("demo-approved", 1).await;
    let first = scene.notice("approved").await;
    scene.deliver().await;
    assert!(scene.is_done(first).await);
    assert_eq!(scene.left().await, 0);
    let inbox = scene.inbox().await;
    assert_eq!(inbox.len(), 1, "{inbox:?}");
    assert!(inbox[0].starts_with("【订阅消息】审核通过：融资申请已通过审核"));
    let second = scene.notice("approved").await;
    scene.deliver().await;
    assert!(scene.is_done(second).await);
    let inbox = scene.inbox().await;
    assert_eq!(inbox.len(), 2);
    assert!(inbox[0].starts_with("【一键融平台】"), "{inbox:?}");
}

/// A scene whose mini-program is at a platform on this machine, with a person bound there.
pub(super) async fn at_the_platform(platform: &Platform, grants: usize) -> Scene {
    at_the_platform_with(platform, grants, |_| {}).await
}

async fn at_the_platform_with(
    platform: &Platform,
    grants: usize,
    change: impl Fn(&mut application::city::City),
) -> Scene {
    platform
        .answers(
            "/sns/jscode2session",
            &json!({ "openid": "o-anna", "session_key": "k" }),
        )
        .await;
    platform
        .answers(
            "/cgi-bin/stable_token",
            &json!({ "access_token": "T", "expires_in": 7200 }),
        )
        .await;
    let scene = Scene::on(platform.world_with(change).await).await;
    let actor = owner(&scene.world, &scene.who);
    bind(&scene.world, &actor, "code").await;
    scene.grant("tmpl-approved", grants).await;
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn when_wechat_knows_of_no_grant_all_are_void_and_the_sms_goes() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 3).await;
    platform.answers(SEND, &json!({ "errcode": 43_101 })).await;
    let notice = scene.notice("approved").await;
    scene.deliver().await;
    assert!(scene.is_done(notice).await);
    assert_eq!(scene.left().await, 0);
    assert_eq!(scene.inbox().await.len(), 1);
    assert_eq!(platform.asked(SEND).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_is_not_the_persons_keeps_the_grant_and_the_sms_goes() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 1).await;
    platform.answers(SEND, &json!({ "errcode": 40_037 })).await;
    let notice = scene.notice("approved").await;
    scene.deliver().await;
    assert!(scene.is_done(notice).await);
    assert_eq!(scene.left().await, 1);
    assert_eq!(scene.inbox().await.len(), 1);
}

async fn silent(platform: &Platform) {
    Mock::given(path(SEND))
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(5)))
        .mount(&platform.server)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_silence_wechat_is_not_asked_again_and_the_sms_goes() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 5).await;
    silent(&platform).await;
    let notice = scene.notice("approved").await;
    scene.deliver().await;
    assert!(scene.is_done(notice).await);
    assert_eq!(platform.asked(SEND).await, 1);
    assert_eq!(scene.inbox().await.len(), 1);
    assert_eq!(scene.left().await, 4, "it may have bought a message");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_is_told_once_or_people_decide() {
    for answer in [
        ResponseTemplate::new(200).set_delay(Duration::from_secs(5)),
        super::json_text(&json!({ "errcode": -1 })),
    ] {
        let platform = Platform::new().await;
        let scene = at_the_platform(&platform, 0).await;
        scene.grant("tmpl-disbursed", 3).await;
        Mock::given(path(SEND))
            .respond_with(answer)
            .mount(&platform.server)
            .await;
        let notice = scene.notice("disbursed").await;
        for _ in 0..3 {
            scene.deliver().await;
            scene.world.clock.advance(time::Duration::hours(2));
        }
        assert!(!scene.is_done(notice).await);
        assert_eq!(platform.asked(SEND).await, 1);
        assert!(scene.inbox().await.is_empty());
        let city = scene.world.cangzhou.id;
        let operator = scene.world.staff(city, "宋知远", &["op"]).await;
        operator
            .browser
            .get("/operator/deliveries")
            .await
            .expect(200)
            .says("微信没有明确答复，消息可能已经发出");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_gone_out_by_sms_does_not_go_by_wechat() {
    for (state, allowed) in [("unclear", 0), ("accepted", 0), ("throttled", 1)] {
        let platform = Platform::new().await;
        let scene = at_the_platform(&platform, 1).await;
        platform.answers(SEND, &json!({ "errcode": 0 })).await;
        let notice = scene.notice("approved").await;
        scene.tried_by_sms(notice, state).await;
        scene.deliver().await;
        assert_eq!(platform.asked(SEND).await, allowed, "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_sms_that_may_have_gone_out_keeps_wechat_quiet_whatever_came_after_it() {
    let platform = Platform::new().await;
    let scene = at_the_platform(&platform, 1).await;
    platform.answers(SEND, &json!({ "errcode": 0 })).await;
    let notice = scene.notice("approved").await;
    for state in ["unclear", "refused"] {
        scene.tried_by_sms(notice, state).await;
    }
    scene.deliver().await;
    assert_eq!(platform.asked(SEND).await, 0);
    assert_eq!(scene.left().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_or_a_used_up_budget_of_sms_holds_no_message_of_wechat_back() {
    let platform = Platform::new().await;
    let scene = at_the_platform_with(&platform, 2, |city| {
        city.sms_daily_budget = 1;
        city.sms_quiet = QuietHours::new(21, 8);
    })
    .await;
    platform.answers(SEND, &json!({ "errcode": 0 })).await;
    scene.world.clock.set(datetime!(2026-11-26 23:10 +8));
    let (granted, by_sms) = (
        scene.notice("approved").await,
        scene.notice("rejected").await,
    );
    scene.deliver().await;
    assert!(scene.is_done(granted).await);
    assert_eq!(
        scene.next_at(by_sms).await,
        datetime!(2026-11-27 08:00 +8),
        "the SMS waits for the morning"
    );
    scene.world.clock.set(datetime!(2026-11-27 08:00 +8));
    scene.tried_by_sms(Uuid::nil(), "accepted").await;
    let granted = scene.notice("approved").await;
    scene.deliver().await;
    assert!(scene.is_done(granted).await);
    assert_eq!(platform.asked(SEND).await, 2);
    assert!(!scene.is_done(by_sms).await);
    assert!(scene.inbox().await.is_empty());
    scene.world.clock.advance(time::Duration::hours(25));
    scene.deliver().await;
    assert!(scene.is_done(by_sms).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_that_wechat_asks_for_is_kept_and_costs_no_grant() {
    for (errcode, seconds) in [(45_011, 60), (45_009, 3_600)] {
        let platform = Platform::new().await;
        let scene = at_the_platform(&platform, 1).await;
        Mock::given(path(SEND))
            .respond_with(super::json_text(&json!({ "errcode": errcode })))
            .up_to_n_times(1)
            .mount(&platform.server)
            .await;
        platform.answers(SEND, &json!({ "errcode": 0 })).await;
        let notice = scene.notice("approved").await;
        scene.deliver().await;
        assert!(!scene.is_done(notice).await);
        assert_eq!(scene.left().await, 1);
        let wait = time::Duration::seconds(seconds);
        let asked = scene.world.parts.clock.now() + wait;
        assert_eq!(scene.next_at(notice).await, asked, "{errcode}");
        scene.world.clock.advance(wait);
        scene.deliver().await;
        assert!(scene.is_done(notice).await);
        assert_eq!(scene.left().await, 0);
        assert!(scene.inbox().await.is_empty());
    }
}
