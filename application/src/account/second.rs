//! Second factor 动态验证码: staff prove what they hold after what they know; no session before both (S-13, S-22).

use std::sync::Arc;

use domain::ids::{TenantId, UserId};
use time::Duration;

use super::{Caller, DoorTools, hex, wait};
use crate::{
    error::{Kind, UseError, UseResult},
    ports::{
        accounts::{Account, Refusal},
        limits::{Limit, LimitAsk},
        sealing::Place,
        second_factor::{
            EnrolmentPage, Factor, NewFactor, OneTimePasswords, PendingSignIn, STEP_SECONDS,
            SecondFactors,
        },
        sessions::SessionKind,
    },
};

const HALFWAY: Duration = Duration::minutes(10);
const RECOVERY_CODES: usize = 10;
const NEAR: Limit = Limit::new(5, Duration::minutes(15));
const DAY: Limit = Limit::new(20, Duration::hours(24));

/// The second factor of staff.
#[derive(Clone)]
pub struct SecondFactor {
    pub factors: Arc<dyn SecondFactors>,
    pub totp: Arc<dyn OneTimePasswords>,
    pub tools: DoorTools,
    /// Every member of staff needs one: always, but in the demonstration.
    pub required: bool,
}

/// Where a sign-in has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// The id of the new session.
    Open(String),
    /// The second factor is missing yet: what the next form is bound to.
    Halfway(String),
}

/// Who stands halfway.
#[derive(Clone, Debug)]
pub struct Halfway {
    pub user: UserId,
    pub name: String,
    /// False: the second factor is set up now.
    pub enrolled: bool,
}

/// What an enrolment page shows.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret in groups of four letters, for typing.
    pub letters: String,
    /// What the picture says to the app.
    pub address: String,
}

impl SecondFactor {
    /// Somebody whose password or SMS code was right: waits for the second factor where one is due.
    pub(super) async fn halfway(
        &self,
        caller: &Caller,
        account: &Account,
    ) -> UseResult<Option<String>> {
        if account.kind != SessionKind::Staff {
            return Ok(None);
        }
        let enrolled = self.find(caller, account.user).await?.secret.is_some();
        if !enrolled && !self.required {
            return Ok(None);
        }
        Ok(Some(self.wait_for(caller, account.user).await?))
    }

    /// Somebody waits for the second factor behind the id that is answered.
    pub(super) async fn wait_for(&self, caller: &Caller, user: UserId) -> UseResult<String> {
        let id = self.tools.tokens.session_id();
        let at = self.tools.clock.now();
        let pending = PendingSignIn {
            fingerprint: self.tools.tokens.fingerprint(&id),
            city: caller.city.id,
            user,
            at,
            expires_at: at + HALFWAY,
        };
        self.factors.wait(&pending).await?;
        Ok(id)
    }

    /// Who waits behind this browser; without anybody the sign-in starts again.
    pub async fn who(&self, caller: &Caller) -> UseResult<Halfway> {
        let fingerprint = self.tools.tokens.fingerprint(&caller.binding);
        let now = self.tools.clock.now();
        let user = self
            .factors
            .waiting(caller.city.id, &fingerprint, now)
            .await?
            .ok_or_else(|| UseError::new(Kind::SignedOut, "signed_out"))?;
        let factor = self.find(caller, user).await?;
        Ok(Halfway {
            user,
            name: factor.name,
            enrolled: factor.secret.is_some(),
        })
    }

    /// Ends the waiting; only one of two forms sent at once gets on.
    pub(super) async fn arrive(&self, caller: &Caller) -> UseResult<()> {
        let fingerprint = self.tools.tokens.fingerprint(&caller.binding);
        if self.factors.arrived(caller.city.id, &fingerprint).await? {
            Ok(())
        } else {
            Err(UseError::new(Kind::SignedOut, "signed_out"))
        }
    }

    /// Whether somebody has a second factor.
    pub async fn enrolled(&self, caller: &Caller, user: UserId) -> UseResult<bool> {
        Ok(self.find(caller, user).await?.secret.is_some())
    }

