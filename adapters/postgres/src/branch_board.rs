//! Branch board 支行看板 on PostgreSQL: keyset pages and capped counts, one text per shape of a filter.

use application::ports::{
    branch_board::{
        BoardBranch, BoardFilter, BoardLeaf, BoardOrder, BoardProduct, BoardRow, BoardScope,
        BranchBoard, COUNT_CAP, Cursor, Leaf, Officer,
    },
    store::StoreError,
};
use async_trait::async_trait;
use domain::{
    financing::FinancingApplication,
    ids::{FinancingApplicationId, ProductId, TenantId, UserId},
    product::ProductRange,
    values::{Cents, Rate, Term, TermUnit},
};
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    clock_starts::DUE_SINCE,
    errors::store_error,
    financing_applications::Restored,
    listed::{self, LISTED, Listed, at_stages},
    store::PgUnitOfWork,
};

#[derive(FromRow)]
pub(crate) struct Row {
    #[sqlx(flatten)]
    head: Listed,
    frozen: bool,
    renewal: bool,
    version: i32,
    paused_at: Option<OffsetDateTime>,
    due_at: Option<OffsetDateTime>,
    due_since: Option<OffsetDateTime>,
}

fn broken(what: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Broken(Box::new(what))
}

impl TryFrom<Row> for BoardRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let head = row.head;
        let unit = TermUnit::parse(&head.term_unit).map_err(broken)?;
        Ok(Self {
            id: head.id(),
            number: head.number(),
            amount: Cents::new(head.amount_cents).map_err(broken)?,
            rate: Rate::new(head.rate).map_err(broken)?,
            term: Term::new(u16::try_from(head.term).map_err(broken)?, unit).map_err(broken)?,
            stage: head.stage()?,
            ever_accepted: head.ever_accepted,
            enterprise_name: head.enterprise_name,
            product_name: head.product_name,
            frozen: row.frozen,
            renewal: row.renewal,
            version: row.version,
            holder_name: head.holder_name,
            handler_name: head.handler_name,
            submitted_at: head.submitted_at,
            accepted_at: head.accepted_at,
            decided_at: head.decided_at,
            paused_at: row.paused_at,
            due_at: row.due_at,
            due_since: row.due_since,
        })
    }
}

/// `%` and `_` are letters here, not wildcards.
pub(crate) fn like(keyword: &str) -> String {
    let mut pattern = String::with_capacity(keyword.len() + 2);
    pattern.push('%');
    for sign in keyword.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

/// Leaves a page of what was read with one row more, and tells whether that one was there.
pub(crate) fn cut(rows: &mut Vec<BoardRow>, most: i64) -> bool {
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > most;
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    more
}

/// What of a list by due time a statement reads: rows whose clock runs come before those without one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Clocked,
    Clockless,
}

impl PgUnitOfWork {
    fn narrow(&self, query: &mut QueryBuilder<Postgres>, filter: &BoardFilter) {
        query
            .push(" where tenant_id = ")
            .push_bind(self.city.0)
            .push(match filter.scope {
                BoardScope::Branch => " and handler_tenant_id = ",
                BoardScope::Institution => " and bank_id = ",
            })
            .push_bind(self.tenant.0)
            .push(" and submitted_at is not null");
        if let Some(branch) = filter.branch {
            query.push(" and handler_tenant_id = ").push_bind(branch.0);
        }
        at_stages(query, &filter.stages);
        if filter.not_declined {
            query.push(" and not (stage = 'rejected' and reason_codes = '{enterprise_declined}')");
        }
        if let Some(keyword) = &filter.keyword {
            query
                .push(" and (enterprise_name ilike ")
                .push_bind(like(keyword))
                .push(" or application_no = ")
                .push_bind(keyword.to_ascii_uppercase())
                .push(")");
        }
        if let Some(product) = filter.product {
            query.push(" and product_id = ").push_bind(product.0);
        }
        if let Some((from, until)) = filter.due {
            if let Some(from) = from {
                query.push(" and due_at >= ").push_bind(from);
            }
            // While it is frozen no clock runs (row 31).
            query.push(" and not frozen and due_at < ").push_bind(until);
        }
        if let Some(since) = filter.decided_since {
            query.push(" and decided_at >= ").push_bind(since);
        }
        if let Some(since) = filter.accepted_since {
            query.push(" and accepted_at >= ").push_bind(since);
        }
        if let Some(from) = filter.submitted_from {
            query.push(" and submitted_at >= ").push_bind(from);
        }
        if let Some(until) = filter.submitted_until {
            query.push(" and submitted_at < ").push_bind(until);
        }
        if let Some(holder) = filter.holder {
            query.push(" and holder_user_id = ").push_bind(holder.0);
        }
        if filter.renewals {
            query.push(" and renews_id is not null");
        }
    }

