//! Admitted codes 已核实的统一社会信用代码 on PostgreSQL.

use application::ports::{
    admitted_codes::{AdmittedCode, AdmittedCodes, CodeEvidence, CodeProposal},
    store::StoreError,
    supervision::HoldStatus,
};
use async_trait::async_trait;
use domain::ids::UserId;
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, store::PgUnitOfWork, supervision::broken};

#[derive(FromRow)]
struct Row {
    code: String,
    company_name: String,
    reason: String,
    admitted_by: Uuid,
    admitted_name: String,
    admitted_at: OffsetDateTime,
}

impl From<Row> for AdmittedCode {
    fn from(row: Row) -> Self {
        Self {
            code: row.code,
            company_name: row.company_name,
            reason: row.reason,
            by: UserId(row.admitted_by),
            by_name: row.admitted_name,
            at: row.admitted_at,
        }
    }
}

#[derive(FromRow)]
struct ProposalRow {
    id: Uuid,
    code: String,
    company_name: String,
    evidence: String,
    reason: String,
    asked_by: Uuid,
    asked_name: String,
    asked_at: OffsetDateTime,
    status: String,
    settled_by: Option<Uuid>,
    settled_name: String,
    settled_at: Option<OffsetDateTime>,
    withdrawal: String,
}

impl TryFrom<ProposalRow> for CodeProposal {
    type Error = StoreError;

    fn try_from(row: ProposalRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            code: row.code,
            company_name: row.company_name,
            evidence: CodeEvidence::from_code(&row.evidence)
                .ok_or_else(|| broken("an unknown evidence"))?,
            reason: row.reason,
            asked_by: UserId(row.asked_by),
            asked_name: row.asked_name,
            asked_at: row.asked_at,
            status: HoldStatus::from_code(&row.status)
                .ok_or_else(|| broken("an unknown state of a proposal"))?,
            settled_by: row.settled_by.map(UserId),
            settled_name: row.settled_name,
            settled_at: row.settled_at,
            withdrawal: row.withdrawal,
        })
    }
}

#[async_trait]
impl AdmittedCodes for PgUnitOfWork {
    async fn is_admitted(&mut self, code: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(
            "select exists (select from admitted_codes where tenant_id = $1 and code = $2)",
        )
        .bind(self.city.0)
        .bind(code)
        .fetch_one(&mut *self.tx)
        .await
        .map_err(store_error)
    }

    async fn admit(&mut self, code: &AdmittedCode) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into admitted_codes (tenant_id, code, company_name, reason, admitted_by, admitted_name, admitted_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        )
        .bind(self.city.0)
        .bind(&code.code)
        .bind(&code.company_name)
        .bind(&code.reason)
        .bind(code.by.0)
        .bind(&code.by_name)
        .bind(code.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn admitted(&mut self, most: i64) -> Result<Vec<AdmittedCode>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select code, company_name, reason, admitted_by, admitted_name, admitted_at
             from admitted_codes where tenant_id = $1 order by admitted_at desc, code limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn propose_code(&mut self, proposal: &CodeProposal) -> Result<(), StoreError> {
        sqlx::query(
            "insert into code_proposals (id, tenant_id, code, company_name, evidence, reason, asked_by, asked_name, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(proposal.id)
        .bind(self.city.0)
        .bind(&proposal.code)
        .bind(&proposal.company_name)
        .bind(proposal.evidence.code())
        .bind(&proposal.reason)
        .bind(proposal.asked_by.0)
        .bind(&proposal.asked_name)
        .bind(proposal.asked_at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn code_proposal(&mut self, id: Uuid) -> Result<Option<CodeProposal>, StoreError> {
        let row: Option<ProposalRow> = sqlx::query_as(
            "select * from code_proposals where tenant_id = $1 and id = $2 for update",
        )
        .bind(self.city.0)
        .bind(id)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn proposal_of(&mut self, code: &str) -> Result<Option<CodeProposal>, StoreError> {
        let row: Option<ProposalRow> = sqlx::query_as(
            "select * from code_proposals where tenant_id = $1 and code = $2 order by asked_at desc, id limit 1",
        )
        .bind(self.city.0)
        .bind(code)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        row.map(TryInto::try_into).transpose()
    }

    async fn code_proposals(&mut self, most: i64) -> Result<Vec<CodeProposal>, StoreError> {
        let rows: Vec<ProposalRow> = sqlx::query_as(
            "select * from code_proposals where tenant_id = $1 order by status <> 'open', asked_at desc, id limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn settle_code(&mut self, proposal: &CodeProposal) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update code_proposals set status = $3, settled_by = $4, settled_name = $5, settled_at = $6, withdrawal = $7
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(proposal.id)
        .bind(proposal.status.code())
        .bind(proposal.settled_by.map(|u| u.0))
        .bind(&proposal.settled_name)
        .bind(proposal.settled_at)
        .bind(&proposal.withdrawal)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        match done.rows_affected() {
            0 => Err(StoreError::Stale),
            _ => Ok(()),
        }
    }
}
