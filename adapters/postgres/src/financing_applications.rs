//! Financing applications 融资需求 on PostgreSQL.

use application::ports::{
    financing_applications::{FinancingApplications, RelatedApplication, RunOut},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::{
        ActingPerson, ApplicationEvent, ApplicationRecord, FinancingApplication, Stage, Verb,
    },
    ids::{EnterpriseId, FinancingApplicationId, ProductId, TenantId, UserId},
    tenant::Role,
    values::{ApplicationNumber, Cents, Rate, Term, TermUnit},
};
use sqlx::{FromRow, Row as _, postgres::PgRow, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    application_json::{StoredApproval, detail_json, detail_of},
    clock_starts::Bounds,
    errors::{decode, store_error},
    store::PgUnitOfWork,
};

/// Reads a whole application; a value that the domain refuses is a broken row, not a default.
pub(crate) struct Restored(pub(crate) FinancingApplication);

impl FromRow<'_, PgRow> for Restored {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let unit = TermUnit::parse(row.try_get("term_unit")?).map_err(decode)?;
        let term = |value: i32| {
            u16::try_from(value)
                .map_err(decode)
                .and_then(|v| Term::new(v, unit).map_err(decode))
        };
        let stage = |code: &str| Stage::from_code(code).ok_or_else(|| decode(std::fmt::Error));
        let cents = |value: i64| Cents::new(value).map_err(decode);
        let rate = |value: i32| Rate::new(value).map_err(decode);
        let number: Option<&str> = row.try_get("application_no")?;
        let returned_from: Option<&str> = row.try_get("returned_from")?;
        let record = ApplicationRecord {
            id: FinancingApplicationId(row.try_get("id")?),
            tenant: TenantId(row.try_get("tenant_id")?),
            handler: row
                .try_get::<Option<Uuid>, _>("handler_tenant_id")?
                .map(TenantId),
            handler_name: row.try_get("handler_name")?,
            bank: TenantId(row.try_get("bank_id")?),
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            enterprise_name: row.try_get("enterprise_name")?,
            number: number
                .map(ApplicationNumber::parse)
                .transpose()
                .map_err(decode)?,
            stage: stage(row.try_get("stage")?)?,
            returned_from: returned_from.map(stage).transpose()?,
            ever_accepted: row.try_get("ever_accepted")?,
            frozen: row.try_get("frozen")?,
            version: row.try_get("version")?,
            product: ProductId(row.try_get("product_id")?),
            product_version: row.try_get("product_version")?,
            product_name: row.try_get("product_name")?,
            amount: cents(row.try_get("amount_cents")?)?,
            rate: rate(row.try_get("rate")?)?,
            term: term(row.try_get("term")?)?,
            approved_amount: row
                .try_get::<Option<i64>, _>("approved_amount_cents")?
                .map(cents)
                .transpose()?,
            approved_rate: row
                .try_get::<Option<i32>, _>("approved_rate")?
                .map(rate)
                .transpose()?,
            approved_term: row
                .try_get::<Option<i32>, _>("approved_term")?
                .map(term)
                .transpose()?,
            approval_valid_until: row.try_get("approval_valid_until")?,
            review_opinion: row.try_get("review_opinion")?,
            reason_codes: row.try_get("reason_codes")?,
            holder: row
                .try_get::<Option<Uuid>, _>("holder_user_id")?
                .map(UserId),
            holder_name: row.try_get("holder_name")?,
            supplement_rounds: u8::try_from(row.try_get::<i32, _>("supplement_rounds")?)
                .map_err(decode)?,
            channel: row.try_get("channel")?,
            created_by: UserId(row.try_get("created_by")?),
            previous: row
                .try_get::<Option<Uuid>, _>("previous_application_id")?
                .map(FinancingApplicationId),
            renews: row
                .try_get::<Option<Uuid>, _>("renews_id")?
                .map(FinancingApplicationId),
            created_at: row.try_get("created_at")?,
            submitted_at: row.try_get("submitted_at")?,
            accepted_at: row.try_get("accepted_at")?,
            contacted_at: row.try_get("contacted_at")?,
            decided_at: row.try_get("decided_at")?,
            due_at: row.try_get("due_at")?,
            contact_due_at: row.try_get("contact_due_at")?,
            decision_due_at: row.try_get("decision_due_at")?,
            paused_at: row.try_get("paused_at")?,
            intake_since: row.try_get("intake_since")?,
            decision_since: row.try_get("decision_since")?,
            moves: u8::try_from(row.try_get::<i32, _>("moves")?).map_err(decode)?,
            overdue: row.try_get("overdue")?,
            approval: row
                .try_get::<Option<Json<StoredApproval>>, _>("approval")?
                .map(|Json(stored)| stored.restore())
                .transpose()?,
            reconsidered: row.try_get("reconsidered")?,
            drawn: cents(row.try_get("drawn_cents")?)?,
            draws: u16::try_from(row.try_get::<i32, _>("draws")?).map_err(decode)?,
            frozen_at: row.try_get("frozen_at")?,
            updated_at: row.try_get("updated_at")?,
        };
        Ok(Self(FinancingApplication::restore(record)))
    }
}

