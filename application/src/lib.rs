#![doc = include_str!("../README.md")]

pub mod access;
pub mod audit;
pub mod catalogue;
pub mod city;
pub mod desk;
pub mod dossier;
pub mod error;
pub mod intake;
pub mod once;
pub mod ports;
pub mod review;
pub mod sessions;

pub use access::{Action, Actor, Guard, Permit, Room};
pub use error::{FieldError, Kind, UseError, UseResult};
