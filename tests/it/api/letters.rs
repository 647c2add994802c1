//! 沟通记录 on the phone, and the branch on its own pages (W25).

use domain::ids::TenantId;
use journeys::PASSWORD;
use serde_json::json;

use super::{Phone, apply::ready, records::submitted, uploads::put_up};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_and_a_branch_write_to_each_other_and_open_each_others_files() {
    let scene = ready().await;
    let id = submitted(&scene, "300", "key-of-the-request").await;
    sqlx::query(
        "update financing_applications set stage = 'accepted', ever_accepted = true, accepted_at = submitted_at,
           version = version + 1 where id = $1::uuid",
    )
    .bind(&id)
    .execute(&scene.world.owner)
    .await
    .expect("the stage");
    let branch = TenantId(scene.branch);
    let clerk = scene.world.staff(branch, "钱云诚", &["bm"]).await.browser;
    let phone = &scene.phone;
    let letters = format!("/api/v1/applications/{id}/letters");
    // The same click twice is one letter, with a file or without.
    let upload = put_up(phone, &crate::profile::jpeg()).await;
    let asked = json!({ "body": "请问还需要什么材料？" });
    let sent = json!({ "upload": upload });
    for _ in 0..2 {
        let told = phone.keyed(&letters, &asked, "key-of-the-letter-1").await;
        told.expect(204);
        let told = phone.keyed(&letters, &sent, "key-of-the-letter-2").await;
        told.expect(204);
    }
    let told = phone.keyed(&letters, &sent, "key-of-the-letter-5").await;
    told.wrong("upload", "api.upload_unknown");
    // A request for a call carries no file, and is not lost for one.
    let another = put_up(phone, &crate::profile::jpeg()).await;
    let both = json!({ "kind": "call_request", "upload": another });
    let told = phone.keyed(&letters, &both, "key-of-the-letter-4").await;
    told.refused(422, "invalid");
    let page = format!("/branch/applications/{id}/thread");
    let form = clerk.get(&page).await.expect(200);
    let form = form.says("请问还需要什么材料？");
    let (csrf, key) = (form.csrf(), form.input("_key").expect("a key"));
    let fields = [("_csrf", csrf.as_str()), ("_key", &key), ("body", "见附件")];
    let file = ("file", "清单.jpg", crate::profile::jpeg());
    clerk.upload(&page, &fields, &[file]).await.expect(303);

    let told = phone.get(&letters).await.expect(200);
    let items = told["items"].as_array().expect("items");
    let sides: Vec<_> = items.iter().map(|one| &one["side"]["code"]).collect();
    assert_eq!(sides, ["enterprise", "enterprise", "bank"]);
    let read: Vec<_> = items.iter().map(|one| &one["read"]).collect();
    assert_eq!(read, [&json!(true), &json!(true), &json!(false)]);
    for item in &items[1..] {
        let file = item["file"].as_str().expect("a file");
        let opened = phone.get(&format!("{letters}/files/{file}")).await;
        assert_eq!(opened.status, 200);
        assert_eq!(opened.answer.headers["content-type"], "image/jpeg");
        assert_eq!(opened.answer.headers["cache-control"], "no-store");
        assert!(opened.answer.body.starts_with(&[0xff, 0xd8]));
    }
    phone.act(&format!("{letters}/readings")).await.expect(204);
    let told = phone.get(&letters).await.expect(200);
    assert_eq!(told["items"][2]["read"], true);

    // To anybody else there is nothing, and of what is over nobody writes any more.
    let other = scene.world.new_enterprise(
        scene.world.cangzhou.id,
        "沧州市岚峰机械有限公司",
        "19900002038",
    );
    let other = other.await;
    let mut stranger = Phone::new(&scene.world);
    stranger.sign_in(&other.phone, PASSWORD).await.expect(200);
    stranger.get(&letters).await.refused(404, "not_found");
    let file = items[2]["file"].as_str().expect("a file");
    let aside = format!("{letters}/files/{file}");
    stranger.get(&aside).await.refused(404, "not_found");
    let over = format!("/api/v1/applications/{id}/withdrawal");
    let reason = json!({ "reason": "" });
    let told = phone.keyed(&over, &reason, "key-of-the-withdrawal").await;
    told.expect(200);
    let late = phone.keyed(&letters, &asked, "key-of-the-letter-3").await;
    late.refused(409, "thread.closed");
    // What was sent stays sent, whoever asks again, and a photo goes with one letter.
    for (body, key) in [
        (&asked, "key-of-the-letter-1"),
        (&sent, "key-of-the-letter-2"),
    ] {
        phone.keyed(&letters, body, key).await.expect(204);
    }
}
