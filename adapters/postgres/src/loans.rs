//! Loans 在贷 on PostgreSQL: by the stage of the request, so that what was paid back long ago is not looked at.

use application::ports::{
    loans::{DueLoan, DueStep, LOAN_DUE, LoanLeaf, LoanSide, Loans, RunningLoan},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{ids::FinancingApplicationId, values::Cents};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::Date;
use uuid::Uuid;

use crate::{
    errors::{decode, store_error, unreadable},
    financing_applications::Restored,
    renewals::takes_the_place,
    store::PgUnitOfWork,
};

/// Requests `a` with a loan that runs, what was drawn and repaid, and the first day that the repayments do not reach.
macro_rules! running {
    () => {
        " from financing_applications a
     cross join lateral (select coalesce(sum(d.amount_cents), 0)::bigint as cents from disbursements d
       where d.tenant_id = a.tenant_id and d.application_id = a.id) drawn
     cross join lateral (select coalesce(sum(r.principal_cents), 0)::bigint as cents from repayments r
       where r.tenant_id = a.tenant_id and r.application_id = a.id) repaid
     left join lateral (select x.due_on, x.upto - repaid.cents as cents from (
         select d.due_on, (sum(d.amount_cents) over (order by d.due_on nulls last))::bigint as upto
         from disbursements d where d.tenant_id = a.tenant_id and d.application_id = a.id) x
       where x.due_on is not null and x.upto > repaid.cents order by x.due_on limit 1) coming on true
     where a.tenant_id = $1 and a.stage in ('disbursing', 'disbursed') and drawn.cents > repaid.cents"
    };
}
pub(crate) use running;

macro_rules! listed {
    ($whose:literal) => {
        concat!(
            "select a.id, a.application_no, a.enterprise_name, a.product_name, a.handler_name, a.holder_name, drawn.cents as drawn,
               drawn.cents - repaid.cents as owed, coming.due_on, coming.cents as due_cents, count(*) over () as total,
               count(*) filter (where coming.due_on < $2) over () as overdue",
            running!(),
            " and ",
            $whose,
            " order by coming.due_on nulls last, a.submitted_at, a.id limit $3 offset $4"
        )
    };
}

/// A list for one side, with the tenant that asks as its $5.
macro_rules! for_side {
    ($list:ident, $side:expr) => {
        match $side {
            LoanSide::Enterprise => {
                $list!("a.enterprise_id = (select current_enterprise()) and $5::uuid is not null")
            }
            LoanSide::Branch => $list!("a.handler_tenant_id = $5"),
            LoanSide::Institution => $list!("a.bank_id = $5"),
        }
    };
}
pub(crate) use for_side;

/// Only the furthest step: a worker that was away does not tell of three at once. Whose loan is being renewed needs no word of 续贷.
const COMING_DUE: &str = concat!(
    "select * from (select a.*, coming.due_on as loan_due_on, coming.cents as loan_cents,
       case when coming.due_on < $2 then 'over' when coming.due_on <= $2 + 1 then 'tomorrow' when coming.due_on <= $2 + 7 then 'week'
         when coming.due_on <= $2 + 15 then 'fifteen' when coming.due_on <= $2 + 30 then 'thirty' else 'sixty' end as loan_step",
    running!(),
    " and coming.due_on <= $2 + 60) near
     where not exists (select from messages m where m.tenant_id = $1
       and m.dedupe_key = $3 || ':' || near.loan_step || ':' || near.id || ':' || near.loan_due_on)
       and (near.loan_due_on <= $2 + 7 or not exists (select from financing_applications r where r.tenant_id = $1 and r.renews_id = near.id and ",
    takes_the_place!("r.stage"),
    "))
     order by near.loan_due_on, near.id limit $4"
);

struct Listed {
    loan: RunningLoan,
    total: i64,
    overdue: i64,
}

fn cents(row: &PgRow, name: &str) -> Result<Cents, sqlx::Error> {
    Cents::new(row.try_get(name)?).map_err(decode)
}

/// The loan of a row that names its columns like these lists.
pub(crate) fn loan_of(row: &PgRow) -> Result<RunningLoan, sqlx::Error> {
    let id: Uuid = row.try_get("id")?;
    let due_on: Option<Date> = row.try_get("due_on")?;
    let next = due_on
        .map(|day| Ok::<_, sqlx::Error>((day, cents(row, "due_cents")?)))
        .transpose()?;
    Ok(RunningLoan {
        application: FinancingApplicationId(id),
        number: row.try_get("application_no")?,
        enterprise_name: row.try_get("enterprise_name")?,
        product_name: row.try_get("product_name")?,
        branch_name: row.try_get("handler_name")?,
        holder_name: row.try_get("holder_name")?,
        drawn: cents(row, "drawn")?,
        owed: cents(row, "owed")?,
        next,
    })
}

impl FromRow<'_, PgRow> for Listed {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            loan: loan_of(row)?,
            total: row.try_get("total")?,
            overdue: row.try_get("overdue")?,
        })
    }
}

struct Due(DueLoan);

impl FromRow<'_, PgRow> for Due {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let code: String = row.try_get("loan_step")?;
        let step = DueStep::ALL.into_iter().find(|step| step.code() == code);
        Ok(Self(DueLoan {
            application: Restored::from_row(row)?.0,
            due_on: row.try_get("loan_due_on")?,
            sum: cents(row, "loan_cents")?,
            step: step.ok_or_else(|| unreadable("an unknown step"))?,
        }))
    }
}

#[async_trait]
impl Loans for PgUnitOfWork {
    async fn running(
        &mut self,
        side: LoanSide,
        today: Date,
        skip: i64,
        most: i64,
    ) -> Result<LoanLeaf, StoreError> {
        let rows: Vec<Listed> = sqlx::query_as(for_side!(listed, side))
            .bind(self.city.0)
            .bind(today)
            .bind(most)
            .bind(skip)
            .bind(self.tenant.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let (total, overdue) = rows.first().map_or((0, 0), |row| (row.total, row.overdue));
        Ok(LoanLeaf {
            rows: rows.into_iter().map(|row| row.loan).collect(),
            total,
            overdue,
        })
    }

    async fn coming_due(&mut self, today: Date, most: i64) -> Result<Vec<DueLoan>, StoreError> {
        let rows: Vec<Due> = sqlx::query_as(COMING_DUE)
            .bind(self.city.0)
            .bind(today)
            .bind(LOAN_DUE)
            .bind(most)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}
