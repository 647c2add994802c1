//! 平台人工核验: two people of the operator, one photo, and nothing left of it.

use yijianrong::workers::Workers;

use super::{
    counter::work_off,
    face::{agree, shoot, verified, withdraw},
    *,
};

const REVIEW: &str = "/enterprise/face/review";

async fn ask(browser: &Browser, ticked: bool) -> Answer {
    let csrf = browser.get(REVIEW).await.csrf();
    let mut fields = vec![("_csrf", csrf.as_str())];
    if ticked {
        fields.push(("agree_review", "1"));
    }
    browser
        .upload(REVIEW, &fields, &[("photo", "me.jpg", jpeg())])
        .await
}

async fn asked(world: &World, phone: &str) -> (EnterpriseFixture, String) {
    let enterprise = complete(world, phone).await;
    enterprise
        .browser
        .get("/agreements/face_review")
        .await
        .expect(200);
    ask(&enterprise.browser, true).await.expect(303);
    let id: uuid::Uuid = sqlx::query_scalar("select id from face_reviews where user_id = $1")
        .bind(enterprise.user.0)
        .fetch_one(&world.owner)
        .await
        .expect("a review");
    (enterprise, format!("/operator/faces/{id}"))
}

async fn object(world: &World) -> String {
    sqlx::query_scalar("select object_key from face_reviews")
        .fetch_one(&world.owner)
        .await
        .expect("a review")
}

