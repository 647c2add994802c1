//! Ports: what the use cases need from the outside, one per file, each belonging to its caller.

pub mod audit;
pub mod captcha;
pub mod clock;
pub mod dossiers;
pub mod files;
pub mod financing_applications;
pub mod hashing;
pub mod outbox;
pub mod pictures;
pub mod reference;
pub mod sealing;
pub mod sessions;
pub mod store;
pub mod tokens;
pub mod view_log;
