//! Mini-program codes 小程序码: `getwxacodeunlimit`.

use application::ports::wechat::{CodePicture, MiniProgramCodes, WechatError};
use async_trait::async_trait;
use domain::scene::Scene;
use outbound::{Answer, Fault};
use serde::de::IgnoredAny;
use serde_json::json;

use crate::{call::Platform, errcode};

/// Pixels of a side, for posters: the largest there is.
const WIDTH: u32 = 1_280;

#[async_trait]
impl MiniProgramCodes for Platform {
    fn edition(&self) -> &'static str {
        self.settings.edition.code()
    }

    async fn draw(&self, scene: &Scene) -> Result<CodePicture, WechatError> {
        let body = json!({
            "scene": scene.text(),
            "page": scene.page(),
            "check_path": true,
            "env_version": self.edition(),
            "width": WIDTH,
        });
        self.ask(&self.codes, "/wxa/getwxacodeunlimit", &body, picture)
            .await
            .map_err(|fault| errcode::told(&fault))
    }
}

/// A picture is one by its first bytes; everything else is a failure as JSON, or nothing we know.
fn picture(answer: &Answer) -> Result<CodePicture, Fault> {
    if answer.status != 200 {
        return Err(answer.foreign());
    }
    let media_type = match answer.body.as_ref() {
        // Begun and ended.
        [0xff, 0xd8, 0xff, .., 0xff, 0xd9] => "image/jpeg",
        [
            0x89,
            b'P',
            b'N',
            b'G',
            0x0d,
            0x0a,
            0x1a,
            0x0a,
            ..,
            b'I',
            b'E',
            b'N',
            b'D',
            _,
            _,
            _,
            _,
        ] => "image/png",
        _ => {
            errcode::read::<IgnoredAny>(answer)?;
            return Err(Fault::unclear("neither a picture nor a failure"));
        }
    };
    Ok(CodePicture {
        media_type,
        bytes: answer.body.to_vec(),
    })
}
