//! 消息投递: what could not be delivered waits for the city's operators (S-42).

use application::ports::{plugs::Plugs as _, sms::Sms};
use domain::values::PhoneNumber;
use journeys::{StaffFixture, World};
use uuid::Uuid;
use yijianrong::workers::Workers;

struct Scene {
    world: World,
    operator: StaffFixture,
    notice: Uuid,
    path: String,
}

/// A city with one message that the provider of phone messages refused.
async fn scene() -> Scene {
    let world = World::new().await;
    let operator = world.staff(world.cangzhou.id, "宋知远", &["op"]).await;
    let notice = Uuid::new_v4();
    sqlx::query(
        "insert into outbox (id, tenant_id, topic, payload, created_at, next_at, tries, parked_at, last_error)
         values ($1, $2, 'application.sms', '{\"template\": \"approved\"}', $3, $3, 10, $3, 'the provider refused the message: 31005')",
    )
    .bind(notice)
    .bind(world.cangzhou.id.0)
    .bind(world.parts.clock.now())
    .execute(&world.owner)
    .await
    .expect("it is parked");
    let path = format!("/operator/deliveries/{notice}");
    Scene {
        world,
        operator,
        notice,
        path,
    }
}

impl Scene {
    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .bind(self.notice)
            .fetch_one(&self.world.owner)
            .await
            .expect("it counts")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_why_in_plain_words_and_has_it_tried_again() {
    let scene = scene().await;
    let browser = &scene.operator.browser;
    let list = browser
        .get("/operator/deliveries")
        .await
        .expect(200)
        .says("短信：审核通过")
        .says("短信服务商拒绝发送");
    assert!(
        !list.text().contains("31005"),
        "the provider's own code stays inside"
    );
    let page = browser.get(&scene.path).await.expect(200);
    browser
        .submit_from(&page, &format!("{}/again", scene.path), &[])
        .await
        .expect(303);
    assert_eq!(
        scene
            .count("select count(*) from outbox where id = $1 and parked_at is null and tries = 0")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from audit_entries where action = 'delivery.again' and object = $1::text")
            .await,
        1
    );
    // It names no application, so it comes back, and waits for people once more.
    Workers::new(&scene.world.parts)
        .deliver_once()
        .await
        .expect("it runs");
    browser
        .get("/operator/deliveries")
        .await
        .expect(200)
        .says("消息缺少对应的申请");
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_wants_a_reason_and_is_for_good() {
    let scene = scene().await;
    let browser = &scene.operator.browser;
    let drop = format!("{}/drop", scene.path);
    // The last message to somebody whose account was closed: their phone is nowhere but here.
    sqlx::query("update outbox set topic = 'account.sms', payload = payload || '{\"phone_sealed\": [1]}' where id = $1")
        .bind(scene.notice)
        .execute(&scene.world.owner)
        .await
        .expect("it is one");
    let page = browser.get(&scene.path).await.expect(200);
    browser
        .submit_from(&page, &drop, &[("drop_reason", "")])
        .await
        .expect(422)
        .says("请输入放弃原因");
    browser
        .submit_from(&page, &drop, &[("drop_reason", "已电话通知企业")])
        .await
        .expect(303);
    browser.get(&scene.path).await.expect(404);
    browser
        .get("/operator/deliveries")
        .await
        .expect(200)
        .says("没有未送达的消息");
    Workers::new(&scene.world.parts)
        .deliver_once()
        .await
        .expect("it runs");
    assert_eq!(
        scene
            .count("select count(*) from outbox where id = $1 and given_up_reason = '已电话通知企业' and done_at is null")
            .await,
        1
    );
    assert_eq!(
        scene
            .count("select count(*) from outbox where id = $1 and payload ? 'phone_sealed'")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_reads_and_does_nothing_and_nobody_else_sees_the_page() {
    let scene = scene().await;
    let world = &scene.world;
    let supervisor = world.staff(world.cangzhou.id, "祁望川", &["os"]).await;
    let page = supervisor.browser.get(&scene.path).await.expect(200);
    assert!(!page.text().contains("重新投递</button>"));
    supervisor
        .browser
        .submit_from(
            &page,
            &format!("{}/again", scene.path),
            &[("_key", "0123456789abcdef0123")],
        )
        .await
        .expect(403);
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    for (tenant, role) in [(bank, "ha"), (branch, "bh")] {
        let other = world.staff(tenant, "梁承宇", &[role]).await;
        other.browser.get(&scene.path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstrations_messages_stand_in_the_log_like_any_other_providers() {
    let world = World::new().await;
    let city = world.cangzhou.id;
    let operator = world.staff(city, "宋知远", &["op"]).await;
    let sms = Sms {
        id: Uuid::new_v4(),
        city,
        phone: PhoneNumber::parse("13800001234").expect("a phone"),
        template: "account_closed",
        params: Vec::new(),
    };
    let sender = world.parts.sms.of(city).await.expect("there is one");
    sender.send(&sms).await.expect("it is taken");
    operator
        .browser
        .get("/operator/deliveries/log")
        .await
        .expect(200)
        .says("138****1234")
        .says("演示服务")
        .says("服务商已接收");
}
