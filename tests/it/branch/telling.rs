//! What the enterprise hears of what its branch did: in the site and by SMS, each once.

use yijianrong::workers::Workers;

use super::{APPROVAL, Scene, scene, step};

/// What is done, what is filled in, the title in the site, and what stands in the SMS.
type Told = (
    &'static str,
    Vec<(&'static str, &'static str)>,
    &'static str,
    &'static str,
);

async fn texts(scene: &Scene, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql)
        .fetch_all(&scene.world.owner)
        .await
        .expect("they are read")
}

async fn is_told((verb, fields, title, sms): Told) {
    let scene = scene().await;
    scene.accept().await;
    let browser = match verb {
        "/supplement" => &scene.clerk.browser,
        _ => &scene.approver.browser,
    };
    browser.prove().await;
    let path = scene.path(verb);
    let form = browser.get(&path).await.expect(200);
    step(browser, &form, &path, &fields, "confirm")
        .await
        .expect(303);
    let workers = Workers::new(&scene.world.parts);
    for _ in 0..3 {
        workers.deliver_once().await.expect("it runs");
    }
    let letters = "select title from messages where enterprise_id is not null";
    let letters = texts(&scene, letters).await;
    assert_eq!(
        letters.iter().filter(|one| *one == title).count(),
        1,
        "{verb}: {letters:?}"
    );
    let inbox = texts(&scene, "select text from demo_inbox").await;
    let heard = inbox.iter().filter(|text| text.contains(sms));
    assert_eq!(heard.count(), 1, "{verb}: {inbox:?}");
    let waiting = "select count(*) from outbox where done_at is null";
    assert_eq!(scene.count(waiting).await, 0, "{verb}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_an_approval_and_a_refusal_are_told_in_the_site_and_by_sms() {
    let return_of = vec![("templates", "bank_statement"), ("note", "请补充。")];
    let refusal = vec![("reasons", "collateral"), ("opinion", "抵押物价值不足。")];
    for told in [
        ("/supplement", return_of, "请补充材料", "请您补充融资需求"),
        (
            "/approve",
            APPROVAL.to_vec(),
            "融资需求审核通过",
            "审核通过",
        ),
        ("/reject", refusal, "融资需求审核未通过", "审核未通过"),
    ] {
        is_told(told).await;
    }
}
