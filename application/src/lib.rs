#![doc = include_str!("../README.md")]

pub mod access;
pub mod account;
pub mod appeal;
pub mod approval;
pub mod audit;
pub mod catalogue;
pub mod city;
pub mod codes;
pub mod consents;
mod decided;
pub mod desk;
pub mod diligence;
pub mod dispatch;
pub mod dossier;
pub mod error;
pub mod files;
pub mod financing;
pub mod headquarters;
pub mod identity;
pub mod intake;
pub mod lending;
pub mod messages;
pub mod once;
pub mod outbox;
pub mod people;
pub mod ports;
pub mod products;
pub mod profile;
pub mod retention;
pub mod review;
pub mod sessions;
pub mod settings;
pub mod supervision;
pub mod timers;

pub use access::{Action, Actor, Guard, Permit, Room};
pub use error::{FieldError, Kind, UseError, UseResult};
