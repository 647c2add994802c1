//! Spreadsheets: exports with masks, marks and four eyes; imports row by row; lists of recommended enterprises and of those to visit.

mod exports;
pub mod imports;
mod referrals;
mod visits;
