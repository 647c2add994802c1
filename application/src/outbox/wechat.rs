//! By WeChat 订阅消息: a notice for a person who granted one goes there; everything else goes by SMS.

use domain::{
    financing::FinancingApplication,
    ids::{FinancingApplicationId, UserId},
    scene::Scene,
};
use time::Duration;
use uuid::Uuid;

use super::{Deliverer, Failure};
use crate::{
    access::Permit,
    mini::{DOUBTFUL, Easel, Screen, draw_for, openid_place},
    ports::{
        outbox::OutboxNotice,
        sms,
        wechat::{MiniProgram, SafetyVerdict, Subscription, WechatError},
    },
};

/// So long a notice waits for WeChat's leave before it goes by SMS.
const PATIENCE: Duration = Duration::minutes(10);
/// The newest letters of a thread, among which one is looked for.
const LETTERS: i64 = 500;

/// A grant that was taken, and what is to be sent for it.
struct Taken {
    template_id: String,
    openid: String,
}

/// What bears another copy goes by SMS; of the rest people find out first whether it went out.
fn after_silence(template: &str) -> Result<bool, Failure> {
    if sms::bears_repeat(template) {
        return Ok(false);
    }
    Err(Failure::Never(
        "WeChat may have sent it, and it bears no repeat".to_owned(),
    ))
}

impl Deliverer {
    /// True when it went out as a subscription message; false when it is the SMS's turn. WeChat cannot be asked what became of a
    /// message, so it is asked to send once and never on a guess.
    pub(super) async fn by_wechat(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
        application: &FinancingApplication,
        to: UserId,
        template: &'static str,
    ) -> Result<bool, Failure> {
        if notice.wechat_asked_at.is_some() {
            return after_silence(template);
        }
        let program = self.channels.mini.of(permit.city()).await;
        let program = program.map_err(Failure::later)?;
        let Some(taken) = self.take(permit, notice, &program, to, template).await? else {
            return Ok(false);
        };
        let message = Subscription {
            openid: taken.openid.clone(),
            template,
            params: self.wechat_params(application, notice, template),
        };
        let outcome = program.messages.send(&message).await;
        let now = self.clock.now();
        let waits = notice
            .waiting_since
            .is_none_or(|since| now - since < PATIENCE);
        match outcome {
            Ok(()) => Ok(true),
            // It may have gone out, and the grant with it.
            Err(WechatError::Unclear) => after_silence(template),
            Err(WechatError::NoGrant) => {
                self.void(permit, notice, to, &taken).await?;
                Ok(false)
            }
            Err(error) => {
                self.give_back(permit, notice, to, &taken).await?;
                if let (WechatError::Throttled { after }, true) = (&error, waits) {
                    return Err(Failure::away(&error, *after));
                }
                tracing::warn!(notice = %notice.id, %error, "a message goes by SMS instead");
                Ok(false)
            }
        }
    }

    /// Takes a grant of the person and notes that WeChat is asked, in a transaction that is over before anything leaves. An SMS
    /// that went out or may have is followed by no other message.
    async fn take(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
        program: &MiniProgram,
        to: UserId,
        template: &'static str,
    ) -> Result<Option<Taken>, Failure> {
        let Some(template_id) = program.messages.template_id(template) else {
            return Ok(None);
        };
        let mut work = self.store.begin(permit).await?;
        if work.sms_tries().may_be_out(notice.id).await? {
            return Ok(None);
        }
        let people = work.wechat_people();
        let Some(sealed) = people.openid_of(to, &program.app_id).await? else {
            return Ok(None);
        };
        // An identity that does not open is nobody; the SMS still reaches the person.
        let place = openid_place(permit.city(), to);
        let plain = self.sealer.open(&place, &sealed).ok();
        let Some(openid) = plain.and_then(|plain| String::from_utf8(plain).ok()) else {
            return Ok(None);
        };
        if !people.take_grant(to, template_id, self.clock.now()).await? {
            return Ok(None);
        }
        let now = self.clock.now();
        work.outbox().asked_wechat(notice.id, Some(now)).await?;
        work.commit().await?;
        Ok(Some(Taken {
            template_id: template_id.to_owned(),
            openid,
        }))
    }

