//! Forgotten password 找回密码: phone, captcha and SMS code, then a new password; every session ends, and 微信绑定.

use domain::values::{PhoneNumber, SmsCode};

use super::{
    Caller, NewPassword, Purpose,
    codes::{Proof, SmsDesk},
    sign_in::SignIn,
};
use crate::{
    error::{Checks, UseError, UseResult},
    ports::{accounts::AccountName, sessions::SessionKind},
};

/// Sets forgotten passwords anew.
#[derive(Clone)]
pub struct Recovery {
    pub sign_in: SignIn,
    pub codes: SmsDesk,
}

/// What the form says.
pub struct AskRecovery {
    pub phone: String,
    pub sms_code: String,
    pub new_password: NewPassword,
}

impl Recovery {
    /// Sets the new password; the person signs in with it afterwards.
    pub async fn reset(
        &self,
        caller: &Caller,
        kind: SessionKind,
        ask: AskRecovery,
    ) -> UseResult<()> {
        let mut checks = Checks::default();
        let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
        let code = checks.take("sms_code", SmsCode::parse(&ask.sms_code));
        let password = ask
            .new_password
            .check(&mut checks, &caller.city, phone.as_ref(), "");
        let (Some(phone), Some(code), Some(password)) =
            (phone, code, password.filter(|_| checks.is_empty()))
        else {
            return Err(checks.into_error());
        };
        let purpose = Purpose::recover(kind);
        let proof = self.codes.prove(caller, purpose, &phone, &code).await?;
        let tools = &self.sign_in.tools;
        let index = tools.phone_index(caller.city.id, &phone).await?;
        let found = tools
            .accounts
            .find(caller.city.id, kind, &AccountName::Phone(index))
            .await?;
        let Some(account) = found else {
            return Err(UseError::field("sms_code", "sms_code.wrong"));
        };
        if proof == Proof::Repeated {
            // The same form sent twice: nothing is left to do if the password is the one that was set.
            return if self.sign_in.fits(&account, &password).await? {
                Ok(())
            } else {
                Err(UseError::field("sms_code", "sms_code.used"))
            };
        }
        let hash = tools.hasher.hash(&password).await?;
        let entry = tools.entry(caller, Some(account.user), "password_reset", "ok");
        tools
            .accounts
            .set_password(account.user, &hash, entry.at, Some(&entry))
            .await?;
        self.sign_in.forgive(caller, &account).await?;
        self.sign_in.sessions.end_all(account.user, None).await?;
        Ok(())
    }
}
