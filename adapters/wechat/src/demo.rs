//! Demonstration 演示小程序: nothing leaves the house. Any `demo-…` code is a person, messages land on `/demo/inbox`.

use std::{io::Cursor, sync::Arc};

use application::ports::{
    clock::Clock,
    demo_inbox::{DemoInbox, DemoSms},
    providers::Reason,
    wechat::{
        CodePicture, ContentSafety, MiniProgram, MiniProgramCodes, MiniProgramLogin, PhoneByCode,
        SafetyVerdict, Subscription, SubscriptionMessages, WechatError, WechatIdentity,
    },
};
use async_trait::async_trait;
use domain::{ids::TenantId, scene::Scene, values::PhoneNumber};
use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use qrcode::{Color, EcLevel, QrCode};

pub const KIND: &str = "demo";
/// What a demonstration calls risky.
const RISKY: &str = "违规内容";
/// What it leaves to people.
const DOUBTFUL: &str = "待复核内容";
const PREFIX: &str = "demo-";
/// Pixels of a module, and the white around the code in modules.
const MODULE: u32 = 10;
const QUIET: u32 = 4;

/// Our templates, as if the city had registered every one: our name, its id, what it says.
const TEMPLATES: [(&str, &str, &str); 7] = [
    ("accepted", "demo-accepted", "已接单"),
    ("supplement_asked", "demo-supplement-asked", "退回补充"),
    ("approved", "demo-approved", "审核通过"),
    ("rejected", "demo-rejected", "审核不通过"),
    ("disbursed", "demo-disbursed", "已放款"),
    (
        "supplement_soon",
        "demo-supplement-soon",
        "补充材料即将到期",
    ),
    ("supplement_over", "demo-supplement-over", "补充材料已超期"),
];

/// Settings of the section `[wechat]`.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoSettings {
    pub kind: String,
    /// Only a name here: one of a real mini-program works as well.
    pub app_id: String,
}

/// Stands in for the platform.
pub struct Demo {
    city: TenantId,
    /// Where its codes lead: the city's own pages.
    public_url: String,
    inbox: Arc<dyn DemoInbox>,
    clock: Arc<dyn Clock>,
}

/// Every ability, demonstrated.
pub fn mini_program(
    settings: DemoSettings,
    city: TenantId,
    public_url: String,
    inbox: Arc<dyn DemoInbox>,
    clock: Arc<dyn Clock>,
) -> MiniProgram {
    let demo = Arc::new(Demo {
        city,
        public_url,
        inbox,
        clock,
    });
    MiniProgram {
        app_id: settings.app_id,
        login: demo.clone(),
        phone: demo.clone(),
        messages: demo.clone(),
        codes: demo.clone(),
        safety: demo,
    }
}

#[async_trait]
impl MiniProgramLogin for Demo {
    /// `demo-anna` is always the same person, and nobody else; what stands after a dot only makes the code another one.
    async fn identify(&self, code: &str) -> Result<WechatIdentity, WechatError> {
        let who = code.strip_prefix(PREFIX).ok_or(WechatError::Again)?;
        let who = who.split('.').next().unwrap_or_default();
        let sound = (1..=40).contains(&who.len())
            && who.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !sound {
            return Err(WechatError::Again);
        }
        Ok(WechatIdentity {
            openid: format!("{PREFIX}{who}"),
            unionid: None,
        })
    }
}

#[async_trait]
impl PhoneByCode for Demo {
    /// `demo-13800001234` is that number.
    async fn phone(&self, code: &str, _: Option<&str>) -> Result<PhoneNumber, WechatError> {
        let number = code.strip_prefix(PREFIX).ok_or(WechatError::Again)?;
        PhoneNumber::parse(number).map_err(|_| WechatError::ForeignNumber)
    }
}

#[async_trait]
impl SubscriptionMessages for Demo {
    fn template_id(&self, template: &str) -> Option<&str> {
        let known = TEMPLATES.iter().find(|(name, ..)| *name == template)?;
        Some(known.1)
    }

    fn offered(&self) -> Vec<(&str, &str)> {
        TEMPLATES.iter().map(|(name, id, _)| (*name, *id)).collect()
    }

    async fn send(&self, message: &Subscription) -> Result<(), WechatError> {
        let known = TEMPLATES
            .iter()
            .find(|(name, ..)| *name == message.template);
        let Some((_, _, title)) = known else {
            return Err(WechatError::Refused {
                reason: Reason::Template,
            });
        };
        let value = |wanted: &str| {
            let found = message.params.iter().find(|(name, _)| *name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let shown = DemoSms {
            phone_masked: "微信".to_owned(),
            text: format!(
                "【订阅消息】{title}：{}，申请编号 {}",
                value("note"),
                value("no")
            ),
            at: self.clock.now(),
        };
        self.inbox
            .put(self.city, self.clock.new_id(), &shown)
            .await
            .map_err(|_| WechatError::Unreachable)
    }
}

#[async_trait]
impl MiniProgramCodes for Demo {
    fn edition(&self) -> &'static str {
        "demo"
    }

    /// A square code that leads to the city's own pages, so that a demonstration can be scanned.
    async fn draw(&self, scene: &Scene) -> Result<CodePicture, WechatError> {
        let address = format!("{}/q/{}", self.public_url, scene.text());
        let code = QrCode::with_error_correction_level(&address, EcLevel::M)
            .map_err(|_| WechatError::Unclear)?;
        let bytes = png(&code).ok_or(WechatError::Unclear)?;
        Ok(CodePicture {
            media_type: "image/png",
            bytes,
        })
    }
}

fn png(code: &QrCode) -> Option<Vec<u8>> {
    let modules = u32::try_from(code.width()).ok()?;
    let side = (modules + 2 * QUIET) * MODULE;
    let colors = code.to_colors();
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let inside = |at: u32| (at / MODULE).checked_sub(QUIET).filter(|m| *m < modules);
        let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| {
            let index = usize::try_from(y * modules + x).unwrap_or(usize::MAX);
            colors.get(index) == Some(&Color::Dark)
        });
        Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = Vec::new();
    DynamicImage::ImageLuma8(picture)
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .ok()?;
    Some(bytes)
}

#[async_trait]
impl ContentSafety for Demo {
    async fn text(&self, _: &str, text: &str) -> Result<SafetyVerdict, WechatError> {
        Ok(if text.contains(RISKY) {
            SafetyVerdict::Risky
        } else if text.contains(DOUBTFUL) {
            SafetyVerdict::Review
        } else {
            SafetyVerdict::Pass
        })
    }
}
