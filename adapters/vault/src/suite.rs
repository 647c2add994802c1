//! The two algorithm sets behind the sealer.

use aes_gcm::aead::array::Array;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, AeadInOut, KeyInit, Nonce, Payload};
use aes_gcm::{Aes256Gcm, AesGcm};
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::Sha256;
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use crate::keys::Key;

/// SM4 in Galois/counter mode, composed from the maintained cipher and the mode of `aes-gcm`.
type Sm4Gcm = AesGcm<Sm4, U12>;

const NONCE: usize = 12;
const TAG: usize = 16;
const HEAD: usize = 1 + 4;

/// Algorithm set 算法套件; its number is the first byte of every sealed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suite {
    /// AES-256-GCM with HMAC-SHA-256.
    #[default]
    Aes,
    /// 国密: SM4-GCM with HMAC-SM3.
    ShangMi,
}

impl Suite {
    /// The version byte.
    pub fn version(self) -> u8 {
        match self {
            Self::Aes => 1,
            Self::ShangMi => 2,
        }
    }

    /// The set of a version byte, if it is known here.
    pub fn of_version(version: u8) -> Option<Self> {
        match version {
            1 => Some(Self::Aes),
            2 => Some(Self::ShangMi),
            _ => None,
        }
    }

    /// Keyed hash of the parts, each preceded by its length.
    pub(crate) fn mac(self, key: &Key, parts: &[&[u8]]) -> [u8; 32] {
        match self {
            Self::Aes => mac_with::<Hmac<Sha256>>(key, parts),
            Self::ShangMi => mac_with::<Hmac<Sm3>>(key, parts),
        }
    }

    /// A key for one use, derived from a data or master key.
    pub(crate) fn derive(self, key: &Key, purpose: &str) -> Key {
        Key::from_bytes(self.mac(key, &[b"yijianrong/derive", purpose.as_bytes()]))
    }

    /// Seals to `version|key id|nonce|text|tag`; version and key id are authenticated together with `bound`.
    pub(crate) fn seal(
        self,
        key: &Key,
        key_id: u32,
        bound: &[u8],
        plain: &[u8],
    ) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        OsRng.try_fill_bytes(&mut nonce).ok()?;
        let mut sealed = Vec::with_capacity(HEAD + NONCE + plain.len() + TAG);
        sealed.push(self.version());
        sealed.extend_from_slice(&key_id.to_be_bytes());
        let aad = [&sealed[..], bound].concat();
        sealed.extend_from_slice(&nonce);
        let front = sealed.len();
        sealed.extend_from_slice(plain);
        // Where it lies: a large file is in memory twice here, and not three times.
        let text = &mut sealed[front..];
        let tag = match self {
            Self::Aes => encrypt(&Aes256Gcm::new(&Array(*key.bytes())), nonce, &aad, text),
            Self::ShangMi => encrypt(&sm4_gcm(key), nonce, &aad, text),
        }?;
        sealed.extend_from_slice(&tag);
        Some(sealed)
    }

    /// Opens a whole sealed value whose head was read with [`head`].
    pub(crate) fn open(self, key: &Key, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (front, rest) = sealed.split_at_checked(HEAD)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>()?;
        let aad = [front, bound].concat();
        match self {
            Self::Aes => decrypt(&Aes256Gcm::new(&Array(*key.bytes())), *nonce, &aad, text),
            Self::ShangMi => decrypt(&sm4_gcm(key), *nonce, &aad, text),
        }
    }
}

/// Version byte and key id of a sealed value; `None` when it is too short to be one.
pub(crate) fn head(sealed: &[u8]) -> Option<(u8, u32)> {
    if sealed.len() < HEAD + NONCE + TAG {
        return None;
    }
    let (version, rest) = sealed.split_first()?;
    let (id, _) = rest.split_first_chunk::<4>()?;
    Some((*version, u32::from_be_bytes(*id)))
}

fn sm4_gcm(key: &Key) -> Sm4Gcm {
    let mut half = Zeroizing::new([0; 16]);
    half.copy_from_slice(&key.bytes()[..16]);
    Sm4Gcm::new(&Array(*half))
}

/// Encrypts a text where it lies; answers its tag.
fn encrypt<A>(aead: &A, nonce: [u8; NONCE], aad: &[u8], text: &mut [u8]) -> Option<[u8; TAG]>
where
    A: AeadInOut,
    Nonce<A>: From<[u8; NONCE]>,
{
    let tag = aead.encrypt_inout_detached(&Nonce::<A>::from(nonce), aad, text.into());
    tag.ok()?.as_slice().try_into().ok()
}

fn decrypt<A>(aead: &A, nonce: [u8; NONCE], aad: &[u8], text: &[u8]) -> Option<Vec<u8>>
where
    A: Aead + AeadInOut,
    Nonce<A>: From<[u8; NONCE]>,
{
    let payload = Payload { msg: text, aad };
    aead.decrypt(&Nonce::<A>::from(nonce), payload).ok()
}

fn mac_with<M: Mac + hmac::KeyInit>(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        <M as hmac::KeyInit>::new_from_slice(key.bytes()).expect("HMAC takes any key length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(&mac.finalize().into_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8998, appendix A.1.
    #[test]
    fn sm4_gcm_gives_the_published_answer() {
        let key = [
            0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54,
            0x32, 0x10,
        ];
        let nonce = hex::decode("00001234567800000000abcd").expect("hex");
        let aad = hex::decode("feedfacedeadbeeffeedfacedeadbeefabaddad2").expect("hex");
        let mut text = hex::decode(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        )
        .expect("hex");
        let tag = encrypt(
            &Sm4Gcm::new(&Array(key)),
            nonce.try_into().expect("12 bytes"),
            &aad,
            &mut text,
        )
        .expect("sealed");
        text.extend(tag);
        assert_eq!(
            hex::encode(text),
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec"
        );
    }

    #[test]
    fn keyed_hashes_tell_parts_apart() {
        let key = Key::from_bytes([7; 32]);
        for suite in [Suite::Aes, Suite::ShangMi] {
            assert_ne!(
                suite.mac(&key, &[b"ab", b"c"]),
                suite.mac(&key, &[b"a", b"bc"])
            );
        }
        assert_ne!(
            Suite::Aes.mac(&key, &[b"x"]),
            Suite::ShangMi.mac(&key, &[b"x"])
        );
    }
}
