//! Branch queue 待接单: its first page and total by one statement, on a connection in no transaction.

use application::{
    access::{Hat, Permit},
    ports::{
        branch_board::{BoardLeaf, BoardRow, BranchQueue, COUNT_CAP},
        store::StoreError,
    },
};
use async_trait::async_trait;
use sqlx::FromRow;

use crate::{
    branch_board::{Row, cut},
    errors::store_error,
    store::{PgStore, reach},
    transaction,
};

/// A row of `branch_queue_front`: of the list, with the total beside it.
#[derive(FromRow)]
struct FrontRow {
    #[sqlx(flatten)]
    row: Row,
    total: i64,
}

#[async_trait]
impl BranchQueue for PgStore {
    async fn front(&self, permit: &Permit, most: i64) -> Result<(BoardLeaf, i64), StoreError> {
        // The function puts on no other hat.
        if permit.hat() != Hat::Staff {
            return Err(StoreError::Broken("only staff have a queue".into()));
        }
        let (branch, city, reach) = (permit.tenant().0, permit.city().0, reach(permit));
        let person = permit.person().map_or_else(String::new, |p| p.to_string());
        let read: Vec<FrontRow> = transaction::rows(&self.pool, || {
            sqlx::query_as("select * from branch_queue_front($1, $2, $3, $4, $5, $6)")
                .bind(branch)
                .bind(city)
                .bind(reach.clone())
                .bind(person.clone())
                .bind(most + 1)
                .bind(COUNT_CAP + 1)
        })
        .await
        .map_err(store_error)?;
        let total = read.first().map_or(0, |front| front.total);
        let mut rows = read
            .into_iter()
            .map(|front| front.row.try_into())
            .collect::<Result<Vec<BoardRow>, StoreError>>()?;
        let after = cut(&mut rows, most);
        let leaf = BoardLeaf {
            rows,
            before: false,
            after,
        };
        Ok((leaf, total))
    }
}
