//! Subsidies 贴息补贴 on PostgreSQL: policies that give one, and the loans that they are for. What keeps a loan out is said by the domain;
//! where many are asked for, the same rules stand in one condition here, and a test holds both to each other.

use application::ports::{
    statistics::Span,
    store::StoreError,
    subsidies::{FittingAsk, FittingMonth, LoanFacts, Subsidies, SubsidyOffer},
};
use async_trait::async_trait;
use domain::{
    ids::{DrawId, EnterpriseId, FinancingApplicationId},
    product::GuaranteeType,
    subsidy::{Handling, SubsidyKind, SubsidyLoan, SubsidyPolicy},
    values::{Cents, Rate},
};
use sqlx::{FromRow, Postgres, QueryBuilder, Row as _, postgres::PgRow};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{
    catalogue,
    errors::{store_error, unreadable},
    store::PgUnitOfWork,
};

struct Offer(SubsidyOffer);

impl FromRow<'_, PgRow> for Offer {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let terms = catalogue::subsidy(row)?;
        Ok(Self(SubsidyOffer {
            policy: row.try_get("id")?,
            version: row.try_get("version")?,
            title: row.try_get("title")?,
            issuer: row.try_get("issuer")?,
            handling: Handling::of(row.try_get("delivery")?)
                .ok_or_else(|| unreadable("a subsidy without its way"))?,
            deadline: row.try_get("deadline")?,
            conditions: SubsidyPolicy {
                terms: terms.ok_or_else(|| unreadable("a policy that gives nothing"))?,
                first_loan: row.try_get("first_loan")?,
                sections: row.try_get("industries")?,
                regions: row.try_get("regions")?,
            },
        }))
    }
}

struct Loan(LoanFacts);

impl FromRow<'_, PgRow> for Loan {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let guarantee: Option<&str> = row.try_get("guarantee")?;
        let number: i32 = row.try_get("number")?;
        let confirmed_at: Option<OffsetDateTime> = row.try_get("confirmed_at")?;
        let amount = Cents::new(row.try_get("amount_cents")?);
        let rate = Rate::new(row.try_get("rate")?);
        Ok(Self(LoanFacts {
            draw: DrawId(row.try_get("draw_id")?),
            number: u16::try_from(number).map_err(|_| unreadable("a number of a draw"))?,
            application: FinancingApplicationId(row.try_get("application_id")?),
            application_no: row.try_get("application_no")?,
            enterprise: EnterpriseId(row.try_get("enterprise_id")?),
            enterprise_name: row.try_get("enterprise_name")?,
            bank_name: row.try_get("bank_name")?,
            branch_name: row.try_get("branch_name")?,
            product_name: row.try_get("product_name")?,
            contract_no: row.try_get("contract_no")?,
            rate: rate.map_err(|_| unreadable("a rate of a draw"))?,
            confirmed_at,
            loan: SubsidyLoan {
                confirmed: confirmed_at.is_some(),
                guarantee: guarantee.and_then(GuaranteeType::from_code),
                first_loan: row.try_get("first_loan")?,
                amount: amount.map_err(|_| unreadable("a sum of a draw"))?,
                on: row.try_get("drawn_on")?,
                due_on: row.try_get("due_on")?,
                repaid_on: row.try_get("repaid_on")?,
                section: row.try_get("section")?,
                region: row.try_get("region")?,
            },
        }))
    }
}

macro_rules! offers {
    ($rest:literal) => {
        concat!(
            "select * from (select distinct on (id) id, version, title, issuer, delivery, deadline, first_loan, industries, regions,
                 subsidy from articles where tenant_id = $1 and city_id = $1 and kind = 'policy' and ",
            $rest
        )
    };
}

