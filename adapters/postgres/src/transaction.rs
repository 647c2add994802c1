//! Begins transactions 事务 so that a connection always comes back clean (S-07).

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use sqlx::{AssertSqlSafe, PgPool, Postgres, SqlSafeStr as _, Transaction};
use tokio::runtime::Handle;

type Begun = Result<Transaction<'static, Postgres>, sqlx::Error>;

/// Begins a transaction with a text that begins with `begin`. A dropped transaction's rollback goes out together with the test that
/// the pool makes of every connection that comes back: reading costs no round trip for its end.
///
/// The text is sent as it stands: it holds nothing that anybody typed.
pub(crate) async fn begin(pool: &PgPool, opening: impl Into<String>) -> Begun {
    let opening = AssertSqlSafe(opening.into()).into_sql_str();
    // `Pool::begin_with` in two steps: whoever goes away while still waiting for a connection needs none.
    let connection = pool.acquire().await?;
    ToItsEnd(Some(Transaction::begin(connection, Some(opening)))).await
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
