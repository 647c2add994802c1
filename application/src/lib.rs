#![doc = include_str!("../README.md")]

pub mod access;
pub mod catalogue;
pub mod city;
pub mod error;
pub mod ports;
pub mod sessions;

pub use access::{Action, Actor, Guard, Permit, Room};
pub use error::{FieldError, Kind, UseError, UseResult};
