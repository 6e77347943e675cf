//! The known results of one trial, with the steps that produced them.

use std::sync::Arc;

use sweep_study::Point;

use crate::{Evidence, Standing, Stratum};

/// The result of a segment of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrialReport {
    /// Its evidence about the point.
    pub evidence: Evidence,
    /// The loss by which trials are compared at a rung; infinite for a diverged trial, `None` if there is nothing to
    /// compare.
    pub loss: Option<f64>,
    /// Whether the trial has ended; otherwise it is paused.
    pub over: bool,
}

/// One trial.
pub(super) struct TrialState {
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
    /// The results of its segments, each with the step that started it.
    pub reports: Vec<(u64, TrialReport)>,
    /// Whether its last segment runs.
    pub running: bool,
    /// Whether it was stopped.
    pub stopped: bool,
}

impl TrialState {
    /// Its result from the steps before `bound`.
    pub fn known(&self, bound: u64) -> impl Iterator<Item = &TrialReport> {
        self.reports.iter().filter(move |(step, _)| *step < bound).map(|(_, report)| report)
    }

    /// Whether, by the known results, it is paused and may continue.
    pub fn rests(&self, bound: u64) -> bool {
        !self.running
            && !self.stopped
            && self.step < bound
            && self.reports.last().is_some_and(|(_, report)| !report.over)
    }

    /// Whether it has paused and has not ended.
    pub fn pruned(&self) -> bool {
        !self.running && self.reports.last().is_some_and(|(_, report)| !report.over)
    }

    /// The trial as a pruner sees it; `None` if it has nothing to compare.
    pub fn standing(&self, bound: u64) -> Option<Standing> {
        let losses: Vec<f64> = self.known(bound).map_while(|report| report.loss).collect();
        let (point, stratum, first) = (self.point_number, Arc::clone(&self.stratum), self.first);
        (!losses.is_empty()).then_some(Standing { point, stratum, first, losses })
    }
}
