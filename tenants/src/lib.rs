#![doc = include_str!("../README.md")]

pub mod access;
pub mod catalog;
pub mod check;
pub mod plug_table;
