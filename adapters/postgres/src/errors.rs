//! What sqlx says, in the words of the ports.

use application::ports::store::StoreError;

/// A row that the domain cannot read: what it says, in words.
pub(crate) fn unreadable(what: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(what.into())
}

/// The same, in the words of whoever refused it.
pub(crate) fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// Maps a database error: constraint names become `Conflict`, lost connections `Unavailable`.
pub fn store_error(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(db) => {
            if let Some(constraint) = db.constraint() {
                return StoreError::Conflict(constraint.to_owned());
            }
            match db.code().as_deref() {
                // serialization, deadlock, lock timeout: the other one won
                Some("40001" | "40P01" | "55P03") => StoreError::Stale,
                // shutting down, too many connections, cancelled by statement_timeout
                Some("57P01" | "57P02" | "57P03" | "53300" | "57014" | "53100") => {
                    StoreError::Unavailable(Box::new(error))
                }
                _ => StoreError::Broken(Box::new(error)),
            }
        }
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => StoreError::Unavailable(Box::new(error)),
        _ => StoreError::Broken(Box::new(error)),
    }
}
