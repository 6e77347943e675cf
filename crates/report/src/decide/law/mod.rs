//! Laws over groups of runs: how the best learning rate and the best batch size move with model size, data and the like,
//! and how the loss lies around them.

mod critical;
mod document;
mod facts;
mod left_out;
mod measured;
mod optima;
mod power;
mod price;
mod published;
mod runs;
mod surface;
mod surface_text;
mod text;
mod tried;

pub use critical::{CriticalFacts, CriticalGroup, critical, critical_document, critical_lines, is_critical};
pub use document::document;
pub use facts::{LawFacts, Prediction, Refused, facts, predict};
pub use measured::best_batches;
pub use text::{lines, prediction, refusal};
