//! What every list of applications reads, on the screen and in a file: the columns, and what they say of the stage.

use application::ports::store::StoreError;
use domain::{financing::Stage, ids::FinancingApplicationId};
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

/// Of an application `a`, as [`Listed`] reads it.
pub(crate) const LISTED: &str = "a.id, a.application_no, a.enterprise_name, a.product_name, a.amount_cents, a.rate, a.term, \
     a.term_unit, a.stage, a.ever_accepted, a.handler_name, a.holder_name, a.submitted_at, a.accepted_at, a.decided_at";

/// The columns of [`LISTED`].
#[derive(FromRow)]
pub(crate) struct Listed {
    id: Uuid,
    application_no: Option<String>,
    pub enterprise_name: String,
    pub product_name: String,
    pub amount_cents: i64,
    pub rate: i32,
    pub term: i32,
    pub term_unit: String,
    stage: String,
    pub ever_accepted: bool,
    pub handler_name: String,
    pub holder_name: String,
    pub submitted_at: OffsetDateTime,
    pub accepted_at: Option<OffsetDateTime>,
    pub decided_at: Option<OffsetDateTime>,
}

impl Listed {
    pub fn id(&self) -> FinancingApplicationId {
        FinancingApplicationId(self.id)
    }

    pub fn number(&self) -> String {
        self.application_no.clone().unwrap_or_default()
    }

    pub fn stage(&self) -> Result<Stage, StoreError> {
        Stage::from_code(&self.stage).ok_or_else(|| StoreError::Broken("an unknown stage".into()))
    }
}

/// Narrows to rows behind (`<`) or before (`>`) one of the list, by its two columns in order.
pub(crate) fn beside(
    query: &mut QueryBuilder<Postgres>,
    columns: &str,
    sign: &str,
    at: OffsetDateTime,
    id: Uuid,
) {
    query
        .push(format!(" and ({columns}) {sign} ("))
        .push_bind(at)
        .push(", ")
        .push_bind(id)
        .push(")");
}

/// Narrows to these stages of an application; none: all of them.
pub(crate) fn at_stages(query: &mut QueryBuilder<Postgres>, stages: &[Stage]) {
    match stages {
        [] => {}
        // One stage is an equality that the queue's index can walk in order of due time.
        [one] => {
            query.push(" and a.stage = ").push_bind(one.code());
        }
        many => {
            let codes: Vec<&'static str> = many.iter().map(|s| s.code()).collect();
            query
                .push(" and a.stage = any (")
                .push_bind(codes)
                .push("::text[])");
        }
    }
}
