#![doc = include_str!("../README.md")]

mod accounts;
mod admitted_codes;
mod appeals;
mod application_board;
mod application_json;
mod approvals;
mod audit;
mod audit_links;
mod branch_board;
mod catalogue;
mod codes;
mod consents;
pub mod content;
mod demo_inbox;
mod diligence;
mod dispatch_board;
mod dispatch_rules;
mod door;
mod dossiers;
mod drafts;
mod enterprise_files;
mod enterprises;
mod errors;
mod face_checks;
mod financing_applications;
mod handovers;
mod idempotency;
mod institution_board;
mod lending;
mod letters;
mod limits;
mod messages;
mod moves;
mod outbox;
mod own_account;
mod people;
mod product_offers;
mod product_shelf;
pub mod provision;
mod reconsiderations;
mod reminders;
mod second_factors;
mod settings_changes;
mod staff_links;
mod store;
mod submissions;
mod supervision;
mod tree;
mod view_log;

pub use catalogue::watch_catalogue;
pub use door::PgDoor;
pub use errors::store_error;
pub use store::{PgStore, PgUnitOfWork, pool};

/// Every migration, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