#[async_trait]
impl FinancingApplications for PgUnitOfWork {
    async fn find_for_update(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError> {
        let found: Option<Restored> = sqlx::query_as(
            "select * from financing_applications where tenant_id = $1 and id = $2 for update",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|r| r.0))
    }

    async fn insert(
        &mut self,
        application: &FinancingApplication,
        event: &ApplicationEvent,
    ) -> Result<(), StoreError> {
        let r = application.record();
        sqlx::query(
            "insert into financing_applications
               (id, tenant_id, handler_tenant_id, handler_name, bank_id, enterprise_id, enterprise_name, stage, version,
                product_id, product_version, product_name, amount_cents, rate, term, term_unit, channel, created_by,
                previous_application_id, created_at, updated_at, renews_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20, $21)",
        )
        .bind(r.id.0)
        .bind(r.tenant.0)
        .bind(r.handler.map(|h| h.0))
        .bind(&r.handler_name)
        .bind(r.bank.0)
        .bind(r.enterprise.0)
        .bind(&r.enterprise_name)
        .bind(r.stage.code())
        .bind(r.version)
        .bind(r.product.0)
        .bind(r.product_version)
        .bind(&r.product_name)
        .bind(r.amount.cents())
        .bind(r.rate.hundredths())
        .bind(i32::from(r.term.value()))
        .bind(r.term.unit().as_str())
        .bind(&r.channel)
        .bind(r.created_by.0)
        .bind(r.previous.map(|p| p.0))
        .bind(r.created_at)
        .bind(r.renews.map(|loan| loan.0))
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        self.append_event(event).await
    }

