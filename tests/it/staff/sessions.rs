//! 登录会话 of staff: two at once, over after a quarter of an hour of nothing or eight hours, and ended by their own person (S-13, S-14).

use journeys::{PASSWORD, World};
use time::Duration;

use crate::account::sign_in;

const OWN: &str = "/branch/account";

#[tokio::test(flavor = "multi_thread")]
async fn staff_hold_two_sessions_see_them_and_end_the_other_one() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let account = clerk.user.to_string();
    let (second, third) = (world.browser(), world.browser());
    for browser in [&second, &third] {
        world.clock.advance(Duration::minutes(1));
        sign_in(browser, "/staff/login", &account, PASSWORD)
            .await
            .expect(303);
    }
    // The oldest one made room.
    clerk.browser.get(OWN).await.expect(303);
    second.get(OWN).await.expect(200);
    let page = third.get(OWN).await.expect(200).says("当前设备：");
    let listed = page.text().matches("<li class=\"session\">").count();
    assert_eq!(listed, 2);
    third
        .submit_from(&page, "/branch/account/sessions/end-others", &[])
        .await
        .expect(303);
    second.get(OWN).await.expect(303);
    third.get(OWN).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_staff_ends_after_a_quarter_of_an_hour_of_nothing_and_after_eight_hours() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let browser = world.staff(branch, "钱云诚", &["bm"]).await.browser;
    world.clock.advance(Duration::minutes(14));
    browser.get(OWN).await.expect(200);
    world.clock.advance(Duration::minutes(15));
    browser.get(OWN).await.expect(303);
    // Whoever never pauses signs in anew after eight hours all the same: 34 times 14 minutes and four more.
    let browser = world.staff(branch, "时嘉宁", &["bm"]).await.browser;
    for _ in 0..34 {
        world.clock.advance(Duration::minutes(14));
        browser.get(OWN).await.expect(200);
    }
    world.clock.advance(Duration::minutes(4));
    browser.get(OWN).await.expect(303);
}
