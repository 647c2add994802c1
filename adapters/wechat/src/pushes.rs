//! Pushes 消息推送: only those in safe mode (安全模式, JSON), because the signature of plain ones does not cover what they say.

use aes::Aes256;
use application::ports::wechat::{MiniProgramPushes, Push, PushQuery, SafetyVerdict};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::NoPadding};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;
use time::OffsetDateTime;

use crate::{call::Platform, safety::Outcome};

/// A key's last sign can hold bits that belong to nothing.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
/// Seconds by which a push may be off.
const OFF: i64 = 300;
/// Blocks of the padding.
const PADDED_TO: u8 = 32;

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Encrypt")]
    encrypt: String,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "MsgType")]
    kind: String,
    #[serde(rename = "Event", default)]
    event: String,
    #[serde(default)]
    trace_id: String,
    #[serde(default, deserialize_with = "number_or_text")]
    errcode: i64,
    result: Option<Outcome>,
}

fn number_or_text<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let wrong = || serde::de::Error::custom("neither a number nor one as text");
    match Value::deserialize(from)? {
        Value::Number(number) => number.as_i64().ok_or_else(wrong),
        Value::String(text) => text.trim().parse().map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

/// Hex of the SHA-1 of the parts, sorted and joined.
fn signature(mut parts: Vec<&str>) -> String {
    parts.sort_unstable();
    hex::encode(Sha1::digest(parts.concat()))
}

fn same(ours: &str, theirs: &str) -> bool {
    ours.as_bytes().ct_eq(theirs.as_bytes()).into()
}

fn in_time(query: &PushQuery, now: OffsetDateTime) -> bool {
    let sent: Option<i64> = query.timestamp.parse().ok();
    sent.is_some_and(|sent| (now.unix_timestamp() - sent).abs() <= OFF)
}

impl Platform {
    fn push_secrets(&self) -> Option<(SecretString, SecretString)> {
        let push = self.settings.push.as_ref()?;
        Some((push.token.read().ok()?, push.key.read().ok()?))
    }
}

impl MiniProgramPushes for Platform {
    fn greet(&self, query: &PushQuery, now: OffsetDateTime) -> Option<String> {
        let (token, _) = self.push_secrets()?;
        let ours = signature(vec![token.expose_secret(), &query.timestamp, &query.nonce]);
        let plain =
            query.echostr.len() <= 256 && query.echostr.chars().all(|c| c.is_ascii_graphic());
        (in_time(query, now) && plain && same(&ours, &query.signature))
            .then(|| query.echostr.clone())
    }

    fn open(&self, query: &PushQuery, body: &[u8], now: OffsetDateTime) -> Option<Push> {
        let (token, key) = self.push_secrets()?;
        let envelope: Envelope = serde_json::from_slice(body).ok()?;
        let ours = signature(vec![
            token.expose_secret(),
            &query.timestamp,
            &query.nonce,
            &envelope.encrypt,
        ]);
        if !in_time(query, now) || !same(&ours, &query.msg_signature) {
            return None;
        }
        let text = decrypt(
            key.expose_secret(),
            &envelope.encrypt,
            &self.settings.app_id,
        )?;
        Some(understand(&serde_json::from_slice(&text).ok()?))
    }
}

fn understand(message: &Message) -> Push {
    let about_a_picture = message.kind == "event" && message.event == "wxa_media_check";
    if !about_a_picture || message.trace_id.is_empty() {
        return Push::Other;
    }
    // A picture that the platform could not judge is for people to judge.
    let judged = message.result.as_ref().filter(|_| message.errcode == 0);
    let verdict = judged.and_then(Outcome::verdict);
    Push::Picture {
        trace: message.trace_id.clone(),
        verdict: verdict.unwrap_or(SafetyVerdict::Review),
    }
}

/// Sixteen random bytes, four of length, the message, our app id, and padding to blocks of 32.
fn decrypt(key: &str, encrypted: &str, app_id: &str) -> Option<Vec<u8>> {
    let key: [u8; 32] = KEY_BASE64.decode(key).ok()?.try_into().ok()?;
    let mut buffer = STANDARD.decode(encrypted).ok()?;
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&key, &key[..16]).ok()?;
    let plain = cipher.decrypt_padded::<NoPadding>(&mut buffer).ok()?;
    let padding = *plain.last()?;
    if !(1..=PADDED_TO).contains(&padding) {
        return None;
    }
    let (content, tail) = plain.split_at_checked(plain.len().checked_sub(padding.into())?)?;
    if tail.iter().any(|byte| *byte != padding) {
        return None;
    }
    let (length, rest) = content.get(16..)?.split_at_checked(4)?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    let (message, whose) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    (whose == app_id.as_bytes()).then(|| message.to_vec())
}
