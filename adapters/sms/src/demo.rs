//! Demonstration sender 演示短信: nothing leaves the house; messages land on the page `/demo/inbox`, codes and links also in the log.

use std::sync::Arc;

use application::ports::{
    clock::Clock,
    demo_inbox::{DemoInbox, DemoSms},
    providers::Reason,
    sms::{Sms, SmsError, SmsReceipt, SmsSender},
    sms_log::SmsLog,
};
use async_trait::async_trait;
use outbound::{Fault, NotReached};

use crate::{
    chain::{noted, said},
    texts,
};

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

/// Puts every message into the demo inbox of its city, and into 短信记录 like any other sender.
pub struct DemoSender {
    settings: DemoSettings,
    inbox: Arc<dyn DemoInbox>,
    log: Arc<dyn SmsLog>,
    clock: Arc<dyn Clock>,
}

impl DemoSender {
    pub fn new(
        settings: DemoSettings,
        inbox: Arc<dyn DemoInbox>,
        log: Arc<dyn SmsLog>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            inbox,
            log,
            clock,
        }
    }

    async fn put(&self, sms: &Sms) -> Result<String, Fault> {
        let text = texts::text(&self.settings.signature, sms)
            .ok_or_else(|| Fault::refused("template", Reason::Template))?;
        let shown = DemoSms {
            phone_masked: sms.phone.masked(),
            text,
            at: self.clock.now(),
        };
        let id = self.clock.new_id();
        let kept = self.inbox.put(sms.city, id, &shown).await;
        kept.map_err(|error| {
            tracing::error!(city = %sms.city, %error, "a demonstration SMS was not kept");
            Fault::Unreachable(NotReached::Connect)
        })?;
        // Whoever tries the program waits for a code or a link; the many notices to staff would bury the printed sign-ins.
        if AWAITED.contains(&sms.template) {
            tracing::info!(to = %shown.phone_masked, text = %shown.text, "demonstration SMS");
        } else {
            tracing::debug!(to = %shown.phone_masked, text = %shown.text, "demonstration SMS");
        }
        Ok(id.to_string())
    }
}

#[async_trait]
impl SmsSender for DemoSender {
    async fn send(&self, sms: &Sms) -> Result<SmsReceipt, SmsError> {
        let (log, clock) = (&*self.log, &*self.clock);
        let sent = noted(log, clock, (sms.city, KIND), sms, self.put(sms)).await?;
        sent.map(SmsReceipt).map_err(said)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use application::ports::{
        sms_log::{EarlierTry, NewTry, Outcome, Receipt, SendState},
        store::StoreError,
    };
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

    /// What was tried with which template, and what became of it.
    #[derive(Default)]
    struct Log(Mutex<Vec<(String, Option<SendState>)>>);

    #[async_trait]
    impl SmsLog for Log {
        async fn open(&self, new: &NewTry) -> Result<(), StoreError> {
            assert_eq!(new.provider, KIND);
            let mut all = self.0.lock().expect("whole");
            all.push((new.template.clone(), None));
            Ok(())
        }
        async fn close(
            &self,
            _: TenantId,
            _: Uuid,
            outcome: &Outcome,
            _: OffsetDateTime,
        ) -> Result<(), StoreError> {
            let mut all = self.0.lock().expect("whole");
            all.last_mut().expect("it was begun").1 = Some(outcome.state);
            Ok(())
        }
        async fn may_be_out(&self, _: TenantId, _: Uuid) -> Result<Vec<EarlierTry>, StoreError> {
            Ok(Vec::new())
        }
        async fn sent_besides_counted(
            &self,
            _: TenantId,
            _: OffsetDateTime,
        ) -> Result<i64, StoreError> {
            Ok(0)
        }
        async fn receive(
            &self,
            _: TenantId,
            _: &str,
            _: &Receipt,
            _: OffsetDateTime,
        ) -> Result<bool, StoreError> {
            Ok(false)
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

    fn sender(shelf: &Arc<Shelf>, log: &Arc<Log>) -> DemoSender {
        let settings = DemoSettings {
            kind: KIND.to_owned(),
            signature: "一键融平台".to_owned(),
        };
        DemoSender::new(settings, shelf.clone(), log.clone(), Arc::new(Stopped))
    }

    #[tokio::test]
    async fn a_message_lands_in_the_inbox_with_the_phone_masked_and_in_the_log() {
        let (shelf, log) = (Arc::new(Shelf::default()), Arc::new(Log::default()));
        let sender = sender(&shelf, &log);
        sender.send(&sms("code")).await.expect("taken");
        let kept = shelf.0.lock().expect("whole").clone();
        assert_eq!(kept[0].phone_masked, "138****1234");
        assert_eq!(
            kept[0].text,
            "【一键融平台】验证码 123456，用于注册，5 分钟内有效。请勿告诉他人。"
        );
        let tried = log.0.lock().expect("whole").clone();
        assert_eq!(tried, [("code".to_owned(), Some(SendState::Accepted))]);
    }

    #[tokio::test]
    async fn a_template_that_nobody_registered_is_refused_and_that_is_logged_too() {
        let (shelf, log) = (Arc::new(Shelf::default()), Arc::new(Log::default()));
        let answer = sender(&shelf, &log).send(&sms("nonsense")).await;
        assert!(matches!(answer, Err(SmsError::Refused { .. })));
        let tried = log.0.lock().expect("whole").clone();
        assert_eq!(tried, [("nonsense".to_owned(), Some(SendState::Refused))]);
    }
}
