//! Who signs in 小程序登录, and whom an identity belongs to 微信绑定.

use domain::{
    ids::{TenantId, UserId},
    values::PhoneNumber,
};

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{MiniRoom, openid_place};
use crate::{
    access::{Action, Actor, Room},
    account::notices,
    error::{Kind, UseError, UseResult},
    outbox::ACCOUNT_SMS,
    ports::{
        audit::AuditEntry,
        limits::{Limit, LimitAsk},
        wechat::{Binding, BindingNotice, WechatIdentity},
    },
    sessions::SignedIn,
};

/// Bindings of one person.
const BINDINGS: Limit = Limit::new(5, Duration::hours(24));

/// An identity that the platform vouches for.
#[derive(Clone, Debug)]
pub struct Known {
    pub identity: WechatIdentity,
    /// The active person of the city whom it belongs to.
    pub user: Option<UserId>,
}

impl MiniRoom {
    /// 点击登录: the code of `wx.login` names an identity, and perhaps a person of this city. It counts once.
    pub async fn who(&self, city: TenantId, code: &str) -> UseResult<Known> {
        let program = self.program(city).await?;
        let identity = program.login.identify(code).await?;
        let index = self.index(city, &program.app_id, &identity).await?;
        let user = self.door.bound_to(city, &program.app_id, &index).await?;
        Ok(Known { identity, user })
    }

    /// 手机号快速验证: the code of the phone button.
    pub async fn phone(&self, city: TenantId, code: &str) -> UseResult<PhoneNumber> {
        let program = self.program(city).await?;
        Ok(program.phone.phone(code, None).await?)
    }

    /// 绑定微信 of whoever has just signed in or proved who they are, with a fresh code. What the person or the identity was bound to
    /// before ends, and the person is told: who is bound signs in without a password.
    pub async fn bind(&self, signed: &SignedIn, code: &str) -> UseResult<()> {
        let actor = &signed.actor;
        self.guard
            .permit(actor, Room::Account, Action::Save)
            .await?;
        let at = self.clock.now();
        if !signed.has_just_proved(at) {
            return Err(UseError::new(Kind::ProofNeeded, "proof_needed"));
        }
        let known = self.who(actor.city, code).await?;
        if known.user == Some(actor.user) {
            return Ok(());
        }
        self.within_limits(actor, at).await?;
        let city = actor.city;
        let app_id = self.program(city).await?.app_id.clone();
        let openid_index = self.index(city, &app_id, &known.identity).await?;
        let place = openid_place(city, actor.user);
        let openid = known.identity.openid.as_bytes();
        let binding = Binding {
            user: actor.user,
            app_id,
            openid_index,
            openid_sealed: self.sealer.seal(&place, openid)?,
            at,
            notices: self.notices(actor),
        };
        let id = self.clock.new_id();
        let entry = AuditEntry::by(actor, id, "wechat.bind", actor.user, at);
        Ok(self.door.bind(city, &binding, entry).await?)
    }

    /// Each binding costs the city a message.
    async fn within_limits(&self, actor: &Actor, at: OffsetDateTime) -> UseResult<()> {
        let bucket = format!("{}:wechat:{}", actor.city, actor.user);
        let ask = LimitAsk::new(bucket, [BINDINGS]);
        match self.limits.take(&[ask], at).await? {
            None => Ok(()),
            Some(over) => Err(UseError::too_many("too_many", over.retry_after)),
        }
    }

    /// To the phone, and to the enterprise's messages.
    fn notices(&self, actor: &Actor) -> Vec<BindingNotice> {
        let sms = json!({ "to": actor.user.0, "template": "account_wechat" });
        let letter = actor.enterprise.map(|enterprise| {
            let payload = json!({ "enterprise": enterprise.0, "who": actor.name });
            (notices::WECHAT, payload)
        });
        [(ACCOUNT_SMS, sms)]
            .into_iter()
            .chain(letter)
            .map(|(topic, payload)| BindingNotice {
                id: self.clock.new_id(),
                topic,
                payload,
            })
            .collect()
    }

    /// 解除绑定: the grants end with it.
    pub async fn unbind(&self, actor: &Actor) -> UseResult<()> {
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::Save)
            .await?;
        let at = self.clock.now();
        let mut work = self.store.begin(&permit).await?;
        work.wechat_people().unbind(actor.user).await?;
        let id = self.clock.new_id();
        let entry = AuditEntry::by(actor, id, "wechat.unbind", actor.user, at);
        work.audit().write(entry).await?;
        Ok(work.commit().await?)
    }

    /// Whether the person is bound to the city's mini-program.
    pub async fn is_bound(&self, actor: &Actor) -> UseResult<bool> {
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::View)
            .await?;
        let app_id = self.program(actor.city).await?.app_id.clone();
        let mut work = self.store.begin(&permit).await?;
        let found = work.wechat_people().openid_of(actor.user, &app_id).await?;
        Ok(found.is_some())
    }

    async fn index(
        &self,
        city: TenantId,
        app_id: &str,
        identity: &WechatIdentity,
    ) -> UseResult<[u8; 32]> {
        self.sealer.ready(city.0).await?;
        let whole = format!("{app_id}:{}", identity.openid);
        Ok(self.sealer.blind_index(city.0, "wechat_openid", &whole)?)
    }
}
