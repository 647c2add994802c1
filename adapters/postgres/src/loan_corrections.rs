//! Corrections 更正放款 and 更正还款 on PostgreSQL: the bank writes them, the enterprise reads what was confirmed.

use application::ports::{
    appeals::{CorrectionStatus, Settled},
    loan_corrections::{LoanChange, LoanCorrection, LoanCorrections},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::{DrawChange, DrawFacts, RepaymentChange, RepaymentFacts},
    ids::{DrawId, FinancingApplicationId, RepaymentId, UserId},
    tenant::Role,
    values::{Cents, Rate},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    errors::{store_error, unreadable},
    store::PgUnitOfWork,
};

fn cents(row: &PgRow, column: &str) -> Result<Cents, sqlx::Error> {
    Cents::new(row.try_get(column)?).map_err(|_| unreadable("an amount below zero"))
}

/// The columns of one side of a draw.
fn draw_facts(
    row: &PgRow,
    [amount, rate, on, due_on, contract_no]: [&str; 5],
) -> Result<DrawFacts, sqlx::Error> {
    Ok(DrawFacts {
        amount: cents(row, amount)?,
        rate: Rate::new(row.try_get(rate)?).map_err(|_| unreadable("an unknown rate"))?,
        on: row.try_get(on)?,
        due_on: row.try_get(due_on)?,
        contract_no: row.try_get(contract_no)?,
    })
}

fn change(row: &PgRow) -> Result<LoanChange, sqlx::Error> {
    let draw: Option<Uuid> = row.try_get("draw_id")?;
    if let Some(draw) = draw {
        let old = [
            "old_cents",
            "old_rate",
            "old_on",
            "old_due_on",
            "old_contract_no",
        ];
        let new = [
            "new_cents",
            "new_rate",
            "new_on",
            "new_due_on",
            "new_contract_no",
        ];
        let number: i32 = row.try_get("number")?;
        let change = DrawChange {
            number: u16::try_from(number).map_err(|_| unreadable("an unknown number"))?,
            was: draw_facts(row, old)?,
            now: draw_facts(row, new)?,
            last: row.try_get("last")?,
        };
        return Ok(LoanChange::Draw(DrawId(draw), change));
    }
    let change = RepaymentChange {
        was: RepaymentFacts {
            principal: cents(row, "old_cents")?,
            on: row.try_get("old_on")?,
        },
        now: RepaymentFacts {
            principal: cents(row, "new_cents")?,
            on: row.try_get("new_on")?,
        },
    };
    let repayment = RepaymentId(row.try_get("repayment_id")?);
    Ok(LoanChange::Repayment(repayment, change))
}

struct CorrectionRow(LoanCorrection);

impl FromRow<'_, PgRow> for CorrectionRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(LoanCorrection {
            id: row.try_get("id")?,
            application: FinancingApplicationId(row.try_get("application_id")?),
            change: change(row)?,
            reason: row.try_get("reason")?,
            asked_by: UserId(row.try_get("asked_by")?),
            asked_name: row.try_get("asked_name")?,
            asked_role: Role::from_code(row.try_get("asked_role")?)
                .ok_or_else(|| unreadable("an unknown role"))?,
            asked_at: row.try_get("asked_at")?,
            status: CorrectionStatus::from_code(row.try_get("status")?)
                .ok_or_else(|| unreadable("an unknown status of a correction"))?,
            settled_name: row.try_get("settled_name")?,
            settled_at: row.try_get("settled_at")?,
            withdrawal: row.try_get("withdrawal")?,
        }))
    }
}

