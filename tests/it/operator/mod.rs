//! 企业管理 and 机构管理 of the city.

mod dictionaries;
mod enterprises;
mod home;
mod institutions;
mod picks;
mod regions;
mod settings;
mod texts;
