//! The interface of the mini-program: every answer of these journeys is held against the document.

mod afterwards;
mod apply;
mod contract;
mod fuzz;
mod held;
mod letters;
mod loan;
mod owed;
mod phone;
mod reading;
mod reads;
mod records;
mod size;
mod tokens;
mod uploads;

pub(crate) use phone::{Phone, Told};
