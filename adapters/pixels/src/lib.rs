#![doc = include_str!("../README.md")]

mod paper;
mod smaller;

pub use image::GrayImage;
pub use paper::{pages, part, pgm, plain, prepared, quarter_turned};
pub use smaller::smaller;

/// No picture, or none in which a document could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no picture in which a document could be read")]
pub struct Unreadable;
