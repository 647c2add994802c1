//! 健康检查 and the answers that need no room.

use journeys::World;

#[tokio::test(flavor = "multi_thread")]
async fn it_is_alive_and_ready() {
    let world = World::new().await;
    world.browser().get("/healthz").await.expect(200);
    world
        .browser()
        .get("/readyz")
        .await
        .expect(200)
        .says("ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_page_is_a_calm_page_of_the_city() {
    let world = World::new().await;
    world
        .browser()
        .get("/nothing-here")
        .await
        .expect(404)
        .says("没有找到页面")
        .says("0317-5669898");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_nobodys() {
    let world = World::new().await;
    let page = world
        .browser_at("stranger.localhost")
        .get("/")
        .await
        .expect(404);
    assert!(!page.text().contains("沧州"), "no default city");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let world = World::new().await;
    let page = world.browser().get("/nothing-here").await;
    for name in [
        "content-security-policy",
        "x-frame-options",
        "x-content-type-options",
        "referrer-policy",
        "x-request-id",
    ] {
        assert!(page.headers.contains_key(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_two_host_names_is_refused() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let world = World::new().await;
    for (second, status) in [("", "200"), ("Host: beishan.localhost\r\n", "400")] {
        let mut stream = tokio::net::TcpStream::connect(world.address)
            .await
            .expect("it listens");
        let ask = format!(
            "GET /login HTTP/1.1\r\nHost: cangzhou.localhost\r\n{second}Connection: close\r\n\r\n"
        );
        stream.write_all(ask.as_bytes()).await.expect("it is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
}
