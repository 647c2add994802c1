//! Signatures 请求签名: pure functions of what is sent, one file per scheme. Time and nonce come in as arguments.

pub mod acs3;
pub mod rpc;
pub mod sdk_hmac;
pub mod tc3;
pub mod wsse;

use hmac::{Hmac, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// What RFC 3986 leaves as it is: letters, digits and `-_.~`.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The body as the signature sees it.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    Signed(&'a [u8]),
    /// The literal `UNSIGNED-PAYLOAD` stands for it.
    Unsigned,
}

pub(crate) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// A parameter list as a query: RFC 3986, sorted by name, joined.
pub fn query(parameters: &[(&str, &str)]) -> String {
    let mut pairs: Vec<(String, String)> = parameters
        .iter()
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// RFC 3986: a space is `%20`, hex digits are large.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// `2025-03-01T08:00:00Z`.
pub fn utc_seconds(at: OffsetDateTime) -> String {
    const SHAPE: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    in_utc(at, SHAPE)
}

/// `20250301T080000Z`.
pub fn utc_compact(at: OffsetDateTime) -> String {
    const SHAPE: &[BorrowedFormatItem<'_>] =
        format_description!("[year][month][day]T[hour][minute][second]Z");
    in_utc(at, SHAPE)
}

pub(crate) fn utc_day(at: OffsetDateTime) -> String {
    const SHAPE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
    in_utc(at, SHAPE)
}

fn in_utc(at: OffsetDateTime, shape: &[BorrowedFormatItem<'_>]) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(shape)
        .unwrap_or_default()
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length; the empty digest is never reached.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(text);
        mac.finalize().into_bytes().into()
    })
}

/// Lower-case names, trimmed values, sorted: the header block and the list of names.
pub(crate) fn header_block(headers: &[(&str, &str)]) -> (String, String) {
    let mut lines: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    lines.sort();
    let block = lines
        .iter()
        .flat_map(|(name, value)| [name, ":", value, "\n"])
        .collect();
    let names: Vec<String> = lines.into_iter().map(|(name, _)| name).collect();
    (block, names.join(";"))
}
