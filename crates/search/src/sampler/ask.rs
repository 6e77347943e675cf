//! The arguments of a sampler's question.

use sweep_study::{Point, Space};

use crate::Observation;

/// The arguments of a sampler's question.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The space to search.
    pub space: &'a Space,
    /// The study's seed.
    pub seed: u64,
    /// The number of the requested point, from 0.
    pub number: u64,
    /// The finished trials that the sampler may use, by number. Replicates of a point are adjacent.
    pub history: &'a [Observation],
    /// How many of the first of these are trials of other studies: evidence, but not proposals of this study.
    pub earlier: usize,
    /// Points proposed before this one whose results are not known yet, by number.
    pub pending: &'a [Point],
}

impl<'a> Ask<'a> {
    /// The finished trials of this study.
    pub fn own(&self) -> &'a [Observation] {
        self.history.get(self.earlier..).unwrap_or_default()
    }
}