    async fn void(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
        to: UserId,
        taken: &Taken,
    ) -> Result<(), Failure> {
        let mut work = self.store.begin(permit).await?;
        work.outbox().asked_wechat(notice.id, None).await?;
        let (id, at) = (&taken.template_id, self.clock.now());
        work.wechat_people().void_grants(to, id, at).await?;
        Ok(work.commit().await?)
    }

    async fn give_back(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
        to: UserId,
        taken: &Taken,
    ) -> Result<(), Failure> {
        let mut work = self.store.begin(permit).await?;
        work.outbox().asked_wechat(notice.id, None).await?;
        let (id, at) = (&taken.template_id, self.clock.now());
        work.wechat_people().give_back(to, id, at).await?;
        Ok(work.commit().await?)
    }

    fn wechat_params(
        &self,
        application: &FinancingApplication,
        notice: &OutboxNotice,
        template: &str,
    ) -> Vec<(&'static str, String)> {
        let words = &*self.channels.words;
        let said = |what: &str| words.text(&format!("wechat.{what}.{template}"), &[]);
        let mut params = self.sms_params(application, &notice.payload);
        // The path leads to a page of the web.
        params.retain(|(name, _)| *name != "path");
        params.extend([
            ("product", application.record().product_name.clone()),
            ("at", super::letters::moment(Some(notice.created_at))),
            ("status", said("status")),
            ("note", said("note")),
        ]);
        params
    }

    /// 内容安全检测 of a letter that could not be checked when it was written: what is not clean now is told to the operators.
    pub(super) async fn check_content(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
        let id = |name: &str| {
            let text = notice.payload[name].as_str();
            text.and_then(|text| Uuid::try_parse(text).ok())
        };
        let named = id("application").zip(id("letter").zip(id("author")));
        let Some((application, (letter, author))) = named else {
            return Err(Failure::Never("it names no application".to_owned()));
        };
        let mut work = self.store.begin(permit).await?;
        let rows = work
            .letters()
            .letters(FinancingApplicationId(application), LETTERS)
            .await?;
        drop(work);
        let Some(written) = rows.into_iter().find(|row| row.id == letter) else {
            return Err(Failure::Never("the letter is gone".to_owned()));
        };
        let screen = Screen {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            programs: self.channels.mini.clone(),
        };
        let asked = screen.ask(permit, permit.city(), UserId(author), &written.body);
        match asked.await? {
            Ok(SafetyVerdict::Pass) => Ok(()),
            Ok(SafetyVerdict::Review | SafetyVerdict::Risky) | Err(WechatError::NotActive) => {
                let mut work = self.store.begin(permit).await?;
                let (id, at) = (self.clock.new_id(), self.clock.now());
                let payload = notice.payload.clone();
                work.outbox().push(id, DOUBTFUL, payload, at).await?;
                Ok(work.commit().await?)
            }
            Err(WechatError::Throttled { after }) => {
                Err(Failure::away(WechatError::Throttled { after }, after))
            }
            Err(error @ (WechatError::Unreachable | WechatError::Unclear)) => {
                Err(Failure::away(error, None))
            }
            Err(error) => Err(Failure::later(error)),
        }
    }

    /// 小程序码: drawn outside of any transaction.
    pub(super) async fn draw_code(
        &self,
        permit: &Permit,
        notice: &OutboxNotice,
    ) -> Result<(), Failure> {
        let text = notice.payload["scene"].as_str().unwrap_or_default();
        let scene = Scene::parse(text);
        let scene = scene.ok_or_else(|| Failure::Never("it names no scene".to_owned()))?;
        let program = self.channels.mini.of(permit.city()).await;
        let program = program.map_err(Failure::later)?;
        let easel = Easel {
            store: &self.store,
            clock: &*self.clock,
            sealer: &*self.sealer,
            vault: &*self.channels.vault,
        };
        let drawn = draw_for(&easel, permit, &program, scene).await;
        drawn.map_err(|error| {
            let after = error
                .retry_after
                .map(|seconds| std::time::Duration::from_secs(seconds.into()));
            match error.code {
                "wechat.refused" => Failure::Never("the code was refused".to_owned()),
                "wechat.throttled" | "wechat.unreachable" | "wechat.unclear" => {
                    Failure::away(error.code, after)
                }
                _ => Failure::from(error),
            }
        })
    }
}
