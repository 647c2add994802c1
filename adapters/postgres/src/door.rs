//! The doors without a tenant: one database role of their own, one statement or transaction per call.

use application::city::Standing;
use application::ports::{
    sealing::{SealError, TenantKeys, WrappedKey},
    sessions::{Arrival, DeviceMark, LiveSession, NewSession, SessionKind, Sessions},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    ids::{EnterpriseId, TenantId, UserId},
    tenant::{Role, TenantKind},
};
use sqlx::{FromRow, PgPool, Postgres, Transaction};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{accounts, errors::store_error, limits, transaction};

mod applied;

pub use applied::{AppliedCity, AppliedProvince, FirstContent, KeptAgreement};

/// What a worker goes to a city for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// 发件箱.
    Notices,
    /// 事件推送.
    Calls,
    /// 数据导出.
    Exports,
    /// 批量导入.
    Imports,
    /// 人脸核验 whose verdict is owed.
    Faces,
    /// 导出本企业数据.
    OwnExports,
    /// 统计分析: what changed since it was counted.
    Statistics,
}

impl Errand {
    const fn sql(self) -> &'static str {
        match self {
            Self::Notices => {
                "select distinct tenant_id from outbox where done_at is null and parked_at is null and next_at <= $1"
            }
            Self::Calls => {
                "select distinct t.city_id from webhook_deliveries d join tenants t on t.id = d.tenant_id
                 where d.done_at is null and d.parked_at is null and d.next_at <= $1"
            }
            Self::Exports => {
                "select distinct city_id from exports
                 where status in ('queued', 'making') and (lease_until is null or lease_until <= $1)"
            }
            Self::OwnExports => {
                "select distinct tenant_id from own_data_exports
                 where status in ('queued', 'making') and (lease_until is null or lease_until <= $1)"
            }
            Self::Imports => {
                "select distinct city_id from imports
                 where status in ('queued', 'working') and (lease_until is null or lease_until <= $1)"
            }
            Self::Faces => {
                "select distinct tenant_id from face_checks where status in ('started', 'unclear') and ask_at <= $1"
            }
            Self::Statistics => {
                "select distinct tenant_id from statistics_due where $1::timestamptz is not null"
            }
        }
    }
}

/// 发件箱 over all cities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticesWaiting {
    pub due: u32,
    /// They wait for a person of the city.
    pub parked: u32,
    /// How long the oldest has been due.
    pub oldest: Duration,
}

fn standing(status: &str, note: String) -> Standing {
    match status {
        "active" => Standing::Open,
        "suspended" => Standing::Suspended(note),
        _ => Standing::Closed(note),
    }
}

/// Sign-in, sessions, codes and counters on PostgreSQL.
#[derive(Clone)]
pub struct PgDoor {
    pool: PgPool,
}

impl PgDoor {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// A transaction under the door's own role.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        transaction::begin(&self.pool, "begin; set local role door_rw")
            .await
            .map_err(store_error)
    }

    /// The same for what may be lost when the machine dies within the second: its commit does not wait for the disk.
    pub(crate) async fn begin_losable(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        transaction::begin(
            &self.pool,
            "begin; set local role door_rw; set local synchronous_commit = off",
        )
        .await
        .map_err(store_error)
    }

    /// True when demonstration data were ever put into this database.
    pub async fn was_demonstration(&self) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query_scalar(
            "select exists (select from installation_marks where name = 'demonstration')",
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(store_error)
    }

    /// How much of every city's 发件箱 is due, and how much waits for people.
    pub async fn notices_waiting(&self, now: OffsetDateTime) -> Result<NoticesWaiting, StoreError> {
        let mut tx = self.begin().await?;
        let (due, parked, first): (i64, i64, Option<OffsetDateTime>) = sqlx::query_as(
            "select count(*) filter (where parked_at is null and next_at <= $1),
                    count(*) filter (where parked_at is not null and given_up_at is null),
                    min(next_at) filter (where parked_at is null and next_at <= $1)
             from outbox where done_at is null",
        )
        .bind(now)
        .fetch_one(&mut *tx)
        .await
        .map_err(store_error)?;
        let bounded = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(NoticesWaiting {
            due: bounded(due),
            parked: bounded(parked),
            oldest: first.map_or(Duration::ZERO, |first| now - first),
        })
    }

    /// Cities that have something of this kind to be worked off; the worker then goes to each of them.
    pub async fn cities_with(
        &self,
        errand: Errand,
        now: OffsetDateTime,
    ) -> Result<Vec<TenantId>, StoreError> {
        let mut tx = self.begin().await?;
        let ids: Vec<Uuid> = sqlx::query_scalar(errand.sql())
            .bind(now)
            .fetch_all(&mut *tx)
            .await
            .map_err(store_error)?;
        Ok(ids.into_iter().map(TenantId).collect())
    }

    /// A tenant and all below it (可见范围).
    pub async fn reach(&self, tenant: TenantId) -> Result<Vec<TenantId>, StoreError> {
        let mut tx = self.begin().await?;
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "with recursive below as (
               select id from tenants where id = $1
               union all select t.id from tenants t join below b on t.parent_id = b.id)
             select id from below",
        )
        .bind(tenant.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        Ok(ids.into_iter().map(TenantId).collect())
    }
}

