//! No mini-program 未接入小程序: a city without one says `kind = "none"`; messages then go by SMS, and there are no codes.

use std::sync::Arc;

use application::ports::{
    providers::Reason,
    wechat::{
        CodePicture, ContentSafety, MiniProgram, MiniProgramCodes, MiniProgramLogin, PhoneByCode,
        SafetyVerdict, Subscription, SubscriptionMessages, WechatError, WechatIdentity,
    },
};
use async_trait::async_trait;
use domain::{scene::Scene, values::PhoneNumber};

pub const KIND: &str = "none";

/// Nothing is there.
struct Nothing;

const REFUSED: WechatError = WechatError::Refused {
    reason: Reason::Account,
};

/// What a city without a mini-program has.
pub fn mini_program() -> MiniProgram {
    let nothing = Arc::new(Nothing);
    MiniProgram {
        app_id: String::new(),
        login: nothing.clone(),
        phone: nothing.clone(),
        messages: nothing.clone(),
        codes: nothing.clone(),
        safety: nothing,
    }
}

#[async_trait]
impl MiniProgramLogin for Nothing {
    async fn identify(&self, _: &str) -> Result<WechatIdentity, WechatError> {
        Err(REFUSED)
    }
}

#[async_trait]
impl PhoneByCode for Nothing {
    async fn phone(&self, _: &str, _: Option<&str>) -> Result<PhoneNumber, WechatError> {
        Err(REFUSED)
    }
}

#[async_trait]
impl SubscriptionMessages for Nothing {
    fn template_id(&self, _: &str) -> Option<&str> {
        None
    }

    fn offered(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    async fn send(&self, _: &Subscription) -> Result<(), WechatError> {
        Err(REFUSED)
    }
}

#[async_trait]
impl MiniProgramCodes for Nothing {
    fn edition(&self) -> &'static str {
        "release"
    }

    async fn draw(&self, _: &Scene) -> Result<CodePicture, WechatError> {
        Err(REFUSED)
    }
}

#[async_trait]
impl ContentSafety for Nothing {
    async fn text(&self, _: &str, _: &str) -> Result<SafetyVerdict, WechatError> {
        Err(REFUSED)
    }
}
