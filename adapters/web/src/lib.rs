#![doc = include_str!("../README.md")]

pub mod assets;
pub mod forms;
pub mod parts;
pub mod templates;
pub mod theme;
