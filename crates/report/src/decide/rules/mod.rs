//! The cost of a rule that scales the learning rate with the batch size, compared with tuning it again.

mod chart;
mod document;
mod facts;
mod text;

pub use chart::chart;
pub use document::document;
pub use facts::{Fate, Group, Move, Rule, RuleFacts, RulePrices, facts};
pub use text::sentences;
