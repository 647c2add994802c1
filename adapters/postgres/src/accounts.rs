//! Accounts 账号 on PostgreSQL: sign-in, registration, forgotten password.

use application::ports::{
    accounts::{Account, AccountName, Accounts, DoorEntry, NewRegistration, Refusal},
    sessions::SessionKind,
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::{Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{codes::use_code, door::PgDoor, errors::store_error, wechat};

type Tx = Transaction<'static, Postgres>;
type AccountRow = (Uuid, Option<String>, i32);

macro_rules! find {
    ($join:literal, $condition:literal) => {
        concat!(
            "select u.id, c.password_hash, coalesce(c.consecutive_failures, 0)
             from users u join tenants t on t.id = u.tenant_id left join credentials c on c.user_id = u.id ",
            $join,
            " where u.city_id = $1 and (u.enterprise_id is not null) = $2 and u.status = 'active' and t.status = 'active' and ",
            $condition,
            " limit 2"
        )
    };
}

/// Writes 登录记录 of what a person's sign-in came to, after what else becomes of the person.
macro_rules! record {
    ($first:literal) => {
        concat!(
            $first,
            "insert into sign_in_records (id, tenant_id, user_id, at, outcome, ip, agent)
             select $1, u.tenant_id, u.id, $3, $4, $5, $6 from users u where u.id = $2"
        )
    };
}

#[async_trait]
impl Accounts for PgDoor {
    async fn find(
        &self,
        city: TenantId,
        kind: SessionKind,
        name: &AccountName,
    ) -> Result<Option<Account>, StoreError> {
        let mut tx = self.begin().await?;
        find(&mut tx, city, kind, name).await
    }

    async fn refused(
        &self,
        entry: &DoorEntry,
        outcome: Refusal,
        agent: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if let Some(user) = entry.user {
            // Else the password was right: what fails there has counters of its own.
            let sql = if outcome == Refusal::WrongPassword {
                record!(
                    "with one_more as (update credentials set consecutive_failures = consecutive_failures + 1 where user_id = $2) "
                )
            } else {
                record!("")
            };
            sign_in_record(&mut tx, sql, entry, user, outcome.code(), agent).await?;
        }
        audit(&mut tx, entry).await?;
        tx.commit().await.map_err(store_error)
    }

    async fn set_password(
        &self,
        user: UserId,
        hash: &str,
        at: OffsetDateTime,
        entry: Option<&DoorEntry>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into credentials (user_id, tenant_id, password_hash, changed_at)
             select u.id, u.tenant_id, $2, $3 from users u where u.id = $1
             on conflict (user_id) do update set password_hash = excluded.password_hash, consecutive_failures = 0,
               changed_at = case when $4 then excluded.changed_at else credentials.changed_at end",
        )
        .bind(user.0)
        .bind(hash)
        .bind(at)
        .bind(entry.is_some())
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        if let Some(entry) = entry {
            wechat::let_go(&mut tx, entry.city, user).await?;
            audit(&mut tx, entry).await?;
        }
        tx.commit().await.map_err(store_error)
    }

    async fn register(&self, new: &NewRegistration) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        use_code(&mut tx, &new.code).await?;
        insert_people(&mut tx, new).await?;
        insert_consents(&mut tx, new).await?;
        audit(&mut tx, &new.entry).await?;
        tx.commit().await.map_err(store_error)
    }
}

/// Part of a transaction of the door's.
pub(crate) async fn find(
    tx: &mut Tx,
    city: TenantId,
    kind: SessionKind,
    name: &AccountName,
) -> Result<Option<Account>, StoreError> {
    let enterprise = kind == SessionKind::Enterprise;
    let query = match name {
        AccountName::Phone(index) => sqlx::query_as(find!("", "u.phone_index = $3"))
            .bind(city.0)
            .bind(enterprise)
            .bind(index.to_vec()),
        AccountName::CreditCode(code) => sqlx::query_as(find!(
            "join enterprises e on e.tenant_id = u.tenant_id and e.id = u.enterprise_id",
            "e.unified_social_credit_code = $3 and 'eo' = any(u.roles)"
        ))
        .bind(city.0)
        .bind(enterprise)
        .bind(code.clone()),
        AccountName::Name(account) => sqlx::query_as(find!("", "u.account = $3"))
            .bind(city.0)
            .bind(enterprise)
            .bind(account.clone()),
        AccountName::Id(user) => sqlx::query_as(find!("", "u.id = $3"))
            .bind(city.0)
            .bind(enterprise)
            .bind(user.0),
    };
    let mut rows: Vec<AccountRow> = query.fetch_all(&mut **tx).await.map_err(store_error)?;
    if rows.len() != 1 {
        return Ok(None);
    }
    Ok(rows
        .pop()
        .map(|(user, password_hash, consecutive_failures)| Account {
            user: UserId(user),
            kind,
            password_hash,
            consecutive_failures,
        }))
}

