//! Uploads in pieces: cut at every place, repeated, too long, somebody else's.

use application::ports::limits::Sweeper as _;
use journeys::{EnterpriseFixture, PASSWORD, World};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Phone, Told};

pub(crate) async fn piece(phone: &Phone, id: &str, offset: usize, bytes: &[u8]) -> Told {
    let path = format!("/api/v1/uploads/{id}");
    let request = phone
        .request(Method::PUT, &path)
        .header("upload-offset", offset)
        .header("content-type", "application/octet-stream")
        .body(bytes.to_vec());
    phone.send("PUT", &path, request).await
}

pub(crate) async fn begin(phone: &Phone, size: usize) -> String {
    let begun = phone
        .post("/api/v1/uploads", &json!({ "size": size }))
        .await
        .expect(201);
    begun["id"].as_str().expect("an id").to_owned()
}

/// Puts bytes up in one go; the id of the upload.
pub(crate) async fn put_up(phone: &Phone, bytes: &[u8]) -> String {
    let id = begin(phone, bytes.len()).await;
    piece(phone, &id, 0, bytes).await.expect(200);
    id
}

async fn scene() -> (World, EnterpriseFixture, Phone) {
    let world = World::new().await;
    let enterprise = world
        .new_enterprise(world.cangzhou.id, "沧州市岚峰机械有限公司", "19900002037")
        .await;
    let mut phone = Phone::new(&world);
    phone.sign_in(&enterprise.phone, PASSWORD).await.expect(200);
    (world, enterprise, phone)
}

