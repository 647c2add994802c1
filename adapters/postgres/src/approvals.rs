//! Approvals 审批 on PostgreSQL: settings, signatures and the queue of those who sign.

use application::ports::{
    approvals::{Approvals, BankSettings, SignedVerdict, StoredSignature, WaitingFor, WaitingRow},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::ContentHash,
    ids::{FinancingApplicationId, TenantId, UserId},
    tenant::Role,
    values::Cents,
};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{branch_board::Row, errors::store_error, store::PgUnitOfWork};

fn unknown(what: &'static str) -> StoreError {
    StoreError::Broken(what.into())
}

#[derive(FromRow)]
struct SignatureRow {
    id: Uuid,
    application_id: Uuid,
    round: i32,
    step: i32,
    signer_id: Uuid,
    signer_name: String,
    signer_role: String,
    verdict: String,
    content: Vec<u8>,
    signed: String,
    opinion: String,
    at: OffsetDateTime,
}

impl TryFrom<SignatureRow> for StoredSignature {
    type Error = StoreError;

    fn try_from(row: SignatureRow) -> Result<Self, StoreError> {
        let broken = || unknown("a signature that the program does not know");
        Ok(Self {
            id: row.id,
            application: FinancingApplicationId(row.application_id),
            round: u16::try_from(row.round).map_err(|_| broken())?,
            step: u8::try_from(row.step).map_err(|_| broken())?,
            signer: UserId(row.signer_id),
            signer_name: row.signer_name,
            signer_role: Role::from_code(&row.signer_role).ok_or_else(broken)?,
            verdict: SignedVerdict::from_code(&row.verdict).ok_or_else(broken)?,
            content: ContentHash(row.content.try_into().map_err(|_| broken())?),
            signed: row.signed,
            opinion: row.opinion,
            at: row.at,
        })
    }
}

#[derive(FromRow)]
struct QueueRow {
    #[sqlx(flatten)]
    row: Row,
    handler_name: String,
    proposed: i64,
    step: i32,
    steps: i32,
}

#[async_trait]
impl Approvals for PgUnitOfWork {
    async fn settings(&mut self, bank: TenantId) -> Result<Option<BankSettings>, StoreError> {
        let row: Option<(Vec<String>, Option<i64>)> = sqlx::query_as(
            "select approval_steps, single_step_up_to_cents from bank_settings where tenant_id = $1",
        )
        .bind(bank.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let Some((steps, limit)) = row else {
            return Ok(None);
        };
        let steps: Option<Vec<Role>> = steps.iter().map(|code| Role::from_code(code)).collect();
        let limit = limit.map(Cents::new).transpose();
        Ok(Some(BankSettings {
            steps: steps.ok_or_else(|| unknown("an unknown role of a step"))?,
            single_step_up_to: limit.map_err(|error| StoreError::Broken(Box::new(error)))?,
        }))
    }

    async fn sign(&mut self, signature: &StoredSignature) -> Result<(), StoreError> {
        sqlx::query(
            "insert into approval_signatures
               (id, tenant_id, application_id, round, step, signer_id, signer_name, signer_role, verdict, content, opinion, at,
                signed)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(signature.id)
        .bind(self.city.0)
        .bind(signature.application.0)
        .bind(i32::from(signature.round))
        .bind(i32::from(signature.step))
        .bind(signature.signer.0)
        .bind(&signature.signer_name)
        .bind(signature.signer_role.code())
        .bind(signature.verdict.code())
        .bind(signature.content.0.as_slice())
        .bind(&signature.opinion)
        .bind(signature.at)
        .bind(&signature.signed)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn signatures(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<StoredSignature>, StoreError> {
        let rows: Vec<SignatureRow> = sqlx::query_as(
            "select id, application_id, round, step, signer_id, signer_name, signer_role, verdict, content, signed, opinion, at
             from approval_signatures where tenant_id = $1 and application_id = $2 order by at, id",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn waiting(
        &mut self,
        whose: &WaitingFor,
        most: i64,
    ) -> Result<Vec<WaitingRow>, StoreError> {
        let roles: Vec<&str> = whose.roles.iter().map(|role| role.code()).collect();
        let rows: Vec<QueueRow> = sqlx::query_as(
            "select id, application_no, enterprise_name, product_name, amount_cents, rate, term, term_unit, stage,
                    ever_accepted, frozen, renews_id is not null as renewal, version, holder_name, submitted_at, accepted_at, decided_at,
                    paused_at, due_at, coalesce(decision_since, submitted_at) as due_since, handler_name,
                    (approval ->> 'amount_cents')::bigint as proposed,
                    jsonb_array_length(approval -> 'signed') + 1 as step, jsonb_array_length(approval -> 'steps') as steps
             from financing_applications
             where tenant_id = $1 and stage = 'in_approval' and submitted_at is not null
               and handler_tenant_id = any ((select current_reach())::uuid[])
               and ($2::uuid is null or handler_tenant_id = $2)
               and approval -> 'steps' ->> jsonb_array_length(approval -> 'signed') = any ($3)
               and holder_user_id is distinct from $4
               and not approval -> 'signed' @> jsonb_build_array(jsonb_build_object('by', $4::text))
             order by due_at, id limit $5",
        )
        .bind(self.city.0)
        .bind(whose.branch.map(|b| b.0))
        .bind(roles)
        .bind(whose.person.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter()
            .map(|row| {
                Ok(WaitingRow {
                    row: row.row.try_into()?,
                    handler_name: row.handler_name,
                    proposed: Cents::new(row.proposed)
                        .map_err(|error| StoreError::Broken(Box::new(error)))?,
                    step: row.step,
                    steps: row.steps,
                })
            })
            .collect()
    }
}
