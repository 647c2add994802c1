//! The rows of exports on PostgreSQL: walked by a key, within the own branch and those below, or the own institution.

use application::ports::{
    exports::{ApplicationLine, ExportFilter, ExportRows, LoanLine, RowCursor},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{calendar::SHANGHAI, export::ExportKind, financing::Stage, ids::EnterpriseId};
use sqlx::{FromRow, Postgres, QueryBuilder, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    consents::consent_stands,
    errors::store_error,
    listed::{LISTED, Listed, at_stages, beside},
    store::PgUnitOfWork,
};

#[derive(FromRow)]
struct ApplicationRow {
    #[sqlx(flatten)]
    head: Listed,
    enterprise_id: Uuid,
    updated_at: OffsetDateTime,
    reconsidered: bool,
    approved_amount_cents: Option<i64>,
    approved_rate: Option<i32>,
    drawn_cents: i64,
    shown: Option<Json<application::ports::dossiers::ShownFacts>>,
    sealed: Option<Vec<u8>>,
    consent: bool,
}

impl TryFrom<ApplicationRow> for ApplicationLine {
    type Error = StoreError;

    fn try_from(row: ApplicationRow) -> Result<Self, StoreError> {
        let head = row.head;
        Ok(Self {
            id: head.id(),
            enterprise: EnterpriseId(row.enterprise_id),
            number: head.number(),
            stage: head.stage()?,
            enterprise_name: head.enterprise_name,
            product_name: head.product_name,
            amount_cents: head.amount_cents,
            rate: head.rate,
            term: head.term,
            term_unit: head.term_unit,
            ever_accepted: head.ever_accepted,
            handler_name: head.handler_name,
            holder_name: head.holder_name,
            submitted_at: head.submitted_at,
            accepted_at: head.accepted_at,
            decided_at: head.decided_at,
            updated_at: row.updated_at,
            reconsidered: row.reconsidered,
            approved_cents: row.approved_amount_cents,
            approved_rate: row.approved_rate,
            drawn_cents: row.drawn_cents,
            shown: row.shown.map(|Json(shown)| shown),
            sealed: row.sealed,
            consent: row.consent,
        })
    }
}

#[derive(FromRow)]
struct LoanRow {
    id: Uuid,
    at: OffsetDateTime,
    application_no: String,
    enterprise_name: String,
    product_name: String,
    handler_name: String,
    amount_cents: i64,
    on_day: Date,
    contract_no: String,
    rate: i32,
    due_on: Option<Date>,
    confirmed_at: Option<OffsetDateTime>,
    balance_cents: i64,
    source: String,
    recorded_name: String,
}

impl From<LoanRow> for LoanLine {
    fn from(row: LoanRow) -> Self {
        Self {
            cursor: RowCursor {
                at: row.at,
                id: row.id,
            },
            number: row.application_no,
            enterprise_name: row.enterprise_name,
            product_name: row.product_name,
            handler_name: row.handler_name,
            amount_cents: row.amount_cents,
            on: row.on_day,
            contract_no: row.contract_no,
            rate: row.rate,
            due_on: row.due_on,
            confirmed_at: row.confirmed_at,
            balance_cents: row.balance_cents,
            source: row.source,
            recorded_name: row.recorded_name,
        }
    }
}

const LOAN_HEAD: &str = "a.application_no, a.enterprise_name, a.product_name, a.handler_name, l.source, l.recorded_name, l.at, l.id";

/// First instant of a day in the time of the city.
fn midnight(day: Date) -> OffsetDateTime {
    day.midnight().assume_offset(SHANGHAI)
}

impl PgUnitOfWork {
    /// ` where` and everything that the rows of an application `a` must fulfil.
    fn of_ours(&self, query: &mut QueryBuilder<Postgres>, filter: &ExportFilter) {
        query
            .push(" where a.tenant_id = ")
            .push_bind(self.city.0)
            .push(" and a.submitted_at is not null and (a.bank_id = ")
            .push_bind(self.tenant.0)
            .push(" or a.handler_tenant_id = any ((select current_reach())::uuid[]))");
        if let Some(branch) = filter.branch {
            query.push(" and a.handler_tenant_id = ").push_bind(branch);
        }
        if let Some(product) = filter.product {
            query.push(" and a.product_id = ").push_bind(product);
        }
    }

    fn of_applications(
        &self,
        query: &mut QueryBuilder<Postgres>,
        filter: &ExportFilter,
        stages: &[Stage],
    ) {
        self.of_ours(query, filter);
        at_stages(query, stages);
        if let Some(from) = filter.from {
            query
                .push(" and a.submitted_at >= ")
                .push_bind(midnight(from));
        }
        if let Some(next) = filter.until.and_then(Date::next_day) {
            query
                .push(" and a.submitted_at < ")
                .push_bind(midnight(next));
        }
    }

    /// `day` is the column of the day, a fixed name.
    fn of_loans(&self, query: &mut QueryBuilder<Postgres>, filter: &ExportFilter, day: &str) {
        self.of_ours(query, filter);
        if let Some(from) = filter.from {
            query.push(format!(" and l.{day} >= ")).push_bind(from);
        }
        if let Some(until) = filter.until {
            query.push(format!(" and l.{day} <= ")).push_bind(until);
        }
    }

    async fn loans(
        &mut self,
        mut query: QueryBuilder<Postgres>,
        after: Option<RowCursor>,
        most: i64,
    ) -> Result<Vec<LoanLine>, StoreError> {
        if let Some(after) = after {
            beside(&mut query, "l.at, l.id", "<", after.at, after.id);
        }
        query
            .push(" order by l.at desc, l.id desc limit ")
            .push_bind(most);
        let rows: Vec<LoanRow> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

const OF_APPLICATION: &str =
    " join financing_applications a on a.tenant_id = l.tenant_id and a.id = l.application_id";

#[async_trait]
impl ExportRows for PgUnitOfWork {
    async fn export_count(
        &mut self,
        kind: ExportKind,
        filter: &ExportFilter,
        stages: &[Stage],
    ) -> Result<i64, StoreError> {
        let mut query = QueryBuilder::new("select count(*) from ");
        match kind {
            ExportKind::Applications => {
                query.push("financing_applications a");
                self.of_applications(&mut query, filter, stages);
            }
            ExportKind::Draws => {
                query.push("disbursements l").push(OF_APPLICATION);
                self.of_loans(&mut query, filter, "drawn_on");
            }
            ExportKind::Repayments => {
                query.push("repayments l").push(OF_APPLICATION);
                self.of_loans(&mut query, filter, "paid_on");
            }
        }
        query
            .build_query_scalar()
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }

    async fn export_applications(
        &mut self,
        filter: &ExportFilter,
        stages: &[Stage],
        after: Option<RowCursor>,
        most: i64,
    ) -> Result<Vec<ApplicationLine>, StoreError> {
        let mut query = QueryBuilder::new("select ");
        query.push(LISTED).push(concat!(
            ", a.enterprise_id, a.updated_at, a.reconsidered, a.approved_amount_cents, a.approved_rate, a.drawn_cents, d.shown, d.sealed, ",
            consent_stands!("a.tenant_id", "a.id"),
            " as consent
             from financing_applications a
             left join application_dossiers d on d.tenant_id = a.tenant_id and d.application_id = a.id"
        ));
        self.of_applications(&mut query, filter, stages);
        if let Some(after) = after {
            beside(&mut query, "a.submitted_at, a.id", "<", after.at, after.id);
        }
        query
            .push(" order by a.submitted_at desc, a.id desc limit ")
            .push_bind(most);
        let rows: Vec<ApplicationRow> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    async fn export_draws(
        &mut self,
        filter: &ExportFilter,
        after: Option<RowCursor>,
        most: i64,
    ) -> Result<Vec<LoanLine>, StoreError> {
        let mut query = QueryBuilder::new("select ");
        query
            .push(LOAN_HEAD)
            .push(
                ", l.amount_cents, l.drawn_on as on_day, l.contract_no, l.rate, l.due_on, l.confirmed_at,
                   0::bigint as balance_cents from disbursements l",
            )
            .push(OF_APPLICATION);
        self.of_loans(&mut query, filter, "drawn_on");
        self.loans(query, after, most).await
    }

    async fn export_repayments(
        &mut self,
        filter: &ExportFilter,
        after: Option<RowCursor>,
        most: i64,
    ) -> Result<Vec<LoanLine>, StoreError> {
        let mut query = QueryBuilder::new("select ");
        query
            .push(LOAN_HEAD)
            .push(
                ", l.principal_cents as amount_cents, l.paid_on as on_day, '' as contract_no, 0 as rate,
                   null::date as due_on, null::timestamptz as confirmed_at, l.balance_cents from repayments l",
            )
            .push(OF_APPLICATION);
        self.of_loans(&mut query, filter, "paid_on");
        self.loans(query, after, most).await
    }
}
