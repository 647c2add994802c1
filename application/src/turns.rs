//! Turns 轮次: a round over many things, each on its own. What one of them suffers is told once all had theirs.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
};

use crate::error::{UseError, UseResult};

/// One thing's turn, still to be taken.
pub(crate) type Turn<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// A turn of which nothing is known but that it was cut short.
#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
pub(crate) struct Panicked(String);

impl Panicked {
    fn of(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Self(text.unwrap_or("without a word").to_owned())
    }
}

/// What a turn comes to; one that panics is a fault of ours in that turn, and no reason to leave out what stands behind it. What it
/// worked with is thrown away: a unit of work rolls back.
pub(crate) async fn caught<T>(mut turn: Turn<'_, T>) -> Result<T, Panicked> {
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| turn.as_mut().poll(cx)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(came)) => Poll::Ready(Ok(came)),
            Err(panic) => Poll::Ready(Err(Panicked::of(&*panic))),
        }
    })
    .await
}

/// What was done, and the first failure.
#[derive(Default)]
pub(crate) struct Turns {
    done: u64,
    failed: Option<UseError>,
}

impl Turns {
    /// How a turn ended; `what` is how the log names it when it failed.
    pub(crate) fn take(&mut self, what: &str, came: UseResult<u64>) {
        match came {
            Ok(done) => self.done += done,
            Err(error) => self.failed(what, error),
        }
    }

    pub(crate) fn failed(&mut self, what: &str, error: UseError) {
        let cause = error.chain();
        tracing::error!(what, code = error.code, cause, "one of a round failed");
        self.failed.get_or_insert(error);
    }

    /// The first failure, or how much was done.
    pub(crate) fn end(self) -> UseResult<u64> {
        self.failed.map_or(Ok(self.done), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_at_the_end_and_what_comes_after_it_is_done() {
        let mut turns = Turns::default();
        turns.take("first", Ok(2));
        assert_eq!(turns.done, 2);
        turns.take("second", Err(UseError::conflict("planted")));
        turns.take("third", Ok(3));
        assert_eq!(turns.done, 5);
        assert_eq!(turns.end().map_err(|error| error.code), Err("planted"));
        assert_eq!(Turns::default().end().map_err(|error| error.code), Ok(0));
    }

    #[tokio::test]
    async fn a_turn_that_panics_ends_with_what_it_said() {
        let calm = caught(Box::pin(async { 1 })).await;
        assert!(matches!(calm, Ok(1)));
        let broken = caught(Box::pin(async {
            tokio::task::yield_now().await;
            assert!(calm.is_err(), "planted");
        }));
        let said = broken.await.expect_err("it panics").to_string();
        assert_eq!(said, "panicked: planted");
    }
}
