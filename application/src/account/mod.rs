//! Account 账号: registration, sign-in, codes, forgotten password, and one's own account (M-101 to M-116, M-201 to M-216).

use std::{net::IpAddr, sync::Arc};

use domain::{
    ids::{TenantId, UserId},
    values::PhoneNumber,
    vocabulary,
};
use secrecy::SecretString;

use crate::{
    access::Origin,
    city::City,
    error::{Checks, FieldError, Kind, UseError, UseResult},
    ports::{
        accounts::{Accounts, DoorEntry},
        clock::Clock,
        hashing::PasswordHasher,
        limits::Limits,
        sealing::Sealer,
        sessions::SessionKind,
        tokens::Tokens,
    },
};

pub mod allowance;
pub mod captcha;
pub mod closing;
pub mod codes;
pub mod devices;
mod enclosed;
pub mod export;
pub mod join;
pub mod link;
pub(crate) mod notices;
pub mod own;
pub mod pack;
pub mod prove;
pub mod recover;
pub mod register;
pub mod second;
pub mod sign_in;

vocabulary! {
    /// What a captcha or an SMS code is for; the word stands in the message.
    Purpose {
        Register = "register" / "用户注册",
        Profile = "profile" / "完善信息",
        SignIn = "sign_in" / "短信登录",
        Recover = "recover" / "找回密码",
        StaffSignIn = "staff_sign_in" / "短信登录",
        StaffRecover = "staff_recover" / "找回密码",
        Proof = "proof" / "身份验证",
        NewPhone = "new_phone" / "更换手机号",
        Password = "password" / "登录",
        StaffPassword = "staff_password" / "登录",
    }
}

impl Purpose {
    /// 短信登录 of a kind of people.
    pub const fn sign_in(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Enterprise | SessionKind::Device => Self::SignIn,
            SessionKind::Staff => Self::StaffSignIn,
        }
    }

    /// 找回密码 of a kind of people.
    pub const fn recover(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Enterprise | SessionKind::Device => Self::Recover,
            SessionKind::Staff => Self::StaffRecover,
        }
    }

    /// 账号密码 of a kind of people.
    pub const fn password(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Enterprise | SessionKind::Device => Self::Password,
            SessionKind::Staff => Self::StaffPassword,
        }
    }
}

/// Who knocks: city, the session or pre-session that everything is bound to, and where from.
#[derive(Clone)]
pub struct Caller {
    pub city: Arc<City>,
    pub binding: String,
    pub origin: Origin,
    pub agent: String,
}

impl Caller {
    /// What is opened for somebody of this kind who comes this way.
    fn session_kind(&self, kind: SessionKind) -> SessionKind {
        if kind == SessionKind::Enterprise && self.origin.is_app() {
            SessionKind::Device
        } else {
            kind
        }
    }

    /// /24 of the old addresses, /56 of the new ones: what one household or office has.
    pub fn block(&self) -> String {
        match self.origin.ip.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => {
                let [a, b, c, _] = ip.octets();
                format!("{a}.{b}.{c}")
            }
            Ok(IpAddr::V6(ip)) => {
                let s = ip.segments();
                format!("{:x}:{:x}:{:x}:{:x}", s[0], s[1], s[2], s[3] & 0xff00)
            }
            Err(_) => String::new(),
        }
    }
}

/// What every door needs.
#[derive(Clone)]
pub struct DoorTools {
    pub accounts: Arc<dyn Accounts>,
    pub limits: Arc<dyn Limits>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub sealer: Arc<dyn Sealer>,
    pub tokens: Arc<dyn Tokens>,
    pub clock: Arc<dyn Clock>,
}

impl DoorTools {
    /// Blind index of a phone in a city.
    async fn phone_index(&self, city: TenantId, phone: &PhoneNumber) -> UseResult<[u8; 32]> {
        self.sealer.ready(city.0).await?;
        Ok(self.sealer.blind_index(city.0, "phone", phone.as_str())?)
    }

    fn entry(
        &self,
        caller: &Caller,
        user: Option<UserId>,
        action: &'static str,
        outcome: &'static str,
    ) -> DoorEntry {
        DoorEntry {
            id: self.clock.new_id(),
            city: caller.city.id,
            user,
            action,
            outcome,
            ip: caller.origin.ip.clone(),
            request_id: caller.origin.request_id.clone(),
            at: self.clock.now(),
        }
    }
}

/// A new password and its repetition, as typed.
pub struct NewPassword {
    pub password: SecretString,
    pub again: SecretString,
}

impl NewPassword {
    /// The rule of M-209 and the repetition of M-210; what is wrong is noted.
    fn check(
        &self,
        checks: &mut Checks,
        city: &City,
        phone: Option<&PhoneNumber>,
        company: &str,
    ) -> Option<SecretString> {
        use domain::values::{ForbiddenInPassword, Password};
        use secrecy::ExposeSecret as _;
        let names = [city.name.as_str(), city.second_name.as_str(), company];
        let forbidden = ForbiddenInPassword {
            phone,
            names: &names,
        };
        let password = checks.take(
            "password",
            Password::parse(self.password.expose_secret(), forbidden),
        );
        let again = self.again.expose_secret();
        if again.is_empty() {
            checks.push(FieldError::new("password_again", "password_again.empty"));
        } else if again != self.password.expose_secret() {
            checks.push(FieldError::new("password_again", "password_again.differs"));
        }
        password.map(|p| SecretString::from(p.expose().to_owned()))
    }
}

/// A refusal over a limit, with the waiting time in words that fit its length: `<code>`, `<code>_minutes`, `<code>_hours`.
fn wait(codes: [&'static str; 3], seconds: u32) -> UseError {
    let error = match seconds {
        0..=120 => UseError::new(Kind::TooMany, codes[0]).with("seconds", seconds),
        121..=7200 => UseError::new(Kind::TooMany, codes[1]).with("minutes", seconds.div_ceil(60)),
        _ => UseError::new(Kind::TooMany, codes[2]).with("hours", seconds.div_ceil(3600)),
    };
    UseError {
        retry_after: Some(seconds),
        ..error
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(ip: &str) -> String {
        Caller {
            city: Arc::new(crate::city::blank()),
            binding: String::new(),
            origin: Origin {
                ip: ip.to_owned(),
                ..Origin::default()
            },
            agent: String::new(),
        }
        .block()
    }

    #[test]
    fn neighbours_share_a_block_and_strangers_do_not() {
        assert_eq!(caller("10.1.2.3"), caller("10.1.2.200"));
        assert_ne!(caller("10.1.2.3"), caller("10.1.3.3"));
        assert_eq!(caller("2001:db8:1:ab01::1"), caller("2001:db8:1:abff:9::7"));
        assert_ne!(caller("2001:db8:1:ab01::1"), caller("2001:db8:1:ac01::1"));
    }

    #[test]
    fn waiting_is_told_in_words_that_fit_its_length() {
        let codes = ["s", "m", "h"];
        assert_eq!(wait(codes, 60).code, "s");
        let minutes = wait(codes, 890);
        assert_eq!((minutes.code, minutes.retry_after), ("m", Some(890)));
        assert_eq!(minutes.params, vec![("minutes", "15".to_owned())]);
        assert_eq!(wait(codes, 80_000).code, "h");
    }
}
