//! What a sampler is asked with.

use sweep_study::{Point, Space};

use crate::Observation;

/// What a sampler is asked with.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Where it may look.
    pub space: &'a Space,
    /// The study's seed.
    pub seed: u64,
    /// The number of the point that is wanted, from 0.
    pub number: u64,
    /// The finished trials it is entitled to know, by number. Replicates of a point stand beside each other.
    pub history: &'a [Observation],
    /// How many of these, the first ones, are trials of other studies: evidence, but no proposals of this one.
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
