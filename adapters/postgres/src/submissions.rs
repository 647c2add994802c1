//! 确认提交 on PostgreSQL: one statement reads, one writes; each round trip less is CPU for the next click.

use application::ports::{
    drafts::LastRefusal,
    store::StoreError,
    submissions::{LastCheck, Papers, Submissions},
};
use async_trait::async_trait;
use domain::ids::{ProductId, TenantId};
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    errors::store_error,
    product_offers::{BranchRow, OfferRow},
    store::PgUnitOfWork,
};

struct CheckRow {
    offer: OfferRow,
    branch: Option<BranchRow>,
    refusal: Option<LastRefusal>,
    open: Vec<String>,
}

impl FromRow<'_, PgRow> for CheckRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let branch: Option<Uuid> = row.try_get("branch_id")?;
        let refused: Option<OffsetDateTime> = row.try_get("refused_at")?;
        Ok(Self {
            offer: OfferRow::from_row(row)?,
            branch: branch
                .map(|id| {
                    Ok::<_, sqlx::Error>(BranchRow {
                        id,
                        name: row.try_get("branch_name")?,
                        region_code: row.try_get("region_code")?,
                        serves: row.try_get("serves")?,
                        address: row.try_get("address")?,
                        phone: row.try_get("phone")?,
                        usual_response_hours: row.try_get("usual_response_hours")?,
                        // Nobody chooses any more.
                        near: false,
                    })
                })
                .transpose()?,
            refusal: refused
                .map(|decided_at| {
                    Ok::<_, sqlx::Error>(LastRefusal {
                        decided_at,
                        reason_codes: row.try_get("refused_for")?,
                    })
                })
                .transpose()?,
            open: row.try_get("open")?,
        })
    }
}

#[async_trait]
impl Submissions for PgUnitOfWork {
    async fn last_check(
        &mut self,
        product: ProductId,
        branch: Option<TenantId>,
    ) -> Result<Option<LastCheck>, StoreError> {
        let row: Option<CheckRow> = sqlx::query_as(
            "select p.id, p.version, p.name, p.tenant_id, t.name as bank_name, i.mark as bank_mark, p.guarantee_type, p.amount_min_cents,
                    p.amount_max_cents, p.rate_min, p.rate_max, p.term_min, p.term_max, p.term_unit, p.rate_term,
                    b.tenant_id as branch_id, bt.name as branch_name, b.region_code, b.serves, b.address, b.phone, b.usual_response_hours,
                    r.decided_at as refused_at, r.reason_codes as refused_for,
                    array(select application_no from financing_applications
                          where tenant_id = $1 and enterprise_id = current_enterprise() and product_id = $2
                            and handler_tenant_id = $3 and application_no is not null
                            and stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval')
                          order by submitted_at desc limit 5) as open
             from products p join tenants t on t.id = p.tenant_id and t.status = 'active'
             join institutions i on i.tenant_id = p.tenant_id and i.status = 'published'
             left join (product_branches pb
                   join branches b on b.tenant_id = pb.branch_id and b.status = 'published'
                   join tenants bt on bt.id = b.tenant_id and bt.status = 'active')
               on pb.city_id = p.city_id and pb.product_id = p.id and pb.branch_id = $3
             left join lateral (select decided_at, reason_codes from financing_applications
               where tenant_id = $1 and enterprise_id = current_enterprise() and product_id = $2
                 and stage in ('rejected', 'refused_intake') and decided_at is not null
               order by decided_at desc limit 1) r on true
             where p.city_id = $1 and p.id = $2 and p.status = 'published'",
        )
        .bind(self.city.0)
        .bind(product.0)
        .bind(branch.map(|b| b.0))
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(|row| {
            Ok(LastCheck {
                offer: row.offer.offer()?,
                branch: row.branch.map(Into::into),
                refusal: row.refusal,
                open: row.open,
            })
        })
        .transpose()
    }

    async fn hand_over(&mut self, papers: &Papers) -> Result<(), StoreError> {
        let files = &papers.files;
        let file = |of: fn(&application::ports::dossiers::DossierFile) -> &str| -> Vec<&str> {
            files.iter().map(of).collect()
        };
        let granted = &papers.consents;
        let consent = |of: fn(&application::ports::consents::Granted) -> &str| -> Vec<&str> {
            granted.iter().map(of).collect()
        };
        let entry = &papers.entry;
        sqlx::query(
            "with dossier as (
               insert into application_dossiers (application_id, tenant_id, enterprise_id, shown, sealed, created_at)
               values ($2, $1, $3, $4, $5, $6)),
             pictures as (
               insert into application_files
                 (tenant_id, application_id, file_id, kind, label, object_key, media_type, round, added_at)
               select $1, $2, f.file_id, f.kind, f.label, f.object_key, f.media_type, 0, $6
               from unnest($7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[])
                 as f (file_id, kind, label, object_key, media_type)),
             granted as (
               insert into consents (id, tenant_id, enterprise_id, user_id, agreement_code, agreement_version,
                 agreement_title, body_hash, purpose, recipient, application_id, channel, ip, granted_at)
               select c.id, $1, current_enterprise(), $12, c.code, c.version, c.title, sha256(convert_to(c.body, 'UTF8')),
                 c.purpose, c.recipient, $2, c.channel, c.ip, c.at
               from unnest($13::uuid[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
                 $21::text[], $38::timestamptz[]) as c (id, code, version, title, body, purpose, recipient, channel, ip, at)),
             noted as (
               insert into audit_entries
                 (id, tenant_id, actor_id, actor_name, actor_tenant_id, action, object, outcome, detail, ip, request_id, at)
               values ($22, $1, $23, $24, $25, $26, $27, $28, $29, $30, $31, $6)),
             told as (
               insert into outbox (id, tenant_id, topic, payload, created_at, next_at)
               values ($32, $1, 'application.event', $33, $6, $6))
             update idempotency_keys set answer = $34
             where tenant_id = $35 and user_id = $12 and action = $36 and key = $37",
        )
        .bind(self.city.0)
        .bind(papers.application.0)
        .bind(papers.dossier.enterprise.0)
        .bind(Json(&papers.dossier.shown))
        .bind(&papers.dossier.sealed)
        .bind(papers.at)
        .bind(files.iter().map(|f| f.id.0).collect::<Vec<_>>())
        .bind(file(|f| &f.kind))
        .bind(file(|f| &f.label))
        .bind(file(|f| &f.object_key))
        .bind(file(|f| &f.media_type))
        .bind(self.person)
        .bind(granted.iter().map(|c| c.id.0).collect::<Vec<_>>())
        .bind(consent(|c| &c.code))
        .bind(consent(|c| &c.version))
        .bind(consent(|c| &c.title))
        .bind(consent(|c| &c.body))
        .bind(consent(|c| c.purpose))
        .bind(consent(|c| &c.recipient))
        .bind(consent(|c| &c.channel))
        .bind(consent(|c| &c.ip))
        .bind(entry.id)
        .bind(entry.actor.map(|a| a.0))
        .bind(&entry.actor_name)
        .bind(entry.actor_tenant.map(|t| t.0))
        .bind(entry.action)
        .bind(&entry.object)
        .bind(entry.outcome)
        .bind(&entry.detail)
        .bind(&entry.ip)
        .bind(&entry.request_id)
        .bind(papers.notice)
        .bind(&papers.payload)
        .bind(&papers.answer)
        .bind(self.tenant.0)
        .bind(papers.action)
        .bind(&papers.key)
        .bind(granted.iter().map(|c| c.at).collect::<Vec<_>>())
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
