//! Tencent Cloud `TC3-HMAC-SHA256` 腾讯云签名 v3.

use time::OffsetDateTime;

use super::{Payload, UNSIGNED, header_block, hmac_sha256, sha256_hex, utc_day};

/// What is signed. POST `/` without a query, as every action of the cloud takes it.
#[derive(Clone, Copy, Debug)]
pub struct Tc3<'a> {
    pub secret_id: &'a str,
    /// `sms`, `faceid`, `ocr`: the first label of the host.
    pub service: &'a str,
    pub host: &'a str,
    /// To the byte as it is sent.
    pub content_type: &'a str,
    /// Signed too when it is given, as the documentation asks; the SDKs leave it out.
    pub action: Option<&'a str>,
    pub at: OffsetDateTime,
    pub payload: Payload<'a>,
}

impl Tc3<'_> {
    /// The value of `Authorization`. A session token is sent and not signed.
    pub fn authorization(&self, secret_key: &str) -> String {
        let (_, names) = self.headers();
        format!(
            "TC3-HMAC-SHA256 Credential={}/{}, SignedHeaders={names}, Signature={}",
            self.secret_id,
            self.scope(),
            self.signature(secret_key)
        )
    }

    fn headers(&self) -> (String, String) {
        let action = self.action.map(str::to_ascii_lowercase);
        let mut headers = vec![("content-type", self.content_type), ("host", self.host)];
        if let Some(action) = &action {
            headers.push(("x-tc-action", action));
        }
        header_block(&headers)
    }

    /// The day is the day in UTC of the timestamp that is sent.
    fn scope(&self) -> String {
        format!("{}/{}/tc3_request", utc_day(self.at), self.service)
    }

    fn canonical(&self) -> String {
        let (block, names) = self.headers();
        let payload = match self.payload {
            Payload::Signed(body) => sha256_hex(body),
            Payload::Unsigned => sha256_hex(UNSIGNED.as_bytes()),
        };
        format!("POST\n/\n\n{block}\n{names}\n{payload}")
    }

    fn signature(&self, secret_key: &str) -> String {
        let text = format!(
            "TC3-HMAC-SHA256\n{}\n{}\n{}",
            self.at.unix_timestamp(),
            self.scope(),
            sha256_hex(self.canonical().as_bytes())
        );
        hex::encode(hmac_sha256(&self.key(secret_key), text.as_bytes()))
    }

    fn key(&self, secret_key: &str) -> [u8; 32] {
        let day = hmac_sha256(
            format!("TC3{secret_key}").as_bytes(),
            utc_day(self.at).as_bytes(),
        );
        hmac_sha256(&hmac_sha256(&day, self.service.as_bytes()), b"tc3_request")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &[u8] = br#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
    const SENT: &str = r#"{"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400000000","TemplateId":"1000001","SignName":"测试签名","TemplateParamSet":["123456","5"],"SessionContext":"t1"}"#;
    const SENT_BY_PYTHON: &[u8] = br#"{"PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400000000", "TemplateId": "1000001", "SignName": "\u6d4b\u8bd5\u7b7e\u540d", "TemplateParamSet": ["123456", "5"], "SessionContext": "t1"}"#;
    const OUR_ID: &str = "AKIDEXAMPLE00000000000000000000000000";
    const OUR_KEY: &str = "SecretKeyExample0000000000000000";

    fn at(unix: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(unix).expect("an instant")
    }

    fn cvm<'a>(secret_id: &'a str, action: Option<&'a str>) -> Tc3<'a> {
        Tc3 {
            secret_id,
            service: "cvm",
            host: "cvm.tencentcloudapi.com",
            content_type: "application/json; charset=utf-8",
            action,
            at: at(1_551_113_065),
            payload: Payload::Signed(LISTED),
        }
    }

    fn ours<'a>(service: &'a str, host: &'a str, body: &'a [u8]) -> Tc3<'a> {
        Tc3 {
            secret_id: OUR_ID,
            service,
            host,
            content_type: "application/json",
            action: None,
            at: at(1_740_816_000),
            payload: Payload::Signed(body),
        }
    }

    fn sms(body: &[u8]) -> Tc3<'_> {
        ours("sms", "sms.tencentcloudapi.com", body)
    }

    fn hashed(tc3: &Tc3<'_>) -> String {
        sha256_hex(tc3.canonical().as_bytes())
    }

    #[test]
    fn tc3_1_the_documented_sample_with_three_headers() {
        let id = "AKID********************************";
        let key = "********************************";
        let tc3 = cvm(id, Some("DescribeInstances"));
        assert_eq!(
            tc3.canonical(),
            "POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:cvm.tencentcloudapi.com\nx-tc-action:describeinstances\n\ncontent-type;host;x-tc-action\n35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
        );
        assert_eq!(
            hashed(&tc3),
            "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84"
        );
        assert_eq!(
            hex::encode(tc3.key(key)),
            "b596b923aad85185e2d1f6659d2a062e0a86731226e021e61bfe06f7ed05f5af"
        );
        assert_eq!(
            tc3.authorization(key),
            "TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
        );
    }

    #[test]
    fn tc3_2_the_older_sample_with_two_headers_and_its_masked_key() {
        let id = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE";
        let tc3 = cvm(id, None);
        let key = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE";
        assert_eq!(
            hashed(&tc3),
            "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031"
        );
        assert_eq!(
            hex::encode(tc3.key(key)),
            "ac658d5dde49e9bfdd14e04e062f66b05d9f637d44b8a8d845327d4a77f666b1"
        );
        assert_eq!(
            tc3.authorization(key),
            "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        );
        let masked = "Gu5t9xGARNpq86cd98joQYCN3*******";
        assert_eq!(
            tc3.signature(masked),
            "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"
        );
        assert_eq!(
            cvm(id, Some("DescribeInstances")).signature(masked),
            "be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3"
        );
    }

    #[test]
    fn tc3_3_a_message_the_content_type_to_the_byte() {
        let tc3 = sms(SENT.as_bytes());
        assert_eq!(
            hashed(&tc3),
            "a0870a4fc79c296ba3eb2bef34904d1702a0b9c4346842fd06044f9989be8c75"
        );
        assert_eq!(
            hex::encode(tc3.key(OUR_KEY)),
            "e70e11dc00525bf0bfbea388c1564f7356cf01ac7e51eecc3ee4a836cf6a8786"
        );
        assert_eq!(
            tc3.authorization(OUR_KEY),
            "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE00000000000000000000000000/2025-03-01/sms/tc3_request, SignedHeaders=content-type;host, Signature=623a888b100058c933364abda66dad9f03f45244e75b0e725b0a9cf540400a55"
        );
        let named = Tc3 {
            content_type: "application/json; charset=utf-8",
            ..tc3
        };
        assert_eq!(
            hashed(&named),
            "8632c2afac67d78f9e584c98e10f82013ab25cf7f98c84c8e1760808c6603a18"
        );
        assert_eq!(
            named.signature(OUR_KEY),
            "6c9a5590a733bf80ae3e7c67f26b48d33de1b3da1968005db6dd86e6eaa46bb7"
        );
        let three = Tc3 {
            action: Some("SendSms"),
            ..named
        };
        assert_eq!(
            hashed(&three),
            "fcfea50ee64cc6e57b481308b67f65d4b9cb3f134c2776591c5b35e084737d1b"
        );
        assert_eq!(
            three.signature(OUR_KEY),
            "af13a86b3723afd6c8a727cb10807f4784ce9241c04537c99aa22bbeb7add408"
        );
    }

    #[test]
    fn tc3_4_the_same_message_as_the_python_sdk_writes_it() {
        let tc3 = sms(SENT_BY_PYTHON);
        assert_eq!(
            hashed(&tc3),
            "efbbedc9e888ff129276751fcc0d35d664fb2e0865c6baf8f0db5304f00f7797"
        );
        assert_eq!(
            tc3.signature(OUR_KEY),
            "2809826a097a69c2f2289678db6b05f8422668908052a4991cc8d5b98ae93ed4"
        );
    }

    #[test]
    fn tc3_5_a_licence_signed_and_unsigned() {
        let body = br#"{"ImageBase64": "iVBORw0KGgo="}"#;
        let tc3 = ours("ocr", "ocr.tencentcloudapi.com", body);
        assert_eq!(
            hashed(&tc3),
            "a80e78787c0a8cc2c9f4b1a8a17ba595a15a3943856fc791e90b776b91c49d2c"
        );
        assert_eq!(
            hex::encode(tc3.key(OUR_KEY)),
            "cb522648e3b115756cbde4952c66ae98401497cf189b38ebf534dff668f299dc"
        );
        assert_eq!(
            tc3.signature(OUR_KEY),
            "05954035b49f6ed9dff851dc494b4aea49baf5ae9aac3e9e03943668cb7025f5"
        );
        let unsigned = Tc3 {
            payload: Payload::Unsigned,
            ..tc3
        };
        assert_eq!(
            hashed(&unsigned),
            "71b8409c6852f5cd987a86c65caad8552feae38c33a72d88f2758348164c7303"
        );
        assert_eq!(
            unsigned.signature(OUR_KEY),
            "4db6f1bdb31bb737672cd915bc477cb7e94fcda34abae4de26cd0d2d68c1b37f"
        );
    }

    #[test]
    fn tc3_6_a_session_token_is_not_signed() {
        let body = br#"{"RuleId": "1", "Extra": "o-1"}"#;
        let tc3 = ours("faceid", "faceid.tencentcloudapi.com", body);
        assert_eq!(
            hashed(&tc3),
            "df13786348b4245e881cb0d478ee2e1aa6a0cf468744e31124f038ca862fba85"
        );
        assert_eq!(
            tc3.signature(OUR_KEY),
            "6aa4e9e5fb92e2de4c8a184b2d5258b468b98a892558bfa939040457d9a551ae"
        );
    }

    #[test]
    fn just_after_midnight_in_beijing_the_day_is_still_the_one_of_utc() {
        let tc3 = Tc3 {
            at: at(1_740_762_000),
            ..sms(b"{}")
        };
        assert_eq!(tc3.scope(), "2025-02-28/sms/tc3_request");
    }

    #[test]
    fn one_byte_of_the_body_changes_the_signature() {
        assert_ne!(sms(b"{}").signature(OUR_KEY), sms(b"{ ").signature(OUR_KEY));
    }
}
