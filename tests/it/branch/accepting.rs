//! 接单: one winner, once.

use super::scene;

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_press_accept_at_the_same_moment_and_the_loser_reads_who_won() {
    let scene = scene().await;
    let path = scene.path("/accept");
    let first = scene.clerk.browser.get(&path).await.expect(200);
    let second = scene.second_clerk.browser.get(&path).await.expect(200);
    let confirm = [("_action", "confirm")];
    let (a, b) = futures::join!(
        scene.clerk.browser.submit_from(&first, &path, &confirm),
        scene
            .second_clerk
            .browser
            .submit_from(&second, &path, &confirm),
    );
    let (winner, loser) = if a.status == 303 {
        ("钱云诚", b)
    } else {
        b.expect(303);
        ("时嘉宁", a)
    };
    loser.expect(409).says(&format!("已由{winner}接单"));
    assert_eq!(scene.stage().await, "accepted");
    let events = "select count(*) from application_events where kind = 'accept'";
    assert_eq!(scene.count(events).await, 1);
    let notices = "select count(*) from outbox where payload->>'verb' = 'accept'";
    assert_eq!(scene.count(notices).await, 1);
    let logged =
        "select count(*) from audit_entries where action = 'application.accept' and outcome = 'ok'";
    assert_eq!(scene.count(logged).await, 1);
    let refused = "select count(*) from audit_entries where action = 'refused' and outcome = 'financing.already_accepted'";
    assert_eq!(scene.count(refused).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_pressed_twice_on_one_page_is_one_acceptance() {
    let scene = scene().await;
    let path = scene.path("/accept");
    let form = scene.clerk.browser.get(&path).await.expect(200);
    for _ in 0..2 {
        scene
            .clerk
            .browser
            .submit_from(&form, &path, &[("_action", "confirm")])
            .await
            .expect(303);
    }
    let events = "select count(*) from application_events where kind = 'accept'";
    assert_eq!(scene.count(events).await, 1);
    // From a second page it is a clean word instead.
    let again = scene.clerk.browser.get(&path).await;
    again.expect(409).says("钱云诚");
}
