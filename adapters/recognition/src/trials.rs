//! What every provider outside is tried with: one small picture, and answers that are none.

use std::time::Duration;

use application::ports::recognition::{Recognised, RecognitionError, Recognizer, Sureness};
use domain::{enterprise::ProfileFile, ids::TenantId};
use outbound::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;
use wiremock::{Match, Mock, MockServer, ResponseTemplate};

pub(crate) const CITY: TenantId = TenantId(Uuid::nil());
pub(crate) const PICTURE: &[u8] = b"\xff\xd8\xff\xe0 small enough to go out as it is";

/// A secret as a city's file refers to it; each time a file of its own, so that none meets another's half.
pub(crate) fn secret(name: &str, text: &str) -> Secret {
    let path = std::env::temp_dir().join(format!("yjr-ocr-{name}-{}", Uuid::new_v4()));
    std::fs::write(&path, text).expect("written");
    Secret::parse(&format!("file:{}", path.display())).expect("a reference")
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

pub(crate) async fn reads(
    by: &impl Recognizer,
    document: ProfileFile,
) -> Result<Recognised, RecognitionError> {
    by.recognise(document, PICTURE.to_vec()).await
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

/// Garbage, half an answer, silence, a redirect, five megabytes: unclear, for every document; nobody there: not reached.
pub(crate) async fn nothing_is_read_from_nothing<R: Recognizer>(build: impl Fn(&str) -> R) {
    let large = format!(r#"{{"code":"{}"}}"#, "x".repeat(5 * 1024 * 1024));
    let mut bases = vec![("half an answer", broken().await, None)];
    for (what, answer) in [
        ("garbage", json("<html>")),
        ("half a text", json(r#"{"Response":{"Name":"#)),
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
    ] {
        let server = standing(wiremock::matchers::any(), answer).await;
        bases.push((what, server.uri(), Some(server)));
    }
    for (what, base, _server) in bases {
        let by = build(&base);
        for document in [ProfileFile::Licence, ProfileFile::IdFront] {
            let outcome = reads(&by, document).await;
            assert!(
                matches!(outcome, Err(RecognitionError::Unclear(_))),
                "{what}: {outcome:?}"
            );
        }
    }
    let gone = reads(&build("http://127.0.0.1:1"), ProfileFile::Licence).await;
    assert!(matches!(gone, Err(RecognitionError::Unreachable(_))));
}

/// Name, code and how sure they are, of a licence.
pub(crate) fn licence(read: Result<Recognised, RecognitionError>) -> (String, String, Sureness) {
    match read {
        Ok(Recognised::Licence(licence)) => {
            let name = licence.name.expect("a name");
            let code = licence.credit_code.expect("a code");
            (
                name.value.as_str().to_owned(),
                code.value.as_str().to_owned(),
                name.sureness,
            )
        }
        other => panic!("no licence: {other:?}"),
    }
}

/// Name and number of a card's front.
pub(crate) fn front(read: Result<Recognised, RecognitionError>) -> (String, String) {
    match read {
        Ok(Recognised::IdFront(card)) => (
            card.name.expect("a name").value.as_str().to_owned(),
            card.number.expect("a number").value.as_str().to_owned(),
        ),
        other => panic!("no card: {other:?}"),
    }
}

/// Whether a card's back runs for ever.
pub(crate) fn runs_for_ever(read: Result<Recognised, RecognitionError>) -> bool {
    match read {
        Ok(Recognised::IdBack(card)) => card.term.expect("a term").value.until.is_none(),
        other => panic!("no card: {other:?}"),
    }
}
