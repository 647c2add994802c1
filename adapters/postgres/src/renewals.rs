//! Renewals 续贷 on PostgreSQL.

use application::ports::{
    loans::LoanSide,
    renewals::{DueAsk, DueRow, Renewal, RenewalInvitation, Renewals},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::Stage,
    ids::{FinancingApplicationId, UserId},
};
use sqlx::{FromRow, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    errors::store_error,
    loans::{for_side, loan_of, running},
    store::PgUnitOfWork,
};

/// Stages at which a renewal takes the one place of its loan: the words of its index.
macro_rules! takes_the_place {
    ($stage:literal) => {
        concat!(
            $stage,
            " not in ('draft', 'pending_face', 'rejected', 'refused_intake', 'withdrawn', 'expired', 'not_drawn')"
        )
    };
}
pub(crate) use takes_the_place;

/// What is due from today until so many days from now, with what was said of it at the step that it stands at.
macro_rules! due {
    ($whose:literal) => {
        concat!(
            "select n.*, i.invited_name, i.at as invited_at, r.id as renewal_id, r.application_no as renewal_no,
               exists (select from loan_deferrals l where l.tenant_id = n.tenant_id and l.application_id = n.id and l.status in ('open', 'proposed'))
                 as deferral
             from (select a.tenant_id, a.id, a.application_no, a.enterprise_name, a.product_name, a.handler_name, a.holder_name,
               a.holder_user_id, a.frozen, drawn.cents as drawn, drawn.cents - repaid.cents as owed, coming.due_on, coming.cents as due_cents",
            running!(),
            " and coming.due_on between $2::date and $2::date + $3::int and ",
            $whose,
            " and ($6::date is null or (coming.due_on, a.id) > ($6::date, $7::uuid))
              order by coming.due_on, a.id limit $4) n
             left join renewal_invitations i on i.tenant_id = n.tenant_id and i.application_id = n.id and i.due_on = n.due_on
               and i.step = case when n.due_on - $2::date <= 15 then '15' when n.due_on - $2::date <= 30 then '30' else '60' end
             left join financing_applications r on r.tenant_id = n.tenant_id and r.renews_id = n.id and ",
            takes_the_place!("r.stage"),
            " order by n.due_on, n.id"
        )
    };
}

struct Due(DueRow);

impl FromRow<'_, PgRow> for Due {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let invited: Option<String> = row.try_get("invited_name")?;
        let invited_at: Option<OffsetDateTime> = row.try_get("invited_at")?;
        let renewal: Option<Uuid> = row.try_get("renewal_id")?;
        let number: Option<String> = row.try_get("renewal_no")?;
        let holder: Option<Uuid> = row.try_get("holder_user_id")?;
        Ok(Self(DueRow {
            loan: loan_of(row)?,
            due_on: row.try_get("due_on")?,
            holder: holder.map(UserId),
            frozen: row.try_get("frozen")?,
            invited: invited.zip(invited_at),
            renewal: renewal.map(FinancingApplicationId).zip(number),
            deferral: row.try_get("deferral")?,
        }))
    }
}

#[async_trait]
impl Renewals for PgUnitOfWork {
    async fn renewal_of(
        &mut self,
        loan: FinancingApplicationId,
    ) -> Result<Option<Renewal>, StoreError> {
        let found: Option<(Uuid, Option<String>, String)> = sqlx::query_as(concat!(
            "select id, application_no, stage from financing_applications where tenant_id = $1 and renews_id = $2 and ",
            takes_the_place!("stage"),
        ))
        .bind(self.city.0)
        .bind(loan.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        found
            .map(|(id, number, stage)| {
                let stage = Stage::from_code(&stage)
                    .ok_or_else(|| StoreError::Broken("an unknown stage".into()))?;
                Ok(Renewal {
                    id: FinancingApplicationId(id),
                    number: number.unwrap_or_default(),
                    stage,
                })
            })
            .transpose()
    }

    async fn renew(
        &mut self,
        draft: FinancingApplicationId,
        loan: Option<FinancingApplicationId>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update financing_applications set renews_id = $3 where tenant_id = $1 and id = $2 and stage = 'draft'",
        )
        .bind(self.city.0)
        .bind(draft.0)
        .bind(loan.map(|loan| loan.0))
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(())
    }

    async fn invite(&mut self, invitation: &RenewalInvitation) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into renewal_invitations (id, tenant_id, application_id, due_on, step, invited_by, invited_name, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (tenant_id, application_id, due_on, step) do nothing",
        )
        .bind(invitation.id)
        .bind(self.city.0)
        .bind(invitation.application.0)
        .bind(invitation.due_on)
        .bind(invitation.step.code())
        .bind(invitation.by.0)
        .bind(&invitation.by_name)
        .bind(invitation.at)
        .execute(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }

    async fn due(&mut self, ask: &DueAsk) -> Result<Vec<DueRow>, StoreError> {
        let days = i32::try_from(ask.within.days()).unwrap_or(i32::MAX);
        let rows: Vec<Due> = sqlx::query_as(for_side!(due, ask.side))
            .bind(self.city.0)
            .bind(ask.today)
            .bind(days)
            .bind(ask.most)
            .bind(self.tenant.0)
            .bind(ask.after.map(|(day, _)| day))
            .bind(ask.after.map(|(_, id)| id))
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use domain::renewal::RenewalStep;

    use super::*;

    #[test]
    fn the_steps_of_the_statement_are_those_of_the_rule() {
        for step in RenewalStep::ALL {
            let (days, code) = (step.days(), step.code());
            assert_eq!(days.to_string(), code);
            let said = if *step == RenewalStep::Sixty {
                format!("else '{code}' end")
            } else {
                format!("n.due_on - $2::date <= {days} then '{code}'")
            };
            assert!(for_side!(due, LoanSide::Branch).contains(&said), "{said}");
        }
    }
}
