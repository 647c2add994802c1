//! Supervision 督办 by the city: what it sees of the clocks, without ever moving an application.

pub mod calendar;