    /// Rows of one part of a list.
    async fn part(
        &mut self,
        filter: &BoardFilter,
        order: BoardOrder,
        part: Part,
        beside: Option<Cursor>,
        backwards: bool,
        most: i64,
    ) -> Result<Vec<BoardRow>, StoreError> {
        let mut query = QueryBuilder::new("select ");
        query
            .push(LISTED)
            .push(", a.frozen, a.renews_id is not null as renewal, a.version, a.paused_at, a.due_at, ")
            .push(DUE_SINCE)
            .push(" from financing_applications a");
        self.narrow(&mut query, filter);
        let (key, ascending) = match order {
            BoardOrder::Due => ("due_at", true),
            BoardOrder::Newest => ("submitted_at", false),
        };
        match part {
            Part::Whole => {}
            Part::Clocked => {
                query.push(" and due_at is not null");
            }
            Part::Clockless => {
                query.push(" and due_at is null");
            }
        }
        let (sign, way) = if ascending == backwards {
            ("<", "desc")
        } else {
            (">", "asc")
        };
        match beside {
            Some(Cursor { at: Some(at), id }) => {
                listed::beside(&mut query, &format!("{key}, id"), sign, at, id);
            }
            Some(Cursor { at: None, id }) => {
                query.push(format!(" and id {sign} ")).push_bind(id);
            }
            None => {}
        }
        query.push(format!(" order by {key} {way}, id {way} limit "));
        query.push_bind(most);
        let rows: Vec<Row> = query
            .build_query_as()
            .fetch_all(&mut *self.tx)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Rows in walking order from the cursor on. By due time, those without a clock come last, so a page may need both parts.
    async fn walk(
        &mut self,
        filter: &BoardFilter,
        order: BoardOrder,
        cursor: Option<Cursor>,
        backwards: bool,
        most: i64,
    ) -> Result<Vec<BoardRow>, StoreError> {
        // In ascending order nulls come last by themselves, so a first page needs no parts.
        if order == BoardOrder::Newest || (cursor.is_none() && !backwards) {
            return self
                .part(filter, order, Part::Whole, cursor, backwards, most)
                .await;
        }
        let parts = if backwards {
            [Part::Clockless, Part::Clocked]
        } else {
            [Part::Clocked, Part::Clockless]
        };
        let start = cursor.map_or(parts[0], |c| match c.at {
            Some(_) => Part::Clocked,
            None => Part::Clockless,
        });
        let mut beside = cursor;
        let mut rows = Vec::new();
        for part in parts.into_iter().skip_while(|part| *part != start) {
            let left = most - i64::try_from(rows.len()).unwrap_or(most);
            if left > 0 {
                let beside = beside.take();
                rows.extend(
                    self.part(filter, order, part, beside, backwards, left)
                        .await?,
                );
            }
        }
        Ok(rows)
    }
}

#[async_trait]
impl BranchBoard for PgUnitOfWork {
    async fn rows(
        &mut self,
        filter: &BoardFilter,
        order: BoardOrder,
        leaf: Leaf,
        most: i64,
    ) -> Result<BoardLeaf, StoreError> {
        let (cursor, backwards) = match leaf {
            Leaf::First => (None, false),
            Leaf::After(cursor) => (Some(cursor), false),
            Leaf::Before(cursor) => (Some(cursor), true),
        };
        let mut rows = self
            .walk(filter, order, cursor, backwards, most + 1)
            .await?;
        let more = cut(&mut rows, most);
        if backwards {
            rows.reverse();
        }
        Ok(BoardLeaf {
            rows,
            before: if backwards { more } else { cursor.is_some() },
            after: backwards || more,
        })
    }

