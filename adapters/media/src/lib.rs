#![doc = include_str!("../README.md")]

mod captcha;
mod decode;
mod font;
mod jpeg;
mod pdf;
mod sample;
mod studio;
mod watermark;

pub use captcha::DrawnCaptcha;
pub use sample::sample_card;
pub use studio::Studio;
