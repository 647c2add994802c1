#![doc = include_str!("../README.md")]

pub mod dates;
pub mod embedded;
pub mod money;
pub mod numbers;
pub mod texts;
