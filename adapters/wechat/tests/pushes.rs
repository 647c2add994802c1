//! What the platform pushes, by the vectors WX-4 and WX-5; and everything that only looks like it.

use application::ports::wechat::{MiniProgramPushes as _, Push, PushQuery, SafetyVerdict};
use serde_json::json;
use time::Duration;

use crate::stage::{Stage, now};

const ENCRYPTED: &str = "N5RGgO0TEMkeavObOZIA7DHwlRq38yh6XUGmpvThR/8c7X0g5iE+zSde0/wUY8Nb4fwJMpsmVC+CkpVmasjAUupf27cDRRNHtrlUlcNh/dJ0gjTct6pf3H8tJJbHKjl5JN4lZpFpST/q4PrTRB6t44wuwLeQaD2YDnwiYZCBMwvValBGSsiUJ7OXpkNcp5Xh5mxwl2U/0zgWmSs2kBEzFYg+FGtU/xxfSaW+E5AyasLA9kY3iDLGXupyMjYHOVR3WqqD0ssh2BKyLY5WP9Z0fqE5M+VazLHgtBrJ0v1gLhc=";

fn query() -> PushQuery {
    PushQuery {
        signature: "eafabaae2d9b45615c3264499e84377b7efd7901".to_owned(),
        msg_signature: "f8814feca9e2ec64050d81f756cbd94f55bb5a21".to_owned(),
        timestamp: "1740816000".to_owned(),
        nonce: "1372623149".to_owned(),
        echostr: "5927".to_owned(),
    }
}

fn body() -> Vec<u8> {
    json!({ "ToUserName": "gh_000000000001", "Encrypt": ENCRYPTED })
        .to_string()
        .into_bytes()
}

#[tokio::test]
async fn the_check_of_the_address_is_answered_when_it_is_signed() {
    let stage = Stage::new().await;
    let process = stage.process();
    assert_eq!(process.greet(&query(), now()).as_deref(), Some("5927"));
    for forged in [
        PushQuery {
            signature: query().msg_signature,
            ..query()
        },
        PushQuery {
            nonce: "1372623148".to_owned(),
            ..query()
        },
        PushQuery {
            echostr: "<script>\n".to_owned(),
            ..query()
        },
    ] {
        assert_eq!(process.greet(&forged, now()), None);
    }
}

#[tokio::test]
async fn a_genuine_push_is_opened() {
    let stage = Stage::new().await;
    let process = stage.process();
    let expected = Push::Picture {
        trace: "t-1".to_owned(),
        verdict: SafetyVerdict::Pass,
    };
    assert_eq!(process.open(&query(), &body(), now()), Some(expected));
}

#[tokio::test]
async fn what_is_forged_old_plain_or_cut_is_not_opened() {
    let stage = Stage::new().await;
    let process = stage.process();
    for off in [Duration::seconds(301), Duration::seconds(-301)] {
        assert_eq!(process.open(&query(), &body(), now() + off), None);
    }
    let forged = PushQuery {
        msg_signature: query().signature,
        ..query()
    };
    assert_eq!(process.open(&forged, &body(), now()), None);
    let plain = json!({ "MsgType": "event", "Event": "wxa_media_check", "trace_id": "t-1",
        "result": { "suggest": "pass" } });
    for body in [
        plain.to_string().into_bytes(),
        body()[..200].to_vec(),
        Vec::new(),
        b"<xml/>".to_vec(),
    ] {
        assert_eq!(process.open(&query(), &body, now()), None);
    }
    // Signed all the same, but not what the key encrypted: the signature is computed here as the platform does.
    for broken in ["AAAA", "not base64", &ENCRYPTED[..64]] {
        use sha1::{Digest as _, Sha1};
        let mut parts = ["TestToken123", "1740816000", "1372623149", broken];
        parts.sort_unstable();
        let signed = PushQuery {
            msg_signature: hex::encode(Sha1::digest(parts.concat())),
            ..query()
        };
        let body = json!({ "Encrypt": broken }).to_string();
        assert_eq!(process.open(&signed, body.as_bytes(), now()), None);
    }
}