const SHOWN: &str = offers!(
    "status = 'published' and visible_from <= $2 order by id, version desc) newest
     where subsidy is not null order by deadline nulls last, title, id limit 200"
);
const SHOWN_ONE: &str = offers!(
    "status = 'published' and visible_from <= $2 and id = $3 order by id, version desc) newest where subsidy is not null"
);
const VERSION: &str =
    offers!("id = $2 and version = $3 and subsidy is not null order by id, version desc) one");
const EVERY: &str = offers!(
    "subsidy is not null order by id, version desc) newest order by deadline desc nulls first, title, id limit 200"
);

/// Where loans are looked up; the kind of guarantee is that of the product as it was applied for.
macro_rules! tables {
    () => {
        " from disbursements d
          join financing_applications a on a.tenant_id = d.tenant_id and a.id = d.application_id
          join enterprises e on e.tenant_id = a.tenant_id and e.id = a.enterprise_id
          join tenants b on b.id = a.bank_id
          left join product_versions v on v.product_id = a.product_id and v.version = a.product_version
          left join products p on p.id = a.product_id
          where "
    };
}

/// The day on which everything that was drawn had come back; null while something is owed.
macro_rules! repaid_on {
    () => {
        "(case when a.stage in ('disbursed', 'settled') then (select max(r.paid_on) from repayments r
            where r.tenant_id = a.tenant_id and r.application_id = a.id having sum(r.principal_cents) >= a.drawn_cents) end)"
    };
}

macro_rules! loans {
    ($rest:literal) => {
        concat!(
            "select d.id as draw_id, d.number, d.amount_cents, d.rate, d.drawn_on, d.due_on, d.contract_no, d.confirmed_at,
               a.id as application_id, coalesce(a.application_no, '') as application_no, a.enterprise_id, e.name as enterprise_name,
               b.name as bank_name, a.handler_name as branch_name, a.product_name, a.first_loan,
               coalesce(v.terms ->> 'guarantee_type', p.guarantee_type) as guarantee,
               industry_section(coalesce(e.industry_code, '')) as section, coalesce(e.region_code, '') as region, ",
            repaid_on!(),
            " as repaid_on",
            tables!(),
            $rest
        )
    };
}

/// Confirmed loans of a policy, as its rules say: the same as `SubsidyPolicy::faults` of the domain.
fn fitting(query: &mut QueryBuilder<Postgres>, city: Uuid, offer: &SubsidyOffer) {
    let SubsidyPolicy {
        terms,
        first_loan,
        sections,
        regions,
    } = &offer.conditions;
    query
        .push("d.tenant_id = ")
        .push_bind(city)
        .push(" and d.confirmed_at is not null");
    between(query, terms.from, terms.until);
    if !terms.guarantees.is_empty() {
        let codes: Vec<&str> = terms.guarantees.iter().map(|kind| kind.code()).collect();
        query
            .push(" and coalesce(v.terms ->> 'guarantee_type', p.guarantee_type) = any (")
            .push_bind(codes)
            .push(")");
    }
    if *first_loan {
        query.push(" and a.first_loan");
    }
    if terms.kind() == SubsidyKind::Rate {
        query.push(concat!(
            " and d.due_on > d.drawn_on and coalesce(",
            repaid_on!(),
            ", d.due_on) > d.drawn_on"
        ));
    }
    for (months, sign) in [(terms.months_min, " >= "), (terms.months_max, " <= ")] {
        if let Some(months) = months {
            query
                .push(" and d.due_on")
                .push(sign)
                .push("(d.drawn_on + make_interval(months => ")
                .push_bind(i32::from(months))
                .push("))::date");
        }
    }
    if let Some(most) = terms.amount_max {
        query
            .push(" and d.amount_cents <= ")
            .push_bind(most.cents());
    }
    if !sections.is_empty() {
        query
            .push(" and industry_section(coalesce(e.industry_code, '')) = any (")
            .push_bind(sections.clone())
            .push(")");
    }
    if !regions.is_empty() {
        query
            .push(" and exists (select from unnest(")
            .push_bind(regions.clone())
            .push("::text[]) code where starts_with(e.region_code, code))");
    }
}

