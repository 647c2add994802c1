//! Subscription messages 订阅消息: `subscribeMessage.send`.

use application::ports::wechat::{Subscription, SubscriptionMessages, WechatError};
use async_trait::async_trait;
use outbound::{Fault, Reason};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    call::Platform,
    errcode,
    settings::{Limit, Template, limit},
};

/// Done only when it says so.
#[derive(Deserialize)]
struct Done {
    #[serde(rename = "errcode")]
    _zero: i64,
}

#[async_trait]
impl SubscriptionMessages for Platform {
    fn template_id(&self, template: &str) -> Option<&str> {
        let template = self.settings.templates.get(template)?;
        Some(&template.id)
    }

    fn offered(&self) -> Vec<(&str, &str)> {
        let templates = self.settings.templates.iter();
        templates
            .map(|(k, t)| (k.as_str(), t.id.as_str()))
            .collect()
    }

    async fn send(&self, message: &Subscription) -> Result<(), WechatError> {
        let Some(template) = self.settings.templates.get(message.template) else {
            return Err(WechatError::Refused {
                reason: Reason::Template,
            });
        };
        let body = json!({
            "touser": message.openid,
            "template_id": template.id,
            "page": template.page,
            "miniprogram_state": self.settings.edition.state(),
            "lang": "zh_CN",
            "data": data(template, message),
        });
        let path = "/cgi-bin/message/subscribe/send";
        let read = |answer: &outbound::Answer| {
            let done = errcode::read::<Done>(answer);
            done.map(|_| ()).map_err(busy_is_unclear)
        };
        self.ask(&self.messages, path, &body, read)
            .await
            .map_err(|fault| no_grant(&fault))
    }
}

/// "Busy" in answer to a message may come after it went out.
fn busy_is_unclear(fault: Fault) -> Fault {
    match fault {
        Fault::Throttled { code, .. } if code == "-1" => Fault::unclear(code),
        other => other,
    }
}

fn no_grant(fault: &Fault) -> WechatError {
    match errcode::number(fault) {
        Some("43101") => WechatError::NoGrant,
        _ => errcode::told(fault),
    }
}

fn data(template: &Template, message: &Subscription) -> Map<String, Value> {
    let value = |wanted: &str| {
        let found = message.params.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, v)| v.clone()).unwrap_or_default()
    };
    let fill = |wanted: &str| {
        wanted
            .strip_prefix('=')
            .map_or_else(|| value(wanted), str::to_owned)
    };
    template
        .fields
        .iter()
        .map(|(field, wanted)| {
            let value = shorten(field, &fill(wanted));
            (field.clone(), json!({ "value": value }))
        })
        .collect()
}

/// A value as its keyword takes it: too long a text is refused, so it is cut; an empty one too, so it is a dash.
fn shorten(field: &str, value: &str) -> String {
    let value = value.trim();
    if value.is_empty() {
        return "-".to_owned();
    }
    let cut = |most: usize| {
        if value.chars().count() <= most {
            return value.to_owned();
        }
        let mut short: String = value.chars().take(most - 1).collect();
        short.push('…');
        short
    };
    match limit(field) {
        // Ten Chinese characters or twenty letters: a Chinese one counts for two.
        Some(Limit::Name) => {
            let mut room = 20;
            value
                .chars()
                .take_while(|c| {
                    let width = if c.is_ascii() { 1 } else { 2 };
                    let fits = room >= width;
                    room = if fits { room - width } else { 0 };
                    fits
                })
                .collect()
        }
        Some(Limit::Characters(most)) => cut(most),
        Some(Limit::Ascii(most)) => {
            let plain = value.chars().filter(char::is_ascii_graphic);
            let short: String = plain.take(most).collect();
            if short.is_empty() {
                "-".to_owned()
            } else {
                short
            }
        }
        Some(Limit::Moment) | None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_to_what_its_keyword_takes() {
        let long = "沧州市瀚岳澜管道装备有限公司抵押贷款产品";
        assert_eq!(shorten("thing1", long).chars().count(), 20);
        assert_eq!(shorten("thing1", long), long, "twenty fit");
        assert_eq!(
            shorten("thing1", &format!("{long}二")),
            "沧州市瀚岳澜管道装备有限公司抵押贷款产…"
        );
        assert_eq!(shorten("phrase2", "已退回补充材料"), "已退回补…");
        assert_eq!(
            shorten("name3", "沧州市瀚岳澜管道装备有限公司"),
            "沧州市瀚岳澜管道装备"
        );
        assert_eq!(
            shorten("name3", "abcdefghijklmnopqrstu"),
            "abcdefghijklmnopqrst"
        );
        assert_eq!(
            shorten("character_string4", "PO20260101 001"),
            "PO20260101001"
        );
        assert_eq!(shorten("time5", "2026-01-01 10:00"), "2026-01-01 10:00");
        assert_eq!(shorten("thing1", " "), "-");
    }
}
