#![doc = include_str!("../README.md")]

pub mod account;
pub mod agreements_read;
pub mod assets;
pub mod branch;
pub mod doors;
pub mod errors;
pub mod files;
pub mod flood;
pub mod forms;
pub mod identity;
pub mod kit;
pub mod nav;
pub mod parts;
pub mod portal;
pub mod posted;
pub mod profile;
pub mod shell;
pub mod spawned;
pub mod templates;
pub mod theme;
pub mod visit;
pub mod words;

pub use spawned::spawned;
