//! What a rule for scaling the learning rate with the batch size costs against tuning it anew.

mod chart;
mod document;
mod facts;
mod text;

pub use chart::chart;
pub use document::document;
pub use facts::{Fate, Group, Move, Rule, RuleFacts, RulePrices, facts};
pub use text::sentences;
