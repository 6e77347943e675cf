//! Records read from elsewhere than a store: from a report's `results.json`, or at another budget than the trials had.

mod at_equal_budget;
mod document;

pub use at_equal_budget::{EqualBudgetError, at_equal_budget};
pub use document::{ReadError, read};
