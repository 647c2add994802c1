//! 操作日志 looked through on PostgreSQL: keyset pages, one text per shape of a filter.

use application::ports::{
    audit_search::{AuditAsk, AuditRow, AuditRows, AuditSearch},
    branch_board::{Cursor, Leaf},
    store::StoreError,
};
use async_trait::async_trait;
use domain::ids::TenantId;
use serde_json::Value;
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{branch_board::like, errors::store_error, store::PgUnitOfWork};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    at: OffsetDateTime,
    actor_name: String,
    actor_tenant_id: Option<Uuid>,
    node_name: String,
    action: String,
    object: String,
    number: String,
    subject: String,
    outcome: String,
    detail: Value,
    ip: String,
    link: Option<i64>,
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor_name: row.actor_name,
            actor_tenant: row.actor_tenant_id.map(TenantId),
            node_name: row.node_name,
            action: row.action,
            object: row.object,
            number: row.number,
            subject: row.subject,
            outcome: row.outcome,
            detail: row.detail,
            ip: row.ip,
            link: row.link,
        }
    }
}

const COLUMNS: &str = "select e.id, e.at, e.actor_name, e.actor_tenant_id, coalesce(t.name, '') as node_name, e.action, e.object,
       coalesce((select a.application_no from financing_applications a
         where a.tenant_id = e.tenant_id and a.id = case when e.object ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
           then e.object::uuid end), '') as number,
       coalesce((select c.name from enterprises c
         where c.tenant_id = e.tenant_id and c.id = case when e.object ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
           then e.object::uuid end),
         (select u.name from users u where u.id = case when e.object ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
           then e.object::uuid end),
         (select n.name from tenants n where n.id = case when e.object ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
           then e.object::uuid end), '') as subject,
       e.outcome, e.detail, e.ip, l.seq as link
     from audit_entries e left join tenants t on t.id = e.actor_tenant_id
     left join audit_links l on l.tenant_id = e.tenant_id and l.entry_kind = 'audit' and l.entry_id = e.id";

impl PgUnitOfWork {
    fn narrow_audit(&self, query: &mut QueryBuilder<Postgres>, ask: &AuditAsk) {
        query.push(" where e.tenant_id = ").push_bind(self.city.0);
        if let Some(from) = ask.from {
            query.push(" and e.at >= ").push_bind(from);
        }
        if let Some(until) = ask.until {
            query.push(" and e.at < ").push_bind(until);
        }
        if let Some(person) = &ask.person {
            query
                .push(" and e.actor_name ilike ")
                .push_bind(like(person));
        }
        if let Some(action) = &ask.action {
            query.push(" and (e.action = ").push_bind(action.clone());
            query
                .push(" or starts_with(e.action, ")
                .push_bind(format!("{action}."))
                .push("))");
        }
        if let Some(name) = &ask.enterprise {
            let part = like(name);
            query
                .push(" and left(e.object, 64) in (select c.id::text from enterprises c where c.tenant_id = ")
                .push_bind(self.city.0)
                .push(" and c.name ilike ")
                .push_bind(part.clone())
                .push(" union all select a.id::text from financing_applications a where a.tenant_id = ")
                .push_bind(self.city.0)
                .push(" and a.enterprise_name ilike ")
                .push_bind(part)
                .push(")");
        }
        if let Some(object) = &ask.object {
            query
                .push(" and left(e.object, 64) in (")
                .push_bind(object.clone())
                .push(", (select a.id::text from financing_applications a where a.tenant_id = ")
                .push_bind(self.city.0)
                .push(" and a.application_no = ")
                .push_bind(object.to_uppercase())
                .push("))");
        }
    }
}

#[async_trait]
impl AuditSearch for PgUnitOfWork {
    async fn entries(
        &mut self,
        ask: &AuditAsk,
        leaf: Leaf,
        most: i64,
    ) -> Result<AuditRows, StoreError> {
        let (cursor, backwards) = match leaf {
            Leaf::First => (None, false),
            Leaf::After(cursor) => (Some(cursor), false),
            Leaf::Before(cursor) => (Some(cursor), true),
        };
        let (sign, way) = if backwards {
            (">", "asc")
        } else {
            ("<", "desc")
        };
        let mut query = QueryBuilder::new(COLUMNS);
        self.narrow_audit(&mut query, ask);
        if let Some(Cursor { at, id }) = cursor {
            query
                .push(format!(" and (e.at, e.id) {sign} ("))
                .push_bind(at)
                .push("::timestamptz, ")
                .push_bind(id)
                .push(")");
        }
        query.push(format!(" order by e.at {way}, e.id {way} limit "));
        query.push_bind(most + 1);
        let found: Vec<Row> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > most;
        let kept = usize::try_from(most).unwrap_or(usize::MAX);
        let mut rows: Vec<AuditRow> = found.into_iter().take(kept).map(Into::into).collect();
        if backwards {
            rows.reverse();
        }
        Ok(AuditRows {
            rows,
            before: if backwards { more } else { cursor.is_some() },
            after: backwards || more,
        })
    }

    async fn last_link(&mut self) -> Result<i64, StoreError> {
        sqlx::query_scalar("select coalesce(max(seq), 0) from audit_links where tenant_id = $1")
            .bind(self.city.0)
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }
}
