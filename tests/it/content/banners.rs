//! 首页轮播图: a picture encoded anew, shown from and until, leading only to pages of our own.

use time::macros::datetime;

use super::{once_heard, press, scene};

fn picture(width: u32, height: u32) -> Vec<u8> {
    let drawn = media::sample_banner([10, 20, 30], [1, 2, 3]).expect("drawn");
    let image = image::load_from_memory(&drawn.jpeg).expect("a picture");
    let mut bytes = std::io::Cursor::new(Vec::new());
    image
        .resize_exact(width, height, image::imageops::FilterType::Nearest)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("it is encoded");
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banner_is_shown_on_the_home_page_from_and_until_its_times() {
    let scene = scene().await;
    let fields = [
        ("title", "首贷专区上线"),
        ("link", "/market?lane=first"),
        ("show_until", "2026-11-26 09:30"),
    ];
    press(
        &scene.writer.browser,
        "/operator/content/new?kind=banner",
        &[("title", "外站"), ("link", "https://example.com/")],
    )
    .await
    .expect(422)
    .says("请输入本网站内的地址");
    let id = scene.drafted("banner", &fields).await;
    let files = format!("/operator/content/{id}/files");
    let send = async |bytes: Vec<u8>| {
        let form = scene.writer.browser.get(&files).await.expect(200);
        let (csrf, revision) = (form.csrf(), form.input("revision").unwrap_or_default());
        let fields = [("_csrf", csrf.as_str()), ("revision", revision.as_str())];
        let upload = [("picture", "a.png", bytes)];
        scene.writer.browser.upload(&files, &fields, &upload).await
    };
    send(picture(500, 400))
        .await
        .expect(422)
        .says("图片宽度应不少于");
    send(b"<svg onload=alert(1)>".to_vec()).await.expect(422);
    send(picture(900, 300)).await.expect(303);
    scene.submit(id).await;
    let visitor = scene.world.browser();
    let src: uuid::Uuid =
        sqlx::query_scalar("select (form ->> 'picture')::uuid from content_drafts where id = $1")
            .bind(id)
            .fetch_one(&scene.world.owner)
            .await
            .expect("it has one");
    let src = format!("/banners/{src}");
    visitor.get(&src).await.expect(404);
    scene.publish(id).await;
    let home = once_heard(&visitor, "/", |a| a.text().contains("首贷专区上线")).await;
    home.says(&src).says("/market?lane=first");
    let shown = visitor.get(&src).await.expect(200);
    assert_eq!(shown.headers["content-type"], "image/jpeg");
    scene
        .world
        .browser_at(journeys::OTHER_HOST)
        .get(&src)
        .await
        .expect(404);
    scene.world.clock.set(datetime!(2026-11-26 09:30 +8));
    assert!(
        !visitor
            .get("/")
            .await
            .expect(200)
            .text()
            .contains("首贷专区上线")
    );
    visitor.get(&src).await.expect(404);
}
