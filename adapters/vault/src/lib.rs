#![doc = include_str!("../README.md")]

mod bucket;
mod files;
mod hasher;
mod keys;
mod one_time;
mod sealer;
mod suite;
mod tokens;

pub use bucket::{ObjectPlace, PlaceError};
pub use files::ObjectFiles;
pub use hasher::{ArgonHasher, HashSettings};
pub use keys::{Key, KeyError, KeyReferences, Keys, load_or_create_demo_keys, read_secret};
pub use one_time::Totp;
pub use sealer::{SealSettings, VaultSealer};
pub use suite::Suite;
pub use tokens::SystemTokens;
