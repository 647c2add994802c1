#![doc = include_str!("../README.md")]

mod banner;
mod captcha;
mod decode;
mod document;
mod font;
mod jpeg;
mod paper;
mod pdf;
mod print;
mod reader;
mod sample;
mod studio;
mod watermark;

pub use banner::sample_banner;
pub use captcha::DrawnCaptcha;
pub use document::read_docx;
pub use paper::sample_pdf;
pub use pdf::read_pdf;
pub use print::PdfPrinter;
pub use reader::{DocumentReader, ReadsHere};
pub use sample::sample_card;
pub use studio::Studio;
