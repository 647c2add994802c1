//! 清除 of a city: in batches that count themselves in the transaction that erases, so that one that was killed goes on.

use std::collections::BTreeMap;

use application::ports::store::StoreError;
use domain::ids::TenantId;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    OwnedTable, hat,
    tables::{SWEPT, deletion},
};
use crate::errors::store_error;

/// 清除记录 as it stands.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Erasure {
    pub id: Uuid,
    pub city: Uuid,
    pub slug: String,
    pub name: String,
    /// Owners of its files: the city, its institutions and branches.
    pub tenants: Vec<Uuid>,
    pub by_name: String,
    pub manifest_sha256: Vec<u8>,
    pub export: Value,
    pub started_at: OffsetDateTime,
    pub finished_at: Option<OffsetDateTime>,
    #[sqlx(json)]
    pub rows_erased: BTreeMap<String, i64>,
    pub objects_erased: i64,
    /// Exactly what was signed.
    pub certificate: Option<String>,
    pub signature: Option<String>,
}

const COLUMNS: &str = "id, city, slug, name, tenants, by_name, manifest_sha256, export, started_at, finished_at, rows_erased, \
                       objects_erased, certificate, signature";

/// Erases one city, for the owner of the tables.
#[derive(Clone)]
pub struct Erasures {
    pub owner: PgPool,
    pub city: TenantId,
}

impl Erasures {
    /// The last erasure of a city, finished or not.
    pub async fn last(owner: &PgPool, slug: &str) -> Result<Option<Erasure>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from city_erasures where slug = $1 order by started_at desc limit 1"
        );
        // AssertSqlSafe: fixed names.
        sqlx::query_as(AssertSqlSafe(sql))
            .bind(slug)
            .fetch_optional(owner)
            .await
            .map_err(store_error)
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut tx = self.owner.begin().await.map_err(store_error)?;
        // AssertSqlSafe: a UUID printed by its type.
        tx.execute(AssertSqlSafe(hat(self.city)))
            .await
            .map_err(store_error)?;
        Ok(tx)
    }

    /// Notes that it begins; from here on the city cannot be opened again.
    pub async fn start(&self, erasure: &Erasure) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into city_erasures (id, city, slug, name, tenants, by_name, manifest_sha256, export, started_at)
             select $1, $2, $3, $4, leaving_tenants(), $5, $6, $7, $8",
        )
        .bind(erasure.id)
        .bind(erasure.city)
        .bind(&erasure.slug)
        .bind(&erasure.name)
        .bind(&erasure.by_name)
        .bind(&erasure.manifest_sha256)
        .bind(&erasure.export)
        .bind(erasure.started_at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    /// Deletes at most so many rows of a table; answers how many went.
    pub async fn batch(&self, table: &str, most: i64) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let gone = erase(&mut tx, table, Some(most)).await?;
        tx.commit().await.map_err(store_error)?;
        Ok(gone)
    }

    /// Counts objects that went.
    pub async fn objects_gone(&self, more: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "update city_erasures set objects_erased = objects_erased + $1 where finished_at is null",
        )
        .bind(more)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    /// The end: nobody adds anything for this city any more, what was added meanwhile goes, the city itself goes, and no table has
    /// anything left. Nothing of it holds before `commit`.
    pub async fn close(&self, tables: &[OwnedTable]) -> Result<Closing, StoreError> {
        let mut tx = self.owner.begin().await.map_err(store_error)?;
        // A row that points at these waits now and fails afterwards.
        sqlx::query("select from tenants where city_id = $1 for update")
            .bind(self.city.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.execute(AssertSqlSafe(hat(self.city)))
            .await
            .map_err(store_error)?;
        for table in SWEPT.into_iter().chain(names(tables)) {
            erase(&mut tx, table, None).await?;
        }
        let sql =
            format!("select {COLUMNS} from city_erasures where city = $1 and finished_at is null");
        let erasure = sqlx::query_as(AssertSqlSafe(sql))
            .bind(self.city.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(store_error)?;
        Ok(Closing { tx, erasure })
    }
}

fn names(tables: &[OwnedTable]) -> impl Iterator<Item = &str> {
    tables.iter().map(|table| table.name.as_str())
}

async fn erase(
    tx: &mut Transaction<'static, Postgres>,
    table: &str,
    most: Option<i64>,
) -> Result<u64, StoreError> {
    // AssertSqlSafe: a name of the catalogue, quoted; the wall shows one city.
    let gone = sqlx::query(AssertSqlSafe(deletion(table, most)))
        .execute(&mut **tx)
        .await
        .map_err(store_error)?
        .rows_affected();
    if gone > 0 {
        sqlx::query(
            "update city_erasures set rows_erased = rows_erased
               || jsonb_build_object($1::text, coalesce((rows_erased ->> $1)::bigint, 0) + $2) where finished_at is null",
        )
        .bind(table)
        .bind(i64::try_from(gone).unwrap_or(i64::MAX))
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    }
    Ok(gone)
}

/// An erasure before its last word.
pub struct Closing {
    tx: Transaction<'static, Postgres>,
    pub erasure: Erasure,
}

impl Closing {
    /// Keeps the certificate; only now the city is gone.
    pub async fn commit(
        mut self,
        at: OffsetDateTime,
        certificate: &str,
        signature: &str,
    ) -> Result<Erasure, StoreError> {
        sqlx::query(
            "update city_erasures set finished_at = $1, certificate = $2, signature = $3 where id = $4",
        )
        .bind(at)
        .bind(certificate)
        .bind(signature)
        .bind(self.erasure.id)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        self.tx.commit().await.map_err(store_error)?;
        self.erasure.finished_at = Some(at);
        self.erasure.certificate = Some(certificate.to_owned());
        self.erasure.signature = Some(signature.to_owned());
        Ok(self.erasure)
    }
}
