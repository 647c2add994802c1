//! Captchas 图形验证码 and SMS codes 短信验证码 on PostgreSQL.

use application::ports::{
    codes::{Captchas, CodeTry, CodeVerdict, NewCaptcha, NewSmsCode, SmsCodes},
    store::StoreError,
};
use async_trait::async_trait;
use sqlx::{FromRow, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{door::PgDoor, errors::store_error};

/// Wrong tries that burn a code (section 6 of the security rules).
const TRIES: i32 = 5;

#[async_trait]
impl Captchas for PgDoor {
    async fn put(&self, captcha: &NewCaptcha, at: OffsetDateTime) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // Old ones of others go as well, a few at a time and never waiting for them.
        for sql in [
            "delete from captchas where session_hash = $1 and form = $2 and expires_at <= $4 and $3::timestamptz is not null",
            "delete from captchas where id in (
               select id from captchas
               where expires_at < $3 and $1::bytea is not null and $2::text is not null and $4::timestamptz is not null
               limit 20 for update skip locked)",
        ] {
            sqlx::query(sql)
                .bind(captcha.session_hash.as_slice())
                .bind(&captcha.form)
                .bind(at)
                .bind(captcha.expires_at)
                .execute(&mut *tx)
                .await
                .map_err(store_error)?;
        }
        // A picture that was asked for earlier and drawn later does not push away the question that the person reads now.
        sqlx::query(
            "insert into captchas (id, session_hash, form, answer_hash, expires_at)
             select $1, $2, $3, $4, $5
             where not exists (select 1 from captchas where session_hash = $2 and form = $3)",
        )
        .bind(captcha.id)
        .bind(captcha.session_hash.as_slice())
        .bind(&captcha.form)
        .bind(captcha.answer_hash.as_slice())
        .bind(captcha.expires_at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn take(
        &self,
        session_hash: &[u8; 32],
        form: &str,
        at: OffsetDateTime,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut tx = self.begin().await?;
        let taken = take_captcha(&mut tx, session_hash, form, at).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(taken)
    }
}

/// Part of a transaction of the door's.
pub(crate) async fn take_captcha(
    tx: &mut Transaction<'static, Postgres>,
    session_hash: &[u8; 32],
    form: &str,
    at: OffsetDateTime,
) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Vec<(Vec<u8>, OffsetDateTime)> = sqlx::query_as(
        "delete from captchas where session_hash = $1 and form = $2 returning answer_hash, expires_at",
    )
    .bind(session_hash.as_slice())
    .bind(form)
    .fetch_all(&mut **tx)
    .await
    .map_err(store_error)?;
    // Two that were kept at the same moment: the person reads the one asked for last.
    let newest = found.into_iter().max_by_key(|(_, end)| *end);
    Ok(newest.filter(|(_, end)| *end > at).map(|(hash, _)| hash))
}

#[derive(FromRow)]
struct CodeRow {
    id: Uuid,
    code_hash: Vec<u8>,
    expires_at: OffsetDateTime,
    wrong_tries: i32,
    used_at: Option<OffsetDateTime>,
}

impl CodeRow {
    fn verdict(&self, attempt: &CodeTry) -> CodeVerdict {
        // Both sides are keyed hashes: the time of comparing them tells nothing.
        let fits = self.code_hash == attempt.code_hash;
        if self.expires_at <= attempt.at || self.wrong_tries >= TRIES {
            CodeVerdict::Over
        } else if !fits {
            CodeVerdict::Wrong
        } else if self.used_at.is_some() {
            CodeVerdict::Used
        } else {
            CodeVerdict::Right
        }
    }
}

#[async_trait]
impl SmsCodes for PgDoor {
    async fn put(&self, code: &NewSmsCode) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into sms_codes (id, tenant_id, phone_index, purpose, session_hash, code_hash, sent_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(code.id)
        .bind(code.city.0)
        .bind(code.phone_index.as_slice())
        .bind(code.purpose)
        .bind(code.session_hash.as_slice())
        .bind(code.code_hash.as_slice())
        .bind(code.at)
        .bind(code.expires_at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn attempt(&self, attempt: &CodeTry) -> Result<CodeVerdict, StoreError> {
        let mut tx = self.begin().await?;
        let newest: Option<CodeRow> = sqlx::query_as(
            "select id, code_hash, expires_at, wrong_tries, used_at from sms_codes
             where tenant_id = $1 and phone_index = $2 and purpose = $3 and session_hash = $4
             order by sent_at desc, id desc limit 1 for update",
        )
        .bind(attempt.city.0)
        .bind(attempt.phone_index.as_slice())
        .bind(attempt.purpose)
        .bind(attempt.session_hash.as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        let Some(row) = newest else {
            return Ok(CodeVerdict::None);
        };
        let verdict = row.verdict(attempt);
        let change = match verdict {
            CodeVerdict::Right if attempt.keep => return Ok(verdict),
            CodeVerdict::Right => "update sms_codes set used_at = $2 where id = $1",
            CodeVerdict::Wrong => {
                "update sms_codes set wrong_tries = wrong_tries + 1 where id = $1 and $2::timestamptz is not null"
            }
            _ => return Ok(verdict),
        };
        sqlx::query(change)
            .bind(row.id)
            .bind(attempt.at)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(verdict)
    }
}

/// Uses a code up in the transaction of what it proves. Whoever sends the same form at the same moment waits here and then finds it used.
pub(crate) async fn use_code(
    tx: &mut Transaction<'static, Postgres>,
    code: &CodeTry,
) -> Result<(), StoreError> {
    let used = sqlx::query(
        "update sms_codes set used_at = $6 where tenant_id = $1 and phone_index = $2 and purpose = $3
           and session_hash = $4 and code_hash = $5 and used_at is null and expires_at > $6",
    )
    .bind(code.city.0)
    .bind(code.phone_index.as_slice())
    .bind(code.purpose)
    .bind(code.session_hash.as_slice())
    .bind(code.code_hash.as_slice())
    .bind(code.at)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    if used.rows_affected() == 0 {
        return Err(StoreError::Conflict("sms_code_used".to_owned()));
    }
    Ok(())
}
