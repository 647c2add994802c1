//! 融资需求总览 of the city on PostgreSQL: keyset pages, one text per shape of a filter.

use application::ports::{
    branch_board::{Cursor, Leaf},
    statistics::Counted,
    store::StoreError,
    supervision::{CityList, CityRow, CityRows, CitySearch},
};
use domain::{
    financing::{OWED, Stage},
    ids::FinancingApplicationId,
};
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    branch_board::like, clock_starts::DUE_SINCE, errors::store_error, statistics::behind,
    store::PgUnitOfWork, supervision::broken,
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    application_no: String,
    enterprise_name: String,
    credit_code: String,
    bank_name: String,
    handler_name: String,
    stage: String,
    frozen: bool,
    submitted_at: OffsetDateTime,
    paused_at: Option<OffsetDateTime>,
    due_at: Option<OffsetDateTime>,
    due_since: Option<OffsetDateTime>,
    notices: i64,
}

impl TryFrom<Row> for CityRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: FinancingApplicationId(row.id),
            number: row.application_no,
            enterprise_name: row.enterprise_name,
            credit_code: row.credit_code,
            bank_name: row.bank_name,
            branch_name: row.handler_name,
            stage: Stage::from_code(&row.stage).ok_or_else(|| broken("an unknown stage"))?,
            frozen: row.frozen,
            submitted_at: row.submitted_at,
            paused_at: row.paused_at,
            due_at: row.due_at,
            due_since: row.due_since,
            notices: row.notices,
        })
    }
}

const COLUMNS: &str = ", a.id, a.application_no, a.enterprise_name, \
     coalesce(e.unified_social_credit_code, '') as credit_code, t.name as bank_name, a.handler_name, a.stage, a.frozen, \
     a.submitted_at, a.paused_at, a.due_at, (select count(*) from supervision_notices n \
       where n.tenant_id = a.tenant_id and n.application_id = a.id) as notices \
     from financing_applications a join tenants t on t.id = a.bank_id \
     left join enterprises e on e.tenant_id = a.tenant_id and e.id = a.enterprise_id";

const OPEN: [Stage; 6] = [
    Stage::Submitted,
    Stage::ReturnedToHq,
    Stage::Accepted,
    Stage::DueDiligence,
    Stage::NeedSupplement,
    Stage::InApproval,
];

/// What waits for a decision; overdue is what the institution owes, whether before the decision or the money after it.
pub(crate) fn codes(list: CityList) -> Vec<&'static str> {
    let stages = match list {
        CityList::Overdue => OWED,
        CityList::Open | CityList::Frozen | CityList::All => OPEN,
    };
    stages.iter().map(|s| s.code()).collect()
}

/// What the list is walked by: the due time, where no clock runs last; of all of them the submission.
const fn key(list: CityList) -> (&'static str, bool) {
    match list {
        CityList::All => ("a.submitted_at", false),
        _ => ("coalesce(a.due_at, 'infinity'::timestamptz)", true),
    }
}

impl PgUnitOfWork {
    fn narrow_city(
        &self,
        query: &mut QueryBuilder<Postgres>,
        list: CityList,
        (search, counted): (Option<&CitySearch>, Option<&Counted>),
        now: OffsetDateTime,
    ) {
        query.push(" where a.tenant_id = ").push_bind(self.city.0);
        if list == CityList::All {
            query.push(" and a.submitted_at is not null");
        } else {
            query.push(" and a.stage = any (").push_bind(codes(list));
            query.push("::text[])");
        }
        match list {
            CityList::Open | CityList::All => {}
            CityList::Overdue => {
                query.push(" and a.due_at < ").push_bind(now);
                query.push(" and not a.frozen");
            }
            CityList::Frozen => {
                query.push(" and a.frozen");
            }
        }
        match search {
            None => {}
            Some(CitySearch::Number(number)) => {
                query
                    .push(" and a.application_no = ")
                    .push_bind(number.clone());
            }
            Some(CitySearch::CreditCode(code)) => {
                query
                    .push(" and a.enterprise_id in (select e.id from enterprises e where e.tenant_id = ")
                    .push_bind(self.city.0)
                    .push(" and e.unified_social_credit_code = ")
                    .push_bind(code.clone())
                    .push(")");
            }
            Some(CitySearch::Enterprise(id)) => {
                query.push(" and a.enterprise_id = ").push_bind(id.0);
            }
            Some(CitySearch::Bank(id)) => {
                query.push(" and a.bank_id = ").push_bind(id.0);
            }
            Some(CitySearch::Branch(id)) => {
                query.push(" and a.handler_tenant_id = ").push_bind(id.0);
            }
            Some(CitySearch::Name(name)) => {
                query
                    .push(" and a.enterprise_name ilike ")
                    .push_bind(like(name));
            }
        }
        if let Some(counted) = counted {
            behind(query, counted);
        }
    }

    pub(crate) async fn city_page(
        &mut self,
        list: CityList,
        wanted: (Option<&CitySearch>, Option<&Counted>),
        now: OffsetDateTime,
        leaf: Leaf,
        most: i64,
    ) -> Result<CityRows, StoreError> {
        let (cursor, backwards) = match leaf {
            Leaf::First => (None, false),
            Leaf::After(cursor) => (Some(cursor), false),
            Leaf::Before(cursor) => (Some(cursor), true),
        };
        let (key, ascending) = key(list);
        let (sign, way) = if ascending == backwards {
            ("<", "desc")
        } else {
            (">", "asc")
        };
        let mut query = QueryBuilder::new("select ");
        query.push(DUE_SINCE).push(COLUMNS);
        self.narrow_city(&mut query, list, wanted, now);
        if let Some(Cursor { at, id }) = cursor {
            query
                .push(format!(" and ({key}, a.id) {sign} (coalesce("))
                .push_bind(at)
                .push("::timestamptz, 'infinity'::timestamptz), ")
                .push_bind(id)
                .push(")");
        }
        query.push(format!(" order by {key} {way}, a.id {way} limit "));
        query.push_bind(most + 1);
        let found: Vec<Row> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > most;
        let mut rows: Vec<CityRow> = found
            .into_iter()
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .map(TryInto::try_into)
            .collect::<Result<_, StoreError>>()?;
        if backwards {
            rows.reverse();
        }
        Ok(CityRows {
            rows,
            before: if backwards { more } else { cursor.is_some() },
            after: backwards || more,
        })
    }
}
