//! Alibaba Cloud RPC `HMAC-SHA1` 阿里云 V2 签名: the older way, for hosts that still ask for it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha1::Sha1;

use super::{encode, query};

/// The value of the parameter `Signature`: over every other parameter, those of a form body included.
pub fn signature(method: &str, parameters: &[(&str, &str)], access_key_secret: &str) -> String {
    let text = text_to_sign(method, parameters);
    let key = format!("{access_key_secret}&");
    Hmac::<Sha1>::new_from_slice(key.as_bytes()).map_or(String::new(), |mut mac| {
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    })
}

fn text_to_sign(method: &str, parameters: &[(&str, &str)]) -> String {
    format!("{method}&%2F&{}", encode(&query(parameters)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rpc_1_the_documented_sample() {
        let parameters = [
            ("AccessKeyId", "testid"),
            ("Action", "DescribeDedicatedHosts"),
            ("Format", "JSON"),
            ("RegionId", "cn-beijing"),
            ("Version", "2014-05-26"),
            ("Timestamp", "2023-03-13T08:34:30Z"),
            ("SignatureNonce", "edb2b34af0af9a6d14deaf7c1a5315eb"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
        ];
        assert_eq!(
            text_to_sign("GET", &parameters),
            "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeDedicatedHosts%26Format%3DJSON%26RegionId%3Dcn-beijing%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dedb2b34af0af9a6d14deaf7c1a5315eb%26SignatureVersion%3D1.0%26Timestamp%3D2023-03-13T08%253A34%253A30Z%26Version%3D2014-05-26"
        );
        assert_eq!(
            signature("GET", &parameters, "testsecret"),
            "9NaGiOspFP5UPcwX8Iwt2YJXXuk="
        );
    }

    #[test]
    fn rpc_2_a_message() {
        let parameters = [
            ("AccessKeyId", "LTAIEXAMPLE00000"),
            ("Action", "SendSms"),
            ("Format", "json"),
            ("OutId", "t-1"),
            ("PhoneNumbers", "13800138000"),
            ("SignName", "测试签名"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", "0123456789abcdef0123456789abcdef"),
            ("SignatureVersion", "1.0"),
            ("TemplateCode", "SMS_100000001"),
            ("TemplateParam", r#"{"code":"123456"}"#),
            ("Timestamp", "2025-03-01T08:00:00Z"),
            ("Version", "2017-05-25"),
        ];
        assert_eq!(
            text_to_sign("POST", &parameters),
            "POST&%2F&AccessKeyId%3DLTAIEXAMPLE00000%26Action%3DSendSms%26Format%3Djson%26OutId%3Dt-1%26PhoneNumbers%3D13800138000%26SignName%3D%25E6%25B5%258B%25E8%25AF%2595%25E7%25AD%25BE%25E5%2590%258D%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D0123456789abcdef0123456789abcdef%26SignatureVersion%3D1.0%26TemplateCode%3DSMS_100000001%26TemplateParam%3D%257B%2522code%2522%253A%2522123456%2522%257D%26Timestamp%3D2025-03-01T08%253A00%253A00Z%26Version%3D2017-05-25"
        );
        assert_eq!(
            signature("POST", &parameters, "AccessKeySecretExample00000000"),
            "As92dWlgfDLZijPyj1owys6lu+o="
        );
    }
}
