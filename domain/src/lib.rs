#![doc = include_str!("../README.md")]

pub mod appraisal;
pub mod calendar;
pub mod callback;
pub mod complaint;
pub mod deferral;
pub mod eligibility;
pub mod enterprise;
pub mod estimate;
pub mod export;
pub mod financing;
pub mod identity;
pub mod ids;
pub mod product;
pub mod rating;
pub mod referral;
pub mod regions;
pub mod renewal;
pub mod repayment;
pub mod scene;
pub mod size_class;
pub mod small_cells;
pub mod subsidy;
pub mod tenant;
pub mod values;
pub mod visit;
mod words;
