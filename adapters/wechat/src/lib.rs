#![doc = include_str!("../README.md")]

mod account;
mod call;
mod codes;
pub mod demo;
mod errcode;
mod lend;
mod login;
mod messages;
pub mod none;
mod phone;
mod safety;
mod settings;
mod token;

use std::sync::Arc;

use application::ports::wechat::MiniProgram;

pub use account::WechatAccount;
pub use call::{Platform, TOKEN as TOKEN_LINE};
pub use settings::Settings;
pub use token::Shelf;

pub const KIND: &str = "wechat";

/// Every ability of one city's mini-program.
pub fn mini_program(platform: &Arc<Platform>) -> MiniProgram {
    MiniProgram {
        app_id: platform.settings.app_id.clone(),
        login: platform.clone(),
        phone: platform.clone(),
        messages: platform.clone(),
        codes: platform.clone(),
        safety: platform.clone(),
    }
}
