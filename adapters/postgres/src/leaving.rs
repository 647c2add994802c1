//! 迁出 of a city: what it owns, read at one instant or erased, behind a wall that shows one city alone and lets nothing be changed.
//! The owner of the tables works here; the program's login may not put on this role.

mod erasures;
mod tables;

pub use erasures::{Closing, Erasure, Erasures};
pub use tables::{OwnedColumn, OwnedTable, SWEPT, owned_tables};

use application::ports::store::StoreError;
use domain::ids::TenantId;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, transaction};

/// Rows that one question brings.
const AT_ONCE: i64 = 2_000;

/// The hat, the one city that it sees, and one form for every value. Transaction-local (S-09).
fn hat(city: TenantId) -> String {
    format!(
        "set local role city_exit; set local timezone = 'UTC'; set local bytea_output = 'hex'; set local statement_timeout = 0; \
         set local idle_in_transaction_session_timeout = 0; select set_config('app.leaving_city', '{city}', true)"
    )
}

/// A city as its row says.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CityRow {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    /// `active`, `suspended` or `closed`.
    pub status: String,
}

/// The row of a city, for the owner.
pub async fn city_row(owner: &PgPool, slug: &str) -> Result<Option<CityRow>, StoreError> {
    sqlx::query_as("select id, slug, name, status from tenants where slug = $1 and kind = 'city'")
        .bind(slug)
        .fetch_optional(owner)
        .await
        .map_err(store_error)
}

/// `lock_not_available`.
const LOCK_TAKEN: &str = "55P03";

/// Nobody else exports or erases this city while it is held.
pub struct CityLock(
    #[expect(dead_code, reason = "held, not asked")] Transaction<'static, Postgres>,
);

impl CityLock {
    /// `None` when somebody has it.
    pub async fn take(owner: &PgPool, city: TenantId) -> Result<Option<Self>, StoreError> {
        // The command before this one lets go when the database hears of its end, which may be a moment later.
        let opening = "begin; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = '2s'";
        let mut tx = transaction::begin(owner, opening)
            .await
            .map_err(store_error)?;
        let taken = sqlx::query(
            "select pg_advisory_xact_lock(hashtextextended('city_exit ' || $1::text, 0))",
        )
        .bind(city.0)
        .execute(&mut *tx)
        .await;
        match taken {
            Ok(_) => Ok(Some(Self(tx))),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCK_TAKEN) => {
                Ok(None)
            }
            Err(error) => Err(store_error(error)),
        }
    }
}

/// What a table held of a city at one instant: equal marks, equal rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    pub rows: i64,
    pub mark: String,
}

/// An object of the file storage that a row names.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct NamedObject {
    /// The row under whose id it is sealed.
    pub row: Uuid,
    pub object_key: String,
    /// Whose it is, and what it is: for its path.
    pub owner: String,
    pub label: String,
}

/// Everything of one city as it was at one instant: one repeatable-read transaction over all tables.
pub struct CitySnapshot {
    tx: Transaction<'static, Postgres>,
    pub at: OffsetDateTime,
}

impl CitySnapshot {
    pub async fn take(owner: &PgPool, city: TenantId) -> Result<Self, StoreError> {
        let opening = format!(
            "begin isolation level repeatable read, read only; {}",
            hat(city)
        );
        let mut tx = transaction::begin(owner, opening)
            .await
            .map_err(store_error)?;
        let at = sqlx::query_scalar("select transaction_timestamp()")
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        Ok(Self { tx, at })
    }

    /// Counted and hashed where the rows are, secrets and all: nothing of them travels.
    pub async fn fingerprint(&mut self, table: &OwnedTable) -> Result<Fingerprint, StoreError> {
        let (rows, mark) = sqlx::query_as(AssertSqlSafe(table.marked()))
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(Fingerprint { rows, mark })
    }

    /// Begins to read a table by its key; only these columns.
    pub async fn open(&mut self, table: &OwnedTable, columns: &[&str]) -> Result<(), StoreError> {
        let sql = format!(
            "declare leaving no scroll cursor for {}",
            table.lines(columns)
        );
        self.tx
            .execute(AssertSqlSafe(sql))
            .await
            .map_err(store_error)?;
        Ok(())
    }

    /// The next rows as JSON texts; none when all were read, and the table is closed then.
    pub async fn next(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = AssertSqlSafe(format!("fetch {AT_ONCE} from leaving"));
        let rows: Vec<String> = sqlx::query_scalar(sql)
            .persistent(false)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        if rows.is_empty() {
            self.tx
                .execute("close leaving")
                .await
                .map_err(store_error)?;
        }
        Ok(rows)
    }

    /// The last link of the city's log chain: its number and its hash in hex.
    pub async fn chain_head(&mut self) -> Result<Option<(i64, String)>, StoreError> {
        sqlx::query_as("select seq, encode(hash, 'hex') from audit_links order by seq desc limit 1")
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)
    }

    /// Rows that name an object; `sql` answers `row`, `object_key`, `owner`, `label`.
    pub async fn objects(&mut self, sql: &'static str) -> Result<Vec<NamedObject>, StoreError> {
        sqlx::query_as(sql)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)
    }
}
