#![doc = include_str!("../README.md")]

mod captcha;
mod decode;
mod font;
mod jpeg;
mod pdf;
mod studio;
mod watermark;

pub use captcha::DrawnCaptcha;
pub use studio::Studio;