    async fn save(
        &mut self,
        application: &FinancingApplication,
        event: &ApplicationEvent,
    ) -> Result<(), StoreError> {
        let r = application.record();
        let from = event.from.unwrap_or(r.stage);
        // One round trip: while a number is held, the whole city waits (P6, P7).
        let done = sqlx::query(
            "with moved as (update financing_applications set
               handler_tenant_id = $5, handler_name = $6, application_no = $7, stage = $8, returned_from = $9,
               ever_accepted = $10, frozen = $11, version = $12, amount_cents = $13, rate = $14, term = $15,
               approved_amount_cents = $16, approved_rate = $17, approved_term = $18, approval_valid_until = $19,
               review_opinion = $20, reason_codes = $21, holder_user_id = $22, holder_name = $23,
               supplement_rounds = $24, submitted_at = $25, accepted_at = $26, contacted_at = $27, decided_at = $28,
               due_at = $29, contact_due_at = $30, decision_due_at = $31, paused_at = $32, updated_at = $33,
               product_version = $34, intake_since = $46, moves = $47, overdue = $48, approval = $49, reconsidered = $50,
               drawn_cents = $51, draws = $52, frozen_at = $53, decision_since = $54
             where tenant_id = $1 and id = $2 and version = $3 and stage = $4 returning tenant_id, id)
             insert into application_events
               (id, tenant_id, application_id, seq, kind, from_stage, to_stage, actor_kind, actor_id, actor_name,
                actor_role, handler_tenant_id, reason_codes, note, detail, at)
             select gen_random_uuid(), tenant_id, id, $12, $35, $36, $8, $37, $38, $39, $40, $41, $42, $43, $44, $45
             from moved",
        )
        .bind(r.tenant.0)
        .bind(r.id.0)
        .bind(r.version - 1)
        .bind(from.code())
        .bind(r.handler.map(|h| h.0))
        .bind(&r.handler_name)
        .bind(r.number.as_ref().map(ApplicationNumber::as_str))
        .bind(r.stage.code())
        .bind(r.returned_from.map(Stage::code))
        .bind(r.ever_accepted)
        .bind(r.frozen)
        .bind(r.version)
        .bind(r.amount.cents())
        .bind(r.rate.hundredths())
        .bind(i32::from(r.term.value()))
        .bind(r.approved_amount.map(Cents::cents))
        .bind(r.approved_rate.map(Rate::hundredths))
        .bind(r.approved_term.map(|t| i32::from(t.value())))
        .bind(r.approval_valid_until)
        .bind(&r.review_opinion)
        .bind(&r.reason_codes)
        .bind(r.holder.map(|h| h.0))
        .bind(&r.holder_name)
        .bind(i32::from(r.supplement_rounds))
        .bind(r.submitted_at)
        .bind(r.accepted_at)
        .bind(r.contacted_at)
        .bind(r.decided_at)
        .bind(r.due_at)
        .bind(r.contact_due_at)
        .bind(r.decision_due_at)
        .bind(r.paused_at)
        .bind(r.updated_at)
        .bind(r.product_version)
        .bind(event.verb.code())
        .bind(event.from.map(Stage::code))
        .bind(actor_kind(event))
        .bind(event.actor.id.map(|id| id.0))
        .bind(&event.actor.name)
        .bind(event.actor.role.code())
        .bind(event.handler.map(|h| h.0))
        .bind(&event.reason_codes)
        .bind(&event.note)
        .bind(detail_json(&event.detail))
        .bind(event.at)
        .bind(r.intake_since)
        .bind(i32::from(r.moves))
        .bind(r.overdue)
        .bind(r.approval.as_ref().map(|a| Json(StoredApproval::of(a))))
        .bind(r.reconsidered)
        .bind(r.drawn.cents())
        .bind(i32::from(r.draws))
        .bind(r.frozen_at)
        .bind(r.decision_since)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    async fn discard_draft(&mut self, id: FinancingApplicationId) -> Result<bool, StoreError> {
        let done =
            sqlx::query("delete from financing_applications where tenant_id = $1 and id = $2 and stage = 'draft'")
                .bind(self.city.0)
                .bind(id.0)
                .execute(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn next_number(&mut self, day: Date) -> Result<ApplicationNumber, StoreError> {
        if self.turn.is_none() {
            self.turn = Some(self.lines.turn(self.city).await?);
        }
        let last: i32 = sqlx::query_scalar(
            "with early as materialized (select set_config('synchronous_commit', 'off', true))
             insert into daily_numbers (tenant_id, day, last) select $1, $2, 1 from early
             on conflict (tenant_id, day) do update set last = daily_numbers.last + 1 returning last",
        )
        .bind(self.city.0)
        .bind(day)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)?;
        u32::try_from(last)
            .ok()
            .and_then(|n| ApplicationNumber::new(day, n))
            .ok_or_else(|| StoreError::Broken("the day's counter left its range".into()))
    }

    async fn events(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Vec<ApplicationEvent>, StoreError> {
        let rows: Vec<EventRow> = sqlx::query_as(
            "select application_id, seq, kind, from_stage, to_stage, actor_id, actor_name, actor_role,
                    handler_tenant_id, reason_codes, note, detail, at
             from application_events where tenant_id = $1 and application_id = $2 order by seq",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(EventRow::restore).collect()
    }

    async fn related(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Vec<RelatedApplication>, StoreError> {
        let rows: Vec<(Uuid, String, bool, bool)> = sqlx::query_as(
            "select a.id, a.application_no, coalesce(a.id = t.previous_application_id, false) or coalesce(a.id = t.renews_id, false),
               coalesce(a.id = t.renews_id, false) or coalesce(a.renews_id = t.id, false)
             from financing_applications t
             join financing_applications a on a.tenant_id = t.tenant_id and a.enterprise_id = t.enterprise_id
               and (a.id = t.previous_application_id or a.previous_application_id = t.id or a.id = t.renews_id or a.renews_id = t.id)
             where t.tenant_id = $1 and t.id = $2 and a.application_no is not null and a.submitted_at is not null
             order by a.submitted_at, a.id limit 20",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, number, earlier, renewal)| RelatedApplication {
                id: FinancingApplicationId(id),
                number,
                earlier,
                renewal,
            })
            .collect())
    }

    async fn all_after(
        &mut self,
        last: Option<FinancingApplicationId>,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let rows: Vec<Restored> = sqlx::query_as(
            "select * from financing_applications where tenant_id = $1 and id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
             order by id limit $3",
        )
        .bind(self.city.0)
        .bind(last.map(|id| id.0))
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn run_out(
        &mut self,
        at: &RunOut,
        most: i64,
    ) -> Result<Vec<FinancingApplicationId>, StoreError> {
        // One question, each part of it a short walk along its own index; where the limit matters, one walk for each that was in force.
        let (accept, expire) = (Bounds::of(&at.accept_due_by), Bounds::of(&at.submitted_by));
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "select id from (
               (select id, due_at as since from financing_applications
                where tenant_id = $1 and stage = 'need_supplement' and not frozen and due_at <= $2 order by due_at limit $4)
               union all
               (select late.id, late.due_at from unnest($6::timestamptz[], $7::timestamptz[], $8::timestamptz[]) as era (since, until, due_by),
                lateral (select id, due_at from financing_applications
                  where tenant_id = $1 and stage = 'submitted' and not frozen and due_at <= era.due_by
                    and (era.since is null or coalesce(intake_since, submitted_at) >= era.since)
                    and (era.until is null or coalesce(intake_since, submitted_at) < era.until)
                  order by due_at limit $4) late)
               union all
               (select old.id, old.submitted_at from unnest($9::timestamptz[], $10::timestamptz[], $11::timestamptz[]) as era (since, until, submitted_by),
                lateral (select id, submitted_at from financing_applications
                  where tenant_id = $1 and stage in ('submitted', 'returned_to_hq') and not frozen and submitted_at <= era.submitted_by
                    and (era.since is null or submitted_at >= era.since) and (era.until is null or submitted_at < era.until)
                  order by submitted_at limit $4) old)
               union all
               (select id, approval_valid_until::timestamptz from financing_applications
                where tenant_id = $1 and stage = 'approved' and not frozen and approval_valid_until < $3
                order by approval_valid_until limit $4)
               union all
               (select id, updated_at from financing_applications
                where tenant_id = $1 and stage = 'pending_face' and updated_at <= $5 order by updated_at limit $4)) o
             group by id order by min(since) limit $4",
        )
        .bind(self.city.0)
        .bind(at.now)
        .bind(at.today)
        .bind(most)
        .bind(at.held_by)
        .bind(accept.from)
        .bind(accept.until)
        .bind(accept.by)
        .bind(expire.from)
        .bind(expire.until)
        .bind(expire.by)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(ids.into_iter().map(FinancingApplicationId).collect())
    }
}

impl PgUnitOfWork {
    async fn append_event(&mut self, event: &ApplicationEvent) -> Result<(), StoreError> {
        sqlx::query(
            "insert into application_events
               (id, tenant_id, application_id, seq, kind, from_stage, to_stage, actor_kind, actor_id, actor_name,
                actor_role, handler_tenant_id, reason_codes, note, detail, at)
             values (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(self.city.0)
        .bind(event.application.0)
        .bind(event.seq)
        .bind(event.verb.code())
        .bind(event.from.map(Stage::code))
        .bind(event.to.code())
        .bind(actor_kind(event))
        .bind(event.actor.id.map(|id| id.0))
        .bind(&event.actor.name)
        .bind(event.actor.role.code())
        .bind(event.handler.map(|h| h.0))
        .bind(&event.reason_codes)
        .bind(&event.note)
        .bind(detail_json(&event.detail))
        .bind(event.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}

fn actor_kind(event: &ApplicationEvent) -> &'static str {
    match event.actor.role {
        Role::System => "system",
        role if role.is_enterprise() => "enterprise",
        _ => "staff",
    }
}

#[derive(FromRow)]
struct EventRow {
    application_id: Uuid,
    seq: i32,
    kind: String,
    from_stage: Option<String>,
    to_stage: String,
    actor_id: Option<Uuid>,
    actor_name: String,
    actor_role: String,
    handler_tenant_id: Option<Uuid>,
    reason_codes: Vec<String>,
    note: String,
    detail: serde_json::Value,
    at: OffsetDateTime,
}

impl EventRow {
    fn restore(self) -> Result<ApplicationEvent, StoreError> {
        let broken =
            || StoreError::Broken("an event holds a word that the domain does not know".into());
        Ok(ApplicationEvent {
            application: FinancingApplicationId(self.application_id),
            seq: self.seq,
            verb: Verb::from_code(&self.kind).ok_or_else(broken)?,
            from: self
                .from_stage
                .as_deref()
                .map(|s| Stage::from_code(s).ok_or_else(broken))
                .transpose()?,
            to: Stage::from_code(&self.to_stage).ok_or_else(broken)?,
            actor: ActingPerson {
                id: self.actor_id.map(UserId),
                name: self.actor_name,
                role: Role::from_code(&self.actor_role).ok_or_else(broken)?,
            },
            handler: self.handler_tenant_id.map(TenantId),
            reason_codes: self.reason_codes,
            note: self.note,
            detail: detail_of(&self.detail).ok_or_else(broken)?,
            at: self.at,
        })
    }
}