#[async_trait]
impl LoanCorrections for PgUnitOfWork {
    async fn ask_loan_correction(&mut self, ask: &LoanCorrection) -> Result<(), StoreError> {
        let query = sqlx::query(
            "insert into loan_corrections
               (id, tenant_id, application_id, reason, asked_by, asked_name, asked_role, asked_at, draw_id, repayment_id,
                old_cents, new_cents, old_on, new_on, number, old_rate, new_rate, old_due_on, new_due_on, old_contract_no,
                new_contract_no, last)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        )
        .bind(ask.id)
        .bind(self.city.0)
        .bind(ask.application.0)
        .bind(&ask.reason)
        .bind(ask.asked_by.0)
        .bind(&ask.asked_name)
        .bind(ask.asked_role.code())
        .bind(ask.asked_at);
        let (id, paid, draw) = match &ask.change {
            LoanChange::Draw(id, change) => {
                let paid = |facts: &DrawFacts| RepaymentFacts {
                    principal: facts.amount,
                    on: facts.on,
                };
                let paid = (paid(&change.was), paid(&change.now));
                ((Some(id.0), None), paid, Some(change))
            }
            LoanChange::Repayment(id, change) => {
                ((None, Some(id.0)), (change.was, change.now), None)
            }
        };
        query
            .bind(id.0)
            .bind(id.1)
            .bind(paid.0.principal.cents())
            .bind(paid.1.principal.cents())
            .bind(paid.0.on)
            .bind(paid.1.on)
            .bind(draw.map(|draw| i32::from(draw.number)))
            .bind(draw.map(|draw| draw.was.rate.hundredths()))
            .bind(draw.map(|draw| draw.now.rate.hundredths()))
            .bind(draw.and_then(|draw| draw.was.due_on))
            .bind(draw.and_then(|draw| draw.now.due_on))
            .bind(draw.map(|draw| draw.was.contract_no.clone()))
            .bind(draw.map(|draw| draw.now.contract_no.clone()))
            .bind(draw.is_some_and(|draw| draw.last))
            .execute(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn loan_corrections(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<LoanCorrection>, StoreError> {
        let rows: Vec<CorrectionRow> = sqlx::query_as(
            "select * from loan_corrections where tenant_id = $1 and application_id = $2 order by asked_at, id",
        )
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn settle_loan_correction(
        &mut self,
        id: Uuid,
        confirmed: bool,
        settled: &Settled,
    ) -> Result<bool, StoreError> {
        let status = if confirmed {
            CorrectionStatus::Confirmed
        } else {
            CorrectionStatus::Declined
        };
        let done = sqlx::query(
            "update loan_corrections set status = $3, settled_by = $4, settled_name = $5, settled_at = $6
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(status.code())
        .bind(settled.by.0)
        .bind(&settled.name)
        .bind(settled.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn withdraw_loan_correction(
        &mut self,
        id: Uuid,
        reason: &str,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update loan_corrections set status = 'withdrawn', settled_by = asked_by, settled_name = asked_name,
               settled_at = $3, withdrawal = $4
             where tenant_id = $1 and id = $2 and status = 'open'",
        )
        .bind(self.city.0)
        .bind(id)
        .bind(at)
        .bind(reason)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn apply_loan_correction(
        &mut self,
        correction: &LoanCorrection,
        owed: &[(RepaymentId, Cents)],
    ) -> Result<(), StoreError> {
        let query = match &correction.change {
            LoanChange::Draw(id, change) => sqlx::query(
                "update disbursements set amount_cents = $4, drawn_on = $5, rate = $6, due_on = $7, contract_no = $8,
                   confirmed_at = null
                 where tenant_id = $1 and application_id = $2 and id = $3",
            )
            .bind(self.city.0)
            .bind(correction.application.0)
            .bind(id.0)
            .bind(change.now.amount.cents())
            .bind(change.now.on)
            .bind(change.now.rate.hundredths())
            .bind(change.now.due_on)
            .bind(&change.now.contract_no),
            LoanChange::Repayment(id, change) => sqlx::query(
                "update repayments set principal_cents = $4, paid_on = $5
                 where tenant_id = $1 and application_id = $2 and id = $3",
            )
            .bind(self.city.0)
            .bind(correction.application.0)
            .bind(id.0)
            .bind(change.now.principal.cents())
            .bind(change.now.on),
        };
        query.execute(&mut *self.tx).await.map_err(store_error)?;
        let (ids, cents): (Vec<Uuid>, Vec<i64>) =
            owed.iter().map(|(id, owed)| (id.0, owed.cents())).unzip();
        sqlx::query(
            "update repayments r set balance_cents = o.owed
             from unnest($3::uuid[], $4::bigint[]) as o (id, owed)
             where r.tenant_id = $1 and r.application_id = $2 and r.id = o.id",
        )
        .bind(self.city.0)
        .bind(correction.application.0)
        .bind(ids)
        .bind(cents)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }
}
