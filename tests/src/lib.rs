#![doc = include_str!("../README.md")]

mod browser;
mod clock;
mod database;
mod people;
mod world;

pub use browser::{Answer, Browser};
pub use clock::StoppedClock;
pub use database::TestDatabase;
pub use people::{EnterpriseFixture, PASSWORD, StaffFixture};
pub use world::{CANGZHOU_HOST, OTHER_HOST, PROVINCE_HOST, World, YUNLAN_HOST, copy_folder};
