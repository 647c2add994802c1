//! Files of a branch in the export of one's own data (S-34, W25).

use domain::ids::FinancingApplicationId;
use serde_json::Value;
use time::Duration;

use super::{
    PHONE,
    own_data::{exported, file_in, link_in},
};
use crate::clocks::{
    letter_files::{bank, card, link, own, send},
    scene::{Scene, scene},
};

/// A branch sends a file about this request.
async fn sends(scene: &Scene, id: FinancingApplicationId) {
    let clerk = scene.fresh(&scene.clerk).await;
    let thread = bank(id);
    let form = clerk.get(&thread).await.expect(200);
    send(&clerk, &form, &thread, "清单.jpg", card())
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_branch_sent_comes_along_and_nothing_that_the_enterprise_may_not_open() {
    let mut scene = scene().await;
    // Another enterprise of the city has a file of its own.
    sends(&scene, scene.accepted().await).await;
    scene.enterprise = scene
        .world
        .ready_enterprise("沧州市岚峰机械有限公司", PHONE)
        .await;
    let id = scene.accepted().await;
    sends(&scene, id).await;
    let owner = &scene.enterprise.browser;
    let page = owner.get(&own(id)).await.expect(200);
    let opened = owner.get(&link(&page, &own(id))).await.expect(200);
    // A second one turns out to be infected: it is told of, and stays where it is.
    scene.world.clock.advance(Duration::seconds(1));
    sends(&scene, id).await;
    scene
        .run(
            "update letter_files set scan = 'infected'
             where added_at = (select max(added_at) from letter_files)",
        )
        .await;

    let page = exported(&scene.world, &scene.enterprise).await.says("下载");
    let archive = owner.get(&link_in(&page)).await.expect(200);
    let sent = file_in(&archive.body, "bank-files/1.jpg").expect("the file of the branch");
    assert_eq!(sent, opened.body, "the same as in the portal");
    assert!(file_in(&archive.body, "bank-files/2.jpg").is_none());
    let data = file_in(&archive.body, "data.json").expect("the data");
    let data: Value = serde_json::from_slice(&data).expect("it is JSON");
    let rows = data["chapters"]["bank_files"].as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[0]["file"], "bank-files/1.jpg");
    assert_eq!(rows[0]["author_name"], "钱云诚");
    assert_eq!(rows[1]["file"], Value::Null);
    assert_eq!(rows[1]["left_out"], "infected");
    let readable = file_in(&archive.body, "readable.html").expect("the page");
    let readable = String::from_utf8(readable).expect("text");
    for words in [
        "受理支行发来的文件",
        "bank-files/1.jpg",
        "含有病毒，不能打开",
    ] {
        assert!(readable.contains(words), "{words}");
    }
    scene.deliver().await;
}
