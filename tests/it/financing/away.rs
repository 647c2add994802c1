//! The database goes away in mid-request: a clear word, what was typed waits on the page, and nothing is lost or done twice.

use journeys::Answer;

use super::{Scene, scene};
use crate::account::{open_agreements, registration};

/// What the page offers for sending again.
fn kept<'a>(page: &Answer, names: &[&'a str]) -> Vec<(&'a str, String)> {
    names
        .iter()
        .map(|name| {
            let value = page.input(name);
            (*name, value.unwrap_or_else(|| panic!("{name} is kept")))
        })
        .collect()
}

fn lent<'a>(fields: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// Until a statement of the running system waits for a lock.
async fn somebody_waits(scene: &Scene) {
    let waiting = "select count(*) from pg_stat_activity
                   where datname = current_database() and usename = 'yijianrong_app' and wait_event_type = 'Lock'";
    let seen = async {
        while scene.count(waiting).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), seen)
        .await
        .expect("the submission waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_whose_database_goes_away_in_mid_transaction_is_sent_again_and_done_once() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    let check = scene.ready_to_confirm(browser).await;
    let mut held = scene.world.owner.begin().await.expect("it begins");
    sqlx::query("lock table financing_applications in access exclusive mode")
        .execute(&mut *held)
        .await
        .expect("it is locked");
    let (answer, ()) = tokio::join!(scene.confirm(browser, &check), async {
        somebody_waits(&scene).await;
        scene.world.cut_off(true).await;
    });
    held.rollback().await.expect("it is let go");
    let told = answer
        .expect(503)
        .says("内容没有提交成功")
        .says("重新提交")
        .says("0317-5669898");
    assert!(told.headers.contains_key("retry-after"));
    for table in [
        "select count(*) from financing_applications where application_no is not null",
        "select count(*) from outbox",
        "select count(*) from idempotency_keys",
    ] {
        assert_eq!(scene.count(table).await, 0, "{table}");
    }
    let fields = kept(&told, &["draft", "version"]);
    scene.world.cut_off(false).await;
    for _ in 0..2 {
        let done = browser
            .submit_from(&told, &scene.submit(), &lent(&fields))
            .await
            .expect(303);
        let shown = browser.get(done.location()).await.expect(200);
        shown.says("PO20261125001");
    }
    for table in [
        "select count(*) from financing_applications where application_no is not null",
        "select count(*) from outbox",
    ] {
        assert_eq!(scene.count(table).await, 1, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_typed_while_the_database_is_away_waits_on_the_page_that_says_so() {
    let scene = scene().await;
    let browser = &scene.enterprise.browser;
    scene.read_texts(browser).await;
    let form = browser.get(&scene.form()).await.expect(200);
    let branch = scene.branch.to_string();
    scene.world.cut_off(true).await;
    let typed = [
        ("amount", "250.5"),
        ("term", "3"),
        ("rate", "3.75"),
        ("branch", branch.as_str()),
        ("agree_register", "1"),
        ("agree_enterprise_credit", "1"),
    ];
    let told = browser
        .submit_from(&form, &scene.form(), &typed)
        .await
        .expect(503)
        .says("您填写的内容已保留在本页");
    let fields = kept(&told, &typed.map(|(name, _)| name));
    assert_eq!(lent(&fields), typed);
    // A page has no form to lose, and does not speak of one.
    let page = browser.get(&scene.form()).await.expect(503);
    let page = page.says("请稍后刷新重试");
    assert!(!page.text().contains("您填写的内容"));
    assert!(page.headers.contains_key("retry-after"));
    scene.world.cut_off(false).await;
    let saved = browser
        .submit_from(&told, &scene.form(), &lent(&fields))
        .await
        .expect(303);
    assert_eq!(saved.location(), scene.check());
    let check = browser.get(&scene.check()).await.expect(200);
    check.says("250.50 万元");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_shows_no_password_and_the_page_that_stands_in_for_a_form_no_code() {
    let scene = scene().await;
    let visitor = scene.world.browser();
    visitor.get("/register").await.expect(200);
    open_agreements(&visitor).await;
    let form = visitor.get("/register").await.expect(200);
    let owner = &scene.enterprise.browser;
    let profile = owner.get("/enterprise/profile?edit=1").await.expect(200);
    scene.world.cut_off(true).await;
    let fields = registration("13900001234", "246813");
    // The form itself, and the page that stands in for one.
    let same = visitor.submit_from(&form, "/register", &fields).await;
    let page = owner
        .submit_from(&profile, "/enterprise/profile", &fields)
        .await;
    for (told, words, secrets) in [
        (same, "您填写的内容已保留，请稍后重试", vec!["password"]),
        (
            page,
            "密码和验证码需要重新填写",
            vec!["password", "password_again", "sms_code"],
        ),
    ] {
        let told = told.expect(503).says(words);
        assert!(told.headers.contains_key("retry-after"));
        assert_eq!(told.input("phone").as_deref(), Some("13900001234"));
        for (name, value) in &fields {
            if secrets.contains(name) {
                assert!(!told.text().contains(value), "{name}");
            }
        }
    }
}
