//! What every provider is tried with: one person, one check, and answers that are none.

use application::ports::face::{
    FaceAsk, FaceChannel, FaceError, FaceJourney, FaceQuery, FaceStart, FaceSubject, FaceVerdict,
    FaceVerifier,
};
use domain::{
    ids::{FaceCheckId, TenantId},
    values::{PersonName, ResidentId},
};
use outbound::Secret;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;
use wiremock::{Match, Mock, MockServer, ResponseTemplate};

pub(crate) const CITY: TenantId = TenantId(Uuid::nil());
pub(crate) const NAME: &str = "顾屹舟";
pub(crate) const NUMBER: &str = "110105188001010009";
pub(crate) const CHECK: &str = "00000000-0000-0000-0000-000000000007";

/// A secret as a city's file refers to it; each time a file of its own, so that none meets another's half.
pub(crate) fn secret(name: &str, text: &str) -> Secret {
    let path = std::env::temp_dir().join(format!("yjr-face-{name}-{}", Uuid::new_v4()));
    std::fs::write(&path, text).expect("written");
    Secret::parse(&format!("file:{}", path.display())).expect("a reference")
}

pub(crate) fn check() -> FaceCheckId {
    FaceCheckId(Uuid::from_u128(7))
}

/// A real picture: providers want one of their own size.
pub(crate) fn photo() -> Vec<u8> {
    sized(1_200, 600)
}

pub(crate) fn sized(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([120, 90, 80]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .expect("it encodes");
    bytes.into_inner()
}

pub(crate) fn ask(channel: FaceChannel, photo: Vec<u8>) -> FaceAsk {
    FaceAsk {
        check: check(),
        subject: FaceSubject {
            name: PersonName::parse(NAME).expect("a name"),
            id: ResidentId::restore(NUMBER).expect("a number"),
            id_photo: Vec::new(),
        },
        channel,
        photo,
        journey: FaceJourney {
            return_to: "https://www.czjrkg.cn/enterprise/face/back/7.x".to_owned(),
            browser: "Mozilla/5.0 (Test)".to_owned(),
            openid: "o-openid".to_owned(),
        },
        demo: None,
    }
}

pub(crate) fn query(session: &str) -> FaceQuery {
    FaceQuery {
        check: check(),
        session: session.to_owned(),
        name: PersonName::parse(NAME).expect("a name"),
        id: ResidentId::restore(NUMBER).expect("a number"),
        openid: "o-openid".to_owned(),
    }
}

pub(crate) fn json(text: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text.into(), "application/json; charset=utf-8")
}

/// A stand-in that answers this to every request that fits, and nothing to any other.
pub(crate) async fn standing(fits: impl Match + 'static, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(fits).respond_with(answer).mount(&server).await;
    server
}

/// Garbage, another type, nothing, silence, a redirect, five megabytes, and a fault of the gateway.
fn none() -> Vec<(&'static str, ResponseTemplate)> {
    let large = format!(r#"{{"code":"{}"}}"#, "x".repeat(5 * 1024 * 1024));
    vec![
        ("garbage", json("<html>")),
        ("half a text", json(r#"{"Response":{"Url":"#)),
        ("another shape", json(r#"{"other":1}"#)),
        ("a list", json("[]")),
        (
            "another type",
            ResponseTemplate::new(200).set_body_raw("{}", "text/html"),
        ),
        ("nothing", ResponseTemplate::new(200)),
        ("silence", json("{}").set_delay(Duration::from_secs(5))),
        (
            "a redirect",
            ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"),
        ),
        ("five megabytes", json(large)),
        ("HTTP 500", ResponseTemplate::new(500)),
        (
            "HTTP 502",
            ResponseTemplate::new(502).set_body_string("bad"),
        ),
    ]
}

/// An answer that breaks off in the middle.
async fn broken() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let half = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"Response\":";
            let _ = stream.write_all(half).await;
        }
    });
    base
}

/// Whatever comes that is no answer: no verdict is made of it, neither at the start nor when it is asked for.
pub(crate) async fn nothing_is_made_of_nothing<V: FaceVerifier>(
    build: impl Fn(&str) -> V,
    ask: FaceAsk,
) {
    let mut bases = vec![("half an answer", broken().await, None)];
    for (what, answer) in none() {
        let server = standing(wiremock::matchers::any(), answer).await;
        bases.push((what, server.uri(), Some(server)));
    }
    for (what, base, _server) in bases {
        let started = build(&base).start(ask.clone()).await;
        assert!(
            matches!(started, Err(FaceError::Unclear(_))),
            "{what}: {started:?}"
        );
        let verdict = build(&base).verdict(&query("s-1\no-1")).await;
        assert!(
            matches!(
                verdict,
                Err(FaceError::Unclear(_)) | Ok(FaceVerdict::Unclear | FaceVerdict::Pending)
            ),
            "{what}: {verdict:?}"
        );
    }
    // Nobody there: nothing went out.
    let gone = build("http://127.0.0.1:1").start(ask).await;
    assert!(matches!(gone, Err(FaceError::Unreachable(_))), "{gone:?}");
}

/// The verdict of a photo.
pub(crate) fn judged(started: Result<FaceStart, FaceError>) -> (String, FaceVerdict) {
    match started.expect("it is judged") {
        FaceStart::Judged { session, verdict } => (session, verdict),
        FaceStart::Away { .. } => panic!("the person was sent away"),
    }
}
