#![doc = include_str!("../README.md")]

pub mod aliyun;
pub mod demo;
mod provider;
pub mod tencent;
#[cfg(test)]
mod trials;
pub mod wechat;