async fn keep(phone: &Phone, id: &str) -> Told {
    let path = "/api/v1/profile/photos/id_front";
    phone.put(path, &json!({ "upload": id })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_a_cut_at_every_piece() {
    let (_world, _, phone) = scene().await;
    let photo = crate::profile::jpeg();
    let size = photo.len().div_ceil(7);
    let pieces: Vec<&[u8]> = photo.chunks(size).collect();
    for cut in 0..pieces.len() {
        let id = begin(&phone, photo.len()).await;
        let mut offset = 0;
        for (number, bytes) in pieces.iter().enumerate() {
            let told = piece(&phone, &id, offset, bytes).await.expect(200);
            if number == cut {
                // The answer was lost: the phone sends the piece again, then asks where to go on.
                let again = piece(&phone, &id, offset, bytes).await.expect(200);
                assert_eq!(again["offset"], told["offset"]);
                let path = format!("/api/v1/uploads/{id}");
                let state = phone.get(&path).await.expect(200);
                assert_eq!(state["offset"], told["offset"]);
            }
            offset = usize::try_from(told["offset"].as_u64().expect("an offset")).expect("small");
        }
        keep(&phone, &id).await.expect(200);
    }
    let profile = phone.get("/api/v1/profile").await.expect(200);
    assert_eq!(profile["photos"].as_array().expect("photos").len(), 1);
    assert_eq!(profile["photos"][0]["kind"]["code"], "id_front");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_an_excess_and_an_early_end_are_refused_and_told_where_to_go_on() {
    let (_world, _, phone) = scene().await;
    let photo = crate::profile::jpeg();
    let id = begin(&phone, photo.len()).await;
    piece(&phone, &id, 0, &photo[..10]).await.expect(200);
    let gap = piece(&phone, &id, 20, &photo[20..]).await;
    gap.refused(409, "upload.offset");
    keep(&phone, &id).await.refused(409, "upload.incomplete");
    let long = [&photo[10..], b"more".as_slice()].concat();
    let excess = piece(&phone, &id, 10, &long).await;
    excess.wrong("piece", "upload.too_long");
    piece(&phone, &id, 10, &photo[10..]).await.expect(200);
    let kept: Value = keep(&phone, &id).await.expect(200);
    let again: Value = keep(&phone, &id).await.expect(200);
    assert_eq!(
        kept["file"], again["file"],
        "one file, however often it is asked"
    );
    let huge = json!({ "size": 10_485_761 });
    let huge = phone.post("/api/v1/uploads", &huge).await;
    huge.refused(413, "too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_told_at_its_field_and_an_upload_is_its_owners_alone() {
    let (world, _, phone) = scene().await;
    let id = put_up(&phone, b"%PDF-1.7 nothing").await;
    keep(&phone, &id)
        .await
        .wrong("upload", "upload.not_a_picture");
    let other = world
        .new_enterprise(
            world.cangzhou.id,
            "沧州市渤沃宸化工新材料有限公司",
            "19900002074",
        )
        .await;
    let mut stranger = Phone::new(&world);
    stranger.sign_in(&other.phone, PASSWORD).await.expect(200);
    let path = format!("/api/v1/uploads/{id}");
    stranger.get(&path).await.refused(404, "not_found");
    piece(&stranger, &id, 0, b"x")
        .await
        .refused(404, "not_found");
    keep(&stranger, &id).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_finished_is_gone_after_a_day_and_never_lay_open() {
    let (world, _, phone) = scene().await;
    let id = begin(&phone, 100).await;
    let text = "a text that must not lie open";
    piece(&phone, &id, 0, text.as_bytes()).await.expect(200);
    let open: i64 =
        sqlx::query_scalar("select count(*) from upload_pieces where position($1 in sealed) > 0")
            .bind(text.as_bytes())
            .fetch_one(&world.owner)
            .await
            .expect("a count");
    assert_eq!(open, 0);
    world.clock.advance(time::Duration::hours(25));
    let mut phone = phone;
    phone.renew().await.expect(200);
    let path = format!("/api/v1/uploads/{id}");
    phone.get(&path).await.refused(404, "not_found");
    world
        .parts
        .door
        .sweep(world.parts.clock.now())
        .await
        .expect("it sweeps");
    let left: i64 = sqlx::query_scalar("select count(*) from upload_pieces")
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_was_left_lying_locks_nobody_out() {
    let (world, _, phone) = scene().await;
    let first = begin(&phone, 100).await;
    for _ in 0..10 {
        world.clock.advance(time::Duration::minutes(1));
        begin(&phone, 100).await;
    }
    let path = format!("/api/v1/uploads/{first}");
    phone.get(&path).await.refused(404, "not_found");
    let open: i64 = sqlx::query_scalar("select count(*) from uploads where expires_at > $1")
        .bind(world.parts.clock.now())
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(open, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_over() {
    let (_world, _, phone) = scene().await;
    let id = put_up(&phone, b"no picture at all").await;
    keep(&phone, &id)
        .await
        .wrong("upload", "upload.not_a_picture");
    keep(&phone, &id).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_answers_only_for_what_it_became() {
    let (_world, _, phone) = scene().await;
    let id = put_up(&phone, &crate::profile::jpeg()).await;
    keep(&phone, &id).await.expect(200);
    let other = "/api/v1/profile/photos/id_back";
    let ask = json!({ "upload": id });
    phone.put(other, &ask).await.refused(409, "upload.taken");
    let own = "/api/v1/profile/photos/id_front";
    phone.delete(own).await.expect(204);
    keep(&phone, &id).await.refused(409, "upload.taken");
    let profile = phone.get("/api/v1/profile").await.expect(200);
    assert_eq!(profile["photos"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_finish_an_upload_at_once_keep_one_file() {
    let (world, _, phone) = scene().await;
    let id = put_up(&phone, &crate::profile::jpeg()).await;
    let (one, two) = tokio::join!(keep(&phone, &id), keep(&phone, &id));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert!(
        statuses == [200, 409] || statuses == [200, 200],
        "{statuses:?}"
    );
    let files: i64 = sqlx::query_scalar("select count(*) from enterprise_files")
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(files, 1);
    keep(&phone, &id).await.expect(200);
}
