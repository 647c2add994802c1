//! Ports: what the use cases need from the outside, one per file, each belonging to its caller.

pub mod captcha;
pub mod files;
pub mod hashing;
pub mod pictures;
pub mod sealing;
pub mod tokens;
