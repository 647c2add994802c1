//! Audit 操作日志 on PostgreSQL.

use application::ports::{
    audit::{Audit, AuditEntry, DoorAudit},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::TenantId;
use sqlx::PgConnection;

use crate::{door::PgDoor, errors::store_error, store::PgUnitOfWork};

pub(crate) async fn insert(
    connection: &mut PgConnection,
    city: TenantId,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into audit_entries
           (id, tenant_id, actor_id, actor_name, actor_tenant_id, action, object, outcome, detail, ip, request_id, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(entry.id)
    .bind(city.0)
    .bind(entry.actor.map(|a| a.0))
    .bind(&entry.actor_name)
    .bind(entry.actor_tenant.map(|t| t.0))
    .bind(entry.action)
    .bind(&entry.object)
    .bind(entry.outcome)
    .bind(&entry.detail)
    .bind(&entry.ip)
    .bind(&entry.request_id)
    .bind(entry.at)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

#[async_trait]
impl Audit for PgUnitOfWork {
    async fn write(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        insert(&mut self.tx, self.city, &entry).await
    }
}

#[async_trait]
impl DoorAudit for PgDoor {
    async fn note(&self, city: TenantId, entry: AuditEntry) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        insert(&mut tx, city, &entry).await?;
        tx.commit().await.map_err(store_error)
    }
}
