//! Aged rows 到期记录 on PostgreSQL: each sweep is one text; the walls hold the same limits once more.

use application::{
    ports::{
        aged::{Aged, Sweep},
        store::StoreError,
    },
    retention::Kept,
};
use async_trait::async_trait;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork};

/// $1 is the city, $2 the moment, $3 how many at most.
const fn texts(of: Kept) -> &'static [&'static str] {
    match of {
        // A consent ends when it is withdrawn; one that was given to a bank ends with its application at the latest.
        Kept::Consents => &["delete from consents where id in (
             select c.id from consents c
             left join financing_applications a on a.tenant_id = c.tenant_id and a.id = c.application_id
             where c.tenant_id = $1 and c.granted_at < $2 and coalesce(c.withdrawn_at,
               case when a.stage in ('settled', 'not_drawn', 'rejected', 'refused_intake', 'withdrawn', 'expired') then a.updated_at end) < $2
             order by c.granted_at limit $3)"],
        Kept::FaceChecks => &["delete from face_checks where id in (
             select f.id from face_checks f join account_closings c
               on c.tenant_id = f.tenant_id and c.enterprise_id = f.enterprise_id
             where f.tenant_id = $1 and c.done_at < $2 limit $3)",
            "delete from face_reviews where id in (
             select f.id from face_reviews f join account_closings c
               on c.tenant_id = f.tenant_id and c.enterprise_id = f.enterprise_id
             where f.tenant_id = $1 and f.object_key = '' and c.done_at < $2 limit $3)"],
        Kept::SignIns => &["delete from sign_in_records where id in (
             select s.id from sign_in_records s join tenants t on t.id = s.tenant_id
             where t.city_id = $1 and s.at < $2 order by s.at limit $3)"],
        Kept::Notices => &["delete from outbox where id in (
             select id from outbox where tenant_id = $1 and coalesce(done_at, given_up_at) < $2 limit $3)"],
        Kept::Keys => &["delete from idempotency_keys where (tenant_id, user_id, action, key) in (
             select k.tenant_id, k.user_id, k.action, k.key from idempotency_keys k join tenants t on t.id = k.tenant_id
             where t.city_id = $1 and k.created_at < $2 order by k.created_at limit $3)"],
        Kept::Links => &[
            "delete from enterprise_invitations where id in (
               select id from enterprise_invitations where tenant_id = $1 and expires_at < $2 limit $3)",
            "delete from staff_links where id in (
               select l.id from staff_links l join tenants t on t.id = l.tenant_id
               where t.city_id = $1 and l.expires_at < $2 limit $3)",
        ],
        Kept::Sessions => &["delete from handovers where id in (
             select id from handovers where tenant_id = $1 and expires_at < $2 limit $3)"],
        Kept::ImportRows => &["delete from import_rows where id in (
             select r.id from import_rows r join imports i on i.tenant_id = r.tenant_id and i.id = r.import_id
             where i.city_id = $1 and i.ended_at < $2 limit $3)"],
        // Drafts of requests go apart.
        Kept::Drafts => &["delete from profile_drafts where (tenant_id, user_id) in (
             select tenant_id, user_id from profile_drafts where tenant_id = $1 and saved_at < $2 limit $3)"],
        Kept::Estimates => &["delete from estimates where (tenant_id, id) in (
             select tenant_id, id from estimates where tenant_id = $1 and made_at < $2 order by made_at limit $3)"],
        Kept::SmsCodes
        | Kept::SmsTries
        | Kept::Devices
        | Kept::Uploads
        | Kept::Exports
        | Kept::Deeds
        | Kept::Looks
        | Kept::FaceReviews
        | Kept::Archives => &[],
    }
}

/// The entries whose time is over become known as retired; $4 is the entry that tells of it, $5 now.
const RETIRE_DEEDS: &str = "insert into audit_retired (tenant_id, seq, entry_at, retired_at, noted_in)
     select l.tenant_id, l.seq, e.at, $5, $4 from audit_entries e
     join audit_links l on l.tenant_id = e.tenant_id and l.entry_kind = 'audit' and l.entry_id = e.id
     where e.tenant_id = $1 and e.at < $2 order by e.at limit $3 on conflict do nothing";
const RETIRE_LOOKS: &str =
    "insert into audit_retired (tenant_id, seq, entry_at, retired_at, noted_in)
     select l.tenant_id, l.seq, e.at, $5, $4 from view_entries e
     join audit_links l on l.tenant_id = e.tenant_id and l.entry_kind = 'view' and l.entry_id = e.id
     where e.tenant_id = $1 and e.at < $2 and exists (select from account_closings c
       where c.tenant_id = e.tenant_id and c.enterprise_id = e.enterprise_id and c.done_at < $2)
     order by e.at limit $3 on conflict do nothing";
const DROP_DEEDS: &str = "delete from audit_entries e using audit_links l, audit_retired r
     where e.tenant_id = $1 and l.tenant_id = $1 and r.tenant_id = $1 and r.noted_in = $2 and r.seq = l.seq
       and l.entry_kind = 'audit' and l.entry_id = e.id";
const DROP_LOOKS: &str = "delete from view_entries e using audit_links l, audit_retired r
     where e.tenant_id = $1 and l.tenant_id = $1 and r.tenant_id = $1 and r.noted_in = $2 and r.seq = l.seq
       and l.entry_kind = 'view' and l.entry_id = e.id";

#[async_trait]
impl Aged for PgUnitOfWork {
    async fn forget_aged(&mut self, sweep: Sweep) -> Result<u64, StoreError> {
        let mut gone = 0;
        for text in texts(sweep.of) {
            let done = sqlx::query(*text)
                .bind(self.city.0)
                .bind(sweep.before)
                .bind(sweep.most)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
            gone += done.rows_affected();
        }
        Ok(gone)
    }

    async fn retire_entries(
        &mut self,
        sweep: Sweep,
        noted_in: Uuid,
        at: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let (retire, drop) = match sweep.of {
            Kept::Deeds => (RETIRE_DEEDS, DROP_DEEDS),
            Kept::Looks => (RETIRE_LOOKS, DROP_LOOKS),
            _ => return Ok(0),
        };
        let noted = sqlx::query(retire)
            .bind(self.city.0)
            .bind(sweep.before)
            .bind(sweep.most)
            .bind(noted_in)
            .bind(at)
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        if noted.rows_affected() > 0 {
            sqlx::query(drop)
                .bind(self.city.0)
                .bind(noted_in)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        }
        Ok(noted.rows_affected())
    }
}
