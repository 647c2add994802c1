//! Huawei Cloud `SDK-HMAC-SHA256` 华为云 AK/SK 签名.

use time::OffsetDateTime;

use super::{Payload, UNSIGNED, header_block, hmac_sha256, query, sha256_hex, utc_compact};

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct SdkHmac<'a> {
    pub app_key: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub parameters: &'a [(&'a str, &'a str)],
    pub host: &'a str,
    pub content_type: Option<&'a str>,
    pub at: OffsetDateTime,
    /// Forms are not signed, and say so in a header; JSON is.
    pub payload: Payload<'a>,
}

impl SdkHmac<'_> {
    /// Every header to send but `Host` and `Content-Type`.
    pub fn sign(&self, app_secret: &str) -> Vec<(&'static str, String)> {
        let mut headers = vec![("x-sdk-date", utc_compact(self.at))];
        if matches!(self.payload, Payload::Unsigned) {
            headers.push(("x-sdk-content-sha256", UNSIGNED.to_owned()));
        }
        let (_, names) = self.block();
        headers.push((
            "authorization",
            format!(
                "SDK-HMAC-SHA256 Access={}, SignedHeaders={names}, Signature={}",
                self.app_key,
                self.signature(app_secret)
            ),
        ));
        headers
    }

    fn block(&self) -> (String, String) {
        let date = utc_compact(self.at);
        let mut lines = vec![("host", self.host), ("x-sdk-date", date.as_str())];
        if let Some(content_type) = self.content_type {
            lines.push(("content-type", content_type));
        }
        if matches!(self.payload, Payload::Unsigned) {
            lines.push(("x-sdk-content-sha256", UNSIGNED));
        }
        header_block(&lines)
    }

    /// The path always ends in a slash here, whether the one that is called does or not.
    fn canonical(&self) -> String {
        let (block, names) = self.block();
        let slash = if self.path.ends_with('/') { "" } else { "/" };
        let payload = match self.payload {
            Payload::Signed(body) => sha256_hex(body),
            Payload::Unsigned => UNSIGNED.to_owned(),
        };
        format!(
            "{}\n{}{slash}\n{}\n{block}\n{names}\n{payload}",
            self.method,
            self.path,
            query(self.parameters)
        )
    }

    fn signature(&self, app_secret: &str) -> String {
        let text = format!(
            "SDK-HMAC-SHA256\n{}\n{}",
            utc_compact(self.at),
            sha256_hex(self.canonical().as_bytes())
        );
        hex::encode(hmac_sha256(app_secret.as_bytes(), text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn plain<'a>(method: &'a str, path: &'a str) -> SdkHmac<'a> {
        SdkHmac {
            app_key: "AccessKey",
            method,
            path,
            parameters: &[],
            host: "service.region.example.com",
            content_type: None,
            at: datetime!(2019-11-15 03:36:55 UTC),
            payload: Payload::Signed(b""),
        }
    }

    fn short(method: &'static str, body: &'static [u8]) -> SdkHmac<'static> {
        SdkHmac {
            parameters: &[("size", "1")],
            host: "service.endpoint.myhuaweicloud.com",
            at: datetime!(2020-06-08 02:39:00 UTC),
            payload: Payload::Signed(body),
            ..plain(method, "/resources")
        }
    }

    fn sms<'a>(path: &'a str, content_type: &'a str, payload: Payload<'a>) -> SdkHmac<'a> {
        SdkHmac {
            app_key: "AppKeyExample000000000000000",
            host: "smsapi.cn-north-4.myhuaweicloud.com",
            content_type: Some(content_type),
            at: datetime!(2025-03-01 08:00:00 UTC),
            payload,
            ..plain("POST", path)
        }
    }

    const APP_SECRET: &str = "AppSecretExample00000000000000";

    fn assert_vector(signed: &SdkHmac<'_>, secret: &str, hash: &str, authorization: &str) {
        assert_eq!(sha256_hex(signed.canonical().as_bytes()), hash);
        let headers = signed.sign(secret);
        assert_eq!(headers.last().expect("the last one").1, authorization);
    }

    #[test]
    fn hws_1_a_get_with_a_query_and_the_documentations_own_sample() {
        let get = SdkHmac {
            parameters: &[
                ("limit", "2"),
                ("marker", "13551d6b-755d-4757-b956-536f674975c0"),
            ],
            ..plain("GET", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs")
        };
        assert_vector(
            &get,
            "SecretKey",
            "0e84e7853cf87931d965c80e83bffb15aa865326db3a6f57aa2560a7601dfe18",
            "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=host;x-sdk-date, Signature=fd95e7da6f695cfb4cabbb9d6b0968aec155bc576b064835282473539ae9ea1d",
        );
        let documented = SdkHmac {
            content_type: Some("application/json"),
            ..get
        };
        assert_eq!(
            sha256_hex(documented.canonical().as_bytes()),
            "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a"
        );
    }

    #[test]
    fn hws_2_a_post_with_json() {
        let post = SdkHmac {
            payload: Payload::Signed(br#"{"key":"value"}"#),
            ..plain("POST", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpc/123")
        };
        assert_vector(
            &post,
            "SecretKey",
            "79be7a43859f485df125c417ebb8821754c7ed42f6742ce8b0fd74b2b303446d",
            "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=host;x-sdk-date, Signature=b5649aa774f6cac7437631662f08815fc65c70e40e486df6db2436ce68902771",
        );
    }

    #[test]
    fn hws_3_and_4_a_get_and_a_post() {
        assert_vector(
            &short("GET", b""),
            "SecretKey",
            "de94dd1e1ccdb730b403ce35d7e14f7c7b04337f6def1c3a3a2ba936852b133f",
            "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=host;x-sdk-date, Signature=cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842",
        );
        assert_vector(
            &short("POST", br#"{"name":"test","id":1}"#),
            "SecretKey",
            "2b1b2515e48cb55e043ff2ec5b93d3f13ec287e1da1d7a2e4e14b0611a341969",
            "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=host;x-sdk-date, Signature=436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f",
        );
    }

    #[test]
    fn hws_5_a_form_is_not_signed_and_says_so() {
        let form = sms(
            "/sms/batchSendSms/v1",
            "application/x-www-form-urlencoded",
            Payload::Unsigned,
        );
        assert_vector(
            &form,
            APP_SECRET,
            "8fd4b5f450cdd2e1db82587d2b63f5b1d9235626de14fcca7f669fa3ca5c68ca",
            "SDK-HMAC-SHA256 Access=AppKeyExample000000000000000, SignedHeaders=content-type;host;x-sdk-content-sha256;x-sdk-date, Signature=17f57d943b84206517bfb87f53a4c4024f8af69ee1a5649fe98bc49c33f3a0e8",
        );
        let headers = form.sign(APP_SECRET);
        assert!(headers.contains(&("x-sdk-content-sha256", UNSIGNED.to_owned())));
    }

    #[test]
    fn hws_6_json_is_signed_to_the_byte() {
        const BODY: &[u8] = br#"{"from":"8824110605000","statusCallback":"","smsContent":[{"to":["+8613800138000"],"templateId":"1d18a7f4e1b84f6c8fbb546b48b6baea","templateParas":["369751"]}]}"#;
        let path = "/sms/batchSendDiffSms/v1";
        let json = sms(path, "application/json", Payload::Signed(BODY));
        assert_vector(
            &json,
            APP_SECRET,
            "72bdfd2bd3afe46c071f42fee17175fa1c69013af85575a1b0ff857f9c3c53d4",
            "SDK-HMAC-SHA256 Access=AppKeyExample000000000000000, SignedHeaders=content-type;host;x-sdk-date, Signature=de449eb81d8f31f19e292069fcb985ec2f23ee43e14fe8e4f03ee466f7dd67bb",
        );
        let mut flipped = BODY.to_vec();
        flipped[5] ^= 1;
        let other = sms(path, "application/json", Payload::Signed(&flipped));
        assert_ne!(other.signature(APP_SECRET), json.signature(APP_SECRET));
    }
}
