//! Reminders 提醒 on PostgreSQL.

use application::ports::{
    reminders::{Milestone, Reached, Reminders, SUPPLEMENT_WARNING, Step, UNACCEPTED_NOTICE},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::{ClockKind, FinancingApplication, Replayed, Stage, Started, Verb},
    ids::{EnterpriseId, FinancingApplicationId, TenantId, UserId},
    tenant::Role,
};
use sqlx::{FromRow, QueryBuilder, Row as _, postgres::PgRow};
use time::OffsetDateTime;

use crate::{
    clock_starts::only_started, errors::store_error, financing_applications::Restored,
    store::PgUnitOfWork,
};

/// What a clock's question reads: in which stages it runs, which column says until when, and what starts it anew.
struct Question {
    stages: &'static [Stage],
    column: &'static str,
    restarts: &'static [Verb],
}

const fn question(kind: ClockKind) -> Question {
    let (stages, column, restarts): (&[Stage], _, &[Verb]) = match kind {
        ClockKind::Accept => (
            &[Stage::Submitted],
            "due_at",
            &[
                Verb::Reassign,
                Verb::ReassignFromHq,
                Verb::MoveBranch,
                Verb::CorrectMistake,
            ],
        ),
        ClockKind::Dispatch => (
            &[Stage::ReturnedToHq],
            "due_at",
            &[Verb::DeclineIntake, Verb::IntakeTimeout],
        ),
        ClockKind::Contact => (&[Stage::Accepted], "contact_due_at", &[Verb::MoveBranch]),
        ClockKind::Decision => (
            &[
                Stage::Submitted,
                Stage::ReturnedToHq,
                Stage::Accepted,
                Stage::DueDiligence,
                Stage::InApproval,
            ],
            "decision_due_at",
            &[Verb::Reconsider, Verb::CorrectMistake],
        ),
        ClockKind::Disburse => (&[Stage::Approved], "due_at", &[]),
        ClockKind::Supplement => (&[Stage::NeedSupplement], "due_at", &[Verb::AskSupplement]),
    };
    Question {
        stages,
        column,
        restarts,
    }
}

/// Codes of ours as a list of SQL texts; none of them holds a quote.
fn texts(codes: impl Iterator<Item = &'static str>) -> String {
    codes
        .map(|code| format!("'{code}'"))
        .collect::<Vec<_>>()
        .join(", ")
}

struct ReachedRow(Reached);

impl FromRow<'_, PgRow> for ReachedRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(Reached {
            application: Restored::from_row(row)?.0,
            run: row.try_get("run")?,
        }))
    }
}

