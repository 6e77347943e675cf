//! What a finished study says: facts first, then the words, tables, files and pictures that lay them out.
//!
//! [`facts()`] computes every number from a [`sweep_study::StudyRecord`] ([`range`] those of a learning-rate range test);
//! all else here only arranges them, so that what is drawn, printed and written agrees. This crate never trains and never searches, reads no clock and no file, and
//! returns text and bytes: whoever calls it decides where they go. Equal records give equal bytes.

mod by;
pub mod chart;
pub mod compare;
pub mod facts;
mod page;
pub mod range;
mod read;
mod read_by;
mod recommend;
pub mod replay;
mod results;
mod rows;
mod rules;
mod table;
mod thin;
mod verdict;
mod words;

pub use by::By;
pub use chart::{Chart, ChartError, Drawn, Format, Rates, range_test, replay, rules, schedule, subject};
pub use facts::{Facts, facts};
pub use page::{Given, page};
pub use read::{ReadError, read};
pub use read_by::{ReadByError, read_by};
pub use recommend::{recommend_document, recommend_table};
pub use results::{Results, results};
pub use rows::{csv, jsonl};
pub use rules::{rules_document, rules_sentences};
pub use table::best_table;
pub use verdict::verdict;

#[cfg(test)]
mod made_up;
