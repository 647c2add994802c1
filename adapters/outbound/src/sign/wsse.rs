//! Huawei Cloud `X-WSSE` 华为云用户名令牌.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::utc_seconds;

/// The constant value of `Authorization` beside it.
pub const AUTHORIZATION: &str = r#"WSSE realm="SDP",profile="UsernameToken",type="Appkey""#;

/// How the digest is written: both ways are in use, so a setting chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// Base64 of the bytes, as the formula reads.
    #[default]
    Raw,
    /// Base64 of their hex text.
    Hex,
}

/// The value of `X-WSSE`.
pub fn token(
    app_key: &str,
    app_secret: &str,
    nonce: &str,
    at: OffsetDateTime,
    digest: Digest,
) -> String {
    let created = utc_seconds(at);
    let hashed = Sha256::digest(format!("{nonce}{created}{app_secret}").as_bytes());
    let password = match digest {
        Digest::Raw => STANDARD.encode(hashed),
        Digest::Hex => STANDARD.encode(hex::encode(hashed)),
    };
    format!(
        r#"UsernameToken Username="{app_key}",PasswordDigest="{password}",Nonce="{nonce}",Created="{created}""#
    )
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn wsse_1_both_ways_of_the_digest() {
        let of = |digest| {
            token(
                "AppKeyExample000000000000000",
                "AppSecretExample00000000000000",
                "0123456789abcdef0123456789abcdef",
                datetime!(2025-03-01 08:00:00 UTC),
                digest,
            )
        };
        assert_eq!(
            of(Digest::Raw),
            r#"UsernameToken Username="AppKeyExample000000000000000",PasswordDigest="HGipdWlwAdFSBqvaDuWT0+NgNEQ0Bj+n9MzrCS/2ypY=",Nonce="0123456789abcdef0123456789abcdef",Created="2025-03-01T08:00:00Z""#
        );
        assert!(of(Digest::Hex).contains(r#"PasswordDigest="MWM2OGE5NzU2OTcwMDFkMTUyMDZhYmRhMGVlNTkzZDNlMzYwMzQ0NDM0MDYzZmE3ZjRjY2ViMDkyZmY2Y2E5Ng==""#));
    }

    #[test]
    fn wsse_2_a_short_secret_and_a_nonce_in_large_letters() {
        let of = |digest| {
            token(
                "k",
                "secret",
                "66C92B11FF8A425FB8D4CCFE0ED9ED1F",
                datetime!(2018-02-12 15:30:20 UTC),
                digest,
            )
        };
        assert!(of(Digest::Raw).contains("\"kDRNkr5dAqha/R7NU4vr6Wa8ZDA0j5Z+VAc6XZ0Vm2k=\""));
        assert!(of(Digest::Hex).contains("\"OTAzNDRkOTJiZTVkMDJhODVhZmQxZWNkNTM4YmViZTk2NmJjNjQzMDM0OGY5NjdlNTQwNzNhNWQ5ZDE1OWI2OQ==\""));
    }

    #[test]
    fn another_nonce_gives_another_digest() {
        let of = |nonce| {
            token(
                "k",
                "s",
                nonce,
                datetime!(2025-03-01 08:00 UTC),
                Digest::Raw,
            )
        };
        assert_ne!(of("1"), of("2"));
    }
}
