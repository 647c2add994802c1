//! SMS codes 短信验证码: asked for behind a captcha, within the limits of section 6, bound to phone, purpose and session.

use std::sync::Arc;

use domain::values::{PhoneNumber, SmsCode};
use time::Duration;

use super::{
    Caller, DoorTools, Purpose,
    allowance::{self, Allowance, Share},
    captcha::CaptchaDesk,
    hex,
};
use crate::{
    city::City,
    error::{Checks, FieldError, UseError, UseResult},
    ports::{
        accounts::AccountName,
        codes::{CodeTry, CodeVerdict, NewSmsCode, SmsCodes},
        limits::{Limit, LimitAsk},
        plugs::Plugs,
        sessions::SessionKind,
        sms::{Sms, SmsSender},
        sms_log::SmsLog,
    },
};

const LIFE: Duration = Duration::minutes(5);
const PER_SESSION: Limit = Limit::new(5, Duration::hours(1));
/// Until another code may be asked for.
const WAIT: u32 = 60;
/// A provider and its fallback, one after the other; less than a request may last.
const SEND_WITHIN: std::time::Duration = std::time::Duration::from_secs(12);

/// Sends and checks SMS codes.
#[derive(Clone)]
pub struct SmsDesk {
    pub captcha: CaptchaDesk,
    pub codes: Arc<dyn SmsCodes>,
    pub plugs: Arc<dyn Plugs<dyn SmsSender>>,
    pub log: Arc<dyn SmsLog>,
    pub tools: DoorTools,
}

/// A code is on its way, as far as anybody may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSent {
    pub wait: u32,
    pub phone_masked: String,
}

/// A code that fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Fresh,
    /// The same code again: the same form sent twice. Whoever takes it must make sure that nothing happens twice.
    Repeated,
}

impl SmsDesk {
    /// A code for somebody who is not signed in. Whether the phone is known shows neither in the answer nor in its time (S-15).
    pub async fn send(
        &self,
        caller: &Caller,
        purpose: Purpose,
        phone: &str,
        captcha: &str,
    ) -> UseResult<CodeSent> {
        let kind = match purpose {
            Purpose::Register => None,
            Purpose::SignIn | Purpose::Recover => Some(SessionKind::Enterprise),
            Purpose::StaffSignIn | Purpose::StaffRecover => Some(SessionKind::Staff),
            _ => return Err(UseError::not_found()),
        };
        let phone = self.solved(caller, purpose, phone, captcha).await?;
        let share = if kind.is_some() {
            Share::Known
        } else {
            Share::Strangers
        };
        self.within_limits(caller, &phone, share).await?;
        let Some(kind) = kind else {
            let sms = self.prepare(caller, purpose, &phone).await?;
            self.deliver(sms).await?;
            return Ok(sent(&phone));
        };
        let index = self.tools.phone_index(caller.city.id, &phone).await?;
        let known = self
            .tools
            .accounts
            .find(caller.city.id, kind, &AccountName::Phone(index))
            .await?;
        let sms = self.prepare(caller, purpose, &phone).await?;
        if known.is_some() {
            let (desk, city) = (self.clone(), caller.city.clone());
            tokio::spawn(async move {
                if let Err(error) = desk.spend_and_deliver(&city, sms).await {
                    tracing::warn!(code = error.code, "a code was not delivered");
                }
            });
        }
        Ok(sent(&phone))
    }

    /// A code to a phone that a signed-in person names or has; the city's daily budget does not stop them.
    pub async fn send_signed_in(
        &self,
        caller: &Caller,
        purpose: Purpose,
        phone: &str,
        captcha: &str,
    ) -> UseResult<CodeSent> {
        let phone = self.solved(caller, purpose, phone, captcha).await?;
        self.within_limits(caller, &phone, Share::SignedIn).await?;
        let sms = self.prepare(caller, purpose, &phone).await?;
        self.deliver(sms).await?;
        Ok(sent(&phone))
    }

    /// Checks a typed code; wrong ones are told at the field `sms_code`.
    pub async fn prove(
        &self,
        caller: &Caller,
        purpose: Purpose,
        phone: &PhoneNumber,
        typed: &SmsCode,
    ) -> UseResult<Proof> {
        let attempt = self.attempt(caller, purpose, phone, typed, false).await?;
        self.judge(&attempt).await
    }

    /// As [`Self::prove`], but a right code is not used up yet: the answer goes into the transaction that does it.
    pub(crate) async fn prove_later(
        &self,
        caller: &Caller,
        purpose: Purpose,
        phone: &PhoneNumber,
        typed: &SmsCode,
    ) -> UseResult<(Proof, CodeTry)> {
        let attempt = self.attempt(caller, purpose, phone, typed, true).await?;
        Ok((self.judge(&attempt).await?, attempt))
    }

