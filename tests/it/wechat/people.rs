use application::{error::Kind, ports::demo_inbox::DemoInbox as _};
use journeys::World;
use yijianrong::workers::Workers;

use super::{bind, once, owner, proved, room};

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_belongs_to_one_person_of_one_city_and_is_sealed() {
    let world = World::new().await;
    let (room, city) = (room(&world), world.cangzhou.id);
    let first = world.ready_enterprise("甲公司", "19900002037").await;
    let second = world.ready_enterprise("乙公司", "19900002038").await;
    let bound = async |code: &str| room.who(city, code).await.expect("known").user;
    assert_eq!(bound("demo-anna.1").await, None);
    let actor = owner(&world, &first);
    bind(&world, &actor, "demo-anna.2").await;
    assert_eq!(bound("demo-anna.3").await, Some(first.user));
    assert_eq!(bound("demo-berta").await, None);
    assert!(room.is_bound(&actor).await.expect("told"));
    let elsewhere = room.who(world.other.id, "demo-anna.4").await;
    assert_eq!(elsewhere.expect("known").user, None, "another city's app");
    // The same phone signs in for the second enterprise: the identity goes with it.
    let other = owner(&world, &second);
    bind(&world, &other, "demo-anna.5").await;
    assert_eq!(bound("demo-anna.6").await, Some(second.user));
    assert!(!room.is_bound(&actor).await.expect("told"));
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("select openid_sealed from wechat_accounts")
        .fetch_all(&world.owner)
        .await
        .expect("kept");
    assert_eq!(kept.len(), 1);
    assert!(!String::from_utf8_lossy(&kept[0]).contains("anna"));
    let noted: i64 =
        sqlx::query_scalar("select count(*) from audit_entries where action = 'wechat.bind'")
            .fetch_one(&world.owner)
            .await
            .expect("noted");
    assert_eq!(noted, 2);
    room.unbind(&other).await.expect("ended");
    assert_eq!(bound("demo-anna.7").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whose_account_is_closed_is_nobody() {
    let world = World::new().await;
    let room = room(&world);
    let who = world.ready_enterprise("甲公司", "19900002037").await;
    bind(&world, &owner(&world, &who), "demo-anna").await;
    sqlx::query("update users set status = 'closed' where id = $1")
        .bind(who.user.0)
        .execute(&world.owner)
        .await
        .expect("closed");
    let known = room.who(world.cangzhou.id, "demo-anna").await;
    assert_eq!(known.expect("known").user, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_bound_is_told_on_the_phone_and_in_the_messages_and_only_of_something_new() {
    let world = World::with(|city| city.sms_daily_budget = 0).await;
    let room = room(&world);
    let who = world.ready_enterprise("甲公司", "19900002037").await;
    let signed = proved(&owner(&world, &who));
    // The second tap binds what is bound already.
    for code in ["demo-anna.1", "demo-anna.2"] {
        room.bind(&signed, code).await.expect("bound");
        Workers::new(&world.parts)
            .deliver_once()
            .await
            .expect("it runs");
    }
    let sent = world.parts.door.latest(world.cangzhou.id, 50).await;
    let sent = sent.expect("the inbox opens");
    let texts: Vec<&str> = sent.iter().map(|sms| sms.text.as_str()).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("已绑定微信"), "{texts:?}");
    let page = who.browser.get("/enterprise/messages").await.expect(200);
    page.says("账号绑定了微信");
    // Another WeChat in its place is something new; one after the other is too many for a day.
    for code in ["demo-b", "demo-c", "demo-d", "demo-e"] {
        room.bind(&signed, code).await.expect("bound");
    }
    let over = room.bind(&signed, "demo-f").await;
    assert_eq!(over.expect_err("refused").kind, Kind::TooMany);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_in_a_while_ago_proves_first() {
    let world = World::new().await;
    let who = world.ready_enterprise("甲公司", "19900002037").await;
    let mut signed = proved(&owner(&world, &who));
    signed.freshly_proved = false;
    let refused = room(&world).bind(&signed, "demo-anna").await;
    assert_eq!(refused.expect_err("refused").kind, Kind::ProofNeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_does_not_count_asks_for_another_tap_and_an_app_has_one_city() {
    let world = World::new().await;
    let room = room(&world);
    let refused = room.who(world.cangzhou.id, "0a1b2c").await;
    let refused = refused.expect_err("not a demonstration's code");
    assert_eq!(refused.kind, Kind::Invalid);
    assert_eq!(refused.fields[0].code, "wechat.again");
    let city = room.city_of("wx0000000000000002").expect("known");
    assert_eq!(city.id, world.other.id);
    assert!(room.city_of("wx0000000000000009").is_none());
    let phone = room.phone(world.cangzhou.id, "demo-13800138000").await;
    assert_eq!(phone.expect("a number").masked(), "138****8000");
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_are_counted_once_a_tap_and_only_for_what_the_city_registered() {
    let world = World::new().await;
    let room = room(&world);
    let who = world.ready_enterprise("甲公司", "19900002037").await;
    let actor = owner(&world, &who);
    let approved = || vec!["demo-approved".to_owned()];
    let unbound = room.granted(&actor, &approved(), &once("a")).await;
    assert_eq!(unbound.expect_err("refused").code, "wechat.not_bound");
    bind(&world, &actor, "demo-anna").await;
    for key in ["b", "b", "c"] {
        room.granted(&actor, &approved(), &once(key))
            .await
            .expect("counted");
    }
    let foreign = room
        .granted(&actor, &["tmpl-of-somebody".to_owned()], &once("d"))
        .await;
    assert_eq!(foreign.expect_err("refused").kind, Kind::Invalid);
    let offers = room.offers(&actor).await.expect("told");
    let left = |template: &str| {
        let offer = offers.iter().find(|offer| offer.template == template);
        offer.map(|offer| offer.left)
    };
    assert_eq!(left("approved"), Some(2), "a replay counts nothing");
    assert_eq!(left("rejected"), Some(0));
    assert_eq!(left("new_request"), None);
}
