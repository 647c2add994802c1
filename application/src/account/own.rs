//! Own account 账号安全: password, phone, sessions and sign-in records of whoever is signed in (A-27, S-14, S-41).

use std::sync::Arc;

use domain::values::{PhoneNumber, SmsCode};
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    Caller, NewPassword, Purpose,
    codes::{CodeSent, Proof, SmsDesk},
    sign_in::SignIn,
    wait,
};
use crate::{
    access::{Action, Actor, Guard, Room},
    error::{Checks, FieldError, Kind, UseError, UseResult},
    ports::{
        accounts::AccountName,
        audit::AuditEntry,
        limits::{Limit, LimitAsk},
        own_account::{OwnDevice, OwnSession, OwnSignIn},
        sealing::Place,
        store::{Store, StoreError},
    },
    sessions::SignedIn,
};

const SHOWN: i64 = 20;
/// Wrong guesses at one's own password, wherever a page tells whether it is right.
pub(crate) const WRONG_CURRENT: Limit = Limit::new(5, Duration::minutes(15));

/// 账号安全.
#[derive(Clone)]
pub struct OwnRoom {
    pub guard: Guard,
    pub store: Arc<dyn Store>,
    pub sign_in: SignIn,
    pub codes: SmsDesk,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    pub account: String,
    pub name: String,
    pub phone_masked: String,
    pub created_at: OffsetDateTime,
    /// Newest first; the flag marks the one that asks.
    pub sessions: Vec<(OwnSession, bool)>,
    /// 登录设备, newest first; the flag marks the one that asks.
    pub devices: Vec<(OwnDevice, bool)>,
    pub sign_ins: Vec<OwnSignIn>,
}

