//! 企业管理 and 机构管理 of the city.

mod enterprises;
mod home;
mod institutions;
mod picks;
mod settings;
mod texts;
