//! A licence that fills the registration form, and photos that fill 完善信息.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Phone, Told, uploads::put_up};
use crate::profile::photos::{LICENCE, sheet, world};

async fn read(phone: &Phone, photo: Vec<u8>) -> Told {
    let path = "/api/v1/recognitions/licence";
    let request = phone
        .request(Method::POST, path)
        .header("content-type", "application/octet-stream")
        .body(photo);
    phone.send("POST", path, request).await
}

fn field<'a>(told: &'a Value, name: &str) -> &'a Value {
    let fields = told["items"].as_array().expect("items");
    let found = fields.iter().find(|one| one["field"] == name);
    &found.unwrap_or_else(|| panic!("{name}: {told}"))["value"]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_licence_fills_the_form_and_nothing_of_it_is_kept() {
    let world = world(&LICENCE).await;
    let phone = Phone::new(&world);
    let told = read(&phone, sheet()).await.expect(200);
    assert_eq!(field(&told, "name"), "沧州市瀚岳澜管道装备有限公司");
    assert_eq!(field(&told, "legal_representative"), "顾屹舟");
    let kept: i64 = sqlx::query_scalar("select count(*) from enterprise_files")
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(kept, 0);
    let text = read(&phone, b"no picture at all".to_vec()).await;
    text.wrong("licence", "upload.not_a_picture");
    for _ in 2..10 {
        read(&phone, b"no picture at all".to_vec())
            .await
            .expect(422);
    }
    read(&phone, sheet())
        .await
        .refused(429, "recognition.visitor_too_often");
    let buckets: Vec<String> = sqlx::query_scalar("select distinct bucket from rate_counters")
        .fetch_all(&world.owner)
        .await
        .expect("counters");
    assert!(buckets.iter().any(|b| b.starts_with("recognition:d:")));
    for bucket in buckets {
        assert!(!bucket.contains(&phone.device), "{bucket}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_photo_is_read_for_its_owner() {
    let world = world(&LICENCE).await;
    let owner = world
        .new_enterprise(world.cangzhou.id, "沧州市自填商贸有限公司", "19900002037")
        .await;
    let mut phone = Phone::new(&world);
    phone
        .sign_in(&owner.phone, journeys::PASSWORD)
        .await
        .expect(200);
    let path = "/api/v1/profile/photos/licence";
    let reading = format!("{path}/readings");
    phone
        .act(&reading)
        .await
        .wrong("licence", "recognition.no_photo");
    let upload = put_up(&phone, &sheet()).await;
    phone
        .put(path, &json!({ "upload": upload }))
        .await
        .expect(200);
    let told = phone.act(&reading).await.expect(200);
    assert_eq!(
        field(&told, "unified_social_credit_code"),
        "91130900PDY00001XR"
    );
}
