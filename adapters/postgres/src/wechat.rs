//! People of the mini-program 微信用户 on PostgreSQL: bindings and grants.

use application::ports::{
    audit::AuditEntry,
    store::StoreError,
    wechat::{Binding, BindingNotice, Grant, WechatDoor, WechatPeople},
};
use async_trait::async_trait;
use domain::ids::{TenantId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{audit, door::PgDoor, errors::store_error, store::PgUnitOfWork};

async fn tell(
    connection: &mut PgConnection,
    city: TenantId,
    notice: &BindingNotice,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into outbox (id, tenant_id, topic, payload, created_at, next_at) values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(notice.id)
    .bind(city.0)
    .bind(notice.topic)
    .bind(&notice.payload)
    .bind(at)
    .execute(connection)
    .await
    .map_err(store_error)?;
    Ok(())
}

/// Ends what a person is bound to: whoever has just set a password anew decides afresh who signs in without it.
pub(crate) async fn let_go(
    connection: &mut PgConnection,
    city: TenantId,
    user: UserId,
) -> Result<(), StoreError> {
    sqlx::query("delete from wechat_accounts where tenant_id = $1 and user_id = $2")
        .bind(city.0)
        .bind(user.0)
        .execute(connection)
        .await
        .map_err(store_error)?;
    Ok(())
}

#[async_trait]
impl WechatDoor for PgDoor {
    async fn bound_to(
        &self,
        city: TenantId,
        app_id: &str,
        openid_index: &[u8; 32],
    ) -> Result<Option<UserId>, StoreError> {
        let mut tx = self.begin().await?;
        let user: Option<Uuid> = sqlx::query_scalar(
            "select w.user_id from wechat_accounts w join users u on u.id = w.user_id
             where w.tenant_id = $1 and w.app_id = $2 and w.openid_index = $3 and u.status = 'active'",
        )
        .bind(city.0)
        .bind(app_id)
        .bind(openid_index.as_slice())
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
        Ok(user.map(UserId))
    }

    async fn bind(
        &self,
        city: TenantId,
        binding: &Binding,
        entry: AuditEntry,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "delete from wechat_accounts where tenant_id = $1
             and (user_id = $2 or (app_id = $3 and openid_index = $4))",
        )
        .bind(city.0)
        .bind(binding.user.0)
        .bind(&binding.app_id)
        .bind(binding.openid_index.as_slice())
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        // Two phones that bind one identity at once: the second to commit is told that the row moved on.
        sqlx::query(
            "insert into wechat_accounts (tenant_id, user_id, app_id, openid_index, openid_sealed, bound_at)
             select $1, u.id, $3, $4, $5, $6 from users u where u.id = $2 and u.city_id = $1",
        )
        .bind(city.0)
        .bind(binding.user.0)
        .bind(&binding.app_id)
        .bind(binding.openid_index.as_slice())
        .bind(&binding.openid_sealed)
        .bind(binding.at)
        .execute(&mut *tx)
        .await
        .map_err(store_error)?;
        for notice in &binding.notices {
            tell(&mut tx, city, notice, binding.at).await?;
        }
        audit::insert(&mut tx, city, &entry).await?;
        tx.commit().await.map_err(store_error)
    }
}

impl PgUnitOfWork {
    async fn change_grant(
        &mut self,
        sql: &'static str,
        user: UserId,
        template_id: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(sql)
            .bind(self.city.0)
            .bind(user.0)
            .bind(template_id)
            .bind(at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}

#[async_trait]
impl WechatPeople for PgUnitOfWork {
    async fn unbind(&mut self, user: UserId) -> Result<(), StoreError> {
        for sql in [
            "delete from wechat_accounts where tenant_id = $1 and user_id = $2",
            "delete from wechat_grants where tenant_id = $1 and user_id = $2",
        ] {
            sqlx::query(sql)
                .bind(self.city.0)
                .bind(user.0)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }

    async fn openid_of(
        &mut self,
        user: UserId,
        app_id: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        sqlx::query_scalar(
            "select openid_sealed from wechat_accounts where tenant_id = $1 and user_id = $2 and app_id = $3",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(app_id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn grant(
        &mut self,
        user: UserId,
        template_ids: &[String],
        most: i32,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into wechat_grants (tenant_id, user_id, template_id, remaining, changed_at)
             select $1, $2, t, 1, $5 from unnest($3::text[]) t
             on conflict (tenant_id, user_id, template_id)
             do update set remaining = least(wechat_grants.remaining + 1, $4), changed_at = $5",
        )
        .bind(self.city.0)
        .bind(user.0)
        .bind(template_ids)
        .bind(most)
        .bind(at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn grants(&mut self, user: UserId) -> Result<Vec<Grant>, StoreError> {
        let rows: Vec<(String, i32)> = sqlx::query_as(
            "select template_id, remaining from wechat_grants where tenant_id = $1 and user_id = $2 order by template_id",
        )
        .bind(self.city.0)
        .bind(user.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(template_id, left)| Grant { template_id, left })
            .collect())
    }

    async fn take_grant(
        &mut self,
        user: UserId,
        template_id: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        self.change_grant(
            "update wechat_grants set remaining = remaining - 1, changed_at = $4
             where tenant_id = $1 and user_id = $2 and template_id = $3 and remaining > 0",
            user,
            template_id,
            at,
        )
        .await
    }

    async fn give_back(
        &mut self,
        user: UserId,
        template_id: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.change_grant(
            "update wechat_grants set remaining = least(remaining + 1, 100), changed_at = $4
             where tenant_id = $1 and user_id = $2 and template_id = $3",
            user,
            template_id,
            at,
        )
        .await
        .map(|_| ())
    }

    async fn void_grants(
        &mut self,
        user: UserId,
        template_id: &str,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.change_grant(
            "update wechat_grants set remaining = 0, changed_at = $4
             where tenant_id = $1 and user_id = $2 and template_id = $3",
            user,
            template_id,
            at,
        )
        .await
        .map(|_| ())
    }
}
