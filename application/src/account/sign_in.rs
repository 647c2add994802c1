//! Sign-in 登录: account, password and captcha (M-214), or an SMS code; the same answer whoever asks (S-15).

use std::sync::Arc;

use domain::{
    ids::UserId,
    values::{PhoneNumber, SmsCode, UnifiedSocialCreditCode},
};
use secrecy::{ExposeSecret as _, SecretString};
use time::{Duration, OffsetDateTime};

use super::{
    Caller, DoorTools, Purpose,
    codes::{Proof, SmsDesk},
    hex,
    second::{Entrance, SecondFactor},
    wait,
};
use crate::{
    error::{Checks, FieldError, Kind, UseError, UseResult},
    ports::{
        accounts::{Account, AccountName, Refusal},
        attempts::Attempts,
        hashing::PasswordVerdict,
        limits::{Limit, LimitAsk, OverLimit, Pardon},
        sessions::{Arrival, SessionKind},
    },
    sessions::{Browser, SessionKeeper},
};

const NEAR: Duration = Duration::minutes(15);
const DAY: Duration = Duration::hours(24);
const EVER: Duration = Duration::days(3650);
const NEAR_FAILURES: u32 = 5;
const DAY_FAILURES: u32 = 20;
const ADDRESS_FAILURES: u32 = 50;
const FAILURES_IN_A_ROW: u32 = 100;

/// Opens sessions.
#[derive(Clone)]
pub struct SignIn {
    pub codes: SmsDesk,
    pub attempts: Arc<dyn Attempts>,
    pub tools: DoorTools,
    pub sessions: SessionKeeper,
    pub second: SecondFactor,
}

/// 账号密码.
pub struct PasswordSignIn {
    /// Phone, 统一社会信用代码 once completed, or the sign-in name of staff.
    pub account: String,
    pub password: SecretString,
    pub captcha: String,
}

/// 短信登录.
pub struct CodeSignIn {
    pub phone: String,
    pub sms_code: String,
}

/// Buckets of one account, known or not.
pub(super) struct Failures {
    near: String,
    stop: String,
    day: String,
    row: String,
    address: String,
}

impl Failures {
    pub(super) fn of(caller: &Caller, key: &str) -> Self {
        let account = format!("in:{}:{key}", caller.city.id);
        let near = format!("{account}:{}", caller.block());
        Self {
            stop: format!("{near}:stop"),
            near,
            day: format!("{account}:day"),
            row: format!("{account}:row"),
            address: format!("in:ip:{}", caller.origin.network()),
        }
    }

    /// What one more attempt is counted against; five failures in a row from one place have filled the first.
    fn attempt(&self) -> [LimitAsk; 5] {
        [
            LimitAsk::new(&self.stop, [Limit::new(1, NEAR)]).watched(),
            self.near_by(),
            LimitAsk::new(
                &self.address,
                [Limit::new(ADDRESS_FAILURES, Duration::hours(1))],
            ),
            LimitAsk::new(&self.day, [Limit::new(DAY_FAILURES, DAY)]),
            LimitAsk::new(&self.row, [Limit::new(FAILURES_IN_A_ROW, EVER)]),
        ]
    }

    fn near_by(&self) -> LimitAsk {
        LimitAsk::new(&self.near, [Limit::new(NEAR_FAILURES, NEAR)])
    }
}

impl SignIn {
    /// Signs in with a password; staff go on to the second factor.
    pub async fn by_password(
        &self,
        caller: &Caller,
        kind: SessionKind,
        ask: PasswordSignIn,
    ) -> UseResult<Entrance> {
        let mut checks = Checks::default();
        if ask.account.trim().is_empty() {
            checks.push(FieldError::new("account", "account.empty"));
        }
        if ask.password.expose_secret().is_empty() {
            checks.push(FieldError::new("password", "password.missing"));
        }
        if ask.captcha.trim().is_empty() {
            checks.push(FieldError::new("captcha", "captcha.empty"));
        }
        checks.finish()?;
        let typed: String = ask.account.trim().chars().take(64).collect();
        let name = self.named(caller, kind, &typed).await?;
        // Captcha, account and count in one transaction: each of its own costs as much as all of what is asked in it.
        let mut attempt = self.attempts.begin().await?;
        let form = Purpose::password(kind);
        let captcha = &self.codes.captcha;
        if let Err(error) = captcha
            .solve_within(&mut *attempt, caller, form, &ask.captcha)
            .await
        {
            attempt.done().await?;
            return Err(error);
        }
        let found = attempt.find(caller.city.id, kind, &name).await?;
        let failures = Failures::of(caller, &self.key_of(found.as_ref(), kind, &typed));
        let at = self.tools.clock.now();
        let over = attempt.count(&failures.attempt(), at).await?;
        attempt.done().await?;
        self.not_over(caller, found.as_ref(), over).await?;
        let verdict = self.check(found.as_ref(), &ask.password).await?;
        let Some(account) = found.as_ref().filter(|_| verdict.is_right()) else {
            self.note_failure(caller, found.as_ref(), &failures).await?;
            return Err(UseError::new(Kind::Invalid, "sign_in.wrong"));
        };
        if verdict == PasswordVerdict::RightButOld {
            let hash = self.tools.hasher.hash(&ask.password).await?;
            let now = self.tools.clock.now();
            self.tools
                .accounts
                .set_password(account.user, &hash, now, None)
                .await?;
        }
        let pardon = Pardon {
            emptied: vec![failures.near, failures.stop, failures.row],
            given_back: vec![failures.day, failures.address],
            at,
        };
        self.enter(caller, account, Some(pardon)).await
    }

