//! Which trials may be compared before their end.

use sweep_settings::names;
use sweep_study::{Point, Study};

/// Settings that define a stratum besides the batch size: a loss falls differently under each of their values.
const APART: [&str; 2] = [names::SCHEDULE, "agent"];

/// The stratum of a point. Early losses of trials from two strata hardly predict how the trials will end.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stratum {
    /// The binary logarithm of its batch size, rounded.
    octave: Option<i64>,
    /// Its schedule and its agent. Trials that differ in these are never compared before the end: at a tenth of the
    /// budget a cosine has hardly begun to fall, and how much the others have gained from decaying is unknown.
    manner: String,
}

impl Stratum {
    /// The stratum of `point` in `study`.
    pub fn at(study: &Study, point: &Point) -> Stratum {
        let octave = study.batch(point).map(|batch| batch.log2().round() as i64);
        let words = APART.iter().filter_map(|name| study.setting(point, name)).map(|value| value.to_string());
        Stratum { octave, manner: words.collect::<Vec<_>>().join(" ") }
    }

    /// Whether both have the same schedule and agent, so that their trials are at the same phase at the same share of
    /// the budget.
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
