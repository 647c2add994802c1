//! Which tables hold something of a city: asked of the catalogue of the database, so that none is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use application::ports::store::StoreError;
use sqlx::PgPool;

use crate::errors::store_error;

/// Without a tenant of their own: erased with the city, and run out by themselves before anybody would take them along.
pub const SWEPT: [&str; 2] = ["bank_api_nonces", "rate_counters"];

/// A table with rows of a city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedTable {
    pub name: String,
    /// Columns of the primary key: the order of its rows.
    pub key: Vec<String>,
    pub columns: Vec<OwnedColumn>,
}

/// A column of such a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedColumn {
    pub name: String,
    /// As PostgreSQL writes it.
    pub kind: String,
    pub required: bool,
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quoted).collect::<Vec<_>>().join(", ")
}

impl OwnedTable {
    fn ordered(&self) -> String {
        list(self.key.iter().map(String::as_str))
    }

    pub(super) fn marked(&self) -> String {
        format!(
            "select count(*), coalesce(md5(string_agg(md5(t::text), '' order by {})), '') from {} t",
            self.ordered(),
            quoted(&self.name)
        )
    }

    pub(super) fn lines(&self, columns: &[&str]) -> String {
        format!(
            "select row_to_json(x)::text from (select {} from {} order by {}) x",
            list(columns.iter().copied()),
            quoted(&self.name),
            self.ordered()
        )
    }
}

/// Deletes some of a table's rows that the wall shows, or all.
pub(super) fn deletion(table: &str, most: Option<i64>) -> String {
    let table = quoted(table);
    match most {
        Some(most) => format!(
            "delete from {table} where ctid = any (array(select ctid from {table} limit {most}))"
        ),
        None => format!("delete from {table}"),
    }
}

/// Every table with a column `tenant_id`, and `tenants` itself as the last one; a table stands before those that it points at, so
/// that rows can be deleted in this order.
pub async fn owned_tables(owner: &PgPool) -> Result<Vec<OwnedTable>, StoreError> {
    let found: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select c.relname::text,
                array(select a.attname::text from pg_index x, unnest(x.indkey::int2[]) with ordinality k (n, o)
                      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.n
                      where x.indrelid = c.oid and x.indisprimary order by k.o)
         from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and (c.relname = 'tenants' or exists (select from pg_attribute a
             where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))",
    )
    .fetch_all(owner)
    .await
    .map_err(store_error)?;
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1, a.attnum",
    )
    .fetch_all(owner)
    .await
    .map_err(store_error)?;
    let references: Vec<(String, String)> = sqlx::query_as(
        "select distinct t.relname::text, r.relname::text from pg_constraint k
         join pg_class t on t.oid = k.conrelid join pg_class r on r.oid = k.confrelid
         where k.contype = 'f' and t.relnamespace = 'public'::regnamespace and t.oid <> r.oid",
    )
    .fetch_all(owner)
    .await
    .map_err(store_error)?;
    let mut tables: BTreeMap<String, OwnedTable> = found
        .into_iter()
        .map(|(name, key)| {
            let columns = Vec::new();
            (name.clone(), OwnedTable { name, key, columns })
        })
        .collect();
    for (table, name, kind, required) in columns {
        if let Some(table) = tables.get_mut(&table) {
            table.columns.push(OwnedColumn {
                name,
                kind,
                required,
            });
        }
    }
    let order = children_first(tables.keys().cloned().collect(), &references);
    Ok(order
        .iter()
        .filter_map(|name| tables.remove(name))
        .collect())
}

/// In the order in which rows can go. `tenants` is the end of it: the wall finds everything else by it.
fn children_first(mut left: BTreeSet<String>, references: &[(String, String)]) -> Vec<String> {
    let city = left.take("tenants");
    let mut order = Vec::new();
    while !left.is_empty() {
        let free = left.iter().find(|name| {
            references
                .iter()
                .all(|(from, to)| to != *name || !left.contains(from))
        });
        // Two tables that point at each other: the database says so when it comes to it, the test before.
        let next = free.or(left.first()).cloned().unwrap_or_default();
        left.remove(&next);
        order.push(next);
    }
    order.extend(city);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_before_those_that_they_point_at_and_the_city_is_the_last() {
        let names = ["tenants", "a_users", "b_letters", "statistics_due"];
        let points = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let references = [
            points("a_users", "tenants"),
            points("b_letters", "a_users"),
            points("b_letters", "tenants"),
        ];
        let order = children_first(names.map(str::to_owned).into(), &references);
        assert_eq!(order, ["b_letters", "a_users", "statistics_due", "tenants"]);
    }

    #[test]
    fn names_are_quoted_and_rows_come_by_their_key() {
        let table = OwnedTable {
            name: "us\"ers".to_owned(),
            key: vec!["tenant_id".to_owned(), "id".to_owned()],
            columns: Vec::new(),
        };
        assert_eq!(
            table.lines(&["id"]),
            "select row_to_json(x)::text from (select \"id\" from \"us\"\"ers\" order by \"tenant_id\", \"id\") x"
        );
    }
}
