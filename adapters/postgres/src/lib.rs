#![doc = include_str!("../README.md")]

mod accounts;
mod audit;
mod codes;
mod demo_inbox;
mod catalogue;
pub mod content;
mod door;
mod dossiers;
mod errors;
mod financing_applications;
mod idempotency;
mod limits;
mod outbox;
mod own_account;
pub mod provision;
mod store;
mod view_log;

pub use catalogue::watch_catalogue;
pub use door::PgDoor;
pub use errors::store_error;
pub use store::{PgStore, PgUnitOfWork, pool};

/// Every migration, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
