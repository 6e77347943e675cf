//! Made-up replays for tests.

use sweep_study::StudyRecord;

use super::{Played, ReplayRecord, SamplerReplays};
use crate::facts::Facts;
use crate::fixtures::{Made, diverged};

/// A grid of four cells: the best, one 50 % above it, one 2 % above it, and one that diverged.
pub fn grid() -> (StudyRecord, Facts) {
    let made = Made::new(&["lr=0.01,0.1,0.3,1"]).row(&["0.01", "0.1", "0.3"], &[0.1, 0.15, 0.102]);
    let record = made.outcomes("lr=1", vec![diverged(5)]).record();
    let facts = crate::facts(&record);
    (record, facts)
}

/// Replays of samplers that chose these cells after each trial of two seconds.
pub fn record(samplers: Vec<(&str, Vec<Vec<usize>>)>) -> ReplayRecord {
    let played = |cell| Played { chosen: Some(cell), seconds: Some(2.0) };
    let replays = |(name, repeats): (&str, Vec<Vec<usize>>)| SamplerReplays {
        name: name.to_owned(),
        repeats: repeats.into_iter().map(|repeat| repeat.into_iter().map(played).collect()).collect(),
    };
    let samplers = samplers.into_iter().map(replays).collect();
    ReplayRecord { trials: 3, lag: 1, seed: 0, within: 0.03, samplers }
}
