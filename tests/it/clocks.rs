//! Clocks that run out, reminders before they do, and the calendar that they count on.

mod breaches;
mod declared;
pub mod letter_files;
mod letter_scans;
mod letters;
mod limits;
mod loans;
mod over;
mod reminding;
mod rings;
mod running_out;
pub mod scene;
mod suspended;
mod truth;
