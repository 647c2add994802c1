//! Content checks 内容安全检测: `msgSecCheck` version 2.

use application::ports::wechat::{ContentSafety, SafetyVerdict, WechatError};
use async_trait::async_trait;
use outbound::{Answer, Fault};
use serde::Deserialize;
use serde_json::json;

use crate::{call::Platform, errcode};

/// Characters of one text; longer ones are checked in pieces.
const LONGEST: usize = 2_500;
/// 社交日志: where a letter stands, of the four places that the platform knows.
const SCENE: u8 = 4;

#[derive(Deserialize)]
struct TextReply {
    result: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    suggest: String,
}

fn not_active(fault: &Fault) -> WechatError {
    match errcode::number(fault) {
        Some("61010" | "40003" | "43104") => WechatError::NotActive,
        _ => errcode::told(fault),
    }
}

#[async_trait]
impl ContentSafety for Platform {
    async fn text(&self, openid: &str, text: &str) -> Result<SafetyVerdict, WechatError> {
        let signs: Vec<char> = text.chars().collect();
        let mut worst = SafetyVerdict::Pass;
        for piece in signs.chunks(LONGEST) {
            let content: String = piece.iter().collect();
            let body = json!({
                "version": 2,
                "openid": openid,
                "scene": SCENE,
                "content": content,
            });
            let verdict = self
                .ask(&self.safety, "/wxa/msg_sec_check", &body, verdict)
                .await
                .map_err(|fault| not_active(&fault))?;
            match verdict {
                SafetyVerdict::Risky => return Ok(verdict),
                SafetyVerdict::Review => worst = verdict,
                SafetyVerdict::Pass => {}
            }
        }
        Ok(worst)
    }
}

/// Decided on the result, not on the code.
fn verdict(answer: &Answer) -> Result<SafetyVerdict, Fault> {
    let reply: TextReply = errcode::read(answer)?;
    let verdict = SafetyVerdict::from_code(&reply.result.suggest);
    verdict.ok_or_else(|| Fault::unclear("a verdict of another word"))
}