fn between(query: &mut QueryBuilder<Postgres>, from: Date, until: Date) {
    query
        .push(" and d.drawn_on >= ")
        .push_bind(from)
        .push(" and d.drawn_on <= ")
        .push_bind(until);
}

#[async_trait]
impl Subsidies for PgUnitOfWork {
    async fn subsidy_offers(
        &mut self,
        at: OffsetDateTime,
    ) -> Result<Vec<SubsidyOffer>, StoreError> {
        let rows: Vec<Offer> = sqlx::query_as(SHOWN)
            .bind(self.city.0)
            .bind(at)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn subsidy_offer(
        &mut self,
        policy: Uuid,
        at: OffsetDateTime,
    ) -> Result<Option<SubsidyOffer>, StoreError> {
        let row: Option<Offer> = sqlx::query_as(SHOWN_ONE)
            .bind(self.city.0)
            .bind(at)
            .bind(policy)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn subsidy_version(
        &mut self,
        policy: Uuid,
        version: i32,
    ) -> Result<Option<SubsidyOffer>, StoreError> {
        let row: Option<Offer> = sqlx::query_as(VERSION)
            .bind(self.city.0)
            .bind(policy)
            .bind(version)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn subsidy_policies(&mut self) -> Result<Vec<SubsidyOffer>, StoreError> {
        let rows: Vec<Offer> = sqlx::query_as(EVERY)
            .bind(self.city.0)
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn subsidy_loans(
        &mut self,
        application: FinancingApplicationId,
    ) -> Result<Vec<LoanFacts>, StoreError> {
        let rows: Vec<Loan> = sqlx::query_as(loans!(
            "d.tenant_id = $1 and d.application_id = $2 order by d.number"
        ))
        .bind(self.city.0)
        .bind(application.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn subsidy_loan(&mut self, draw: DrawId) -> Result<Option<LoanFacts>, StoreError> {
        let row: Option<Loan> = sqlx::query_as(loans!("d.tenant_id = $1 and d.id = $2"))
            .bind(self.city.0)
            .bind(draw.0)
            .fetch_optional(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| row.0))
    }

    async fn fitting_loans(
        &mut self,
        offer: &SubsidyOffer,
        ask: &FittingAsk,
    ) -> Result<Vec<LoanFacts>, StoreError> {
        let mut query = QueryBuilder::new(loans!(""));
        fitting(&mut query, self.city.0, offer);
        if let Some(span) = ask.span {
            between(&mut query, span.from, span.to);
        }
        if ask.unclaimed {
            query
                .push(
                    " and not exists (select from subsidy_claims c where c.tenant_id = d.tenant_id and c.draw_id = d.id
                       and c.status <> 'refused' and c.policy_id = ",
                )
                .push_bind(offer.policy)
                .push(")");
        }
        if let Some(after) = ask.after {
            query
                .push(" and (d.drawn_on, d.id) > (")
                .push_bind(after.on)
                .push(", ")
                .push_bind(after.draw.0)
                .push(")");
        }
        query
            .push(" order by d.drawn_on, d.id limit ")
            .push_bind(ask.most);
        let rows: Vec<Loan> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn fitting_months(
        &mut self,
        offer: &SubsidyOffer,
        span: Span,
    ) -> Result<Vec<FittingMonth>, StoreError> {
        let mut query = QueryBuilder::new(concat!(
            "select date_trunc('month', d.drawn_on)::date, count(*), sum(d.amount_cents)::bigint",
            tables!()
        ));
        fitting(&mut query, self.city.0, offer);
        between(&mut query, span.from, span.to);
        query.push(" group by 1 order by 1");
        let rows: Vec<(Date, i64, i64)> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let month = |(month, loans, cents)| FittingMonth {
            month,
            loans,
            cents,
        };
        Ok(rows.into_iter().map(month).collect())
    }
}