#[derive(FromRow)]
struct SessionRow {
    public_id: Uuid,
    kind: String,
    user_id: Uuid,
    name: String,
    tenant_id: Uuid,
    tenant_kind: String,
    tenant_name: String,
    city_id: Uuid,
    reach: Vec<Uuid>,
    enterprise_id: Option<Uuid>,
    roles: Vec<String>,
    seen_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    proved_at: Option<OffsetDateTime>,
    unread: i64,
    device_id: Option<Uuid>,
    device_hash: Option<Vec<u8>>,
    device_since: Option<OffsetDateTime>,
}

impl SessionRow {
    fn device(&self) -> Result<Option<DeviceMark>, StoreError> {
        let (Some(id), Some(hash), Some(since)) =
            (self.device_id, &self.device_hash, self.device_since)
        else {
            return Ok(None);
        };
        let fingerprint = hash.as_slice().try_into();
        let fingerprint =
            fingerprint.map_err(|_| StoreError::Broken("a device without a fingerprint".into()))?;
        Ok(Some(DeviceMark {
            id,
            fingerprint,
            since,
        }))
    }

    fn live(self) -> Result<LiveSession, StoreError> {
        let broken =
            || StoreError::Broken("a session holds a word that the domain does not know".into());
        Ok(LiveSession {
            public_id: self.public_id,
            kind: SessionKind::from_code(&self.kind).ok_or_else(broken)?,
            device: self.device()?,
            user: UserId(self.user_id),
            name: self.name,
            tenant: TenantId(self.tenant_id),
            tenant_kind: TenantKind::from_code(&self.tenant_kind).ok_or_else(broken)?,
            tenant_name: self.tenant_name,
            city: TenantId(self.city_id),
            reach: self.reach.into_iter().map(TenantId).collect(),
            enterprise: self.enterprise_id.map(EnterpriseId),
            roles: self
                .roles
                .iter()
                .map(|r| Role::from_code(r).ok_or_else(broken))
                .collect::<Result<_, _>>()?,
            seen_at: self.seen_at,
            expires_at: self.expires_at,
            proved_at: self.proved_at,
            unread: self.unread,
        })
    }
}

