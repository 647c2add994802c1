//! Ports: what the use cases need from the outside, one per file, each belonging to its caller.

pub mod accounts;
pub mod audit;
pub mod captcha;
pub mod catalogue;
pub mod clock;
pub mod codes;
pub mod demo_inbox;
pub mod dossiers;
pub mod files;
pub mod financing_applications;
pub mod hashing;
pub mod idempotency;
pub mod limits;
pub mod outbox;
pub mod own_account;
pub mod pictures;
pub mod plugs;
pub mod reference;
pub mod sealing;
pub mod sessions;
pub mod sms;
pub mod store;
pub mod tokens;
pub mod view_log;
