//! Which trials may be compared before their end.

use sweep_study::{Point, Study};

/// Settings whose values are told apart beside the batch size: under each of them a loss falls in its own way.
const APART: [&str; 2] = ["schedule", "agent"];

/// The stratum of a point: its batch size to the nearest power of two, its schedule, its agent. Early losses of trials
/// from two strata say little about how these will end.
pub fn stratum(study: &Study, point: &Point) -> String {
    let octave = study.batch(point).map(|batch| batch.log2().round().to_string());
    let words = APART.iter().filter_map(|name| study.setting(point, name)).map(|value| value.to_string());
    octave.into_iter().chain(words).collect::<Vec<_>>().join(" ")
}
