//! Which trials may be compared before their end.

use sweep_study::{Point, Study};

/// Settings whose values are told apart beside the batch size: under each of them a loss falls in its own way.
const APART: [&str; 2] = ["schedule", "agent"];

/// The stratum of a point. Early losses of trials from two strata say little about how these will end.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stratum {
    /// The binary logarithm of its batch size, rounded.
    octave: Option<i64>,
    /// Its schedule and its agent. Across these nothing is ever compared before the end: at a tenth of the budget a cosine
    /// has not begun to fall, and by what the others have gained from decaying nobody knows.
    manner: String,
}

impl Stratum {
    /// The stratum of `point` in `study`.
    pub fn at(study: &Study, point: &Point) -> Stratum {
        let octave = study.batch(point).map(|batch| batch.log2().round() as i64);
        let words = APART.iter().filter_map(|name| study.setting(point, name)).map(|value| value.to_string());
        Stratum { octave, manner: words.collect::<Vec<_>>().join(" ") }
    }

    /// Whether trials of both go through the same schedule with the same agent, so that at the same share of the budget
    /// they are at the same phase.
    pub fn in_phase(&self, other: &Stratum) -> bool {
        self.manner == other.manner
    }
}

#[cfg(test)]
impl Stratum {
    /// The stratum of batch size 2^`octave` and the schedule `manner`.
    pub fn fixture(octave: i64, manner: &str) -> Stratum {
        Stratum { octave: Some(octave), manner: manner.to_owned() }
    }
}