#[async_trait]
impl Sessions for PgDoor {
    async fn open(&self, new: &NewSession) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "with ended as (
               update sessions set ended_at = $5 where user_id = $3 and kind = $4 and ended_at is null and id_hash not in (
                 select id_hash from sessions where user_id = $3 and kind = $4 and ended_at is null
                 order by created_at desc, public_id desc limit $10))
             insert into sessions (id_hash, public_id, user_id, tenant_id, kind, created_at, seen_at, expires_at, ip, agent, device_id)
             select $1, $2, u.id, u.tenant_id, $4, $5, $5, $6, $7, $8,
                    (select device_id from sessions where id_hash = $9 and user_id = u.id) from users u where u.id = $3",
        )
        .bind(new.fingerprint.as_slice())
        .bind(new.public_id)
        .bind(new.user.0)
        .bind(new.kind.code())
        .bind(new.at)
        .bind(new.expires_at)
        .bind(&new.ip)
        .bind(&new.agent)
        .bind(new.instead_of.as_ref().map(<[u8; 32]>::as_slice))
        // The new one is not among those that the statement sees.
        .bind(new.at_once - 1)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        if let Some(Arrival { entry, pardon }) = &new.arrival {
            accounts::signed_in(&mut tx, entry, new.user, &new.agent).await?;
            if let Some(pardon) = pardon {
                limits::give_back(&mut tx, pardon).await?;
            }
        }
        tx.commit().await.map_err(store_error)
    }

    async fn find(&self, fingerprint: &[u8; 32]) -> Result<Option<LiveSession>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<SessionRow> = sqlx::query_as(
            "select s.public_id, s.kind, s.user_id, u.name, u.tenant_id, t.kind as tenant_kind, t.name as tenant_name,
                    u.city_id, u.enterprise_id, u.roles, s.seen_at, s.expires_at, s.proved_at, d.id as device_id, d.device_hash,
                    d.created_at as device_since,
                    (select count(*) from messages m where m.tenant_id = u.tenant_id and m.read_at is null
                       and m.enterprise_id is not distinct from u.enterprise_id) as unread,
                    case when t.kind = 'branch' and not exists (select from tenants c where c.parent_id = t.id)
                      then array[t.id]
                      when u.enterprise_id is not null then array[t.id]
                      else (with recursive below as (
                              select t.id as id union all select c.id from tenants c join below b on c.parent_id = b.id)
                            select array_agg(id) from below) end as reach
             from sessions s join users u on u.id = s.user_id join tenants t on t.id = u.tenant_id
             left join devices d on d.id = s.device_id and d.ended_at is null
             where s.id_hash = $1 and s.ended_at is null and (s.device_id is null or d.id is not null) and u.status = 'active' and t.status = 'active'",
        )
        .bind(fingerprint.as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        row.map(SessionRow::live).transpose()
    }

    async fn seen(&self, fingerprint: &[u8; 32], at: OffsetDateTime) -> Result<(), StoreError> {
        self.touch(
            "update sessions set seen_at = $2 where id_hash = $1 and ended_at is null",
            fingerprint,
            at,
        )
        .await
    }

    async fn proved(&self, fingerprint: &[u8; 32], at: OffsetDateTime) -> Result<(), StoreError> {
        self.touch(
            "update sessions set proved_at = $2 where id_hash = $1 and ended_at is null",
            fingerprint,
            at,
        )
        .await
    }

    async fn end(&self, fingerprint: &[u8; 32], at: OffsetDateTime) -> Result<(), StoreError> {
        self.touch(
            "update sessions set ended_at = $2 where id_hash = $1 and ended_at is null",
            fingerprint,
            at,
        )
        .await
    }

    async fn end_all(
        &self,
        user: UserId,
        keep: Option<&[u8; 32]>,
        at: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update devices set ended_at = $3, ended_why = 'ended' where user_id = $1 and ended_at is null
               and id is distinct from (select device_id from sessions where id_hash = $2)",
        )
        .bind(user.0)
        .bind(keep.map(<[u8; 32]>::as_slice))
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        let done = sqlx::query(
            "update sessions set ended_at = $3 where user_id = $1 and ended_at is null and id_hash is distinct from $2",
        )
        .bind(user.0)
        .bind(keep.map(<[u8; 32]>::as_slice))
        .bind(at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(done.rows_affected())
    }
}

impl PgDoor {
    async fn touch(
        &self,
        sql: &'static str,
        fingerprint: &[u8; 32],
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(sql)
            .bind(fingerprint.as_slice())
            .bind(at)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }
}

#[async_trait]
impl TenantKeys for PgDoor {
    async fn load(&self, tenant: Uuid) -> Result<Vec<WrappedKey>, SealError> {
        let away = |e: &dyn std::error::Error| SealError::Unavailable(e.to_string());
        let mut tx = self.begin().await.map_err(|e| away(&e))?;
        let rows: Vec<(i32, Vec<u8>)> =
            sqlx::query_as("select key_id, wrapped from tenant_keys where tenant_id = $1")
                .bind(tenant)
                .fetch_all(&mut *tx)
                .await
                .map_err(|e| away(&e))?;
        Ok(rows
            .into_iter()
            .map(|(id, wrapped)| WrappedKey {
                id: id.unsigned_abs(),
                wrapped,
            })
            .collect())
    }

    async fn create(&self, tenant: Uuid, key: WrappedKey) -> Result<(), SealError> {
        let away = |e: &dyn std::error::Error| SealError::Unavailable(e.to_string());
        let mut tx = self.begin().await.map_err(|e| away(&e))?;
        sqlx::query("insert into tenant_keys (tenant_id, key_id, wrapped) values ($1, $2, $3) on conflict do nothing")
            .bind(tenant)
            .bind(key.id.cast_signed())
            .bind(&key.wrapped)
            .execute(&mut *tx)
            .await
            .map_err(|e| away(&e))?;
        tx.commit().await.map_err(|e| away(&e))
    }
}
