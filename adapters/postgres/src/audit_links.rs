//! Audit links 日志链 on PostgreSQL: every column of an entry in one fixed text.

use application::ports::{
    audit_links::{AuditLinks, ChainEntry, ChainLink, EntryKind},
    store::StoreError,
};
use async_trait::async_trait;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

fn kind_of(code: &str) -> EntryKind {
    if code == "view" {
        EntryKind::View
    } else {
        EntryKind::Audit
    }
}

#[async_trait]
impl AuditLinks for PgUnitOfWork {
    async fn lock_last(&mut self) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        sqlx::query(
            "select pg_advisory_xact_lock(hashtextextended('audit_links ' || $1::text, 0))",
        )
        .bind(self.city.0)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        sqlx::query_as(
            "select seq, hash from audit_links where tenant_id = $1 order by seq desc limit 1",
        )
        .bind(self.city.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn unlinked(&mut self, most: i64) -> Result<Vec<ChainEntry>, StoreError> {
        // No transaction of ours is an hour old: what is older than that before the newest link is linked already.
        let rows: Vec<(String, Uuid, String)> = sqlx::query_as(
            "with newest as (
               select coalesce((select greatest(a.at, v.at) from audit_links l
                 left join audit_entries a on l.entry_kind = 'audit' and a.id = l.entry_id
                 left join view_entries v on l.entry_kind = 'view' and v.id = l.entry_id
                 where l.tenant_id = $1 order by l.seq desc limit 1) - interval '1 hour', '-infinity') as since)
             select kind, id, entry from (
               select 'audit' as kind, id, at, jsonb_build_array(tenant_id, actor_id, actor_name, actor_tenant_id, action,
                   object, outcome, detail, ip, request_id, extract(epoch from at))::text as entry
               from audit_entries where tenant_id = $1 and at >= (select since from newest)
               union all
               select 'view', id, at, jsonb_build_array(tenant_id, enterprise_id, viewer_id, viewer_name, viewer_tenant_id,
                   viewer_node, application_id, fields, reason, request_id, extract(epoch from at))::text
               from view_entries where tenant_id = $1 and at >= (select since from newest)) e
             where not exists (select from audit_links l
               where l.tenant_id = $1 and l.entry_kind = e.kind and l.entry_id = e.id)
             order by at, id limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(kind, id, text)| ChainEntry {
                kind: kind_of(&kind),
                id,
                text,
            })
            .collect())
    }

    async fn link(&mut self, seq: i64, entry: &ChainEntry, hash: &[u8]) -> Result<(), StoreError> {
        sqlx::query(
            "insert into audit_links (tenant_id, seq, entry_kind, entry_id, hash) values ($1, $2, $3, $4, $5)",
        )
        .bind(self.city.0)
        .bind(seq)
        .bind(entry.kind.code())
        .bind(entry.id)
        .bind(hash)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn links_after(&mut self, seq: i64, most: i64) -> Result<Vec<ChainLink>, StoreError> {
        let rows: Vec<(i64, String, Uuid, Vec<u8>, Option<String>, bool)> = sqlx::query_as(
            "select l.seq, l.entry_kind, l.entry_id, l.hash, case
                 when a.id is not null then jsonb_build_array(a.tenant_id, a.actor_id, a.actor_name, a.actor_tenant_id,
                   a.action, a.object, a.outcome, a.detail, a.ip, a.request_id, extract(epoch from a.at))::text
                 when v.id is not null then jsonb_build_array(v.tenant_id, v.enterprise_id, v.viewer_id, v.viewer_name,
                   v.viewer_tenant_id, v.viewer_node, v.application_id, v.fields, v.reason, v.request_id,
                   extract(epoch from v.at))::text end, exists (select from audit_retired r where r.tenant_id = $1 and r.seq = l.seq)
             from audit_links l
             left join audit_entries a on l.entry_kind = 'audit' and a.tenant_id = $1 and a.id = l.entry_id
             left join view_entries v on l.entry_kind = 'view' and v.tenant_id = $1 and v.id = l.entry_id
             where l.tenant_id = $1 and l.seq > $2 order by l.seq limit $3",
        )
        .bind(self.city.0)
        .bind(seq)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(seq, kind, id, hash, text, retired)| ChainLink {
                seq,
                kind: kind_of(&kind),
                id,
                hash,
                text,
                retired,
            })
            .collect())
    }
}