    /// Signs in with an SMS code; staff go on to the second factor all the same.
    pub async fn by_code(
        &self,
        caller: &Caller,
        kind: SessionKind,
        ask: CodeSignIn,
    ) -> UseResult<Entrance> {
        let mut checks = Checks::default();
        let phone = checks.take("phone", PhoneNumber::parse(&ask.phone));
        let code = checks.take("sms_code", SmsCode::parse(&ask.sms_code));
        let (Some(phone), Some(code)) = (phone, code) else {
            return Err(checks.into_error());
        };
        let purpose = Purpose::sign_in(kind);
        let proof = self.codes.prove(caller, purpose, &phone, &code).await?;
        let index = self.tools.phone_index(caller.city.id, &phone).await?;
        let found = self
            .tools
            .accounts
            .find(caller.city.id, kind, &AccountName::Phone(index))
            .await?;
        match (found, proof) {
            (Some(account), Proof::Fresh) => self.enter(caller, &account, None).await,
            (Some(_), Proof::Repeated) => Err(UseError::field("sms_code", "sms_code.used")),
            (None, _) => Err(UseError::field("sms_code", "sms_code.wrong")),
        }
    }

    /// Signs in whoever a provider vouches for (WeChat): an active person of an enterprise; answers the id of the new session.
    pub async fn by_identity(&self, caller: &Caller, user: UserId) -> UseResult<String> {
        let name = AccountName::Id(user);
        let kind = SessionKind::Enterprise;
        let found = self
            .tools
            .accounts
            .find(caller.city.id, kind, &name)
            .await?;
        let account = found.ok_or_else(UseError::not_found)?;
        self.open(caller, &account).await
    }

    /// 动态验证码: the second half of a sign-in, by a code or by a recovery code; answers the id of the new session.
    pub async fn by_second(&self, caller: &Caller, typed: &str) -> UseResult<String> {
        let who = self.second.who(caller).await?;
        self.second.check(caller, who.user, typed, true).await?;
        self.second.arrive(caller).await?;
        self.open_for(caller, who.user, SessionKind::Staff, None)
            .await
    }

    /// The second half of a first sign-in: the second factor is set up. Answers the session's id and the recovery codes.
    pub async fn by_enrolment(
        &self,
        caller: &Caller,
        typed: &str,
    ) -> UseResult<(String, Vec<String>)> {
        let who = self.second.who(caller).await?;
        if who.enrolled {
            return Err(UseError::new(Kind::SignedOut, "signed_out"));
        }
        let codes = self.second.enrol(caller, who.user, typed).await?;
        self.second.arrive(caller).await?;
        self.sessions.end_all(who.user, None).await?;
        let id = self
            .open_for(caller, who.user, SessionKind::Staff, None)
            .await?;
        Ok((id, codes))
    }

    /// Lets somebody in who has just proved who they are; staff halfway. A right password has a pardon.
    pub(super) async fn enter(
        &self,
        caller: &Caller,
        account: &Account,
        pardon: Option<Pardon>,
    ) -> UseResult<Entrance> {
        if let Some(id) = self.second.halfway(caller, account).await? {
            if let Some(pardon) = pardon {
                self.tools.limits.forgive(&pardon).await?;
            }
            return Ok(Entrance::Halfway(id));
        }
        let (user, kind) = (account.user, account.kind);
        Ok(Entrance::Open(
            self.open_for(caller, user, kind, pardon).await?,
        ))
    }

    /// Opens a session of its own for somebody who has just proved who they are.
    pub(super) async fn open(&self, caller: &Caller, account: &Account) -> UseResult<String> {
        let (user, kind) = (account.user, account.kind);
        self.open_for(caller, user, kind, None).await
    }

    async fn open_for(
        &self,
        caller: &Caller,
        user: UserId,
        kind: SessionKind,
        pardon: Option<Pardon>,
    ) -> UseResult<String> {
        let kind = caller.session_kind(kind);
        let entry = self.tools.entry(caller, Some(user), "sign_in", "ok");
        let arrival = Arrival { entry, pardon };
        let from = Browser::of(caller);
        self.sessions
            .open(user, kind, None, from, Some(arrival))
            .await
    }

