#![doc = include_str!("../README.md")]

mod browser;
mod clock;
mod world;

pub use browser::{Answer, Browser};
pub use clock::StoppedClock;
pub use world::{OTHER_HOST, World};