impl OwnRoom {
    pub async fn overview(&self, signed: &SignedIn) -> UseResult<Overview> {
        let actor = &signed.actor;
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::View)
            .await?;
        self.sign_in.tools.sealer.ready(actor.city.0).await?;
        let now = self.sign_in.tools.clock.now();
        let mut work = self.store.begin(&permit).await?;
        let own = work
            .own_account()
            .own_account()
            .await?
            .ok_or_else(UseError::not_found)?;
        let idle_since = now - signed.kind.account().limits().idle;
        let sessions = work.own_account().own_sessions(now, idle_since).await?;
        let devices = work.own_account().own_devices(now).await?;
        let sign_ins = work.own_account().own_sign_ins(SHOWN).await?;
        let phone = self.open_phone(actor, &own.phone_sealed)?;
        Ok(Overview {
            account: own.account,
            name: own.name,
            phone_masked: phone.masked(),
            created_at: own.created_at,
            sessions: sessions
                .into_iter()
                .map(|s| {
                    let own = s.id == actor.session;
                    (s, own)
                })
                .collect(),
            devices: devices
                .into_iter()
                .map(|d| {
                    let own = signed.device.is_some_and(|device| device.id == d.id);
                    (d, own)
                })
                .collect(),
            sign_ins,
        })
    }

    /// One's own phone as it may be shown.
    pub async fn phone_masked(&self, actor: &Actor) -> UseResult<String> {
        Ok(self.phone(actor).await?.masked())
    }

    /// A code to one's own phone, for a fresh proof.
    pub async fn send_proof(
        &self,
        actor: &Actor,
        caller: &Caller,
        captcha: &str,
    ) -> UseResult<CodeSent> {
        let phone = self.phone(actor).await?;
        self.codes
            .send_signed_in(caller, Purpose::Proof, phone.as_str(), captcha)
            .await
    }

    /// 身份验证: notes a fresh proof; answers the id of the session that goes on, the old one is dead (S-13).
    pub async fn verify(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        typed: &str,
    ) -> UseResult<String> {
        let mut checks = Checks::default();
        let Some(code) = checks.take("sms_code", SmsCode::parse(typed)) else {
            return Err(checks.into_error());
        };
        let phone = self.phone(&signed.actor).await?;
        let proof = self
            .codes
            .prove(caller, Purpose::Proof, &phone, &code)
            .await?;
        if proof == Proof::Repeated {
            return Err(UseError::field("sms_code", "sms_code.used"));
        }
        self.renew(signed, caller).await
    }

    /// 修改密码; all other sessions end, and 微信绑定.
    pub async fn change_password(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        current: &SecretString,
        new: &NewPassword,
    ) -> UseResult<()> {
        let actor = &signed.actor;
        freshly_proved(signed)?;
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::Save)
            .await?;
        let phone = self.phone(actor).await?;
        let mut checks = Checks::default();
        if current.expose_secret().is_empty() {
            checks.push(FieldError::new("current_password", "password.missing"));
        }
        let password = new.check(&mut checks, &caller.city, Some(&phone), &actor.name);
        let Some(password) = password.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        self.check_current(signed, current).await?;
        if password.expose_secret() == current.expose_secret() {
            return Err(UseError::field("password", "password.unchanged"));
        }
        let tools = &self.sign_in.tools;
        let hash = tools.hasher.hash(&password).await?;
        let now = tools.clock.now();
        let mut work = self.store.begin(&permit).await?;
        work.own_account().set_own_password(&hash, now).await?;
        work.wechat_people().unbind(actor.user).await?;
        work.own_account()
            .end_other_sessions(actor.session, now)
            .await?;
        let entry = AuditEntry::by(
            actor,
            tools.clock.new_id(),
            "account.password",
            actor.user,
            now,
        );
        work.audit().write(entry).await?;
        work.commit().await?;
        self.sign_in.sessions.forget();
        Ok(())
    }

    /// A code to the phone that is to be the new one.
    pub async fn send_new_phone(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        phone: &str,
        captcha: &str,
    ) -> UseResult<CodeSent> {
        freshly_proved(signed)?;
        self.codes
            .send_signed_in(caller, Purpose::NewPhone, phone, captcha)
            .await
    }

    /// 更换手机号: the old phone was proved, the new one proves itself here; all other sessions end, and 微信绑定.
    pub async fn change_phone(
        &self,
        signed: &SignedIn,
        caller: &Caller,
        phone: &str,
        sms_code: &str,
    ) -> UseResult<()> {
        let actor = &signed.actor;
        freshly_proved(signed)?;
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::Save)
            .await?;
        let mut checks = Checks::default();
        let phone = checks.take("phone", PhoneNumber::parse(phone));
        let code = checks.take("sms_code", SmsCode::parse(sms_code));
        let (Some(phone), Some(code)) = (phone, code) else {
            return Err(checks.into_error());
        };
        if phone.as_str() == self.phone(actor).await?.as_str() {
            return Err(UseError::field("phone", "account.phone_same"));
        }
        let proof = self
            .codes
            .prove(caller, Purpose::NewPhone, &phone, &code)
            .await?;
        if proof == Proof::Repeated {
            return Err(UseError::field("sms_code", "sms_code.used"));
        }
        let tools = &self.sign_in.tools;
        let index = tools.phone_index(actor.city, &phone).await?;
        let sealed = tools
            .sealer
            .seal(&phone_place(actor), phone.as_str().as_bytes())?;
        let now = tools.clock.now();
        let mut work = self.store.begin(&permit).await?;
        match work.own_account().set_own_phone(&sealed, &index).await {
            Ok(()) => {}
            Err(StoreError::Conflict(name)) if name == "users_one_phone_per_city" => {
                return Err(UseError::field("phone", "account.phone_taken"));
            }
            Err(error) => return Err(error.into()),
        }
        work.wechat_people().unbind(actor.user).await?;
        work.own_account()
            .end_other_sessions(actor.session, now)
            .await?;
        let entry = AuditEntry::by(
            actor,
            tools.clock.new_id(),
            "account.phone",
            actor.user,
            now,
        );
        work.audit().write(entry).await?;
        work.commit().await?;
        self.sign_in.sessions.forget();
        Ok(())
    }

    /// Ends one of one's own sessions; true when it was the one that asks.
    pub async fn end_session(&self, actor: &Actor, id: Uuid) -> UseResult<bool> {
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::Save)
            .await?;
        let now = self.sign_in.tools.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if !work.own_account().end_own_session(id, now).await? {
            return Err(UseError::not_found());
        }
        work.commit().await?;
        self.sign_in.sessions.forget();
        Ok(id == actor.session)
    }

    /// Ends one of one's own devices and its tokens; true when it was the one that asks.
    pub async fn end_device(&self, signed: &SignedIn, id: Uuid) -> UseResult<bool> {
        let actor = &signed.actor;
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::Save)
            .await?;
        let tools = &self.sign_in.tools;
        let now = tools.clock.now();
        let mut work = self.store.begin(&permit).await?;
        if !work.own_account().end_own_device(id, now).await? {
            return Err(UseError::not_found());
        }
        let entry = AuditEntry::by(actor, tools.clock.new_id(), "account.device_end", id, now);
        work.audit().write(entry).await?;
        work.commit().await?;
        self.sign_in.sessions.forget();
        Ok(signed.device.is_some_and(|device| device.id == id))
    }

    /// Signs out everywhere else, and ends 微信绑定, by which one would be in again; answers how many sessions ended.
    pub async fn end_others(&self, actor: &Actor) -> UseResult<u64> {
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::Save)
            .await?;
        let now = self.sign_in.tools.clock.now();
        let mut work = self.store.begin(&permit).await?;
        work.wechat_people().unbind(actor.user).await?;
        let ended = work
            .own_account()
            .end_other_sessions(actor.session, now)
            .await?;
        work.commit().await?;
        self.sign_in.sessions.forget();
        Ok(ended)
    }

    pub(super) async fn check_current(
        &self,
        signed: &SignedIn,
        current: &SecretString,
    ) -> UseResult<()> {
        let actor = &signed.actor;
        let tools = &self.sign_in.tools;
        let bucket = guesses(actor);
        let now = tools.clock.now();
        let ask = LimitAsk::new(&bucket, [WRONG_CURRENT]);
        if let Some(over) = tools.limits.look(&[ask], now).await? {
            return Err(wait(
                [
                    "sign_in.blocked",
                    "sign_in.blocked_minutes",
                    "sign_in.blocked_minutes",
                ],
                over.retry_after,
            ));
        }
        let account = tools
            .accounts
            .find(
                actor.city,
                signed.kind.account(),
                &AccountName::Id(actor.user),
            )
            .await?
            .ok_or_else(UseError::not_found)?;
        if self.sign_in.fits(&account, current).await? {
            return Ok(());
        }
        tools
            .limits
            .count(&bucket, WRONG_CURRENT.window, now)
            .await?;
        Err(UseError::field(
            "current_password",
            "password.current_wrong",
        ))
    }

    pub(super) async fn phone(&self, actor: &Actor) -> UseResult<PhoneNumber> {
        let permit = self
            .guard
            .permit(actor, Room::Account, Action::View)
            .await?;
        self.sign_in.tools.sealer.ready(actor.city.0).await?;
        let mut work = self.store.begin(&permit).await?;
        let own = work
            .own_account()
            .own_account()
            .await?
            .ok_or_else(UseError::not_found)?;
        self.open_phone(actor, &own.phone_sealed)
    }

    fn open_phone(&self, actor: &Actor, sealed: &[u8]) -> UseResult<PhoneNumber> {
        let plain = self
            .sign_in
            .tools
            .sealer
            .open(&phone_place(actor), sealed)?;
        let text = String::from_utf8(plain).map_err(UseError::bug)?;
        PhoneNumber::parse(&text).map_err(UseError::bug)
    }
}

/// Where they are counted.
pub(crate) fn guesses(actor: &Actor) -> String {
    format!("password:{}:{}", actor.city, actor.user)
}

fn phone_place(actor: &Actor) -> Place {
    Place {
        tenant: actor.city.0,
        table: "users",
        row: actor.user.0,
        column: "phone_sealed",
    }
}

pub(crate) fn freshly_proved(signed: &SignedIn) -> UseResult<()> {
    if signed.freshly_proved {
        Ok(())
    } else {
        Err(UseError::new(Kind::ProofNeeded, "proof_needed"))
    }
}
