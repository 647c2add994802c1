//! Turns 轮次: a round over many things, each on its own. What one of them suffers is told once all had theirs.

use crate::error::{UseError, UseResult};

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
}