async fn is_stored(world: &World, key: &str) -> bool {
    let key = application::ports::files::FileKey::parse(key).expect("a key");
    let found = world.parts.files.get(world.cangzhou.id.0, &key).await;
    found.expect("it answers").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_make_a_person_verified_and_the_photo_is_gone() {
    let world = World::new().await;
    let first = world.staff(world.cangzhou.id, "钱初核", &["op"]).await;
    let second = world.staff(world.cangzhou.id, "孙复核", &["op"]).await;
    first.browser.prove().await;
    second.browser.prove().await;
    let (enterprise, path) = asked(&world, "13900001001").await;
    let key = object(&world).await;
    assert!(is_stored(&world, &key).await);
    first
        .browser
        .get("/operator/faces")
        .await
        .expect(200)
        .says("待平台核验");
    let page = first.browser.get(&path).await.expect(200).says("顾**");
    assert!(!page.text().contains("顾屹舟"));
    for picture in ["photo", "card"] {
        first
            .browser
            .get(&format!("{path}/{picture}"))
            .await
            .expect(200);
    }
    let looks: i64 =
        sqlx::query_scalar("select count(*) from view_entries where enterprise_id = $1")
            .bind(enterprise.id.0)
            .fetch_one(&world.owner)
            .await
            .expect("a count");
    assert_eq!(looks, 2, "each look is written down");
    first
        .browser
        .submit(&path, &path, &[("_action", "pass")])
        .await
        .expect(303);
    assert!(!verified(&world, &enterprise).await, "one is not enough");
    // The same person is no second one.
    let page = first
        .browser
        .get(&path)
        .await
        .expect(200)
        .says("须由另一名");
    first
        .browser
        .submit_from(&page, &path, &[("_action", "agree_pass")])
        .await
        .expect(303);
    assert!(!verified(&world, &enterprise).await);
    second
        .browser
        .submit(&path, &path, &[("_action", "agree_pass")])
        .await
        .expect(303);
    assert!(verified(&world, &enterprise).await);
    assert!(object(&world).await.is_empty() && !is_stored(&world, &key).await);
    work_off(&world).await;
    enterprise
        .browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("平台人工核验");
    second
        .browser
        .get(&format!("{path}/photo"))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_found_something_takes_it_back_as_long_as_nobody_has_agreed() {
    let world = World::new().await;
    let first = world.staff(world.cangzhou.id, "钱初核", &["op"]).await;
    let second = world.staff(world.cangzhou.id, "孙复核", &["op"]).await;
    let (first, second) = (&first.browser, &second.browser);
    first.prove().await;
    second.prove().await;
    let (enterprise, path) = asked(&world, "13900001001").await;
    let (pass, back) = (("_action", "pass"), ("_action", "take_back"));
    first.submit(&path, &path, &[pass]).await.expect(303);
    // The other one agrees or sends it back, but does not take it back.
    let seen = second.get(&path).await.expect(200);
    assert!(!seen.text().contains("撤回初核"));
    second.submit_from(&seen, &path, &[back]).await.expect(303);
    let own = first.get(&path).await.expect(200).says("撤回初核");
    first.submit_from(&own, &path, &[back]).await.expect(303);
    // What was open in another window does nothing any more.
    let agree = ("_action", "agree_pass");
    second.submit_from(&seen, &path, &[agree]).await.expect(303);
    assert!(!verified(&world, &enterprise).await);
    first.get(&path).await.expect(200).says("一致，建议通过");
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from audit_entries where action = 'identity.review_take_back' and outcome = 'ok'",
    )
    .fetch_one(&world.owner)
    .await
    .expect("a count");
    assert_eq!(noted, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_consent_is_its_own_and_the_second_person_may_send_it_back() {
    let world = World::new().await;
    let first = world.staff(world.cangzhou.id, "钱初核", &["op"]).await;
    let second = world.staff(world.cangzhou.id, "孙复核", &["op"]).await;
    first.browser.prove().await;
    second.browser.prove().await;
    let enterprise = complete(&world, "13900001001").await;
    ask(&enterprise.browser, false)
        .await
        .expect(422)
        .says("请阅读并勾选同意");
    ask(&enterprise.browser, true)
        .await
        .expect(422)
        .says("请先打开");
    enterprise
        .browser
        .get("/agreements/face_review")
        .await
        .expect(200);
    ask(&enterprise.browser, true).await.expect(303);
    let id: uuid::Uuid = sqlx::query_scalar("select id from face_reviews")
        .fetch_one(&world.owner)
        .await
        .expect("a review");
    let path = format!("/operator/faces/{id}");
    let submit = |browser: &Browser, deed: &'static str, note: &'static str| {
        let (browser, path) = (browser.clone(), path.clone());
        async move {
            browser
                .submit(&path, &path, &[("_action", deed), ("review_note", note)])
                .await
        }
    };
    submit(&first.browser, "refuse", "")
        .await
        .expect(422)
        .says("请填写核验说明");
    submit(&first.browser, "refuse", "看不清面部")
        .await
        .expect(303);
    submit(&second.browser, "return", "").await.expect(303);
    submit(&second.browser, "refuse", "看不清面部")
        .await
        .expect(303);
    submit(&first.browser, "agree_refuse", "").await.expect(303);
    assert!(!verified(&world, &enterprise).await);
    enterprise
        .browser
        .get("/enterprise/face")
        .await
        .expect(200)
        .says("看不清面部")
        .says(REVIEW);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_wants_two_people() {
    let world = World::new().await;
    let first = world.staff(world.cangzhou.id, "钱初核", &["op"]).await;
    first.browser.prove().await;
    let (_, path) = asked(&world, "13900001001").await;
    first
        .browser
        .submit(&path, &path, &[("_action", "pass")])
        .await
        .expect(303);
    for sql in [
        "update face_reviews set status = 'passed', settled_by = proposed_by, settled_at = now()",
        "update face_reviews set status = 'passed', settled_at = now()",
    ] {
        let error = sqlx::query(sql)
            .execute(&world.owner)
            .await
            .expect_err("no");
        assert!(error.to_string().contains("face_reviews_"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_a_review_and_what_is_taken_back_or_kept_too_long_goes() {
    let world = World::with(|city| {
        if let Some(face) = city.plugs.get_mut("face") {
            face["image_retention_days"] = serde_json::json!(3);
        }
    })
    .await;
    let first = world.staff(world.cangzhou.id, "钱初核", &["op"]).await;
    let second = world.staff(world.cangzhou.id, "孙复核", &["op"]).await;
    first.browser.prove().await;
    second.browser.prove().await;
    let abroad = world.staff(world.other.id, "李外地", &["op"]).await;
    let (enterprise, path) = asked(&world, "13900001001").await;
    let key = object(&world).await;
    for other in [&abroad.browser, &enterprise.browser] {
        for page in ["", "/photo", "/card"] {
            let answer = other.get(&format!("{path}{page}")).await;
            assert_ne!(answer.status, 200, "{page}");
        }
    }
    for (who, deed) in [(&first, "pass"), (&second, "agree_pass")] {
        who.browser
            .submit(&path, &path, &[("_action", deed)])
            .await
            .expect(303);
    }
    assert!(is_stored(&world, &key).await, "three days, says the city");
    let workers = Workers::new(&world.parts);
    workers.sweep_once().await.expect("a round");
    assert!(is_stored(&world, &key).await);
    world.clock.advance(time::Duration::days(3));
    workers.sweep_once().await.expect("a round");
    assert!(!is_stored(&world, &key).await);
}

async fn stands(world: &World) -> String {
    sqlx::query_scalar("select status from face_reviews")
        .fetch_one(&world.owner)
        .await
        .expect("a review")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_decides_proves_first() {
    let world = World::new().await;
    let first = world.staff(world.cangzhou.id, "钱初核", &["op"]).await;
    let (_, path) = asked(&world, "13900001001").await;
    let away = first.browser.get(&path).await.expect(303);
    assert!(away.location().starts_with("/staff/prove?next="));
    first.browser.prove().await;
    let page = first.browser.get(&path).await.expect(200);
    world.clock.advance(time::Duration::minutes(6));
    let carried = first
        .browser
        .submit_from(&page, &path, &[("_action", "pass")])
        .await
        .expect(307);
    assert!(carried.location().starts_with("/staff/prove"));
    assert_eq!(stands(&world).await, "requested", "nothing is decided yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_waits_goes_when_its_purpose_does() {
    let world = World::new().await;
    let workers = Workers::new(&world.parts);
    // Verified by the other way.
    let (enterprise, _) = asked(&world, "13900001001").await;
    let key = object(&world).await;
    agree(&enterprise.browser).await;
    shoot(&enterprise.browser, "pass").await.expect(303);
    assert!(verified(&world, &enterprise).await);
    assert_eq!(stands(&world).await, "cancelled");
    workers.sweep_once().await.expect("a round");
    assert!(object(&world).await.is_empty() && !is_stored(&world, &key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_stops_the_review_and_takes_its_photo() {
    let world = World::new().await;
    let second = world.staff(world.cangzhou.id, "孙复核", &["op"]).await;
    second.browser.prove().await;
    let (enterprise, path) = asked(&world, "13900001001").await;
    let page = second.browser.get(&path).await.expect(200);
    let key = object(&world).await;
    withdraw(&world, &enterprise.browser, "face_review").await;
    assert_eq!(stands(&world).await, "cancelled");
    second
        .browser
        .submit_from(&page, &path, &[("_action", "pass")])
        .await
        .expect(303);
    assert_eq!(stands(&world).await, "cancelled");
    let workers = Workers::new(&world.parts);
    workers.sweep_once().await.expect("a round");
    assert!(object(&world).await.is_empty() && !is_stored(&world, &key).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_nobody_decides_ends_after_thirty_days_and_the_person_is_told() {
    let world = World::new().await;
    let (_, _) = asked(&world, "13900001001").await;
    let key = object(&world).await;
    let workers = Workers::new(&world.parts);
    world.clock.advance(time::Duration::days(29));
    workers.sweep_once().await.expect("a round");
    assert_eq!(stands(&world).await, "requested");
    world.clock.advance(time::Duration::days(2));
    workers.sweep_once().await.expect("a round");
    assert_eq!(stands(&world).await, "cancelled");
    assert!(!is_stored(&world, &key).await);
    work_off(&world).await;
    let told: i64 = sqlx::query_scalar(
        "select count(*) from messages where title = 'notice.review_over.title'",
    )
    .fetch_one(&world.owner)
    .await
    .expect("a count");
    assert_eq!(told, 1);
}