    /// How the account that is meant is looked for.
    async fn named(
        &self,
        caller: &Caller,
        kind: SessionKind,
        typed: &str,
    ) -> UseResult<AccountName> {
        Ok(if let Ok(phone) = PhoneNumber::parse(typed) {
            AccountName::Phone(self.tools.phone_index(caller.city.id, &phone).await?)
        } else if kind == SessionKind::Staff {
            AccountName::Name(typed.to_ascii_lowercase())
        } else {
            // A code that was admitted in spite of its check character signs in as any other.
            UnifiedSocialCreditCode::accept_doubtful(typed)
                .map_or(AccountName::Phone([0; 32]), |code| {
                    AccountName::CreditCode(code.as_str().to_owned())
                })
        })
    }

    /// The key of an account's failures: known or not, there is one.
    fn key_of(&self, found: Option<&Account>, kind: SessionKind, typed: &str) -> String {
        found.map_or_else(
            || {
                let bound = ["sign_in", kind.code()];
                hex(&self.tools.tokens.code_hash(&typed.to_lowercase(), &bound))
            },
            |account| account.user.to_string(),
        )
    }

    /// Counts the attempt before the password is looked at, so that many at once get no more guesses than one after the
    /// other; a right password gives it back.
    pub(super) async fn not_blocked(
        &self,
        caller: &Caller,
        found: Option<&Account>,
        failures: &Failures,
        at: OffsetDateTime,
    ) -> UseResult<()> {
        let over = self.tools.limits.take(&failures.attempt(), at).await?;
        self.not_over(caller, found, over).await
    }

    /// What a count says of going on.
    async fn not_over(
        &self,
        caller: &Caller,
        found: Option<&Account>,
        over: Option<OverLimit>,
    ) -> UseResult<()> {
        let in_a_row = found.is_some_and(|a| {
            u32::try_from(a.consecutive_failures).unwrap_or(0) >= FAILURES_IN_A_ROW
        });
        let error = match over {
            Some(over) if over.ask <= 1 => wait(
                [
                    "sign_in.blocked",
                    "sign_in.blocked_minutes",
                    "sign_in.blocked_minutes",
                ],
                over.retry_after,
            ),
            Some(over) if over.ask == 2 => wait(
                [
                    "sign_in.address",
                    "sign_in.address_minutes",
                    "sign_in.address_minutes",
                ],
                over.retry_after,
            ),
            // No lock that a stranger could cause: the way by SMS stays open.
            Some(_) => UseError::new(Kind::Invalid, "sign_in.sms_step"),
            None if in_a_row => UseError::new(Kind::Invalid, "sign_in.sms_step"),
            None => return Ok(()),
        };
        if let Some(account) = found {
            let entry = self
                .tools
                .entry(caller, Some(account.user), "sign_in", "blocked");
            self.tools
                .accounts
                .refused(&entry, Refusal::Blocked, &caller.agent)
                .await?;
        }
        Err(error)
    }

    async fn check(
        &self,
        found: Option<&Account>,
        password: &SecretString,
    ) -> UseResult<PasswordVerdict> {
        // Longer than any password can be: not worth the work of hashing what was sent.
        let too_long = password.expose_secret().len() > 128;
        let nothing = SecretString::from(String::new());
        let password = if too_long { &nothing } else { password };
        if let Some(stored) = found.and_then(|a| a.password_hash.as_deref()) {
            return Ok(self.tools.hasher.verify(password, stored).await?);
        }
        self.tools.hasher.verify_nobody(password).await?;
        Ok(PasswordVerdict::Wrong)
    }

    pub(super) async fn note_failure(
        &self,
        caller: &Caller,
        found: Option<&Account>,
        failures: &Failures,
    ) -> UseResult<()> {
        let now = self.tools.clock.now();
        let limits = &self.tools.limits;
        if limits.look(&[failures.near_by()], now).await?.is_some() {
            limits.count(&failures.stop, NEAR, now).await?;
        }
        let user = found.map(|a| a.user);
        let entry = self.tools.entry(caller, user, "sign_in", "wrong_password");
        let outcome = Refusal::WrongPassword;
        Ok(self
            .tools
            .accounts
            .refused(&entry, outcome, &caller.agent)
            .await?)
    }

    /// Forgets the failures of an account whose password was just set anew.
    pub(super) async fn forgive(&self, caller: &Caller, account: &Account) -> UseResult<()> {
        let failures = Failures::of(caller, &account.user.to_string());
        let all = [failures.near, failures.stop, failures.day, failures.row];
        Ok(self.tools.limits.forget(&all).await?)
    }

    /// Checks a password of somebody who is signed in or has proved the phone; no counting.
    pub(super) async fn fits(&self, account: &Account, password: &SecretString) -> UseResult<bool> {
        Ok(self.check(Some(account), password).await?.is_right())
    }
}