/// What is asked for once a minute for each city is not kept prepared: every connection would come to hold all of it.
#[async_trait]
impl Reminders for PgUnitOfWork {
    async fn look_at(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError> {
        let found: Option<Restored> =
            sqlx::query_as("select * from financing_applications where tenant_id = $1 and id = $2")
                .bind(self.city.0)
                .bind(id.0)
                .fetch_optional(&mut *self.tx)
                .await
                .map_err(store_error)?;
        Ok(found.map(|r| r.0))
    }

    async fn supplement_warnings(
        &mut self,
        started: Started,
        due_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let rows: Vec<Restored> = sqlx::query_as(
            "select * from financing_applications a
             where tenant_id = $1 and stage = 'need_supplement' and not frozen and due_at <= $2
               and ($5::timestamptz is null or paused_at >= $5) and ($6::timestamptz is null or paused_at < $6)
               and not exists (select from messages m where m.tenant_id = $1
                 and m.dedupe_key = $3 || ':' || a.id || ':' || a.supplement_rounds)
             order by due_at limit $4",
        )
        .bind(self.city.0)
        .bind(due_before)
        .bind(SUPPLEMENT_WARNING)
        .bind(most)
        .bind(started.from)
        .bind(started.until)
        .persistent(false)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn unaccepted(
        &mut self,
        started: Started,
        submitted_before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let rows: Vec<Restored> = sqlx::query_as(
            "select * from financing_applications a
             where tenant_id = $1 and stage in ('submitted', 'returned_to_hq') and not frozen and submitted_at <= $2
               and ($5::timestamptz is null or submitted_at >= $5) and ($6::timestamptz is null or submitted_at < $6)
               and not exists (select from messages m where m.tenant_id = $1
                 and m.dedupe_key = $3 || ':' || a.id || ':city')
             order by submitted_at limit $4",
        )
        .bind(self.city.0)
        .bind(submitted_before)
        .bind(UNACCEPTED_NOTICE)
        .bind(most)
        .bind(started.from)
        .bind(started.until)
        .persistent(false)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn reached(
        &mut self,
        milestone: &Milestone,
        most: i64,
    ) -> Result<Vec<Reached>, StoreError> {
        let Question {
            stages,
            column,
            restarts,
        } = question(milestone.kind);
        // In whose box the message stands that says that it was told.
        let box_of = match (milestone.kind, milestone.step) {
            (_, Step::Late) | (ClockKind::Supplement, _) => "tenant_id",
            (ClockKind::Dispatch, _) => "bank_id",
            _ => "handler_tenant_id",
        };
        let mut sql = QueryBuilder::new(
            "select a.*, r.run from financing_applications a, lateral (select count(*) as run from application_events e
             where e.tenant_id = a.tenant_id and e.application_id = a.id and e.kind = any (array[",
        );
        sql.push(texts(restarts.iter().map(|verb| verb.code())))
            .push("]::text[])) r where a.tenant_id = ")
            .push_bind(self.city.0)
            .push(" and a.stage in (")
            .push(texts(stages.iter().map(|stage| stage.code())))
            .push(format!(") and not a.frozen and a.{column} is not null"));
        if let Some(after) = milestone.due_after {
            sql.push(format!(" and a.{column} > ")).push_bind(after);
        }
        if let Some(by) = milestone.due_by {
            sql.push(format!(" and a.{column} <= ")).push_bind(by);
        }
        only_started(&mut sql, milestone.kind, milestone.started);
        if milestone.kind == ClockKind::Contact {
            sql.push(" and a.contacted_at is null");
        }
        sql.push(format!(
            " and not exists (select from messages m where m.tenant_id = a.{box_of} and m.dedupe_key = "
        ))
        .push_bind(milestone.key_head())
        .push(format!(
            " || a.id || ':' || r.run) order by a.{column}, a.id limit "
        ))
        .push_bind(most)
        .push(" for update of a skip locked");
        let rows: Vec<ReachedRow> = sql
            .build_query_as()
            .persistent(false)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn staff_of(
        &mut self,
        node: TenantId,
        roles: &[Role],
    ) -> Result<Vec<UserId>, StoreError> {
        let codes: Vec<&'static str> = roles.iter().map(|role| role.code()).collect();
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select id from users where city_id = $1 and tenant_id = $2 and enterprise_id is null and status = 'active'
               and roles && $3::text[] order by created_at, id limit 20",
        )
        .bind(self.city.0)
        .bind(node.0)
        .bind(codes)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    async fn active(&mut self, user: UserId) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from users where city_id = $1 and id = $2 and status = 'active')",
        )
        .bind(self.city.0)
        .bind(user.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn undated(&mut self) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "select count(*) from financing_applications where tenant_id = $1 and due_at is null and not frozen
               and stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'in_approval', 'approved')",
        )
        .bind(self.city.0)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn undated_before(
        &mut self,
        before: OffsetDateTime,
        most: i64,
    ) -> Result<Vec<FinancingApplicationId>, StoreError> {
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select id from financing_applications where tenant_id = $1 and due_at is null and not frozen
               and stage in ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'in_approval', 'approved')
               and updated_at < $2 order by updated_at limit $3",
        )
        .bind(self.city.0)
        .bind(before)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(ids.into_iter().map(FinancingApplicationId).collect())
    }

    async fn date(
        &mut self,
        application: &FinancingApplication,
        told: &Replayed,
    ) -> Result<bool, StoreError> {
        let r = application.record();
        let done = sqlx::query(
            "update financing_applications set due_at = $4, contact_due_at = $5, decision_due_at = $6
             where tenant_id = $1 and id = $2 and version = $3 and due_at is null",
        )
        .bind(self.city.0)
        .bind(r.id.0)
        .bind(r.version)
        .bind(told.due_at)
        .bind(told.contact_due_at)
        .bind(told.decision_due_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn due_after(
        &mut self,
        since: OffsetDateTime,
        last: Option<FinancingApplicationId>,
        most: i64,
    ) -> Result<Vec<FinancingApplicationId>, StoreError> {
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select id from financing_applications where tenant_id = $1 and id > $3
               and (greatest(due_at, contact_due_at, decision_due_at) > $2
                 or (submitted_at is not null and (due_at is null or decision_due_at is null) and stage in
                   ('submitted', 'returned_to_hq', 'accepted', 'due_diligence', 'need_supplement', 'in_approval', 'approved')))
             order by id limit $4",
        )
        .bind(self.city.0)
        .bind(since)
        .bind(last.map_or(uuid::Uuid::nil(), |id| id.0))
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(ids.into_iter().map(FinancingApplicationId).collect())
    }

    async fn date_anew(
        &mut self,
        application: &FinancingApplication,
        told: &Replayed,
    ) -> Result<bool, StoreError> {
        let r = application.record();
        let done = sqlx::query(
            "update financing_applications set due_at = $4, contact_due_at = $5, decision_due_at = $6
             where tenant_id = $1 and id = $2 and version = $3
               and (due_at, contact_due_at, decision_due_at) is distinct from ($4, $5, $6)",
        )
        .bind(self.city.0)
        .bind(r.id.0)
        .bind(r.version)
        .bind(told.due_at)
        .bind(told.contact_due_at)
        .bind(told.decision_due_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }

    async fn owner_of(&mut self, enterprise: EnterpriseId) -> Result<Option<UserId>, StoreError> {
        let owner: Option<uuid::Uuid> = sqlx::query_scalar(
            "select id from users where tenant_id = $1 and enterprise_id = $2 and status = 'active' and 'eo' = any (roles)
             order by created_at, id limit 1",
        )
        .bind(self.city.0)
        .bind(enterprise.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(owner.map(UserId))
    }

    async fn phone_of(&mut self, user: UserId) -> Result<Option<Vec<u8>>, StoreError> {
        sqlx::query_scalar(
            "select phone_sealed from users where city_id = $1 and id = $2 and status = 'active'",
        )
        .bind(self.city.0)
        .bind(user.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)
    }
}
