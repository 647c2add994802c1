//! Visit lists 走访清单 on PostgreSQL: the city's own tables, and what of a list stands in the 推荐清单 of institutions.

mod coverage;
mod lists;
mod repairs;
mod sending;
