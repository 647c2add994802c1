//! Phone number by code 手机号快速验证: `getuserphonenumber`.

use application::ports::wechat::{PhoneByCode, WechatError};
use async_trait::async_trait;
use domain::values::PhoneNumber;
use outbound::{Answer, Fault};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    call::Platform,
    errcode,
    login::{is_code, of_a_code},
};

#[derive(Deserialize)]
struct Reply {
    phone_info: PhoneInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    pure_phone_number: String,
    /// A text in the table, a number in the sample.
    country_code: Value,
    watermark: Watermark,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
}

#[async_trait]
impl PhoneByCode for Platform {
    async fn phone(&self, code: &str, openid: Option<&str>) -> Result<PhoneNumber, WechatError> {
        if !is_code(code) {
            return Err(WechatError::Again);
        }
        let mut body = json!({ "code": code });
        if let Some(openid) = openid {
            body["openid"] = openid.into();
        }
        let path = "/wxa/business/getuserphonenumber";
        let read = |answer: &Answer| self.number(answer);
        let number = self.ask(&self.phone, path, &body, read).await;
        number
            .map_err(|fault| of_a_code(&fault))?
            .ok_or(WechatError::ForeignNumber)
    }
}

impl Platform {
    /// `None` for a number of another country.
    fn number(&self, answer: &Answer) -> Result<Option<PhoneNumber>, Fault> {
        let info = errcode::read::<Reply>(answer)?.phone_info;
        if info.watermark.appid != self.settings.app_id {
            return Err(Fault::unclear("a number of another mini-program"));
        }
        if info.country_code != "86" && info.country_code != 86 {
            return Ok(None);
        }
        PhoneNumber::parse(&info.pure_phone_number)
            .map(Some)
            .map_err(|_| Fault::unclear("a number of another shape"))
    }
}
