//! What is known of one trial, and since when.

use std::sync::Arc;

use sweep_study::Point;

use crate::{Evidence, Standing, Stratum};

/// What a segment of a trial came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heard {
    /// What it says about the point.
    pub evidence: Evidence,
    /// The loss by which trials are compared at a rung; infinite for one that ran away, none where there is nothing to
    /// compare.
    pub loss: Option<f64>,
    /// Whether the trial has ended; it rests otherwise.
    pub over: bool,
}

/// One trial.
pub(super) struct Track {
    /// The number of its point.
    pub point_number: u64,
    pub point: Point,
    /// Where the point lies in the unit cube.
    pub units: Vec<Option<f64>>,
    pub stratum: Arc<Stratum>,
    /// The first rung at which it pauses.
    pub first: usize,
    /// The step that started its last segment.
    pub step: u64,
    /// What its segments came to, each with the step that started it.
    pub heard: Vec<(u64, Heard)>,
    /// Whether its last segment runs.
    pub running: bool,
    /// Whether it was told to stop.
    pub stopped: bool,
}

impl Track {
    /// What is known of it by the steps before `bound`.
    pub fn known(&self, bound: u64) -> impl Iterator<Item = &Heard> {
        self.heard.iter().filter(move |(step, _)| *step < bound).map(|(_, heard)| heard)
    }

    /// Whether, as far as is known, it rests and may go on.
    pub fn rests(&self, bound: u64) -> bool {
        !self.running
            && !self.stopped
            && self.step < bound
            && self.heard.last().is_some_and(|(_, heard)| !heard.over)
    }

    /// Whether it has paused and never ended.
    pub fn pruned(&self) -> bool {
        !self.running && self.heard.last().is_some_and(|(_, heard)| !heard.over)
    }

    /// It as a pruner knows it; `None` where nothing about it can be compared.
    pub fn standing(&self, bound: u64) -> Option<Standing> {
        let losses: Vec<f64> = self.known(bound).map_while(|heard| heard.loss).collect();
        let (point, stratum, first) = (self.point_number, Arc::clone(&self.stratum), self.first);
        (!losses.is_empty()).then_some(Standing { point, stratum, first, losses })
    }
}
