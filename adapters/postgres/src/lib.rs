#![doc = include_str!("../README.md")]

mod audit;
mod door;
mod dossiers;
mod errors;
mod financing_applications;
mod outbox;
pub mod provision;
mod store;
mod view_log;

pub use door::PgDoor;
pub use errors::store_error;
pub use store::{PgStore, PgUnitOfWork, pool};

/// Every migration, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
