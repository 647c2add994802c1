#![doc = include_str!("../README.md")]

pub mod aliyun;
pub mod cloud;
pub mod dates;
pub mod embedded;
pub mod money;
pub mod numbers;
pub mod tencent;
pub mod texts;
#[cfg(test)]
mod trials;
pub mod wechat;