/// 登录记录 of a sign-in that succeeded; its failures in a row are over, but for those that ask for an SMS code.
pub(crate) async fn signed_in(
    tx: &mut Tx,
    entry: &DoorEntry,
    user: UserId,
    agent: &str,
) -> Result<(), StoreError> {
    let sql = record!(
        "with forgotten as (update credentials set consecutive_failures = 0
           where user_id = $2 and consecutive_failures between 1 and 99) "
    );
    sign_in_record(tx, sql, entry, user, "ok", agent).await?;
    audit(tx, entry).await
}

async fn sign_in_record(
    tx: &mut Tx,
    sql: &'static str,
    entry: &DoorEntry,
    user: UserId,
    outcome: &str,
    agent: &str,
) -> Result<(), StoreError> {
    sqlx::query(sql)
        .bind(entry.id)
        .bind(user.0)
        .bind(entry.at)
        .bind(outcome)
        .bind(&entry.ip)
        .bind(agent)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn insert_people(tx: &mut Tx, new: &NewRegistration) -> Result<(), StoreError> {
    sqlx::query(
        "insert into enterprises (id, tenant_id, name, legal_representative, region_code, channel, created_at, scene)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.enterprise.0)
    .bind(new.city.0)
    .bind(&new.company_name)
    .bind(&new.legal_representative)
    .bind(&new.region_code)
    .bind(new.channel)
    .bind(new.at)
    .bind(&new.scene)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    sqlx::query(
        "insert into users (id, tenant_id, city_id, enterprise_id, account, name, phone_sealed, phone_index, roles, created_at)
         values ($1, $2, $2, $3, $1::uuid::text, $4, $5, $6, array['eo'], $7)",
    )
    .bind(new.user.0)
    .bind(new.city.0)
    .bind(new.enterprise.0)
    .bind(&new.legal_representative)
    .bind(&new.phone_sealed)
    .bind(new.phone_index.as_slice())
    .bind(new.at)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    sqlx::query(
        "insert into credentials (user_id, tenant_id, password_hash, changed_at) values ($1, $2, $3, $4)",
    )
    .bind(new.user.0)
    .bind(new.city.0)
    .bind(&new.password_hash)
    .bind(new.at)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    Ok(())
}

async fn insert_consents(tx: &mut Tx, new: &NewRegistration) -> Result<(), StoreError> {
    for consent in &new.consents {
        sqlx::query(
            "insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version,
               agreement_title, body_hash, purpose, recipient, channel, ip, granted_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(consent.id)
        .bind(new.city.0)
        .bind(new.enterprise.0)
        .bind(new.user.0)
        .bind(&consent.agreement_code)
        .bind(&consent.agreement_version)
        .bind(&consent.agreement_title)
        .bind(consent.body_hash.as_slice())
        .bind(consent.purpose)
        .bind(&consent.recipient)
        .bind(new.channel)
        .bind(&new.entry.ip)
        .bind(new.at)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    }
    Ok(())
}

pub(crate) async fn audit(tx: &mut Tx, entry: &DoorEntry) -> Result<(), StoreError> {
    sqlx::query(
        "insert into audit_entries (id, tenant_id, actor_id, actor_name, actor_tenant_id, action, outcome, ip, request_id, at)
         select $1, $2, $3, coalesce(u.name, ''), u.tenant_id, $4, $5, $6, $7, $8
         from (select 1) one left join users u on u.id = $3",
    )
    .bind(entry.id)
    .bind(entry.city.0)
    .bind(entry.user.map(|u| u.0))
    .bind(entry.action)
    .bind(entry.outcome)
    .bind(&entry.ip)
    .bind(&entry.request_id)
    .bind(entry.at)
    .execute(&mut **tx)
    .await
    .map_err(store_error)?;
    Ok(())
}