    /// Recovery codes that are left.
    pub async fn recovery_left(&self, caller: &Caller, user: UserId) -> UseResult<i64> {
        Ok(self.find(caller, user).await?.recovery_left)
    }

    /// The secret of the enrolment page; opening the page again shows the same one, and to nobody else: whoever comes in with the
    /// same password elsewhere is shown another.
    pub async fn enrolment(&self, caller: &Caller, user: UserId) -> UseResult<Enrolment> {
        let factor = self.find(caller, user).await?;
        let place = self.place(caller.city.id, user).await?;
        let page = self.page(caller, user);
        let sealed = if let Some(sealed) = self.factors.proposed(&page).await? {
            sealed
        } else {
            let fresh = self.tools.sealer.seal(&place, &self.totp.secret())?;
            let kept = self.factors.propose(&page, &fresh).await?;
            kept.ok_or_else(|| UseError::new(Kind::SignedOut, "signed_out"))?
        };
        let secret = self.tools.sealer.open(&place, &sealed)?;
        let letters = self.totp.letters(&secret);
        let issuer = encode(&caller.city.second_name);
        let account = encode(&factor.account);
        let address = format!(
            "otpauth://totp/{issuer}:{account}?secret={letters}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}"
        );
        Ok(Enrolment {
            letters: in_fours(&letters),
            address,
        })
    }

    /// The first code of the new secret fitted: it is in use from now on. Answers the recovery codes, shown this once.
    pub async fn enrol(
        &self,
        caller: &Caller,
        user: UserId,
        typed: &str,
    ) -> UseResult<Vec<String>> {
        let code = six_digits(typed)?;
        self.find(caller, user).await?;
        let page = self.page(caller, user);
        let sealed = self
            .factors
            .proposed(&page)
            .await?
            .ok_or_else(|| UseError::conflict("second.changed"))?;
        let attempt = self.attempt(caller, user).await?;
        let place = self.place(caller.city.id, user).await?;
        let secret = self.tools.sealer.open(&place, &sealed)?;
        let Some(step) = self.step_of(&secret, &code) else {
            self.note_failure(caller, user).await?;
            return Err(UseError::field("code", "second.wrong"));
        };
        let codes: Vec<String> = (0..RECOVERY_CODES)
            .map(|_| self.totp.recovery_code())
            .collect();
        let new = NewFactor {
            page,
            step,
            recovery_hashes: codes
                .iter()
                .map(|code| self.recovery_hash(caller.city.id, user, code))
                .collect(),
            at: self.tools.clock.now(),
            entry: self
                .tools
                .entry(caller, Some(user), "second_factor.enrol", "ok"),
        };
        if !self.factors.enrol(&new, &sealed).await? {
            return Err(UseError::conflict("second.changed"));
        }
        attempt.forgive(self).await?;
        Ok(codes)
    }

