//! Laws over groups of runs: how the best learning rate and the best batch size move with model size, data and the like.

mod document;
mod facts;
mod power;
mod published;
mod text;

pub use document::document;
pub use facts::{LawFacts, Prediction, Refused, best_batches, facts, predict};
pub use text::{lines, prediction, refusal};
