//! Demo inbox 演示收件箱 on PostgreSQL.

use application::ports::{
    demo_inbox::{DemoInbox, DemoSms},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::TenantId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{door::PgDoor, errors::store_error};

#[async_trait]
impl DemoInbox for PgDoor {
    async fn put(&self, city: TenantId, id: Uuid, sms: &DemoSms) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into demo_inbox (id, tenant_id, phone_masked, text, at) values ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(city.0)
        .bind(&sms.phone_masked)
        .bind(&sms.text)
        .bind(sms.at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        // An inbox to look at, not an archive.
        sqlx::query(
            "delete from demo_inbox where tenant_id = $1 and id not in (
               select id from demo_inbox where tenant_id = $1 order by at desc, id desc limit 200)",
        )
        .bind(city.0)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn latest(&self, city: TenantId, most: i64) -> Result<Vec<DemoSms>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<(Uuid, String, String, OffsetDateTime)> = sqlx::query_as(
            "select id, phone_masked, text, at from demo_inbox where tenant_id = $1 order by at desc, id desc limit $2",
        )
        .bind(city.0)
        .bind(most)
        .fetch_all(&mut *tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(_, phone_masked, text, at)| DemoSms {
                phone_masked,
                text,
                at,
            })
            .collect())
    }
}
