//! Notices 账号消息: an export was made, a closing was asked for or called off, a WeChat was bound.

use domain::ids::{EnterpriseId, TenantId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    outbox::letters::{Letter, moment},
    ports::{notice_words::NoticeWords, outbox::OutboxNotice, sealing::Place},
};

/// 导出本企业数据.
pub const EXPORTED: &str = "account.exported";
/// 导出本企业数据 that came to nothing.
pub const NOT_EXPORTED: &str = "account.not_exported";
/// 申请注销.
pub const CLOSING: &str = "account.closing";
/// 撤销注销.
pub const KEPT: &str = "account.kept";
/// The closing was called off: a request had come in between.
pub const STOPPED: &str = "account.stopped";
/// 绑定微信.
pub const WECHAT: &str = "account.wechat";

/// A file turned out to be infected and was taken away.
pub const INFECTED: &str = "file.infected";

/// Whether a notice is this room's business.
pub(crate) fn is_ours(topic: &str) -> bool {
    [
        EXPORTED,
        NOT_EXPORTED,
        CLOSING,
        KEPT,
        STOPPED,
        WECHAT,
        INFECTED,
    ]
    .contains(&topic)
}

/// What the enterprise reads.
pub(crate) fn letters(
    city: TenantId,
    notice: &OutboxNotice,
    words: &dyn NoticeWords,
) -> Vec<Letter> {
    let text = |name: &str| notice.payload[name].as_str().unwrap_or_default().to_owned();
    let Ok(enterprise) = Uuid::try_parse(&text("enterprise")) else {
        return Vec::new();
    };
    let params = [
        ("until", text("until")),
        ("who", text("who")),
        ("at", moment(Some(notice.created_at))),
    ];
    vec![Letter {
        to: city,
        enterprise: Some(EnterpriseId(enterprise)),
        key: format!("{}:{}", notice.topic, notice.id),
        title: words.text(&format!("notice.{}.title", notice.topic), &params),
        body: words.text(&format!("notice.{}.body", notice.topic), &params),
        link: match notice.topic.as_str() {
            INFECTED => "/enterprise/profile",
            EXPORTED | NOT_EXPORTED => "/enterprise/account/export",
            _ => "/enterprise/account",
        }
        .to_owned(),
    }]
}

/// A phone that is told once more after it is gone from its row: sealed for this very notice, and taken out when it is done.
pub(crate) const SEALED_PHONE: &str = "phone_sealed";

/// Where such a phone is sealed.
pub(crate) const fn phone_place(city: TenantId, notice: Uuid) -> Place {
    Place {
        tenant: city.0,
        table: "outbox",
        row: notice,
        column: "payload",
    }
}

/// The sealed phone of a payload.
pub(crate) fn sealed_phone(payload: &Value) -> Option<Vec<u8>> {
    let bytes = payload[SEALED_PHONE].as_array()?;
    bytes
        .iter()
        .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
        .collect()
}
