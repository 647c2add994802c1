//! Demonstration sender 演示短信: nothing leaves the house; messages land on the page `/demo/inbox`, codes and links also in the log.

use std::sync::Arc;

use application::ports::{
    clock::Clock,
    demo_inbox::{DemoInbox, DemoSms},
    providers::Reason,
    sms::{Sms, SmsError, SmsReceipt, SmsSender},
};
use async_trait::async_trait;

use crate::texts;

pub const KIND: &str = "demo";
/// Templates that somebody in front of the screen waits for; the log tells them, the inbox holds everything.
const AWAITED: [&str; 3] = ["code", "staff_invite", "staff_rebind"];

/// Settings of the section `[sms]`.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct DemoSettings {
    pub kind: String,
    /// 短信签名.
    pub signature: String,
}

/// Puts every message into the demo inbox of its city.
pub struct DemoSender {
    settings: DemoSettings,
    inbox: Arc<dyn DemoInbox>,
    clock: Arc<dyn Clock>,
}

impl DemoSender {
    pub fn new(settings: DemoSettings, inbox: Arc<dyn DemoInbox>, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            inbox,
            clock,
        }
    }
}

#[async_trait]
impl SmsSender for DemoSender {
    async fn send(&self, sms: &Sms) -> Result<SmsReceipt, SmsError> {
        let text = texts::text(&self.settings.signature, sms).ok_or_else(|| SmsError::Refused {
            reason: Reason::Template,
        })?;
        let shown = DemoSms {
            phone_masked: sms.phone.masked(),
            text,
            at: self.clock.now(),
        };
        let id = self.clock.new_id();
        self.inbox
            .put(sms.city, id, &shown)
            .await
            .map_err(|error| SmsError::Unreachable(Box::new(error)))?;
        // Whoever tries the program waits for a code or a link; the many notices to staff would bury the printed sign-ins.
        if AWAITED.contains(&sms.template) {
            tracing::info!(to = %shown.phone_masked, text = %shown.text, "demonstration SMS");
        } else {
            tracing::debug!(to = %shown.phone_masked, text = %shown.text, "demonstration SMS");
        }
        Ok(SmsReceipt(id.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use application::ports::store::StoreError;
    use domain::{ids::TenantId, values::PhoneNumber};
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;

    #[derive(Default)]
    struct Shelf(Mutex<Vec<DemoSms>>);

    #[async_trait]
    impl DemoInbox for Shelf {
        async fn put(&self, _: TenantId, _: Uuid, sms: &DemoSms) -> Result<(), StoreError> {
            self.0.lock().expect("whole").push(sms.clone());
            Ok(())
        }
        async fn latest(&self, _: TenantId, _: i64) -> Result<Vec<DemoSms>, StoreError> {
            Ok(self.0.lock().expect("whole").clone())
        }
    }

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH
        }
        fn new_id(&self) -> Uuid {
            Uuid::nil()
        }
    }

    fn sms(template: &'static str) -> Sms {
        Sms {
            id: Uuid::nil(),
            city: TenantId(Uuid::nil()),
            phone: PhoneNumber::parse("13800001234").expect("a phone"),
            template,
            params: vec![
                ("code", "123456".to_owned()),
                ("purpose", "注册".to_owned()),
                ("minutes", "5".to_owned()),
            ],
        }
    }

    fn sender(shelf: &Arc<Shelf>) -> DemoSender {
        let settings = DemoSettings {
            kind: KIND.to_owned(),
            signature: "一键融平台".to_owned(),
        };
        DemoSender::new(settings, shelf.clone(), Arc::new(Stopped))
    }

    #[tokio::test]
    async fn a_message_lands_in_the_inbox_with_the_phone_masked() {
        let shelf = Arc::new(Shelf::default());
        sender(&shelf).send(&sms("code")).await.expect("taken");
        let kept = shelf.0.lock().expect("whole").clone();
        assert_eq!(kept[0].phone_masked, "138****1234");
        assert_eq!(
            kept[0].text,
            "【一键融平台】验证码 123456，用于注册，5 分钟内有效。请勿告诉他人。"
        );
    }

    #[tokio::test]
    async fn a_template_that_nobody_registered_is_refused() {
        let shelf = Arc::new(Shelf::default());
        let answer = sender(&shelf).send(&sms("nonsense")).await;
        assert!(matches!(answer, Err(SmsError::Refused { .. })));
    }
}
