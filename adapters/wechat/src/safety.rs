//! Content checks 内容安全检测: `msgSecCheck` version 2 at once, `mediaCheckAsync` with its verdict pushed later.

use application::ports::wechat::{ContentSafety, SafetyScene, SafetyVerdict, WechatError};
use async_trait::async_trait;
use outbound::{Answer, Fault};
use serde::Deserialize;
use serde_json::json;

use crate::{call::Platform, errcode};

/// Characters of one text; longer ones are checked in pieces.
const LONGEST: usize = 2_500;

#[derive(Deserialize)]
struct TextReply {
    result: Outcome,
}

#[derive(Deserialize)]
pub(crate) struct Outcome {
    pub(crate) suggest: String,
}

#[derive(Deserialize)]
struct PictureReply {
    trace_id: String,
}

impl Outcome {
    /// `None` for a word that is not documented.
    pub(crate) fn verdict(&self) -> Option<SafetyVerdict> {
        SafetyVerdict::from_code(&self.suggest)
    }
}

const fn number(scene: SafetyScene) -> u8 {
    match scene {
        SafetyScene::Profile => 1,
        SafetyScene::Comment => 2,
        SafetyScene::Forum => 3,
        SafetyScene::SocialLog => 4,
    }
}

fn not_active(fault: &Fault) -> WechatError {
    match errcode::number(fault) {
        Some("61010" | "40003" | "43104") => WechatError::NotActive,
        _ => errcode::told(fault),
    }
}

#[async_trait]
impl ContentSafety for Platform {
    async fn text(
        &self,
        openid: &str,
        scene: SafetyScene,
        text: &str,
    ) -> Result<SafetyVerdict, WechatError> {
        let signs: Vec<char> = text.chars().collect();
        let mut worst = SafetyVerdict::Pass;
        for piece in signs.chunks(LONGEST) {
            let content: String = piece.iter().collect();
            let body = json!({
                "version": 2,
                "openid": openid,
                "scene": number(scene),
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

    async fn picture(
        &self,
        openid: &str,
        scene: SafetyScene,
        url: &str,
    ) -> Result<String, WechatError> {
        let body = json!({
            "media_url": url,
            "media_type": 2,
            "version": 2,
            "scene": number(scene),
            "openid": openid,
        });
        self.ask(&self.safety, "/wxa/media_check_async", &body, trace)
            .await
            .map_err(|fault| not_active(&fault))
    }
}

/// Decided on the result, not on the code.
fn verdict(answer: &Answer) -> Result<SafetyVerdict, Fault> {
    let reply: TextReply = errcode::read(answer)?;
    let verdict = reply.result.verdict();
    verdict.ok_or_else(|| Fault::unclear("a verdict of another word"))
}

fn trace(answer: &Answer) -> Result<String, Fault> {
    let reply: PictureReply = errcode::read(answer)?;
    if reply.trace_id.is_empty() || reply.trace_id.len() > 128 {
        return Err(Fault::unclear("a trace of another shape"));
    }
    Ok(reply.trace_id)
}
