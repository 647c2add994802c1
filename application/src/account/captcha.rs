//! Captcha 图形验证码: drawn on the server, bound to session and form, one look at the answer (section 6).

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::{Caller, Purpose, wait};
use crate::{
    error::{UseError, UseResult},
    ports::{
        attempts::Attempt,
        captcha::CaptchaArtist,
        clock::Clock,
        codes::{Captchas, NewCaptcha},
        limits::{Limit, LimitAsk, Limits},
        tokens::Tokens,
    },
};

const LIFE: Duration = Duration::minutes(3);
const DRAWN: Limit = Limit::new(30, Duration::minutes(1));
/// Draws, asks and checks captchas.
#[derive(Clone)]
pub struct CaptchaDesk {
    pub artist: Arc<dyn CaptchaArtist>,
    pub door: Arc<dyn Captchas>,
    pub limits: Arc<dyn Limits>,
    pub tokens: Arc<dyn Tokens>,
    pub clock: Arc<dyn Clock>,
}

impl CaptchaDesk {
    /// A new picture (PNG); the one asked for before it is void, also when that is drawn later.
    pub async fn draw(&self, caller: &Caller, form: Purpose) -> UseResult<Vec<u8>> {
        let asked_at = self.clock.now();
        self.within_limit(caller).await?;
        let drawing = self.artist.draw().await;
        self.keep(caller, form, &drawing.answer, asked_at).await?;
        Ok(drawing.png)
    }

    /// A small sum in words instead of the picture.
    pub async fn ask(&self, caller: &Caller, form: Purpose) -> UseResult<String> {
        let asked_at = self.clock.now();
        self.within_limit(caller).await?;
        let asked = self.artist.ask();
        self.keep(caller, form, &asked.answer, asked_at).await?;
        Ok(asked.question)
    }

    /// One look at the answer, whatever its outcome; an empty answer is no look.
    pub async fn solve(&self, caller: &Caller, form: Purpose, typed: &str) -> UseResult<()> {
        let typed = self.given(typed)?;
        let session = self.tokens.fingerprint(&caller.binding);
        let at = self.clock.now();
        let kept = self.door.take(&session, form.code(), at).await?;
        self.compare(kept, &self.hash(caller, form, &typed))
    }

    /// The same in the transaction of an attempt; it is a look once the attempt is done, also when this fails.
    pub(super) async fn solve_within(
        &self,
        attempt: &mut dyn Attempt,
        caller: &Caller,
        form: Purpose,
        typed: &str,
    ) -> UseResult<()> {
        let typed = self.given(typed)?;
        let session = self.tokens.fingerprint(&caller.binding);
        let at = self.clock.now();
        let kept = attempt.take_captcha(&session, form.code(), at).await?;
        self.compare(kept, &self.hash(caller, form, &typed))
    }

    fn given(&self, typed: &str) -> UseResult<String> {
        let typed = self.artist.normalise(typed);
        if typed.is_empty() {
            return Err(UseError::field("captcha", "captcha.empty"));
        }
        Ok(typed)
    }

    fn compare(&self, kept: Option<Vec<u8>>, given: &[u8; 32]) -> UseResult<()> {
        match kept {
            Some(kept) if self.tokens.same(&kept, given) => Ok(()),
            Some(_) => Err(UseError::field("captcha", "captcha.wrong")),
            None => Err(UseError::field("captcha", "captcha.over")),
        }
    }

    async fn within_limit(&self, caller: &Caller) -> UseResult<()> {
        let ask = LimitAsk::new(format!("captcha:{}", caller.origin.network()), [DRAWN]);
        match self.limits.take(&[ask], self.clock.now()).await? {
            Some(over) => Err(wait(
                ["too_many", "too_many", "too_many"],
                over.retry_after.min(120),
            )),
            None => Ok(()),
        }
    }

    async fn keep(
        &self,
        caller: &Caller,
        form: Purpose,
        answer: &str,
        asked_at: OffsetDateTime,
    ) -> UseResult<()> {
        let captcha = NewCaptcha {
            id: self.clock.new_id(),
            session_hash: self.tokens.fingerprint(&caller.binding),
            form: form.code().to_owned(),
            answer_hash: self.hash(caller, form, answer),
            expires_at: asked_at + LIFE,
        };
        Ok(self.door.put(&captcha, asked_at).await?)
    }

    fn hash(&self, caller: &Caller, form: Purpose, answer: &str) -> [u8; 32] {
        self.tokens
            .code_hash(answer, &["captcha", &caller.binding, form.code()])
    }
}
