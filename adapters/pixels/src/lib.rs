#![doc = include_str!("../README.md")]

mod paper;

pub use image::GrayImage;
pub use paper::{Unreadable, pages, part, pgm, plain, prepared, quarter_turned, smaller};
