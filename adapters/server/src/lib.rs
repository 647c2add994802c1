#![doc = include_str!("../README.md")]

pub mod audit;
pub mod clock;
pub mod config;
pub mod database;
pub mod doctor;
pub mod layers;
pub mod providers;
pub mod seed;
pub mod serve;
pub mod statistics;
pub mod wire;
pub mod workers;