    async fn attempt(
        &self,
        caller: &Caller,
        purpose: Purpose,
        phone: &PhoneNumber,
        typed: &SmsCode,
        keep: bool,
    ) -> UseResult<CodeTry> {
        let city = caller.city.id;
        Ok(CodeTry {
            city,
            phone_index: self.tools.phone_index(city, phone).await?,
            purpose: purpose.code(),
            session_hash: self.tools.tokens.fingerprint(&caller.binding),
            code_hash: self.hash(caller, purpose, phone, typed.expose()),
            at: self.tools.clock.now(),
            keep,
        })
    }

    async fn judge(&self, attempt: &CodeTry) -> UseResult<Proof> {
        match self.codes.attempt(attempt).await? {
            CodeVerdict::Right => Ok(Proof::Fresh),
            CodeVerdict::Used => Ok(Proof::Repeated),
            CodeVerdict::Wrong => Err(UseError::field("sms_code", "sms_code.wrong")),
            CodeVerdict::Over => Err(UseError::field("sms_code", "sms_code.over")),
            CodeVerdict::None => Err(UseError::field("sms_code", "sms_code.none")),
        }
    }

    async fn solved(
        &self,
        caller: &Caller,
        purpose: Purpose,
        phone: &str,
        captcha: &str,
    ) -> UseResult<PhoneNumber> {
        let mut checks = Checks::default();
        let parsed = checks.take("phone", PhoneNumber::parse(phone));
        if captcha.trim().is_empty() {
            checks.push(FieldError::new("captcha", "captcha.empty"));
        }
        let Some(phone) = parsed.filter(|_| checks.is_empty()) else {
            return Err(checks.into_error());
        };
        self.captcha.solve(caller, purpose, captcha).await?;
        Ok(phone)
    }

    async fn within_limits(
        &self,
        caller: &Caller,
        phone: &PhoneNumber,
        share: Share,
    ) -> UseResult<()> {
        let city = &*caller.city;
        let index = self.tools.phone_index(city.id, phone).await?;
        let session = self.tools.tokens.fingerprint(&caller.binding);
        let bucket = format!("sms:{}:session:{}", city.id, hex(&session));
        let asks = vec![
            allowance::phone(city, &index),
            LimitAsk::new(bucket, [PER_SESSION]),
            allowance::network(&caller.origin),
        ];
        let now = self.tools.clock.now();
        self.allowance().take(city, share, asks, now).await
    }

    fn allowance(&self) -> Allowance {
        Allowance {
            limits: self.tools.limits.clone(),
            log: self.log.clone(),
        }
    }

    /// Makes and keeps a code; the message that would carry it.
    async fn prepare(
        &self,
        caller: &Caller,
        purpose: Purpose,
        phone: &PhoneNumber,
    ) -> UseResult<Sms> {
        let city = caller.city.id;
        let code = self.tools.tokens.sms_code();
        let at = self.tools.clock.now();
        let kept = NewSmsCode {
            id: self.tools.clock.new_id(),
            city,
            phone_index: self.tools.phone_index(city, phone).await?,
            purpose: purpose.code(),
            session_hash: self.tools.tokens.fingerprint(&caller.binding),
            code_hash: self.hash(caller, purpose, phone, &code),
            at,
            expires_at: at + LIFE,
        };
        self.codes.put(&kept).await?;
        Ok(Sms {
            id: kept.id,
            city,
            phone: phone.clone(),
            template: "code",
            params: vec![
                ("code", code),
                ("purpose", purpose.zh().to_owned()),
                ("minutes", LIFE.whole_minutes().to_string()),
            ],
        })
    }

    /// The budget is counted here and not where the code was asked for: for a phone that nobody has, nothing goes out.
    async fn spend_and_deliver(&self, city: &City, sms: Sms) -> UseResult<()> {
        let now = self.tools.clock.now();
        self.allowance().spend(city, now).await?;
        self.deliver(sms).await
    }

    async fn deliver(&self, sms: Sms) -> UseResult<()> {
        let sender = self.plugs.of(sms.city).await?;
        match tokio::time::timeout(SEND_WITHIN, sender.send(&sms)).await {
            Ok(answer) => Ok(answer.map(|_| ())?),
            Err(late) => Err(UseError {
                code: "sms.unclear",
                ..UseError::unavailable(late)
            }),
        }
    }

    fn hash(&self, caller: &Caller, purpose: Purpose, phone: &PhoneNumber, code: &str) -> [u8; 32] {
        let city = caller.city.id.to_string();
        self.tools.tokens.code_hash(
            code,
            &[
                "sms",
                &city,
                phone.as_str(),
                purpose.code(),
                &caller.binding,
            ],
        )
    }
}

fn sent(phone: &PhoneNumber) -> CodeSent {
    CodeSent {
        wait: WAIT,
        phone_masked: phone.masked(),
    }
}
