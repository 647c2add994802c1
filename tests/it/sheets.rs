//! Spreadsheets: exports with masks, marks and four eyes; imports row by row; lists of recommended enterprises.

mod exports;
mod imports;
mod referrals;
