//! A search replayed on a finished grid: would it have paid off here?

mod chart;
mod document;
mod facts;
#[cfg(test)]
mod fixtures;
mod text;

pub use chart::chart;
pub use document::document;
pub use facts::{Quartiles, ReplayFacts, SamplerFacts, TimeFacts, facts, margin};
pub use text::table;

/// How searches were replayed on a grid, and their results.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayRecord {
    /// The most trials of a replay.
    pub trials: u64,
    /// Proposal n knew of the trials up to n minus this.
    pub lag: u64,
    /// The seed of the first replay; the others follow it.
    pub seed: u64,
    /// The regret that counts as found, a share of the best value.
    pub within: f64,
    /// The samplers, in the order asked for.
    pub samplers: Vec<SamplerReplays>,
}

/// The replays of one sampler.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplerReplays {
    /// Its name.
    pub name: String,
    /// The trials of each replay.
    pub repeats: Vec<Vec<Played>>,
}

/// One trial of a replay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    /// The cell of the best value seen so far, by its place among the cells of the study's facts; `None` before there
    /// is a value.
    pub chosen: Option<usize>,
    /// Seconds that the trial took when it was run; `None` where they were not measured.
    pub seconds: Option<f64>,
}
