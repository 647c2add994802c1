//! Application board 融资需求管理 on PostgreSQL: one text per filter shape.

use application::ports::{
    application_board::{ApplicationBoard, BoardFilter, BoardPage, COUNT_CAP, PER_PAGE},
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::{FinancingApplication, Stage, columns},
    ids::FinancingApplicationId,
};
use sqlx::{Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{errors::store_error, financing_applications::Restored, store::PgUnitOfWork};

/// Codes of the stages that show what the filter asks for, for rows that were or were not ever accepted.
fn stages(filter: &BoardFilter, ever_accepted: bool) -> Vec<&'static str> {
    Stage::ALL
        .iter()
        .filter(|stage| {
            columns(**stage, ever_accepted).is_some_and(|(intake, review)| {
                filter.intake.is_none_or(|wanted| wanted == intake)
                    && filter.review.is_none_or(|wanted| wanted == review)
                    && (!filter.open_only || stage.is_open())
            })
        })
        .map(|stage| stage.code())
        .collect()
}

/// Escapes what `like` would read as a pattern.
fn like(text: &str) -> String {
    format!(
        "%{}%",
        text.replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_")
    )
}

impl PgUnitOfWork {
    fn filtered(&self, head: &'static str, filter: &BoardFilter) -> QueryBuilder<Postgres> {
        let mut sql = QueryBuilder::new(head);
        sql.push(" from financing_applications where tenant_id = ")
            .push_bind(self.city.0)
            .push(
                " and enterprise_id = (select current_enterprise()) and submitted_at is not null",
            );
        if filter.intake.is_some() || filter.review.is_some() || filter.open_only {
            sql.push(" and ((ever_accepted and stage = any(")
                .push_bind(stages(filter, true))
                .push(")) or (not ever_accepted and stage = any(")
                .push_bind(stages(filter, false))
                .push(")))");
        }
        if !filter.keyword.is_empty() {
            let pattern = like(&filter.keyword);
            sql.push(" and (application_no ilike ")
                .push_bind(pattern.clone())
                .push(" or product_name ilike ")
                .push_bind(pattern.clone())
                .push(" or handler_name ilike ")
                .push_bind(pattern)
                .push(")");
        }
        if let Some(from) = filter.from {
            sql.push(" and submitted_at >= ").push_bind(from);
        }
        if let Some(until) = filter.until {
            sql.push(" and submitted_at < ").push_bind(until);
        }
        sql
    }
}

#[async_trait]
impl ApplicationBoard for PgUnitOfWork {
    async fn page(&mut self, filter: &BoardFilter, page: u64) -> Result<BoardPage, StoreError> {
        let mut count = self.filtered("select count(*) from (select 1", filter);
        count
            .push(" limit ")
            .push_bind(i64::try_from(COUNT_CAP).unwrap_or(i64::MAX))
            .push(") capped");
        let total: i64 = count
            .build_query_scalar()
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)?;
        let total = total.unsigned_abs();
        let page = page.clamp(1, total.div_ceil(PER_PAGE).max(1));
        let mut list = self.filtered("select *", filter);
        list.push(" order by submitted_at desc, id desc limit ")
            .push_bind(i64::try_from(PER_PAGE).unwrap_or(10))
            .push(" offset ")
            .push_bind(i64::try_from((page - 1) * PER_PAGE).unwrap_or(0));
        let rows: Vec<Restored> = list
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(BoardPage {
            rows: rows.into_iter().map(|r| r.0).collect(),
            total,
            page,
        })
    }

    async fn after(
        &mut self,
        filter: &BoardFilter,
        after: Option<(OffsetDateTime, Uuid)>,
        most: i64,
    ) -> Result<Vec<FinancingApplication>, StoreError> {
        let mut list = self.filtered("select *", filter);
        if let Some((at, id)) = after {
            list.push(" and (submitted_at, id) < (")
                .push_bind(at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        list.push(" order by submitted_at desc, id desc limit ")
            .push_bind(most);
        let rows: Vec<Restored> = list
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn to_confirm(&mut self, most: i64) -> Result<Vec<FinancingApplication>, StoreError> {
        let rows: Vec<Restored> = sqlx::query_as(
            "select a.* from financing_applications a
             where a.tenant_id = $1 and a.enterprise_id = (select current_enterprise()) and a.stage in ('disbursing', 'disbursed')
               and exists (select from disbursements d where d.tenant_id = a.tenant_id and d.application_id = a.id
                 and d.confirmed_at is null and (d.disputed_at is null or d.settled_at is not null))
             order by a.submitted_at desc, a.id desc limit $2",
        )
        .bind(self.city.0)
        .bind(most)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    async fn one(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError> {
        let found: Option<Restored> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and id = $2 and enterprise_id = (select current_enterprise())",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|r| r.0))
    }
}
