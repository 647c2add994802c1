//! A changed file: in force at once where it is right, and nothing of it where it is wrong.

use std::fs;

use yijianrong::database::apply_city;

use super::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_in_force_at_once_and_a_wrong_one_changes_nothing() {
    let platform = Platform::new().await;
    let visitor = platform.visitor();
    // Twice, so that the page is a kept one.
    for _ in 0..2 {
        visitor.get("/").await.expect(200).says("山里好企业");
    }
    platform.change("山里好企业，融资有回应", "山里好企业，融资更近");
    platform.change("#0B5F4A", "#1B4D8C");
    platform.follow().await;
    let page = visitor.get("/").await.expect(200).says("融资更近").text();
    let sheet = page
        .split("href=\"")
        .find(|rest| rest.starts_with("/assets/theme"));
    let sheet = sheet
        .and_then(|rest| rest.split('"').next())
        .expect("a sheet");
    let css = visitor.get(sheet).await.expect(200).text();
    assert!(css.to_lowercase().contains("#1b4d8c"));

    for (from, to, told) in [
        ("tagline =", "tagine =", "did you mean tagline?"),
        (
            "kind = \"embedded\"",
            "kind = \"nobody\"",
            "unknown kind nobody",
        ),
        ("#8A3B12", "#FFAA00", "contrast"),
        (
            "\"yunlan.localhost\"",
            "\"cangzhou.localhost\"",
            "two cities claim the host",
        ),
        ("wx0000000000000003", "wx0000000000000001", "is already"),
    ] {
        platform.change(from, to);
        let refused = platform.refused().await;
        assert!(refused.contains(told), "{told}: {refused}");
        platform.change(to, from);
        visitor.get("/").await.expect(200).says("融资更近");
    }

    // A file that is gone sends nobody away.
    fs::rename(platform.file(), platform.catalog.join("away")).expect("it is moved");
    let refused = platform.refused().await;
    assert!(refused.contains("was not removed"), "{refused}");
    visitor.get("/").await.expect(200).says("融资更近");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_takes_the_host_or_the_name_of_a_province_is_refused_and_nothing_is_half_in_force()
 {
    let platform = Platform::new().await;
    let world = &platform.world;
    world.province().await;
    platform.follow().await;
    platform.change("\"yunlan.localhost\"", "\"hebei.localhost\"");
    let refused = platform.refused().await;
    assert!(refused.contains("claim the host"), "{refused}");
    platform.visitor().get("/").await.expect(200);
    let mut named = (*world.other).clone();
    named.slug = "hebei".to_owned();
    let refused = apply_city(&world.owner, &named).await;
    let refused = refused.expect_err("it is a province's").to_string();
    assert!(refused.contains("the name of a province"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn production_follows_no_city_whose_contract_cannot_be_read() {
    let platform = Platform::new().await;
    platform.change("山里好企业", "山里的企业");
    platform.change(
        "kind = \"demo\"\napp_id = \"wx0000000000000003\"",
        "kind = \"wechat\"\napp_id = \"wx0000000000000003\"\nsecret = \"env:YJR_NOBODY_SETS_THIS\"",
    );
    let strict = platform.follower_with(platform.settings(&["--environment=production"]));
    let refused = strict.read_again().await.expect_err("it is refused");
    let refused = format!("{refused:#}");
    assert!(refused.contains("yunlan: [wechat]"), "{refused}");
    assert!(refused.contains("its secret cannot be read"), "{refused}");
    platform
        .visitor()
        .get("/")
        .await
        .expect(200)
        .says("山里好企业");
}
