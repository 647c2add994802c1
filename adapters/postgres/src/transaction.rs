//! Begins transactions 事务 so that a connection always comes back clean (S-07).

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use sqlx::{
    AssertSqlSafe, FromRow, PgPool, Postgres, SqlSafeStr as _, Transaction,
    postgres::{PgArguments, PgRow},
    query::QueryAs,
};
use tokio::runtime::Handle;

type Begun = Result<Transaction<'static, Postgres>, sqlx::Error>;

/// Begins a transaction with a text that begins with `begin`. A dropped transaction's rollback goes out together with the test that
/// the pool makes of every connection that comes back: reading costs no round trip for its end.
///
/// The text is sent as it stands: it holds nothing that anybody typed.
pub(crate) async fn begin(pool: &PgPool, opening: impl Into<String>) -> Begun {
    let opening = opening.into();
    let mut left = pool.size();
    loop {
        // `Pool::begin_with` in two steps: whoever goes away while still waiting for a connection needs none.
        let connection = pool.acquire().await?;
        let text = AssertSqlSafe(opening.clone()).into_sql_str();
        match ToItsEnd(Some(Transaction::begin(connection, Some(text)))).await {
            // It came back well a moment ago, so it was handed out untested. Nothing has begun on it: the next one is asked.
            Err(error) if left > 0 && has_died(&error) => left -= 1,
            begun => return begun,
        }
    }
}

/// The rows of one statement that reads, in no transaction but its own; it is asked again where the connection had died before.
pub(crate) async fn rows<T>(
    pool: &PgPool,
    statement: impl Fn() -> QueryAs<'static, Postgres, T, PgArguments>,
) -> Result<Vec<T>, sqlx::Error>
where
    T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let mut left = pool.size();
    loop {
        let mut connection = pool.acquire().await?;
        match statement().fetch_all(&mut *connection).await {
            Err(error) if left > 0 && has_died(&error) => left -= 1,
            found => return found,
        }
    }
}

/// The server, or whoever may, has put an end to the connection.
fn has_died(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(told) => matches!(told.code().as_deref(), Some("57P01" | "57P02")),
        _ => false,
    }
}

/// Whoever goes away before the answer leaves a connection in a transaction that the driver does not know of: the next borrower's
/// write would be answered and then lost. So what was begun is waited for by somebody else, and rolled back then.
struct ToItsEnd(Option<Pin<Box<dyn Future<Output = Begun> + Send>>>);

impl Future for ToItsEnd {
    type Output = Begun;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Begun> {
        let begun = self.0.as_mut().expect("polled after its end");
        let begun = ready!(begun.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(begun)
    }
}

impl Drop for ToItsEnd {
    fn drop(&mut self) {
        if let Some(begun) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move { drop(begun.await) });
        }
    }
}
