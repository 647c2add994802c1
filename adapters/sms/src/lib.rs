#![doc = include_str!("../README.md")]

pub mod aliyun;
pub mod chain;
pub mod demo;
mod examine;
pub mod huawei;
pub mod provider;
mod receive;
pub mod templates;
pub mod tencent;
#[cfg(test)]
mod tests;
pub mod texts;