    async fn count(&mut self, filter: &BoardFilter) -> Result<i64, StoreError> {
        let mut query =
            QueryBuilder::new("select count(*) from (select from financing_applications a");
        self.narrow(&mut query, filter);
        query.push(" limit ").push_bind(COUNT_CAP + 1).push(") few");
        query
            .build_query_scalar()
            .fetch_one(&mut *self.tx)
            .await
            .map_err(store_error)
    }

    async fn find(
        &mut self,
        id: FinancingApplicationId,
    ) -> Result<Option<FinancingApplication>, StoreError> {
        let found: Option<Restored> = sqlx::query_as(
            "select * from financing_applications
             where tenant_id = $1 and id = $2 and submitted_at is not null
               and handler_tenant_id = any ((select current_reach())::uuid[])",
        )
        .bind(self.city.0)
        .bind(id.0)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(found.map(|r| r.0))
    }

    async fn products(&mut self) -> Result<Vec<BoardProduct>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select p.id, p.name from products p
             where p.city_id = $1 and (p.tenant_id = $2 or exists (
               select from product_branches b where b.product_id = p.id and b.branch_id = $2))
             order by p.name limit 200",
        )
        .bind(self.city.0)
        .bind(self.tenant.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| BoardProduct {
                id: ProductId(id),
                name,
            })
            .collect())
    }

    async fn branches(&mut self) -> Result<Vec<BoardBranch>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select t.id, t.name from branches b join tenants t on t.id = b.tenant_id
             where b.city_id = $1 and b.tenant_id = any ((select current_reach())::uuid[])
             order by t.name limit 200",
        )
        .bind(self.city.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| BoardBranch {
                id: TenantId(id),
                name,
            })
            .collect())
    }

    async fn officers(&mut self) -> Result<Vec<Officer>, StoreError> {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(
            "select id, name from users
             where tenant_id = $1 and status = 'active' and roles && array['bm', 'bh'] order by name, id limit 200",
        )
        .bind(self.tenant.0)
        .fetch_all(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let officer = |(id, name)| Officer {
            id: UserId(id),
            name,
        };
        Ok(rows.into_iter().map(officer).collect())
    }

    async fn range(
        &mut self,
        product: ProductId,
        version: i32,
    ) -> Result<Option<ProductRange>, StoreError> {
        type Terms = (i64, i64, i32, i32, i32, i32, String);
        let terms: Option<Terms> = sqlx::query_as(
            "select (terms->>'amount_min_cents')::bigint, (terms->>'amount_max_cents')::bigint,
                    (terms->>'rate_min')::int, (terms->>'rate_max')::int,
                    (terms->>'term_min')::int, (terms->>'term_max')::int, terms->>'term_unit'
             from product_versions
             where city_id = $1 and product_id = $2 and version = $3 and terms ? 'amount_min_cents'
             union all
             select amount_min_cents, amount_max_cents, rate_min, rate_max, term_min, term_max, term_unit
             from products where city_id = $1 and id = $2
             limit 1",
        )
        .bind(self.city.0)
        .bind(product.0)
        .bind(version)
        .fetch_optional(&mut *self.tx)
        .await
        .map_err(store_error)?;
        let Some((least, most, rate_min, rate_max, term_min, term_max, unit)) = terms else {
            return Ok(None);
        };
        Ok(Some(ProductRange {
            amount_min: Cents::new(least).map_err(broken)?,
            amount_max: Cents::new(most).map_err(broken)?,
            rate_min: Rate::new(rate_min).map_err(broken)?,
            rate_max: Rate::new(rate_max).map_err(broken)?,
            term_min: u16::try_from(term_min).map_err(broken)?,
            term_max: u16::try_from(term_max).map_err(broken)?,
            term_unit: TermUnit::parse(&unit).map_err(broken)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn wildcards_in_a_keyword_are_letters() {
        assert_eq!(like("50%_\\"), "%50\\%\\_\\\\%");
    }
}
