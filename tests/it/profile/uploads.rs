//! Photos: what is taken, what is refused, who may look.

use application::memory;
use reqwest::multipart::{Form as Multipart, Part};

use super::*;

async fn stored(browser: &Browser, answer: &Answer) -> Answer {
    let json: serde_json::Value = serde_json::from_str(&answer.text()).expect("JSON");
    let preview = json["preview"].as_str().expect("a preview").to_owned();
    browser.get(&preview).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_encoded_again_and_shown_to_its_owner_only() {
    let (world, owner) = newcomer().await;
    let sibling = world
        .new_enterprise(world.cangzhou.id, "沧州市邻居商贸有限公司", "13900001002")
        .await;
    let stranger = world
        .new_enterprise(world.other.id, "北山市示例商贸有限公司", "13900001003")
        .await;
    let answer = put(&owner.browser, "licence", "a.png", photo(ImageFormat::Png))
        .await
        .expect(200);
    let shown = stored(&owner.browser, &answer).await.expect(200);
    let header = |name: &str| {
        shown
            .headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    assert!(shown.body.starts_with(&[0xFF, 0xD8, 0xFF]), "always JPEG");
    assert_eq!(header("content-type"), "image/jpeg");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").contains("sandbox"));
    assert_eq!(
        header("content-disposition"),
        "inline; filename=\"licence.jpg\""
    );
    let json: serde_json::Value = serde_json::from_str(&answer.text()).expect("JSON");
    let path = json["preview"].as_str().expect("a path");
    let missing = "/enterprise/files/00000000-0000-7000-8000-000000000000";
    let strip = |answer: Answer, path: &str| {
        let id = answer
            .headers
            .get("x-request-id")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let _ = path;
        answer.text().replace(&id, "")
    };
    for other in [&sibling.browser, &stranger.browser] {
        let theirs = other.get(path).await.expect(404);
        let nothing = other.get(missing).await.expect(404);
        assert_eq!(strip(theirs, path), strip(nothing, missing));
    }
    world.browser().get(path).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_in_a_photo_is_dropped() {
    let (_world, owner) = newcomer().await;
    let mut bytes = jpeg();
    let mut exif = b"Exif\0\0II*\0GPSLatitude=38.3037".to_vec();
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    let mut segment = vec![0xFF, 0xE1, length[0], length[1]];
    segment.append(&mut exif);
    bytes.splice(2..2, segment);
    let answer = put(&owner.browser, "licence", "a.jpg", bytes)
        .await
        .expect(200);
    let shown = stored(&owner.browser, &answer).await.expect(200);
    let text = String::from_utf8_lossy(&shown.body).into_owned();
    assert!(!text.contains("GPSLatitude") && !text.contains("Exif"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_photo_is_refused_whatever_it_is_called() {
    let (world, owner) = newcomer().await;
    let bomb = {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_luma8(12_000, 12_000)
            .write_to(&mut bytes, ImageFormat::Png)
            .expect("it encodes");
        bytes.into_inner()
    };
    assert!(bomb.len() < 1024 * 1024, "small to send, huge to open");
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>".to_vec();
    let mut cut = jpeg();
    cut.truncate(200);
    for (name, bytes, status, words) in [
        ("bomb.png", bomb, 422, "总计 4000 万像素以内"),
        ("a.svg", svg.clone(), 422, "不是 JPG 或 PNG 图片"),
        ("a.jpg", svg, 422, "不是 JPG 或 PNG 图片"),
        (
            "a.jpg",
            b"MZ\x90\0\x03".repeat(50),
            422,
            "不是 JPG 或 PNG 图片",
        ),
        (
            "a.jpg",
            b"%PDF-1.4\n%%EOF".to_vec(),
            422,
            "不是 JPG 或 PNG 图片",
        ),
        ("a.jpg", cut, 422, "图片已损坏"),
        ("a.jpg", Vec::new(), 422, "文件是空的"),
    ] {
        put(&owner.browser, "id_front", name, bytes)
            .await
            .expect(status)
            .says(words);
    }
    let rows: i64 = sqlx::query_scalar("select count(*) from enterprise_files")
        .fetch_one(&world.owner)
        .await
        .expect("a count");
    assert_eq!(rows, 0);
}

/// The smallest PDF that opens: one empty page.
pub(crate) fn pdf() -> Vec<u8> {
    let parts = [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n",
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n",
    ];
    let (mut text, mut places) = ("%PDF-1.4\n".to_owned(), Vec::new());
    for part in parts {
        places.push(text.len());
        text.push_str(part);
    }
    let start = text.len();
    text.push_str("xref\n0 4\n0000000000 65535 f \n");
    for place in places {
        text.push_str(&format!("{place:010} 00000 n \n"));
    }
    text.push_str(&format!(
        "trailer<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    ));
    text.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_may_be_a_pdf_and_an_identity_card_may_not() {
    let (_world, owner) = newcomer().await;
    put(&owner.browser, "id_front", "a.pdf", pdf())
        .await
        .expect(422)
        .says("不是 JPG 或 PNG 图片");
    put(&owner.browser, "licence", "a.pdf", pdf())
        .await
        .expect(200)
        .says("\"preview\":\"\"");
    let page = owner
        .browser
        .get("/enterprise/profile?edit=1")
        .await
        .expect(200);
    // The tile says that it is there, and shows nothing that a browser would run.
    let tile = page.text();
    let tile = tile
        .split("data-upload-name=\"licence\"")
        .nth(1)
        .and_then(|rest| rest.split("data-upload-input").next())
        .expect("a tile")
        .to_owned();
    assert!(tile.contains("已上传") && !tile.contains("<img"), "{tile}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_megabytes_are_refused_with_413_and_clear_words() {
    let (_world, owner) = newcomer().await;
    let mut big = jpeg();
    big.resize(60 * 1024 * 1024, 0);
    put(&owner.browser, "licence", "a.jpg", big.clone())
        .await
        .expect(413)
        .says("不超过 10 MB");
    let page = owner.browser.get("/enterprise/profile").await;
    owner
        .browser
        .upload(
            "/enterprise/profile",
            &[("_csrf", &page.csrf())],
            &[("licence", "a.jpg", big)],
        )
        .await
        .expect(413)
        .says("不超过 10 MB");
    let mut eleven = jpeg();
    eleven.resize(10 * 1024 * 1024 + 1, 0);
    put(&owner.browser, "licence", "a.jpg", eleven)
        .await
        .expect(413)
        .says("10 MB");
}

/// The form as a browser sends it: the photos stand before what is typed.
fn with_photos(
    csrf: &str,
    version: &str,
    photos: &[(&'static str, &'static str, Vec<u8>)],
) -> Multipart {
    let mut form = Multipart::new();
    for (name, file, bytes) in photos {
        form = form.part(*name, Part::bytes(bytes.clone()).file_name(*file));
    }
    let mut fields = filled();
    fields.extend([
        ("_csrf", csrf),
        ("version", version),
        ("sms_code", "246810"),
    ]);
    for (name, value) in fields {
        form = form.text(name.to_owned(), value.to_owned());
    }
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_photo_that_is_too_large_keeps_what_was_typed_and_names_the_photo() {
    let (_world, owner) = newcomer().await;
    let browser = &owner.browser;
    let path = "/enterprise/profile";
    let page = browser.get(path).await.expect(200);
    let (csrf, version) = (page.csrf(), page.input("version").expect("a version"));
    let send = async |form: Multipart| {
        let request = browser.raw(reqwest::Method::POST, path);
        browser.answer(request.multipart(form)).await
    };
    let mut big = jpeg();
    big.resize(60 * 1024 * 1024, 0);
    let photos = [
        ("licence", "zhizhao.jpg", big),
        ("id_front", "zhengmian.jpg", jpeg()),
        ("id_back", "", Vec::new()),
    ];
    let told = send(with_photos(&csrf, &version, &photos))
        .await
        .expect(413);
    let told = told
        .says("文件太大")
        .says("“zhizhao.jpg”（60.0 MB）超过每个文件 10 MB 的限制")
        .says("重新选择文件：zhizhao.jpg")
        .says("重新选择文件：zhengmian.jpg")
        .says("重新提交")
        .says("密码和验证码需要重新填写");
    for (name, typed) in filled() {
        let kept = (!name.starts_with("password")).then(|| typed.to_owned());
        assert_eq!(told.input(name), kept, "{name}");
    }
    assert_eq!(told.input("sms_code"), None);
    let text = told.text();
    assert!(!text.contains(GOOD) && !text.contains("name=\"id_back\""));
    assert!(text.contains("enctype=\"multipart/form-data\""));

    // Sent again as that page offers it, the form is there with everything but what is never kept.
    let mut fields = filled();
    fields.retain(|(name, _)| !name.starts_with("password"));
    let csrf = told.csrf();
    fields.push(("_csrf", &csrf));
    let form = browser
        .upload(path, &fields, &[("licence", "a.jpg", jpeg())])
        .await
        .expect(422)
        .says("营业执照照片的预览")
        .says("请输入密码");
    assert_eq!(
        form.input("address").as_deref(),
        Some("庆云镇装备大街 108 号")
    );

    // Nothing is offered of what no page of ours has sent.
    let mut big = jpeg();
    big.resize(32 * 1024 * 1024, 0);
    let photos = [("licence", "a.jpg", big)];
    let strange = send(with_photos("foreign", &version, &photos)).await;
    let strange = strange.expect(413).says("不超过 10 MB");
    assert_eq!(strange.input("address"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_photo_takes_the_place_of_the_old_one_whose_object_is_gone() {
    let (world, owner) = newcomer().await;
    let first = put(&owner.browser, "licence", "a.jpg", jpeg())
        .await
        .expect(200);
    let key: String = sqlx::query_scalar("select object_key from enterprise_files")
        .fetch_one(&world.owner)
        .await
        .expect("a key");
    put(&owner.browser, "licence", "b.jpg", jpeg())
        .await
        .expect(200);
    stored(&owner.browser, &first).await.expect(404);
    let key = application::ports::files::FileKey::parse(&key).expect("a key of ours");
    let object = world
        .parts
        .files
        .get(world.cangzhou.id.0, &key)
        .await
        .expect("the vault answers");
    assert!(object.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_come_with_the_form_where_there_is_no_script_and_can_be_taken_back() {
    let (_world, owner) = newcomer().await;
    let page = owner.browser.get("/enterprise/profile").await;
    let csrf = page.csrf();
    owner
        .browser
        .upload(
            "/enterprise/profile",
            &[("_csrf", &csrf), ("_action", "save"), ("address", "留住我")],
            &[
                ("licence", "a.jpg", jpeg()),
                ("id_front", "b.jpg", b"MZ".to_vec()),
            ],
        )
        .await
        .expect(422)
        .says("留住我")
        .says("营业执照照片的预览")
        .says("不是 JPG 或 PNG 图片");
    let page = owner
        .browser
        .submit_from(
            &page,
            "/enterprise/profile",
            &[("_action", "delete:licence")],
        )
        .await
        .expect(200);
    assert!(!page.text().contains("营业执照照片的预览"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_sixty_uploads_an_hour_are_too_many() {
    let (world, owner) = newcomer().await;
    for _ in 0..60 {
        put(&owner.browser, "licence", "a.jpg", b"no photo".to_vec())
            .await
            .expect(422);
        world.clock.advance(time::Duration::seconds(1));
    }
    let answer = put(&owner.browser, "licence", "a.jpg", jpeg())
        .await
        .expect(429);
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_says_how_much_a_person_uploads_and_an_enterprise_keeps() {
    let (world, owner) = newcomer().await;
    let mut city = (*world.cangzhou).clone();
    (city.uploads.files, city.uploads.per_hour) = (1, 3);
    let cities = vec![city, (*world.other).clone()];
    world.directory.replace(cities).expect("hosts are single");
    for _ in 0..2 {
        // The second one takes the place of the first.
        put(&owner.browser, "licence", "a.jpg", jpeg())
            .await
            .expect(200);
    }
    put(&owner.browser, "id_front", "a.jpg", jpeg())
        .await
        .expect(422)
        .says("企业保存的文件已达上限（1 个或 100 MB）");
    put(&owner.browser, "licence", "a.jpg", jpeg())
        .await
        .expect(429);
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_a_profile_that_was_never_completed_go_after_ninety_days() {
    let (world, owner) = newcomer().await;
    let done = complete(&world, "13900001002").await;
    put(&owner.browser, "licence", "a.jpg", jpeg())
        .await
        .expect(200);
    let of = |id: uuid::Uuid| {
        let world = &world;
        async move {
            let rows: i64 = sqlx::query_scalar(
                "select count(*) from enterprise_files where enterprise_id = $1",
            )
            .bind(id)
            .fetch_one(&world.owner)
            .await
            .expect("it counts");
            rows
        }
    };
    let key: String =
        sqlx::query_scalar("select object_key from enterprise_files where enterprise_id = $1")
            .bind(owner.id.0)
            .fetch_one(&world.owner)
            .await
            .expect("it is there");
    let key = application::ports::files::FileKey::parse(&key).expect("a key");
    let stored = || world.parts.files.get(world.cangzhou.id.0, &key);
    let workers = yijianrong::workers::Workers::new(&world.parts);
    world.clock.advance(time::Duration::days(89));
    workers.sweep_once().await.expect("it runs");
    assert_eq!((of(owner.id.0).await, of(done.id.0).await), (1, 3));
    world.clock.advance(time::Duration::days(2));
    workers.sweep_once().await.expect("it runs");
    assert_eq!((of(owner.id.0).await, of(done.id.0).await), (0, 3));
    assert_eq!(stored().await.expect("it answers"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_identity_photo_ends_completion_and_verification_until_it_is_saved_with_a_code() {
    let world = World::new().await;
    let owner = complete(&world, "13900001002").await;
    sqlx::query("update users set face_verified_at = now(), face_method = 'face' where id = $1")
        .bind(owner.user.0)
        .execute(&world.owner)
        .await
        .expect("the person is verified");
    let state = || async {
        let state: (bool, bool) = sqlx::query_as(
            "select e.profile_completed_at is not null, u.face_verified_at is not null
             from users u join enterprises e on e.id = u.enterprise_id where u.id = $1",
        )
        .bind(owner.user.0)
        .fetch_one(&world.owner)
        .await
        .expect("the enterprise is there");
        state
    };
    put(&owner.browser, "licence", "a.jpg", jpeg())
        .await
        .expect(200);
    assert_eq!(state().await, (false, true), "a licence is no face");
    put(&owner.browser, "id_front", "a.jpg", jpeg())
        .await
        .expect(200);
    assert_eq!(state().await, (false, false));
    world.clock.advance(time::Duration::minutes(2));
    save(&world, &owner.browser, &[]).await.expect(303);
    assert_eq!(state().await, (true, false));
}

/// Larger than a form with text.
fn large() -> Vec<u8> {
    vec![0; 2 * 1024 * 1024]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_read_for_nobody_whom_the_door_does_not_know() {
    let world = World::new().await;
    let bank = world.bank("狮城商业银行").await;
    let branch = world.branch(bank, "狮城商业银行运河支行").await;
    let clerk = world.staff(branch, "钱云诚", &["bm"]).await;
    let owner = world
        .new_enterprise(world.cangzhou.id, "沧州市示例商贸有限公司", "13900001001")
        .await;
    // Without a token: whoever reads the body first says that the page is over.
    let send = async |browser: &Browser| {
        let file = [("file", "a.jpg", large())];
        browser.upload(FILES, &[("name", "licence")], &file).await
    };
    send(&world.browser()).await.expect(401).says("请重新登录");
    send(&clerk.browser).await.expect(404);
    send(&owner.browser).await.expect(403).says("页面已过期");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_has_two_large_bodies_and_four_files_at_once_and_is_then_told_to_come_back() {
    let (_world, owner) = newcomer().await;
    let browser = &owner.browser;
    let answer = put(browser, "licence", "a.jpg", jpeg()).await.expect(200);
    let whose = owner.user.to_string();
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(memory::UPLOADS.take(&whose, 1).await.expect("a place"));
    }
    for _ in 0..4 {
        held.push(memory::FILES.take(&whose, 1).await.expect("a place"));
    }
    let (sent, opened) = tokio::join!(
        put(browser, "id_front", "b.jpg", large()),
        stored(browser, &answer)
    );
    for (answer, words) in [
        (sent, "文件未上传，内容没有提交成功"),
        (opened, "文件没有打开"),
    ] {
        let answer = answer.expect(503).says(words);
        assert!(answer.headers.contains_key("retry-after"));
    }
    put(browser, "id_back", "c.jpg", jpeg()).await.expect(200);
    drop(held);
    stored(browser, &answer).await.expect(200);
}
