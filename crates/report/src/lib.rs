//! The report of a finished study: facts first, then the sentences, tables, files and pictures that present them.
//!
//! [`facts()`] computes every number from a [`sweep_study::StudyRecord`], and [`decide`] those of the tools that answer
//! one question; all else here only arranges them, so that what is drawn, printed and written agrees. This crate never
//! trains and never searches, reads no clock and no file, and returns text and bytes: whoever calls it decides where
//! they go. Equal records give equal bytes.

mod budget_unit;
pub mod chart;
pub mod decide;
pub mod facts;
pub mod format;
mod page;
mod read;
mod results;
mod rows;
mod table;
mod text;
mod thin;
pub mod verdict;

pub use budget_unit::BudgetUnit;
pub use chart::{Chart, ChartError, Drawn, Format, Rates, charts, schedule, subject};
pub use facts::{Facts, facts};
pub use page::{Given, groups::page as groups_page, page};
pub use read::{EqualBudgetError, ReadError, at_equal_budget, read};
pub use results::{Results, results};
pub use rows::{csv, jsonl};
pub use table::best_table;
pub use verdict::verdict;

#[cfg(test)]
mod fixtures;
