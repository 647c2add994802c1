//! Alibaba Cloud `ACS3-HMAC-SHA256` 阿里云 V3 签名.

use time::OffsetDateTime;

use super::{header_block, hmac_sha256, query, sha256_hex, utc_seconds};

/// What is signed, and with it every header that must be sent.
#[derive(Clone, Copy, Debug)]
pub struct Acs3<'a> {
    pub access_key_id: &'a str,
    pub security_token: Option<&'a str>,
    pub host: &'a str,
    pub action: &'a str,
    pub version: &'a str,
    pub parameters: &'a [(&'a str, &'a str)],
    /// Type and bytes, when there is a body.
    pub body: Option<(&'a str, &'a [u8])>,
    pub at: OffsetDateTime,
    /// Fresh for every request.
    pub nonce: &'a str,
}

/// Everything to send: POST `/` with this query and these headers (`Host` is set by the line).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acs3Signed {
    pub query: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Acs3<'_> {
    pub fn sign(&self, access_key_secret: &str) -> Acs3Signed {
        let mut headers = self.headers();
        let (_, names) = self.block(&headers);
        let signature = self.signature(&headers, access_key_secret);
        headers.push((
            "authorization",
            format!(
                "ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}",
                self.access_key_id
            ),
        ));
        Acs3Signed {
            query: query(self.parameters),
            headers,
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        let body = self.body.map_or(&b""[..], |(_, bytes)| bytes);
        let mut headers = vec![
            ("x-acs-action", self.action.to_owned()),
            ("x-acs-content-sha256", sha256_hex(body)),
            ("x-acs-date", utc_seconds(self.at)),
            ("x-acs-signature-nonce", self.nonce.to_owned()),
            ("x-acs-version", self.version.to_owned()),
        ];
        if let Some((content_type, _)) = self.body {
            headers.push(("content-type", content_type.to_owned()));
        }
        if let Some(token) = self.security_token {
            headers.push(("x-acs-accesskey-id", self.access_key_id.to_owned()));
            headers.push(("x-acs-security-token", token.to_owned()));
        }
        headers
    }

    fn block(&self, headers: &[(&'static str, String)]) -> (String, String) {
        let mut lines: Vec<(&str, &str)> = vec![("host", self.host)];
        lines.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
        header_block(&lines)
    }

    fn canonical(&self, headers: &[(&'static str, String)]) -> String {
        let (block, names) = self.block(headers);
        let body = self.body.map_or(&b""[..], |(_, bytes)| bytes);
        format!(
            "POST\n/\n{}\n{block}\n{names}\n{}",
            query(self.parameters),
            sha256_hex(body)
        )
    }

    fn signature(&self, headers: &[(&'static str, String)], access_key_secret: &str) -> String {
        let text = format!(
            "ACS3-HMAC-SHA256\n{}",
            sha256_hex(self.canonical(headers).as_bytes())
        );
        hex::encode(hmac_sha256(access_key_secret.as_bytes(), text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NONCE: &str = "0123456789abcdef0123456789abcdef";
    const SECRET: &str = "AccessKeySecretExample00000000";
    const MESSAGE: [(&str, &str); 5] = [
        ("PhoneNumbers", "13800138000"),
        ("TemplateParam", r#"{"code":"123456"}"#),
        ("SignName", "测试签名"),
        ("OutId", "t-1"),
        ("TemplateCode", "SMS_100000001"),
    ];

    fn ours<'a>(parameters: &'a [(&'a str, &'a str)]) -> Acs3<'a> {
        Acs3 {
            access_key_id: "LTAIEXAMPLE00000",
            security_token: None,
            host: "dysmsapi.aliyuncs.com",
            action: "SendSms",
            version: "2017-05-25",
            parameters,
            body: None,
            at: datetime!(2025-03-01 08:00:00 UTC),
            nonce: NONCE,
        }
    }

    fn seen(acs3: &Acs3<'_>, secret: &str) -> (String, String) {
        let headers = acs3.headers();
        (
            sha256_hex(acs3.canonical(&headers).as_bytes()),
            acs3.signature(&headers, secret),
        )
    }

    fn pair(hash: &str, signature: &str) -> (String, String) {
        (hash.to_owned(), signature.to_owned())
    }

    #[test]
    fn acs3_1_the_documented_sample() {
        let parameters = [
            (
                "ImageId",
                "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            ),
            ("RegionId", "cn-shanghai"),
        ];
        let acs3 = Acs3 {
            access_key_id: "YourAccessKeyId",
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            at: datetime!(2023-10-26 10:22:32 UTC),
            nonce: "3156853299f313e23d1673dc12e1703d",
            ..ours(&parameters)
        };
        assert_eq!(
            seen(&acs3, "YourAccessKeySecret"),
            pair(
                "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259",
                "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
            )
        );
        let signed = acs3.sign("YourAccessKeySecret");
        assert_eq!(
            signed.headers.last().expect("the last one").1,
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn acs3_2_a_message_whatever_the_order_of_its_parameters() {
        let expected = pair(
            "0342e16d62836faad6d14002db2c1865fb46d3ec273d9b55c04ab0ad09c0c72b",
            "925fa23e30ce6538f0390608aa0dd805ef9feb40fff2bd9af454f31e9c2213ef",
        );
        assert_eq!(seen(&ours(&MESSAGE), SECRET), expected);
        let mut sorted = MESSAGE;
        sorted.sort_unstable();
        assert_eq!(seen(&ours(&sorted), SECRET), expected);
        assert_eq!(
            ours(&MESSAGE).sign(SECRET).query,
            "OutId=t-1&PhoneNumbers=13800138000&SignName=%E6%B5%8B%E8%AF%95%E7%AD%BE%E5%90%8D&TemplateCode=SMS_100000001&TemplateParam=%7B%22code%22%3A%22123456%22%7D"
        );
    }

    #[test]
    fn acs3_3_a_session_token_is_signed() {
        let acs3 = Acs3 {
            security_token: Some("STSTOKENEXAMPLE"),
            ..ours(&MESSAGE)
        };
        assert_eq!(
            seen(&acs3, SECRET),
            pair(
                "1498f60456d4d5889148a296d52f4e7107b8eaf770890436f56aa45c513e3695",
                "b8263f87fa8d3db436c2f2c4b793c55639dab63345f57201c6cd397be38cab43"
            )
        );
        let authorization = acs3.sign(SECRET).headers.pop().expect("the last one").1;
        assert!(authorization.contains("x-acs-accesskey-id;x-acs-action;"));
        assert!(authorization.contains(";x-acs-security-token;"));
    }

    #[test]
    fn acs3_4_everything_that_needs_encoding() {
        let parameters = [("B", "a b*c~d+e/f=g&h"), ("A", "é中")];
        let acs3 = ours(&parameters);
        assert_eq!(
            acs3.sign(SECRET).query,
            "A=%C3%A9%E4%B8%AD&B=a%20b%2Ac~d%2Be%2Ff%3Dg%26h"
        );
        assert_eq!(
            seen(&acs3, SECRET),
            pair(
                "3b0f3c369ecc11484f6fc6bffc1278a2d9de06057890b46ab5a600ae1e8ab2e9",
                "f1a720060f5e9b2aa34f3776633df52f544ef2d0c406af10a061cd980de39ae2"
            )
        );
    }

    #[test]
    fn acs3_5_a_form_in_the_body() {
        let body = b"IdentifyNum=11010519491231002X&ParamType=normal&UserName=%E6%B5%8B%E8%AF%95";
        let acs3 = Acs3 {
            host: "cloudauth.aliyuncs.com",
            action: "Id2MetaVerify",
            version: "2019-03-07",
            body: Some(("application/x-www-form-urlencoded", body)),
            ..ours(&[])
        };
        assert_eq!(
            seen(&acs3, SECRET),
            pair(
                "1e290ea2a58ce9aefb5820786eee851cd4fe354c370a14d60fe7fadf236030ec",
                "9836d82ba8706367cef12abf753271c59c3bba17277b2ab8c07582b62a37d30a"
            )
        );
    }

    #[test]
    fn acs3_6_bytes_in_the_body() {
        let acs3 = Acs3 {
            host: "ocr-api.cn-hangzhou.aliyuncs.com",
            action: "RecognizeBusinessLicense",
            version: "2021-07-07",
            body: Some(("application/octet-stream", b"not really an image")),
            ..ours(&[])
        };
        assert_eq!(
            seen(&acs3, SECRET),
            pair(
                "6222262df8df54fcdb272040a32421f6183813b1dd325e2d384fd429abb40d67",
                "1a95bdcdf9ba563dd6bff204622d30b4939c1b07907546efce5e47e557adca6b"
            )
        );
        let flipped = Acs3 {
            body: Some(("application/octet-stream", b"not really an imagf")),
            ..acs3
        };
        assert_ne!(seen(&flipped, SECRET).1, seen(&acs3, SECRET).1);
    }
}