    /// Checks a code, or a recovery code where one may be used; failures are counted like those of passwords.
    pub(super) async fn check(
        &self,
        caller: &Caller,
        user: UserId,
        typed: &str,
        recovery_too: bool,
    ) -> UseResult<()> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(UseError::field("code", "second.empty"));
        }
        let factor = self.find(caller, user).await?;
        let sealed = factor
            .secret
            .ok_or_else(|| UseError::conflict("second.enrol_first"))?;
        let attempt = self.attempt(caller, user).await?;
        let fits = if let Ok(code) = six_digits(typed) {
            let place = self.place(caller.city.id, user).await?;
            let secret = self.tools.sealer.open(&place, &sealed)?;
            match self.step_of(&secret, &code) {
                Some(step) if self.factors.take_step(user, step).await? => Ok(()),
                Some(_) => Err("second.used"),
                None => Err("second.wrong"),
            }
        } else if recovery_too {
            let hash = self.recovery_hash(caller.city.id, user, typed);
            let entry = self
                .tools
                .entry(caller, Some(user), "second_factor.recovery", "ok");
            let taken = self.factors.take_recovery(user, &hash, &entry).await?;
            if taken { Ok(()) } else { Err("second.wrong") }
        } else {
            Err("second.wrong")
        };
        if let Err(code) = fits {
            self.note_failure(caller, user).await?;
            return Err(UseError::field("code", code));
        }
        attempt.forgive(self).await
    }

    async fn find(&self, caller: &Caller, user: UserId) -> UseResult<Factor> {
        self.factors
            .factor(caller.city.id, user)
            .await?
            .ok_or_else(|| UseError::new(Kind::SignedOut, "signed_out"))
    }

    fn page(&self, caller: &Caller, user: UserId) -> EnrolmentPage {
        EnrolmentPage {
            city: caller.city.id,
            user,
            fingerprint: self.tools.tokens.fingerprint(&caller.binding),
        }
    }

    async fn place(&self, city: TenantId, user: UserId) -> UseResult<Place> {
        self.tools.sealer.ready(city.0).await?;
        Ok(Place {
            tenant: city.0,
            table: "users",
            row: user.0,
            column: "totp_secret",
        })
    }

    /// The step of a code: this one, the one before or the one after.
    fn step_of(&self, secret: &[u8], code: &str) -> Option<i64> {
        let now = self.tools.clock.now().unix_timestamp() / STEP_SECONDS;
        (now - 1..=now + 1).find(|step| {
            self.totp
                .code(secret, *step)
                .is_some_and(|right| self.tools.tokens.same(right.as_bytes(), code.as_bytes()))
        })
    }

    fn recovery_hash(&self, city: TenantId, user: UserId, code: &str) -> [u8; 32] {
        let plain: String = code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .take(20)
            .collect();
        let bound = ["recovery", &city.to_string(), &user.to_string()];
        self.tools.tokens.code_hash(&plain, &bound)
    }

    /// Counts the attempt before the code is looked at; the right one gives it back.
    async fn attempt(&self, caller: &Caller, user: UserId) -> UseResult<Attempt> {
        let account = format!("in2:{}:{user}", caller.city.id);
        let attempt = Attempt {
            near: format!("{account}:{}", caller.block()),
            day: format!("{account}:day"),
        };
        let asks = [
            LimitAsk::new(&attempt.near, [NEAR]),
            LimitAsk::new(&attempt.day, [DAY]),
        ];
        let now = self.tools.clock.now();
        let Some(over) = self.tools.limits.take(&asks, now).await? else {
            return Ok(attempt);
        };
        let entry = self
            .tools
            .entry(caller, Some(user), "second_factor", "blocked");
        self.tools
            .accounts
            .refused(&entry, Refusal::Blocked, &caller.agent)
            .await?;
        Err(wait(
            [
                "second.blocked",
                "second.blocked_minutes",
                "second.blocked_hours",
            ],
            over.retry_after,
        ))
    }

    async fn note_failure(&self, caller: &Caller, user: UserId) -> UseResult<()> {
        let entry = self
            .tools
            .entry(caller, Some(user), "second_factor", "wrong_code");
        Ok(self
            .tools
            .accounts
            .refused(&entry, Refusal::WrongCode, &caller.agent)
            .await?)
    }
}

/// The buckets of one attempt.
struct Attempt {
    near: String,
    day: String,
}

impl Attempt {
    async fn forgive(self, second: &SecondFactor) -> UseResult<()> {
        Ok(second.tools.limits.forget(&[self.near, self.day]).await?)
    }
}

fn six_digits(typed: &str) -> UseResult<String> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if code.is_empty() {
        return Err(UseError::field("code", "second.empty"));
    }
    if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
        Ok(code)
    } else {
        Err(UseError::field("code", "second.format"))
    }
}

fn in_fours(letters: &str) -> String {
    letters
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Percent-encodes for the app's address.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{}", hex(&[b]).to_uppercase())
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_however_the_app_parts_them() {
        assert_eq!(six_digits(" 123 456 ").ok().as_deref(), Some("123456"));
        assert!(six_digits("12345a").is_err());
        assert!(six_digits("１２３４５６").is_err());
    }

    #[test]
    fn the_secret_is_told_in_groups_and_the_name_survives_the_address() {
        assert_eq!(in_fours("GEZDGNBVGY"), "GEZD GNBV GY");
        assert_eq!(encode("融 a"), "%E8%9E%8D%20a");
    }
}
