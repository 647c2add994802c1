//! Tokens from the system's generator, and their keyed hashes.

use application::ports::tokens::Tokens;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::rngs::OsRng;
use rand::{Rng, TryRngCore};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::keys::Key;
use crate::suite::Suite;

/// Tokens 令牌 with keys derived from the installation's token key.
#[derive(Debug, Clone)]
pub struct SystemTokens {
    codes: Key,
    csrf: Key,
    signatures: Key,
}

impl SystemTokens {
    /// With the installation's token key.
    pub fn new(key: &Key) -> Self {
        Self {
            codes: Suite::Aes.derive(key, "codes"),
            csrf: Suite::Aes.derive(key, "csrf"),
            signatures: Suite::Aes.derive(key, "signatures"),
        }
    }
}

/// 256 random bits. Without a working generator nothing may go on, so this stops the request by panicking.
fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsRng
        .try_fill_bytes(&mut bytes)
        .expect("the system's random generator answers");
    bytes
}

fn bound<'a>(first: &'a str, rest: &[&'a str]) -> Vec<&'a [u8]> {
    std::iter::once(first.as_bytes())
        .chain(rest.iter().map(|part| part.as_bytes()))
        .collect()
}

impl Tokens for SystemTokens {
    fn session_id(&self) -> String {
        URL_SAFE_NO_PAD.encode(random())
    }

    fn one_time(&self) -> String {
        URL_SAFE_NO_PAD.encode(random())
    }

    fn sms_code(&self) -> String {
        format!("{:06}", OsRng.unwrap_err().random_range(0..1_000_000_u32))
    }

    fn fingerprint(&self, token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }

    fn code_hash(&self, code: &str, bound_to: &[&str]) -> [u8; 32] {
        Suite::Aes.mac(&self.codes, &bound(code, bound_to))
    }

    fn csrf(&self, session_id: &str) -> String {
        URL_SAFE_NO_PAD.encode(Suite::Aes.mac(&self.csrf, &[session_id.as_bytes()]))
    }

    fn csrf_fits(&self, session_id: &str, given: &str) -> bool {
        self.same(self.csrf(session_id).as_bytes(), given.as_bytes())
    }

    fn sign(&self, purpose: &'static str, parts: &[&str]) -> String {
        URL_SAFE_NO_PAD.encode(Suite::Aes.mac(&self.signatures, &bound(purpose, parts)))
    }

    fn sign_fits(&self, purpose: &'static str, parts: &[&str], given: &str) -> bool {
        self.same(self.sign(purpose, parts).as_bytes(), given.as_bytes())
    }

    fn mac(&self, secret: &[u8], text: &[u8]) -> [u8; 32] {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("HMAC takes any key length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    fn same(&self, left: &[u8], right: &[u8]) -> bool {
        left.ct_eq(right).into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn tokens() -> SystemTokens {
        SystemTokens::new(&Key::from_bytes([3; 32]))
    }

    #[test]
    fn session_ids_are_256_bits_and_never_repeat() {
        let ids: HashSet<_> = (0..1_000).map(|_| tokens().session_id()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            assert_eq!(URL_SAFE_NO_PAD.decode(id).expect("base64url").len(), 32);
        }
    }

    #[test]
    fn sms_codes_have_six_digits_and_use_every_first_digit() {
        let codes: Vec<_> = (0..1_000).map(|_| tokens().sms_code()).collect();
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 6 && code.bytes().all(|sign| sign.is_ascii_digit()))
        );
        let first: HashSet<_> = codes.iter().map(|code| code.as_bytes()[0]).collect();
        assert_eq!(first.len(), 10);
    }

    #[test]
    fn a_code_hash_fits_only_its_phone_purpose_and_session() {
        let tokens = tokens();
        let hash = tokens.code_hash("123456", &["13800000001", "register", "s1"]);
        assert_eq!(
            hash,
            tokens.code_hash("123456", &["13800000001", "register", "s1"])
        );
        assert_ne!(
            hash,
            tokens.code_hash("123457", &["13800000001", "register", "s1"])
        );
        assert_ne!(
            hash,
            tokens.code_hash("123456", &["13800000001", "register", "s2"])
        );
        assert_ne!(
            hash,
            tokens.code_hash("123456", &["13800000001", "registers", "1"])
        );
        let other = SystemTokens::new(&Key::from_bytes([4; 32]));
        assert_ne!(
            hash,
            other.code_hash("123456", &["13800000001", "register", "s1"])
        );
    }

    #[test]
    fn a_csrf_token_belongs_to_one_session_and_does_not_reveal_it() {
        let tokens = tokens();
        let token = tokens.csrf("session-a");
        assert!(tokens.csrf_fits("session-a", &token));
        assert!(!tokens.csrf_fits("session-b", &token));
        assert!(!tokens.csrf_fits("session-a", ""));
        assert!(!tokens.csrf_fits("session-a", &token[1..]));
        assert!(!token.contains("session-a"));
    }

    /// The vector that docs/bank-api.md prints for the engineers of banks.
    #[test]
    fn a_shared_secret_signs_as_the_documentation_says() {
        let text = "YJR1-HMAC-SHA256\nGET\ncangzhou.example.cn\n/bank/v1/applications\n\
                    changed_since=2026-11-25T00%3A00%3A00%2B08%3A00&limit=2\n1764034200\n\
                    0123456789abcdef0123456789abcdef\n\n\
                    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let secret = b"example-secret-example-secret-example-secret";
        let documented = include_str!("../../../docs/bank-api.md");
        let mac = hex::encode(tokens().mac(secret, text.as_bytes()));
        assert!(documented.contains(&mac), "{mac}");
    }

    #[test]
    fn a_signature_fits_only_its_purpose_and_parts() {
        let tokens = tokens();
        let signature = tokens.sign("view", &["file", "viewer", "1700000000"]);
        assert!(tokens.sign_fits("view", &["file", "viewer", "1700000000"], &signature));
        assert!(!tokens.sign_fits("view", &["file", "viewer", "1700000001"], &signature));
        assert!(!tokens.sign_fits("export", &["file", "viewer", "1700000000"], &signature));
        assert_ne!(signature, tokens.csrf("view"));
    }
}
