//! Odd words in an address: what nobody meant is left out, and no page fails over it.

use application::ports::sessions::SessionKind;
use journeys::World;

const ODD: [&str; 4] = [
    "q=%00&person=%00&object=a%00b",
    "from=-9999-01-01&to=-9999-01-01",
    "from=9999-12-31&to=9999-12-31",
    "from=%EF%BC%92&page=-1&sort=%00",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_list_fails_over_signs_that_no_text_holds_or_days_that_nobody_lives_to_see() {
    let world = World::new().await;
    let city = world.cangzhou.id;
    let firm = world
        .ready_enterprise("沧州市瀚岳澜管道装备有限公司", "19900002037")
        .await;
    let home = world
        .signed_in(firm.user, SessionKind::Enterprise, journeys::CANGZHOU_HOST)
        .await;
    let bank = world.bank("沧海惠民银行沧州分行").await;
    let branch = world.branch(bank, "沧海惠民银行运河支行").await;
    let head = world.staff(branch, "和宏屹", &["bh"]).await;
    let hq = world.staff(bank, "梁承宇", &["ha"]).await;
    let operator = world.staff(city, "宋知远", &["op"]).await;
    let lists = [
        (
            &home,
            vec!["/enterprise/applications", "/enterprise/messages"],
        ),
        (
            &head.browser,
            vec![
                "/branch/applications",
                "/branch/referrals",
                "/branch/people",
            ],
        ),
        (
            &hq.browser,
            vec!["/hq/referrals", "/hq/people", "/hq/board"],
        ),
        (
            &operator.browser,
            vec![
                "/operator/applications",
                "/operator/content",
                "/operator/people",
                "/operator/audit",
                "/operator/statistics",
                "/operator/visits",
                "/operator/visits/repairs",
            ],
        ),
    ];
    for (browser, pages) in lists {
        for page in pages {
            for odd in ODD {
                let address = format!("{page}?{odd}");
                let status = browser.get(&address).await.status.as_u16();
                assert!(status < 500, "{address}: {status}");
            }
        }
    }
    operator
        .browser
        .get("/operator/audit/%00")
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_the_head_alone_is_sent_where_the_page_would_send_them() {
    let world = World::new().await;
    let browser = world.browser();
    for page in ["/enterprise", "/branch"] {
        let head = browser.raw(reqwest::Method::HEAD, page);
        let told = browser.answer(head).await.expect(303);
        assert_eq!(told.location(), browser.get(page).await.location());
    }
}
