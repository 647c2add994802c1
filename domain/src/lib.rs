#![doc = include_str!("../README.md")]

pub mod calendar;
pub mod size_class;
pub mod values;
